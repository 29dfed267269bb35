//! What stands at a path of the host, asked without following symlinks.

use crate::error::Errno;
use std::cell::OnceCell;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// What is not a symlink is one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A device node.
    Device,
    /// A socket or a pipe.
    Special,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Nothing, or a folder above it is missing or no folder.
    Missing,
    /// Something that the caller may not even look at.
    Forbidden,
    /// A symlink, and what it says.
    Symlink(PathBuf),
    /// Something else, with the device and inode that tell it from everything else (inode(7)).
    Found {
        /// What it is.
        kind: FileKind,
        /// The device that holds it.
        device: u64,
        /// Its inode there.
        inode: u64,
    },
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// The name.
    pub name: OsString,
    /// Whether a folder stands there; a symlink to one does not count.
    pub is_folder: bool,
}

/// The largest file that [`Paths::read`] reads, in bytes.
pub const TEXT_MAX: u64 = 1 << 20;

/// The host's paths as lowering sees them: the live ones, or a fixture's.
pub trait Paths: fmt::Debug {
    /// What stands at an absolute path, the last component not followed.
    fn look(&self, path: &Path) -> Look;

    /// The user id that owns what stands at a path, the last component not followed.
    fn owner(&self, path: &Path) -> Option<u32>;

    /// The names in a folder, sorted; nothing where they cannot be listed.
    fn list(&self, folder: &Path) -> Option<Vec<Listed>>;

    /// The text of a small file, its symlinks followed; nothing where it cannot be read, is no regular file, is larger
    /// than [`TEXT_MAX`] or is not UTF-8.
    fn read(&self, file: &Path) -> Option<String>;

    /// The first path that could not be looked at, for a reason that says nothing about the path: what was answered for it is
    /// worth nothing, and a file to be hidden may have been taken for one that is not there.
    fn trouble(&self) -> Option<&(PathBuf, Errno)> {
        None
    }
}

/// The real paths of this host.
#[derive(Debug, Default)]
pub struct LivePaths {
    trouble: OnceCell<(PathBuf, Errno)>,
}

/// What is said of a path itself, or of the file system that it is in, and would be said to the payload as well.
const SAID_OF_THE_PATH: [i32; 15] = [
    libc::ENOENT,
    libc::ENOTDIR,
    libc::EACCES,
    libc::ELOOP,
    libc::ENAMETOOLONG,
    libc::EINVAL,
    libc::EISDIR,
    libc::EIO,
    libc::ENXIO,
    libc::ENODEV,
    libc::ENOTCONN,
    libc::ESTALE,
    libc::EOVERFLOW,
    libc::ETXTBSY,
    libc::EHOSTDOWN,
];

impl LivePaths {
    /// Gives what was asked for, if the kernel answered; notes what kept it from answering.
    fn answer<T>(&self, path: &Path, answer: std::io::Result<T>) -> std::io::Result<T> {
        if let Some(errno) = answer.as_ref().err().and_then(std::io::Error::raw_os_error) {
            self.note(path, errno);
        }
        answer
    }

    /// Remembers why the kernel gave no answer, unless that says something of the path.
    fn note(&self, path: &Path, errno: i32) {
        if !SAID_OF_THE_PATH.contains(&errno) {
            self.trouble.get_or_init(|| (path.to_owned(), Errno(errno)));
        }
    }
}

impl Paths for LivePaths {
    fn look(&self, path: &Path) -> Look {
        use rustix::fs::FileType;
        use rustix::io::Errno as Raw;
        // A launch looks at a hundred paths and more: the standard library would copy each answer several times.
        let found = match rustix::fs::lstat(path) {
            Ok(found) => found,
            Err(Raw::NOENT | Raw::NOTDIR) => return Look::Missing,
            Err(errno) => {
                self.note(path, errno.raw_os_error());
                return Look::Forbidden;
            }
        };
        let kind = match FileType::from_raw_mode(found.st_mode) {
            FileType::Symlink => {
                return self.answer(path, std::fs::read_link(path)).map_or(Look::Forbidden, Look::Symlink);
            }
            FileType::Directory => FileKind::Folder,
            FileType::RegularFile => FileKind::File,
            FileType::CharacterDevice | FileType::BlockDevice => FileKind::Device,
            _ => FileKind::Special,
        };
        Look::Found { kind, device: found.st_dev, inode: found.st_ino }
    }

    fn trouble(&self) -> Option<&(PathBuf, Errno)> {
        self.trouble.get()
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        use std::os::unix::fs::MetadataExt;
        self.answer(path, std::fs::symlink_metadata(path)).ok().map(|metadata| metadata.uid())
    }

    fn list(&self, folder: &Path) -> Option<Vec<Listed>> {
        let entries = self.answer(folder, std::fs::read_dir(folder)).ok()?;
        let listed = |entry: std::fs::DirEntry| Listed {
            name: entry.file_name(),
            is_folder: self.answer(folder, entry.file_type()).is_ok_and(|kind| kind.is_dir()),
        };
        let mut names: Vec<_> = entries.filter_map(|entry| self.answer(folder, entry).ok()).map(listed).collect();
        names.sort_unstable();
        Some(names)
    }

    fn read(&self, file: &Path) -> Option<String> {
        use std::io::Read;
        use std::os::unix::fs::OpenOptionsExt;
        // Not to hang on a pipe that somebody put there.
        let opened = std::fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(file);
        let opened = self.answer(file, opened).ok()?;
        let metadata = self.answer(file, opened.metadata()).ok()?;
        if !metadata.is_file() || metadata.len() > TEXT_MAX {
            return None;
        }
        let mut text = String::with_capacity(metadata.len() as usize);
        self.answer(file, opened.take(TEXT_MAX).read_to_string(&mut text)).ok()?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{FileKind, LivePaths, Look, Paths};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn a_look_tells_what_stands_at_a_path_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "").expect("a file");
        std::os::unix::fs::symlink("nowhere", at("link")).expect("a symlink");
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
        let paths = LivePaths::default();
        let kind = |path: &Path| match paths.look(path) {
            Look::Found { kind, .. } => Some(kind),
            _ => None,
        };
        assert_eq!(kind(folder.path()), Some(FileKind::Folder));
        assert_eq!(kind(&at("file")), Some(FileKind::File));
        assert_eq!(kind(&at("socket")), Some(FileKind::Special));
        assert_eq!(kind(Path::new("/dev/null")), Some(FileKind::Device));
        assert_eq!(paths.look(&at("link")), Look::Symlink("nowhere".into()));
        assert_eq!([paths.look(&at("nothing")), paths.look(&at("file/x"))], [Look::Missing, Look::Missing]);
    }

    #[test]
    fn what_no_path_can_be_is_out_of_reach_and_no_trouble() {
        let paths = LivePaths::default();
        let long = format!("/{}", "x".repeat(300));
        let cut_off = Path::new(OsStr::from_bytes(b"/tmp\0/x"));
        assert_eq!([paths.look(Path::new(&long)), paths.look(cut_off)], [Look::Forbidden, Look::Forbidden]);
        assert_eq!(paths.trouble(), None);
    }

    #[test]
    fn a_look_is_the_same_file_as_for_everybody_else() {
        use std::os::unix::fs::MetadataExt;
        let known = std::fs::metadata("/").expect("the root");
        let found = Look::Found { kind: FileKind::Folder, device: known.dev(), inode: known.ino() };
        assert_eq!(LivePaths::default().look(Path::new("/")), found);
    }
}
