//! Masks in a procfs: what its entries tell of the host is not seen, and what they set cannot be set.

use super::build::{copy_tree, inside, open_procfs};
use super::layout::c_path;
use super::source::folder_in;
use super::target::attach;
use crate::error::Fault;
use crate::plan::ProcMasks;
use rustix::io::Errno;
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// The names in the stash of what is shown instead of something that is hidden.
pub(super) const EMPTY_FILE: &str = ".nsbox-empty-file";
pub(super) const EMPTY_FOLDER: &str = ".nsbox-empty-folder";

/// Masks entries of the procfs at a path below the new root, as far as this kernel has them. What is empty is in `stash`.
///
/// # Errors
/// As openat2(2), fstatfs(2), stat(2), open_tree(2), mount_setattr(2) and move_mount(2).
pub(super) fn mask(proc: &Path, masks: &ProcMasks, stash: &OwnedFd, attributes: u64) -> Result<(), Fault> {
    let folder = open_procfs(proc)?;
    let folder = folder.as_fd();
    for name in &masks.read_only {
        let (path, told) = (c_path(Path::new(&**name)), Entry { proc, name });
        match copy_tree(folder, &path) {
            Ok(tree) => attach(tree, (folder, &path), attributes, told)?,
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(Fault::of("open_tree", told)(errno)),
        }
    }
    for name in &masks.hidden {
        let (path, told) = (c_path(Path::new(&**name)), Entry { proc, name });
        let empty = match folder_in(folder, &path).map_err(Fault::of("stat", &told))? {
            Some(true) => EMPTY_FOLDER,
            Some(false) => EMPTY_FILE,
            None => continue,
        };
        let tree = copy_tree(stash.as_fd(), &c_path(Path::new(empty))).map_err(Fault::of("open_tree", empty))?;
        attach(tree, (folder, &path), attributes, told)?;
    }
    Ok(())
}

/// An entry of the procfs, as the payload will know it.
struct Entry<'a> {
    proc: &'a Path,
    name: &'a str,
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", inside(self.proc), self.name)
    }
}
