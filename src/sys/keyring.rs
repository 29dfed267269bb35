//! The session keyring of a process: keyctl(2).

use crate::error::Errno;

/// Leaves the caller's session keyring for a new, anonymous one.
///
/// `long keyctl(KEYCTL_JOIN_SESSION_KEYRING, const char *name);` with a null name
///
/// # Errors
/// As keyctl(2): EDQUOT where the user has too many keyrings.
pub fn join_new_session() -> Result<(), Errno> {
    // SAFETY: a null name asks for an anonymous keyring; no memory is read.
    let result = unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, 0usize) };
    if result >= 0 { Ok(()) } else { Err(Errno::last()) }
}

/// The number of the caller's session keyring, if it has one and may ask.
///
/// `long keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);`
pub fn session() -> Option<i64> {
    // SAFETY: takes numbers only.
    let id = unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_GET_KEYRING_ID, libc::KEY_SPEC_SESSION_KEYRING, 0) };
    (id >= 0).then_some(id)
}
