//! The signals that nsbox's own processes take as messages instead of dying from them.

use crate::error::Fault;
use crate::sys::signal;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::os::fd::{AsFd, BorrowedFd};

/// What is passed on to the payload.
const FORWARDED: [Signal; 9] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
    Signal::SIGTSTP,
    Signal::SIGCONT,
];

/// How the caller had set up its signals, for the payload to find them so again.
#[derive(Debug, Clone, Copy)]
pub struct CallerSignals {
    mask: SigSet,
    child_ignored: bool,
    pipe_ignored: bool,
}

impl CallerSignals {
    /// Blocks what will be read from a [`Queue`] instead, and remembers how it was.
    ///
    /// SIGCHLD must not be ignored, or the kernel would reap in our place.
    ///
    /// # Errors
    /// As sigprocmask(2) and sigaction(2).
    pub fn take_over() -> Result<Self, Fault> {
        let mut blocked = SigSet::empty();
        for signal in FORWARDED.into_iter().chain([Signal::SIGCHLD]) {
            blocked.add(signal);
        }
        let mut mask = SigSet::empty();
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut mask)).map_err(Fault::of("sigprocmask", ""))?;
        let child_ignored = signal::is_ignored(libc::SIGCHLD);
        if child_ignored {
            signal::set_ignored(libc::SIGCHLD, false).map_err(Fault::of("sigaction", "SIGCHLD"))?;
        }
        Ok(Self { mask, child_ignored, pipe_ignored: signal::pipe_was_ignored() })
    }

    /// Sets up the signals of the payload as the caller of nsbox had them.
    ///
    /// # Errors
    /// As sigprocmask(2) and sigaction(2).
    pub fn restore(&self) -> Result<(), Fault> {
        signal::set_ignored(libc::SIGPIPE, self.pipe_ignored).map_err(Fault::of("sigaction", "SIGPIPE"))?;
        self.give_back()
    }

    /// Undoes what was taken over, in the monitor: it still may have something to write to somebody who is gone.
    ///
    /// # Errors
    /// As sigprocmask(2) and sigaction(2).
    pub fn give_back(&self) -> Result<(), Fault> {
        signal::set_ignored(libc::SIGCHLD, self.child_ignored).map_err(Fault::of("sigaction", "SIGCHLD"))?;
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.mask), None).map_err(Fault::of("sigprocmask", ""))
    }
}

/// A signal that has arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrived {
    /// Its number.
    pub signal: i32,
    /// Whether a process sent it, or the kernel did, on behalf of a terminal for one.
    pub by_process: bool,
}

/// Signals as messages (signalfd(2)).
#[derive(Debug)]
pub struct Queue(SignalFd);

impl Queue {
    /// The signals that are to be passed on.
    ///
    /// # Errors
    /// As signalfd(2).
    pub fn of_forwarded() -> Result<Self, Fault> {
        Self::of(&FORWARDED)
    }

    /// The news of children.
    ///
    /// # Errors
    /// As signalfd(2).
    pub fn of_children() -> Result<Self, Fault> {
        Self::of(&[Signal::SIGCHLD])
    }

    fn of(signals: &[Signal]) -> Result<Self, Fault> {
        let mut set = SigSet::empty();
        signals.iter().for_each(|signal| set.add(*signal));
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        SignalFd::with_flags(&set, flags).map(Self).map_err(Fault::of("signalfd", ""))
    }

    /// The next signal; nothing where there is none left.
    ///
    /// # Errors
    /// As read(2).
    pub fn next(&self) -> Result<Option<Arrived>, Fault> {
        let record = loop {
            match self.0.read_signal() {
                Err(nix::errno::Errno::EINTR) => {}
                read => break read.map_err(Fault::of("read from", "signalfd"))?,
            }
        };
        // Codes above zero are the kernel's own (sigaction(2)).
        Ok(record.map(|r| Arrived { signal: r.ssi_signo as i32, by_process: r.ssi_code <= 0 }))
    }
}

impl AsFd for Queue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Stops this process, as its payload was stopped; returns when it is continued.
///
/// `with_group` stops the whole job, as the terminal would have done had this job been in its foreground.
///
/// # Errors
/// As kill(2).
pub fn stop_self(with_group: bool) -> Result<(), Fault> {
    use nix::sys::signal::{kill, raise};
    use nix::unistd::Pid;
    if !with_group {
        return raise(Signal::SIGSTOP).map_err(Fault::of("raise", "SIGSTOP"));
    }
    kill(Pid::from_raw(0), Signal::SIGTSTP).map_err(Fault::of("kill", "SIGTSTP"))?;
    let mut stop = SigSet::empty();
    stop.add(Signal::SIGTSTP);
    // It takes effect here, and here the process goes on when it is continued.
    sigprocmask(SigmaskHow::SIG_UNBLOCK, Some(&stop), None).map_err(Fault::of("sigprocmask", ""))?;
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&stop), None).map_err(Fault::of("sigprocmask", ""))
}
