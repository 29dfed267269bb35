//! Holds every destination to what is there: a mount inside a bind needs something of its own kind to cover.

use super::homes;
use super::layout::{Layout, Standing, shown_by};
use super::mounts::Builder;
use crate::error::Diagnostic;
use crate::frontend::profile::text::Place;
use crate::host::{FileKind, Look};
use crate::plan::{Mount, MountKind, Origin, in_walk_order};
use std::path::Path;

/// Reports every mount that could not be made.
pub fn check(builder: &mut Builder<'_, '_>) {
    let Builder { layout, found } = builder;
    // What nsbox adds itself fits where nsbox makes the root, and may not fit a folder of the host.
    let problem = |mount: &Mount| problem(layout, mount, layout.place_of(&mount.destination));
    let mut problems: Vec<_> = layout.iter().filter_map(|mount| Some((&mount.destination, problem(mount)?))).collect();
    problems.sort_by(|(a, _), (b, _)| in_walk_order(a, b));
    problems.into_iter().for_each(|(_, problem)| found.push(problem));
}

fn problem(layout: &Layout<'_>, mount: &Mount, place: Option<&Place>) -> Option<Diagnostic> {
    // Where what it holds in place is missing, that is said of what lies below.
    if mount.kind == MountKind::Pin {
        return None;
    }
    if let Some(problem) = homes::problem(layout, mount, place) {
        return Some(problem);
    }
    let error = |message: String| place.map_or_else(|| Diagnostic::error(&message), |place| place.error(&message));
    let cover = layout.cover_above(&mount.destination)?;
    let (path, tree) = (mount.destination.display(), cover.destination.display());
    if !is_folder(layout, cover) {
        let hint = format!("`{tree}` is opened by {}", cover.origin);
        return Some(error(format!("`{path}` cannot be in `{tree}`, which is a file")).hint(hint));
    }
    let made = match mount.kind {
        MountKind::File { .. } => Some("file"),
        MountKind::Symlink { .. } => Some("symlink"),
        _ => None,
    };
    if let (Some(place), Some(what)) = (place, made)
        && let Some(problem) = uncreatable(layout, &mount.destination, what, place)
    {
        return Some(droppable(problem, &mount.destination, place, cover));
    }
    if !matches!(cover.kind, MountKind::Bind { .. } | MountKind::Device { .. } | MountKind::Proc { .. }) {
        return None;
    }
    let there = shown_by(cover, &mount.destination).map_or(Look::Missing, |path| layout.host.look(&path));
    if made.is_some() && !matches!(there, Look::Missing | Look::Forbidden) {
        let problem = error(format!("`{path}` is there already, in `{tree}`, and is not replaced"));
        return Some(problem.hint("a file of the host can be shown there instead, with `read`"));
    }
    let there_is_folder = match there {
        Look::Found { kind, .. } => kind == FileKind::Folder,
        Look::Missing if layout.is_creatable(&mount.destination) => return None,
        Look::Missing | Look::Forbidden | Look::Symlink(_) => {
            let problem = error(format!("`{path}` does not exist inside `{tree}`, so nothing can appear there"));
            return Some(problem.hint(way_out(cover)));
        }
    };
    if matches!(mount.kind, MountKind::Hide | MountKind::ReadOnly) {
        return None;
    }
    match (is_folder(layout, mount), there_is_folder) {
        (true, false) => Some(error(format!("a folder cannot appear at `{path}`, which is a file in `{tree}`"))),
        (false, true) => Some(error(format!("a file cannot appear at `{path}`, which is a folder in `{tree}`"))),
        _ => None,
    }
}

/// What can be done where a mount shows nothing at a destination in it.
fn way_out(cover: &Mount) -> String {
    match &cover.kind {
        MountKind::Bind { source, .. } if cover.destination == Path::new("/") => format!(
            "create it in `{}`, or let the root that {} asks for have `access = \"discard\"`",
            source.display(),
            cover.origin
        ),
        _ => format!(
            "`{}` is opened by {}, and nothing is ever created on the host",
            cover.destination.display(),
            cover.origin
        ),
    }
}

/// What would have to be created where nothing can be.
pub fn uncreatable(layout: &Layout<'_>, path: &Path, what: &str, place: &Place) -> Option<Diagnostic> {
    let cover = layout.cover_above(path).filter(|_| !layout.is_creatable(path))?;
    let tree = cover.destination.display();
    let problem = place.error(format!("the {what} `{}` cannot be made inside `{tree}`", path.display()));
    Some(problem.hint(format!("nothing is ever created on the host; `{tree}` is opened by {}", cover.origin)))
}

/// Tells whoever opened a folder by hand how to do without what a profile has in it.
pub fn droppable(problem: Diagnostic, path: &Path, place: &Place, cover: &Mount) -> Diagnostic {
    match (place.origin(), &cover.origin) {
        (Origin::Profile { .. }, by @ (Origin::Flag(_) | Origin::Argument(_))) => {
            let (path, tree) = (path.display(), cover.destination.display());
            problem.hint(format!(
                "`{tree}` is opened by {by}, as it is on the host; `--drop {path}` does without the entry"
            ))
        }
        _ => problem,
    }
}

fn is_folder(layout: &Layout<'_>, mount: &Mount) -> bool {
    match &mount.kind {
        MountKind::Bind { source, .. } | MountKind::Device { source } => layout.host.is_folder(source),
        _ => matches!(layout.standing(&mount.destination), Standing::Folder),
    }
}
