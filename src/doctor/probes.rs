//! The table of probes: what is tried, where, and what it is good for.

use super::acts;
use super::trial::Caller;
use crate::error::Fault;
use crate::error::remedy::{Attempt, Kind};

/// Something that is tried once, in a process of its own.
#[derive(Debug)]
pub struct Probe {
    /// A name that stays the same from version to version.
    pub name: &'static str,
    /// Where it stands in the list.
    pub group: Group,
    /// What the list calls it.
    pub label: &'static str,
    /// What is tried, as a phrase.
    pub tries: &'static str,
    /// What cannot be done without it.
    pub serves: Serves,
    /// What a refusal is taken for.
    pub attempt: Attempt,
    /// The probes without which it cannot be tried.
    pub after: &'static [&'static str],
    /// The namespaces in which it is tried, as flags of clone(2).
    pub(super) namespaces: i32,
    /// The ids that exist there.
    pub(super) ids: Ids,
    /// What the process does there.
    pub(super) act: fn(&Caller) -> Result<(), Fault>,
}

/// Probes that stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Namespaces that are made.
    Namespaces,
    /// Ids that are mapped.
    Ids,
    /// What is set up in a namespace.
    Setup,
    /// Mounts.
    Mounts,
    /// Protections.
    Protections,
}

impl Group {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 5] = [Self::Namespaces, Self::Ids, Self::Setup, Self::Mounts, Self::Protections];

    /// What the list calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Ids => "ids",
            Self::Setup => "set-up",
            Self::Mounts => "mounts",
            Self::Protections => "protections",
        }
    }
}

/// What cannot be done where a probe is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// Any sandbox under the default profile.
    EverySandbox,
    /// Something that only some profiles ask for.
    Only(&'static str),
}

/// Which ids exist where a probe is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    /// None.
    Unmapped,
    /// The caller's own.
    Own,
    /// Those that are lent to the caller as well.
    Lent,
}

const USER: i32 = libc::CLONE_NEWUSER;
const MOUNT: i32 = USER | libc::CLONE_NEWNS;
const IN_USER: &[&str] = &["user-namespace"];
const MAPPED: &[&str] = &["user-namespace", "own-ids"];
const MOUNTING: &[&str] = &["user-namespace", "own-ids", "mount-namespace"];
const IN_TMPFS: &[&str] = &["user-namespace", "own-ids", "mount-namespace", "tmpfs"];

/// Makes the probe of a kind of namespace.
const fn namespace(kind: Kind, name: &'static str, tries: &'static str) -> Probe {
    Probe {
        name,
        group: Group::Namespaces,
        label: kind.name(),
        tries,
        serves: Serves::EverySandbox,
        attempt: Attempt::Namespace(kind),
        after: IN_USER,
        namespaces: USER | kind.flag(),
        ids: Ids::Unmapped,
        act: acts::nothing,
    }
}

/// Makes the probe of something that is done with the caller's own ids mapped.
const fn inside(group: Group, name: &'static str, label: &'static str, tries: &'static str, namespaces: i32) -> Probe {
    Probe {
        name,
        group,
        label,
        tries,
        serves: Serves::EverySandbox,
        attempt: Attempt::Privileged,
        after: MAPPED,
        namespaces,
        ids: Ids::Own,
        act: acts::nothing,
    }
}

/// Makes the probe of something that is done where nsbox itself is.
const fn outside(group: Group, name: &'static str, label: &'static str, tries: &'static str) -> Probe {
    Probe { after: &[], ids: Ids::Unmapped, ..inside(group, name, label, tries, 0) }
}

const ROOT_WITH_OTHERS: Serves = Serves::Only("`identity.subordinate-ids`");

