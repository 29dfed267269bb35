//! A conversation with the session's Wayland compositor, of the few words that a sandbox needs of it.

mod reception;
mod wire;

use crate::error::{Errno, Fault};
use reception::SECURITY_CONTEXT_MANAGER;
pub use reception::{Powers, Reception};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
    connect, sendmsg, socket_with,
};
use std::fmt;
use std::io::{ErrorKind, IoSlice, Read};
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
pub use wire::Request;
use wire::{Event, Malformed};

/// How long the whole conversation may take: a session that has just begun is busy. A signal ends it at once.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much the compositor may say in it, in bytes; a hundred globals are about 5 KiB.
const SAID_MAX: usize = 1 << 17;
/// How much of its reason for an error is shown, in characters.
const REASON_MAX: usize = 400;
/// How many descriptors go with requests at most.
const DESCRIPTORS_MAX: usize = 2;

/// The objects that every conversation here begins with; the first is there from the start.
const DISPLAY: u32 = 1;
const REGISTRY: u32 = 2;

/// The requests and events of these (wayland.xml).
mod opcode {
    pub const DISPLAY_SYNC: u16 = 0;
    pub const DISPLAY_GET_REGISTRY: u16 = 1;
    pub const DISPLAY_ERROR: u16 = 0;
    pub const DISPLAY_DELETE_ID: u16 = 1;
    pub const REGISTRY_BIND: u16 = 0;
    pub const REGISTRY_GLOBAL: u16 = 0;
    pub const REGISTRY_GLOBAL_REMOVE: u16 = 1;
    pub const CALLBACK_DONE: u16 = 0;
}

/// What a compositor offers, by the name that it has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Global {
    name: u32,
    interface: String,
}

/// A connection to a compositor.
#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    socket: PathBuf,
    /// When patience ends.
    until: Instant,
    /// What was heard and not yet understood.
    heard: Vec<u8>,
    /// How much was heard in all, in bytes.
    said: usize,
    globals: Vec<Global>,
    /// The last object that was made.
    last: u32,
}

/// How the compositor at a socket takes the programs of a sandbox.
///
/// # Errors
/// As for every word of a [`Connection`].
pub fn ask_reception(socket: &Path) -> Result<Reception, Fault> {
    Ok(Connection::open(socket)?.reception())
}

impl Connection {
    /// Connects, and hears what the compositor offers.
    ///
    /// # Errors
    /// ETIMEDOUT where it does not answer in time, ECONNRESET where it hangs up, EPROTO where it answers with an error, which is
    /// shown, or with what makes no sense; else as connect(2), sendmsg(2) and recv(2).
    pub fn open(socket: &Path) -> Result<Self, Fault> {
        let until = Instant::now() + PATIENCE;
        let stream = dial(socket, until).map_err(Fault::of("connect to", Compositor(socket)))?;
        let (heard, globals) = (Vec::new(), Vec::new());
        let mut connection = Self { stream, socket: socket.to_owned(), until, heard, said: 0, globals, last: REGISTRY };
        let registry = Request::new(DISPLAY, opcode::DISPLAY_GET_REGISTRY).word(REGISTRY);
        connection.ask(vec![registry], &[])?;
        Ok(connection)
    }

    /// How the compositor takes the programs of a sandbox.
    pub fn reception(&self) -> Reception {
        Reception::of(&self.globals)
    }

    /// The name of the security context manager, if there is one.
    fn security_context_manager(&self) -> Option<u32> {
        self.globals.iter().find(|global| global.interface == SECURITY_CONTEXT_MANAGER).map(|global| global.name)
    }

    /// The request for the security context manager, and the object that it makes; nothing where the compositor has none.
    pub fn bind_security_context_manager(&mut self) -> Option<(Request, u32)> {
        let name = self.security_context_manager()?;
        let object = self.new_object();
        // The first version has all that is needed.
        let bind = Request::new(REGISTRY, opcode::REGISTRY_BIND).word(name);
        Some((bind.text(SECURITY_CONTEXT_MANAGER).word(1).word(object), object))
    }

    /// The number of an object that the next request makes: each is one more than the last.
    pub fn new_object(&mut self) -> u32 {
        self.last += 1;
        self.last
    }

