//! Protections that some supported kernels lack, what is to happen there, and what did.

use serde::{Deserialize, Serialize};

/// The protections that depend on the kernel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Protections {
    /// No signal to a process outside and no abstract socket of the host (Landlock scopes, Linux 6.12).
    pub landlock_scopes: Demand,
    /// No user namespace inside, by the kernel's own count of them as well as by the filter. Where there is no new procfs the
    /// host's must be writable for it, which in a container it may not be.
    pub user_namespace_limit: Demand,
}

/// What happens where a kernel lacks a protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Demand {
    /// The launch is refused.
    Required,
    /// It goes on, with one warning.
    BestEffort,
    /// It is not applied at all.
    Off,
}

/// What became of a protection in a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcement {
    /// It holds.
    Enforced,
    /// There is nothing that it would protect from.
    Unneeded,
    /// The plan accepts that it is missing here, as it is.
    Missing,
    /// The plan does without it.
    Off,
}
