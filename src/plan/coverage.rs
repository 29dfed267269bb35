//! Which mount shows what stands at a path, while mounts are added one by one.

use super::{Mount, is_root, upwards};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::ffi::OsStr;
use std::path::Path;

/// The mounts that have been added so far.
#[derive(Debug, Default)]
pub struct Coverage<'a> {
    added: usize,
    /// By the bytes of their destinations.
    latest: FxHashMap<&'a OsStr, (usize, &'a Mount)>,
}

impl<'a> Coverage<'a> {
    /// That of no mount yet, with room for so many.
    pub fn with_capacity(mounts: usize) -> Self {
        Self { added: 0, latest: FxHashMap::with_capacity_and_hasher(mounts, FxBuildHasher) }
    }

    /// Adds the next mount, if it shows something of its own.
    pub fn add(&mut self, mount: &'a Mount) {
        if mount.kind.shows_something() {
            self.added += 1;
            self.latest.insert(mount.destination.as_os_str(), (self.added, mount));
        }
    }

    /// The latest mount at `path` or at a folder above it; nothing where the path lies in the root itself.
    pub fn of(&self, path: &Path) -> Option<&'a Mount> {
        let above = upwards(path).take_while(|above| !is_root(above));
        let above = above.filter_map(|above| self.latest.get(above.as_os_str()));
        above.max_by_key(|(index, _)| *index).map(|(_, mount)| *mount)
    }
}
