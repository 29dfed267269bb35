//! A terminal of the sandbox's own: a pseudo-terminal of its devpts, for the streams that are the caller's terminal (pty(7)).

use crate::error::Fault;
use crate::sys::descriptors::Inherited;
use crate::sys::signal::without_stopping;
use nix::errno::Errno;
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::{Pid, dup2_stderr, dup2_stdin, dup2_stdout, getpgrp, setsid, tcgetpgrp, tcsetpgrp};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::ioctl_tiocsctty;
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, unlockpt};
use rustix::termios::{Winsize, tcgetwinsize, tcsetwinsize};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// The caller's standard streams that are a terminal.
#[derive(Debug)]
pub struct Streams {
    is_terminal: [bool; 3],
    /// One of them, in a descriptor of our own.
    terminal: OwnedFd,
    /// Where its keystrokes come from, if they may be for the payload: where what it writes is shown. At another place of a
    /// pipeline, as in `nsbox make | less`, they are another program's.
    keys: Option<OwnedFd>,
    /// The modes in which it was found, if that was in the foreground. In the background they are those in which a shell reads
    /// a command line, and none that the payload should have.
    modes: Option<Termios>,
    /// Whether the payload is the one that the person talks to from the start.
    starts_in_front: bool,
}

impl Streams {
    /// Finds them; nothing where there are none, and so nothing to stand in for.
    ///
    /// # Errors
    /// As tcgetattr(3) and dup(2).
    pub fn find(passed: &[Inherited]) -> Result<Option<Self>, Fault> {
        let (input, output, errors) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
        let streams = [input.as_fd(), output.as_fd(), errors.as_fd()];
        let mut is_terminal = [false; 3];
        for stream in passed.iter().filter(|passed| passed.is_standard() && passed.may_be_terminal()) {
            is_terminal[stream.number() as usize] = has_modes(stream)?;
        }
        // What is written comes out at one place; an input alone is written to as well, as programs do who ask there.
        let chosen = [1, 2, 0].into_iter().find(|index| is_terminal[*index]).map(|index| streams[index]);
        let Some(chosen) = chosen else { return Ok(None) };
        let terminal = chosen.try_clone_to_owned().map_err(Fault::of("dup", "the terminal"))?;
        let keys = match is_terminal {
            [true, true, _] => Some(input.as_fd().try_clone_to_owned().map_err(Fault::of("dup", "the terminal"))?),
            [false, true, _] if tcgetpgrp(&output).is_ok() => {
                openat(CWD, "/dev/tty", OFlags::RDONLY | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).ok()
            }
            _ => None,
        };
        let is_in_front = keys.as_ref().is_none_or(is_in_front);
        let modes = tcgetattr(&terminal).ok().filter(|_| is_in_front);
        // Beside a program that writes to it, the payload has the terminal when it asks for it.
        let starts_in_front = is_in_front && (is_terminal[0] || keys.is_none());
        Ok(Some(Self { is_terminal, terminal, keys, modes, starts_in_front }))
    }

    /// Whether the person talks to the payload from the start, since it has both the input and the output.
    pub fn is_interactive(&self) -> bool {
        self.is_terminal[0] && self.is_terminal[1]
    }

    /// The caller's terminal.
    pub fn terminal(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }

    /// Where keystrokes can be read from, if they may be for the payload.
    pub fn keys(&self) -> Option<BorrowedFd<'_>> {
        self.keys.as_ref().map(OwnedFd::as_fd)
    }

    /// Whether the modes of the caller's terminal are yet to be found.
    pub fn lacks_modes(&self) -> bool {
        self.modes.is_none()
    }

    /// Whether keystrokes are this job's now.
    pub fn is_in_front(&self) -> bool {
        self.keys.as_ref().is_some_and(is_in_front)
    }

    /// The size of the caller's terminal.
    pub fn size(&self) -> Option<Winsize> {
        tcgetwinsize(&self.terminal).ok()
    }
}

/// Whether a stream is a terminal. One that cannot be asked is not taken for something else: the payload would get it.
fn has_modes(stream: &Inherited) -> Result<bool, Fault> {
    match tcgetattr(stream) {
        Ok(_) => Ok(true),
        // None, closed, of a kind that has no modes, or hung up.
        Err(Errno::ENOTTY | Errno::EBADF | Errno::EINVAL | Errno::EIO | Errno::ENXIO | Errno::ENODEV) => Ok(false),
        Err(errno) => Err(Fault::of("tcgetattr", "a standard stream")(errno)),
    }
}

