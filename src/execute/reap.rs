//! Init's long wait: reaps whatever ends, tells of the payload's stops and its end, and passes signals on to it.

use super::channel::{Channel, Message};
use super::rest::Rest;
use super::signals::Queue;
use super::stage::Staged;
use super::start::has_executed;
use super::supervise::{GRACE, until};
use crate::error::{Errno, Fault};
use crate::isolate::pty;
use crate::isolate::terminal::Terminal;
use crate::plan::Plan;
use crate::sys::children::{self, News};
use crate::sys::clone::exit_now;
use crate::sys::signal;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;
use std::convert::Infallible;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

/// Reaps until the payload ends, and ends with it: the kernel then ends everything else in the pid namespace.
pub(super) fn reap(
    staged: &Staged,
    channel: &Channel,
    payload: i32,
    own_terminal: Option<&OwnedFd>,
) -> Result<Infallible, Fault> {
    let queue = Queue::of_children()?;
    let payload = Pid::from_raw(payload);
    let front = Front { shared: staged.terminal.as_ref(), own: own_terminal };
    let end = last_moment(&staged.plan);
    let mut rest = Rest::soon();
    loop {
        while let Some(end) = reap_one(channel, payload, front, staged.layout.proc())? {
            if let Some(end) = end {
                channel.send(&end)?;
                exit_now(0);
            }
        }
        let mut watched =
            [PollFd::new(queue.as_fd(), PollFlags::POLLIN), PollFd::new(channel.as_fd(), PollFlags::POLLIN)];
        let next = end.into_iter().chain(rest.due()).min();
        match poll(&mut watched, next.map_or(PollTimeout::NONE, until)) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(Fault::of("poll", "")(errno)),
        }
        let now = Instant::now();
        rest.take(now);
        if end.is_some_and(|end| end <= now) {
            exit_now(super::EXIT_FAILED.into());
        }
        let asked = watched[1].revents().is_some_and(|events| !events.is_empty());
        while queue.next()?.is_some() {}
        if asked {
            match channel.receive()? {
                Some(message) => {
                    if is_taken_on(&message, payload, staged.layout.proc()) {
                        channel.send(&Message::TakenOn)?;
                    }
                    obey(&message, payload, front)?;
                }
                // The monitor is gone, and the sandbox goes with it.
                None => exit_now(super::EXIT_FAILED.into()),
            }
        }
    }
}

/// The foreground of the payload's terminal.
#[derive(Debug, Clone, Copy)]
struct Front<'a> {
    shared: Option<&'a Terminal>,
    own: Option<&'a OwnedFd>,
}

impl Front<'_> {
    /// Puts the payload there.
    fn give_to(self, payload: Pid) -> Result<(), Fault> {
        self.shared.map_or(Ok(()), |terminal| terminal.give_to(payload.as_raw()))?;
        self.own.map_or(Ok(()), |terminal| pty::give_to(terminal, payload.as_raw()))
    }

    /// Takes the sandbox's own terminal from a payload that has stopped: if it goes on in the background and asks for
    /// keystrokes, it must be stopped again, since nobody types there. Of a shared one the monitor takes care.
    fn leave(self) -> Result<(), Fault> {
        self.own.map_or(Ok(()), |terminal| pty::give_to(terminal, 0))
    }
}

/// When the monitor should have ended a payload whose time is up, and a second more. It may be stopped itself, as it is where
/// the payload stops at a terminal, while what that left in the background runs on.
fn last_moment(plan: &Plan) -> Option<Instant> {
    let time = plan.wall_time.as_ref()?;
    Instant::now().checked_add(Duration::from_secs(time.seconds) + GRACE + Duration::from_secs(1))
}

/// Looks at one child that has news. Nothing if none has; inside, the last word if it was the payload's end.
fn reap_one(
    channel: &Channel,
    payload: Pid,
    front: Front<'_>,
    proc: Option<&Path>,
) -> Result<Option<Option<Message>>, Fault> {
    let Some((pid, news)) = children::look().map_err(Fault::of("waitid", ""))? else { return Ok(None) };
    let end = match news {
        _ if pid != payload.as_raw() => None,
        News::Exited(code) => Some(Message::Exited(code as u8)),
        News::Killed(signal) => {
            // That its end of a close-on-exec socket is closed does not prove it: a killed process closes all it has.
            let began = proc.and_then(|proc| has_executed(&Path::new("/").join(proc), pid)).unwrap_or(true);
            Some(if began { Message::Signalled(signal) } else { Message::NeverStarted(signal) })
        }
        News::Stopped(signal) => {
            front.leave()?;
            channel.send(&Message::Stopped(signal))?;
            None
        }
        News::Continued => {
            channel.send(&Message::Continued)?;
            None
        }
    };
    children::take(pid, news).map_err(Fault::of("waitid", pid))?;
    Ok(Some(end))
}

/// Whether this is what the terminal sends to end a job, and the payload has chosen itself what that does to it: it lives, and
/// blocks, ignores or catches the signal (proc_pid_status(5)). Where that cannot be read, it may have.
fn is_taken_on(message: &Message, payload: Pid, proc: Option<&Path>) -> bool {
    let Message::Signal { signal: signal @ (libc::SIGINT | libc::SIGQUIT), to_group: true } = message else {
        return false;
    };
    let path = proc.map(|proc| Path::new("/").join(proc).join(format!("{payload}/status")));
    let Some(status) = path.and_then(|path| std::fs::read_to_string(path).ok()) else { return true };
    let has = |mask: &str| u64::from_str_radix(mask, 16).is_ok_and(|mask| mask >> (signal - 1) & 1 == 1);
    let mut is_chosen = false;
    for (name, value) in status.lines().filter_map(|line| line.split_once(":\t")) {
        match name {
            "State" if value.starts_with('Z') => return false,
            "SigBlk" | "SigIgn" | "SigCgt" => is_chosen |= has(value),
            _ => {}
        }
    }
    is_chosen
}

/// Does what the monitor asks.
fn obey(message: &Message, payload: Pid, front: Front<'_>) -> Result<(), Fault> {
    match message {
        Message::Signal { signal, to_group } => send(*signal, payload, *to_group),
        Message::Foreground => {
            front.give_to(payload)?;
            send(libc::SIGCONT, payload, true)
        }
        _ => Ok(()),
    }
}

/// Signals the payload or its process group; that there is nobody left to signal is no failure.
fn send(signal: i32, payload: Pid, to_group: bool) -> Result<(), Fault> {
    let receiver = if to_group { -payload.as_raw() } else { payload.as_raw() };
    match signal::send(receiver, signal) {
        Ok(()) => Ok(()),
        // It has no group of its own yet.
        Err(Errno(libc::ESRCH)) if to_group => send(signal, payload, false),
        Err(Errno(libc::ESRCH)) => Ok(()),
        Err(errno) => Err(Fault::of("kill", format_args!("signal {signal}"))(errno)),
    }
}
