//! What the lines of a profile that hide and lock say of a path, whether or not it is visible: they hold for what is granted.

use super::layout::{Layout, names};
use super::mounts::Entries;
use super::walk::real;
use crate::frontend::profile::globs::Glob;
use crate::frontend::profile::merged::EntryKind;
use crate::frontend::profile::text::Place;
use crate::plan::{PathMap, below, upwards};
use std::path::{Path, PathBuf};

/// The entries that take something away, by every path that they may be meant by.
pub struct Exclusions<'e> {
    entries: &'e Entries<'e>,
    hidden: PathMap<&'e Place>,
    hiding: Vec<Pattern<'e>>,
    locking: Vec<Pattern<'e>>,
}

/// A pattern, and the folder that it begins in.
struct Pattern<'e> {
    start: PathBuf,
    glob: &'e Glob,
    place: &'e Place,
}

impl<'e> Exclusions<'e> {
    /// Those of these entries.
    pub fn of(layout: &Layout<'_>, entries: &'e Entries<'e>) -> Self {
        let mut all = Self { entries, hidden: PathMap::default(), hiding: Vec::new(), locking: Vec::new() };
        for (path, entry) in entries.iter() {
            let place = &entry.place;
            let patterns = |glob: &'e Glob| {
                let starts = meant(layout, &glob.start).into_iter();
                starts.map(move |start| Pattern { start, glob, place })
            };
            match &entry.kind {
                EntryKind::Hide => all.hidden.extend(meant(layout, path).into_iter().map(|path| (path, place))),
                EntryKind::HideGlob(glob) => all.hiding.extend(patterns(glob)),
                EntryKind::ReadGlob(glob) => all.locking.extend(patterns(glob)),
                _ => {}
            }
        }
        all
    }

    /// The line that hides a path, where none that is more specific shows it.
    pub fn hides(&self, layout: &Layout<'_>, path: &Path) -> Option<&'e Place> {
        let fitting = fitting(&self.hiding, path);
        self.nearest(layout, path, |above| self.hidden.get(above).copied().or_else(|| self.of_pattern(&fitting, above)))
    }

    /// Whether a line locks a path, and none that is more specific opens it.
    pub fn locks(&self, layout: &Layout<'_>, path: &Path) -> bool {
        let fitting = fitting(&self.locking, path);
        self.nearest(layout, path, |above| self.of_pattern(&fitting, above)).is_some()
    }

    /// What is said of a path, or of a folder above it with nothing mounted in between.
    fn nearest(
        &self,
        layout: &Layout<'_>,
        path: &Path,
        said: impl Fn(&Path) -> Option<&'e Place>,
    ) -> Option<&'e Place> {
        for above in upwards(path) {
            if let Some(place) = said(above) {
                return Some(place);
            }
            if layout.at(above).is_some() {
                return None;
            }
        }
        None
    }

    /// The pattern that says something of exactly this path; an entry of its own is more specific.
    fn of_pattern(&self, fitting: &PathMap<&'e Place>, path: &Path) -> Option<&'e Place> {
        let is_pattern = |kind: &EntryKind| matches!(kind, EntryKind::HideGlob(_) | EntryKind::ReadGlob(_));
        let is_named = self.entries.get(path).is_some_and(|entry| !is_pattern(&entry.kind));
        fitting.get(path).copied().filter(|_| !is_named)
    }
}

/// The paths that an entry's path may be meant by: as it is written, where it leads inside, and where it leads on the host.
fn meant(layout: &Layout<'_>, path: &Path) -> Vec<PathBuf> {
    let led = [layout.resolve(path), real(layout.host, path)];
    let mut all: Vec<PathBuf> = led.into_iter().flatten().chain([path.to_owned()]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The path and the folders above it that patterns stand for.
fn fitting<'e>(patterns: &[Pattern<'e>], path: &Path) -> PathMap<&'e Place> {
    let mut fitting = PathMap::default();
    for Pattern { start, glob, place } in patterns {
        let Some(rest) = below(path, start) else { continue };
        let (mut reached, mut progress) = (start.clone(), glob.begin());
        for name in names(rest) {
            reached.push(name);
            let (is_complete, next) = glob.advance(&progress, name);
            if is_complete {
                fitting.insert_if_absent(reached.clone(), *place);
            }
            progress = next;
        }
    }
    fitting
}
