//! What is covered: the entries of `filesystem.hide`, wherever their paths lead inside.

use super::layout::{Layout, Standing};
use super::mounts::{Builder, Entries, planted};
use crate::error::Diagnostic;
use crate::frontend::profile::merged::EntryKind;
use crate::frontend::profile::text::Place;
use crate::plan::{Access, MountKind};
use std::path::{Path, PathBuf};

/// Covers every entry that is visible.
pub fn place(builder: &mut Builder<'_, '_>, entries: &Entries) {
    for (path, entry) in entries.iter() {
        if entry.kind != EntryKind::Hide {
            continue;
        }
        // Nobody can read through a loop either.
        let Some(destination) = builder.layout.resolve(path) else { continue };
        if builder.layout.standing(&destination) == Standing::Missing {
            continue;
        }
        match tree_left(&builder.layout, path, &destination) {
            Some(tree) => builder.found.push(planted(&entry.place, path, &destination, &tree)),
            None => cover(builder, &destination, &entry.place),
        }
    }
}

fn cover(builder: &mut Builder<'_, '_>, destination: &Path, place: &Place) {
    // An entry that leads here by another name would lie on top.
    builder.layout.remove(destination);
    let shown = builder.layout.cover(destination).is_some_and(|cover| !matches!(cover.kind, MountKind::Tmpfs { .. }));
    let holds_something = builder.layout.holds_something(destination);
    if !shown && holds_something {
        let message = format!("`{}` itself holds nothing to hide", destination.display());
        let warning = Diagnostic::warning(message).at(place.excerpt());
        return builder.found.push(warning.hint("what is in it has entries of its own, which are more specific"));
    }
    // What is more specific than the hidden folder needs a folder to appear in.
    let kind = if holds_something { MountKind::Tmpfs { size: None, mode: 0o755 } } else { MountKind::Hide };
    if shown {
        builder.put(destination, kind, place);
    }
}

/// The writable folder that a path enters and leaves again by a symlink.
fn tree_left(layout: &Layout<'_>, path: &Path, destination: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|above| {
        let tree = layout.cover(&layout.resolve_above(above)?)?;
        let writable = matches!(tree.kind, MountKind::Bind { access: Access::Write, .. });
        (writable && !destination.starts_with(&tree.destination)).then(|| tree.destination.clone())
    })
}
