//! The layout, made: a skeleton in a new tmpfs, the mounts on it, the lock, the pivot.

use super::layout::{Action, Base, Form, Item, Layout, Node, Time, Way, c_path, unopened};
use super::masks::{EMPTY_FILE, EMPTY_FOLDER, mask};
use super::source::Sources;
use super::target::Target;
use crate::error::{Errno, Fault};
use crate::plan::{Access, RootAccess};
use crate::sys::mount::{Attributes, Reach, set_attributes};
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, PROC_SUPER_MAGIC, ResolveFlags, StatxFlags, fstatfs, mkdirat, mknodat,
    openat, openat2, statx, symlinkat, unlinkat,
};
use rustix::mount::{
    MountFlags, MountPropagationFlags, OpenTreeFlags, UnmountFlags, mount, mount_change, open_tree, unmount,
};
use std::ffi::{CStr, OsStr};
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
const WRITABLE: u64 = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
/// Writing to a device is no writing to its mount, but changing the node's own permissions is.
const DEVICE: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC;

/// How many mounts there are at most on top of the new root: the old one, and nsbox's own tmpfs.
const STACKED_MAX: usize = 2;
/// In the stash: corners of the root's tmpfs that are mounted elsewhere.
const CORNER: &str = ".nsbox-corner";
/// Where the procfs is, in a tmpfs below the one that is seen, which lets sandboxes inside mount theirs.
const UNCOVERED_PROC: &str = "uncovered";

/// Cuts every mount of this namespace off from the host's. As slaves, later mounts of the host would appear inside,
/// and writable.
///
/// # Errors
/// As mount(2).
pub fn make_private() -> Result<(), Fault> {
    let flags = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", flags).map_err(Fault::of("mount MS_PRIVATE", "/"))
}

/// Makes the new root, which is the working directory, the root of this process and its namespace. The old one is
/// then mounted on top of it.
///
/// # Errors
/// As pivot_root(2).
pub fn pivot_root() -> Result<(), Fault> {
    rustix::process::pivot_root(".", ".").map_err(Fault::of("pivot_root", ""))
}

/// Takes the old root away, and all that is mounted in it: it lies on top of the new one, and nsbox's own tmpfs may lie on
/// top of it in turn.
///
/// # Errors
/// As umount2(2) and statx(2), and EBUSY where something is left on top of the new root: it could be reached by `/..`.
pub fn detach_old_root() -> Result<(), Fault> {
    let mount_at = |path: &str| {
        let found = statx(CWD, path, AtFlags::empty(), StatxFlags::MNT_ID);
        found.map(|found| found.stx_mnt_id).map_err(Fault::of("statx", path))
    };
    let new = mount_at(".")?;
    for _ in 0..STACKED_MAX {
        unmount(".", UnmountFlags::DETACH).map_err(Fault::of("umount2", "the old root"))?;
        // The way up from the root leads into what is mounted on it.
        if mount_at("/..")? == new {
            return rustix::process::chdir("/").map_err(Fault::of("chdir", "/"));
        }
    }
    Err(Fault::of("umount2", "the old root")(Errno(libc::EBUSY)))
}

/// A root that is built, but not locked yet.
#[derive(Debug)]
pub struct Unlocked {
    /// What was opened for each mount that is still to come.
    trees: Vec<Option<OwnedFd>>,
    /// The procfs that is there for sandboxes inside.
    uncovered: Option<OwnedFd>,
}

impl Layout {
    /// Mounts the root and enters it, creates the skeleton in it, and makes the mounts that are locked with it. The
    /// umask must be 0.
    ///
    /// # Errors
    /// As mount(2), open_tree(2) and move_mount(2).
    pub fn build_root(&self, mut sources: Sources) -> Result<Unlocked, Fault> {
        match &self.base {
            Base::Tmpfs(options) => enter_tmpfs(options)?,
            Base::Folder(source, access, origin) => {
                let tree = sources.root.take().ok_or_else(|| unopened(source.path()))?;
                enter_tmpfs(c"mode=0755")?;
                enter_folder(tree, *access).map_err(|fault| fault.asked_for_by(origin))?;
            }
        }
        self.skeleton.iter().try_for_each(|node| create(CWD, &node.path, &node.form))?;
        let mut trees = self.trees(&mut sources)?;
        let mut uncovered = None;
        for (item, tree) in self.items.iter().zip(&mut trees) {
            if matches!(item.action, Action::RepeatableProc) {
                uncovered = Some(mount_uncovered_proc(item).map_err(|fault| fault.asked_for_by(&item.origin))?);
            }
            if item.time == Time::BeforeLock {
                make(item, tree.take()).map_err(|fault| fault.asked_for_by(&item.origin))?;
            }
        }
        Ok(Unlocked { trees, uncovered })
    }

