//! What stays read-only inside what can be written: the patterns of `filesystem.read`.

use super::hides;
use super::mounts::{Builder, Entries};
use crate::frontend::profile::merged::EntryKind;
use crate::plan::{Access, MountKind, PathMap};

/// Locks all that patterns stand for, where a bind shows it for writing; anywhere else it is read-only or not there.
pub fn place(builder: &mut Builder<'_, '_>, entries: &Entries<'_>) {
    refuse_openings(builder, entries);
    let matches = hides::matched(builder, entries, &PathMap::default(), |kind| match kind {
        EntryKind::ReadGlob(glob) => Some(glob),
        _ => None,
    });
    for (destination, place) in matches.in_order() {
        let cover = builder.layout.cover(destination);
        let is_written = cover.is_some_and(|cover| {
            cover.destination != destination && matches!(cover.kind, MountKind::Bind { access: Access::Write, .. })
        });
        if is_written && builder.layout.at(destination).is_none() {
            builder.put(destination.to_owned(), MountKind::ReadOnly, place);
        }
    }
}

/// A pattern opens nothing, which who writes one may not know.
fn refuse_openings(builder: &mut Builder<'_, '_>, entries: &Entries<'_>) {
    if builder.found.has_errors() {
        // What is wrong already may be the very entry that would have shown it.
        return;
    }
    for (path, entry) in entries.iter() {
        let EntryKind::ReadGlob(glob) = &entry.kind else { continue };
        let Some(start) = builder.layout.resolve(&glob.start) else { continue };
        let is_shown = builder.layout.cover(&start).is_some_and(|cover| !matches!(cover.kind, MountKind::Tmpfs { .. }));
        if !is_shown && !builder.layout.holds_something(&start) {
            let message = format!("`{}` opens nothing: a pattern only locks what is visible already", path.display());
            let hint = format!("to show it, name `{}`, or each file in it", glob.start.display());
            builder.found.push(entry.place.error(message).hint(hint));
        }
    }
}
