//! The entries of `[filesystem]` as mounts: the most specific path wins, and symlinks are as on the host.

use super::grants::Grant;
use super::layout::{Host, Layout, is_same};
use super::walk::{self, Astray, Crossing, Walk, Walker};
use super::{defaults, desktop, destinations, files, grants, hides, links, locks, resolver};
use crate::error::{Diagnostic, Diagnostics, suggest};
use crate::frontend::profile::merged::{Entry, EntryKind, Profile};
use crate::frontend::profile::text::Place;
use crate::host::{FileKind, HostFacts, Look};
use crate::plan::{Access, Identity, MountKind, Origin, PathMap, Root, is_root};
use std::path::{Path, PathBuf};

/// Entries by the path they were written with.
pub struct Entries<'p> {
    by_path: &'p PathMap<Entry>,
    in_order: Vec<(&'p Path, &'p Entry)>,
}

impl<'p> Entries<'p> {
    fn of(profile: &'p Profile) -> Self {
        Self { by_path: &profile.entries, in_order: profile.entries.in_order() }
    }

    /// The entry at exactly that path.
    pub fn get(&self, path: &Path) -> Option<&'p Entry> {
        self.by_path.get(path)
    }

    /// All of them, those of a folder before those in it.
    pub fn iter(&self) -> impl Iterator<Item = (&'p Path, &'p Entry)> {
        self.in_order.iter().copied()
    }
}

/// Adds the entries that other keys ask for, and takes those out that they leave no room for.
pub fn complete(
    profile: &mut Profile,
    root: &Root,
    desktop: &desktop::Asked,
    host: &Host<'_>,
    found: &mut Diagnostics,
) {
    let asked = resolver::entries(profile, root, host);
    profile.entries.extend(asked);
    desktop.add_entries(profile);
    for entry in profile.entries.values_mut() {
        if let EntryKind::Kept(folder) = &mut entry.kind {
            *folder = walk::begun(host, folder);
        }
    }
    defaults::refuse_clashes(profile, found);
}

/// What is visible inside without an entry of its own.
pub struct Beside<'a> {
    /// What the words of the command name.
    pub grants: &'a [Grant],
    /// Who asks for sockets of services, if anybody does.
    pub sockets: Option<&'a Place>,
}

/// Places everything that is visible inside.
pub fn lower<'h>(
    profile: &Profile,
    beside: &Beside<'_>,
    identity: &Identity,
    root: &Root,
    host: &'h Host<'h>,
    facts: &HostFacts,
    found: &mut Diagnostics,
) -> Layout<'h> {
    let (grants, entries) = (beside.grants, &Entries::of(profile));
    let crossing = |path: &Path| crossing(entries, path);
    let mut trees = writable_trees(entries, host, &crossing);
    trees.extend(grants::writable(grants));
    let walker = Walker::new(host, &trees, &crossing);
    let (mut like_host, mut apart, mut met) = (Vec::new(), Vec::new(), Vec::new());
    for (path, entry) in entries.iter() {
        if let Some(mut placed) = Placed::walk(path, entry, root, &walker, found) {
            met.extend(placed.links.drain(..).map(|(link, target)| (link, target, &entry.place)));
            if placed.is_apart { &mut apart } else { &mut like_host }.push(placed);
        }
    }
    let mut builder = Builder { layout: Layout::new(host, root, like_host.len() + apart.len()), found };
    let shown = builder.place_like_host(like_host);
    links::place(&mut builder, met, entries);
    builder.place_apart(apart, &shown);
    files::place(&mut builder, entries);
    grants::place(&mut builder, grants, entries, &walker, facts);
    defaults::place(&mut builder.layout, profile, identity, facts);
    desktop::place(&mut builder.layout, beside.sockets);
    // What came since may show something else there.
    builder.place_unless_shown(shown);
    locks::place(&mut builder, entries);
    hides::place(&mut builder, entries);
    grants::settle(&mut builder, grants);
    builder.layout.pin_islands();
    destinations::check(&mut builder);
    builder.layout
}

/// The mounts so far, and what is wrong with them.
pub struct Builder<'h, 'f> {
    pub layout: Layout<'h>,
    pub found: &'f mut Diagnostics,
}

