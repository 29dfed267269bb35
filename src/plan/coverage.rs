//! Which mount shows what stands at a path, while mounts are added one by one.

use super::{Mount, PathMap};
use std::path::Path;

/// The mounts that have been added so far.
#[derive(Debug, Default)]
pub struct Coverage<'a> {
    added: usize,
    latest: PathMap<(usize, &'a Mount)>,
}

impl<'a> Coverage<'a> {
    /// Adds the next mount, if it shows something of its own.
    pub fn add(&mut self, mount: &'a Mount) {
        if mount.kind.shows_something() {
            self.added += 1;
            self.latest.insert(mount.destination.clone(), (self.added, mount));
        }
    }

    /// The latest mount at `path` or at a folder above it; nothing where the path lies in the root itself.
    pub fn of(&self, path: &Path) -> Option<&'a Mount> {
        self.latest.upwards(path).max_by_key(|(index, _)| *index).map(|(_, mount)| *mount)
    }
}
