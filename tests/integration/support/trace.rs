//! Processes under ptrace(2): each of them from its start to its end, and its system calls, before they are made and after.

use super::Host;
use nix::errno::Errno;
use nix::libc::user_regs_struct;
use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use syscalls::Sysno;

/// Who looks at processes under trace.
pub trait Observer {
    /// Whether calls of this process are looked at from here on.
    fn watches(&self, pid: Pid) -> bool;

    /// A call is about to be made. Says whether its process goes on; if not, it is held there.
    fn at_call(&mut self, pid: Pid, registers: user_regs_struct) -> bool;

    /// A call has returned.
    fn at_return(&mut self, _pid: Pid, _registers: user_regs_struct) {}

    /// A process has made another.
    fn at_fork(&mut self, parent: Pid, child: Pid);

    /// A process has become another program.
    fn at_exec(&mut self, pid: Pid);
}

/// The name of the call that these registers ask for.
pub fn name(registers: &user_regs_struct) -> &'static str {
    Sysno::new(registers.orig_rax as usize).map_or("unknown", |call| call.name())
}

/// A command that stops before it becomes what these words say, with these redirections of the shell: it is seized from
/// outside and not by its own wish, since only so may a set-user-id program that it starts keep its powers.
pub fn stopped(host: &Host, words: &[String], redirections: &str) -> Command {
    let mut command = host.command("sh");
    command.args(["-c", &format!("kill -STOP $$; exec \"$@\" {redirections}"), "sh"]).args(words);
    command
}

/// How the first process ended.
#[derive(Debug)]
pub struct End {
    /// Its exit status; 128+n for a signal.
    pub status: i32,
    /// What was still there when the time was up, and had to be killed.
    pub overdue: Vec<Overdue>,
}

/// A process that was still there when the time was up.
#[derive(Debug)]
pub struct Overdue {
    /// Which.
    pub pid: Pid,
    /// Its name, and the call that it was in.
    pub doing: String,
}

/// The processes that are traced.
pub struct Tracees {
    first: Pid,
    /// Each that is there, and whether it is in a call.
    known: Arc<Mutex<BTreeMap<i32, bool>>>,
}

impl Tracees {
    /// Starts the first one, by a command of [`stopped`].
    pub fn start(mut command: Command) -> Self {
        #[expect(clippy::zombie_processes, reason = "the tracer waits for all of its tracees")]
        let child = command.spawn().expect("a shell that becomes a program");
        Self { first: Pid::from_raw(child.id() as i32), known: Arc::default() }
    }

    /// The first one.
    pub fn first(&self) -> Pid {
        self.first
    }

    /// Follows it, and all that it starts, to the end.
    pub fn follow(self, within: Duration, observer: &mut impl Observer) -> End {
        self.seize();
        let watcher = Watcher::start(&self.known, within);
        self.go_on(self.first, None, observer);
        let mut status = None;
        loop {
            match waitpid(Pid::from_raw(-1), Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
                Ok(WaitStatus::Exited(pid, code)) => self.forget(pid, code, &mut status),
                Ok(WaitStatus::Signaled(pid, signal, _)) => self.forget(pid, 128 + signal as i32, &mut status),
                Ok(news) => self.see(news, observer),
                Err(Errno::EINTR) => {}
                Err(Errno::ECHILD) => break,
                Err(errno) => panic!("waitpid: {errno}"),
            }
        }
        End { status: status.expect("the end of the first process"), overdue: watcher.stop() }
    }

    fn seize(&self) {
        let stops = |flags| {
            let stop = waitpid(self.first, Some(flags)).expect("a stop");
            assert!(matches!(stop, WaitStatus::Stopped(_, Signal::SIGSTOP)), "{stop:?}");
        };
        stops(WaitPidFlag::WUNTRACED);
        ptrace::attach(self.first).expect("a process to trace");
        stops(WaitPidFlag::__WALL);
        kill(self.first, Signal::SIGCONT).expect("a process to continue");
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        ptrace::setoptions(self.first, options).expect("options of ptrace");
        self.mark(self.first, false);
    }

