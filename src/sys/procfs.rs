//! Settings in procfs, written in the single call that the kernel wants, and nowhere else.

use crate::error::Errno;
use rustix::fs::{CWD, Mode, OFlags, PROC_SUPER_MAGIC, fstatfs, openat};
use std::fs::File;
use std::io::Write;
use std::os::fd::BorrowedFd;
use std::path::Path;

/// Writes a file of procfs. Where a path leads through folders that others can exchange, a plain file may stand there
/// instead, and what was to be set would not be.
///
/// # Errors
/// As open(2) and write(2); ESTALE where the file is none of procfs.
pub fn write(path: &Path, text: &str) -> Result<(), Errno> {
    Setting::open(CWD, path)?.write(text)
}

/// A file of procfs, opened to be written once.
#[derive(Debug)]
pub struct Setting(File);

impl Setting {
    /// Opens a file, its path being taken from a folder.
    ///
    /// # Errors
    /// As open(2); ESTALE where the file is none of procfs.
    pub fn open(folder: BorrowedFd<'_>, path: &Path) -> Result<Self, Errno> {
        let file = openat(folder, path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
        match fstatfs(&file)?.f_type {
            PROC_SUPER_MAGIC => Ok(Self(file.into())),
            _ => Err(Errno(libc::ESTALE)),
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// As write(2).
    pub fn write(mut self, text: &str) -> Result<(), Errno> {
        Ok(self.0.write_all(text.as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::write;
    use crate::error::Errno;
    use std::path::Path;

    #[test]
    fn a_plain_file_is_never_taken_for_a_setting() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert_eq!(write(file.path(), "0"), Err(Errno(libc::ESTALE)));
        assert_eq!(std::fs::read(file.path()).expect("the file"), b"");
        // Control: a file of procfs is written.
        assert_eq!(write(Path::new("/proc/self/comm"), "nsbox-test"), Ok(()));
    }
}
