//! Init's long wait: reaps whatever ends, tells of the payload's stops and its end, and passes signals on to it.

use super::channel::{Channel, Message};
use super::signals::Queue;
use super::stage::Staged;
use crate::error::Fault;
use crate::isolate::terminal::Terminal;
use crate::sys::clone::exit_now;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use std::convert::Infallible;
use std::os::fd::AsFd;
use std::path::Path;

/// The flag of a process that has forked but not executed (PF_FORKNOEXEC, linux/sched.h).
const FORKED_NOT_EXECUTED: u64 = 0x40;

/// Reaps until the payload ends, and ends with it: the kernel then ends everything else in the pid namespace.
pub(super) fn reap(staged: &Staged, channel: &Channel, payload: i32) -> Result<Infallible, Fault> {
    let children = Queue::of_children()?;
    let payload = Pid::from_raw(payload);
    loop {
        while let Some(end) = reap_one(channel, payload, staged.layout.proc())? {
            if let Some(end) = end {
                channel.send(&end)?;
                exit_now(0);
            }
        }
        let mut watched =
            [PollFd::new(children.as_fd(), PollFlags::POLLIN), PollFd::new(channel.as_fd(), PollFlags::POLLIN)];
        match poll(&mut watched, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(Fault::of("poll", "")(errno)),
        }
        let asked = watched[1].revents().is_some_and(|events| !events.is_empty());
        while children.next()?.is_some() {}
        if asked {
            match channel.receive()? {
                Some(message) => obey(&message, payload, staged.terminal.as_ref())?,
                // The monitor is gone, and the sandbox goes with it.
                None => exit_now(super::EXIT_FAILED.into()),
            }
        }
    }
}

/// Looks at one child that has news. Nothing if none has; inside, the last word if it was the payload's end.
fn reap_one(channel: &Channel, payload: Pid, proc: Option<&Path>) -> Result<Option<Option<Message>>, Fault> {
    let news = WaitPidFlag::WEXITED | WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG;
    let fault = |errno| Fault::of("waitid", "")(errno);
    // A look first, while the kernel still keeps what is known of the process.
    let status = match waitid(Id::All, news | WaitPidFlag::WNOWAIT) {
        Ok(status) => status,
        Err(nix::errno::Errno::ECHILD) => return Ok(None),
        Err(errno) => return Err(fault(errno)),
    };
    let Some(pid) = status.pid() else { return Ok(None) };
    let end = match status {
        _ if pid != payload => None,
        WaitStatus::Exited(_, code) => Some(Message::Exited(code as u8)),
        WaitStatus::Signaled(_, signal, _) => {
            let began = proc.is_none_or(|proc| has_executed(proc, pid));
            let signal = signal as i32;
            Some(if began { Message::Signalled(signal) } else { Message::NeverStarted(signal) })
        }
        WaitStatus::Stopped(_, signal) => {
            channel.send(&Message::Stopped(signal as i32))?;
            None
        }
        _ => None,
    };
    // Only what was seen is taken: of a payload that is stopped and killed at once, the end would go with the stop,
    // and nobody would ever hear of it.
    let taken = match status {
        WaitStatus::Stopped(..) => waitid(Id::Pid(pid), WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG),
        _ => waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG),
    };
    match taken {
        // It has ended since it stopped, which the next look shows.
        Ok(_) | Err(nix::errno::Errno::ECHILD) => Ok(Some(end)),
        Err(errno) => Err(fault(errno)),
    }
}

/// Whether a process that has not been reaped yet had executed something. That its end of a close-on-exec socket is
/// closed does not prove it: a killed process closes all its descriptors.
fn has_executed(proc: &Path, pid: Pid) -> bool {
    let stat = std::fs::read_to_string(Path::new("/").join(proc).join(format!("{pid}/stat"))).unwrap_or_default();
    // The name, in parentheses, may hold anything; `flags` is the seventh field after it (proc_pid_stat(5)).
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let flags = after_name.split_ascii_whitespace().nth(6).and_then(|field| field.parse::<u64>().ok());
    flags.is_none_or(|flags| flags & FORKED_NOT_EXECUTED == 0)
}

/// Does what the monitor asks.
fn obey(message: &Message, payload: Pid, terminal: Option<&Terminal>) -> Result<(), Fault> {
    match message {
        Message::Signal { signal, to_group } => {
            let Ok(signal) = Signal::try_from(*signal) else { return Ok(()) };
            send(signal, payload, *to_group)
        }
        Message::Foreground => {
            if let Some(terminal) = terminal {
                terminal.give_to(payload.as_raw())?;
            }
            send(Signal::SIGCONT, payload, true)
        }
        _ => Ok(()),
    }
}

/// Signals the payload or its process group; that there is nobody left to signal is no failure.
fn send(signal: Signal, payload: Pid, to_group: bool) -> Result<(), Fault> {
    let sent = if to_group { killpg(payload, signal) } else { kill(payload, signal) };
    match sent {
        Ok(()) | Err(nix::errno::Errno::ESRCH) => Ok(()),
        Err(errno) => Err(Fault::of("kill", signal)(errno)),
    }
}
