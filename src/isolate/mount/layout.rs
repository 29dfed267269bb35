//! How the mounts of a plan are brought about: what must be created first, what is locked with the root, what comes
//! after. Decided before the first process is made.

use super::made::Made;
use super::source::{Lookup, Source, is_folder};
use crate::error::{Errno, Fault};
use crate::plan::{Access, Coverage, Mount, MountKind, Origin, ProcMasks, ProcSource, Root, RootAccess, upwards};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The mounts of a plan, ready to be made.
#[derive(Debug)]
pub struct Layout {
    /// What the root is.
    pub(super) base: Base,
    /// What is created in the root's tmpfs before anything is mounted on it; parents first.
    pub(super) skeleton: Vec<Node>,
    /// The mounts, in the order of the plan.
    pub(super) items: Vec<Item>,
    /// A folder of nsbox's own tmpfs that the payload will not see, relative to the new root: here is kept what is
    /// mounted elsewhere, such as the empty file and folder behind `Hide`.
    pub(super) stash: Option<PathBuf>,
    /// The sandbox's procfs, relative to the new root, if it has one of its own.
    proc: Option<PathBuf>,
    /// The device of the caller's terminal on the host, if there is one to be shown.
    console: Option<PathBuf>,
    /// Where the sockets of the services are, if there are any.
    sockets: Option<Sockets>,
}

/// The sockets of a sandbox's services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sockets {
    /// The folder on the host that they are in.
    pub folder: PathBuf,
    /// Files in it, by their path there, that sockets of the host are mounted on, since those are not the sandbox's own.
    pub lent: Vec<(PathBuf, PathBuf)>,
}

/// What the root is.
#[derive(Debug)]
pub enum Base {
    /// A tmpfs with these options.
    Tmpfs(CString),
    /// A folder of the host.
    Folder(Source, RootAccess, Origin),
}

impl Base {
    fn prepare(root: &Root, lookup: &mut Lookup) -> Result<Self, Fault> {
        match root {
            Root::Tmpfs { size } => {
                let size = size.map_or(String::new(), |bytes| format!(",size={bytes}"));
                Ok(Self::Tmpfs(c_string(format!("mode=0755{size}").as_bytes())))
            }
            Root::Directory { source, access, origin } => {
                let found = lookup.source(source).map_err(|fault| fault.asked_for_by(origin))?;
                Ok(Self::Folder(found, *access, origin.clone()))
            }
        }
    }

    /// Whether one call makes the root read-only, with what is mounted on it until then.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Tmpfs(_) | Self::Folder(_, RootAccess::Read, _))
    }
}

/// Something that is created in a tmpfs of the sandbox.
#[derive(Debug)]
pub struct Node {
    /// Where, relative to the new root.
    pub path: CString,
    /// What.
    pub form: Form,
    /// Whether a file or a symlink that is there gives way to one: what earlier runs left in a home that is kept.
    pub replaces: bool,
}

/// What a [`Node`] is.
#[derive(Debug, Clone)]
pub enum Form {
    /// A folder with these permissions; it may exist.
    Folder(u32),
    /// An empty file for something to be mounted on; it may exist.
    MountPoint,
    /// A symlink with this target.
    Symlink(CString),
    /// A file with this text and these permissions.
    File(String, u32),
}

/// One mount.
#[derive(Debug)]
pub struct Item {
    /// Where, relative to the new root.
    pub destination: PathBuf,
    /// Whether a path below the new root leads there with certainty, or through what somebody else may change.
    pub way: Way,
    /// What is mounted.
    pub action: Action,
    /// Whether it is made before the root is locked, and locked with it, or after.
    pub time: Time,
    /// What is created just before, in a tmpfs that was not there when the skeleton was made.
    pub nodes: Vec<Node>,
    /// Who asked for it.
    pub origin: Origin,
}

/// How a destination is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through folders that only init has made.
    Own,
    /// Perhaps through a bind, where a symlink may have been planted.
    Foreign,
}

/// When a mount is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// Before the root is locked: it becomes read-only, nosuid and nodev with it.
    BeforeLock,
    /// After.
    AfterLock,
}

