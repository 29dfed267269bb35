//! What of the caller's open files the payload gets (close_range(2)).

use crate::error::{Errno, Fault};
use crate::plan::Descriptors;
use crate::sys::descriptors::{self, Inherited};
use rustix::fs::FileType;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// The numbers of the standard streams.
const STANDARD: [RawFd; 3] = [libc::STDIN_FILENO, libc::STDOUT_FILENO, libc::STDERR_FILENO];

/// Looks at what the payload gets of the caller's open files.
///
/// # Errors
/// EBADF where the plan names what the caller did not open: the number would come to mean a descriptor of nsbox's own. Else as
/// fcntl(2), fstat(2), and open(2) and getdents64(2) of `/proc/self/fd`.
pub fn find(kept: &Descriptors) -> Result<Vec<Inherited>, Fault> {
    let look = |fd: &RawFd| Inherited::look(*fd).map_err(Fault::of("look at", format_args!("descriptor {fd}")));
    let Descriptors::Only(kept) = kept else {
        return open()?.iter().filter_map(|fd| look(fd).transpose()).collect();
    };
    let standard = STANDARD.iter().filter_map(|fd| look(fd).transpose());
    let stranger = |fd| Fault::of("pass on", format_args!("descriptor {fd}"))(Errno(libc::EBADF));
    standard.chain(kept.iter().map(|fd| look(fd)?.ok_or_else(|| stranger(fd)))).collect()
}

/// The numbers of the descriptors that this process has.
fn open() -> Result<Vec<RawFd>, Fault> {
    let folder = "/proc/self/fd";
    let entries = std::fs::read_dir(folder).map_err(Fault::of("read", folder))?;
    let names = entries.map_while(Result::ok).map(|entry| entry.file_name());
    Ok(names.filter_map(|name| name.to_str()?.parse().ok()).collect())
}

/// Refuses to pass on what leads out of the sandbox, the standard streams included. An open folder is a mount of the host with
/// every path from there, `..` too, and writable as it is on the host (CVE-2024-21626). And the thread that an io_uring has in
/// the kernel does what the ring asks for as the caller who made it, outside, and asks no filter.
///
/// Who has all passed on that is open has not named any: only the standard streams are looked at then.
///
/// # Errors
/// EISDIR where a folder is open, EOPNOTSUPP where an io_uring is.
pub fn refuse_ways_out(kept: &Descriptors, passed: &[Inherited]) -> Result<(), Fault> {
    let is_named = |passed: &&Inherited| passed.is_standard() || matches!(kept, Descriptors::Only(_));
    passed.iter().filter(is_named).try_for_each(|passed| match passed.file_type() {
        FileType::Directory => Err(Fault::of("pass on", passed)(Errno(libc::EISDIR))),
        // A ring is of no type of its own.
        FileType::RegularFile | FileType::Unknown if passed.is_ring() => {
            Err(Fault::of("pass on", format_args!("{passed}, an io_uring"))(Errno(libc::EOPNOTSUPP)))
        }
        _ => Ok(()),
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
    use super::find;
    use crate::error::Errno;
    use crate::plan::Descriptors;
    use std::os::fd::AsRawFd;

    #[test]
    fn a_descriptor_that_the_caller_did_not_open_is_never_taken_for_one_of_its_own() {
        let own = std::fs::File::open("/dev/null").expect("a descriptor of this process");
        let kept = |fd| Descriptors::Only(vec![fd]);
        let refused = find(&kept(own.as_raw_fd())).expect_err("it is not the caller's");
        assert_eq!(refused.errno, Errno(libc::EBADF));
        // Control: one that would have lived through exec.
        rustix::io::fcntl_setfd(&own, rustix::io::FdFlags::empty()).expect("a flag");
        let found = find(&kept(own.as_raw_fd())).expect("the caller's");
        assert_eq!(found.last().map(|found| (found.number(), found.is_null())), Some((own.as_raw_fd(), true)));
    }
}
