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
    /// Who is the first process of the sandbox.
    pub init: Init,
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