/// Whether this job is in the foreground of a terminal, or there is no job control at it, since it controls no session of ours.
fn is_in_front(keys: &OwnedFd) -> bool {
    match tcgetpgrp(keys) {
        Ok(group) => group == getpgrp(),
        Err(errno) => errno == Errno::ENOTTY,
    }
}

/// Both sides of a pseudo-terminal.
#[derive(Debug)]
pub struct Pty {
    /// The side of who plays the person.
    pub person: OwnedFd,
    /// The side of the programs.
    pub programs: OwnedFd,
}

/// Opens a pseudo-terminal of the sandbox's own devpts, in the modes and the size of the caller's. The old root must be gone.
///
/// # Errors
/// As open(2) and ioctl_tty(2).
pub fn open(streams: &Streams) -> Result<Pty, Fault> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let person = openat(CWD, "/dev/pts/ptmx", flags, Mode::empty()).map_err(Fault::of("open", "/dev/pts/ptmx"))?;
    unlockpt(&person).map_err(Fault::of("ioctl TIOCSPTLCK", ""))?;
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let programs = ioctl_tiocgptpeer(&person, flags).map_err(Fault::of("ioctl TIOCGPTPEER", ""))?;
    if let Some(mut modes) = streams.modes.clone() {
        if !streams.starts_in_front {
            // Writing is no way to ask for keystrokes.
            modes.local_flags.remove(LocalFlags::TOSTOP);
        }
        tcsetattr(&programs, SetArg::TCSANOW, &modes).map_err(Fault::of("tcsetattr", ""))?;
    }
    if let Some(size) = streams.size() {
        tcsetwinsize(&person, size).map_err(Fault::of("ioctl TIOCSWINSZ", ""))?;
    }
    Ok(Pty { person, programs })
}

/// Makes this process the leader of a session of its own, with the pseudo-terminal as its terminal if there is one: nothing of
/// the caller's session is left to it and its children. The payload must not be the leader, since nobody could stop it then.
///
/// # Errors
/// As setsid(2) and ioctl_tty(2).
pub fn lead_session(programs: Option<&OwnedFd>) -> Result<(), Fault> {
    setsid().map_err(Fault::of("setsid", ""))?;
    programs.map_or(Ok(()), |programs| ioctl_tiocsctty(programs).map_err(Fault::of("ioctl TIOCSCTTY", "")))
}

/// Makes a process group of this session the one that the pseudo-terminal talks to; 0 means the caller's own.
///
/// # Errors
/// As tcsetpgrp(3).
pub fn give_to(programs: &OwnedFd, group: i32) -> Result<(), Fault> {
    let group = if group == 0 { getpgrp() } else { Pid::from_raw(group) };
    without_stopping(|| tcsetpgrp(programs, group)).map_err(Fault::of("tcsetpgrp", group))
}

/// Puts the pseudo-terminal in the place of every stream that was the caller's, and this process's group in its foreground:
/// unless nsbox is in the background itself, or another program writes to the payload. Then the kernel stops the payload when
/// it asks for keystrokes, and init learns of it.
///
/// # Errors
/// As tcsetpgrp(3) and dup2(2).
pub fn adopt(programs: &OwnedFd, streams: &Streams) -> Result<(), Fault> {
    if streams.starts_in_front {
        give_to(programs, 0)?;
    }
    let [input, output, errors] = streams.is_terminal;
    if input && streams.is_interactive() {
        dup2_stdin(programs).map_err(Fault::of("dup2", 0))?;
    } else if input {
        // Somebody else's keystrokes: this stream has come to its end.
        let (end, _) = pipe_with(PipeFlags::CLOEXEC).map_err(Fault::of("pipe", ""))?;
        dup2_stdin(&end).map_err(Fault::of("dup2", 0))?;
    }
    if output {
        dup2_stdout(programs).map_err(Fault::of("dup2", 1))?;
    }
    if errors {
        dup2_stderr(programs).map_err(Fault::of("dup2", 2))?;
    }
    Ok(())
}
