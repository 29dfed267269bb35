//! Symlinks inside: those that entries led through on the host, and those of `filesystem.symlinks`.

use super::destinations::uncreatable;
use super::layout::Standing;
use super::mounts::{Builder, Entries, Placed};
use crate::frontend::profile::merged::EntryKind;
use crate::frontend::profile::text::Place;
use crate::plan::MountKind;
use std::path::Path;

/// Adds both.
pub fn place(builder: &mut Builder<'_, '_>, placed: &[Placed<'_>], entries: &Entries<'_>) {
    for placed in placed {
        for (link, target) in &placed.walk.links {
            add(builder, link, target, &placed.entry.place);
        }
    }
    for (path, entry) in entries.iter() {
        let EntryKind::Symlink(target) = &entry.kind else { continue };
        // One more symlink on the way to this one is as good as none.
        let link = builder.layout.resolve_above(path).unwrap_or_else(|| path.to_owned());
        add(builder, &link, target, &entry.place);
    }
}

/// Adds a symlink, unless a bind shows the same one already.
fn add(builder: &mut Builder<'_, '_>, link: &Path, target: &Path, place: &Place) {
    let layout = &builder.layout;
    let is_there = layout.standing(link) == Standing::Link(target.to_owned());
    if is_there || layout.at(link).is_some() {
        return;
    }
    if let Some(problem) = uncreatable(layout, link, "symlink", place) {
        return builder.found.push(problem);
    }
    builder.put(link, MountKind::Symlink { target: target.to_owned() }, place);
}
