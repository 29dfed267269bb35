//! Resource limits of the payload (getrlimit(2)).

use super::Origin;
use serde::{Deserialize, Serialize};

/// A limit that the payload gets instead of the caller's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ResourceLimit {
    /// What is limited.
    pub resource: Resource,
    /// Both the soft and the hard limit, in the resource's own unit; never raised above the caller's hard limit.
    pub value: u64,
    /// Who asked for it.
    pub origin: Origin,
}

/// How long the payload may run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WallTime {
    /// Seconds from its start; at least one.
    pub seconds: u64,
    /// Who asked for it.
    pub origin: Origin,
}

/// The resources that a plan can limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// Size of a process's address space, in bytes (RLIMIT_AS).
    AddressSpace,
    /// Size of a core dump, in bytes; none at all where it is 0 (RLIMIT_CORE).
    CoreSize,
    /// Processor time of one process, in seconds (RLIMIT_CPU).
    CpuTime,
    /// Size of a file the payload writes, in bytes (RLIMIT_FSIZE).
    FileSize,
    /// Memory that a process keeps from being swapped out, in bytes (RLIMIT_MEMLOCK).
    LockedMemory,
    /// Open descriptors of one process (RLIMIT_NOFILE).
    OpenFiles,
    /// Processes and threads in the sandbox (RLIMIT_NPROC, counted per user namespace since Linux 5.14).
    Processes,
    /// Size of the stack of a process's first thread, in bytes (RLIMIT_STACK).
    StackSize,
}
