//! Which namespaces are new, who is pid 1, and what the network namespace holds.

use super::Origin;
use serde::{Deserialize, Serialize};

/// The namespaces made beside the user and the mount namespace, which every sandbox has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Namespaces {
    /// A pid namespace; without one the host's processes are visible, and no fresh procfs can be mounted.
    pub pid: bool,
    /// System V and POSIX IPC of its own.
    pub ipc: bool,
    /// A host name of its own.
    pub uts: bool,
    /// A cgroup namespace, rooted at the caller's cgroup.
    pub cgroup: bool,
    /// The offsets of a time namespace, each clock at most once; without any there is no such namespace.
    pub time: Vec<ClockOffset>,
    /// Whether the payload may make user namespaces of its own.
    pub nested: Nested,
    /// Who is the first process of the sandbox.
    pub init: Init,
}

/// Whether the payload may make user namespaces of its own, and with them sandboxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Nested {
    /// It may not.
    Deny,
    /// It may: the procfs can then be mounted once more in a nested pid namespace, without its masks. Never for real root, to
    /// whom the host's settings would open there.
    Allow {
        /// Who asked for it.
        origin: Origin,
    },
}

/// The first process of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// nsbox's own, which reaps orphans, forwards signals and is sealed from the payload.
    Own,
    /// The payload itself.
    Payload,
}

/// A clock that a time namespace sets forward or back (time_namespaces(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// CLOCK_BOOTTIME and its alarm clock; `uptime` reads it.
    Boottime,
    /// CLOCK_MONOTONIC and its raw and coarse clocks.
    Monotonic,
}

/// How far a clock is set forward inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClockOffset {
    /// Which clock.
    pub clock: Clock,
    /// Seconds; negative for back. The kernel refuses what would set a clock before zero.
    pub seconds: i64,
    /// Who asked for it.
    pub origin: Origin,
}

/// What the payload can reach over the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "mode", deny_unknown_fields)]
pub enum Network {
    /// A network namespace of its own that holds a loopback interface and nothing else.
    None {
        /// Who asked for it.
        origin: Origin,
    },
    /// The host's own network namespace.
    Host {
        /// Who asked for it.
        origin: Origin,
    },
}