/// What is mounted.
#[derive(Debug)]
pub enum Action {
    /// A tree of the host.
    Bind {
        /// What of the host.
        source: Source,
        /// Whether the payload may write.
        access: Access,
    },
    /// A device node of the host.
    Device {
        /// Which.
        source: Source,
    },
    /// A folder of the root's tmpfs, writable.
    Corner,
    /// The same for a place that is not in the root's tmpfs: the folder, with these permissions, is in the stash.
    FarCorner(u32),
    /// A file system of its own: type and options.
    FileSystem(&'static str, CString),
    /// Procfs, and below it one more that nothing is mounted on.
    RepeatableProc,
    /// Something empty: a folder or a file.
    Hide {
        /// Which of the two.
        folder: bool,
    },
    /// Entries of the procfs that is there already look empty or are read-only.
    Mask(ProcMasks),
    /// What is there already, read-only.
    ReadOnly,
    /// What is there already, as it is.
    Pin,
    /// Nothing but its nodes.
    Nothing,
}

impl Layout {
    /// Decides how to make the mounts, and looks up their sources on the host.
    ///
    /// # Errors
    /// As openat2(2), with the item's origin, where a source cannot be looked up.
    pub fn prepare(
        root: &Root,
        mounts: &[Mount],
        console: Option<PathBuf>,
        sockets: Option<Sockets>,
    ) -> Result<Self, Fault> {
        let mut lookup = Lookup::default();
        let base = Base::prepare(root, &mut lookup)?;
        // A folder of the host is mounted in nsbox's own tmpfs, and left alone there when it becomes the root.
        let stash = matches!(base, Base::Folder(..)).then(|| PathBuf::from(".."));
        let items = Vec::with_capacity(mounts.len());
        let mut layout = Self { base, skeleton: Vec::new(), items, stash, proc: None, console, sockets };
        let mut coverage = Coverage::with_capacity(mounts.len());
        let mut made = Made::default();
        for mount in mounts {
            layout
                .add(mount, coverage.of(&mount.destination), &mut made, &mut lookup)
                .map_err(|f| f.asked_for_by(&mount.origin))?;
            coverage.add(mount);
        }
        Ok(layout)
    }

    /// How many descriptors are open at once while the root is built.
    pub fn descriptors(&self) -> u64 {
        self.items.len() as u64 + 32
    }

    /// The sandbox's own procfs, relative to the new root; nothing where the plan has none.
    pub fn proc(&self) -> Option<&Path> {
        self.proc.as_deref()
    }

    fn add(&mut self, mount: &Mount, cover: Option<&Mount>, made: &mut Made, lookup: &mut Lookup) -> Result<(), Fault> {
        let place = self.place_of(cover, made);
        let Some(action) = self.action(mount, cover, place, lookup)? else { return Ok(()) };
        let destination = relative(&mount.destination);
        let mut nodes = Vec::new();
        if place != Place::Foreign {
            let parents = upwards(&destination).skip(1).take_while(|p| !made.folders.contains(p.as_os_str()));
            for parent in parents.collect::<Vec<_>>().into_iter().rev() {
                nodes.push(Node { path: c_path(parent), form: Form::Folder(0o755), replaces: false });
                made.folders.insert(parent.into());
            }
            if let Some(form) = form(&mount.kind, &action) {
                if matches!(form, Form::Folder(_)) {
                    made.folders.insert(destination.clone().into());
                }
                let replaces = place == Place::Kept && matches!(form, Form::File(..) | Form::Symlink(_));
                nodes.push(Node { path: c_path(&destination), form, replaces });
            }
        }
        if place == Place::Root {
            self.skeleton.append(&mut nodes);
        }
        if matches!(action, Action::FarCorner(_)) {
            made.far.insert(mount.destination.clone().into());
        }
        // Without a lock there is nothing to wait for it, but the new procfs, in which init has something to write.
        let waits = self.base.is_locked() || matches!(mount.kind, MountKind::Proc { source: ProcSource::New, .. });
        let time = if waits { made.time_of(&mount.destination, &action) } else { Time::AfterLock };
        let covers_folder = matches!(&action, Action::Bind { source, .. } | Action::Device { source } if source.is_folder())
            || matches!(action, Action::FileSystem(..) | Action::RepeatableProc);
        if self.stash.is_none() && place == Place::Root && covers_folder {
            self.stash = Some(destination.clone());
        }
        if matches!(mount.kind, MountKind::Proc { source: ProcSource::New, .. }) {
            self.proc = Some(destination.clone());
        }
        // A tmpfs that is mounted later may itself lie where others can exchange the folders above it.
        let way = if place == Place::Root { Way::Own } else { Way::Foreign };
        let origin = &mount.origin;
        if let MountKind::Proc { masks, .. } = &mount.kind {
            let item = Item { destination: destination.clone(), way, action, time, nodes, origin: origin.clone() };
            self.items.push(item);
            let time = if self.base.is_locked() { time } else { Time::AfterLock };
            let action = Action::Mask(masks.clone());
            self.items.push(Item { destination, way, action, time, nodes: Vec::new(), origin: origin.clone() });
        } else if !matches!(action, Action::Nothing) || !nodes.is_empty() {
            self.items.push(Item { destination, way, action, time, nodes, origin: origin.clone() });
        }
        if mount.kind == MountKind::Sockets { self.lend(mount, made, lookup) } else { Ok(()) }
    }

