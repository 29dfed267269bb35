//! The descriptors that the payload gets, as far as they lead to files of the host.

use super::Support;
use crate::error::Fault;
use crate::plan::Descriptors;
use crate::sys::descriptors;
use landlock::{AccessFs, BitFlags};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, fstatfs, major, minor};
use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

/// The file system of pipes without a name (linux/magic.h).
const PIPEFS: i64 = 0x5049_5045;
/// The device number of /dev/null (devices.txt of Linux).
const NULL: (u32, u32) = (1, 3);

/// A descriptor that leads to a file.
#[derive(Debug)]
pub struct Stream {
    descriptor: BorrowedFd<'static>,
    reads: bool,
    writes: bool,
    is_null: bool,
}

/// Finds those among the descriptors that the payload gets.
///
/// # Errors
/// As fstat(2), fstatfs(2) and fcntl(2).
pub fn find(kept: &Descriptors) -> Result<Vec<Stream>, Fault> {
    let mut found = Vec::new();
    for fd in numbers(kept)? {
        let subject = format_args!("descriptor {fd}");
        let inherited = descriptors::borrow_inherited(fd).map_err(|errno| Fault::of("look at", subject)(errno))?;
        let Some(descriptor) = inherited else { continue };
        found.extend(Stream::of(descriptor).map_err(|errno| Fault::of("look at", subject)(errno))?);
    }
    Ok(found)
}

fn numbers(kept: &Descriptors) -> Result<Vec<RawFd>, Fault> {
    match kept {
        Descriptors::Only(kept) => Ok([0, 1, 2].into_iter().chain(kept.iter().copied()).collect()),
        Descriptors::Inherit => {
            let folder = "/proc/self/fd";
            let entries = std::fs::read_dir(folder).map_err(Fault::of("read", folder))?;
            let names = entries.map_while(Result::ok).map(|entry| entry.file_name());
            Ok(names.filter_map(|name| name.to_str()?.parse().ok()).collect())
        }
    }
}

/// What may be done with a file that is opened for reading, for writing, or both.
pub fn rights(reads: bool, writes: bool, support: Support) -> BitFlags<AccessFs> {
    let mut rights = BitFlags::empty();
    if reads {
        rights |= AccessFs::ReadFile;
    }
    if writes {
        rights |= AccessFs::WriteFile;
    }
    if writes && support >= Support::TRUNCATING {
        rights |= AccessFs::Truncate;
    }
    rights
}

impl Stream {
    /// What leads to no file, such as a pipe, is none.
    fn of(descriptor: BorrowedFd<'static>) -> rustix::io::Result<Option<Self>> {
        let found = fstat(descriptor)?;
        let leads_to_file = match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile | FileType::CharacterDevice | FileType::BlockDevice => true,
            FileType::Fifo => fstatfs(descriptor)?.f_type as i64 != PIPEFS,
            _ => false,
        };
        if !leads_to_file {
            return Ok(None);
        }
        let flags = fcntl_getfl(descriptor)?;
        let mode = (!flags.contains(OFlags::PATH)).then_some(flags & OFlags::RWMODE);
        Ok(Some(Self {
            descriptor,
            reads: matches!(mode, Some(OFlags::RDONLY | OFlags::RDWR)),
            writes: matches!(mode, Some(OFlags::WRONLY | OFlags::RDWR)),
            is_null: (major(found.st_rdev), minor(found.st_rdev)) == NULL,
        }))
    }

    /// Whether something could be gained by opening its file again. Of /dev/null the sandbox has its own.
    pub fn is_partial(&self) -> bool {
        !(self.is_null || self.reads && self.writes)
    }

    /// What may be done with its file.
    pub fn rights(&self, support: Support) -> BitFlags<AccessFs> {
        rights(self.reads, self.writes, support)
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "descriptor {}", self.descriptor.as_raw_fd())
    }
}
