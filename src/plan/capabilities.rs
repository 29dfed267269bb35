//! The capabilities that the payload keeps, in a user namespace of its own (capabilities(7)).

use super::Origin;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The kernel's capabilities in the order of their numbers (linux/capability.h), as profiles write them.
const NAMES: [&str; 41] = [
    "chown",
    "dac-override",
    "dac-read-search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux-immutable",
    "net-bind-service",
    "net-broadcast",
    "net-admin",
    "net-raw",
    "ipc-lock",
    "ipc-owner",
    "sys-module",
    "sys-rawio",
    "sys-chroot",
    "sys-ptrace",
    "sys-pacct",
    "sys-admin",
    "sys-boot",
    "sys-nice",
    "sys-resource",
    "sys-time",
    "sys-tty-config",
    "mknod",
    "lease",
    "audit-write",
    "audit-control",
    "setfcap",
    "mac-override",
    "mac-admin",
    "syslog",
    "wake-alarm",
    "block-suspend",
    "audit-read",
    "perfmon",
    "bpf",
    "checkpoint-restore",
];

/// A capability of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capability(u8);

impl Capability {
    /// Setting the capabilities of files.
    pub const SETFCAP: Self = Self(31);

    /// The capability of that name: `chown`, `sys-ptrace`.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().position(|known| *known == name).map(|number| Self(number as u8))
    }

    /// Every name there is, in the order of the numbers.
    pub fn names() -> &'static [&'static str] {
        &NAMES
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Capability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| serde::de::Error::custom(format_args!("`{name}` is no capability")))
    }
}

/// What the payload may do beyond an ordinary user, within its own user namespace only.
///
/// Network, mounts and host name belong to the namespace around that one, so that no capability reaches them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Capabilities {
    /// Those that are kept, each once, ascending; usually none.
    pub keep: Vec<Capability>,
    /// Who asked for it.
    pub origin: Origin,
}

#[cfg(test)]
mod tests {
    use super::Capability;

    #[test]
    fn names_and_numbers_are_those_of_the_kernel() {
        for (name, number) in
            [("chown", 0), ("setuid", 7), ("sys-admin", 21), ("mknod", 27), ("setfcap", 31), ("checkpoint-restore", 40)]
        {
            assert_eq!(Capability::named(name).map(Capability::number), Some(number), "{name}");
        }
        assert_eq!(Capability::named("cap_chown"), None);
        assert_eq!(Capability::named("setfcap"), Some(Capability::SETFCAP));
    }
}
