//! Landlock: no signal to a process outside, no abstract socket of the host, no program but those of the sandbox, and no
//! file of the host through a descriptor for more than it was opened for (landlock(7)).

mod streams;

use crate::error::{Errno, Fault};
use crate::plan::{self, Demand, Enforcement, MountKind, Nested, Plan, Root, RootAccess};
use crate::sys::descriptors::Inherited;
use crate::sys::landlock::{self, Rights, Scopes};
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use streams::Stream;

/// What of Landlock a kernel has, by the version of its interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Support(u32);

impl Support {
    /// No Landlock at all.
    pub const NONE: Self = Self(0);
    /// Rules about files, but for moves between folders (Linux 5.13).
    pub const OLDEST: Self = Self(1);
    /// Rules about files, and so about executing them (Linux 5.19 with moves between folders).
    const FILES: Self = Self(2);
    /// Rules about truncating files (Linux 6.2).
    pub const TRUNCATING: Self = Self(3);
    /// Scopes (Linux 6.12).
    pub const SCOPES: Self = Self(6);

    /// What the running kernel has: none where it says so, or where the filter of an outer container says so for it.
    ///
    /// # Errors
    /// As landlock_create_ruleset(2): whatever else it answers does not tell.
    pub fn of_kernel() -> Result<Self, Errno> {
        match landlock::version() {
            Ok(version) => Ok(Self(version)),
            Err(Errno(libc::ENOSYS | libc::EOPNOTSUPP | libc::EPERM)) => Ok(Self::NONE),
            Err(errno) => Err(errno),
        }
    }
}

/// What of the plan's protections is Landlock's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protected {
    /// No signal to a process outside, and no abstract socket of the host.
    pub scopes: Enforcement,
    /// No program but those below the new root.
    pub execution: Enforcement,
    /// No file of the host, to which a descriptor leads, for more than that was opened for.
    pub reopening: Enforcement,
}

impl Protected {
    /// What such a kernel protects, where a descriptor may lead to a file of the host.
    ///
    /// Who is under rules about files cannot mount, so that sandboxes inside could not be made: those have none.
    pub fn of(demand: Demand, nested: &Nested, support: Support) -> Self {
        let is_off = demand == Demand::Off;
        let nests = matches!(nested, Nested::Allow { .. });
        let state = |is_off: bool, since: Support| match is_off {
            true => Enforcement::Off,
            false if support >= since => Enforcement::Enforced,
            false => Enforcement::Missing,
        };
        Self {
            scopes: state(is_off, Support::SCOPES),
            execution: state(is_off || nests, Support::FILES),
            // Before, a file that was opened to be read could be emptied all the same.
            reopening: state(is_off || nests, Support::TRUNCATING),
        }
    }

    fn with(mut self, streams: &[Stream]) -> Self {
        if self.reopening != Enforcement::Off && !streams.iter().any(Stream::is_partial) {
            self.reopening = Enforcement::Unneeded;
        }
        self
    }
}

/// A ruleset that is ready to be applied, if there is one, and what it does.
#[derive(Debug)]
pub struct Prepared {
    ruleset: Option<OwnedFd>,
    below_root: Rights,
    /// What may be written in a root that may not be.
    writable: Vec<PathBuf>,
    written: Rights,
    protected: Protected,
}

/// Makes the ruleset that the plan asks for; what this kernel lacks of it is left out where the plan accepts that, and the
/// caller says so aloud.
///
/// # Errors
/// EOPNOTSUPP where the kernel lacks scopes and the plan demands them, else as fstatfs(2), fcntl(2), landlock_create_ruleset(2)
/// and landlock_add_rule(2).
pub fn prepare(plan: &Plan, passed: &[Inherited]) -> Result<Prepared, Fault> {
    let support = Support::of_kernel().map_err(Fault::of("landlock_create_ruleset", "its version"))?;
    let demand = plan.protections.landlock_scopes;
    if demand == Demand::Required && support < Support::SCOPES {
        return Err(Fault::of("landlock_create_ruleset", "scopes")(Errno(libc::EOPNOTSUPP)));
    }
    let protected = Protected::of(demand, &plan.namespaces.nested, support);
    let streams = if protected.reopening == Enforcement::Off { Vec::new() } else { streams::among(passed)? };
    let protected = protected.with(&streams);
    let handled = below_root(protected, support);
    let scopes = if protected.scopes == Enforcement::Enforced { Scopes::ALL } else { Scopes::NONE };
    let ruleset = match (handled, scopes) {
        (Rights::NONE, Scopes::NONE) => None,
        _ => Some(create(handled, scopes, &streams, support)?),
    };
    let written = handled & streams::rights(false, true, support);
    let (below_root, writable) = match writable(plan) {
        Some(writable) => (handled - written, writable),
        None => (handled, Vec::new()),
    };
    Ok(Prepared { ruleset, below_root, writable, written, protected })
}

