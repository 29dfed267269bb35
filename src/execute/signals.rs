//! The signals that nsbox's own processes take as messages instead of dying from them.

use crate::error::Fault;
use crate::sys::signal;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use std::os::fd::{AsFd, BorrowedFd};

/// What is not passed on to the payload: the two that nobody can catch, those that the kernel sends about nsbox's own children,
/// pipes and place at the terminal, and those that say that it is itself at fault.
const OWN: [i32; 13] = [
    libc::SIGKILL,
    libc::SIGSTOP,
    libc::SIGCHLD,
    libc::SIGPIPE,
    libc::SIGTTIN,
    libc::SIGTTOU,
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGXFSZ,
];

/// The first signal that has a name, and the last one (signal(7)).
const NAMED: std::ops::RangeInclusive<i32> = libc::SIGHUP..=libc::SIGSYS;

/// What is passed on to the payload.
fn forwarded() -> impl Iterator<Item = i32> {
    NAMED.filter(|signal| !OWN.contains(signal)).chain(libc::SIGRTMIN()..=libc::SIGRTMAX())
}

/// What the keys of a terminal, its size and its end send.
const OF_TERMINAL: [i32; 6] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP, libc::SIGCONT, libc::SIGWINCH];

/// What ends nobody by default, of what is passed on.
const HARMLESS: [i32; 4] = [libc::SIGCONT, libc::SIGTSTP, libc::SIGURG, libc::SIGWINCH];

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
        let mask = block()?;
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

    /// Does something under the signals of the caller, by which this process may end: for what may take its time, and before
    /// there is anything to be put in order first.
    ///
    /// # Errors
    /// As sigprocmask(2), or what is done.
    pub fn meanwhile<T>(&self, act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&self.mask), None).map_err(Fault::of("sigprocmask", ""))?;
        let result = act();
        block().and(result)
    }

    /// Whether a signal ends a process that is as the caller set it up: that is what it does by default (signal(7)), and the
    /// caller neither ignores nor blocks it.
    pub fn would_end(&self, signal: i32) -> bool {
        !HARMLESS.contains(&signal) && !signal::is_ignored(signal) && !signal::has(&self.mask, signal)
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

/// Blocks what will be read from a [`Queue`] instead, and gives the mask that was in force.
fn block() -> Result<SigSet, Fault> {
    let blocked = signal::set_of(forwarded().chain([libc::SIGCHLD]));
    let mut before = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut before)).map_err(Fault::of("sigprocmask", ""))?;
    Ok(before)
}

/// What would end this process, held back while there is something to be put in order first.
///
/// Once this is let go, what has arrived and was not read ends it after all; dropping this does the same as far as it can.
#[derive(Debug)]
pub struct Held {
    queue: Queue,
    /// The mask that was in force, while it is not again.
    before: Option<SigSet>,
}

impl Held {
    /// Holds it back from here on.
    ///
    /// # Errors
    /// As sigprocmask(2) and signalfd(2).
    pub fn back() -> Result<Self, Fault> {
        let mut before = SigSet::empty();
        sigprocmask(SigmaskHow::SIG_BLOCK, None, Some(&mut before)).map_err(Fault::of("sigprocmask", ""))?;
        let caller = CallerSignals { mask: before, child_ignored: false, pipe_ignored: false };
        let ending: Vec<i32> = forwarded().filter(|signal| caller.would_end(*signal)).collect();
        let queue = Queue::of(ending.iter().copied())?;
        let held = signal::set_of(ending);
        sigprocmask(SigmaskHow::SIG_BLOCK, Some(&held), None).map_err(Fault::of("sigprocmask", ""))?;
        Ok(Self { queue, before: Some(before) })
    }

    /// The first that has arrived, if any has.
    ///
    /// # Errors
    /// As read(2).
    pub fn arrived(&self) -> Result<Option<i32>, Fault> {
        Ok(self.queue.next()?.map(|arrived| arrived.signal))
    }

    /// Holds it back no longer.
    ///
    /// # Errors
    /// As sigprocmask(2).
    pub fn let_go(mut self) -> Result<(), Fault> {
        let before = self.before.take();
        sigprocmask(SigmaskHow::SIG_SETMASK, before.as_ref(), None).map_err(Fault::of("sigprocmask", ""))
    }
}

impl AsFd for Held {
    /// Readable when one has arrived.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.as_fd()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            sigprocmask(SigmaskHow::SIG_SETMASK, Some(before), None).ok();
        }
    }
}

/// A signal that has arrived.
#[derive(Debug, Clone, Copy)]
pub struct Arrived {
    /// Its number.
    pub signal: i32,
    /// Who sent it.
    pub by: Sender,
}

/// Who has sent a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// A process, or a timer of this one.
    Process,
    /// The terminal of this session, to the whole job in its foreground.
    Terminal,
    /// A descriptor that has become readable (F_SETSIG, fcntl(2)).
    Descriptor,
}

impl Sender {
    /// Reads it from the code of a signal (sigaction(2)): those up to zero are of processes, of the others the kernel uses
    /// one for terminals and old timers alike.
    fn of(signal: i32, code: i32) -> Self {
        match code {
            libc::SI_KERNEL if OF_TERMINAL.contains(&signal) => Self::Terminal,
            code if code > 0 && code != libc::SI_KERNEL => Self::Descriptor,
            _ => Self::Process,
        }
    }
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
        Self::of(forwarded())
    }

    /// The news of children.
    ///
    /// # Errors
    /// As signalfd(2).
    pub fn of_children() -> Result<Self, Fault> {
        Self::of([libc::SIGCHLD])
    }

    fn of(signals: impl IntoIterator<Item = i32>) -> Result<Self, Fault> {
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        SignalFd::with_flags(&signal::set_of(signals), flags).map(Self).map_err(Fault::of("signalfd", ""))
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
        Ok(record
            .map(|r| (r.ssi_signo as i32, r.ssi_code))
            .map(|(signal, code)| Arrived { signal, by: Sender::of(signal, code) }))
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

/// Ends this process by the signal of the terminal that has ended its payload. Shells, make(1) and the like go by that: a
/// program that merely exits has, to them, taken the key for itself.
///
/// `with_group` ends the whole job, as the terminal would have done had this job been in its foreground.
///
/// Returns where the caller ignores the signal or blocks it.
///
/// # Errors
/// As prctl(2) and kill(2).
pub fn end_self(signal: i32, with_group: bool) -> Result<(), Fault> {
    // SIGQUIT would leave a core dump of nsbox itself.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(Fault::of("prctl PR_SET_DUMPABLE", ""))?;
    let receiver = if with_group { 0 } else { std::process::id() as i32 };
    signal::send(receiver, signal).map_err(Fault::of("kill", format_args!("signal {signal}")))
}
