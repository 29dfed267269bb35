//! Where profiles are kept: in files, and embedded in nsbox.

use rustix::fs::{OFlags, fcntl_setfl, fstatfs};
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

/// The file system of pipes that have no name (linux/magic.h).
const PIPEFS_MAGIC: rustix::fs::FsWord = 0x5049_5045;

/// The profiles that nsbox carries, by name.
pub const EMBEDDED: [(&str, &str); 17] = [
    ("base", include_str!("../../../profiles/base.toml")),
    ("browser", include_str!("../../../profiles/browser.toml")),
    ("build", include_str!("../../../profiles/build.toml")),
    ("dbus-proxy", include_str!("../../../profiles/dbus-proxy.toml")),
    ("desktop", include_str!("../../../profiles/desktop.toml")),
    ("electron", include_str!("../../../profiles/electron.toml")),
    ("game", include_str!("../../../profiles/game.toml")),
    ("online", include_str!("../../../profiles/online.toml")),
    ("packages", include_str!("../../../profiles/packages.toml")),
    ("player", include_str!("../../../profiles/player.toml")),
    ("project", include_str!("../../../profiles/project.toml")),
    ("shell", include_str!("../../../profiles/shell.toml")),
    ("sound-filter", include_str!("../../../profiles/sound-filter.toml")),
    ("strict", include_str!("../../../profiles/strict.toml")),
    ("toolchains", include_str!("../../../profiles/toolchains.toml")),
    ("viewer", include_str!("../../../profiles/viewer.toml")),
    ("x-server", include_str!("../../../profiles/x-server.toml")),
];

/// Why a file has no profile in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// There is none.
    Missing,
    /// It is a folder.
    Folder,
    /// The system says why.
    Refused(String),
}

/// A place that files are read from; the host's, or a test's.
pub trait Shelf {
    /// The bytes of a file, at most one more than `limit`.
    ///
    /// # Errors
    /// Why there are none.
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, Unread>;
}

/// The files of this host.
#[derive(Debug, Clone, Copy)]
pub struct LiveShelf;

impl Shelf for LiveShelf {
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, Unread> {
        let mut bytes = Vec::new();
        // Not to hang on a pipe that somebody put there.
        let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).map_err(unread)?;
        let is_pipe = file.metadata().map_err(unread)?.file_type().is_fifo();
        // One without a name is the caller's own, as in `--profile <(...)`.
        if is_pipe && fstatfs(&file).map_err(|errno| unread(errno.into()))?.f_type != PIPEFS_MAGIC {
            return Err(Unread::Refused("it is a named pipe".into()));
        }
        fcntl_setfl(&file, OFlags::empty()).map_err(|errno| unread(errno.into()))?;
        // Bounded, since what is named may have no end (`/dev/zero`).
        file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(unread)?;
        Ok(bytes)
    }
}

fn unread(error: std::io::Error) -> Unread {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Unread::Missing,
        ErrorKind::IsADirectory => Unread::Folder,
        _ => Unread::Refused(crate::error::Errno::from(error).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{LiveShelf, Shelf, Unread};
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::path::Path;

    #[test]
    fn what_has_no_end_is_read_to_the_limit_and_a_pipe_with_a_name_is_no_profile() {
        assert_eq!(LiveShelf.read(Path::new("/dev/zero"), 9), Ok(vec![0; 10]));
        assert_eq!(LiveShelf.read(Path::new("/dev"), 9), Err(Unread::Folder));
        let folder = tempfile::tempdir().expect("a folder");
        let named = folder.path().join("pipe");
        mknodat(CWD, &named, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe");
        assert_eq!(LiveShelf.read(&named, 9), Err(Unread::Refused("it is a named pipe".into())));
        // Control: one without a name is read to its end, though nothing is in it at first.
        let (end, mut start) = std::io::pipe().expect("a pipe");
        let writer = std::thread::spawn(move || start.write_all(b"x").expect("a reader"));
        let path = format!("/proc/self/fd/{}", end.as_raw_fd());
        assert_eq!(LiveShelf.read(Path::new(&path), 9), Ok(b"x".to_vec()));
        writer.join().expect("the writer's end");
    }
}
