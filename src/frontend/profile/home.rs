//! The home folder and those above it, told by inode: by whatever name one of them is reached, it is that one.

use super::lower::{Host, real};
use crate::host::{HostFacts, Look};
use std::path::Path;

/// The device and inode of what a path leads to, its symlinks followed.
pub fn identity(path: &Path, host: &Host<'_>) -> Option<(u64, u64)> {
    match host.look(&real(host, path)?) {
        Look::Found { device, inode, .. } => Some((device, inode)),
        Look::Missing | Look::Forbidden | Look::Symlink(_) => None,
    }
}

/// The caller's home folder, and all that it is in.
pub struct Home {
    own: Option<(u64, u64)>,
    above: Vec<(u64, u64)>,
}

impl Home {
    /// The home folder of this caller.
    pub fn of(facts: &HostFacts, host: &Host<'_>) -> Self {
        let home = real(host, &facts.home).unwrap_or_else(|| facts.home.clone());
        let above = home.ancestors().skip(1).filter_map(|folder| identity(folder, host)).collect();
        Self { own: identity(&home, host), above }
    }

    /// Whether a path leads to the home folder itself.
    pub fn is_at(&self, path: &Path, host: &Host<'_>) -> bool {
        self.own.is_some() && identity(path, host) == self.own
    }

    /// Whether the home folder is what a path leads to, or is in it; it always is in the root.
    pub fn is_within(&self, path: &Path, host: &Host<'_>) -> bool {
        let identity = identity(path, host);
        path.parent().is_none() || identity.is_some_and(|found| self.own == Some(found) || self.above.contains(&found))
    }
}
