//! What the sandbox looks like from inside while it is being planned: which mount shows what at which path.

use super::root;
use crate::frontend::profile::text::Place;
use crate::host::{FileKind, Listed, Look, Paths};
use crate::plan::{Mount, MountKind, Origin, PathMap, Root, RootAccess, below, folders_above, in_walk_order, is_root};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// How many symlinks one path may lead through (path_resolution(7)).
pub const LINKS_MAX: usize = 40;

/// How many paths nsbox looks at and mounts on by itself, about: making room once costs less than growing.
const OWN: usize = 20;

/// The host's paths, each looked at once: most entries share their first folders.
pub struct Host<'a> {
    paths: &'a dyn Paths,
    /// By the bytes of a path, since a path itself is hashed name by name.
    seen: RefCell<FxHashMap<OsString, Look>>,
}

impl<'a> Host<'a> {
    /// Looks through these.
    pub fn new(paths: &'a dyn Paths) -> Self {
        Self { paths, seen: RefCell::default() }
    }

    /// Makes room for what so many entries are looked up for.
    pub fn expect(&self, entries: usize) {
        self.seen.borrow_mut().reserve(entries + OWN);
    }

    /// What stands at a path of the host, the last component not followed.
    pub fn look(&self, path: &Path) -> Look {
        if let Some(look) = self.seen.borrow().get(path.as_os_str()) {
            return look.clone();
        }
        let look = self.paths.look(path);
        self.seen.borrow_mut().insert(path.into(), look.clone());
        look
    }

    /// Whether a folder stands at a path of the host.
    pub fn is_folder(&self, path: &Path) -> bool {
        matches!(self.look(path), Look::Found { kind: FileKind::Folder, .. })
    }

    /// The names in a folder of the host; nothing where they cannot be listed.
    pub fn list(&self, folder: &Path) -> Option<Vec<Listed>> {
        self.paths.list(folder)
    }
}

/// What stands at a path inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// A file, a device, a socket.
    File,
    /// A symlink.
    Link(PathBuf),
}

/// The mounts so far, by destination.
pub struct Layout<'a> {
    /// The host that binds show.
    pub host: &'a Host<'a>,
    /// Whether something can be created in a root that is a folder of the host.
    discards: bool,
    mounts: PathMap<Asked>,
    /// How many mounts there are below each folder that has any.
    held: PathMap<usize>,
}

/// A mount, and where the entry behind it was written, if there is one.
struct Asked {
    mount: Mount,
    place: Option<Place>,
}

impl<'a> Layout<'a> {
    /// A root with nothing on it yet, and room for the mounts of so many entries.
    pub fn new(host: &'a Host<'a>, root: &Root, entries: usize) -> Self {
        let mut mounts = PathMap::with_capacity(entries + OWN);
        if let Some(mount) = root::as_mount(root) {
            mounts.insert(mount.destination.clone(), Asked { mount, place: None });
        }
        let discards = matches!(root, Root::Directory { access: RootAccess::Discard, .. });
        Self { host, discards, mounts, held: PathMap::with_capacity(OWN) }
    }

    /// Adds a mount that no entry asks for, where none is yet.
    pub fn put(&mut self, destination: impl Into<PathBuf>, kind: MountKind, origin: Origin) {
        self.add(destination.into(), kind, origin, None);
    }

    /// Adds the mount of an entry, where none is yet; messages about it show `place`.
    pub fn put_entry(&mut self, destination: PathBuf, kind: MountKind, origin: Origin, place: Place) {
        self.add(destination, kind, origin, Some(place));
    }

    fn add(&mut self, destination: PathBuf, kind: MountKind, origin: Origin, place: Option<Place>) {
        if self.mounts.contains(&destination) {
            return;
        }
        for folder in folders_above(&destination) {
            match self.held.get_mut(folder) {
                Some(count) => *count += 1,
                None => self.held.insert(folder.to_owned(), 1),
            }
        }
        let mount = Mount { destination: destination.clone(), kind, origin };
        self.mounts.insert(destination, Asked { mount, place });
    }

