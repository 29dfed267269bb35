//! Making a process: clone3(2), and clone(2) where that is not to be had.

use crate::error::Errno;
use std::convert::Infallible;
use std::os::fd::{FromRawFd, OwnedFd};

/// Which of the two processes the caller is after a clone.
#[derive(Debug)]
pub enum Side {
    /// The new process.
    Child,
    /// The old one, which gets the child's pid and a descriptor of it (pidfd_open(2)).
    Parent {
        /// The child's process id in the caller's pid namespace.
        pid: i32,
        /// A descriptor that stays the child's even when its pid is used again.
        pidfd: OwnedFd,
    },
}

/// Makes a child in new namespaces (`CLONE_NEW*`), with memory of its own, which sends SIGCHLD when it ends.
///
/// `long clone3(struct clone_args *cl_args, size_t size);`
///
/// Falls back to clone(2) where clone3 answers ENOSYS (before Linux 5.3, or hidden by a filter that cannot look into
/// its arguments) or EPERM (an older container's filter).
///
/// The child must not return to its caller's caller: it runs its script and ends by exec or `_exit`.
///
/// # Errors
/// As clone(2); EBUSY where this process has threads, since a child of one may inherit a locked allocator.
pub fn in_namespaces(namespaces: u64) -> Result<Side, Errno> {
    if has_threads() {
        return Err(Errno(libc::EBUSY));
    }
    let mut pidfd: i32 = -1;
    let args = libc::clone_args {
        flags: namespaces | libc::CLONE_PIDFD as u64,
        pidfd: &raw mut pidfd as u64,
        exit_signal: libc::SIGCHLD as u64,
        // SAFETY: clone_args is plain numbers, for which zero says "not used".
        ..unsafe { std::mem::zeroed() }
    };
    // SAFETY: `args` is a whole clone_args with its true size; without CLONE_VM the child has its own copy of the
    // stack, and the process has a single thread.
    let mut pid = unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<libc::clone_args>()) };
    if pid < 0 && matches!(Errno::last().0, libc::ENOSYS | libc::EPERM) {
        pid = plain_clone(args.flags, &mut pidfd);
    }
    match pid {
        0 => Ok(Side::Child),
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows it.
        1.. => Ok(Side::Parent { pid: pid as i32, pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) } }),
        _ => Err(Errno::last()),
    }
}

/// `long clone(unsigned long flags, void *stack, int *parent_tid, ...);` where parent_tid receives the pidfd.
fn plain_clone(flags: u64, pidfd: &mut i32) -> i64 {
    let flags = flags | libc::SIGCHLD as u64;
    // SAFETY: as for clone3; a null stack means a copy of the caller's. The two last arguments, whose order differs
    // between architectures, are unused and zero.
    unsafe { libc::syscall(libc::SYS_clone, flags, 0usize, &raw mut *pidfd, 0usize, 0usize) }
}

/// Whether this process has more than one thread: the kernel refuses to unshare what threads must share. Where a filter
/// refuses the call itself, as in most containers, procfs is asked.
fn has_threads() -> bool {
    // SAFETY: in a process with one thread this call does nothing, and in any other it fails with EINVAL.
    let refused = unsafe { libc::unshare(libc::CLONE_THREAD) != 0 };
    refused
        && (Errno::last().0 == libc::EINVAL || std::fs::read_dir("/proc/self/task").is_ok_and(|all| all.count() > 1))
}

/// Makes a child that is a copy of the caller, for init's payload.
///
/// # Errors
/// As fork(2).
pub fn fork() -> Result<Option<i32>, Errno> {
    // SAFETY: init has a single thread, so the child may go on using the allocator.
    match unsafe { libc::fork() } {
        0 => Ok(None),
        pid if pid > 0 => Ok(Some(pid)),
        _ => Err(Errno::last()),
    }
}

/// The stack of a child that shares memory, in bytes; what is not touched of it costs nothing.
const STACK: usize = 256 << 10;
/// What lies below it, where a stack that overflows ends the process.
const GUARD: usize = 64 << 10;

/// Makes a child that acts in this process's own memory, on a stack of its own, while the caller waits until it executes a
/// program or ends: as vfork(2) does, which no language but assembly can use safely. Nothing is copied, and nothing faults.
///
/// `int clone(int (*fn)(void *), void *stack, int flags, void *arg);`
///
/// Whatever the child changes in memory stays so. Only a signal that kills the caller ends its wait, so nothing may hold the
/// child up; one that is killed while it allocates may leave an allocator that the caller cannot use.
///
/// # Errors
/// As mmap(2) and clone(2).
pub fn vfork(act: impl FnOnce() -> Infallible) -> Result<i32, Errno> {
    extern "C" fn enter<F: FnOnce() -> Infallible>(act: *mut libc::c_void) -> i32 {
        // SAFETY: the caller's `act`, which it does not touch until this process is gone from its memory.
        let act = unsafe { &mut *act.cast::<Option<F>>() };
        act.take().map_or(libc::EXIT_FAILURE, |act| match act() {})
    }
    fn entry<F: FnOnce() -> Infallible>(_: &Option<F>) -> extern "C" fn(*mut libc::c_void) -> i32 {
        enter::<F>
    }
    let mut act = Some(act);
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
    let stack = unsafe { libc::mmap(std::ptr::null_mut(), GUARD + STACK, protection, flags | libc::MAP_STACK, -1, 0) };
    // SAFETY: the lower end of the new mapping, where nothing is yet.
    if stack == libc::MAP_FAILED || unsafe { libc::mprotect(stack, GUARD, libc::PROT_NONE) } != 0 {
        return Err(Errno::last());
    }
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: the upper end of the stack, which is aligned to a page; `act` lives and is left alone until clone returns, which by
    // CLONE_VFORK is when the child uses neither any more.
    let pid = unsafe { libc::clone(entry(&act), stack.byte_add(GUARD + STACK), flags, (&raw mut act).cast()) };
    let made = if pid < 0 { Err(Errno::last()) } else { Ok(pid) };
    // SAFETY: the mapping made above, on which nobody stands any more.
    unsafe { libc::munmap(stack, GUARD + STACK) };
    made
}

/// Ends this process at once, without unwinding and without running anything at exit.
pub fn exit_now(status: i32) -> ! {
    // SAFETY: takes no memory and does not return.
    unsafe { libc::_exit(status) }
}
