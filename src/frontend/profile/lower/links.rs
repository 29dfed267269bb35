//! Symlinks inside: those that entries led through on the host, and those of `filesystem.symlinks`.

use super::destinations::{droppable, uncreatable};
use super::layout::Standing;
use super::mounts::{Builder, Entries};
use crate::error::Diagnostic;
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
        if let Some(problem) = put(builder, link, target.clone(), &entry.place) {
            let cover = builder.layout.cover_above(path);
            let problem = cover.map_or(problem.clone(), |cover| droppable(problem, path, &entry.place, cover));
            builder.found.push(problem);
        }
    }
}

/// Adds a symlink, unless a bind shows the same one already.
pub fn add(builder: &mut Builder<'_, '_>, link: PathBuf, target: PathBuf, place: &Place) {
    let problem = put(builder, link, target, place);
    problem.into_iter().for_each(|problem| builder.found.push(problem));
}

/// Does so, or says why that cannot be.
fn put(builder: &mut Builder<'_, '_>, link: PathBuf, target: PathBuf, place: &Place) -> Option<Diagnostic> {
    let layout = &builder.layout;
    let is_there = || matches!(layout.standing(&link), Standing::Link(there) if there == target);
    if layout.at(&link).is_some() || is_there() {
        return None;
    }
    let problem = uncreatable(layout, &link, "symlink", place);
    if problem.is_none() {
        builder.put(link, MountKind::Symlink { target }, place);
    }
    problem
}