    /// Takes a mount away, and gives the place that messages about it would have shown.
    pub fn remove(&mut self, destination: &Path) -> Option<Place> {
        let removed = self.mounts.remove(destination)?;
        for folder in folders_above(destination) {
            if let Some(count) = self.held.get_mut(folder) {
                *count -= 1;
            }
        }
        removed.place
    }

    /// The mount at exactly that path.
    pub fn at(&self, path: &Path) -> Option<&Mount> {
        self.mounts.get(path).map(|asked| &asked.mount)
    }

    /// The entry behind the mount at exactly that path.
    pub fn place_of(&self, destination: &Path) -> Option<&Place> {
        self.mounts.get(destination)?.place.as_ref()
    }

    /// All mounts, in any order.
    pub fn iter(&self) -> impl Iterator<Item = &Mount> {
        self.mounts.iter().map(|(_, asked)| &asked.mount)
    }

    /// Whether anything is mounted below a path.
    pub fn holds_something(&self, path: &Path) -> bool {
        self.held.get(path).is_some_and(|count| *count > 0)
    }

    /// The nearest mount at or above a path that shows something there; the root's own tmpfs where there is none.
    pub fn cover(&self, path: &Path) -> Option<&Mount> {
        self.mounts.upwards(path).map(|asked| &asked.mount).find(|mount| mount.kind.shows_something())
    }

    /// Whether something new can be made at a path: nothing ever is on the host.
    pub fn is_creatable(&self, path: &Path) -> bool {
        match self.cover_above(path) {
            None => true,
            Some(cover) if matches!(cover.kind, MountKind::Tmpfs { .. } | MountKind::Kept { .. }) => true,
            Some(cover) => self.discards && is_root(&cover.destination),
        }
    }

    /// The nearest such mount strictly above a path.
    pub fn cover_above(&self, path: &Path) -> Option<&Mount> {
        self.cover(folders_above(path).next()?)
    }

    /// What stands at a path inside, the last component not followed.
    pub fn standing(&self, path: &Path) -> Standing {
        match self.at(path).map(|mount| &mount.kind) {
            Some(MountKind::Symlink { target }) => return Standing::Link(target.clone()),
            Some(MountKind::File { .. } | MountKind::Console) => return Standing::File,
            Some(MountKind::Bind { source, .. } | MountKind::Device { source }) => return self.stands_on_host(source),
            Some(MountKind::Hide | MountKind::ReadOnly | MountKind::Pin) | None => {}
            Some(_) => return Standing::Folder,
        }
        // What may stand at the path itself shows nothing.
        match self.cover_above(path) {
            Some(mount) => match &mount.kind {
                MountKind::Bind { .. } | MountKind::Kept { .. } | MountKind::Device { .. } | MountKind::Proc { .. } => {
                    shown_by(mount, path).map_or(Standing::Missing, |host| self.stands_on_host(&host))
                }
                MountKind::Tmpfs { .. } => self.stands_in_memory(path),
                _ => Standing::Missing,
            },
            None => self.stands_in_memory(path),
        }
    }

    fn stands_on_host(&self, path: &Path) -> Standing {
        match self.host.look(path) {
            Look::Missing | Look::Forbidden => Standing::Missing,
            Look::Symlink(target) => Standing::Link(target),
            Look::Found { kind: FileKind::Folder, .. } => Standing::Folder,
            Look::Found { .. } => Standing::File,
        }
    }

    /// A tmpfs holds the folders that mounts below need, and nothing else.
    fn stands_in_memory(&self, path: &Path) -> Standing {
        let is_folder = is_root(path) || self.holds_something(path);
        if is_folder { Standing::Folder } else { Standing::Missing }
    }

    /// The path without symlinks that a path means inside, missing names taken as they are; nothing for a loop.
    pub fn resolve(&self, path: &Path) -> Option<PathBuf> {
        self.resolve_until(path, true, LINKS_MAX)
    }

