//! What becomes of the protections that not every kernel, container or command line allows.

use crate::error::Diagnostic;
use crate::isolate::landlock::{Protected, Support};
use crate::plan::{Demand, Enforcement, MountKind, Network, Plan, ProcSource};
use rustix::fs::StatVfsMountFlags;
use serde::Serialize;

/// What holds in a launch, and what does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// No signal to a process outside, and no abstract socket of the host.
    pub landlock_scopes: Enforcement,
    /// No program but those that the sandbox shows.
    pub landlock_execution: Enforcement,
    /// No file of a descriptor that crosses over for more than it was opened for.
    pub landlock_reopening: Enforcement,
    /// No user namespace inside, by the kernel's own count.
    pub user_namespace_limit: Enforcement,
}

/// What would become of them here, where standard streams may be files of the host.
pub fn protections(plan: &Plan) -> Report {
    let (demand, nested) = (plan.protections.landlock_scopes, &plan.namespaces.nested);
    Report::of(plan, Protected::of(demand, nested, Support::of_kernel().unwrap_or(Support::NONE)))
}

impl Report {
    pub(super) fn of(plan: &Plan, landlock: Protected) -> Self {
        let user_namespace_limit = match plan.protections.user_namespace_limit {
            Demand::Off => Enforcement::Off,
            // Where it cannot be had, that step fails.
            Demand::Required => Enforcement::Enforced,
            Demand::BestEffort if can_limit(plan) => Enforcement::Enforced,
            Demand::BestEffort => Enforcement::Missing,
        };
        Self {
            landlock_scopes: landlock.scopes,
            landlock_execution: landlock.execution,
            landlock_reopening: landlock.reopening,
            user_namespace_limit,
        }
    }

    /// What is weaker for it, or where the plan does not accept that, why it cannot be run.
    pub fn missing(&self, plan: &Plan) -> Vec<Diagnostic> {
        let mut missing = Vec::new();
        if self.landlock_scopes == Enforcement::Missing {
            missing.push(self.no_scopes(plan));
        }
        if self.user_namespace_limit == Enforcement::Missing {
            missing.push(Diagnostic::warning(
                "the settings of this /proc cannot be changed, as in most containers: the filter alone keeps user \
                 namespaces from being made inside",
            ));
        }
        missing
    }

    /// With a network namespace of its own there is no abstract socket to reach.
    fn no_scopes(&self, plan: &Plan) -> Diagnostic {
        if plan.protections.landlock_scopes == Demand::Required {
            return Diagnostic::error(
                "this kernel has no Landlock scopes (they came with Linux 6.12): nsbox will refuse",
            );
        }
        let mut text = String::from("this kernel has no Landlock scopes (they came with Linux 6.12): ");
        text += match plan.network {
            Network::Host { .. } => "abstract sockets of the host can be reached",
            Network::None { .. } => "the pid and network namespaces alone close off the host's processes",
        };
        if self.landlock_execution == Enforcement::Missing {
            text += "; nor rules about files: those that its descriptors lead to are closed by their permissions alone";
        } else if self.landlock_reopening == Enforcement::Missing {
            text +=
                "; nor a rule about truncating files (Linux 6.2): those that its descriptors lead to can be emptied";
        }
        Diagnostic::warning(text)
    }
}

/// Whether the count of user namespaces can be written: in a new procfs, or the host's if that is not mounted read-only.
fn can_limit(plan: &Plan) -> bool {
    let is_own = |kind: &MountKind| matches!(kind, MountKind::Proc { source: ProcSource::New, .. });
    let is_writable = || {
        let found = rustix::fs::statvfs("/proc/sys/user/max_user_namespaces");
        found.is_ok_and(|found| !found.f_flag.contains(StatVfsMountFlags::RDONLY))
    };
    plan.mounts.iter().any(|mount| is_own(&mount.kind)) || is_writable()
}
