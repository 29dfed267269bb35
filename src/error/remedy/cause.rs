//! Why something was refused: a pure function of what was tried, the error and the evidence.

use super::evidence::{Evidence, Impostor, Kind};

/// The oldest kernel that nsbox runs on: the first that counts processes by user namespace, so that a limit on them binds the
/// sandbox, with all ids that are lent to it. What else every launch needs is older: mount_setattr(2) came with 5.12,
/// CLOSE_RANGE_CLOEXEC and overlays for ordinary users with 5.11, and openat2(2) and offsets of clocks with 5.6.
pub const KERNEL_OLDEST: (u32, u32) = (5, 14);

/// Something that nsbox asks of the kernel, as far as it matters to why it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// A kernel that is not too old.
    Kernel,
    /// Making one kind of namespace, inside a user namespace unless it is one.
    Namespace(Kind),
    /// Making all that a sandbox has, in one call.
    Namespaces,
    /// Mapping the caller's own ids.
    OwnIds,
    /// Mapping ids that are lent to the caller.
    LentIds,
    /// Finding the programs that map them, and what is lent.
    LentIdsThere,
    /// What needs privilege over the new namespaces: the loopback, the host name, mounts.
    Privileged,
    /// Mounting a new procfs.
    NewProc,
    /// Mounting an overlay.
    Overlay,
    /// Limiting user namespaces inside.
    NamespaceLimit,
    /// A syscall filter.
    Seccomp,
    /// A Landlock ruleset.
    Landlock,
    /// Landlock's scopes.
    Scopes,
    /// A new session keyring.
    Keyring,
}

/// Why the host refuses something; each has one place in the table of `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// `user.max_user_namespaces` is 0.
    UserNamespacesOff,
    /// The limit on another kind is 0.
    KindOff(Kind),
    /// A limit is used up.
    LimitReached,
    /// The sandbox or user namespace around nsbox allows no more.
    OuterSandbox,
    /// Debian's `kernel.unprivileged_userns_clone` is 0.
    UsernsCloneOff,
    /// Ubuntu's restriction of unprivileged user namespaces.
    AppArmor,
    /// Another profile of AppArmor confines nsbox.
    AppArmorProfile,
    /// SELinux is enforcing.
    Selinux,
    /// nsbox is in a chroot.
    Chroot,
    /// A syscall filter around nsbox.
    OuterFilter,
    /// Parts of /proc are covered.
    MaskedProc,
    /// There is no /proc, or one of another pid namespace.
    NoProc,
    /// The settings of /proc cannot be written.
    ReadOnlySettings,
    /// The kernel is gVisor's.
    Gvisor,
    /// There is no kernel of Linux.
    Wsl1,
    /// The kernel is too old.
    OldKernel,
    /// The kernel was built without a kind of namespace, or something else.
    NotInKernel,
    /// Root lacks the capability without which it may not map itself.
    NoSetfcap,
    /// The kernel has no overlayfs, or has not loaded it.
    NoOverlay,
    /// newuidmap or newgidmap is missing.
    NoMapPrograms,
    /// No ids are lent to the caller.
    NoLentIds,
    /// newuidmap or newgidmap refused the map.
    LentIdsRefused,
    /// Landlock is not in this kernel, or not switched on.
    NoLandlock,
    /// Landlock has no scopes yet.
    NoScopes,
    /// Nothing that can be seen explains it.
    Unknown,
}