/// Everything that is tried, in order.
pub const PROBES: &[Probe] = &[
    Probe { after: &[], ..namespace(Kind::User, "user-namespace", "make a user namespace") },
    namespace(Kind::Mount, "mount-namespace", "make a mount namespace"),
    namespace(Kind::Pid, "pid-namespace", "make a pid namespace"),
    namespace(Kind::Network, "network-namespace", "make a network namespace"),
    namespace(Kind::Ipc, "ipc-namespace", "make an IPC namespace"),
    namespace(Kind::Uts, "uts-namespace", "make a UTS namespace"),
    namespace(Kind::Cgroup, "cgroup-namespace", "make a cgroup namespace"),
    Probe {
        // Made by clone(2), it could not be given offsets any more.
        namespaces: USER,
        serves: Serves::Only("`namespaces.time`"),
        act: acts::time,
        ..namespace(Kind::Time, "time-namespace", "make a time namespace and set its clocks")
    },
    Probe {
        attempt: Attempt::OwnIds,
        after: IN_USER,
        ..inside(Group::Ids, "own-ids", "your own", "map the caller's own ids", USER)
    },
    Probe {
        serves: ROOT_WITH_OTHERS,
        attempt: Attempt::LentIdsThere,
        act: acts::map_programs,
        ..outside(Group::Ids, "newuidmap", "newuidmap", "find newuidmap and newgidmap")
    },
    Probe {
        serves: ROOT_WITH_OTHERS,
        attempt: Attempt::LentIdsThere,
        act: acts::lent_ids,
        ..outside(Group::Ids, "subordinate-ids", "lent to you", "find ids that /etc/subuid and /etc/subgid lend")
    },
    Probe {
        serves: ROOT_WITH_OTHERS,
        attempt: Attempt::LentIds,
        after: &["user-namespace", "own-ids", "newuidmap", "subordinate-ids"],
        ids: Ids::Lent,
        ..inside(Group::Ids, "subordinate-map", "mapped by newuidmap", "map the ids that are lent", USER)
    },
    Probe {
        attempt: Attempt::Kernel,
        act: acts::kernel,
        ..outside(Group::Setup, "kernel", "kernel", "find a kernel that is not too old")
    },
    Probe {
        after: &["user-namespace", "own-ids", "network-namespace"],
        act: acts::loopback,
        ..inside(Group::Setup, "loopback", "loopback", "bring a loopback up", USER | libc::CLONE_NEWNET)
    },
    Probe {
        after: &["user-namespace", "own-ids", "uts-namespace"],
        act: acts::hostname,
        ..inside(Group::Setup, "host-name", "host name", "set a host name", USER | libc::CLONE_NEWUTS)
    },
    Probe {
        after: MOUNTING,
        act: acts::private,
        ..inside(Group::Mounts, "private-mounts", "private", "cut mounts off from the host's", MOUNT)
    },
    Probe {
        after: MOUNTING,
        act: acts::tmpfs,
        ..inside(Group::Mounts, "tmpfs", "tmpfs", "mount a tmpfs as a new root", MOUNT)
    },
    Probe {
        after: IN_TMPFS,
        act: acts::bind,
        ..inside(Group::Mounts, "bind", "bind", "bind what the host has, with all that is mounted below", MOUNT)
    },
    Probe {
        after: &["user-namespace", "own-ids", "mount-namespace", "tmpfs", "bind"],
        act: acts::read_only,
        ..inside(Group::Mounts, "read-only", "read-only", "make that read-only through every submount", MOUNT)
    },
    Probe {
        attempt: Attempt::NewProc,
        after: &["user-namespace", "own-ids", "mount-namespace", "tmpfs", "pid-namespace"],
        act: acts::proc,
        ..inside(Group::Mounts, "proc", "proc", "mount a new procfs", MOUNT | libc::CLONE_NEWPID)
    },
    Probe {
        after: IN_TMPFS,
        act: acts::devpts,
        ..inside(Group::Mounts, "devpts", "devpts", "mount a new devpts, and open a terminal in it", MOUNT)
    },
    Probe {
        serves: Serves::Only("`access = \"discard\"` of `filesystem.root`"),
        attempt: Attempt::Overlay,
        after: IN_TMPFS,
        act: acts::overlay,
        ..inside(Group::Mounts, "overlay", "overlay", "mount an overlay", MOUNT)
    },
    Probe {
        after: IN_TMPFS,
        act: acts::pivot,
        ..inside(Group::Mounts, "pivot-root", "pivot", "make the new root the root, and let go of the old one", MOUNT)
    },
    Probe {
        attempt: Attempt::NamespaceLimit,
        after: MOUNTING,
        act: acts::namespace_limit,
        ..inside(
            Group::Protections,
            "namespace-limit",
            "user namespaces limited",
            "have the kernel count user namespaces inside, down to none",
            MOUNT | libc::CLONE_NEWPID,
        )
    },
    Probe {
        act: acts::capabilities,
        ..inside(Group::Protections, "capabilities", "capabilities dropped", "lock and drop all capabilities", USER)
    },
    Probe {
        act: acts::no_new_privileges,
        ..outside(Group::Protections, "no-new-privileges", "no new privileges", "give up privileges by exec")
    },
    Probe {
        attempt: Attempt::Seccomp,
        act: acts::seccomp,
        ..outside(Group::Protections, "seccomp", "syscall filter", "install a syscall filter")
    },
    Probe {
        serves: Serves::Only("protections that the shipped profiles can be without"),
        attempt: Attempt::Landlock,
        act: acts::landlock,
        ..outside(Group::Protections, "landlock", "Landlock", "restrict a process by Landlock")
    },
    Probe {
        serves: Serves::Only("protections that the shipped profiles can be without"),
        attempt: Attempt::Scopes,
        after: &["landlock"],
        act: acts::scopes,
        ..outside(Group::Protections, "landlock-scopes", "its scopes", "close signals and abstract sockets by Landlock")
    },
    Probe {
        serves: Serves::Only("policies that allow keyctl"),
        attempt: Attempt::Keyring,
        act: acts::keyring,
        ..outside(Group::Protections, "keyring", "keyring of its own", "join a new session keyring")
    },
];
