//! How the mounts of a plan are brought about: what must be created first, what is locked with the root, what comes
//! after. Decided before the first process is made.

use super::source::{Source, is_folder};
use crate::error::{Errno, Fault};
use crate::plan::{Access, Coverage, Mount, MountKind, Origin, Root};
use std::collections::HashSet;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The mounts of a plan, ready to be made.
#[derive(Debug)]
pub struct Layout {
    /// What the root's tmpfs is mounted with.
    pub(super) root_options: CString,
    /// What is created in the root's tmpfs before anything is mounted on it; parents first.
    pub(super) skeleton: Vec<Node>,
    /// The mounts, in the order of the plan.
    pub(super) items: Vec<Item>,
    /// A folder of the skeleton that a mount will cover, where the empty file and folder behind `Hide` are kept.
    pub(super) stash: Option<PathBuf>,
    /// The sandbox's procfs, relative to the new root, if it has one.
    proc: Option<PathBuf>,
}

/// Something that is created in a tmpfs of the sandbox.
#[derive(Debug)]
pub struct Node {
    /// Where, relative to the new root.
    pub path: CString,
    /// What.
    pub form: Form,
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
    /// Through a bind, where a symlink may have been planted.
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
    /// A file system of its own: type and options.
    FileSystem(&'static str, CString),
    /// Something empty: a folder or a file.
    Hide {
        /// Which of the two.
        folder: bool,
    },
    /// What is there already, read-only.
    ReadOnly,
    /// Nothing but its nodes.
    Nothing,
}

impl Layout {
    /// Decides how to make the mounts, and looks up their sources on the host.
    ///
    /// # Errors
    /// As openat2(2), with the item's origin, where a source cannot be looked up.
    pub fn prepare(root: &Root, mounts: &[Mount]) -> Result<Self, Fault> {
        let Root::Tmpfs { size } = root;
        let size = size.map_or(String::new(), |bytes| format!(",size={bytes}"));
        let mut layout = Self {
            root_options: c_string(format!("mode=0755{size}").as_bytes()),
            skeleton: Vec::new(),
            items: Vec::with_capacity(mounts.len()),
            stash: None,
            proc: None,
        };
        let mut coverage = Coverage::default();
        let mut made = Made::default();
        for mount in mounts {
            layout.add(mount, coverage.of(&mount.destination), &mut made).map_err(|f| f.asked_for_by(&mount.origin))?;
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

    fn add(&mut self, mount: &Mount, cover: Option<&Mount>, made: &mut Made) -> Result<(), Fault> {
        let Some(action) = action(mount, cover)? else { return Ok(()) };
        let destination = relative(&mount.destination);
        let place = Place::of(cover);
        let mut nodes = Vec::new();
        if place != Place::Foreign {
            let parents = destination.ancestors().skip(1).filter(|p| !p.as_os_str().is_empty());
            let parents: Vec<_> = parents.take_while(|p| !made.folders.contains(*p)).collect();
            for parent in parents.into_iter().rev() {
                nodes.push(Node { path: c_path(parent), form: Form::Folder(0o755) });
                made.folders.insert(parent.to_owned());
            }
            if let Some(form) = form(&mount.kind, &action) {
                if matches!(form, Form::Folder(_)) {
                    made.folders.insert(destination.clone());
                }
                nodes.push(Node { path: c_path(&destination), form });
            }
        }
        if place == Place::Root {
            self.skeleton.append(&mut nodes);
        }
        let time = made.time_of(&mount.destination, &action);
        let covers_folder = matches!(&action, Action::Bind { source, .. } if source.is_folder())
            || matches!(action, Action::FileSystem(..));
        if self.stash.is_none() && place == Place::Root && covers_folder {
            self.stash = Some(destination.clone());
        }
        if matches!(mount.kind, MountKind::Proc { .. }) {
            self.proc = Some(destination.clone());
        }
        let way = if place == Place::Foreign { Way::Foreign } else { Way::Own };
        if !matches!(action, Action::Nothing) || !nodes.is_empty() {
            self.items.push(Item { destination, way, action, time, nodes, origin: mount.origin.clone() });
        }
        Ok(())
    }
}

/// Where a destination lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the root's own tmpfs, corners included.
    Root,
    /// In a tmpfs of the sandbox that is mounted later.
    LaterTmpfs,
    /// In something that is not ours to create in.
    Foreign,
}

impl Place {
    fn of(cover: Option<&Mount>) -> Self {
        match cover.map(|mount| &mount.kind) {
            None | Some(MountKind::Tmpfs { size: None, .. }) => Self::Root,
            Some(MountKind::Tmpfs { .. }) => Self::LaterTmpfs,
            Some(_) => Self::Foreign,
        }
    }
}

/// What the mounts so far have made.
#[derive(Debug, Default)]
struct Made {
    /// Folders that exist, relative to the new root.
    folders: HashSet<PathBuf>,
    /// Destinations of what is made after the lock.
    late: HashSet<PathBuf>,
    /// Those, and every folder above one.
    above_late: HashSet<PathBuf>,
}

impl Made {
    /// When a mount can be made. What stays read-only is locked with the root, in one call for all, unless it overlaps
    /// with something writable that the plan puts before it.
    fn time_of(&mut self, destination: &Path, action: &Action) -> Time {
        let read_only = match action {
            Action::Bind { access, .. } => *access == Access::Read,
            Action::FileSystem(kind, _) => *kind == "proc",
            Action::Hide { .. } | Action::ReadOnly => true,
            Action::Device { .. } | Action::Corner => false,
            Action::Nothing => return Time::AfterLock,
        };
        let overlaps =
            self.above_late.contains(destination) || destination.ancestors().any(|folder| self.late.contains(folder));
        if read_only && !overlaps {
            return Time::BeforeLock;
        }
        self.late.insert(destination.to_owned());
        self.above_late.extend(destination.ancestors().map(Path::to_owned));
        Time::AfterLock
    }
}

/// What is to be done for a mount; nothing where there is nothing to hide or to lock.
fn action(mount: &Mount, cover: Option<&Mount>) -> Result<Option<Action>, Fault> {
    Ok(Some(match &mount.kind {
        MountKind::Bind { source, access } => Action::Bind { source: Source::look_up(source)?, access: *access },
        MountKind::Device { source } => Action::Device { source: Source::look_up(source)? },
        MountKind::Tmpfs { size: None, .. } if Place::of(cover) == Place::Root => Action::Corner,
        MountKind::Tmpfs { size, mode } => {
            let size = size.map_or(String::new(), |bytes| format!(",size={bytes}"));
            Action::FileSystem("tmpfs", c_string(format!("mode={mode:o}{size}").as_bytes()))
        }
        MountKind::Proc { .. } => Action::FileSystem("proc", CString::default()),
        MountKind::Devpts => Action::FileSystem("devpts", c_string(b"newinstance,ptmxmode=0666,mode=620")),
        MountKind::Hide | MountKind::ReadOnly => {
            let Some(on_host) = cover.and_then(|cover| on_host(&mount.destination, cover)) else { return Ok(None) };
            match is_folder(&on_host)? {
                None => return Ok(None),
                Some(folder) if mount.kind == MountKind::Hide => Action::Hide { folder },
                Some(_) => Action::ReadOnly,
            }
        }
        MountKind::Directory { .. } | MountKind::Symlink { .. } | MountKind::File { .. } => Action::Nothing,
    }))
}

/// Where the host has what a mount shows at `path`.
fn on_host(path: &Path, cover: &Mount) -> Option<PathBuf> {
    let rest = path.strip_prefix(&cover.destination).ok()?;
    match &cover.kind {
        MountKind::Bind { source, .. } if rest.as_os_str().is_empty() => Some(source.clone()),
        MountKind::Bind { source, .. } => Some(source.join(rest)),
        MountKind::Proc { .. } => Some(Path::new("/proc").join(rest)),
        _ => None,
    }
}

/// What must stand at the destination before the mount is made.
fn form(kind: &MountKind, action: &Action) -> Option<Form> {
    Some(match (kind, action) {
        (MountKind::Tmpfs { mode, .. } | MountKind::Directory { mode }, _) => Form::Folder(*mode),
        (MountKind::Symlink { target }, _) => Form::Symlink(c_path(target)),
        (MountKind::File { contents, mode }, _) => Form::File(contents.clone(), *mode),
        (_, Action::Bind { source, .. } | Action::Device { source }) if !source.is_folder() => Form::MountPoint,
        (_, Action::Bind { .. } | Action::FileSystem(..)) => Form::Folder(0o755),
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
