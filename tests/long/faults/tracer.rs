//! A launch under ptrace(2): each call of each of its processes is seen before it is made, and one of them can be made to
//! fail, or its process be killed there.

use crate::support::Host;
use nix::errno::Errno;
use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use nsbox::execute::Actor;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use syscalls::Sysno;

/// How long a launch may last once something has failed. The issue is a launch that hangs, so a busy machine is forgiven.
const BOUND: Duration = Duration::from_secs(5);

/// What `write` is called where it writes to standard error: the lines of `--verbose`, and what is complained of.
pub const TELL: &str = "write(stderr)";

/// A process of a launch, as the table of outcomes calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// One that takes steps.
    Actor(Actor),
    /// A copy of the monitor that is about to become newuidmap or newgidmap.
    Mapper,
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Actor(actor) => actor.fmt(f),
            Self::Mapper => f.write_str("mapper"),
        }
    }
}

/// One call of a launch: the nth of its name within a step of a process.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Whose.
    pub who: Who,
    /// The step in force; for the monitor's before its first one, `runtime` or `stage`.
    pub step: String,
    /// The name of the system call.
    pub name: &'static str,
    /// From 1.
    pub nth: usize,
}

impl Call {
    /// The process whose step it is.
    pub fn actor(&self) -> Actor {
        match self.who {
            Who::Actor(actor) => actor,
            Who::Mapper => Actor::Monitor,
        }
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {} #{}", self.who, self.step, self.name, self.nth)
    }
}

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not made, and answers this.
    Fails(Errno),
    /// It is not made, since its process is killed.
    Killed,
    /// It is not made, since its process is held there, as by a file system whose server is gone; nsbox gets this signal.
    Held(Option<Signal>),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fails(errno) => write!(f, "{errno:?}"),
            Self::Killed => f.write_str("KILL"),
            Self::Held(_) => f.write_str("HELD"),
        }
    }
}

/// How a launch went.
#[derive(Debug, Default)]
pub struct Traced {
    /// The calls that were seen, in order; none after the one that was made to fail.
    pub calls: Vec<Call>,
    /// Whether the fault was reached.
    pub was_hit: bool,
    /// The exit status of nsbox; 128+n for a signal.
    pub status: i32,
    /// Whether the command took over.
    pub was_executed: bool,
    /// What was printed; lines of `--verbose` are not complaints.
    pub stdout: String,
    /// What was complained of.
    pub complaints: String,
    /// Processes that were still there when the time was up, and had to be killed.
    pub overdue: Vec<String>,
}

/// A process under trace.
#[derive(Debug, Clone, Copy, Default)]
struct Tracee {
    who: Option<Who>,
    is_in_call: bool,
    answers: Option<Errno>,
}

/// The streams of a launch.
pub struct Streams {
    /// What the command reads.
    pub stdin: Stdio,
    /// Where its output goes, if not to a pipe.
    pub stdout: Option<Stdio>,
}

