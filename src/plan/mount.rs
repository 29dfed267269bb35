//! The sandbox's root and what is mounted on it.

use super::{Origin, encoding};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// What `/` is inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Root {
    /// A new tmpfs, read-only once built; every [`MountKind::Tmpfs`] without a size of its own is a corner of it.
    Tmpfs {
        /// Its size in bytes; half the machine's memory if not given (tmpfs(5)).
        #[serde(deserialize_with = "encoding::stated")]
        size: Option<u64>,
    },
    /// A folder of the host, with every mount below it. Nothing is ever created in it, but where changes are discarded.
    Directory {
        /// Where it is on the host; absolute, normalised and free of symlinks.
        #[serde(with = "encoding::path")]
        source: PathBuf,
        /// What becomes of what the payload writes.
        access: RootAccess,
        /// Who asked for it.
        origin: Origin,
    },
}

/// What the payload may do to a folder that is its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootAccess {
    /// Read it.
    Read,
    /// Change it, on the host.
    Write,
    /// Change what it sees: an overlay in memory, gone when the sandbox ends (overlayfs, kernel documentation).
    Discard,
}

/// One mount, in the place and the order of the plan.
///
/// Every mount is nosuid, and nodev but for [`MountKind::Device`]. A destination that lies in the root's own tmpfs or
/// overlay, or in a `Tmpfs`, is created there with the folders above it; one that lies in a bind, or in a root of the
/// host's, must exist in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mount {
    /// Where it appears inside; absolute and normalised.
    #[serde(with = "encoding::path")]
    pub destination: PathBuf,
    /// What appears there.
    pub kind: MountKind,
    /// Who asked for it.
    pub origin: Origin,
}

/// Whether the payload may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Read-only, through every mount below as well.
    Read,
    /// As the file's own permissions say.
    Write,
}

/// What a mount shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum MountKind {
    /// A file or folder of the host, with every mount below it.
    Bind {
        /// Where it is on the host; absolute, normalised and free of symlinks.
        #[serde(with = "encoding::path")]
        source: PathBuf,
        /// Whether the payload may write to it.
        access: Access,
    },
    /// A writable folder of the host that is made where there is none, with the folders above it, and kept.
    Kept {
        /// Where it is on the host; absolute and normalised.
        #[serde(with = "encoding::path")]
        source: PathBuf,
    },
    /// A device node of the host, usable as a device, or a folder of them.
    Device {
        /// Where it is on the host.
        #[serde(with = "encoding::path")]
        source: PathBuf,
    },
    /// An empty writable folder in memory.
    Tmpfs {
        /// Its size in bytes; without one it is a corner of the root's tmpfs and shares its bound.
        #[serde(deserialize_with = "encoding::stated")]
        size: Option<u64>,
        /// Permission bits.
        mode: u32,
    },
    /// A plain folder of the root, read-only once the root is.
    Directory {
        /// Permission bits.
        mode: u32,
    },
    /// A symbolic link.
    Symlink {
        /// What it points to, inside.
        #[serde(with = "encoding::path")]
        target: PathBuf,
    },
    /// A small read-only file.
    File {
        /// What it holds.
        contents: String,
        /// Permission bits.
        mode: u32,
    },
    /// The proc file system.
    Proc {
        /// Where it comes from.
        source: ProcSource,
        /// Whether a sandbox inside may mount one of its own. The kernel allows this only beside an instance that nothing is
        /// mounted on, so another one is mounted where nobody can reach it.
        repeatable: bool,
        /// Which of its entries are masked.
        masks: ProcMasks,
    },
    /// Pseudo-terminals of the sandbox's own.
    Devpts,
    /// The caller's terminal, for one that is shared: the one that controls the caller's session and is among the standard
    /// streams. Nothing where there is none, or its device has no name on the host.
    Console,
    /// The folder that holds the sockets of the services, each in a folder of its own.
    Sockets,
    /// Covers what is at the destination already: a file looks empty, a folder too. Nothing if there is nothing.
    Hide,
    /// Makes what is at the destination already read-only, with all below it. Nothing if there is nothing.
    ReadOnly,
    /// Mounts the folder at the destination onto itself, so that nobody can rename it and what is mounted in it.
    Pin,
}

impl MountKind {
    /// Whether it shows something of the host that the payload can write to.
    pub fn is_writable_of_host(&self) -> bool {
        matches!(self, Self::Bind { access: Access::Write, .. } | Self::Kept { .. })
    }

    /// Whether something new appears at the destination; the others hide, lock or hold what is there, or make a plain
    /// folder of the root.
    pub fn shows_something(&self) -> bool {
        !matches!(self, Self::Hide | Self::ReadOnly | Self::Pin | Self::Directory { .. })
    }
}

/// Where `/proc` comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcSource {
    /// A new instance that shows the sandbox's own processes.
    New,
    /// The caller's own, with all that is mounted on it; it shows the processes outside.
    Existing,
}

/// What of a procfs is masked, by the names of entries in it; those that this kernel has not need no mask.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProcMasks {
    /// Files and folders that look empty.
    pub hidden: Vec<Cow<'static, str>>,
    /// Files and folders that cannot be written to, with all below them.
    pub read_only: Vec<Cow<'static, str>>,
}

/// How many bytes the files of a plan that somebody asked for may hold together: they travel in it, and end in memory.
pub const FILES_MAX: usize = 1 << 20;

/// The longest path that the kernel takes, in bytes, its NUL not counted (`PATH_MAX`, linux/limits.h).
pub const PATH_MAX: usize = 4095;

/// Makes a path absolute in form: no `.`, no doubled or trailing slash, and `..` taken away with the name before it.
///
/// Pure text, as the profile's words are compared before any symlink is looked at. Gives nothing for a relative path.
pub fn normalise(path: &Path) -> Option<PathBuf> {
    if is_normal(path) {
        return Some(path.to_owned());
    }
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::RootDir => normal.push("/"),
            Component::Normal(name) => normal.push(name),
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) => return None,
        }
        if !normal.has_root() {
            return None;
        }
    }
    normal.has_root().then_some(normal)
}

/// Whether an absolute, normalised path is the root, told without taking it apart.
pub fn is_root(path: &Path) -> bool {
    path.as_os_str() == "/"
}

/// Whether a path is one that [`normalise`] would leave as it is, byte by byte.
pub fn is_normal(path: &Path) -> bool {
    let bytes = path.as_os_str().as_bytes();
    let means_nothing =
        |name: &[u8]| matches!(name, [] | [b'/', ..] | b"." | [b'.', b'/', ..] | b".." | [b'.', b'.', b'/', ..]);
    let mut slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    bytes == b"/" || bytes.starts_with(b"/") && slashes.all(|(at, _)| !means_nothing(&bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::{is_normal, normalise};
    use std::path::{Path, PathBuf};

    #[test]
    fn normalising_takes_away_what_means_nothing() {
        let cases = [
            ("/usr//lib/", Some("/usr/lib")),
            ("/a/./b/../c", Some("/a/c")),
            ("/../..", Some("/")),
            ("/usr/..lib/.x", Some("/usr/..lib/.x")),
            ("/.a/..b/...", Some("/.a/..b/...")),
            ("/a/.", Some("/a")),
            ("/a/b/..", Some("/a")),
            ("/./a", Some("/a")),
            ("//", Some("/")),
            ("/", Some("/")),
            ("usr", None),
            ("", None),
        ];
        for (given, expected) in cases {
            assert_eq!(normalise(Path::new(given)), expected.map(PathBuf::from), "{given}");
            assert_eq!(is_normal(Path::new(given)), expected == Some(given), "{given}");
        }
    }
}