impl Builder<'_, '_> {
    /// Adds the mount of an entry where there is none yet.
    pub fn put(&mut self, destination: PathBuf, kind: MountKind, place: &Place) {
        if is_root(&destination) {
            return self.found.push(root_itself(place));
        }
        self.layout.put_entry(destination, kind, place.origin(), place.clone());
    }

    /// Entries whose path inside is their path on the host: those named by it first, then those a symlink led to.
    ///
    /// Gives those that a folder shows anyway, as they are asked for.
    fn place_like_host<'e>(&mut self, placed: Vec<Placed<'e>>) -> PathMap<Placed<'e>> {
        let (direct, linked): (Vec<_>, Vec<_>) =
            placed.into_iter().partition(|placed| placed.inside.as_os_str() == placed.path.as_os_str());
        for placed in direct {
            self.put(placed.inside, placed.kind, &placed.entry.place);
        }
        let mut led_to: PathMap<Placed<'e>> = PathMap::default();
        for placed in linked {
            // What is there by its own name decides.
            if !is_root(&placed.inside) && self.layout.at(&placed.inside).is_some() {
                continue;
            }
            if let Some(first) = led_to.get(&placed.inside).filter(|first| first.kind != placed.kind) {
                self.found.push(placed.clash(first));
            }
            led_to.insert_if_absent(placed.inside.clone(), placed);
        }
        self.place_unless_shown(led_to)
    }

    /// Adds those that no folder shows anyway, and gives the others back.
    fn place_unless_shown<'e>(&mut self, led_to: PathMap<Placed<'e>>) -> PathMap<Placed<'e>> {
        let mut shown = PathMap::default();
        // Parents first, so that what a folder shows anyway is not mounted twice.
        for placed in led_to.into_values_by_depth() {
            if self.layout.cover(&placed.inside).is_some_and(|cover| is_same(cover, &placed.inside, &placed.kind)) {
                shown.insert(placed.inside.clone(), placed);
            } else {
                self.put(placed.inside, placed.kind, &placed.entry.place);
            }
        }
        shown
    }

    /// Entries whose path inside means something else than on the host; their destination is sought inside.
    fn place_apart(&mut self, apart: Vec<Placed<'_>>, shown: &PathMap<Placed<'_>>) {
        for placed in apart {
            let Some(destination) = self.layout.resolve(&placed.inside) else {
                self.found.push(endless(placed.path, &placed.entry.place));
                continue;
            };
            let of_mount = self.layout.at(&destination).map(|mount| (&mount.kind, mount.origin.clone()));
            let of_entry = || shown.get(&destination).map(|other| (&other.kind, other.entry.place.origin()));
            match of_mount.or_else(of_entry) {
                // Whichever were taken, somebody would have asked for less.
                Some((kind, by)) if *kind != placed.kind => {
                    let problem = occupied(&destination, &placed.entry.place, &by);
                    self.found.push(problem);
                }
                _ => self.put(destination, placed.kind, &placed.entry.place),
            }
        }
    }
}

/// An entry that stands for a bind or a tmpfs, and where it is.
pub struct Placed<'e> {
    pub path: &'e Path,
    pub entry: &'e Entry,
    /// The symlinks on the way to it, as those of a [`Walk`].
    links: Vec<(PathBuf, PathBuf)>,
    inside: PathBuf,
    kind: MountKind,
    /// Whether the inside is not like the host there.
    is_apart: bool,
}

