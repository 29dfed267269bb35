//! Settings in procfs, written in the single call that the kernel wants, and nowhere else.

use crate::error::Errno;
use rustix::fs::{PROC_SUPER_MAGIC, fstatfs};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Writes a file of procfs. Where a path leads through folders that others can exchange, a plain file may stand there
/// instead, and what was to be set would not be.
///
/// # Errors
/// As open(2) and write(2); ESTALE where the file is none of procfs.
pub fn write(path: &Path, text: &str) -> Result<(), Errno> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    if fstatfs(&file)?.f_type != PROC_SUPER_MAGIC {
        return Err(Errno(libc::ESTALE));
    }
    Ok(file.write_all(text.as_bytes())?)
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
