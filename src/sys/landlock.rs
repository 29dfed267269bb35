//! What Landlock the running kernel has; rulesets are the `landlock` crate's business, which tells no version.

/// The version of the kernel's interface; 0 where it has none, or it is switched off.
///
/// `int landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);`
pub fn abi() -> u32 {
    let version: libc::c_uint = 1;
    // SAFETY: with this flag and neither attributes nor a size, the call returns a number and does nothing.
    let found = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0usize, version) };
    u32::try_from(found).unwrap_or(0)
}