impl<'e> Placed<'e> {
    /// Finds an entry on the host; nothing where it may be missing and is.
    ///
    /// In a root of the host's own making nothing is where the host has it: there every entry stands for itself.
    fn walk(
        path: &'e Path,
        entry: &'e Entry,
        root: &Root,
        walker: &Walker<'_>,
        found: &mut Diagnostics,
    ) -> Option<Self> {
        let foreign = matches!(root, Root::Directory { .. });
        let (walked, kind): (_, fn(PathBuf, &EntryKind) -> MountKind) = match &entry.kind {
            EntryKind::Bind { from: None, .. } if foreign => (elsewhere(path, path, walker), bind),
            EntryKind::Bind { from: None, .. } => (walker.to_source(path), bind),
            EntryKind::Bind { from: Some(from), .. } => (elsewhere(path, &from.value, walker), bind),
            EntryKind::Tmpfs { .. } if foreign => (Ok(Walk::apart(path)), tmpfs),
            EntryKind::Tmpfs { .. } => (walker.to_place(path), tmpfs),
            EntryKind::Device { .. } if foreign => (elsewhere(path, path, walker), device),
            EntryKind::Device { .. } => (walker.to_source(path), device),
            EntryKind::Devices if foreign => (elsewhere(path, path, walker), device),
            EntryKind::Devices => (walker.to_source(path), device),
            EntryKind::Hide
            | EntryKind::HideGlob(_)
            | EntryKind::ReadGlob(_)
            | EntryKind::Symlink(_)
            | EntryKind::File(_) => return None,
            EntryKind::Kept(_) if foreign => (Ok(Walk::apart(path)), kept),
            EntryKind::Kept(_) => (walker.to_place(path), kept),
        };
        match walked {
            Ok(walk) if matches!(entry.kind, EntryKind::Device { .. }) && !is_device(walker.host, &walk.host) => {
                let problem = entry.place.error(format!("`{}` is no device", path.display()));
                found.push(problem.hint("files and folders are opened with `read` and `write`"));
                None
            }
            Ok(Walk { links, host, apart }) => {
                let is_apart = apart.is_some();
                let inside = apart.unwrap_or_else(|| host.clone());
                Some(Self { path, entry, links, inside, kind: kind(host, &entry.kind), is_apart })
            }
            Err(Astray::Missing(_) | Astray::Forbidden(_)) if is_optional(entry) => None,
            Err(astray) => {
                let (path, place) = match &entry.kind {
                    EntryKind::Bind { from: Some(from), .. } => (from.value.as_path(), &from.place),
                    _ => (path, &entry.place),
                };
                found.push(lost(path, place, &astray, walker.host));
                None
            }
        }
    }

    fn clash(&self, first: &Placed<'_>) -> Diagnostic {
        let message = format!(
            "`{}` and `{}` lead to the same `{}`, but not to the same access",
            first.path.display(),
            self.path.display(),
            self.inside.display()
        );
        let hint = format!("the other is at {}; add an entry for `{}`", first.entry.place, self.inside.display());
        self.entry.place.error(message).hint(hint)
    }
}

/// An entry for a path that something else has taken.
pub fn occupied(destination: &Path, place: &Place, by: &Origin) -> Diagnostic {
    let problem = place.error(format!("`{}` is something else already", destination.display()));
    problem.hint(format!("it is asked for by {by}"))
}

fn bind(source: PathBuf, entry: &EntryKind) -> MountKind {
    let access = if let EntryKind::Bind { access, .. } = entry { *access } else { Access::Read };
    MountKind::Bind { source, access }
}

fn tmpfs(_: PathBuf, entry: &EntryKind) -> MountKind {
    let EntryKind::Tmpfs { size, mode } = entry else { return MountKind::Tmpfs { size: None, mode: 0o755 } };
    MountKind::Tmpfs { size: *size, mode: *mode }
}

fn kept(place: PathBuf, entry: &EntryKind) -> MountKind {
    MountKind::Kept { source: if let EntryKind::Kept(source) = entry { source.clone() } else { place } }
}

fn device(source: PathBuf, _: &EntryKind) -> MountKind {
    MountKind::Device { source }
}

fn is_device(host: &Host<'_>, path: &Path) -> bool {
    matches!(host.look(path), Look::Found { kind: FileKind::Device, .. })
}

/// A bind with a source of its own: only the source is followed on the host.
fn elsewhere(path: &Path, from: &Path, walker: &Walker<'_>) -> Result<Walk, Astray> {
    let walk = walker.to_source(from)?;
    Ok(Walk { links: Vec::new(), apart: Some(path.to_owned()), ..walk })
}

fn is_optional(entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::Bind { optional: true, .. } | EntryKind::Device { optional: true })
}

