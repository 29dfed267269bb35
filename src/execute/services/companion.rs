//! A program beside a sandbox that serves it, in a sandbox of its own, and that ends with it.

use crate::error::{Errno, Fault};
use crate::execute::signals::Held;
use crate::sys::companion;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use rustix::io::{FdFlags, fcntl_setfd, read};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use std::ffi::OsString;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How the program is told of the number of the descriptor to which it writes once it can be reached.
pub type Words<'a> = &'a dyn Fn(i32) -> Vec<OsString>;

/// The call that is reported where it does not say that it can be reached.
const NO_WORD: &str = "wait for the start of";

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
/// How long it may take until it can be reached; far above what an X server needs on a busy machine.
const START_PATIENCE: Duration = Duration::from_secs(60);
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

    /// Waits until the program says that it can be reached, or a signal comes that would end this process.
    ///
    /// # Errors
    /// ENOEXEC, with what it said last, where it ends before, ETIMEDOUT where it says nothing in a minute, EINTR for a signal,
    /// which is still to be read; else as ppoll(2) and read(2).
    pub fn wait(&self, held: &Held) -> Result<(), Fault> {
        self.await_word(held).map_err(|mut fault| {
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

    fn await_word(&self, held: &Held) -> Result<(), Fault> {
        let mut word = [0];
        let until = Instant::now() + START_PATIENCE;
        loop {
            let mut ready =
                [self.lifeline.as_fd(), held.as_fd()].map(|descriptor| PollFd::new(descriptor, PollFlags::POLLIN));
            let left = TimeSpec::from_duration(until.saturating_duration_since(Instant::now()));
            let answer = match ppoll(&mut ready, Some(left), None) {
                Ok(0) => Err(nix::errno::Errno::ETIMEDOUT),
                Ok(_) if ready[1].any() == Some(true) => Err(nix::errno::Errno::EINTR),
                // Somebody has looked at this process (ptrace(2)), or stopped it.
                Err(nix::errno::Errno::EINTR) => continue,
                answer => answer,
            };
            answer.map_err(Fault::of(NO_WORD, self.program))?;
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

#[cfg(test)]
mod tests {
    use super::{Companion, Held, NO_WORD};
    use crate::error::Fault;
    use nix::sys::signal::{Signal, raise};
    use std::process::Command;

    /// Starts a program of this script in place of nsbox, and waits for it.
    fn start(script: &str, held: &Held) -> Result<Companion, Fault> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("nsbox");
        // By another process: whatever this one forks meanwhile would hold the file open, and nobody could execute it.
        let write = "printf '#!/bin/sh\\n%s\\n' \"$2\" > \"$1\"; chmod +x \"$1\"";
        let written = Command::new("sh").args(["-c", write, "sh"]).arg(&file).arg(script).status();
        assert!(written.expect("a shell").success());
        let words = |number: i32| vec![number.to_string().into()];
        let companion = Companion::start(&file, &[], "a-service", &words)?;
        companion.wait(held).map(|()| companion)
    }

    #[test]
    fn a_service_is_awaited_until_it_says_that_it_can_be_reached() {
        let held = Held::back().expect("signals");
        // The last word is the number of the descriptor.
        start("for number; do :; done; echo x >/proc/self/fd/$number; exec sleep 600", &held).expect("a service");
    }

    #[test]
    fn a_service_that_ends_before_leaves_its_last_words() {
        let held = Held::back().expect("signals");
        let fault = start("echo no luck >&2", &held).expect_err("no service");
        assert_eq!((fault.errno.0, fault.subject.as_str()), (libc::ENOEXEC, "a-service, which said: no luck"));
    }

    #[test]
    fn a_signal_ends_the_wait_for_a_service_that_says_nothing() {
        let held = Held::back().expect("signals");
        // One that ends nobody does not.
        raise(Signal::SIGWINCH).expect("a signal");
        assert_eq!(held.arrived(), Ok(None));
        raise(Signal::SIGUSR1).expect("a signal");
        let fault = start("exec sleep 600", &held).expect_err("no service");
        assert_eq!((fault.errno.0, &*fault.call, fault.subject.as_str()), (libc::EINTR, NO_WORD, "a-service"));
        assert_eq!(held.arrived(), Ok(Some(libc::SIGUSR1)));
    }
}
