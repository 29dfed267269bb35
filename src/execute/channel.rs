//! What monitor, init and payload say to each other: small messages over one socket pair, whole or not at all.

use super::failure::{Cause, Confinement, Failure};
use super::step::Step;
use crate::error::{Errno, Fault};
use crate::sys::descriptors;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustix::buffer::spare_capacity;
use rustix::io::{Errno as Kernel, read, retry_on_intr, write};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A message; the socket keeps its bounds and order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Monitor to init: the ids are mapped.
    Release,
    /// Monitor to init: pass this signal on.
    Signal {
        /// Its number.
        signal: i32,
        /// Whether the whole process group of the payload gets it, as from a terminal, or the payload alone.
        to_group: bool,
    },
    /// Monitor to init: give the terminal to the payload, and let it continue.
    Foreground,
    /// Init or payload to monitor: a step failed, and its process ends.
    Failed(Failure),
    /// Init to monitor: the payload was stopped by this signal.
    Stopped(i32),
    /// Init to monitor: the payload goes on.
    Continued,
    /// Init to monitor: what the terminal sent to end the job does to the payload what that has chosen itself.
    TakenOn,
    /// Init to monitor: the payload has exited with this status.
    Exited(u8),
    /// Init to monitor: the payload was ended by this signal.
    Signalled(i32),
    /// Init to monitor: the payload was ended by this signal before the command took over.
    NeverStarted(i32),
}

/// One end of the channel.
#[derive(Debug)]
pub struct Channel(OwnedFd);

/// Longer texts are cut: a message must fit into one packet.
const TEXT_MAX: usize = 1024;
const MESSAGE_MAX: usize = 5 * TEXT_MAX;

impl Channel {
    /// Makes both ends, which close on exec.
    ///
    /// # Errors
    /// As socketpair(2).
    pub fn pair() -> Result<(Self, Self), Fault> {
        let (one, other) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
            .map_err(Fault::of("socketpair", ""))?;
        Ok((Self(one), Self(other)))
    }

    /// Sends a message, by write(2) alone: the payload's last words come after its filter is in place.
    ///
    /// # Errors
    /// EPIPE where the other side is gone.
    pub fn send(&self, message: &Message) -> Result<(), Fault> {
        let packet = message.encode();
        retry_on_intr(|| write(&self.0, &packet)).map(drop).map_err(Fault::of("write to", "the channel"))
    }

    /// Waits for a message; nothing where the other side is gone.
    ///
    /// # Errors
    /// EPROTO where the message makes no sense.
    pub fn receive(&self) -> Result<Option<Message>, Fault> {
        // Room for the longest, of which only what comes is ever touched.
        let mut packet = Vec::with_capacity(MESSAGE_MAX);
        loop {
            match read(&self.0, spare_capacity(&mut packet)) {
                Ok(_) => break,
                // Where the other side ended without reading all it was sent, the kernel says so once, and only then gives
                // the words that it left.
                Err(Kernel::INTR | Kernel::CONNRESET) => {}
                Err(errno) => return Err(Fault::of("read from", "the channel")(errno)),
            }
        }
        if packet.is_empty() {
            return Ok(None);
        }
        match Message::decode(&packet) {
            Some(message) => Ok(Some(message)),
            None => Err(Fault::of("understand a message on", "the channel")(Errno(libc::EPROTO))),
        }
    }

    /// Whether there is something to receive, the end included.
    ///
    /// # Errors
    /// As poll(2).
    pub fn has_news(&self) -> Result<bool, Fault> {
        let mut watched = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        poll(&mut watched, PollTimeout::ZERO).map(|ready| ready > 0).map_err(Fault::of("poll", "the channel"))
    }

    /// From here on, or no longer, this process is continued where it is stopped and there comes something to receive.
    ///
    /// # Errors
    /// As fcntl(2).
    pub fn rouse(&self, rouse: bool) -> Result<(), Fault> {
        let signal = rouse.then_some(libc::SIGCONT);
        descriptors::signal_on_news(self.as_fd(), signal).map_err(Fault::of("fcntl F_SETSIG", "the channel"))
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Message {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Release => vec![0],
            Self::Signal { signal, to_group } => vec![1, *signal as u8, u8::from(*to_group)],
            Self::Foreground => vec![2],
            Self::Failed(failure) => encode_failure(failure),
            Self::Stopped(signal) => vec![4, *signal as u8],
            Self::Exited(status) => vec![5, *status],
            Self::Signalled(signal) => vec![6, *signal as u8],
            Self::NeverStarted(signal) => vec![7, *signal as u8],
            Self::Continued => vec![8],
            Self::TakenOn => vec![9],
        }
    }

