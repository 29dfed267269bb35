//! What the globs of `filesystem` stand for inside: found by looking, within bounds, when the sandbox starts.

use super::layout::{Layout, Standing, shown_by};
use super::mounts::Entries;
use crate::frontend::profile::globs::{Glob, Progress};
use crate::frontend::profile::merged::EntryKind;
use crate::frontend::profile::text::Place;
use crate::host::{Listed, Look};
use crate::plan::{MountKind, PathMap, upwards};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How many matches all globs of a profile may have: each is a mount of its own.
pub const MATCHES_MAX: usize = 1_000;
/// How many names may be looked at to find them.
pub const NAMES_MAX: usize = 100_000;

/// Why a search was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// More than [`MATCHES_MAX`] matches.
    Matches,
    /// More than [`NAMES_MAX`] names.
    Names,
}

/// A search through what is visible, for one glob after the other.
pub struct Search<'l, 'h> {
    layout: &'l Layout<'h>,
    entries: &'l Entries<'l>,
    /// What is hidden by its path.
    hidden: &'l PathMap<Place>,
    /// The names that mounts need in a folder, whether or not a bind shows them.
    mounted: HashMap<PathBuf, BTreeSet<OsString>>,
    /// The matches so far, and who asked for each.
    pub matches: PathMap<Place>,
    /// Folders whose names cannot be listed, though what is in them can be opened by name.
    pub unlisted: BTreeSet<PathBuf>,
    names: usize,
    found: usize,
}

impl<'l, 'h> Search<'l, 'h> {
    /// A search that has found nothing yet.
    pub fn new(layout: &'l Layout<'h>, entries: &'l Entries<'l>, hidden: &'l PathMap<Place>) -> Self {
        let mut mounted: HashMap<PathBuf, BTreeSet<OsString>> = HashMap::new();
        for path in layout.iter().flat_map(|mount| mount.destination.ancestors()) {
            if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
                mounted.entry(folder.to_owned()).or_default().insert(name.to_owned());
            }
        }
        let (matches, unlisted) = (PathMap::default(), BTreeSet::new());
        Self { layout, entries, hidden, mounted, matches, unlisted, names: 0, found: 0 }
    }

    /// Adds all that a glob stands for in a folder inside, with the progress that it has made there.
    pub fn enter(&mut self, glob: &Glob, place: &Place, folder: &Path, progress: &Progress) -> Result<(), Excess> {
        for (name, may_be_folder) in self.names_in(glob, folder, progress)? {
            let (is_complete, next) = glob.advance(progress, &name);
            let path = folder.join(&name);
            if is_complete {
                self.take(folder, &path, place)?;
            }
            if !may_be_folder || next.is_empty() {
                continue;
            }
            // What is hidden has nothing in it any more, but for what has an entry of its own.
            let is_gone = self.is_hidden(&path) && !self.layout.holds_something(&path);
            if !is_gone && self.layout.standing(&path) == Standing::Folder && is_open(self.layout, &path) {
                self.enter(glob, place, &path, &next)?;
            }
        }
        Ok(())
    }

    /// The names in a folder that may fit, and whether each may be a folder: what a bind shows, and what is mounted.
    fn names_in(
        &mut self,
        glob: &Glob,
        folder: &Path,
        progress: &Progress,
    ) -> Result<BTreeMap<OsString, bool>, Excess> {
        let names: BTreeMap<OsString, bool> = match glob.only_names(progress) {
            Some(names) => names.into_iter().map(|name| (name, true)).collect(),
            None => {
                let listed = self.listed(folder).into_iter().map(|listed| (listed.name, listed.is_folder));
                let mounted = self.mounted.get(folder).into_iter().flatten().map(|name| (name.clone(), true));
                listed.chain(mounted).collect()
            }
        };
        self.names += names.len();
        if self.names > NAMES_MAX { Err(Excess::Names) } else { Ok(names) }
    }

    fn listed(&mut self, folder: &Path) -> Vec<Listed> {
        let shown = self.layout.cover(folder).and_then(|cover| shown_by(cover, folder));
        let Some(shown) = shown.filter(|_| !self.is_hidden(folder)) else { return Vec::new() };
        let host = self.layout.host;
        host.list(&shown).unwrap_or_else(|| {
            // Where nothing in it can be opened either, there is nothing to hide.
            if host.look(&shown.join("..")) != Look::Forbidden {
                self.unlisted.insert(folder.to_owned());
            }
            Vec::new()
        })
    }

    /// Adds a path that fits, if there is something to cover.
    fn take(&mut self, folder: &Path, path: &Path, place: &Place) -> Result<(), Excess> {
        if self.is_named(path) || self.is_hidden(path) {
            return Ok(());
        }
        if let Some(end) = self.end(folder, path) {
            self.found += usize::from(!self.matches.contains(&end));
            self.matches.insert_if_absent(end, place.clone());
        }
        if self.found > MATCHES_MAX { Err(Excess::Matches) } else { Ok(()) }
    }

    /// What is to be covered for a path that fits: what a bind shows there.
    fn end(&self, folder: &Path, path: &Path) -> Option<PathBuf> {
        let end = match self.layout.standing(path) {
            Standing::Missing => None,
            Standing::File | Standing::Folder => Some(path.to_owned()),
            Standing::Link(_) => self.end_of_link(folder, path),
        };
        // A folder that is only there for the mounts in it shows nothing.
        end.filter(|end| self.layout.cover(end).is_some_and(|cover| !matches!(cover.kind, MountKind::Tmpfs { .. })))
    }

    /// What a symlink stands for, unless it leads out of the tree that it is in: what is there has its own name.
    fn end_of_link(&self, folder: &Path, link: &Path) -> Option<PathBuf> {
        let tree = self.layout.cover(folder).filter(|cover| matches!(cover.kind, MountKind::Bind { .. }))?;
        let end = self.layout.resolve(link).filter(|end| end.starts_with(&tree.destination))?;
        let is_spared = link.starts_with(&end) || self.is_named(&end) || self.is_hidden(&end);
        (!is_spared && self.layout.standing(&end) != Standing::Missing).then_some(end)
    }

    /// Whether a path has an entry of its own, which is more specific than any glob.
    fn is_named(&self, path: &Path) -> bool {
        let is_path =
            |kind: &EntryKind| !matches!(kind, EntryKind::Hide | EntryKind::HideGlob(_) | EntryKind::ReadGlob(_));
        self.entries.get(path).is_some_and(|entry| is_path(&entry.kind))
    }

    /// Whether a path is hidden already, and nothing more specific shows it.
    fn is_hidden(&self, path: &Path) -> bool {
        for above in upwards(path) {
            if self.hidden.contains(above) || self.matches.contains(above) {
                return true;
            }
            if self.layout.at(above).is_some() {
                return false;
            }
        }
        false
    }
}

/// Whether a folder can be looked into before the sandbox starts; what nsbox itself makes is not there yet.
pub fn is_open(layout: &Layout<'_>, folder: &Path) -> bool {
    let mut mounts = upwards(folder).filter_map(|above| layout.at(above));
    let is_made = |kind: &MountKind| {
        matches!(kind, MountKind::Proc { .. } | MountKind::Devpts | MountKind::Directory { .. } | MountKind::Hide)
    };
    mounts.find(|mount| mount.kind != MountKind::ReadOnly).is_none_or(|mount| !is_made(&mount.kind))
}
