//! What keeps a process from gaining privilege, and what it has of it: the bounding set, and how it was executed.

use crate::error::Errno;
use rustix::thread::{CapabilitySet, capabilities};

/// Drops every capability the running kernel knows from the bounding set, those newer than this program included, but
/// for those whose bits are set in `kept`.
///
/// `int prctl(PR_CAPBSET_DROP, unsigned long cap);`
///
/// # Errors
/// EPERM without CAP_SETPCAP.
pub fn reduce_bounding_set(kept: u64) -> Result<(), Errno> {
    // Capabilities are numbered without a gap, and a set has room for 64.
    for capability in (0..64u64).filter(|capability| kept & (1 << capability) == 0) {
        // SAFETY: takes numbers only.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) } != 0 {
            return match Errno::last() {
                Errno(libc::EINVAL) if capability > 0 => Ok(()),
                errno => Err(errno),
            };
        }
    }
    Ok(())
}

/// Whether this process may give up its supplementary groups, and let a user namespace that it maps do so: real root may, but
/// not the root of a user namespace whose maps were written without privilege (CAP_SETGID, user_namespaces(7)).
pub fn may_set_groups() -> bool {
    let is_allowed = || std::fs::read_to_string("/proc/self/setgroups").is_ok_and(|found| found.trim() == "allow");
    capabilities(None).is_ok_and(|own| own.effective.contains(CapabilitySet::SETGID)) && is_allowed()
}

/// Whether exec gave this process more privilege than its caller had: set-id bits or file capabilities.
///
/// `unsigned long getauxval(AT_SECURE);`
pub fn gained_by_exec() -> bool {
    // SAFETY: reads a number that the kernel left for this process.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}