    /// As [`Layout::resolve`], a symlink at the path itself not followed.
    pub fn resolve_above(&self, path: &Path) -> Option<PathBuf> {
        self.resolve_until(path, false, LINKS_MAX)
    }

    fn resolve_until(&self, path: &Path, follow_last: bool, links: usize) -> Option<PathBuf> {
        let mut resolved = PathBuf::with_capacity(path.as_os_str().len() + 1);
        resolved.push("/");
        let mut names = names(path).peekable();
        while let Some(name) = names.next() {
            if name == ".." {
                resolved.pop();
                continue;
            }
            resolved.push(name);
            if names.peek().is_none() && !follow_last {
                break;
            }
            if let Standing::Link(target) = self.standing(&resolved) {
                resolved.pop();
                resolved.push(target);
                resolved.extend(names);
                return self.resolve_until(&resolved, follow_last, links.checked_sub(1)?);
            }
        }
        Some(resolved)
    }

    /// Binds onto itself every folder between a writable bind and a mount in it.
    ///
    /// The kernel refuses to rename a mount point, but not the folders above one: without this the payload could move
    /// such a folder away, put another in its place, and so change what lies hidden or read-only below.
    pub fn pin_islands(&mut self) {
        if !self.iter().any(|mount| mount.kind.is_writable_of_host()) {
            return;
        }
        let mut pins: Vec<Mount> = Vec::new();
        let mut islands: Vec<_> = self.iter().filter_map(|mount| Some((mount, self.writable_tree(mount)?))).collect();
        islands.sort_unstable_by(|(a, _), (b, _)| in_walk_order(&a.destination, &b.destination));
        for (mount, tree) in islands {
            let between = folders_above(&mount.destination).take_while(|above| *above != tree.destination);
            for folder in between {
                pins.push(Mount { destination: folder.to_owned(), kind: MountKind::Pin, origin: mount.origin.clone() });
            }
        }
        for pin in pins {
            self.put(pin.destination, pin.kind, pin.origin);
        }
    }

    /// The writable bind that a mount has to be held in.
    fn writable_tree(&self, mount: &Mount) -> Option<&Mount> {
        let tree = self.cover_above(&mount.destination)?;
        // What shows no more than the tree itself need stay in its place only for the islands in it.
        let is_idle = || is_same(tree, &mount.destination, &mount.kind) && !self.holds_something(&mount.destination);
        (tree.kind.is_writable_of_host() && !is_idle()).then_some(tree)
    }

    /// The mounts by depth, then by name, so that lines in any order give one plan.
    pub fn into_mounts(self) -> Vec<Mount> {
        let mounts = self.mounts.into_values_by_depth().into_iter().map(|asked| asked.mount);
        mounts.filter(|mount| !is_root(&mount.destination)).collect()
    }
}

/// The path of the host that a bind shows at a path in it.
pub fn shown_by(mount: &Mount, path: &Path) -> Option<PathBuf> {
    let rest = below(path, &mount.destination)?;
    let source = match &mount.kind {
        MountKind::Bind { source, .. } | MountKind::Kept { source } | MountKind::Device { source } => source,
        MountKind::Proc { .. } => Path::new("/proc"),
        _ => return None,
    };
    Some(if rest.as_os_str().is_empty() { source.to_owned() } else { source.join(rest) })
}

/// Whether a mount inside a bind shows no more and no less than the bind does there.
pub fn is_same(tree: &Mount, destination: &Path, kind: &MountKind) -> bool {
    match (&tree.kind, kind) {
        (MountKind::Bind { source: outer, access: wider }, MountKind::Bind { source, access }) => {
            let shown = below(destination, &tree.destination).map(Path::as_os_str);
            wider == access && shown.is_some() && shown == below(source, outer).map(Path::as_os_str)
        }
        _ => false,
    }
}

/// The names in a path, those that mean nothing left out.
pub fn names(path: &Path) -> impl Iterator<Item = &OsStr> {
    let names = path.as_os_str().as_bytes().split(|byte| *byte == b'/');
    names.filter(|name| !matches!(*name, b"" | b".")).map(OsStr::from_bytes)
}