struct Tracer {
    tracees: Arc<Mutex<BTreeMap<i32, Tracee>>>,
    monitor: i32,
    steps: BTreeMap<Actor, String>,
    counts: BTreeMap<(Who, String, &'static str), usize>,
    fault: Option<(Call, Fault)>,
    errors: File,
    told: String,
    traced: Traced,
    ended: Option<i32>,
    /// Whether the payload is a process of its own.
    has_payload: bool,
}

/// Starts nsbox by these words and follows it, and all that it starts, to the end.
///
/// The words may begin with a program that becomes nsbox.
pub fn trace(host: &Host, folder: &Path, words: &[String], streams: Streams, fault: Option<(Call, Fault)>) -> Traced {
    let (errors, theirs) = pipe();
    let output = streams.stdout.is_none().then(pipe);
    // Seized from outside and not by its own wish, since only so may a set-user-id program that it starts keep its powers.
    let mut command = host.command("sh");
    command.args(["-c", "kill -STOP $$; exec \"$@\" 3>/dev/null 4<../plan", "sh"]).args(words);
    command.current_dir(folder).stdin(streams.stdin).stderr(theirs);
    let (reader, stdout) = match (output, streams.stdout) {
        (Some((reader, writer)), _) => (Some(reader), Stdio::from(writer)),
        (None, Some(stdout)) => (None, stdout),
        (None, None) => (None, Stdio::null()),
    };
    command.stdout(stdout);
    for name in ["TMPDIR", "XDG_RUNTIME_DIR"] {
        command.env(name, host.folder("run"));
    }
    #[expect(clippy::zombie_processes, reason = "the tracer waits for all of its tracees")]
    let child = command.spawn().expect("a shell that becomes nsbox");
    let monitor = child.id() as i32;
    drop(command);
    let mut tracer = Tracer {
        tracees: Arc::default(),
        monitor,
        steps: BTreeMap::from([(Actor::Monitor, "runtime".to_owned())]),
        counts: BTreeMap::new(),
        fault,
        errors,
        told: String::new(),
        traced: Traced::default(),
        ended: None,
        has_payload: false,
    };
    tracer.follow(host);
    tracer.hear();
    let mut traced = tracer.traced;
    traced.status = tracer.ended.expect("the end of nsbox");
    traced.complaints =
        tracer.told.lines().filter(|line| !line.starts_with("nsbox: ")).map(|line| format!("{line}\n")).collect();
    if let Some(mut reader) = reader {
        drain(&mut reader, &mut traced.stdout);
    }
    traced
}

impl Tracer {
    fn follow(&mut self, host: &Host) {
        let pid = Pid::from_raw(self.monitor);
        let stops = |flags| {
            let stop = waitpid(pid, Some(flags)).expect("a stop");
            assert!(matches!(stop, WaitStatus::Stopped(_, Signal::SIGSTOP)), "{stop:?}");
        };
        stops(WaitPidFlag::WUNTRACED);
        ptrace::attach(pid).expect("a process to trace");
        stops(WaitPidFlag::__WALL);
        kill(pid, Signal::SIGCONT).expect("a process to continue");
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        ptrace::setoptions(pid, options).expect("options of ptrace");
        self.tracees.lock().expect("tracees").insert(self.monitor, Tracee::default());
        let watcher = Watcher::start(&self.tracees);
        self.go_on(pid, None);
        loop {
            match waitpid(Pid::from_raw(-1), Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
                Ok(status) => self.see(host, status),
                Err(Errno::EINTR) => {}
                Err(Errno::ECHILD) => break,
                Err(errno) => panic!("waitpid: {errno}"),
            }
        }
        self.traced.overdue = watcher.stop();
    }

    fn see(&mut self, host: &Host, status: WaitStatus) {
        match status {
            WaitStatus::PtraceSyscall(pid) => self.at_call(pid),
            WaitStatus::PtraceEvent(pid, _, event) => {
                self.at_event(host, pid, event);
                self.go_on(pid, None);
            }
            WaitStatus::Stopped(pid, signal) => {
                let is_new = !self.tracees.lock().expect("tracees").contains_key(&pid.as_raw());
                // The stop with which a new tracee begins.
                let begins = signal == Signal::SIGSTOP;
                if is_new {
                    self.tracees.lock().expect("tracees").insert(pid.as_raw(), Tracee::default());
                    // It goes on when its parent has told who it is.
                    return;
                }
                self.go_on(pid, Some(signal).filter(|_| !begins));
            }
            WaitStatus::Exited(pid, code) => self.at_end(pid, code),
            WaitStatus::Signaled(pid, signal, _) => self.at_end(pid, 128 + signal as i32),
            _ => {}
        }
    }

    fn at_end(&mut self, pid: Pid, status: i32) {
        self.tracees.lock().expect("tracees").remove(&pid.as_raw());
        if pid.as_raw() == self.monitor {
            self.ended = Some(status);
        }
    }

