//! Resource limits (getrlimit(2)).

use crate::error::Fault;
use crate::plan::{Resource, ResourceLimit};
use nix::sys::resource::{Resource as Kernel, getrlimit, setrlimit};

/// The caller's limit on open descriptors, which init may raise for itself while it holds many mounts open.
#[derive(Debug, Clone, Copy)]
pub struct OpenFiles {
    soft: u64,
    hard: u64,
}

impl OpenFiles {
    /// Reads the limit of this process.
    ///
    /// # Errors
    /// As getrlimit(2).
    pub fn read() -> Result<Self, Fault> {
        let (soft, hard) = getrlimit(Kernel::RLIMIT_NOFILE).map_err(Fault::of("getrlimit", "RLIMIT_NOFILE"))?;
        Ok(Self { soft, hard })
    }

    /// Makes room for `needed` descriptors, as far as the hard limit goes.
    ///
    /// # Errors
    /// As setrlimit(2).
    pub fn make_room(self, needed: u64) -> Result<(), Fault> {
        if needed <= self.soft {
            return Ok(());
        }
        let soft = needed.min(self.hard);
        setrlimit(Kernel::RLIMIT_NOFILE, soft, self.hard).map_err(Fault::of("setrlimit", "RLIMIT_NOFILE"))
    }

    /// Gives the process the caller's limit again.
    ///
    /// # Errors
    /// As setrlimit(2).
    pub fn restore(self) -> Result<(), Fault> {
        setrlimit(Kernel::RLIMIT_NOFILE, self.soft, self.hard).map_err(Fault::of("setrlimit", "RLIMIT_NOFILE"))
    }
}

/// Sets the limits of the plan on this process; none is raised above the caller's.
///
/// # Errors
/// As setrlimit(2).
pub fn apply(limits: &[ResourceLimit]) -> Result<(), Fault> {
    limits.iter().try_for_each(set)
}

/// Sets only the limit on the number of processes, before a user namespace is made.
///
/// # Errors
/// As setrlimit(2).
pub fn apply_to_processes(limits: &[ResourceLimit]) -> Result<(), Fault> {
    limits.iter().filter(|limit| limit.resource == Resource::Processes).try_for_each(set)
}

fn set(limit: &ResourceLimit) -> Result<(), Fault> {
    let (resource, name) = kernel_name(limit.resource);
    let least = if limit.resource == Resource::CoreSize { NO_CORE_DUMP } else { 0 };
    let set = getrlimit(resource).and_then(|(_, hard)| {
        let value = limit.value.max(least).min(hard);
        setrlimit(resource, value, value)
    });
    set.map_err(|e| Fault::of("setrlimit", name)(e).asked_for_by(&limit.origin))
}

/// The limit at which no core dump is made. With 0 none is written to a file, but where the host's `core_pattern` names a
/// program, that is started all the same, as root of the host, and reads the memory of what has crashed; with 1 it is not
/// (`coredump_pipe`, fs/coredump.c), and a file of one byte is none either.
const NO_CORE_DUMP: u64 = 1;

fn kernel_name(resource: Resource) -> (Kernel, &'static str) {
    match resource {
        Resource::AddressSpace => (Kernel::RLIMIT_AS, "RLIMIT_AS"),
        Resource::CoreSize => (Kernel::RLIMIT_CORE, "RLIMIT_CORE"),
        Resource::CpuTime => (Kernel::RLIMIT_CPU, "RLIMIT_CPU"),
        Resource::FileSize => (Kernel::RLIMIT_FSIZE, "RLIMIT_FSIZE"),
        Resource::LockedMemory => (Kernel::RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK"),
        Resource::OpenFiles => (Kernel::RLIMIT_NOFILE, "RLIMIT_NOFILE"),
        Resource::Processes => (Kernel::RLIMIT_NPROC, "RLIMIT_NPROC"),
        Resource::StackSize => (Kernel::RLIMIT_STACK, "RLIMIT_STACK"),
    }
}