    /// Mounts the sockets of the host that are in the folder of the sandbox's own.
    fn lend(&mut self, mount: &Mount, made: &mut Made, lookup: &mut Lookup) -> Result<(), Fault> {
        let lent = self.sockets.as_ref().map_or(&[][..], |sockets| &sockets.lent);
        for (name, socket) in lent {
            let path = mount.destination.join(name);
            let action = Action::Bind { source: lookup.source(socket)?, access: Access::Read };
            let time = if self.base.is_locked() { made.time_of(&path, &action) } else { Time::AfterLock };
            let (destination, origin) = (relative(&path), mount.origin.clone());
            self.items.push(Item { destination, way: Way::Foreign, action, time, nodes: Vec::new(), origin });
        }
        Ok(())
    }

    /// Where a destination lies that this mount shows.
    fn place_of(&self, cover: Option<&Mount>, made: &Made) -> Place {
        match (cover.map(|mount| (&mount.kind, &mount.destination)), &self.base) {
            (None, Base::Tmpfs(_)) => Place::Root,
            (None, Base::Folder(_, RootAccess::Discard, _)) => Place::Overlay,
            (Some((MountKind::Tmpfs { size: None, .. }, destination)), _)
                if !made.far.contains(destination.as_os_str()) =>
            {
                Place::Root
            }
            (Some((MountKind::Tmpfs { .. }, _)), _) => Place::LaterTmpfs,
            (Some((MountKind::Kept { .. }, _)), _) => Place::Kept,
            _ => Place::Foreign,
        }
    }

    /// What is to be done for a mount; nothing where there is nothing to show, to hide or to lock.
    fn action(
        &self,
        mount: &Mount,
        cover: Option<&Mount>,
        place: Place,
        lookup: &mut Lookup,
    ) -> Result<Option<Action>, Fault> {
        Ok(Some(match &mount.kind {
            MountKind::Bind { source, access } => Action::Bind { source: lookup.source(source)?, access: *access },
            MountKind::Kept { source } => Action::Bind { source: lookup.kept(source)?, access: Access::Write },
            MountKind::Sockets => match &self.sockets {
                Some(sockets) => Action::Bind { source: lookup.source(&sockets.folder)?, access: Access::Read },
                None => return Ok(None),
            },
            MountKind::Device { source } => Action::Device { source: lookup.device(source)? },
            MountKind::Tmpfs { size: None, .. } if place == Place::Root => Action::Corner,
            MountKind::Tmpfs { size: None, mode } => Action::FarCorner(*mode),
            MountKind::Tmpfs { size: Some(size), mode } => {
                Action::FileSystem("tmpfs", c_string(format!("mode={mode:o},size={size}").as_bytes()))
            }
            MountKind::Proc { source: ProcSource::New, repeatable: true, .. } => Action::RepeatableProc,
            MountKind::Proc { source: ProcSource::New, .. } => Action::FileSystem("proc", CString::default()),
            MountKind::Proc { source: ProcSource::Existing, .. } => {
                // Whoever is the same user may write to much of what is there of the processes outside.
                Action::Bind { source: lookup.source(Path::new("/proc"))?, access: Access::Read }
            }
            MountKind::Devpts => Action::FileSystem("devpts", c_string(b"newinstance,ptmxmode=0666,mode=620")),
            MountKind::Console => match &self.console {
                Some(device) => Action::Device { source: lookup.source(device)? },
                None => return Ok(None),
            },
            MountKind::Hide | MountKind::ReadOnly => {
                let Some(on_host) = self.on_host(&mount.destination, cover) else { return Ok(None) };
                match is_folder(&on_host)? {
                    None => return Ok(None),
                    Some(folder) if mount.kind == MountKind::Hide => Action::Hide { folder },
                    Some(_) => Action::ReadOnly,
                }
            }
            MountKind::Pin => Action::Pin,
            // In the root's own tmpfs it is locked with that; anywhere else the payload could write to it.
            MountKind::File { .. } if cover.is_some() || !self.base.is_locked() => Action::ReadOnly,
            MountKind::Directory { .. } | MountKind::Symlink { .. } | MountKind::File { .. } => Action::Nothing,
        }))
    }

