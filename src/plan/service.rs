//! What programs of the desktop talk to: services that the payload reaches by sockets of the sandbox's own.

use super::x11::{HostDisplay, XServer};
use super::{Origin, encoding};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where the sockets of the services are inside, each in a folder of its service's name.
pub const SOCKETS: &str = "/run/nsbox";
/// The name of a Wayland compositor's socket in its folder there, and in the runtime folder inside.
pub const WAYLAND_SOCKET: &str = "wayland-0";

/// A service of the caller's session, or a stand-in for one, that is there for this sandbox alone and ends with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Service {
    /// Which.
    pub kind: ServiceKind,
    /// Who asked for it.
    pub origin: Origin,
}

/// The services there are. A plan names one of these and never a command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ServiceKind {
    /// A D-Bus message bus, filtered by xdg-dbus-proxy(1).
    Bus {
        /// Which bus.
        bus: Bus,
        /// Its socket on the host.
        #[serde(with = "encoding::path")]
        socket: PathBuf,
        /// What may be done on it; nothing else is.
        rules: Vec<BusRule>,
        /// Which application portals take the payload for; without one they take it for a program outside of any sandbox.
        #[serde(deserialize_with = "encoding::stated")]
        application: Option<String>,
    },
    /// The X server of the caller's session, by its one socket: what is made for the sandbox is what it shows to be let in.
    X11Host {
        /// Its display on the host.
        host: HostDisplay,
        /// The number of that display inside.
        display: u16,
    },
    /// An X server for this sandbox alone.
    X11Isolated {
        /// Which.
        server: XServer,
        /// The number of its display inside.
        display: u16,
        /// What its window is called.
        title: String,
    },
    /// The Wayland compositor: by a socket of the sandbox's own where it has security contexts for sandboxes, by the session's
    /// where not.
    Wayland {
        /// Its socket on the host.
        #[serde(with = "encoding::path")]
        socket: PathBuf,
        /// Which application it takes the payload for.
        application: String,
    },
}

impl ServiceKind {
    /// The name of its folder in [`SOCKETS`]; no two services of a plan have the same.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bus { bus: Bus::Session, .. } => "session-bus",
            Self::Bus { bus: Bus::System, .. } => "system-bus",
            Self::Bus { bus: Bus::Accessibility, .. } => "accessibility-bus",
            Self::X11Host { .. } | Self::X11Isolated { .. } => "x11",
            Self::Wayland { .. } => "wayland",
        }
    }
}

/// A message bus that most hosts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bus {
    /// That of the caller's session.
    Session,
    /// That of the machine.
    System,
    /// The one by which screen readers and the like hear of what is in windows (AT-SPI).
    Accessibility,
}

/// A rule of the filter of a bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BusRule {
    /// What it allows.
    pub access: BusAccess,
    /// With whom: a name, or a name and `.*` for all below it; for `call` and `broadcast` with `=RULE` after it, as
    /// xdg-dbus-proxy(1) takes them.
    pub name: String,
    /// Who asked for it.
    pub origin: Origin,
}

/// What a rule allows (xdg-dbus-proxy(1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BusAccess {
    /// To see that the name is there, and who owns it.
    See,
    /// To call methods of its owner, and hear its signals.
    Talk,
    /// To own the name.
    Own,
    /// To call some methods of its owner.
    Call,
    /// To hear some signals that its owner sends to all.
    Broadcast,
}

impl BusAccess {
    /// All, with their words in profiles and in the options of xdg-dbus-proxy(1).
    pub const ALL: [(&'static str, Self); 5] = [
        ("see", Self::See),
        ("talk", Self::Talk),
        ("own", Self::Own),
        ("call", Self::Call),
        ("broadcast", Self::Broadcast),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, access)| *access == self).map_or("", |(word, _)| word)
    }
}

/// The longest name on a bus, in bytes (D-Bus Specification, "Valid Names").
const NAME_MAX: usize = 255;

/// Whether it is a well-known name of a bus (D-Bus Specification, "Bus names").
pub fn is_bus_name(name: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-');
    let is_word = |word: &str| {
        word.bytes().next().is_some_and(is_start) && word.bytes().all(|byte| is_start(byte) || byte.is_ascii_digit())
    };
    name.len() <= NAME_MAX && name.contains('.') && name.split('.').all(is_word)
}
