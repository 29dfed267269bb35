//! Namespaces made for the calling process itself, or for its children: unshare(2).

use crate::error::Errno;

/// Makes new namespaces (`CLONE_NEW*`) for this process; those for pids and time take in its children only.
///
/// `int unshare(int flags);`
///
/// # Errors
/// As unshare(2).
pub fn unshare(namespaces: i32) -> Result<(), Errno> {
    // SAFETY: no flag of a namespace touches memory or descriptors, which CLONE_FILES and CLONE_VM would.
    let result = unsafe { libc::unshare(namespaces) };
    if result == 0 { Ok(()) } else { Err(Errno::last()) }
}