    fn at_event(&mut self, host: &Host, pid: Pid, event: i32) {
        let mut tracees = self.tracees.lock().expect("tracees");
        let own = tracees.get(&pid.as_raw()).copied().unwrap_or_default();
        if event == Event::PTRACE_EVENT_EXEC as i32 {
            let executed = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
            let is_nsbox = pid.as_raw() == self.monitor && executed == host.nsbox();
            let tracee = tracees.entry(pid.as_raw()).or_default();
            tracee.who = is_nsbox.then_some(Who::Actor(Actor::Monitor));
            // The call that has become it is yet to return.
            tracee.is_in_call = true;
            if own.who == Some(Who::Actor(Actor::Payload)) {
                self.traced.was_executed = true;
            }
        } else if let Ok(child) = ptrace::getevent(pid) {
            let step = |actor| self.steps.get(&actor).map(String::as_str);
            let who = match own.who {
                Some(Who::Actor(Actor::Monitor)) if step(Actor::Monitor) == Some("clone-init") => Some(Actor::Init),
                Some(Who::Actor(Actor::Init)) => Some(Actor::Payload),
                _ => None,
            };
            let who = match own.who {
                Some(Who::Actor(Actor::Monitor)) if who.is_none() => Some(Who::Mapper),
                _ => who.map(Who::Actor),
            };
            self.has_payload |= who == Some(Who::Actor(Actor::Payload));
            let child = child as i32;
            let has_stopped = tracees.insert(child, Tracee { who, ..Tracee::default() }).is_some();
            drop(tracees);
            if has_stopped {
                self.go_on(Pid::from_raw(child), None);
            }
        }
    }

    fn at_call(&mut self, pid: Pid) {
        // A process that was killed meanwhile answers nothing any more.
        let Ok(mut registers) = ptrace::getregs(pid) else { return };
        let mut tracee = self.tracees.lock().expect("tracees").get(&pid.as_raw()).copied().unwrap_or_default();
        tracee.is_in_call = !tracee.is_in_call;
        let name = Sysno::new(registers.orig_rax as usize).map_or("unknown", |call| call.name());
        let name = by_argument(name, registers.rdi, registers.rsi);
        if !tracee.is_in_call {
            if let Some(errno) = tracee.answers.take() {
                registers.rax = -(errno as i64) as u64;
                // One that was killed meanwhile needs no answer.
                let _ = ptrace::setregs(pid, registers);
            }
            if name == TELL {
                self.hear();
                let is_payload_too = !self.has_payload && self.steps.contains_key(&Actor::Payload);
                if is_payload_too && tracee.who == Some(Who::Actor(Actor::Init)) {
                    tracee.who = Some(Who::Actor(Actor::Payload));
                }
            }
            if name == "sigaltstack" && tracee.who == Some(Who::Actor(Actor::Monitor)) {
                self.leave_runtime(registers.rdi != 0);
            }
        } else if let Some(who) = tracee.who.filter(|_| !self.traced.was_hit) {
            let call = self.count(who, name);
            let fault = self.fault.as_ref().filter(|(wanted, _)| *wanted == call).map(|(_, fault)| *fault);
            self.traced.calls.push(call);
            match fault {
                Some(Fault::Fails(errno)) => {
                    // The descriptor is closed whatever close(2) answers.
                    if name != "close" {
                        registers.orig_rax = u64::MAX;
                        ptrace::setregs(pid, registers).expect("a call that is not made");
                    }
                    tracee.answers = Some(errno);
                    self.traced.was_hit = true;
                }
                Some(Fault::Killed) => {
                    kill(pid, Signal::SIGKILL).expect("a process to kill");
                    self.traced.was_hit = true;
                }
                Some(Fault::Held(told)) => {
                    self.traced.was_hit = true;
                    kill(Pid::from_raw(self.monitor), told).expect("nsbox");
                    // What is killed ends also while it is held.
                    return;
                }
                None => {}
            }
        }
        self.tracees.lock().expect("tracees").insert(pid.as_raw(), tracee);
        self.go_on(pid, None);
    }

    /// The loader and the language's own start are over: they end with a stack for the handler of overflows.
    fn leave_runtime(&mut self, own_stack: bool) {
        let step = self.steps.entry(Actor::Monitor).or_default();
        if step == "runtime" && own_stack {
            *step = "stage".to_owned();
        }
    }

