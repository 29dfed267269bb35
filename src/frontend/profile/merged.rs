//! What all profiles and flags say together, still in the person's terms.

use super::globs::Glob;
use super::text::{Located, Place};
use crate::frontend::syscalls::{Calls, Policy};
use crate::plan::{Access, Architecture, Bus, BusAccess, Capability, Clock, OnDenied, PathMap, Resource, RootAccess};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// The chain of profiles and the flags, merged; what nobody said is absent.
#[derive(Debug, Default)]
pub struct Profile {
    /// One line on what it is for.
    pub description: Option<Located<OsString>>,
    /// The command where the command line names none.
    pub argv: Option<Vec<OsString>>,
    /// The working directory inside.
    pub directory: Option<Located<Directory>>,
    /// Whether the files are visible that the command's arguments name.
    pub grant_args: Option<Located<GrantArgs>>,
    /// Who the payload is inside.
    pub user: Option<Located<Id>>,
    /// Its group.
    pub group: Option<Located<Id>>,
    /// Whether the ids that the host lends to the caller exist inside.
    pub subordinate_ids: Option<Located<bool>>,
    /// The capabilities that the payload keeps.
    pub keep: Option<Located<Vec<Located<Capability>>>>,
    /// Whether the payload may make user namespaces.
    pub nested: Option<Located<Nested>>,
    /// The host name inside.
    pub hostname: Option<Located<OsString>>,
    /// What `/` is: a folder of the host, or nsbox's own where a profile says so again.
    pub root: Option<Located<Option<RootFolder>>>,
    /// What stands at which path inside.
    pub entries: PathMap<Entry>,
    /// Paths taken back that nobody has named since.
    pub dropped: PathMap<Place>,
    /// What is at `/proc`.
    pub proc: Option<Located<Proc>>,
    /// What is at `/dev`.
    pub dev: Option<Located<Dev>>,
    /// Which of the caller's variables cross over.
    pub inherit: Vec<Located<Pattern>>,
    /// Variables set by name.
    pub set: BTreeMap<OsString, Located<OsString>>,
    /// What the payload can reach.
    pub network: Option<Located<Network>>,
    /// Which system calls the kernel answers.
    pub syscalls: Syscalls,
    /// Whether System V and POSIX IPC are the sandbox's own.
    pub ipc: Option<Located<bool>>,
    /// Whether the host name is the sandbox's own.
    pub uts: Option<Located<bool>>,
    /// Whether the view of cgroups is the sandbox's own.
    pub cgroup: Option<Located<bool>>,
    /// How far the sandbox's clocks are set forward, in seconds.
    pub clocks: BTreeMap<Clock, Located<i64>>,
    /// Which terminal the payload talks to.
    pub terminal: Option<Located<Terminal>>,
    /// Resource limits, each in its own unit.
    pub limits: BTreeMap<Resource, Located<u64>>,
    /// How long the payload may run, in seconds.
    pub wall_time: Option<Located<u64>>,
    /// What of the caller's session may be used.
    pub desktop: Desktop,
    /// The protections that may be missing on this kernel.
    pub best_effort: Vec<Located<Protection>>,
}

/// What `[desktop]` says.
#[derive(Debug, Default)]
pub struct Desktop {
    /// Which application the program is to the services of the session.
    pub application: Option<Located<OsString>>,
    /// Whether windows can be shown by the session's Wayland compositor.
    pub wayland: Option<Located<bool>>,
    /// What may be done on message buses.
    pub rules: Vec<Located<Rule>>,
    /// Whether portals may be asked.
    pub portals: Option<Located<bool>>,
    /// Which X server may be used.
    pub x11: Option<Located<X11>>,
    /// What is left out where this host has it not.
    pub optional: Vec<Located<Part>>,
    /// What is opened, or is not.
    pub switches: BTreeMap<Switch, Located<bool>>,
}

/// What a profile opens of the desktop by a word, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Switch {
    /// Sound, to be played.
    Audio,
    /// Sound to be recorded as well.
    Microphone,
    /// PipeWire, by its own socket.
    Pipewire,
    /// The graphics card.
    Gpu,
    /// Cameras.
    Camera,
    /// Joysticks and the like.
    InputDevices,
    /// The person's fonts.
    Fonts,
    /// How windows look.
    Themes,
    /// Icons and mouse pointers.
    Icons,
    /// Language and time.
    Locale,
    /// How text is typed that has no key.
    InputMethod,
    /// That screen readers and the like work.
    Accessibility,
    /// The settings of all programs of GNOME.
    Dconf,
}

impl Switch {
    /// Whether it belongs to what every program with windows should have. The settings of GNOME's programs do not: they tell
    /// what the person does with them, and the portal of settings gives what is about the look.
    pub fn comes_with_windows(self) -> bool {
        matches!(
            self,
            Self::Fonts | Self::Themes | Self::Icons | Self::Locale | Self::InputMethod | Self::Accessibility
        )
    }
}

/// `desktop.dconf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dconf {
    /// They are not there.
    None,
    /// They can be read.
    Read,
}

