//! The filter as a process: one thread, a number of programs that is bounded, and for each a number of bytes that is.

use super::program::Program;
use super::requests::{COOKIE, Terms};
use super::{SERVED, SERVER, SERVER_COOKIE};
use crate::error::Fault;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::Duration;

/// How many programs are served at a time: half of those that a server of PulseAudio takes of all of the session
/// (`MAX_CONNECTIONS` of its `protocol-native.c`).
const PROGRAMS_MAX: usize = 32;
/// How long nobody is let in where descriptors have run out.
const PAUSE: Duration = Duration::from_millis(20);

/// Filters until nobody holds the other end of `lifeline`, to which it writes once it can be reached.
///
/// # Errors
/// As bind(2), listen(2), read(2), write(2) and poll(2).
pub fn serve(lifeline: &OwnedFd, may_record: bool) -> Result<(), Fault> {
    let listener = UnixListener::bind(SERVED).map_err(Fault::of("bind", SERVED))?;
    listener.set_nonblocking(true).map_err(Fault::of("set O_NONBLOCK of", SERVED))?;
    let terms = Terms { cookie: cookie()?, may_record };
    rustix::io::write(lifeline, b"!").map_err(Fault::of("write to", "the lifeline"))?;
    let mut programs: Vec<Program> = Vec::new();
    loop {
        let mut waited =
            vec![PollFd::new(lifeline.as_fd(), PollFlags::empty()), PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
        let interests: Vec<_> = programs.iter().map(Program::interests).collect();
        waited.extend(interests.iter().flatten().flatten().cloned());
        match poll(&mut waited, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            ready => ready.map_err(Fault::of("poll", ""))?,
        };
        let mut flags = waited.iter().map(|ready| ready.revents().unwrap_or(PollFlags::empty()));
        let mut next = || flags.next().unwrap_or(PollFlags::empty());
        if !next().is_empty() {
            return Ok(());
        }
        let may_come = !next().is_empty();
        let ready: Vec<_> = interests
            .iter()
            .map(|of| of.each_ref().map(|waited| waited.as_ref().map_or(PollFlags::empty(), |_| next())))
            .collect();
        let mut ready = ready.into_iter();
        programs.retain_mut(|program| {
            let ready = ready.next().unwrap_or([PollFlags::empty(); 2]);
            ready.iter().all(|flags| flags.is_empty()) || program.go_on(ready, &terms, Path::new(SERVER)).is_ok()
        });
        if may_come {
            let_in(&listener, &mut programs);
        }
    }
}

/// Takes the next program, in the place of the first that has asked nothing yet where there is no other.
fn let_in(listener: &UnixListener, programs: &mut Vec<Program>) {
    match listener.accept() {
        Ok((stream, _)) if stream.set_nonblocking(true).is_ok() => {
            if programs.len() >= PROGRAMS_MAX {
                let Some(idle) = programs.iter().position(Program::is_idle) else { return };
                programs.remove(idle);
            }
            programs.push(Program::new(stream));
        }
        Err(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM)) => {
            std::thread::sleep(PAUSE);
        }
        _ => {}
    }
}

/// What the server lets programs in by; nothing of it where it has none, and knows its own user.
fn cookie() -> Result<[u8; COOKIE], Fault> {
    let mut cookie = [0; COOKIE];
    match std::fs::read(SERVER_COOKIE) {
        Ok(read) => {
            let length = read.len().min(COOKIE);
            cookie[..length].copy_from_slice(&read[..length]);
            Ok(cookie)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(cookie),
        Err(error) => Err(Fault::of("read", SERVER_COOKIE)(error)),
    }
}
