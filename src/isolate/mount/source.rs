//! What is bound from the host: looked up before the first process is made, opened in init, and compared.

use super::layout::{Action, Base, Layout, Way};
use crate::error::{Errno, Fault};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, Stat, fstat, openat2, statat};
use rustix::mount::{OpenTreeFlags, mount_bind_recursive, open_tree};
use rustix::path::Arg;
use std::ffi::CStr;
use std::fs::DirBuilder;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// What tells a file from every other one that exists (inode(7)).
///
/// A number of a removed file may be given to a new one, of another type perhaps; but never to one that was there
/// already, so whatever matches was made in the place of what was looked up, by somebody who may write there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
    kind: u32,
}

/// A file or folder of the host, as it was when it was looked up.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    identity: FileIdentity,
}

/// Looks up sources on the host; of the folders that hold them, the last one stays open, since most share theirs.
#[derive(Debug, Default)]
pub struct Lookup(Option<(PathBuf, OwnedFd)>);

impl Lookup {
    /// Looks up a path that must be free of symlinks.
    ///
    /// # Errors
    /// ELOOP where there is a symlink, else as openat2(2) and stat(2).
    pub fn source(&mut self, path: &Path) -> Result<Source, Fault> {
        let stat = match path.parent().zip(path.file_name()) {
            Some((folder, name)) => {
                let folder = self.folder(folder).map_err(Fault::of("open", path.display()))?;
                statat(folder, name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT)
            }
            None => fstat(open_folder(path).map_err(Fault::of("open", path.display()))?),
        };
        let identity = identity(&stat.map_err(Fault::of("open", path.display()))?);
        match identity.kind {
            libc::S_IFLNK => Err(Fault::of("open", path.display())(Errno(libc::ELOOP))),
            _ => Ok(Source { path: path.to_owned(), identity }),
        }
    }

    /// As [`Lookup::source`], of a folder that is made where there is none, with the folders above it, for the caller alone.
    ///
    /// # Errors
    /// As mkdir(2), too.
    pub fn kept(&mut self, path: &Path) -> Result<Source, Fault> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(Fault::of("make the folder", path.display()))?;
        self.source(path)
    }

    /// As [`Lookup::source`], of a device, or of a folder for devices: nothing else is mounted as they are, so that devices in
    /// it work and all of it can be written to.
    ///
    /// # Errors
    /// ENODEV where it is something else.
    pub fn device(&mut self, path: &Path) -> Result<Source, Fault> {
        let source = self.source(path)?;
        let is_device = matches!(source.identity.kind, libc::S_IFCHR | libc::S_IFBLK);
        if is_device || source.is_folder() && path.starts_with("/dev") {
            return Ok(source);
        }
        Err(Fault::of("find a device at", path.display())(Errno(libc::ENODEV)))
    }

    fn folder(&mut self, path: &Path) -> rustix::io::Result<&OwnedFd> {
        let opened = match self.0.take().filter(|(last, _)| last.as_os_str() == path.as_os_str()) {
            Some(last) => last,
            None => (path.to_owned(), open_folder(path)?),
        };
        Ok(&self.0.insert(opened).1)
    }
}

/// Opens a folder to which no symlink may lead.
fn open_folder(path: &Path) -> rustix::io::Result<OwnedFd> {
    openat2(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::NO_SYMLINKS)
}

impl Source {
    /// Where it is on the host.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.identity.kind == libc::S_IFDIR
    }

    /// Binds it, with all that is mounted below, on a destination to which only folders of init's own lead.
    ///
    /// It must be done in init: the kernel binds nothing from another mount namespace. That it is still what was looked up
    /// is checked on what then is there, so whoever exchanges a folder for a symlink meanwhile wins nothing.
    pub(super) fn bind(&self, destination: &CStr) -> Result<(), Fault> {
        mount_bind_recursive(&self.path, destination).map_err(Fault::of("bind", self.path.display()))?;
        let bound = statat(CWD, destination, AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT);
        self.compare(&bound.map_err(Fault::of("stat", self.path.display()))?)
    }

    /// Opens it, with all that is mounted below, as a mount tree that is not attached anywhere yet: in init, and compared, as
    /// for [`Source::bind`], which takes fewer calls.
    fn open(&self) -> Result<OwnedFd, Fault> {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_RECURSIVE
            | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
        let tree = open_tree(CWD, &self.path, flags).map_err(Fault::of("open_tree", self.path.display()))?;
        self.compare(&fstat(&tree).map_err(Fault::of("fstat", self.path.display()))?)?;
        Ok(tree)
    }

    fn compare(&self, found: &Stat) -> Result<(), Fault> {
        if identity(found) == self.identity {
            return Ok(());
        }
        Err(Fault::of("check that nobody exchanged", self.path.display())(Errno(libc::ESTALE)))
    }
}

fn identity(stat: &Stat) -> FileIdentity {
    FileIdentity { device: stat.st_dev, inode: stat.st_ino, kind: stat.st_mode & libc::S_IFMT }
}

/// The opened sources.
#[derive(Debug)]
pub struct Sources {
    /// That of the root, where it is a folder of the host.
    pub(super) root: Option<OwnedFd>,
    /// One place for each mount of the layout.
    mounts: Vec<Option<OwnedFd>>,
}

impl Sources {
    /// Takes out the source of the mount at `index`.
    pub(super) fn take(&mut self, index: usize) -> Option<OwnedFd> {
        self.mounts.get_mut(index).and_then(Option::take)
    }
}

impl Layout {
    /// Opens, in the calling process's mount namespace, every source that does not go where only folders of init's own lead.
    ///
    /// # Errors
    /// ESTALE where one is no longer what was looked up, else as open_tree(2).
    pub fn open_sources(&self) -> Result<Sources, Fault> {
        let open = |item: &super::layout::Item| match &item.action {
            Action::Bind { source, .. } | Action::Device { source } if item.way == Way::Foreign => {
                source.open().map(Some).map_err(|fault| fault.asked_for_by(&item.origin))
            }
            _ => Ok(None),
        };
        let root = match &self.base {
            Base::Folder(source, _, origin) => Some(source.open().map_err(|fault| fault.asked_for_by(origin))?),
            Base::Tmpfs(_) => None,
        };
        Ok(Sources { root, mounts: self.items.iter().map(open).collect::<Result<_, _>>()? })
    }
}

/// Whether a folder stands at a path of the host, the last component not followed; nothing if nothing does.
pub(super) fn is_folder(path: &Path) -> Result<Option<bool>, Fault> {
    folder_in(CWD, path).map_err(Fault::of("stat", path.display()))
}

/// As [`is_folder`], of a path below an open folder.
pub(super) fn folder_in(folder: BorrowedFd<'_>, path: impl Arg) -> rustix::io::Result<Option<bool>> {
    match statat(folder, path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat.st_mode & libc::S_IFMT == libc::S_IFDIR)),
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Ok(None),
        Err(errno) => Err(errno),
    }
}
