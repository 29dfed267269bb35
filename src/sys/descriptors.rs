//! The descriptors of a process by number: all at once with close_range(2), Linux 5.9, or one.

use crate::error::Errno;
use rustix::fs::FileType;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Which signal tells that a descriptor is ready (asm-generic/fcntl.h).
const F_SETSIG: libc::c_int = 10;

/// Closes every descriptor from 3 up but these, whoever in this process owns it: for one that will drop nothing any more,
/// since it ends by exec or by [`exit_now`](super::clone::exit_now).
///
/// `int close_range(unsigned int first, unsigned int last, int flags);`
///
/// # Errors
/// As close_range(2).
pub fn close_all_but(kept: &[RawFd]) -> Result<(), Errno> {
    let mut kept: Vec<u32> = kept.iter().filter_map(|fd| u32::try_from(*fd).ok()).filter(|fd| *fd > 2).collect();
    kept.sort_unstable();
    kept.dedup();
    let mut first = 3;
    for fd in kept {
        if first < fd {
            close(first, fd - 1)?;
        }
        first = fd + 1;
    }
    close(first, u32::MAX)
}

fn close(first: u32, last: u32) -> Result<(), Errno> {
    // SAFETY: an owner who used or dropped one of these later would be surprised, and by the contract above there is none.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0u32) };
    if result == 0 { Ok(()) } else { Err(Errno::last()) }
}

/// Whether the caller of this program left a descriptor of this number open to it.
///
/// What lives through exec cannot be close-on-exec, and every descriptor that nsbox opens is: so the flag tells whose
/// one is, whenever it is asked.
///
/// `int fcntl(int fd, F_GETFD);`
///
/// # Errors
/// As fcntl(2), but that there is no such descriptor is an answer.
pub fn is_inherited(fd: RawFd) -> Result<bool, Errno> {
    // SAFETY: reads a flag of a descriptor, and fails where there is none.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
    match (flags, Errno::last()) {
        (0.., _) => Ok(flags & libc::FD_CLOEXEC == 0),
        (_, Errno(libc::EBADF)) => Ok(false),
        (_, errno) => Err(errno),
    }
}

/// A descriptor that the caller of this program left open to it, to look at.
///
/// # Errors
/// As [`is_inherited`].
pub fn borrow_inherited(fd: RawFd) -> Result<Option<BorrowedFd<'static>>, Errno> {
    // SAFETY: it is open, and what crossed exec has no owner in this process who could close it.
    Ok(is_inherited(fd)?.then(|| unsafe { BorrowedFd::borrow_raw(fd) }))
}

/// Takes a descriptor that the caller of this program left open to it, for nsbox itself: it closes on exec from here on.
///
/// `int fcntl(int fd, F_SETFD, int flags);`
///
/// # Errors
/// EBADF where there is none, or it is nsbox's own already.
pub fn take(fd: RawFd) -> Result<OwnedFd, Errno> {
    if fd <= libc::STDERR_FILENO || !is_inherited(fd)? {
        return Err(Errno(libc::EBADF));
    }
    // SAFETY: changes a flag of a descriptor.
    if unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } != 0 {
        return Err(Errno::last());
    }
    // SAFETY: it is open and no standard stream, and what crossed exec has no owner in this process: the flag just set
    // says that it has one now, so it is given out once.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// What a descriptor, known by its number alone, leads to; nothing where there is no such descriptor.
///
/// `int fstat(int fd, struct stat *statbuf);`
///
/// # Errors
/// As fstat(2).
pub fn file_type(fd: RawFd) -> Result<Option<FileType>, Errno> {
    // SAFETY: stat is plain data for which zero is a value.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: the call only writes to `stat`, and fails where there is no such descriptor.
    let result = unsafe { libc::fstat(fd, &raw mut stat) };
    match (result, Errno::last()) {
        (0, _) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
        (_, Errno(libc::EBADF)) => Ok(None),
        (_, errno) => Err(errno),
    }
}

/// Whether a descriptor, known by its number alone, is an io_uring; a number without a descriptor is none.
///
/// The kernel tells by the name that it gives such a file in procfs, without which nsbox launches nothing.
pub fn is_ring(fd: RawFd) -> bool {
    std::fs::read_link(format!("/proc/self/fd/{fd}")).is_ok_and(|name| name.as_os_str() == "anon_inode:[io_uring]")
}

/// Has the kernel send this process a signal whenever a descriptor becomes readable; or no longer.
///
/// `int fcntl(int fd, F_SETOWN, pid_t pid);`, `int fcntl(int fd, F_SETSIG, int sig);`, `int fcntl(int fd, F_SETFL, int flags);`
///
/// # Errors
/// As fcntl(2).
pub fn signal_on_news(descriptor: BorrowedFd<'_>, signal: Option<i32>) -> Result<(), Errno> {
    let call = |command: libc::c_int, value: libc::c_int| {
        // SAFETY: the descriptor is open, and these commands take and give numbers.
        let result = unsafe { libc::fcntl(descriptor.as_raw_fd(), command, value) };
        if result < 0 { Err(Errno::last()) } else { Ok(result) }
    };
    let flags = call(libc::F_GETFL, 0)?;
    let Some(signal) = signal else { return call(libc::F_SETFL, flags & !libc::O_ASYNC).map(drop) };
    call(libc::F_SETOWN, std::process::id() as i32)?;
    call(F_SETSIG, signal)?;
    call(libc::F_SETFL, flags | libc::O_ASYNC).map(drop)
}
