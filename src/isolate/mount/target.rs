//! Where a mount goes: its destination, found without following what others may have put in the way.

use super::build::{Inside, from_c, inside, open_within};
use super::layout::{Item, Way, c_path, unopened};
use super::source::Source;
use crate::error::Fault;
use crate::sys::mount::{Attributes, Reach, set_attributes};
use rustix::fs::CWD;
use rustix::mount::{MountFlags, MoveMountFlags, mount, move_mount};
use std::ffi::{CStr, CString};
use std::fmt::Display;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

/// A destination, found.
pub(super) enum Target {
    /// By its path below the working directory, all of whose folders are init's own.
    Path(CString),
    /// As an open file: the way to it led through something that others may change.
    File(OwnedFd, PathBuf),
}

impl Target {
    pub(super) fn open(item: &Item) -> Result<Self, Fault> {
        if item.way == Way::Own {
            return Ok(Self::Path(c_path(&item.destination)));
        }
        // Whatever was planted on the way, the walk ends inside the new root or fails.
        let file =
            open_within(&item.destination).map_err(Fault::of("find the destination", inside(&item.destination)))?;
        Ok(Self::File(file, item.destination.clone()))
    }

    /// As the pair that the mount calls take; an empty path means the file itself.
    pub(super) fn at(&self) -> (BorrowedFd<'_>, &CStr) {
        match self {
            Self::Path(path) => (CWD, path),
            Self::File(file, _) => (file.as_fd(), c""),
        }
    }

    pub(super) fn name(&self) -> Inside<'_> {
        match self {
            Self::Path(path) => inside(from_c(path)),
            Self::File(_, path) => inside(path),
        }
    }

    /// Binds a source.
    pub(super) fn bind(&self, source: &Source, opened: Option<OwnedFd>, attributes: u64) -> Result<(), Fault> {
        match (self, opened) {
            (_, Some(tree)) => self.attach(tree, attributes),
            (Self::Path(path), None) => source.bind(path).and_then(|()| set(CWD, path, attributes, self.name())),
            (Self::File(_, path), None) => Err(unopened(path)),
        }
    }

    pub(super) fn attach(&self, tree: OwnedFd, attributes: u64) -> Result<(), Fault> {
        attach(tree, self.at(), attributes, self.name())
    }

    pub(super) fn mount_new(&self, kind: &'static str, options: &CStr) -> Result<(), Fault> {
        let call = match kind {
            "tmpfs" => "mount tmpfs on",
            "devpts" => "mount devpts on",
            _ => "mount proc on",
        };
        let exec = if kind == "tmpfs" { MountFlags::empty() } else { MountFlags::NOEXEC };
        let dev = if kind == "devpts" { MountFlags::empty() } else { MountFlags::NODEV };
        let flags = MountFlags::NOSUID | exec | dev;
        let by_descriptor;
        let path: &CStr = match self {
            Self::Path(path) => path,
            Self::File(file, _) => {
                by_descriptor = c_path(format!("/proc/self/fd/{}", file.as_raw_fd()).as_ref());
                &by_descriptor
            }
        };
        mount(kind, path, kind, flags, options).map_err(Fault::of(call, self.name()))
    }
}

/// Attaches a tree of mounts at a path below a folder, with more attributes.
pub(super) fn attach(
    tree: OwnedFd,
    (folder, path): (BorrowedFd<'_>, &CStr),
    attributes: u64,
    name: impl Display,
) -> Result<(), Fault> {
    set(tree.as_fd(), c"", attributes, &name)?;
    let mut flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    if path.is_empty() {
        flags |= MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    }
    move_mount(&tree, c"", folder, path, flags).map_err(Fault::of("bind on", name))
}

/// Sets attributes of a tree of mounts that is, or will be, what is named.
fn set(folder: BorrowedFd<'_>, path: &CStr, attributes: u64, name: impl Display) -> Result<(), Fault> {
    if attributes == 0 {
        return Ok(());
    }
    set_attributes(folder, path, Reach::Tree, Attributes { set: attributes, clear: 0 })
        .map_err(Fault::of("mount_setattr", name))
}