    /// Sends requests, with at most two descriptors, and waits until the compositor has done all that they ask for.
    ///
    /// # Errors
    /// As [`Connection::open`].
    pub fn ask(&mut self, mut requests: Vec<Request>, descriptors: &[BorrowedFd<'_>]) -> Result<(), Fault> {
        let callback = self.new_object();
        requests.push(Request::new(DISPLAY, opcode::DISPLAY_SYNC).word(callback));
        // At once: whoever hangs up after an error has heard all, so that its reason is still to be read.
        let bytes = requests.into_iter().map(Request::bytes).collect::<Vec<_>>().concat();
        self.send(&bytes, descriptors)?;
        self.hear_until(callback)
    }

    fn send(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> Result<(), Fault> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        let mut sent = 0;
        while sent < bytes.len() {
            let rest = [IoSlice::new(&bytes[sent..])];
            match sendmsg(&self.stream, &rest, &mut ancillary, SendFlags::NOSIGNAL) {
                Ok(count) => {
                    sent += count;
                    ancillary.clear();
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(Fault::of("speak to", Compositor(&self.socket))(or_late(errno))),
            }
        }
        Ok(())
    }

    /// Hears what the compositor says until that callback is done.
    fn hear_until(&mut self, callback: u32) -> Result<(), Fault> {
        loop {
            let bytes = std::mem::take(&mut self.heard);
            let mut rest = bytes.as_slice();
            while let Some((event, after)) = Event::take(rest).map_err(|malformed| self.nonsense(malformed))? {
                rest = after;
                if self.hear(event, callback)? {
                    self.heard = rest.to_vec();
                    return Ok(());
                }
            }
            self.heard = rest.to_vec();
            self.receive()?;
        }
    }

    /// Takes an event in, and says whether it is the callback's.
    fn hear(&mut self, event: Event<'_>, callback: u32) -> Result<bool, Fault> {
        match Said::of(event, callback).map_err(|malformed| self.nonsense(malformed))? {
            Said::Done => return Ok(true),
            Said::Error(reason) => {
                let reason: String = reason.chars().take(REASON_MAX).flat_map(char::escape_debug).collect();
                let subject = format!("{}, which said: {reason}", Compositor(&self.socket));
                return Err(Fault::of("come to terms with", subject)(Errno(libc::EPROTO)));
            }
            Said::Global(global) => self.globals.push(global),
            Said::GlobalRemove(name) => self.globals.retain(|global| global.name != name),
            Said::DeleteId => {}
        }
        Ok(false)
    }

    /// Receives what comes next. Descriptors are not taken from whoever sends them.
    fn receive(&mut self) -> Result<(), Fault> {
        let late = || Fault::of("wait for an answer of", Compositor(&self.socket))(Errno(libc::ETIMEDOUT));
        let mut bytes = [0; 4096];
        let count = loop {
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(late());
            }
            match self.stream.set_read_timeout(Some(left)).and_then(|()| (&self.stream).read(&mut bytes)) {
                Ok(count) => break count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(late()),
                Err(error) => return Err(Fault::of("hear from", Compositor(&self.socket))(error)),
            }
        };
        self.said += count;
        match count {
            0 => Err(Fault::of("hear from", Compositor(&self.socket))(Errno(libc::ECONNRESET))),
            _ if self.said > SAID_MAX => Err(self.nonsense(Malformed)),
            _ => {
                self.heard.extend(&bytes[..count]);
                Ok(())
            }
        }
    }

    fn nonsense(&self, _: Malformed) -> Fault {
        Fault::of("understand", Compositor(&self.socket))(Errno(libc::EPROTO))
    }
}

/// What an event of this conversation says.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Done,
    Error(String),
    DeleteId,
    Global(Global),
    GlobalRemove(u32),
}

impl Said {
    /// Understands an event; of other objects than these there can be none, and of these no others.
    fn of(event: Event<'_>, callback: u32) -> Result<Self, Malformed> {
        let Event { object, opcode, mut arguments } = event;
        let said = match (object, opcode) {
            (DISPLAY, opcode::DISPLAY_ERROR) => {
                let (_object, _code) = (arguments.word()?, arguments.word()?);
                Self::Error(arguments.text()?)
            }
            (DISPLAY, opcode::DISPLAY_DELETE_ID) => {
                arguments.word()?;
                Self::DeleteId
            }
            (REGISTRY, opcode::REGISTRY_GLOBAL) => {
                let (name, interface, _version) = (arguments.word()?, arguments.text()?, arguments.word()?);
                Self::Global(Global { name, interface })
            }
            (REGISTRY, opcode::REGISTRY_GLOBAL_REMOVE) => Self::GlobalRemove(arguments.word()?),
            (object, opcode::CALLBACK_DONE) if object == callback => {
                arguments.word()?;
                Self::Done
            }
            _ => return Err(Malformed),
        };
        arguments.end()?;
        Ok(said)
    }
}

/// Connects to a socket; one whose queue is full is not waited for without end.
fn dial(path: &Path, until: Instant) -> rustix::io::Result<UnixStream> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&socket, Timeout::Send, Some(PATIENCE))?;
    let address = SocketAddrUnix::new(path)?;
    loop {
        match connect(&socket, &address) {
            Ok(()) => return Ok(UnixStream::from(socket)),
            // A call with a timeout is not begun again by itself, not even where its process was stopped meanwhile (signal(7)).
            Err(rustix::io::Errno::INTR) if Instant::now() < until => {}
            Err(rustix::io::Errno::INTR) => return Err(rustix::io::Errno::TIMEDOUT),
            Err(errno) => return Err(or_late(errno)),
        }
    }
}

/// An error of a socket with a timeout, whose end the kernel tells in another way (socket(7)).
fn or_late(errno: rustix::io::Errno) -> rustix::io::Errno {
    if errno == rustix::io::Errno::AGAIN { rustix::io::Errno::TIMEDOUT } else { errno }
}

/// A compositor, as messages name it.
struct Compositor<'p>(&'p Path);

impl fmt::Display for Compositor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the compositor at {}", self.0.display())
    }
}

#[cfg(test)]
mod tests;