    /// Where the host has what a mount, or the root itself, shows at `path`.
    fn on_host(&self, path: &Path, cover: Option<&Mount>) -> Option<PathBuf> {
        let (shown, source) = match (cover, &self.base) {
            (None, Base::Folder(source, ..)) => (Path::new("/"), source.path()),
            (None, Base::Tmpfs(_)) => return None,
            (Some(cover), _) => match &cover.kind {
                MountKind::Bind { source, .. } | MountKind::Kept { source } | MountKind::Device { source } => {
                    (&*cover.destination, &**source)
                }
                MountKind::Proc { .. } => (&*cover.destination, Path::new("/proc")),
                _ => return None,
            },
        };
        let rest = path.strip_prefix(shown).ok()?;
        Some(if rest.as_os_str().is_empty() { source.to_owned() } else { source.join(rest) })
    }
}

/// Where a destination lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the root's own tmpfs, corners included.
    Root,
    /// In a tmpfs of the sandbox that is mounted later.
    LaterTmpfs,
    /// In a folder that is kept for the sandbox: ours to create in, but with what the payload has left there.
    Kept,
    /// In the overlay that is the root: ours to create in, but with symlinks that are not.
    Overlay,
    /// In something that is not ours to create in.
    Foreign,
}

/// What must stand at the destination before the mount is made.
fn form(kind: &MountKind, action: &Action) -> Option<Form> {
    Some(match (kind, action) {
        (MountKind::Tmpfs { mode, .. } | MountKind::Directory { mode }, _) => Form::Folder(*mode),
        (MountKind::Pin, _) => Form::Folder(0o755),
        (MountKind::Symlink { target }, _) => Form::Symlink(c_path(target)),
        (MountKind::File { contents, mode }, _) => Form::File(contents.clone(), *mode),
        (_, Action::Bind { source, .. } | Action::Device { source }) if !source.is_folder() => Form::MountPoint,
        (_, Action::Bind { .. } | Action::Device { .. } | Action::FileSystem(..) | Action::RepeatableProc) => {
            Form::Folder(0o755)
        }
        _ => return None,
    })
}

/// A path below the new root, which is init's working directory.
fn relative(path: &Path) -> PathBuf {
    path.strip_prefix("/").unwrap_or(path).to_owned()
}

pub(super) fn c_path(path: &Path) -> CString {
    c_string(path.as_os_str().as_bytes())
}

/// A plan has no NUL in any path; should one come by, the text ends there, as it would for the kernel.
fn c_string(bytes: &[u8]) -> CString {
    CString::new(bytes).unwrap_or_else(|e| {
        let end = e.nul_position();
        CString::new(&bytes[..end]).unwrap_or_default()
    })
}

/// The error of a mount whose source was never opened, which would be a mistake of ours.
pub(super) fn unopened(destination: &Path) -> Fault {
    Fault::of("take the source of", destination.display())(Errno(libc::EBADF))
}
