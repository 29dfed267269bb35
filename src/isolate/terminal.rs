//! The caller's terminal, shared with the payload under job control (tty_ioctl(4), credentials(7)).

use crate::error::Fault;
use crate::sys::descriptors::Inherited;
use crate::sys::signal::without_stopping;
use nix::sys::signal::killpg;
use nix::sys::termios::{self, FlowArg, SetArg, Termios};
use nix::unistd::{Pid, dup2_stderr, dup2_stdin, dup2_stdout, getpgrp, tcgetpgrp, tcsetpgrp};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, fcntl_getfl, fcntl_setfl, fstat, open, readlinkat, statat};
use rustix::io::Errno;
use rustix::termios::{ioctl_tiocnxcl, isatty};
use std::cell::RefCell;
use std::ffi::OsString;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The name inside of a terminal that is shared.
const CONSOLE: &str = "/dev/console";

/// The terminal of the caller's session.
#[derive(Debug)]
pub struct Terminal {
    /// A descriptor of our own, so that the streams may be closed.
    descriptor: OwnedFd,
    /// The flags of that descriptor, which are the caller's too.
    flags: Option<OFlags>,
    /// The modes in which it was last found before the payload had it.
    modes: RefCell<Option<Termios>>,
    /// The standard streams that may be it.
    streams: Vec<Inherited>,
    /// Whether the payload should have it from the start.
    interactive: bool,
}

impl Terminal {
    /// Finds the terminal that controls this session: one of the standard streams, or else the one that `/dev/tty`
    /// stands for. Only a job in the foreground may use it; this one may be in the background now and not for ever.
    ///
    /// # Errors
    /// As dup(2) and open(2): a terminal that is there and cannot be had is not taken for none.
    pub fn find(passed: &[Inherited]) -> Result<Option<Self>, Fault> {
        let may_be_it = |passed: &&Inherited| passed.is_standard() && passed.may_be_terminal();
        let streams: Vec<_> = passed.iter().filter(may_be_it).copied().collect();
        let descriptor = match streams.iter().find(|stream| tcgetpgrp(stream).is_ok()) {
            Some(stream) => stream.as_fd().try_clone_to_owned().map_err(Fault::of("dup", "the terminal"))?,
            None => match open("/dev/tty", OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()) {
                Ok(terminal) => terminal,
                // There is none, or it is closed to this user, by a control group for one.
                Err(Errno::NXIO | Errno::NODEV | Errno::NOENT | Errno::NOTDIR | Errno::IO) => return Ok(None),
                Err(Errno::ACCESS | Errno::PERM) => return Ok(None),
                Err(errno) => return Err(Fault::of("open", "/dev/tty")(errno)),
            },
        };
        let flags = fcntl_getfl(&descriptor).ok();
        let mut terminal = Self { descriptor, flags, modes: RefCell::default(), streams, interactive: false };
        terminal.interactive =
            terminal.is_ours() && terminal.has(libc::STDIN_FILENO) && terminal.has(libc::STDOUT_FILENO);
        terminal.remember();
        Ok(Some(terminal))
    }

    /// Whether a standard stream is a terminal.
    fn has(&self, number: RawFd) -> bool {
        self.streams.iter().any(|stream| stream.number() == number && isatty(stream))
    }

    /// Its device on the host, where one of the standard streams is it; nothing where that has no name in this mount
    /// namespace, or is `/dev/tty`, which stands for any terminal.
    ///
    /// # Errors
    /// As fstat(2), readlink(2) and stat(2).
    pub fn device(&self) -> Result<Option<PathBuf>, Fault> {
        let fault = || Fault::of("look at", "the terminal");
        let opened = fstat(&self.descriptor).map_err(fault())?;
        let file = (opened.st_dev, opened.st_ino);
        let own = format!("/proc/self/fd/{}", self.descriptor.as_raw_fd());
        let name = match readlinkat(CWD, own, Vec::new()) {
            Ok(name) => name,
            // No procfs is mounted here.
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
            Err(errno) => return Err(fault()(errno)),
        };
        let name = PathBuf::from(OsString::from_vec(name.into_bytes()));
        // In a sandbox that shares a terminal, a stream that came from outside has this name alone.
        for name in [name, CONSOLE.into()] {
            if name != Path::new("/dev/tty") && is_at(file, &name).map_err(fault())? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// Opens it anew by its name in the sandbox, for each standard stream that is it: the payload then can find out that
    /// name, and neither the permissions of the host's device nor the flags of the caller's descriptors are within its reach.
    /// A stream stays as it is where the sandbox has no such name, or the payload's user may not open it.
    ///
    /// # Errors
    /// As open(2), fcntl(2) and dup2(2).
    pub fn reopen_streams(&self) -> Result<(), Fault> {
        let anew = |stream: &Inherited| -> rustix::io::Result<Option<OwnedFd>> {
            if !is_at(stream.file(), Path::new(CONSOLE))? {
                return Ok(None);
            }
            let access = fcntl_getfl(stream)? & OFlags::ACCMODE;
            // A serial line may be one that waits for a carrier, while it is opened and not afterwards.
            let flags = access | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match open(CONSOLE, flags, Mode::empty()) {
                Ok(terminal) => fcntl_setfl(&terminal, access).map(|()| Some(terminal)),
                Err(Errno::ACCESS | Errno::IO | Errno::NXIO) => Ok(None),
                Err(errno) => Err(errno),
            }
        };
        for stream in &self.streams {
            let Some(terminal) = anew(stream).map_err(Fault::of("open", CONSOLE))? else { continue };
            let replaced = match stream.number() {
                libc::STDIN_FILENO => dup2_stdin(terminal),
                libc::STDOUT_FILENO => dup2_stdout(terminal),
                _ => dup2_stderr(terminal),
            };
            replaced.map_err(Fault::of("dup2", stream.number()))?;
        }
        Ok(())
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
    /// (TIOCEXCL), halting its output, in which the next writer would hang, leaving it to a group that has ended, and having
    /// its descriptor wait for nothing (O_NONBLOCK).
    ///
    /// A halt that the person asked for by Ctrl-S is another one to the kernel, and stays (`tco_stopped` and `stopped`,
    /// drivers/tty/tty_io.c).
    ///
    /// # Errors
    /// As ioctl_tty(2) and fcntl(2).
    pub fn open_up(&self) -> Result<(), Fault> {
        if let Some(flags) = self.flags.filter(|flags| fcntl_getfl(&self.descriptor) != Ok(*flags)) {
            fcntl_setfl(&self.descriptor, flags).map_err(Fault::of("fcntl F_SETFL", ""))?;
        }
        ioctl_tiocnxcl(&self.descriptor).map_err(Fault::of("ioctl TIOCNXCL", ""))?;
        without_stopping(|| termios::tcflow(&self.descriptor, FlowArg::TCOON)).map_err(Fault::of("tcflow", ""))?;
        match tcgetpgrp(&self.descriptor).and_then(|group| killpg(group, None)) {
            Err(nix::errno::Errno::ESRCH) => self.give_to(0),
            _ => Ok(()),
        }
    }
}

/// Whether a file, by the numbers of its device and its inode, is what stands at a path.
fn is_at(file: (u64, u64), path: &Path) -> rustix::io::Result<bool> {
    match statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) => Ok((found.st_dev, found.st_ino) == file),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS | Errno::LOOP) => Ok(false),
        Err(errno) => Err(errno),
    }
}
