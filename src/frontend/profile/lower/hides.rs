//! What is covered: the entries of `filesystem.hide`, wherever their paths lead inside.

use super::layout::{Layout, Standing};
use super::matches::{Excess, MATCHES_MAX, NAMES_MAX, Search, is_open};
use super::mounts::{Builder, Entries, planted, root_itself};
use super::walk::real;
use crate::error::{Diagnostic, Diagnostics};
use crate::frontend::profile::globs::Glob;
use crate::frontend::profile::merged::EntryKind;
use crate::frontend::profile::text::Place;
use crate::plan::{MountKind, PathMap, folders_above, is_root};
use std::path::{Path, PathBuf};

/// Covers every entry that is visible, and all that globs stand for.
pub fn place(builder: &mut Builder<'_, '_>, entries: &Entries<'_>) {
    let named = named(builder, entries);
    let mut targets = matched(builder, entries, &named, |kind| match kind {
        EntryKind::HideGlob(glob) => Some(glob),
        _ => None,
    });
    targets.extend(named.iter().map(|(path, place)| (path.to_owned(), place.clone())));
    // Parents first, so that what a hidden folder holds is not covered twice.
    for (destination, place) in targets.in_order() {
        let above = folders_above(destination).find_map(|above| builder.layout.at(above));
        if above.is_none_or(|mount| mount.kind != MountKind::Hide) {
            cover(builder, destination, place, named.contains(destination));
        }
    }
}

/// What the entries without wildcards lead to.
fn named(builder: &mut Builder<'_, '_>, entries: &Entries<'_>) -> PathMap<Place> {
    let mut named = PathMap::default();
    for (path, entry) in entries.iter().filter(|(_, entry)| entry.kind == EntryKind::Hide) {
        // Nobody can read through a loop either.
        let Some(destination) = builder.layout.resolve(path) else { continue };
        if builder.layout.standing(&destination) == Standing::Missing {
            // A profile may name what not every project has; a person who types it means something that is there.
            if entry.place.text().is_flag() && real(builder.layout.host, path).is_none() {
                builder.found.push(absent(path, &entry.place));
            }
            continue;
        }
        match tree_left(&builder.layout, path, &destination) {
            Some(tree) => builder.found.push(planted(&entry.place, path, &destination, &tree)),
            None if is_root(&destination) => builder.found.push(root_itself(&entry.place)),
            None => named.insert_if_absent(destination, entry.place.clone()),
        }
    }
    named
}

/// An entry by hand that hides nothing, since nothing is there.
fn absent(path: &Path, place: &Place) -> Diagnostic {
    let message = format!("`{}` does not exist, so there is nothing to hide", path.display());
    Diagnostic::warning(message).at(place.excerpt()).hint("what is created later is not covered")
}

/// What the entries with wildcards stand for, as far as `pattern` picks them; what is hidden by name is left alone.
pub fn matched(
    builder: &mut Builder<'_, '_>,
    entries: &Entries<'_>,
    named: &PathMap<Place>,
    pattern: impl Fn(&EntryKind) -> Option<&Glob>,
) -> PathMap<Place> {
    let globs = entries.iter().filter_map(|(path, entry)| Some((path, pattern(&entry.kind)?, &entry.place)));
    let Builder { layout, found, .. } = builder;
    let started: Vec<_> = globs.filter_map(|(path, glob, place)| start(layout, glob, path, place, found)).collect();
    if started.is_empty() {
        return PathMap::default();
    }
    let mut search = Search::new(layout, entries, named);
    for Started { path, glob, place, folder } in started {
        let searched = search.enter(glob, place, &folder, &glob.begin());
        unlisted(&mut search, path, place).into_iter().for_each(|warning| found.push(warning));
        if let Err(excess) = searched {
            found.push(exceeding(place, path, excess));
            // The bounds are those of all globs together: the next one would say the same.
            return PathMap::default();
        }
    }
    search.matches
}

/// A glob, and the folder inside that it begins in.
struct Started<'e> {
    path: &'e Path,
    glob: &'e Glob,
    place: &'e Place,
    folder: PathBuf,
}

/// Where a glob begins; nothing where no folder is there to look into, or none that may be.
fn start<'e>(
    layout: &Layout<'_>,
    glob: &'e Glob,
    path: &'e Path,
    place: &'e Place,
    found: &mut Diagnostics,
) -> Option<Started<'e>> {
    let folder = layout.resolve(&glob.start)?;
    if let Some(tree) = tree_left(layout, &glob.start, &folder) {
        found.push(planted(place, &glob.start, &folder, &tree));
    } else if !is_open(layout, &folder) {
        found.push(closed(place, &folder));
    } else if layout.standing(&folder) == Standing::Folder {
        return Some(Started { path, glob, place, folder });
    }
    None
}

/// A glob in what is not there before the sandbox starts.
fn closed(place: &Place, start: &Path) -> Diagnostic {
    let problem = place.error(format!("a pattern cannot look into `{}`, which nsbox makes itself", start.display()));
    problem.hint("name each path in it")
}

/// A glob that stands for too much.
fn exceeding(place: &Place, pattern: &Path, excess: Excess) -> Diagnostic {
    let pattern = pattern.display();
    let problem = place.error(match excess {
        Excess::Matches => format!("with `{pattern}` there are more than {MATCHES_MAX} matches"),
        Excess::Names => format!("with `{pattern}` there are more than {NAMES_MAX} names to look at"),
    });
    problem.hint("name the folder that holds them, or begin the pattern deeper down")
}

/// Folders that a glob could not look into.
fn unlisted(search: &mut Search<'_, '_>, pattern: &Path, place: &Place) -> Option<Diagnostic> {
    let folders = std::mem::take(&mut search.unlisted);
    let first = folders.first()?.display();
    let others = if folders.len() > 1 { format!(" and {} more", folders.len() - 1) } else { String::new() };
    let message = format!("`{}` finds nothing in `{first}`{others}, whose names you may not list", pattern.display());
    Some(Diagnostic::warning(message).at(place.excerpt()).hint("name what is in it, or hide the folder"))
}

fn cover(builder: &mut Builder<'_, '_>, destination: &Path, place: &Place, is_named: bool) {
    // An entry that leads here by another name would lie on top.
    let of_first = builder.layout.remove(destination);
    let shown = builder.layout.cover(destination).is_some_and(|cover| !matches!(cover.kind, MountKind::Tmpfs { .. }));
    let holds_something = builder.layout.holds_something(destination);
    if !shown && holds_something && is_named {
        let message = format!("`{}` itself holds nothing to hide", destination.display());
        let warning = Diagnostic::warning(message).at(place.excerpt());
        return builder.found.push(warning.hint("what is in it has entries of its own, which are more specific"));
    }
    // What is more specific than the hidden folder needs a folder to appear in.
    let kind = if holds_something { MountKind::Tmpfs { size: None, mode: 0o755 } } else { MountKind::Hide };
    if shown {
        let named = of_first.unwrap_or_else(|| place.clone());
        builder.layout.put_entry(destination.to_owned(), kind, place.origin(), named);
    }
}

/// The writable folder that a path enters and leaves again by a symlink.
fn tree_left(layout: &Layout<'_>, path: &Path, destination: &Path) -> Option<PathBuf> {
    if path.as_os_str() == destination.as_os_str() {
        // No symlink was on the way.
        return None;
    }
    path.ancestors().find_map(|above| {
        let tree = layout.cover(&layout.resolve_above(above)?)?;
        let writable = tree.kind.is_writable_of_host();
        (writable && !destination.starts_with(&tree.destination)).then(|| tree.destination.clone())
    })
}
