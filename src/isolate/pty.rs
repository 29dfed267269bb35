//! A terminal of the sandbox's own: a pseudo-terminal of its devpts, for the streams that are the caller's terminal (pty(7)).

use crate::error::Fault;
use nix::errno::Errno;
use nix::sys::termios::{OutputFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout, setsid};
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
    /// The modes in which it was found.
    modes: Option<Termios>,
}

impl Streams {
    /// Finds them; nothing where there are none, and so nothing to stand in for.
    ///
    /// # Errors
    /// As tcgetattr(3) and dup(2).
    pub fn find() -> Result<Option<Self>, Fault> {
        let (input, output, errors) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
        let streams = [input.as_fd(), output.as_fd(), errors.as_fd()];
        let [input, output, errors] = streams.map(is_terminal);
        let is_terminal = [input?, output?, errors?];
        // What is written comes out at one place; an input alone is written to as well, as programs do who ask there.
        let chosen = [1, 2, 0].into_iter().find(|index| is_terminal[*index]).map(|index| streams[index]);
        let Some(chosen) = chosen else { return Ok(None) };
        let terminal = chosen.try_clone_to_owned().map_err(Fault::of("dup", "the terminal"))?;
        Ok(Some(Self { is_terminal, modes: tcgetattr(&terminal).ok(), terminal }))
    }

    /// Whether the person talks to the payload and hears it: then keystrokes are passed on as they come. Where only one of
    /// the two holds, as in `nsbox make | less`, they are another program's.
    pub fn is_interactive(&self) -> bool {
        self.is_terminal[0] && self.is_terminal[1]
    }

    /// The caller's terminal.
    pub fn terminal(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }

    /// The modes in which the caller's terminal was found.
    pub fn modes(&self) -> Option<&Termios> {
        self.modes.as_ref()
    }

    /// The size of the caller's terminal.
    pub fn size(&self) -> Option<Winsize> {
        tcgetwinsize(&self.terminal).ok()
    }
}

/// Whether a stream is a terminal. One that cannot be asked is not taken for something else: the payload would get it.
fn is_terminal(stream: BorrowedFd<'_>) -> Result<bool, Fault> {
    match tcgetattr(stream) {
        Ok(_) => Ok(true),
        // None, closed, of a kind that has no modes, or hung up.
        Err(Errno::ENOTTY | Errno::EBADF | Errno::EINVAL | Errno::EIO | Errno::ENXIO | Errno::ENODEV) => Ok(false),
        Err(errno) => Err(Fault::of("tcgetattr", "a standard stream")(errno)),
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
        if !streams.is_interactive() {
            // The caller's terminal keeps its modes then, and ends lines as it likes by itself.
            modes.output_flags.remove(OutputFlags::OPOST);
        }
        tcsetattr(&programs, SetArg::TCSANOW, &modes).map_err(Fault::of("tcsetattr", ""))?;
    }
    if let Some(size) = streams.size() {
        tcsetwinsize(&person, size).map_err(Fault::of("ioctl TIOCSWINSZ", ""))?;
    }
    Ok(Pty { person, programs })
}

/// Makes this process the leader of a session of its own, with the pseudo-terminal as its terminal and in the place of every
/// stream that was the caller's; nothing of the caller's session is left to it.
///
/// # Errors
/// As setsid(2), ioctl_tty(2) and dup2(2).
pub fn adopt(programs: Option<(&OwnedFd, &Streams)>) -> Result<(), Fault> {
    setsid().map_err(Fault::of("setsid", ""))?;
    let Some((programs, streams)) = programs else { return Ok(()) };
    ioctl_tiocsctty(programs).map_err(Fault::of("ioctl TIOCSCTTY", ""))?;
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
