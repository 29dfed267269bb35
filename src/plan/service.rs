//! What programs of the desktop talk to: services that the payload reaches by sockets of the sandbox's own.

use super::x11::{HostDisplay, XServer};
use super::{Origin, encoding};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// Where the sockets of the services are inside, each in a folder of its service's name.
pub const SOCKETS: &str = "/run/nsbox";
/// The name of a sound server's socket in its folder there, and in the runtime folder inside (pulse-client.conf(5)).
pub const SOUND_SOCKET: &str = "native";
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
    /// The sound server, by PulseAudio's protocol, filtered by nsbox itself.
    Sound {
        /// Its socket on the host.
        #[serde(with = "encoding::path")]
        socket: PathBuf,
        /// What it lets programs in by, on the host; without one it must know its own user.
        #[serde(with = "encoding::optional_path")]
        cookie: Option<PathBuf>,
        /// Whether sound may be recorded, and not only played.
        microphone: bool,
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
            Self::Sound { .. } => "sound",
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

impl fmt::Display for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session => "the session's message bus",
            Self::System => "the machine's message bus",
            Self::Accessibility => "the bus of screen readers",
        })
    }
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

impl fmt::Display for BusRule {
    /// What a program may do: `call x.y and hear its signals`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, condition) = self.name.split_once('=').unwrap_or((&self.name, "*"));
        match self.access {
            BusAccess::See => write!(f, "see whether {name} is there"),
            BusAccess::Talk => write!(f, "call {name} and hear its signals"),
            BusAccess::Own => write!(f, "be {name} to others"),
            BusAccess::Call if condition == "*" => write!(f, "call {name}"),
            BusAccess::Call => write!(f, "call {name}, but only {condition}"),
            BusAccess::Broadcast if condition == "*" => write!(f, "hear what {name} tells everybody"),
            BusAccess::Broadcast => write!(f, "hear what {name} tells everybody, but only {condition}"),
        }
    }
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

    /// Why a rule with this name would be refused by xdg-dbus-proxy(1), or taken for something else: what is wrong, and what is right.
    pub fn misfit(self, rule: &str) -> Option<(String, &'static str)> {
        let (name, condition) = rule.split_once('=').map_or((rule, None), |(name, condition)| (name, Some(condition)));
        let takes_condition = matches!(self, Self::Call | Self::Broadcast);
        let is_printable = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_condition = condition.map_or(!takes_condition, |text| takes_condition && is_printable(text));
        let hint = match takes_condition {
            true => "as in `org.freedesktop.portal.Desktop=org.freedesktop.portal.Settings.Read@/*`",
            false => "as in `org.freedesktop.Notifications`, or `org.mpris.MediaPlayer2.player.*` for all below",
        };
        let is_whole = is_condition && is_bus_name(name.strip_suffix(".*").unwrap_or(name));
        (!is_whole).then(|| (format!("`{}` cannot be what a program may {}", rule.escape_debug(), self.word()), hint))
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, access)| *access == self).map_or("", |(word, _)| word)
    }
}

/// The longest name on a bus, in bytes (D-Bus Specification, "Valid Names").
const NAME_MAX: usize = 255;

/// Whether it is a well-known name of a bus (D-Bus Specification, "Bus names").
pub fn is_bus_name(name: &str) -> bool {
    name.len() <= NAME_MAX && name.contains('.') && name.split('.').all(is_word)
}

/// Whether it names an application as portals know them: a name of a bus of three words or more, with `-` in the last one alone
/// (Flatpak's documentation, "Identifiers").
pub fn is_application(name: &str) -> bool {
    let above = name.rsplit_once('.').map_or("", |(above, _)| above);
    is_bus_name(name) && above.contains('.') && !above.contains('-')
}

fn is_word(word: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-');
    word.bytes().next().is_some_and(is_start) && word.bytes().all(|byte| is_start(byte) || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{is_application, is_bus_name};

    #[test]
    fn names_of_a_bus_and_of_applications() {
        let both = |name| (is_bus_name(name), is_application(name));
        assert_eq!(both("org.example.Viewer-2"), (true, true));
        assert_eq!([both("org.example"), both("org.my-site.Viewer")], [(true, false); 2]);
        for name in ["", "org", ".org.x", "org..x", "org.x.", "org.2x.y", "org.x y.z", &"a.b.".repeat(70)] {
            assert_eq!(both(name), (false, false), "{name}");
        }
    }
}
