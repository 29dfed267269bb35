//! seccomp(2): the installation of a filter on the calling thread.

use nix::errno::Errno;

/// Installs a filter on the calling thread; it stays for good, and every child inherits it.
///
/// `seccomp(SECCOMP_SET_MODE_FILTER, flags, &(struct sock_fprog){ .len, .filter })`, seccomp(2), the flags being
/// `SECCOMP_FILTER_FLAG_*`. Without no_new_privs or CAP_SYS_ADMIN the kernel answers EACCES; to more than
/// `BPF_MAXINSNS` instructions, or none, or unknown flags, EINVAL.
pub fn set_filter(instructions: &[libc::sock_filter], flags: libc::c_ulong) -> Result<(), Errno> {
    let len = u16::try_from(instructions.len()).map_err(|_| Errno::EINVAL)?;
    // The kernel only reads the instructions; the pointer is mutable for want of const in the header.
    let program = libc::sock_fprog { len, filter: instructions.as_ptr().cast_mut() };
    // SAFETY: `program` and the `len` instructions it points to live until the call returns, and the kernel copies them.
    let answer = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    Errno::result(answer).map(drop)
}

/// Makes a system call with all arguments 0, for the tests of what a filter answers.
#[cfg(test)]
pub fn call_without_arguments(number: libc::c_long) -> Result<libc::c_long, Errno> {
    assert!(
        [libc::SYS_keyctl, libc::SYS_userfaultfd, libc::SYS_clone3, libc::SYS_getpid, 600].contains(&number),
        "{number} may not be harmless without arguments"
    );
    // SAFETY: none of these calls touches memory when its arguments are 0.
    Errno::result(unsafe { libc::syscall(number, 0, 0, 0, 0, 0, 0) })
}
