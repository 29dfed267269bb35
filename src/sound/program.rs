//! A program that is connected to the filter, and its own connection to the server.

use super::answers::Answers;
use super::packet::Malformed;
use super::requests::{Requests, Terms};
use super::rules::Own;
use nix::poll::{PollFd, PollFlags};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
    UCred, connect, sendmsg, socket_with,
};
use rustix::process::{getgid, getpid, getuid};
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// How much is read at once, in bytes.
const CHUNK: usize = 16 << 10;
/// How much may wait to be written before nothing more is read that would add to it, in bytes.
const WAITING_MAX: usize = 64 << 10;

/// Why a connection ends.
#[derive(Debug)]
pub struct Ended;

impl From<Malformed> for Ended {
    fn from(_: Malformed) -> Self {
        Self
    }
}

/// A program.
#[derive(Debug)]
pub struct Program {
    stream: UnixStream,
    server: Option<Server>,
    requests: Requests,
    answers: Answers,
    own: Own,
    /// What waits to be written to the server and to the program.
    on: Vec<u8>,
    down: Vec<u8>,
    /// Answers of the filter that wait for the end of a packet of the server.
    back: Vec<u8>,
}

#[derive(Debug)]
struct Server {
    stream: UnixStream,
    /// Whether it knows by whom it is asked.
    knows_us: bool,
    /// Whether it has closed the connection.
    is_done: bool,
}

impl Program {
    /// One that has just connected.
    pub fn new(stream: UnixStream) -> Self {
        let (requests, answers, own) = (Requests::default(), Answers::default(), Own::default());
        Self { stream, server: None, requests, answers, own, on: Vec::new(), down: Vec::new(), back: Vec::new() }
    }

    /// Whether it has asked nothing so far of which a server would know.
    pub fn is_idle(&self) -> bool {
        self.server.is_none()
    }

    /// What is waited for, of the program and of the server.
    pub fn interests(&self) -> [Option<PollFd<'_>>; 2] {
        let interest = |stream, reads: bool, writes: bool| {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::POLLIN, reads);
            flags.set(PollFlags::POLLOUT, writes);
            // One that is not waited for at all would be reported all the time once it is closed.
            (!flags.is_empty()).then_some((stream, flags))
        };
        let is_open = self.server.as_ref().is_none_or(|server| !server.is_done);
        // What comes adds to all three: one who asks and never listens is heard no more.
        let reads = is_open && [&self.on, &self.down, &self.back].iter().all(|bytes| bytes.len() < WAITING_MAX);
        let program = interest(&self.stream, reads, !self.down.is_empty() || !is_open);
        let server = self.server.as_ref().filter(|server| !server.is_done);
        let server =
            server.and_then(|server| interest(&server.stream, self.down.len() < WAITING_MAX, !self.on.is_empty()));
        [program, server].map(|interest| interest.map(|(stream, flags)| PollFd::new(stream.as_fd(), flags)))
    }

    /// Does what can be done without waiting.
    ///
    /// # Errors
    /// Where the connection ends.
    pub fn go_on(&mut self, [program, server]: [PollFlags; 2], terms: &Terms, socket: &Path) -> Result<(), Ended> {
        let mut chunk = [0; CHUNK];
        if can_read(program) {
            let come = read(&self.stream, &mut chunk)?.ok_or(Ended)?;
            self.requests.take(come, (terms, &self.own), &mut self.on, &mut self.back)?;
            if self.server.is_none() && self.requests.is_let_in() {
                self.server = Some(Server::open(socket)?);
            }
        }
        if let Some(opened) = self.server.as_mut().filter(|_| can_read(server)) {
            match read(&opened.stream, &mut chunk)? {
                Some(come) => self.answers.take(come, &mut self.own, &mut self.down, &mut self.back),
                None => opened.is_done = true,
            }
        }
        self.answers.interject(&mut self.down, &mut self.back);
        if let Some(opened) = self.server.as_mut().filter(|opened| !opened.is_done) {
            opened.write(&mut self.on)?;
        }
        write(&self.stream, &mut self.down)?;
        match &self.server {
            Some(opened) if opened.is_done && self.down.is_empty() => Err(Ended),
            _ => Ok(()),
        }
    }
}

impl Server {
    fn open(socket: &Path) -> Result<Self, Ended> {
        // One that does not take the connection at once would hold up all the other programs.
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let stream = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).map_err(|_| Ended)?;
        let address = SocketAddrUnix::new(socket).map_err(|_| Ended)?;
        connect(&stream, &address).map_err(|_| Ended)?;
        Ok(Self { stream: stream.into(), knows_us: false, is_done: false })
    }

    fn write(&mut self, bytes: &mut Vec<u8>) -> Result<(), Ended> {
        if self.knows_us || bytes.is_empty() {
            return write(&self.stream, bytes);
        }
        // By these a server of PulseAudio lets in its own user, and else by the cookie (SCM_CREDENTIALS of unix(7)).
        let we = UCred { pid: getpid(), uid: getuid(), gid: getgid() };
        let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
        let mut beside = SendAncillaryBuffer::new(&mut room);
        beside.push(SendAncillaryMessage::ScmCredentials(we));
        match sendmsg(&self.stream, &[IoSlice::new(bytes)], &mut beside, SendFlags::NOSIGNAL) {
            Ok(written) => {
                bytes.drain(..written);
                self.knows_us = true;
                Ok(())
            }
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(()),
            Err(_) => Err(Ended),
        }
    }
}

/// Whether reading would give something: bytes, or the end.
fn can_read(flags: PollFlags) -> bool {
    flags.intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR)
}

/// Reads what there is; nothing at the end. Descriptors that come along are closed by the kernel, as nobody asks for them.
fn read<'c>(mut stream: &UnixStream, chunk: &'c mut [u8; CHUNK]) -> Result<Option<&'c [u8]>, Ended> {
    match stream.read(chunk) {
        Ok(0) => Ok(None),
        Ok(length) => Ok(Some(&chunk[..length])),
        Err(error) if is_early(&error) => Ok(Some(&[])),
        Err(_) => Err(Ended),
    }
}

/// Writes as much as is taken now.
fn write(mut stream: &UnixStream, bytes: &mut Vec<u8>) -> Result<(), Ended> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(written) => bytes.drain(..written),
            Err(error) if is_early(&error) => return Ok(()),
            Err(_) => return Err(Ended),
        };
    }
    Ok(())
}

fn is_early(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