/// What the entry at a path means for entries below it.
fn crossing(entries: &Entries<'_>, path: &Path) -> Crossing {
    match entries.get(path).map(|entry| &entry.kind) {
        None
        | Some(
            EntryKind::Hide
            | EntryKind::HideGlob(_)
            | EntryKind::ReadGlob(_)
            | EntryKind::Bind { from: None, .. }
            | EntryKind::Device { .. }
            | EntryKind::Devices,
        ) => Crossing::Open,
        Some(EntryKind::Tmpfs { .. } | EntryKind::Kept(_) | EntryKind::File(_)) => Crossing::Own,
        Some(EntryKind::Bind { from: Some(_), .. } | EntryKind::Symlink(_)) => Crossing::Elsewhere,
    }
}

/// The folders of the host that the payload can write to, and so plant symlinks in.
fn writable_trees(entries: &Entries<'_>, host: &Host<'_>, crossing: &dyn Fn(&Path) -> Crossing) -> Vec<PathBuf> {
    let walker = Walker::new(host, &[], crossing);
    let sources = entries.iter().filter_map(|(path, entry)| match &entry.kind {
        EntryKind::Bind { access: Access::Write, from, .. } => {
            Some(from.as_ref().map_or(path, |from| from.value.as_path()))
        }
        _ => None,
    });
    sources.filter_map(|source| Some(walker.to_source(source).ok()?.host)).collect()
}

/// A path of the host that leads nowhere.
pub fn lost(path: &Path, place: &Place, astray: &Astray, host: &Host<'_>) -> Diagnostic {
    match astray {
        Astray::Missing(end) => {
            let message = match path.starts_with(end) {
                true => format!("`{}` does not exist", path.display()),
                false => format!("`{}` leads to `{}`, which does not exist", path.display(), end.display()),
            };
            let problem = match near(end, host) {
                Some(near) => place.error(message).label(format!("did you mean `{}`?", near.display())),
                None => place.error(message),
            };
            let written = path.to_string_lossy();
            problem.hint(match place.text().is_flag() {
                _ if written.contains('*') => "only `read` and `hide` take patterns; here a `*` is part of the name",
                _ if path.starts_with("/dev") => {
                    "a device is there once the kernel knows it: its driver may be missing"
                }
                true if written.contains('$') => "in single quotes the shell leaves variables as they are",
                true => "create it first, since nothing is ever created on the host",
                false => "create it, or set `optional = true` on this entry",
            })
        }
        Astray::Forbidden(end) => {
            let folder = end.parent().unwrap_or(end);
            let problem = place.error(format!("`{}` is out of your reach", path.display()));
            problem.hint(format!("you may not enter `{}`", folder.display()))
        }
        Astray::Loop(_) => endless(path, place),
        Astray::Planted { link, target, tree } => planted(place, link, target, tree),
    }
}

/// What has nearly the same name, in the folder where nothing has this one.
fn near(missing: &Path, host: &Host<'_>) -> Option<PathBuf> {
    let (folder, name) = (missing.parent()?, missing.file_name()?.to_str()?);
    let names = host.list(folder)?;
    let near = suggest::nearest(name, names.iter().filter_map(|listed| listed.name.to_str()))?;
    Some(folder.join(near))
}

/// An entry that is the root, or leads to it.
pub fn root_itself(place: &Place) -> Diagnostic {
    place.error("the root itself cannot be an entry").hint(
        "name the folders below it; all of them, read-only, are there with `root = { directory = \"/\" }` in `[filesystem]`",
    )
}

pub fn endless(path: &Path, place: &Place) -> Diagnostic {
    place.error(format!("`{}` is a loop of symlinks", path.display()))
}

/// A symlink that leads out of a folder that is writable inside.
pub fn planted(place: &Place, link: &Path, target: &Path, tree: &Path) -> Diagnostic {
    let message =
        format!("`{}` is a symlink that leads out of `{}`, to `{}`", link.display(), tree.display(), target.display());
    place.error(message).hint(format!(
        "what runs inside can write to `{}` and so may have planted it; if it is yours, name `{}` itself",
        tree.display(),
        target.display()
    ))
}
