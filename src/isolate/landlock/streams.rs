//! The descriptors that the payload gets, as far as they lead to files of the host.

use super::Support;
use crate::error::Fault;
use crate::sys::descriptors::Inherited;
use crate::sys::landlock::Rights;
use rustix::fs::{FileType, OFlags, fcntl_getfl, fstatfs};
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};

/// The file system of pipes without a name (linux/magic.h).
const PIPEFS: i64 = 0x5049_5045;

/// A descriptor that leads to a file.
#[derive(Debug)]
pub struct Stream {
    descriptor: Inherited,
    reads: bool,
    writes: bool,
}

/// Finds those among the descriptors that the payload gets.
///
/// # Errors
/// As fstatfs(2) and fcntl(2).
pub fn among(passed: &[Inherited]) -> Result<Vec<Stream>, Fault> {
    let stream = |descriptor: &Inherited| Stream::of(*descriptor).map_err(Fault::of("look at", descriptor));
    passed.iter().filter_map(|descriptor| stream(descriptor).transpose()).collect()
}

/// What may be done with a file that is opened for reading, for writing, or both.
pub fn rights(reads: bool, writes: bool, support: Support) -> Rights {
    let mut rights = Rights::NONE;
    if reads {
        rights = rights | Rights::READ_FILE;
    }
    if writes {
        rights = rights | Rights::WRITE_FILE;
    }
    if writes && support >= Support::TRUNCATING {
        rights = rights | Rights::TRUNCATE;
    }
    rights
}

impl Stream {
    /// What leads to no file, such as a pipe, is none.
    fn of(descriptor: Inherited) -> rustix::io::Result<Option<Self>> {
        let leads_to_file = match descriptor.file_type() {
            FileType::RegularFile | FileType::CharacterDevice | FileType::BlockDevice => true,
            FileType::Fifo => fstatfs(descriptor)?.f_type as i64 != PIPEFS,
            _ => false,
        };
        if !leads_to_file {
            return Ok(None);
        }
        if descriptor.is_null() {
            // There is nothing to be gained by opening it for more.
            return Ok(Some(Self { descriptor, reads: true, writes: true }));
        }
        let flags = fcntl_getfl(descriptor)?;
        let mode = (!flags.contains(OFlags::PATH)).then_some(flags & OFlags::RWMODE);
        Ok(Some(Self {
            descriptor,
            reads: matches!(mode, Some(OFlags::RDONLY | OFlags::RDWR)),
            writes: matches!(mode, Some(OFlags::WRONLY | OFlags::RDWR)),
        }))
    }

    /// Whether something could be gained by opening its file again.
    pub fn is_partial(&self) -> bool {
        !(self.reads && self.writes)
    }

    /// What may be done with its file.
    pub fn rights(&self, support: Support) -> Rights {
        rights(self.reads, self.writes, support)
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.descriptor.fmt(f)
    }
}
