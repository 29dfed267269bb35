//! With the host's network: where names are resolved.

use super::layout::Host;
use super::walk::{Crossing, Walker};
use crate::frontend::profile::merged::{Entry, EntryKind, Network, Profile};
use crate::host::Look;
use crate::plan::{Access, PathMap, Root, RootAccess};
use std::path::Path;

const RESOLV_CONF: &str = "/etc/resolv.conf";

/// The entries that a payload with the host's network needs, unless the profile says otherwise.
///
/// A link's target is replaced when the network changes, and a bound file would go stale: so its folder is opened, but
/// only one that is made for this below /run, since /run itself holds the sockets of the whole host.
pub fn entries(profile: &Profile, root: &Root, host: &Host<'_>) -> PathMap<Entry> {
    let mut entries = PathMap::default();
    let path = Path::new(RESOLV_CONF);
    let Some(mode) = profile.network.as_ref().filter(|mode| mode.value == Network::Host) else { return entries };
    if profile.entries.contains(path) || profile.dropped.contains(path) || !has_room(root, host) {
        return entries;
    }
    let kind = EntryKind::Bind { access: Access::Read, from: None, optional: true, follows: None };
    let entry = Entry { kind, place: mode.place.clone() };
    let walker = Walker::new(host, &[], &|_| Crossing::Open);
    if let Ok(walk) = walker.to_source(path) {
        if walk.links.is_empty() && is_shown(profile, path) {
            return entries;
        }
        let folder = walk.host.parent().filter(|folder| {
            let below = folder.strip_prefix("/run");
            !walk.links.is_empty() && below.is_ok_and(|below| !below.as_os_str().is_empty())
        });
        if let Some(folder) = folder.filter(|folder| !profile.entries.contains(folder)) {
            entries.insert(folder.to_owned(), entry.clone());
        }
    }
    entries.insert(path.to_owned(), entry);
    entries
}

/// Whether a folder is opened that shows it anyway: of its own it would be one mount more, and go stale.
fn is_shown(profile: &Profile, path: &Path) -> bool {
    let nearest = path.ancestors().skip(1).find_map(|folder| profile.entries.get(folder));
    nearest.is_some_and(|entry| matches!(entry.kind, EntryKind::Bind { from: None, .. }))
}

/// Whether a file can appear there: in a folder of the host that is the root, only over one that exists.
fn has_room(root: &Root, host: &Host<'_>) -> bool {
    match root {
        Root::Directory { source, access: RootAccess::Read | RootAccess::Write, .. } => {
            matches!(host.look(&source.join("etc/resolv.conf")), Look::Found { .. })
        }
        Root::Directory { .. } | Root::Tmpfs { .. } => true,
    }
}
