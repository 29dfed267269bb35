//! The descriptors of a process by number: all at once with close_range(2), Linux 5.9, or one.

use crate::error::Errno;
use rustix::fs::{FileType, major, minor};
use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Which signal tells that a descriptor is ready (asm-generic/fcntl.h).
const F_SETSIG: libc::c_int = 10;
/// The device number of /dev/null (devices.txt of Linux).
const NULL: (u32, u32) = (1, 3);

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

/// A descriptor that the caller of this program left open to it, and what it leads to.
#[derive(Debug, Clone, Copy)]
pub struct Inherited {
    descriptor: BorrowedFd<'static>,
    file_type: FileType,
    /// Which file it is: the numbers of its device and its inode.
    file: (u64, u64),
    /// Which device that stands for.
    stands_for: u64,
}

impl Inherited {
    /// Looks at one; nothing where the caller left none of this number.
    ///
    /// `int fstat(int fd, struct stat *statbuf);`
    ///
    /// # Errors
    /// As fcntl(2) and fstat(2).
    pub fn look(fd: RawFd) -> Result<Option<Self>, Errno> {
        // A standard stream is never nsbox's own: before `main` the language opens /dev/null where the caller closed one.
        if fd > libc::STDERR_FILENO && !is_inherited(fd)? {
            return Ok(None);
        }
        // SAFETY: stat is plain data for which zero is a value.
        let mut stat: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: the call only writes to `stat`, and fails where there is no such descriptor.
        let result = unsafe { libc::fstat(fd, &raw mut stat) };
        match (result, Errno::last()) {
            (0, _) => {}
            (_, Errno(libc::EBADF)) => return Ok(None),
            (_, errno) => return Err(errno),
        }
        Ok(Some(Self {
            // SAFETY: it is open, and what crossed exec has no owner in this process who could close it.
            descriptor: unsafe { BorrowedFd::borrow_raw(fd) },
            file_type: FileType::from_raw_mode(stat.st_mode),
            file: (stat.st_dev, stat.st_ino),
            stands_for: stat.st_rdev,
        }))
    }

    /// Its number.
    pub fn number(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }

    /// Whether it is one of the three that every program has.
    pub fn is_standard(&self) -> bool {
        self.number() <= libc::STDERR_FILENO
    }

    /// The kind of file that it leads to.
    pub fn file_type(&self) -> FileType {
        self.file_type
    }

    /// Which file it leads to: the numbers of its device and its inode.
    pub fn file(&self) -> (u64, u64) {
        self.file
    }

    /// Whether it leads to /dev/null, by whatever name.
    pub fn is_null(&self) -> bool {
        self.file_type == FileType::CharacterDevice && (major(self.stands_for), minor(self.stands_for)) == NULL
    }

    /// Whether it may be a terminal.
    pub fn may_be_terminal(&self) -> bool {
        self.file_type == FileType::CharacterDevice && !self.is_null()
    }

    /// Whether it is an io_uring.
    ///
    /// The kernel tells by the name that it gives such a file in procfs, without which nsbox launches nothing.
    pub fn is_ring(&self) -> bool {
        let name = std::fs::read_link(format!("/proc/self/fd/{}", self.number()));
        name.is_ok_and(|name| name.as_os_str() == "anon_inode:[io_uring]")
    }
}

impl AsFd for Inherited {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor
    }
}

impl fmt::Display for Inherited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "descriptor {}", self.number())
    }
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
