//! Which version of Landlock's interface the kernel has: landlock_create_ruleset(2).

use crate::error::Errno;

/// `LANDLOCK_CREATE_RULESET_VERSION` (linux/landlock.h).
const VERSION: u32 = 1;

/// The version of the interface.
///
/// `int landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);`
///
/// # Errors
/// ENOSYS where the kernel was built without Landlock, EOPNOTSUPP where it is switched off.
pub fn version() -> Result<u32, Errno> {
    // SAFETY: with this flag the call reads no memory: the pointer is null and the size 0.
    let answer = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0usize, 0usize, VERSION) };
    u32::try_from(answer).map_err(|_| Errno::last())
}
