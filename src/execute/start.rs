//! The start of the command, as the monitor sees it: whose pid the payload has outside, and that exec has happened.
//!
//! The payload holds one end of a line that closes on exec, and says a word into it just before. The kernel adds the
//! sender's pid to the word, as it is on the monitor's side. That the line is closed then does not prove that exec
//! succeeded, since a killed process closes all it has: the flags of the process do, or else the last word of init.

use super::channel::Message;
use crate::error::{Errno, Fault};
use rustix::io::IoSliceMut;
use rustix::net::sockopt::set_socket_passcred;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketFlags, SocketType, recvmsg, socketpair,
};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The flag of a process that has forked but not executed (PF_FORKNOEXEC, linux/sched.h).
const FORKED_NOT_EXECUTED: u64 = 0x40;
/// The namespaces that every process lives in (namespaces(7)), as `/proc/PID/ns` names them.
const NAMESPACES: [&str; 7] = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];

/// A sandbox whose command has taken over, by numbers that are valid outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The pid of the monitor, which is nsbox itself.
    pub nsbox: i32,
    /// The pid of the sandbox's first process.
    pub init: i32,
    /// The pid of the command.
    pub payload: i32,
    /// The inode of each namespace that init lives in, by its name in `/proc/PID/ns`.
    pub namespaces: BTreeMap<&'static str, u64>,
}

/// Who wants to hear of the start.
pub type Listener<'l> = &'l mut dyn FnMut(&Started);

/// The payload's end of the line.
#[derive(Debug)]
pub(super) struct Starter(OwnedFd);

impl AsFd for Starter {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The monitor's end of it, and what is known so far.
pub(super) struct StartLine<'l> {
    socket: OwnedFd,
    init: i32,
    payload: Option<i32>,
    namespaces: BTreeMap<&'static str, u64>,
    state: State,
    listener: Listener<'l>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The payload is on its way.
    Open,
    /// The line is closed, and the payload gone before it could be looked at.
    Closed,
    /// The command has taken over, or never will.
    Settled,
}

impl Starter {
    /// Makes both ends; the monitor's is still without a process to watch.
    pub fn pair() -> Result<(OwnedFd, Self), Fault> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
            .map_err(Fault::of("socketpair", ""))?;
        set_socket_passcred(&ours, true).map_err(Fault::of("setsockopt SO_PASSCRED", ""))?;
        Ok((ours, Self(theirs)))
    }

    /// Says that exec comes next. By write(2) alone: the filter is in place.
    ///
    /// # Errors
    /// As write(2): what could not be told would never be known to have started.
    pub fn announce(&self) -> Result<(), Fault> {
        let written = rustix::io::retry_on_intr(|| rustix::io::write(&self.0, &[0]));
        written.map(drop).map_err(Fault::of("write to", "the line of the start"))
    }
}

impl<'l> StartLine<'l> {
    /// Watches the payload of this init, which must not be sealed yet: then its namespaces could not be read.
    pub fn watch(socket: OwnedFd, init: i32, listener: Listener<'l>) -> Result<Self, Fault> {
        let inode = |name: &'static str| {
            let path = format!("/proc/{init}/ns/{name}");
            match std::fs::metadata(&path) {
                Ok(found) => Some(Ok((name, found.ino()))),
                // A kernel that was built without this kind.
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => Some(Err(Fault::of("stat", path)(error))),
            }
        };
        let namespaces = NAMESPACES.into_iter().filter_map(inode).collect::<Result<_, _>>()?;
        Ok(Self { socket, init, payload: None, namespaces, state: State::Open, listener })
    }

    /// What is to be watched; nothing where there is nothing more to come.
    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        (self.state == State::Open).then(|| self.socket.as_fd())
    }

    /// Reads what the payload says, and tells of the start where that has happened beyond doubt.
    pub fn hear(&mut self) -> Result<(), Fault> {
        while self.state == State::Open {
            match self.receive()? {
                Heard::Nothing => break,
                Heard::Payload(pid) => self.payload = Some(pid),
                Heard::End => match self.payload.map(|pid| has_executed(Path::new("/proc"), pid)) {
                    Some(Some(true)) => self.tell(),
                    Some(None) => self.state = State::Closed,
                    Some(Some(false)) | None => self.state = State::Settled,
                },
            }
        }
        Ok(())
    }

    /// As [`StartLine::hear`], after init's last word: a command that has ended had been started.
    pub fn settle(&mut self, last: Option<&Message>) -> Result<(), Fault> {
        self.hear()?;
        if self.state != State::Settled && matches!(last, Some(Message::Exited(_) | Message::Signalled(_))) {
            self.tell();
        }
        Ok(())
    }

    fn tell(&mut self) {
        self.state = State::Settled;
        if let Some(payload) = self.payload {
            let (nsbox, namespaces) = (std::process::id() as i32, std::mem::take(&mut self.namespaces));
            (self.listener)(&Started { nsbox, init: self.init, payload, namespaces });
        }
    }

    fn receive(&self) -> Result<Heard, Fault> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut word = [0];
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let received = loop {
            match recvmsg(&self.socket, &mut [IoSliceMut::new(&mut word)], &mut ancillary, flags) {
                Ok(message) => break message.bytes,
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return Ok(Heard::Nothing),
                Err(rustix::io::Errno::CONNRESET) => break 0,
                Err(errno) => return Err(Fault::of("recvmsg", "the payload's announcement")(errno)),
            }
        };
        if received == 0 {
            return Ok(Heard::End);
        }
        let sender = ancillary.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmCredentials(sender) => Some(sender.pid.as_raw_nonzero().get()),
            _ => None,
        });
        let unsigned = Fault::of("recvmsg", "an announcement without a sender");
        sender.map(Heard::Payload).ok_or_else(|| unsigned(Errno(libc::EPROTO)))
    }
}

/// What the monitor hears on the line.
enum Heard {
    Nothing,
    /// The payload, which has this pid outside, is about to execute.
    Payload(i32),
    /// The line is closed.
    End,
}

/// Whether a process that has not been reaped yet had executed something; nothing where it cannot be looked at.
pub(super) fn has_executed(proc: &Path, pid: i32) -> Option<bool> {
    let stat = std::fs::read_to_string(proc.join(format!("{pid}/stat"))).ok()?;
    // The name, in parentheses, may hold anything; `flags` is the seventh field after it (proc_pid_stat(5)).
    let flags = stat.rsplit(')').next()?.split_ascii_whitespace().nth(6)?.parse::<u64>().ok()?;
    Some(flags & FORKED_NOT_EXECUTED == 0)
}

#[cfg(test)]
mod tests {
    use super::has_executed;
    use std::path::Path;

    #[test]
    fn a_program_has_executed_and_a_process_that_is_gone_cannot_be_asked() {
        let proc = Path::new("/proc");
        assert_eq!(has_executed(proc, std::process::id() as i32), Some(true));
        assert_eq!(has_executed(proc, i32::MAX), None);
    }
}
