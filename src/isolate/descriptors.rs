//! What of the caller's open files the payload gets (close_range(2)).

use crate::error::{Errno, Fault};
use crate::plan::Descriptors;
use crate::sys::descriptors;
use rustix::fs::FileType;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Refuses to pass on what leads out of the sandbox, the standard streams included. An open folder is a mount of the host with
/// every path from there, `..` too, and writable as it is on the host (CVE-2024-21626). And the thread that an io_uring has in
/// the kernel does what the ring asks for as the caller who made it, outside, and asks no filter.
///
/// # Errors
/// EISDIR where a folder is open, EOPNOTSUPP where an io_uring is, else as fstat(2).
pub fn refuse_ways_out(kept: &Descriptors) -> Result<(), Fault> {
    let kept = if let Descriptors::Only(kept) = kept { kept.as_slice() } else { &[] };
    [0, 1, 2].iter().chain(kept).try_for_each(|fd| {
        let subject = format_args!("descriptor {fd}");
        match descriptors::file_type(*fd).map_err(|errno| Fault::of("fstat", subject)(errno))? {
            Some(FileType::Directory) => Err(Fault::of("pass on", subject)(Errno(libc::EISDIR))),
            // A ring is of no type of its own.
            Some(FileType::RegularFile | FileType::Unknown) if descriptors::is_ring(*fd) => {
                Err(Fault::of("pass on", format_args!("{subject}, an io_uring"))(Errno(libc::EOPNOTSUPP)))
            }
            _ => Ok(()),
        }
    })
}

/// Refuses to pass on what the caller did not open: the number would come to mean a descriptor of nsbox's own.
///
/// # Errors
/// EBADF where one is not open, or is nsbox's.
pub fn refuse_strangers(kept: &Descriptors) -> Result<(), Fault> {
    let kept = if let Descriptors::Only(kept) = kept { kept.as_slice() } else { &[] };
    kept.iter().try_for_each(|fd| match descriptors::is_inherited(*fd) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Fault::of("pass on", format_args!("descriptor {fd}"))(Errno(libc::EBADF))),
        Err(errno) => Err(Fault::of("fcntl F_GETFD", format_args!("descriptor {fd}"))(errno)),
    })
}

/// Closes all but 0, 1, 2, what the plan names, and what nsbox itself needs up to exec and has marked to be closed by it. For
/// the process that becomes the command: what it owned is closed under it.
///
/// # Errors
/// As close_range(2).
pub fn apply(kept: &Descriptors, needed: &[BorrowedFd<'_>]) -> Result<(), Fault> {
    let Descriptors::Only(kept) = kept else { return Ok(()) };
    let all: Vec<_> = kept.iter().copied().chain(needed.iter().map(AsRawFd::as_raw_fd)).collect();
    descriptors::close_all_but(&all).map_err(Fault::of("close_range", ""))
}

#[cfg(test)]
mod tests {
    use super::refuse_strangers;
    use crate::error::Errno;
    use crate::plan::Descriptors;
    use std::os::fd::AsRawFd;

    #[test]
    fn a_descriptor_that_the_caller_did_not_open_is_never_taken_for_one_of_its_own() {
        let own = std::fs::File::open("/dev/null").expect("a descriptor of this process");
        let kept = |fd| Descriptors::Only(vec![fd]);
        let refused = refuse_strangers(&kept(own.as_raw_fd())).expect_err("it is not the caller's");
        assert_eq!(refused.errno, Errno(libc::EBADF));
        // Control: one that would have lived through exec.
        rustix::io::fcntl_setfd(&own, rustix::io::FdFlags::empty()).expect("a flag");
        assert_eq!(refuse_strangers(&kept(own.as_raw_fd())), Ok(()));
    }
}
