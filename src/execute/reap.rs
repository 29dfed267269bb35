//! Init's long wait: reaps whatever ends, tells of the payload's stops and its end, and passes signals on to it.

use super::channel::{Channel, Message};
use super::signals::Queue;
use super::stage::Staged;
use crate::error::Fault;
use crate::isolate::terminal::Terminal;
use crate::sys::children::{self, News};
use crate::sys::clone::exit_now;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::convert::Infallible;
use std::os::fd::AsFd;
use std::path::Path;

/// The flag of a process that has forked but not executed (PF_FORKNOEXEC, linux/sched.h).
const FORKED_NOT_EXECUTED: u64 = 0x40;

/// Reaps until the payload ends, and ends with it: the kernel then ends everything else in the pid namespace.
pub(super) fn reap(staged: &Staged, channel: &Channel, payload: i32) -> Result<Infallible, Fault> {
    let queue = Queue::of_children()?;
    let payload = Pid::from_raw(payload);
    loop {
        while let Some(end) = reap_one(channel, payload, staged.layout.proc())? {
            if let Some(end) = end {
                channel.send(&end)?;
                exit_now(0);
            }
        }
        let mut watched =
            [PollFd::new(queue.as_fd(), PollFlags::POLLIN), PollFd::new(channel.as_fd(), PollFlags::POLLIN)];
        match poll(&mut watched, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(Fault::of("poll", "")(errno)),
        }
        let asked = watched[1].revents().is_some_and(|events| !events.is_empty());
        while queue.next()?.is_some() {}
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
    let Some((pid, news)) = children::look().map_err(Fault::of("waitid", ""))? else { return Ok(None) };
    let end = match news {
        _ if pid != payload.as_raw() => None,
        News::Exited(code) => Some(Message::Exited(code as u8)),
        News::Killed(signal) => {
            let began = proc.is_none_or(|proc| has_executed(proc, pid));
            Some(if began { Message::Signalled(signal) } else { Message::NeverStarted(signal) })
        }
        News::Stopped(signal) => {
            channel.send(&Message::Stopped(signal))?;
            None
        }
    };
    children::take(pid, news).map_err(Fault::of("waitid", pid))?;
    Ok(Some(end))
}

/// Whether a process that has not been reaped yet had executed something. That its end of a close-on-exec socket is
/// closed does not prove it: a killed process closes all its descriptors.
fn has_executed(proc: &Path, pid: i32) -> bool {
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