    fn count(&mut self, who: Who, name: &'static str) -> Call {
        let actor = match who {
            Who::Actor(actor) => actor,
            Who::Mapper => Actor::Monitor,
        };
        let step = self.steps.get(&actor).cloned().unwrap_or_else(|| "begin".to_owned());
        let count = self.counts.entry((who, step.clone(), name)).or_default();
        *count += 1;
        Call { who, step, name, nth: *count }
    }

    /// Reads what was said on standard error, the steps among it.
    fn hear(&mut self) {
        let known = self.told.len();
        drain(&mut self.errors, &mut self.told);
        for line in self.told[known..].lines() {
            let Some((actor, step)) = line.strip_prefix("nsbox: ").and_then(|line| line.split_once(": ")) else {
                continue;
            };
            if let Some(actor) = Actor::ALL.into_iter().find(|known| known.to_string() == actor) {
                self.steps.insert(actor, step.to_owned());
            }
        }
    }

    /// Lets a process go on: to its next call where it is one of nsbox's own, and there is still something to be done.
    fn go_on(&self, pid: Pid, signal: Option<Signal>) {
        let tracee = self.tracees.lock().expect("tracees").get(&pid.as_raw()).copied().unwrap_or_default();
        let is_watched = tracee.who.is_some() && !self.traced.was_hit || tracee.answers.is_some() || tracee.is_in_call;
        let result = if is_watched { ptrace::syscall(pid, signal) } else { ptrace::cont(pid, signal) };
        // One that was killed meanwhile is waited for all the same.
        assert!(matches!(result, Ok(()) | Err(Errno::ESRCH)), "{result:?}");
    }
}

/// Tells apart what one call is used for.
fn by_argument(name: &'static str, first: u64, second: u64) -> &'static str {
    // Numbers of linux/fcntl.h.
    match (name, first, second) {
        ("write", 2, _) => TELL,
        ("fcntl", _, 1) => "fcntl(F_GETFD)",
        ("fcntl", _, 2) => "fcntl(F_SETFD)",
        ("fcntl", _, 3) => "fcntl(F_GETFL)",
        ("fcntl", _, 4) => "fcntl(F_SETFL)",
        ("fcntl", _, 1030) => "fcntl(F_DUPFD_CLOEXEC)",
        _ => name,
    }
}

/// Kills what is still there when the time is up.
struct Watcher {
    done: std::sync::mpsc::Sender<()>,
    thread: std::thread::JoinHandle<Vec<String>>,
}

impl Watcher {
    fn start(tracees: &Arc<Mutex<BTreeMap<i32, Tracee>>>) -> Self {
        let (done, waiting) = channel();
        let tracees = Arc::clone(tracees);
        let thread = std::thread::spawn(move || {
            if waiting.recv_timeout(BOUND) != Err(RecvTimeoutError::Timeout) {
                return Vec::new();
            }
            let tracees = tracees.lock().expect("tracees");
            let overdue = tracees.iter().map(|(pid, tracee)| {
                let read = |name| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
                let (name, at) = (read("comm"), read("syscall"));
                let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
                let who = tracee.who.map_or_else(|| "command".to_owned(), |who| who.to_string());
                format!("{who} ({}) at {}", name.trim(), at.trim())
            });
            overdue.collect()
        });
        Self { done, thread }
    }

    fn stop(self) -> Vec<String> {
        drop(self.done);
        self.thread.join().expect("the watcher")
    }
}

/// A pipe whose reading side never waits.
pub fn pipe() -> (File, OwnedFd) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let reader = OwnedFd::from(reader);
    rustix::io::ioctl_fionbio(reader.as_fd(), true).expect("a reading side that never waits");
    (File::from(reader), OwnedFd::from(writer))
}

/// Reads what is there.
pub fn drain(source: &mut File, text: &mut String) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = source.read(&mut buffer) {
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
}

/// Whether launches of this user's can be traced here.
pub fn can_trace() -> bool {
    crate::support::has("an x86-64 processor, for whose registers the tracer was written", cfg!(target_arch = "x86_64"))
}