    /// Makes the root and all that is mounted on it read-only, nosuid and nodev in one call, unless it is to be
    /// writable itself; then makes the mounts that are writable or lie inside a writable one.
    ///
    /// # Errors
    /// As mount_setattr(2), and as [`Layout::build_root`].
    pub fn lock_root(&self, mut root: Unlocked) -> Result<(), Fault> {
        if self.base.is_locked() {
            set_attributes(CWD, c".", Reach::Tree, Attributes { set: READ_ONLY, clear: 0 })
                .map_err(Fault::of("mount_setattr", "/"))?;
            if let Some(proc) = self.proc() {
                // Processes have files to write there; what must not be written is masked by mounts of its own.
                let clear = Attributes { set: 0, clear: libc::MOUNT_ATTR_RDONLY };
                set_attributes(open_procfs(proc)?.as_fd(), c"", Reach::Mount, clear)
                    .map_err(Fault::of("mount_setattr", proc.display()))?;
                if let Some(uncovered) = &root.uncovered {
                    set_attributes(uncovered.as_fd(), c"", Reach::Mount, clear)
                        .map_err(Fault::of("mount_setattr", UNCOVERED_PROC))?;
                }
            }
        }
        for (item, tree) in self.items.iter().zip(&mut root.trees) {
            if item.time == Time::AfterLock {
                make(item, tree.take()).map_err(|fault| fault.asked_for_by(&item.origin))?;
            }
        }
        Ok(())
    }

    /// The tree that each mount attaches, where it is known before any is attached: the opened source, a corner of
    /// the root while it is still writable, or something empty. For masks it is the folder that holds what is empty.
    fn trees(&self, sources: &mut Sources) -> Result<Vec<Option<OwnedFd>>, Fault> {
        let hides = self.items.iter().any(|item| matches!(item.action, Action::Hide { .. } | Action::Mask(_)));
        if let Some(stash) = self.stash.as_deref().filter(|_| hides) {
            make_empty(stash)?;
        }
        let stash = |item: &Item| self.stash.as_deref().ok_or_else(|| unopened(&item.destination));
        let tree = |(index, item): (usize, &Item)| match &item.action {
            Action::Bind { .. } | Action::Device { .. } => Ok(sources.take(index)),
            Action::Corner => clone_tree(CWD, &c_path(&item.destination)).map(Some),
            Action::FarCorner(mode) => {
                let corner = c_path(&stash(item)?.join(format!("{CORNER}-{index}")));
                create(CWD, &corner, &Form::Folder(*mode))?;
                clone_tree(CWD, &corner).map(Some)
            }
            Action::Hide { folder } => {
                let empty = if *folder { EMPTY_FOLDER } else { EMPTY_FILE };
                clone_tree(CWD, &c_path(&stash(item)?.join(empty))).map(Some)
            }
            Action::Mask(_) => {
                let stash = stash(item)?;
                let flags = OFlags::PATH | OFlags::CLOEXEC;
                openat(CWD, stash, flags, Mode::empty()).map(Some).map_err(Fault::of("open", inside(stash)))
            }
            Action::FileSystem(..) | Action::RepeatableProc | Action::ReadOnly | Action::Pin | Action::Nothing => {
                Ok(None)
            }
        };
        self.items.iter().enumerate().map(tree).collect()
    }
}

/// Mounts nsbox's own tmpfs over the root of this process, and enters it.
fn enter_tmpfs(options: &CStr) -> Result<(), Fault> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", "/", "tmpfs", flags, options).map_err(Fault::of("mount tmpfs on", "/"))?;
    // The way up from the root leads into what was just mounted on it.
    rustix::process::chdir("/..").map_err(Fault::of("chdir", "the new root"))
}