    fn decode(packet: &[u8]) -> Option<Self> {
        Some(match packet {
            [0] => Self::Release,
            [1, signal, to_group] => Self::Signal { signal: i32::from(*signal), to_group: *to_group != 0 },
            [2] => Self::Foreground,
            [3, step, rest @ ..] => Self::Failed(decode_failure(*step, rest)?),
            [4, signal] => Self::Stopped(i32::from(*signal)),
            [5, status] => Self::Exited(*status),
            [6, signal] => Self::Signalled(i32::from(*signal)),
            [7, signal] => Self::NeverStarted(i32::from(*signal)),
            [8] => Self::Continued,
            [9] => Self::TakenOn,
            _ => return None,
        })
    }
}

fn encode_failure(failure: &Failure) -> Vec<u8> {
    let mut packet = vec![3, failure.step as u8];
    let Cause::Refused(fault) = &failure.cause else { return packet };
    packet.extend(fault.errno.0.to_le_bytes());
    let (origin, profile) = (fault.asked_for_by.as_deref(), failure.confinement.as_deref());
    for text in [
        &*fault.call,
        &fault.subject,
        origin.unwrap_or_default(),
        profile.map(|confinement| &*confinement.profile).unwrap_or_default(),
    ] {
        let text = &text.as_bytes()[..text.len().min(TEXT_MAX)];
        packet.extend((text.len() as u16).to_le_bytes());
        packet.extend(text);
    }
    packet
}

fn decode_failure(step: u8, rest: &[u8]) -> Option<Failure> {
    let step = *Step::ALL.get(usize::from(step))?;
    if rest.is_empty() {
        return Some(Failure::vanished(step));
    }
    let (errno, mut rest) = rest.split_first_chunk()?;
    let mut text = || {
        let (length, after) = rest.split_first_chunk()?;
        let (text, after) = after.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        rest = after;
        Some(String::from_utf8_lossy(text).into_owned())
    };
    let (call, subject, origin, profile) = (text()?, text()?, text()?, text()?);
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let fault =
        Fault { call: call.into(), subject, errno: Errno(i32::from_le_bytes(*errno)), asked_for_by: given(origin) };
    let confinement = given(profile).map(|profile| Box::new(Confinement { profile }));
    Some(Failure { confinement, ..Failure::refused(step, fault) })
}

#[cfg(test)]
mod tests {
    use super::{Channel, Message};
    use crate::error::{Errno, Fault};
    use crate::execute::failure::{Confinement, Failure};
    use crate::execute::step::Step;

    #[test]
    fn every_message_arrives_as_it_was_sent() {
        let fault = Fault::of("bind on", "/cache")(Errno(libc::ENOENT)).asked_for_by("build.toml:14:1");
        let confined = Failure {
            confinement: Some(Box::new(Confinement { profile: "unprivileged_userns".into() })),
            ..Failure::refused(Step::BuildRoot, Fault::of("mount tmpfs on", "/")(Errno(libc::EACCES)))
        };
        let messages = [
            Message::Release,
            Message::Failed(confined),
            Message::Signal { signal: libc::SIGTERM, to_group: true },
            Message::Foreground,
            Message::Failed(Failure::refused(Step::BuildRoot, fault)),
            Message::Failed(Failure::refused(Step::Exec, Fault::of("execve", "x")(Errno(libc::ENOENT)))),
            Message::Stopped(libc::SIGTSTP),
            Message::Continued,
            Message::TakenOn,
            Message::Exited(255),
            Message::Signalled(libc::SIGKILL),
            Message::NeverStarted(libc::SIGSYS),
        ];
        let (one, other) = Channel::pair().expect("a channel");
        for message in messages {
            one.send(&message).expect("sent");
            assert_eq!(other.receive().expect("received"), Some(message));
        }
        drop(one);
        assert_eq!(other.receive().expect("the end"), None);
    }

    #[test]
    fn the_last_word_arrives_from_one_who_did_not_listen() {
        let (one, other) = Channel::pair().expect("a channel");
        other.send(&Message::Foreground).expect("sent");
        one.send(&Message::Signalled(libc::SIGKILL)).expect("sent");
        drop(one);
        assert_eq!(other.receive().expect("received"), Some(Message::Signalled(libc::SIGKILL)));
        assert_eq!(other.receive().expect("the end"), None);
    }

    #[test]
    fn a_message_too_long_is_cut_and_not_lost() {
        let (one, other) = Channel::pair().expect("a channel");
        let fault = Fault::of("bind on", "x".repeat(10_000))(Errno(libc::ENOENT));
        one.send(&Message::Failed(Failure::refused(Step::BuildRoot, fault))).expect("sent");
        assert!(matches!(other.receive(), Ok(Some(Message::Failed(_)))));
    }

    #[test]
    fn nonsense_is_no_message() {
        for packet in [&[99][..], &[1], &[3, 200], &[3, 0, 1], &[3, 0, 0, 0, 0, 0, 255, 255]] {
            assert_eq!(Message::decode(packet), None, "{packet:?}");
        }
    }
}
