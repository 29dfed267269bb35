//! A program beside a sandbox that serves it, in a sandbox of its own, and that ends with it.

use crate::error::{Errno, Fault};
use crate::sys::companion;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use rustix::io::{FdFlags, fcntl_setfd, read};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How the program is told of the number of the descriptor to which it writes once it can be reached.
pub type Words<'a> = &'a dyn Fn(i32) -> Vec<OsString>;

/// A companion. When this is dropped, it has ended.
#[derive(Debug)]
pub struct Companion {
    program: &'static str,
    child: Child,
    /// What the program writes to once it can be reached, and looks at to see whether it is still wanted.
    lifeline: OwnedFd,
    /// What it says, to be shown should it not start.
    said: OwnedFd,
}

/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much of what it says is kept, and how much is shown, in bytes (pipe(7)).
const PIPE_SIZE: usize = 1 << 16;
const SAID_MAX: usize = 400;

impl Companion {
    /// Starts `NSBOX OPTIONS -- PROGRAM WORDS`. It is killed with this process, whatever may end that.
    ///
    /// # Errors
    /// As fork(2), execve(2) and pipe(2).
    pub fn start(nsbox: &Path, options: &[OsString], program: &'static str, words: Words<'_>) -> Result<Self, Fault> {
        let pipe = |flags| pipe_with(PipeFlags::CLOEXEC | flags).map_err(Fault::of("pipe2", program));
        let (ours, theirs) = pipe(PipeFlags::empty())?;
        // Full of what nobody reads, it takes no more, and nobody waits for that.
        let (said, says) = pipe(PipeFlags::NONBLOCK)?;
        let number = theirs.as_raw_fd();
        let mut command = Command::new(nsbox);
        command.arg("--quiet").args(options).arg("--keep-fd").arg(number.to_string()).arg("--").arg(program);
        command.args(words(number)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::from(says));
        fcntl_setfd(&theirs, FdFlags::empty()).map_err(Fault::of("fcntl F_SETFD", number))?;
        let child = companion::spawn(&mut command).map_err(Fault::of("start", program));
        Ok(Self { program, child: child?, lifeline: ours, said })
    }

    /// Waits until the program says that it can be reached.
    ///
    /// # Errors
    /// ENOEXEC, with what it said last, where it ends before; else as read(2).
    pub fn wait(&self) -> Result<(), Fault> {
        self.await_word().map_err(|mut fault| {
            let said = self.last_words();
            if !said.is_empty() {
                fault.subject = format!("{}, which said: {said}", self.program);
            }
            fault
        })
    }

    /// The last of what it said.
    fn last_words(&self) -> String {
        let mut said = vec![0; PIPE_SIZE];
        let length = read(&self.said, &mut said).unwrap_or_default();
        String::from_utf8_lossy(&said[length.saturating_sub(SAID_MAX)..length]).trim().to_owned()
    }

    fn await_word(&self) -> Result<(), Fault> {
        let mut word = [0];
        loop {
            match read(&self.lifeline, &mut word) {
                Ok(0) => return Err(Fault::of("start", self.program)(Errno(libc::ENOEXEC))),
                Ok(_) => return Ok(()),
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(Fault::of("hear of the start of", self.program)(errno)),
            }
        }
    }

    /// Whether it ends within [`PATIENCE`].
    fn ends_soon(&self) -> bool {
        let Ok(end) = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()) else { return false };
        let until = Instant::now() + PATIENCE;
        loop {
            let left = TimeSpec::from_duration(until.saturating_duration_since(Instant::now()));
            match ppoll(&mut [PollFd::new(end.as_fd(), PollFlags::POLLIN)], Some(left), None) {
                Err(nix::errno::Errno::EINTR) => {}
                ready => return ready.is_ok_and(|ready| ready > 0),
            }
        }
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        // Its own nsbox then leaves nothing behind, not even a zombie.
        kill_process(Pid::from_child(&self.child), Signal::TERM).ok();
        if !self.ends_soon() {
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }
}

/// An option and its value as one word.
pub fn option(name: &str, value: impl AsRef<OsStr>) -> OsString {
    let mut word = OsString::from(name);
    word.push("=");
    word.push(value);
    word
}

/// The option that shows something of the host at another path inside, for `read` or for `write`.
///
/// # Errors
/// EILSEQ where its path is no text.
pub fn shown(key: &str, inside: &str, from: &Path) -> Result<OsString, Fault> {
    let text = format!("filesystem.{key}=[{{ path = \"{inside}\", from = {} }}]", quoted(from)?);
    Ok(option("--set", text))
}

/// A path as a string of TOML.
fn quoted(path: &Path) -> Result<String, Fault> {
    let text = path.to_str().ok_or(Errno(libc::EILSEQ)).map_err(Fault::of("name in a profile", path.display()))?;
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        // In profiles a variable begins so.
        '$' => "$$".to_owned(),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    Ok(format!("\"{}\"", text.chars().map(escape).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::quoted;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn a_path_is_quoted() {
        let quoted = |bytes: &[u8]| quoted(Path::new(OsStr::from_bytes(bytes))).map_err(|fault| fault.errno.0);
        assert_eq!(quoted(b"/run/user/1/bus").as_deref(), Ok("\"/run/user/1/bus\""));
        assert_eq!(quoted(b"/a \"b\\\n${c}").as_deref(), Ok(r#""/a \"b\\\u000a$${c}""#));
        assert_eq!(quoted(b"/\xff"), Err(libc::EILSEQ));
    }
}