/// Mounts a folder of the host in nsbox's own tmpfs, or an overlay of the two, and enters it.
fn enter_folder(tree: OwnedFd, access: RootAccess) -> Result<(), Fault> {
    let folder = |name: &CStr| create(CWD, name, &Form::Folder(0o755));
    let attach = |name: &CStr, attributes| {
        folder(name)?;
        Target::Path(name.to_owned()).attach(tree, attributes)
    };
    match access {
        RootAccess::Read => attach(c"root", READ_ONLY)?,
        RootAccess::Write => attach(c"root", WRITABLE)?,
        RootAccess::Discard => {
            attach(c"lower", READ_ONLY)?;
            [c"upper", c"work", c"root"].into_iter().try_for_each(folder)?;
            let flags = MountFlags::NOSUID | MountFlags::NODEV;
            // In a user namespace overlayfs keeps its own marks in attributes that anyone may set.
            let options = c"lowerdir=lower,upperdir=upper,workdir=work,userxattr";
            mount("overlay", c"root", "overlay", flags, options).map_err(Fault::of("mount overlay on", "/"))?;
        }
    }
    rustix::process::chdir("root").map_err(Fault::of("chdir", "the new root"))
}

/// Creates what `Hide` shows.
fn make_empty(stash: &Path) -> Result<(), Fault> {
    create(CWD, &c_path(&stash.join(EMPTY_FOLDER)), &Form::Folder(0o555))?;
    create(CWD, &c_path(&stash.join(EMPTY_FILE)), &Form::MountPoint)
}

/// Creates a node where others may have planted symlinks: whatever they say, it is below the new root.
fn create_within(node: &Node) -> Result<(), Fault> {
    let path = from_c(&node.path);
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Ok(()) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let folder = open_within(folder).map_err(Fault::of("find the folder", inside(folder)))?;
    let name = c_path(Path::new(name));
    if node.replaces {
        match unlinkat(&folder, &*name, AtFlags::empty()) {
            Err(rustix::io::Errno::NOENT) => {}
            result => result.map_err(Fault::of("remove", inside(path)))?,
        }
    }
    create(folder.as_fd(), &name, &node.form)
}

/// Opens what is at a path below the new root, or fails: no symlink is followed, and nothing leads above the root.
pub(super) fn open_within(path: &Path) -> rustix::io::Result<OwnedFd> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS;
    openat2(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), resolve)
}

/// Opens the procfs at a path below the new root, or fails: in a folder of the host another mount may have been moved there.
pub(super) fn open_procfs(path: &Path) -> Result<OwnedFd, Fault> {
    let found = open_within(path).map_err(Fault::of("open", inside(path)))?;
    match fstatfs(&found).map_err(Fault::of("fstatfs", inside(path)))?.f_type {
        PROC_SUPER_MAGIC => Ok(found),
        _ => Err(Fault::of("find the procfs", inside(path))(Errno(libc::ESTALE))),
    }
}

/// Creates something in a folder where nobody else can have put anything in the way.
fn create(folder: BorrowedFd<'_>, path: &CStr, form: &Form) -> Result<(), Fault> {
    let named = || path.to_string_lossy();
    let exists_already = |e: &rustix::io::Errno| *e == rustix::io::Errno::EXIST;
    match form {
        Form::Folder(mode) => match mkdirat(folder, path, Mode::from_raw_mode(*mode)) {
            Err(e) if exists_already(&e) => Ok(()),
            result => result.map_err(Fault::of("mkdir", named())),
        },
        Form::MountPoint => match mknodat(folder, path, FileType::RegularFile, Mode::from_raw_mode(0o444), 0) {
            Err(e) if exists_already(&e) => Ok(()),
            result => result.map_err(Fault::of("create", named())),
        },
        Form::Symlink(target) => symlinkat(&**target, folder, path).map_err(Fault::of("symlink", named())),
        Form::File(contents, mode) => {
            let file = new_file(folder, path, *mode).map_err(Fault::of("create", named()))?;
            let written = std::io::Write::write_all(&mut std::fs::File::from(file), contents.as_bytes());
            written.map_err(Fault::of("write to", named()))
        }
    }
}

