//! The person's side of a terminal of the sandbox's own: keystrokes go in, what is written comes out, until nothing is left.

use crate::error::{Errno, Fault};
use crate::isolate::pty::{Pty, Streams};
use nix::sys::termios::{OutputFlags, SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::{Errno as Kernel, IoSlice, IoSliceMut, read, retry_on_intr, write};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use rustix::termios::tcsetwinsize;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// More than the kernel keeps of what was written to a pseudo-terminal, in bytes (`TTYB_DEFAULT_MEM_LIMIT` and
/// `N_TTY_BUF_SIZE`, drivers/tty).
const KEPT_MAX: usize = 1 << 18;

/// Init's end of the line on which the pseudo-terminal is handed over.
#[derive(Debug)]
pub(super) struct Handover(OwnedFd);

impl Handover {
    /// Makes both ends.
    pub fn pair() -> Result<(OwnedFd, Self), Fault> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
            .map_err(Fault::of("socketpair", ""))?;
        Ok((ours, Self(theirs)))
    }

    /// Hands the person's side over to the monitor, and keeps the other.
    pub fn give(self, pty: Pty) -> Result<OwnedFd, Fault> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let side = [pty.person.as_fd()];
        ancillary.push(SendAncillaryMessage::ScmRights(&side));
        retry_on_intr(|| sendmsg(&self.0, &[IoSlice::new(&[0])], &mut ancillary, SendFlags::NOSIGNAL))
            .map_err(Fault::of("sendmsg", "the terminal"))?;
        Ok(pty.programs)
    }
}

/// The monitor's part.
pub(super) struct Relay<'s> {
    streams: &'s Streams,
    side: Side,
    /// What the person typed and the payload has not taken yet.
    typed: Vec<u8>,
    /// Whether the last that the payload wrote was a carriage return, which is yet to be shown.
    holds_return: bool,
    /// Whether the payload wants keystrokes: from the start, or because it has asked for them.
    is_asked_for: bool,
    /// Whether keystrokes are passed on: only while they are wanted, and this is the job in the foreground.
    is_listening: bool,
    /// The modes in which the caller's terminal was found when that began.
    found: Option<Termios>,
    /// Whether the sandbox's terminal has yet to get them, since it was opened while this job was in the background.
    owes_modes: bool,
}

enum Side {
    /// The terminal is yet to be handed over.
    Awaited(OwnedFd),
    /// The person's side of it.
    Open(OwnedFd),
    /// There is none, or no more.
    Gone,
}

/// What there is to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    pub terminal: bool,
    pub keystrokes: bool,
}

impl<'s> Relay<'s> {
    /// Awaits a terminal on the monitor's end of the line.
    pub fn new(streams: &'s Streams, line: OwnedFd) -> Self {
        Self {
            streams,
            side: Side::Awaited(line),
            typed: Vec::new(),
            holds_return: false,
            is_asked_for: streams.is_interactive(),
            is_listening: false,
            found: None,
            owes_modes: streams.keys().is_some() && streams.lacks_modes(),
        }
    }

    /// What is to be watched of the terminal: for reading always, and whether also for writing.
    pub fn terminal(&self) -> Option<(BorrowedFd<'_>, bool)> {
        match &self.side {
            Side::Awaited(line) => Some((line.as_fd(), false)),
            Side::Open(side) => Some((side.as_fd(), !self.typed.is_empty())),
            Side::Gone => None,
        }
    }

    /// Whether keystrokes are passed on.
    pub fn is_listening(&self) -> bool {
        self.is_listening
    }

