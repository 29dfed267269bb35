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
    /// Gives what was asked for, if the kernel answered; remembers what kept it from answering.
    fn answer<T>(&self, path: &Path, answer: std::io::Result<T>) -> std::io::Result<T> {
        if let Some(errno) = answer.as_ref().err().and_then(std::io::Error::raw_os_error)
            && !SAID_OF_THE_PATH.contains(&errno)
        {
            self.trouble.get_or_init(|| (path.to_owned(), Errno(errno)));
        }
        answer
    }
}

impl Paths for LivePaths {
    fn look(&self, path: &Path) -> Look {
        use std::io::ErrorKind;
        use std::os::unix::fs::{FileTypeExt, MetadataExt};
        let metadata = match self.answer(path, std::fs::symlink_metadata(path)) {
            Ok(metadata) => metadata,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Look::Missing,
            Err(_) => return Look::Forbidden,
        };
        if metadata.is_symlink() {
            return self.answer(path, std::fs::read_link(path)).map_or(Look::Forbidden, Look::Symlink);
        }
        let kind = if metadata.is_dir() {
            FileKind::Folder
        } else if metadata.is_file() {
            FileKind::File
        } else if metadata.file_type().is_char_device() || metadata.file_type().is_block_device() {
            FileKind::Device
        } else {
            FileKind::Special
        };
        Look::Found { kind, device: metadata.dev(), inode: metadata.ino() }
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
