//! A kernel call that failed while a sandbox was made: which call, on what, why, and who asked for it.

use std::borrow::Cow;
use std::fmt;

/// A kernel error number, printed by its text and its name: `No such file or directory (ENOENT)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    /// The error number that the last failed C library call of this thread left.
    pub fn last() -> Self {
        Self(nix::errno::Errno::last_raw())
    }
}

impl From<nix::errno::Errno> for Errno {
    fn from(errno: nix::errno::Errno) -> Self {
        Self(errno as i32)
    }
}

impl From<rustix::io::Errno> for Errno {
    fn from(errno: rustix::io::Errno) -> Self {
        Self(errno.raw_os_error())
    }
}

impl From<std::io::Error> for Errno {
    fn from(error: std::io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or(libc::EIO))
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errno = nix::errno::Errno::from_raw(self.0);
        if errno == nix::errno::Errno::UnknownErrno {
            return write!(f, "error {}", self.0);
        }
        write!(f, "{} ({errno:?})", errno.desc())
    }
}

/// A failed call, as `isolate` reports it; `execute` adds the step it happened in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The call and its fixed arguments: `bind`, `ioctl SIOCSIFFLAGS`.
    pub call: Cow<'static, str>,
    /// What it was called on: a path, an interface; empty where there is nothing to name.
    pub subject: String,
    /// Why the kernel refused.
    pub errno: Errno,
    /// Who asked for it, where an item of the plan is behind it: `shell.toml:14:1`.
    pub asked_for_by: Option<String>,
}

impl Fault {
    /// Names the call and the subject of an error number, for `map_err`.
    pub fn of<E: Into<Errno>>(call: &'static str, subject: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |errno| Self {
            call: Cow::Borrowed(call),
            subject: subject.to_string(),
            errno: errno.into(),
            asked_for_by: None,
        }
    }

    /// Says which item of the plan asked for the call.
    pub fn asked_for_by(mut self, origin: impl fmt::Display) -> Self {
        self.asked_for_by = Some(origin.to_string());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.call)?;
        if !self.subject.is_empty() {
            write!(f, " {}", self.subject)?;
        }
        write!(f, ": {}", self.errno)
    }
}

impl std::error::Error for Fault {}