    /// Where keystrokes are to be watched for: not before those that came have gone.
    pub fn keys(&self) -> Option<BorrowedFd<'s>> {
        let wants_more = self.is_listening && self.typed.is_empty() && matches!(self.side, Side::Open(_));
        self.streams.keys().filter(|_| wants_more)
    }

    /// Passes on what there is, as far as it can be without waiting.
    pub fn pass_on(&mut self, ready: Ready) -> Result<(), Fault> {
        if ready.terminal {
            if let Side::Awaited(line) = &self.side {
                self.side = receive(line)?.map_or(Side::Gone, Side::Open);
                return self.resume().map(drop);
            }
            self.push()?;
            self.pull().map(drop)?;
        }
        if let Some(keys) = self.keys().filter(|_| ready.keystrokes) {
            let mut typed = [0; 4096];
            match read(keys, &mut typed) {
                // The terminal has gone away.
                Ok(0) | Err(Kernel::IO) => self.is_listening = false,
                Ok(length) => self.typed.extend(&typed[..length]),
                Err(Kernel::INTR | Kernel::AGAIN) => {}
                Err(errno) => return Err(Fault::of("read from", "the terminal")(errno)),
            }
            self.push()?;
        }
        Ok(())
    }

    /// Gives the payload what was typed, as much as it takes.
    fn push(&mut self) -> Result<(), Fault> {
        let Side::Open(side) = &self.side else { return Ok(()) };
        while !self.typed.is_empty() {
            match write(side, &self.typed) {
                Ok(length) => drop(self.typed.drain(..length)),
                Err(Kernel::INTR) => {}
                Err(Kernel::AGAIN) => break,
                // No program has the other side open any more.
                Err(Kernel::IO) => self.typed.clear(),
                Err(errno) => return Err(Fault::of("write to", "the sandbox's terminal")(errno)),
            }
        }
        Ok(())
    }

    /// Shows the person what the payload wrote, as much as there is; gives how many bytes that was.
    fn pull(&mut self) -> Result<usize, Fault> {
        let Side::Open(side) = &self.side else { return Ok(0) };
        let held = usize::from(self.holds_return);
        let mut written = [b'\r'; 16384];
        match read(side, &mut written[held..]) {
            Ok(0) | Err(Kernel::IO) => self.side = Side::Gone,
            Ok(length) => return self.show(&mut written[..held + length]).map(|()| length),
            Err(Kernel::INTR | Kernel::AGAIN) => {}
            Err(errno) => return Err(Fault::of("read from", "the sandbox's terminal")(errno)),
        }
        Ok(0)
    }

    /// Shows the person something; but a carriage return at its end only when it is known what follows.
    fn show(&mut self, written: &mut [u8]) -> Result<(), Fault> {
        let mut shown = written.len();
        self.holds_return = self.ends_lines() && written.ends_with(b"\r");
        if self.ends_lines() {
            shown = join_lines(&mut written[..shown - usize::from(self.holds_return)]);
        }
        write_whole(self.streams.terminal(), &written[..shown])
    }

    /// Whether the caller's terminal is in modes of its own, in which it ends lines by itself, as the other one has done already.
    fn ends_lines(&self) -> bool {
        let ending = OutputFlags::OPOST | OutputFlags::ONLCR;
        !self.is_listening && tcgetattr(self.streams.terminal()).is_ok_and(|modes| modes.output_flags.contains(ending))
    }

    /// Shows what is left of a sandbox that has ended: the kernel keeps it until it is read. No more than that, since the
    /// payload may have handed the other side to somebody who lives on, and writes on.
    pub fn drain(&mut self) -> Result<(), Fault> {
        if let Side::Awaited(line) = &self.side {
            self.side = receive(line)?.map_or(Side::Gone, Side::Open);
        }
        let mut left = KEPT_MAX;
        while left > 0 {
            match self.pull()? {
                0 => break,
                shown => left = left.saturating_sub(shown),
            }
        }
        if std::mem::take(&mut self.holds_return) { write_whole(self.streams.terminal(), b"\r") } else { Ok(()) }
    }

    /// Gives the sandbox's terminal the size of the caller's, which tells its programs.
    pub fn resize(&self) -> Result<(), Fault> {
        match (&self.side, self.streams.size()) {
            (Side::Open(side), Some(size)) => tcsetwinsize(side, size).map_err(Fault::of("ioctl TIOCSWINSZ", "")),
            _ => Ok(()),
        }
    }

    /// Whether somebody types and looks on, so that keystrokes can be passed on when this is the job in the foreground.
    pub fn has_person(&self) -> bool {
        self.streams.keys().is_some() && matches!(self.side, Side::Open(_))
    }

    /// Takes it that the payload wants keystrokes from now on; says whether they can be passed on at once.
    pub fn ask(&mut self) -> bool {
        self.is_asked_for = true;
        self.has_person() && self.streams.is_in_front()
    }

    /// Listens to keystrokes as they come, if they are wanted and this is the job in the foreground; says whether it does.
    pub fn resume(&mut self) -> Result<bool, Fault> {
        let listens = self.is_asked_for && self.has_person() && self.streams.is_in_front();
        let is_new = !std::mem::replace(&mut self.is_listening, listens);
        if self.is_listening {
            let terminal = self.streams.terminal();
            if is_new {
                self.found = tcgetattr(terminal).ok();
                self.settle_modes()?;
            }
            if let Some(mut raw) = self.found.clone() {
                cfmakeraw(&mut raw);
                tcsetattr(terminal, SetArg::TCSADRAIN, &raw).map_err(Fault::of("tcsetattr", ""))?;
            }
        }
        self.resize()?;
        Ok(self.is_listening)
    }

    /// Gives the sandbox's terminal the modes of the caller's, if it has none of them yet.
    fn settle_modes(&mut self) -> Result<(), Fault> {
        match (&self.side, &self.found) {
            (Side::Open(side), Some(modes)) if std::mem::take(&mut self.owes_modes) => {
                tcsetattr(side, SetArg::TCSANOW, modes).map_err(Fault::of("tcsetattr", "the sandbox's terminal"))
            }
            _ => Ok(()),
        }
    }

    /// Leaves the caller's terminal as it was found; says whether it was in use.
    pub fn pause(&mut self) -> Result<bool, Fault> {
        let was_listening = std::mem::take(&mut self.is_listening);
        if let Some(modes) = self.found.as_ref().filter(|_| was_listening) {
            tcsetattr(self.streams.terminal(), SetArg::TCSADRAIN, modes).map_err(Fault::of("tcsetattr", ""))?;
        }
        Ok(was_listening)
    }
}