fn new_file(folder: BorrowedFd<'_>, path: &CStr, mode: u32) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    openat(folder, path, flags, Mode::from_raw_mode(mode))
}

/// Mounts a procfs below the place of the one that will be seen, in a tmpfs that the latter covers; it must stay as the
/// kernel makes it, or it would not count.
fn mount_uncovered_proc(item: &Item) -> Result<OwnedFd, Fault> {
    create_nodes(item)?;
    Target::open(item)?.mount_new("tmpfs", c"mode=0555,size=4k")?;
    let below = item.destination.join(UNCOVERED_PROC);
    create_within(&Node { path: c_path(&below), form: Form::Folder(0o555), replaces: false })?;
    let place = open_within(&below).map_err(Fault::of("open", inside(&below)))?;
    Target::File(place, below.clone()).mount_new("proc", c"")?;
    open_procfs(&below)
}

fn create_nodes(item: &Item) -> Result<(), Fault> {
    match item.way {
        Way::Own => item.nodes.iter().try_for_each(|node| create(CWD, &node.path, &node.form)),
        Way::Foreign => item.nodes.iter().try_for_each(create_within),
    }
}

/// Makes one mount.
fn make(item: &Item, tree: Option<OwnedFd>) -> Result<(), Fault> {
    create_nodes(item)?;
    if matches!(item.action, Action::Nothing) {
        return Ok(());
    }
    let tree_or_fault = |tree: Option<OwnedFd>| tree.ok_or_else(|| unopened(&item.destination));
    let target = Target::open(item)?;
    match &item.action {
        Action::Nothing => Ok(()),
        Action::Mask(masks) => mask(&item.destination, masks, &tree_or_fault(tree)?, item.attributes()),
        Action::FileSystem(kind, options) => target.mount_new(kind, options),
        Action::RepeatableProc => target.mount_new("proc", c""),
        Action::ReadOnly | Action::Pin => {
            let (folder, path) = target.at();
            let tree = clone_tree(folder, path)?;
            target.attach(tree, item.attributes())
        }
        Action::Bind { source, .. } | Action::Device { source } => target.bind(source, tree, item.attributes()),
        Action::Corner | Action::FarCorner(_) | Action::Hide { .. } => {
            target.attach(tree_or_fault(tree)?, item.attributes())
        }
    }
}

impl Item {
    /// The attributes that this mount does not get from the lock nor, as a corner, from the root itself.
    fn attributes(&self) -> u64 {
        match &self.action {
            _ if self.time == Time::BeforeLock => 0,
            Action::Device { .. } => DEVICE,
            Action::Bind { access: Access::Write, .. } => WRITABLE,
            Action::Bind { .. } | Action::Hide { .. } | Action::Mask(_) | Action::ReadOnly => READ_ONLY,
            Action::Corner
            | Action::FarCorner(_)
            | Action::FileSystem(..)
            | Action::RepeatableProc
            | Action::Pin
            | Action::Nothing => 0,
        }
    }
}

/// Copies what is mounted at a path, with all below it, as a tree that is attached nowhere.
fn clone_tree(folder: BorrowedFd<'_>, path: &CStr) -> Result<OwnedFd, Fault> {
    copy_tree(folder, path).map_err(|e| {
        let subject = if path.is_empty() { String::new() } else { inside(from_c(path)).to_string() };
        Fault::of("open_tree", subject)(Errno::from(e))
    })
}

pub(super) fn copy_tree(folder: BorrowedFd<'_>, path: &CStr) -> rustix::io::Result<OwnedFd> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    if path.is_empty() {
        flags |= OpenTreeFlags::AT_EMPTY_PATH;
    }
    open_tree(folder, path, flags)
}

/// The path that a C string is.
pub(super) fn from_c(path: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(path.to_bytes()))
}

/// A destination as the payload will know it.
pub(super) fn inside(path: &Path) -> Inside<'_> {
    Inside(path)
}

/// A path below the new root, written as one from the root.
pub(super) struct Inside<'a>(&'a Path);

impl fmt::Display for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.0.display())
    }
}