/// Where something may be written in a read-only root that is a folder of the host: the rule for that root is about the folder
/// itself, so that it also holds for what a descriptor leads to in there from outside. Nothing where the root is another one.
fn writable(plan: &Plan) -> Option<Vec<PathBuf>> {
    let Root::Directory { access: RootAccess::Read, .. } = plan.root else { return None };
    let is_writable = |mount: &&plan::Mount| match mount.kind {
        MountKind::Bind { access, .. } => access == plan::Access::Write,
        MountKind::Device { .. }
        | MountKind::Kept { .. }
        | MountKind::Tmpfs { .. }
        | MountKind::Proc { .. }
        | MountKind::Devpts
        | MountKind::Console => true,
        MountKind::Directory { .. }
        | MountKind::Symlink { .. }
        | MountKind::File { .. }
        | MountKind::Sockets
        | MountKind::Hide
        | MountKind::ReadOnly
        | MountKind::Pin => false,
    };
    Some(plan.mounts.iter().filter(is_writable).map(|mount| mount.destination.clone()).collect())
}

/// What is allowed below the new root, and nowhere else.
///
/// To execute: on its way to exec the payload is still nsbox, whose file is the host's. An image whose `/bin/sh` is a link to
/// `/proc/self/exe` would run it, with libraries of its own, and could change its permissions (CVE-2019-5736). Where a rule is
/// about files the kernel also wants one for moving them between folders.
///
/// To open: a descriptor leads to its file through `/proc/self/fd`, and there it could be opened for more. This costs a walk
/// up to the root at every open(2), so it is left out where no descriptor is of that kind.
fn below_root(protected: Protected, support: Support) -> Rights {
    let mut rights = Rights::NONE;
    if protected.execution == Enforcement::Enforced {
        rights = rights | Rights::EXECUTE | Rights::REFER;
    }
    // Where emptying cannot be closed, all else is.
    let closes_some = protected.reopening == Enforcement::Missing && support >= Support::FILES;
    if protected.reopening == Enforcement::Enforced || closes_some {
        rights = rights | streams::rights(true, true, support);
    }
    rights
}

fn create(handled: Rights, scopes: Scopes, streams: &[Stream], support: Support) -> Result<OwnedFd, Fault> {
    let ruleset = landlock::create_ruleset(handled, scopes).map_err(Fault::of("landlock_create_ruleset", ""))?;
    for stream in streams {
        let rights = stream.rights(support) & handled;
        if rights.is_empty() {
            continue;
        }
        match landlock::add_rule(ruleset.as_fd(), stream.as_fd(), rights) {
            // It is in no file system that paths lead to, so that the kernel asks no rule about it.
            Ok(()) | Err(Errno(libc::EBADFD)) => {}
            Err(errno) => return Err(Fault::of("landlock_add_rule", stream)(errno)),
        }
    }
    Ok(ruleset)
}

impl Prepared {
    /// What it protects.
    pub fn protected(&self) -> Protected {
        self.protected
    }

    /// Whether there is anything to apply.
    pub fn is_empty(&self) -> bool {
        self.ruleset.is_none()
    }
}

/// Restricts this process and its children to come, in their own root. `no_new_privs` must be set already.
///
/// # Errors
/// As open(2), landlock_add_rule(2) and landlock_restrict_self(2).
pub fn apply(prepared: &Prepared) -> Result<(), Fault> {
    let Some(ruleset) = prepared.ruleset.as_ref().map(OwnedFd::as_fd) else { return Ok(()) };
    if !prepared.below_root.is_empty() {
        let root = Path::new("/");
        let folder = open(root).map_err(Fault::of("open", "/"))?;
        allow(ruleset, &folder, root, prepared.below_root)?;
    }
    for path in prepared.writable.iter().filter(|_| !prepared.written.is_empty()) {
        // What is not there, such as a terminal, needs no rule.
        let Ok(place) = open(path) else { continue };
        allow(ruleset, &place, path, prepared.written)?;
    }
    landlock::restrict_self(ruleset).map_err(Fault::of("landlock_restrict_self", ""))
}

fn open(path: &Path) -> rustix::io::Result<OwnedFd> {
    openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}

fn allow(ruleset: BorrowedFd<'_>, place: &OwnedFd, path: &Path, rights: Rights) -> Result<(), Fault> {
    landlock::add_rule(ruleset, place.as_fd(), rights).map_err(Fault::of("landlock_add_rule", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Protected, Support, below_root};
    use crate::plan::{Demand, Enforcement, Nested, Origin};
    use crate::sys::landlock::Rights;

    #[test]
    fn an_older_kernel_protects_what_it_can() {
        let of = |abi| Protected::of(Demand::BestEffort, &Nested::Deny, Support(abi));
        let rights = |abi| below_root(of(abi), Support(abi));
        assert_eq!((of(0).scopes, of(0).execution), (Enforcement::Missing, Enforcement::Missing));
        assert!(rights(0).is_empty() && rights(1).is_empty());
        assert_eq!((of(2).execution, of(2).reopening), (Enforcement::Enforced, Enforcement::Missing));
        assert!(rights(2).contains(Rights::EXECUTE | Rights::WRITE_FILE) && !rights(2).contains(Rights::TRUNCATE));
        assert!(rights(3).contains(Rights::TRUNCATE));
        assert_eq!((of(3).scopes, of(3).reopening), (Enforcement::Missing, Enforcement::Enforced));
        assert_eq!(of(6).scopes, Enforcement::Enforced);
    }

    #[test]
    fn who_may_mount_inside_is_under_no_rule_about_files() {
        let nested = Nested::Allow { origin: Origin::Default("a test".into()) };
        let protected = Protected::of(Demand::Required, &nested, Support(6));
        assert_eq!((protected.scopes, protected.reopening), (Enforcement::Enforced, Enforcement::Off));
        assert!(below_root(protected, Support(6)).is_empty());
    }
}