/// Why an attempt ended with this error number on this host.
pub fn diagnose(attempt: Attempt, errno: i32, evidence: &Evidence) -> Cause {
    match (evidence.impostor, errno) {
        (Some(Impostor::Gvisor), _) => return Cause::Gvisor,
        (Some(Impostor::Wsl1), _) => return Cause::Wsl1,
        (None, libc::ENOENT) if evidence.no_proc && attempt != Attempt::LentIdsThere => return Cause::NoProc,
        _ => {}
    }
    match (attempt, errno) {
        // In there nothing is lent, and nobody is root of the host.
        (Attempt::LentIdsThere, _) if evidence.in_user_namespace => Cause::NoMapPrograms,
        (Attempt::LentIdsThere, libc::ENOENT) => Cause::NoMapPrograms,
        (Attempt::LentIdsThere, _) => Cause::NoLentIds,
        (Attempt::LentIds, libc::EPERM | libc::EACCES) => Cause::LentIdsRefused,
        // A procfs of another pid namespace knows somebody else by the number that nsbox knows, or nobody.
        (Attempt::OwnIds, _) if evidence.no_proc => Cause::NoProc,
        (Attempt::OwnIds, libc::EPERM) if evidence.is_root => Cause::NoSetfcap,
        (Attempt::Landlock, libc::ENOSYS | libc::EOPNOTSUPP) if evidence.landlock.is_none() && evidence.filtered => {
            Cause::OuterFilter
        }
        (Attempt::Landlock, libc::ENOSYS | libc::EOPNOTSUPP) => Cause::NoLandlock,
        (Attempt::Scopes, libc::ENOSYS | libc::EOPNOTSUPP) => match evidence.landlock {
            None | Some(0) => Cause::NoLandlock,
            Some(_) => Cause::NoScopes,
        },
        (Attempt::Overlay, libc::ENODEV) => Cause::NoOverlay,
        (Attempt::NewProc, libc::EPERM) if !evidence.masks_in_proc.is_empty() || !suspects(evidence) => {
            Cause::MaskedProc
        }
        // What covers /proc/sys is what keeps a new procfs away, in which it would not be covered.
        (Attempt::NamespaceLimit, libc::EROFS) if !evidence.masks_in_proc.is_empty() => Cause::MaskedProc,
        (Attempt::NamespaceLimit, libc::EROFS | libc::ENOENT) => Cause::ReadOnlySettings,
        (Attempt::Namespace(kind), errno) => namespace_refused(&[Kind::User, kind], errno, evidence),
        (Attempt::Namespaces, errno) => namespace_refused(&Kind::ALL, errno, evidence),
        (_, errno) => refused(errno, evidence),
    }
}

/// Whether a security module or a filter is known that may stand in the way of a mount.
fn suspects(evidence: &Evidence) -> bool {
    let is_confined = evidence.apparmor_profile.is_some() || is_confined_by_selinux(evidence);
    is_confined || evidence.apparmor_restricts || evidence.filtered
}

/// Whether SELinux has rules for this process: those of a desktop's user run in a domain that has none.
fn is_confined_by_selinux(evidence: &Evidence) -> bool {
    evidence.selinux_context.as_deref().is_some_and(|context| !context.contains(":unconfined_"))
}

/// Why no namespace could be made, of these kinds.
fn namespace_refused(kinds: &[Kind], errno: i32, evidence: &Evidence) -> Cause {
    let is_off = |kind: &Kind| evidence.limit(*kind) == Some(0);
    match errno {
        libc::ENOSPC | libc::EUSERS => match kinds.iter().find(|kind| is_off(kind)) {
            Some(Kind::User) => Cause::UserNamespacesOff,
            Some(kind) => Cause::KindOff(*kind),
            None if evidence.in_user_namespace => Cause::OuterSandbox,
            None => Cause::LimitReached,
        },
        libc::EPERM if evidence.in_chroot => Cause::Chroot,
        libc::EPERM if evidence.userns_clone_off => Cause::UsernsCloneOff,
        libc::EINVAL => old_or_without(evidence),
        // There is a permission for this alone, which administrators take from everybody.
        libc::EACCES if evidence.selinux_context.is_some() => Cause::Selinux,
        errno => refused(errno, evidence),
    }
}

/// Why anything else was refused. Security modules answer EACCES, or EPERM where they take a capability away; filters of
/// containers answer EPERM, or ENOSYS where they hide a call.
fn refused(errno: i32, evidence: &Evidence) -> Cause {
    let profile = evidence.apparmor_profile.as_deref();
    // What Ubuntu puts on everybody who makes a user namespace without leave.
    let is_restricted = profile.is_some_and(|profile| profile.contains("unprivileged_userns"));
    let may_be_restricted = evidence.apparmor_restricts && profile.is_none();
    match errno {
        libc::EPERM | libc::EACCES if is_restricted => Cause::AppArmor,
        libc::EACCES if may_be_restricted => Cause::AppArmor,
        libc::EPERM | libc::ENOSYS if evidence.filtered => Cause::OuterFilter,
        libc::EPERM if may_be_restricted => Cause::AppArmor,
        libc::EPERM | libc::EACCES if profile.is_some() => Cause::AppArmorProfile,
        libc::EPERM | libc::EACCES if is_confined_by_selinux(evidence) => Cause::Selinux,
        libc::ENOSYS | libc::ENODEV | libc::EOPNOTSUPP | libc::EINVAL => old_or_without(evidence),
        // What ordinary users may do has grown: overlays came with Linux 5.11.
        libc::EPERM if is_old(evidence) => Cause::OldKernel,
        _ => Cause::Unknown,
    }
}

fn is_old(evidence: &Evidence) -> bool {
    evidence.kernel.is_some_and(|version| version < KERNEL_OLDEST)
}

fn old_or_without(evidence: &Evidence) -> Cause {
    if is_old(evidence) { Cause::OldKernel } else { Cause::NotInKernel }
}
