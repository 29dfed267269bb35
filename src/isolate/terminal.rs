//! The caller's terminal, shared with the payload under job control (tty_ioctl(4), credentials(7)).

use crate::error::Fault;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, killpg, sigprocmask};
use nix::sys::termios::{self, FlowArg, SetArg, Termios};
use nix::unistd::{Pid, getpgrp, tcgetpgrp, tcsetpgrp};
use rustix::fs::{Mode, OFlags, open};
use rustix::termios::ioctl_tiocnxcl;
use std::cell::RefCell;
use std::io::IsTerminal;
use std::os::fd::{AsFd, OwnedFd};

/// The terminal of the caller's session.
#[derive(Debug)]
pub struct Terminal {
    /// A descriptor of our own, so that the streams may be closed.
    descriptor: OwnedFd,
    /// The modes in which it was last found before the payload had it.
    modes: RefCell<Option<Termios>>,
    /// Whether the payload should have it from the start.
    interactive: bool,
}

impl Terminal {
    /// Finds the terminal that controls this session: one of the standard streams, or else the one that `/dev/tty`
    /// stands for. Only a job in the foreground may use it; this one may be in the background now and not for ever.
    pub fn find() -> Option<Self> {
        let (input, output, errors) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
        let streams = [input.as_fd(), output.as_fd(), errors.as_fd()];
        let descriptor = match streams.into_iter().find(|stream| tcgetpgrp(stream).is_ok()) {
            Some(stream) => stream.try_clone_to_owned().ok()?,
            None => open("/dev/tty", OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).ok()?,
        };
        let mut terminal = Self { descriptor, modes: RefCell::default(), interactive: false };
        terminal.interactive = terminal.is_ours() && input.is_terminal() && output.is_terminal();
        terminal.remember();
        Some(terminal)
    }

    /// Whether both input and output are the terminal, so that the payload is the one who talks to the person. Where
    /// not, as in `nsbox make | less`, another program may be, and the payload gets the terminal when it asks for it.
    pub fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Whether nsbox's own process group is the foreground one.
    pub fn is_ours(&self) -> bool {
        tcgetpgrp(&self.descriptor) == Ok(getpgrp())
    }

    /// Makes a process group of this session the foreground one; 0 means the caller's own.
    ///
    /// # Errors
    /// As tcsetpgrp(3).
    pub fn give_to(&self, group: i32) -> Result<(), Fault> {
        let group = if group == 0 { getpgrp() } else { Pid::from_raw(group) };
        without_stopping(|| tcsetpgrp(&self.descriptor, group)).map_err(Fault::of("tcsetpgrp", group))
    }

    /// The modes it is in now, if they can be read.
    pub fn modes(&self) -> Option<Termios> {
        termios::tcgetattr(&self.descriptor).ok()
    }

    /// Puts it into the given modes.
    ///
    /// # Errors
    /// As tcsetattr(3).
    pub fn set_modes(&self, modes: &Termios) -> Result<(), Fault> {
        without_stopping(|| termios::tcsetattr(&self.descriptor, SetArg::TCSADRAIN, modes))
            .map_err(Fault::of("tcsetattr", ""))
    }

    /// Remembers the modes it is in, for [`Terminal::restore`].
    pub fn remember(&self) {
        self.modes.replace(self.modes());
    }

    /// Takes it back for nsbox's own process group, in the modes in which it was found.
    ///
    /// # Errors
    /// As tcsetpgrp(3) and tcsetattr(3).
    pub fn restore(&self) -> Result<(), Fault> {
        self.give_to(0)?;
        self.open_up()?;
        match &*self.modes.borrow() {
            Some(found) if self.modes().as_ref() != Some(found) => self.set_modes(found),
            _ => Ok(()),
        }
    }

    /// Undoes what anyone may do to a terminal beside its modes, from the background too: closing it to others
    /// (TIOCEXCL), halting its output, in which the next writer would hang, and leaving it to a group that has ended.
    ///
    /// # Errors
    /// As ioctl_tty(2).
    pub fn open_up(&self) -> Result<(), Fault> {
        ioctl_tiocnxcl(&self.descriptor).map_err(Fault::of("ioctl TIOCNXCL", ""))?;
        without_stopping(|| termios::tcflow(&self.descriptor, FlowArg::TCOON)).map_err(Fault::of("tcflow", ""))?;
        match tcgetpgrp(&self.descriptor).and_then(|group| killpg(group, None)) {
            Err(nix::errno::Errno::ESRCH) => self.give_to(0),
            _ => Ok(()),
        }
    }
}

/// Changing a terminal from the background stops the caller by SIGTTOU, unless that is blocked.
fn without_stopping<T>(change: impl FnOnce() -> nix::Result<T>) -> nix::Result<T> {
    let mut blocked = SigSet::empty();
    blocked.add(Signal::SIGTTOU);
    let mut before = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut before))?;
    let result = change();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
    result
}
