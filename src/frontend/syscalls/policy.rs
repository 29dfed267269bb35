//! The policies by name, and what each makes of the groups.

use super::conditions::{self, Conditions};
use super::groups::{self, Group};
use crate::error::{Diagnostic, suggest};
use std::str::FromStr;

/// A syscall policy that nsbox brings with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Policy {
    /// What ordinary programs need, debuggers included.
    #[default]
    Default,
    /// The least that ordinary programs run with.
    Strict,
    /// No filter.
    None,
}

impl Policy {
    /// Every policy's name, as profiles and flags write it.
    pub const NAMES: [&'static str; 3] = ["default", "strict", "none"];

    /// The policy's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => Self::NAMES[0],
            Self::Strict => Self::NAMES[1],
            Self::None => Self::NAMES[2],
        }
    }

    /// What it says; nothing where there is no filter.
    fn rules(self) -> Option<&'static Rules> {
        match self {
            Self::Default => Some(&DEFAULT),
            Self::Strict => Some(&STRICT),
            Self::None => None,
        }
    }

    /// Whether it allows a group, be it with conditions on some of its members.
    pub fn allows(self, group: &Group) -> bool {
        self.rules().is_none_or(|rules| rules.allow.iter().copied().flatten().any(|allowed| allowed.name == group.name))
    }

    /// The conditions at one place of [`Rules::allow_if`]; those that never hold, at a place that it has not.
    pub fn conditions(self, index: u8) -> &'static Conditions {
        let known = self.rules().and_then(|rules| rules.allow_if.get(usize::from(index)));
        known.map_or(&conditions::NEVER, |(_, conditions)| conditions)
    }
}

impl FromStr for Policy {
    type Err = Diagnostic;

    /// Reads a name; an unknown one is answered with the nearest, or with all there are.
    fn from_str(word: &str) -> Result<Self, Diagnostic> {
        let all = [Self::Default, Self::Strict, Self::None];
        all.into_iter().find(|policy| policy.name() == word).ok_or_else(|| {
            let hint = match suggest::nearest(word, Self::NAMES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of {}", Self::NAMES.map(|name| format!("`{name}`")).join(", ")),
            };
            Diagnostic::error(format!("unknown syscall policy `{}`", word.escape_debug())).hint(hint)
        })
    }
}

/// What a policy says, by names. Always an allow-list: what stands in none of the three is unknown to it.
#[derive(Debug)]
pub struct Rules {
    /// Allowed whatever the arguments.
    pub allow: &'static [&'static [&'static Group]],
    /// Allowed under conditions, whichever group each system call stands in.
    pub allow_if: &'static [(&'static str, Conditions)],
    /// Refused with EPERM: what a program tries in earnest, and should be told about.
    pub refuse: &'static [&'static [&'static Group]],
}

/// The rules of [`Policy::Default`].
pub const DEFAULT: Rules = Rules {
    allow: &[ORDINARY, FOR_SOME],
    allow_if: &[
        ("ioctl", conditions::NO_TRICKS),
        ("prctl", conditions::NO_FORGERY),
        ("clone", conditions::NO_NEW_NAMESPACE),
        ("unshare", conditions::UNSHARE_NO_NAMESPACE),
        ("socket", conditions::USUAL_SOCKETS),
        ("socketpair", conditions::USUAL_SOCKETS),
        ("socketcall", conditions::NEVER),
        ("chmod", conditions::NO_SET_USER_ID),
        ("fchmod", conditions::NO_SET_USER_ID),
        ("fchmodat", conditions::NO_SET_USER_ID_AT),
        ("fchmodat2", conditions::NO_SET_USER_ID_AT),
        ("personality", conditions::HARMLESS_PERSONALITY),
    ],
    refuse: &[DANGEROUS],
};

/// The rules of [`Policy::Strict`].
///
/// Against the default it loses debugging (refused); asynchronous I/O of the old kind, NUMA and segment tables (left
/// unknown, because what uses them falls back on ENOSYS and not on EPERM); netlink, personas and
/// seccomp listeners. Internet sockets stay: with `network = "none"` they reach the sandbox's own loopback at most.
pub const STRICT: Rules = Rules {
    allow: &[ORDINARY],
    allow_if: &[
        ("ioctl", conditions::NO_TRICKS),
        ("prctl", conditions::NO_FORGERY),
        ("clone", conditions::NO_NEW_NAMESPACE),
        ("unshare", conditions::UNSHARE_NO_NAMESPACE),
        ("socket", conditions::PLAIN_SOCKETS),
        ("socketpair", conditions::PLAIN_SOCKETS),
        ("socketcall", conditions::NEVER),
        ("chmod", conditions::NO_SET_USER_ID),
        ("fchmod", conditions::NO_SET_USER_ID),
        ("fchmodat", conditions::NO_SET_USER_ID_AT),
        ("fchmodat2", conditions::NO_SET_USER_ID_AT),
        ("personality", conditions::USUAL_PERSONALITY),
        ("seccomp", conditions::NO_LISTENER),
    ],
    refuse: &[DANGEROUS, &[&groups::DEBUG]],
};

/// What a shell, a compiler or an interpreter cannot do without, or what takes nothing but its own rights away.
const ORDINARY: &[&Group] = &[
    &groups::BASIC_IO,
    &groups::EVENTS,
    &groups::FILE_SYSTEM,
    &groups::MEMORY,
    &groups::PROCESS,
    &groups::SIGNAL,
    &groups::TIMER,
    &groups::IDENTITY,
    &groups::SYSTEM,
    &groups::SCHEDULER,
    &groups::IPC,
    &groups::NETWORK,
    &groups::CONFINEMENT,
    &groups::PROBE,
];

/// What only some programs want: databases, debuggers, numerics, Wine.
const FOR_SOME: &[&Group] = &[
    &groups::SECCOMP,
    &groups::ASYNC_IO,
    &groups::NUMA,
    &groups::OLD_X86,
    // The pid namespace bounds them to the sandbox's own processes, of which init is not dumpable.
    &groups::DEBUG,
];

/// What acts on the machine, the caller or the sandbox's walls; refused by every policy.
const DANGEROUS: &[&Group] = &[
    &groups::MOUNT,
    &groups::NAMESPACE,
    &groups::KEYRING,
    &groups::MODULE,
    &groups::BOOT,
    &groups::SWAP,
    &groups::ACCOUNTING,
    &groups::CLOCK,
    &groups::RAW_IO,
    &groups::KERNEL_LOG,
    &groups::HOST_NAME,
    &groups::OBSERVE,
    &groups::USER_FAULT,
    &groups::IO_URING,
    &groups::FILE_HANDLE,
    &groups::HANG_UP,
];