    fn see(&self, news: WaitStatus, observer: &mut impl Observer) {
        match news {
            WaitStatus::PtraceSyscall(pid) => self.at_stop(pid, observer),
            WaitStatus::PtraceEvent(pid, _, event) => {
                if event == Event::PTRACE_EVENT_EXEC as i32 {
                    // The call that has become it is yet to return.
                    self.mark(pid, true);
                    observer.at_exec(pid);
                } else if let Ok(child) = ptrace::getevent(pid) {
                    let child = Pid::from_raw(child as i32);
                    observer.at_fork(pid, child);
                    let has_stopped = self.mark(child, false).is_some();
                    if has_stopped {
                        self.go_on(child, None, observer);
                    }
                }
                self.go_on(pid, None, observer);
            }
            WaitStatus::Stopped(pid, signal) => {
                if self.is_in_call(pid).is_none() {
                    // It goes on when its parent has told who it is.
                    self.mark(pid, false);
                    return;
                }
                // The stop with which a new tracee begins.
                let begins = signal == Signal::SIGSTOP;
                self.go_on(pid, Some(signal).filter(|_| !begins), observer);
            }
            _ => {}
        }
    }

    /// Before a call, or after it.
    fn at_stop(&self, pid: Pid, observer: &mut impl Observer) {
        // A process that was killed meanwhile answers nothing any more.
        let Ok(registers) = ptrace::getregs(pid) else { return };
        let enters = self.is_in_call(pid) != Some(true);
        self.mark(pid, enters);
        let goes_on = if enters {
            observer.at_call(pid, registers)
        } else {
            observer.at_return(pid, registers);
            true
        };
        if goes_on {
            self.go_on(pid, None, observer);
        }
    }

    /// Lets a process go on: to its next call, where that is looked at.
    fn go_on(&self, pid: Pid, signal: Option<Signal>, observer: &impl Observer) {
        let is_watched = self.is_in_call(pid) == Some(true) || observer.watches(pid);
        let result = if is_watched { ptrace::syscall(pid, signal) } else { ptrace::cont(pid, signal) };
        // One that was killed meanwhile is waited for all the same.
        assert!(matches!(result, Ok(()) | Err(Errno::ESRCH)), "{result:?}");
    }

    fn is_in_call(&self, pid: Pid) -> Option<bool> {
        self.known.lock().expect("tracees").get(&pid.as_raw()).copied()
    }

    fn mark(&self, pid: Pid, is_in_call: bool) -> Option<bool> {
        self.known.lock().expect("tracees").insert(pid.as_raw(), is_in_call)
    }

    fn forget(&self, pid: Pid, status: i32, of_first: &mut Option<i32>) {
        self.known.lock().expect("tracees").remove(&pid.as_raw());
        if pid == self.first {
            *of_first = Some(status);
        }
    }
}

/// Kills what is still there when the time is up.
struct Watcher {
    done: std::sync::mpsc::Sender<()>,
    thread: std::thread::JoinHandle<Vec<Overdue>>,
}

impl Watcher {
    fn start(known: &Arc<Mutex<BTreeMap<i32, bool>>>, within: Duration) -> Self {
        let (done, waiting) = channel();
        let known = Arc::clone(known);
        let thread = std::thread::spawn(move || {
            if waiting.recv_timeout(within) != Err(RecvTimeoutError::Timeout) {
                return Vec::new();
            }
            let known = known.lock().expect("tracees");
            let overdue = known.keys().map(|pid| {
                let read = |name| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
                let doing = format!("({}) at {}", read("comm").trim(), read("syscall").trim());
                let pid = Pid::from_raw(*pid);
                let _ = kill(pid, Signal::SIGKILL);
                Overdue { pid, doing }
            });
            overdue.collect()
        });
        Self { done, thread }
    }

    fn stop(self) -> Vec<Overdue> {
        drop(self.done);
        self.thread.join().expect("the watcher")
    }
}
