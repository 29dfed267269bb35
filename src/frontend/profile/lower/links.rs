//! Symlinks inside: those that entries led through on the host, and those of `filesystem.symlinks`.

use super::destinations::uncreatable;
use super::layout::Standing;
use super::mounts::{Builder, Entries};
use crate::frontend::profile::merged::EntryKind;
use crate::frontend::profile::text::Place;
use crate::plan::MountKind;
use std::path::PathBuf;

/// Adds both.
pub fn place(builder: &mut Builder<'_, '_>, met: Vec<(PathBuf, PathBuf, &Place)>, entries: &Entries<'_>) {
    for (link, target, place) in met {
        add(builder, link, target, place);
    }
    for (path, entry) in entries.iter() {
        let EntryKind::Symlink(target) = &entry.kind else { continue };
        // One more symlink on the way to this one is as good as none.
        let link = builder.layout.resolve_above(path).unwrap_or_else(|| path.to_owned());
        add(builder, link, target.clone(), &entry.place);
    }
}

/// Adds a symlink, unless a bind shows the same one already.
pub fn add(builder: &mut Builder<'_, '_>, link: PathBuf, target: PathBuf, place: &Place) {
    let layout = &builder.layout;
    let is_there = || matches!(layout.standing(&link), Standing::Link(there) if there == target);
    if layout.at(&link).is_some() || is_there() {
        return;
    }
    if let Some(problem) = uncreatable(layout, &link, "symlink", place) {
        return builder.found.push(problem);
    }
    builder.put(link, MountKind::Symlink { target }, place);
}
