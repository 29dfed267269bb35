//! What the mounts of a layout make, one after the other, and so when the next one can be made.

use super::layout::{Action, Time};
use crate::plan::{Access, upwards};
use rustc_hash::FxHashSet;
use std::ffi::OsString;
use std::path::Path;

/// What the mounts so far have made. The paths are taken for their bytes, since they are normal, and are told apart by them
/// much sooner.
#[derive(Debug, Default)]
pub struct Made {
    /// Folders that exist, relative to the new root.
    pub folders: FxHashSet<OsString>,
    /// Destinations of corners that are not in the root's tmpfs.
    pub far: FxHashSet<OsString>,
    /// Destinations of what is made after the lock.
    late: FxHashSet<OsString>,
    /// Those, and every folder above one.
    above_late: FxHashSet<OsString>,
}

impl Made {
    /// When a mount can be made. What stays read-only is locked with the root, in one call for all, unless it overlaps
    /// with something writable that the plan puts before it.
    pub fn time_of(&mut self, destination: &Path, action: &Action) -> Time {
        let read_only = match action {
            Action::Bind { access, .. } => *access == Access::Read,
            Action::FileSystem(kind, _) => *kind == "proc",
            Action::RepeatableProc => true,
            Action::Hide { .. } | Action::ReadOnly | Action::Mask(_) => true,
            Action::Device { .. } | Action::Corner | Action::FarCorner(_) | Action::Pin => false,
            Action::Nothing => return Time::AfterLock,
        };
        let is_late = |folder: &Path| self.late.contains(folder.as_os_str());
        let overlaps = self.above_late.contains(destination.as_os_str()) || upwards(destination).any(is_late);
        if read_only && !overlaps {
            return Time::BeforeLock;
        }
        self.late.insert(destination.into());
        self.above_late.extend(upwards(destination).map(OsString::from));
        Time::AfterLock
    }
}