impl Drop for Relay<'_> {
    fn drop(&mut self) {
        // A terminal that has gone away meanwhile needs no restoring.
        drop(self.pause());
    }
}

/// Takes the person's side from the line; nothing where init ended before.
fn receive(line: &OwnedFd) -> Result<Option<OwnedFd>, Fault> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut word = [0];
    let received =
        retry_on_intr(|| recvmsg(line, &mut [IoSliceMut::new(&mut word)], &mut ancillary, RecvFlags::CMSG_CLOEXEC));
    match received {
        Ok(_) => {}
        Err(Kernel::CONNRESET) => return Ok(None),
        Err(errno) => return Err(Fault::of("recvmsg", "the terminal")(errno)),
    }
    let side = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut sides) => sides.next(),
        _ => None,
    });
    let Some(side) = side else { return Ok(None) };
    let flags = fcntl_getfl(&side).map_err(Fault::of("fcntl F_GETFL", ""))?;
    fcntl_setfl(&side, flags | OFlags::NONBLOCK).map_err(Fault::of("fcntl F_SETFL", ""))?;
    Ok(Some(side))
}

/// Takes out each carriage return that a line feed follows, and gives the length of what is left.
fn join_lines(text: &mut [u8]) -> usize {
    let mut length = 0;
    for index in 0..text.len() {
        if text[index] != b'\r' || text.get(index + 1) != Some(&b'\n') {
            text[length] = text[index];
            length += 1;
        }
    }
    length
}

/// Writes all of it, waiting where the person's terminal takes no more; one that has gone away takes everything.
fn write_whole(terminal: BorrowedFd<'_>, mut text: &[u8]) -> Result<(), Fault> {
    while !text.is_empty() {
        match write(terminal, text) {
            Ok(length) => text = &text[length..],
            Err(Kernel::INTR) => {}
            Err(Kernel::AGAIN) => await_room(terminal)?,
            Err(Kernel::IO | Kernel::PIPE) => return Ok(()),
            Err(errno) => return Err(Fault::of("write to", "the terminal")(errno)),
        }
    }
    Ok(())
}

fn await_room(terminal: BorrowedFd<'_>) -> Result<(), Fault> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    match poll(&mut [PollFd::new(terminal, PollFlags::POLLOUT)], PollTimeout::NONE) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(errno) => Err(Fault::of("poll", "")(Errno::from(errno))),
    }
}

#[cfg(test)]
mod tests {
    use super::join_lines;

    #[test]
    fn only_what_ends_a_line_is_taken_out() {
        let mut text = *b"one\r\ntwo\rthree\r\r\n\nfour\r";
        let length = join_lines(&mut text);
        assert_eq!(&text[..length], b"one\ntwo\rthree\r\n\nfour\r");
    }
}