/// A rule of the filter of a bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Of which bus.
    pub bus: Bus,
    /// What it allows.
    pub access: BusAccess,
    /// With whom.
    pub name: String,
}

/// A part of the desktop that `desktop.optional` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The bus of the session.
    SessionBus,
    /// The bus of the machine.
    SystemBus,
    /// Sound.
    Audio,
    /// PipeWire's own socket.
    Pipewire,
    /// The graphics card.
    Gpu,
    /// Cameras.
    Camera,
    /// Joysticks and the like.
    InputDevices,
    /// The bus of screen readers and the like.
    Accessibility,
    /// The Wayland compositor.
    Wayland,
    /// The portals of the session.
    Portals,
    /// An X server.
    X11,
}

/// `desktop.x11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum X11 {
    /// None.
    None,
    /// One of the sandbox's own.
    Isolated,
    /// The one of the caller's session.
    Host,
}

/// What `[syscalls]` says.
#[derive(Debug, Default)]
pub struct Syscalls {
    /// The policy.
    pub policy: Option<Located<Policy>>,
    /// What is allowed beyond it.
    pub allow: Vec<Located<Calls>>,
    /// What is denied, whoever allows it.
    pub deny: Vec<Located<Calls>>,
    /// What happens to a call that is refused.
    pub on_denied: Option<Located<OnDenied>>,
    /// Whose programs run beside the machine's own.
    pub architectures: Option<Located<Vec<Architecture>>>,
}

/// Programs that `syscalls.architectures` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Programs {
    /// Those of the machine itself.
    Native,
    /// Those of 32-bit x86.
    X86,
}

/// A protection that `protections.best-effort` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// No signal to a process outside, no abstract socket of the host.
    LandlockScopes,
    /// No user namespace inside, by the kernel's count of them.
    UserNamespaceLimit,
}

/// The working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directory {
    /// The caller's, where it is visible inside; else the home folder; else `/`.
    Caller,
    /// This one.
    At(PathBuf),
}

/// `command.grant-args`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantArgs {
    /// Arguments are words like any other.
    None,
    /// What they name is visible, as an entry of `filesystem.read` or `filesystem.write` would show it.
    As(Access),
}

/// A user or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    /// The caller's own.
    Caller,
    /// 0.
    Root,
    /// 65534.
    Nobody,
    /// This number.
    Number(u32),
}

/// A folder of the host that is the root inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootFolder {
    /// The variable in its path that depends on where the caller is.
    pub follows: Option<&'static str>,
    /// Where it is on the host.
    pub path: PathBuf,
    /// What becomes of what the payload writes.
    pub access: RootAccess,
}

/// `terminal.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// The caller's own.
    Shared,
    /// One of the sandbox's own.
    Private,
}

/// `namespaces.nested`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nested {
    /// None can be made.
    Deny,
    /// They can.
    Allow,
}

/// What stands at a path inside.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// Where it was written.
    pub place: Place,
}

/// The kinds of entries in `[filesystem]`.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryKind {
    /// A file or folder of the host.
    Bind {
        /// Whether the payload may write to it.
        access: Access,
        /// Where it is on the host, if not at the same path.
        from: Option<Located<PathBuf>>,
        /// Whether it may be missing.
        optional: bool,
        /// Why it may not be the home folder, unless it is named by hand: the variable that leads to a place of the caller's,
        /// or the key that opens no such folder.
        follows: Option<&'static str>,
    },
    /// What is visible there is covered.
    Hide,
    /// All that fits is covered; the path is that of the pattern itself.
    HideGlob(Glob),
    /// Whatever fits, inside what is visible, cannot be changed.
    ReadGlob(Glob),
    /// An empty folder in memory.
    Tmpfs {
        /// Its own size in bytes, if it has one.
        size: Option<u64>,
        /// Permission bits.
        mode: u32,
    },
    /// A symlink to this target.
    Symlink(PathBuf),
    /// A writable folder of the host that is made for this, and kept.
    Kept(PathBuf),
    /// A small file with this text.
    File(String),
    /// A device of the host.
    Device {
        /// Whether it may be missing.
        optional: bool,
    },
    /// A folder of devices of the host, with those that are plugged in later.
    Devices,
}

impl EntryKind {
    /// Why it may not be the home folder, if it may not.
    pub fn follows(&self) -> Option<&'static str> {
        if let Self::Bind { follows, .. } = self { *follows } else { None }
    }
}

/// `filesystem.proc`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proc {
    /// A procfs of the sandbox's own.
    New,
    /// The host's, as it is mounted there.
    Existing,
    /// None.
    None,
}

/// `filesystem.dev`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dev {
    /// The devices that every program expects.
    Minimal,
    /// The host's devices.
    Host,
    /// None.
    None,
}

/// `network.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// A loopback interface of the sandbox's own, and nothing else.
    None,
    /// The host's network.
    Host,
}

/// Which variables cross over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Every one.
    All,
    /// Those whose name fits, `*` standing for any run of characters.
    Glob(OsString),
}
