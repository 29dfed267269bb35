//! What somebody in a sandbox sees at a path: the mounts of a plan played on a host, one over the other.

use crate::host::{FileKind, Look, Paths};
use crate::plan::{Access, Mount, MountKind, Plan, Root, RootAccess};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// What stands at a path inside, a symlink not followed.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Nothing,
    /// Something of nsbox's own: a folder, a file, procfs, what is empty because it is hidden.
    Own,
    Link(PathBuf),
    /// This of the host, and whether it can be changed.
    Host {
        path: PathBuf,
        kind: FileKind,
        writable: bool,
    },
}

/// A sandbox on a host.
pub struct Inside<'a> {
    pub plan: &'a Plan,
    pub paths: &'a dyn Paths,
}

impl Inside<'_> {
    /// The mount that is seen at a path, with its place in the order: the last one at it or above it.
    pub fn top(&self, path: &Path) -> Option<(usize, &Mount)> {
        let shows = |mount: &Mount| !matches!(mount.kind, MountKind::ReadOnly | MountKind::Pin);
        let mounts = self.plan.mounts.iter().enumerate();
        mounts.rev().find(|(_, mount)| shows(mount) && is_within(path, &mount.destination))
    }

    /// What stands at a path; the folders above it are no symlinks.
    pub fn see(&self, path: &Path) -> Seen {
        let leads_on = || self.plan.mounts.iter().any(|mount| is_within(&mount.destination, path));
        let own_if = |own| if own { Seen::Own } else { Seen::Nothing };
        let Some((index, mount)) = self.top(path) else {
            return match &self.plan.root {
                Root::Tmpfs { .. } => own_if(leads_on() || path == Path::new("/")),
                Root::Directory { source, access, .. } => {
                    let at = join(source, path.strip_prefix("/").expect("an absolute path"));
                    match self.of_host(at, *access == RootAccess::Write && !self.is_locked(path, 0)) {
                        Seen::Nothing => own_if(leads_on()),
                        seen => seen,
                    }
                }
            };
        };
        let rest = path.strip_prefix(&mount.destination).expect("a path in it");
        match &mount.kind {
            MountKind::Bind { source, access } => {
                let writable = *access == Access::Write && !self.is_locked(path, index);
                self.of_host(join(source, rest), writable)
            }
            MountKind::Device { source } => self.of_host(join(source, rest), true),
            MountKind::Symlink { target } if rest.as_os_str().is_empty() => Seen::Link(target.clone()),
            MountKind::Proc { .. } | MountKind::Devpts => Seen::Own,
            MountKind::Tmpfs { .. } | MountKind::Directory { .. } => own_if(rest.as_os_str().is_empty() || leads_on()),
            _ => own_if(rest.as_os_str().is_empty()),
        }
    }

    /// Whether something that was mounted after `index` makes a path read-only.
    fn is_locked(&self, path: &Path, index: usize) -> bool {
        let later = self.plan.mounts.iter().skip(index);
        later.filter(|mount| mount.kind == MountKind::ReadOnly).any(|mount| is_within(path, &mount.destination))
    }

    fn of_host(&self, path: PathBuf, writable: bool) -> Seen {
        match self.paths.look(&path) {
            Look::Missing | Look::Forbidden => Seen::Nothing,
            Look::Symlink(target) => Seen::Link(target),
            Look::Found { kind, .. } => Seen::Host { path, kind, writable },
        }
    }

    /// Where a path leads through all symlinks, and what is seen there; nothing where it leads in a circle.
    pub fn follow(&self, path: &Path) -> Option<(PathBuf, Seen)> {
        let link = |reached: &Path| match self.see(reached) {
            Seen::Link(target) => Some(Some(target)),
            _ => Some(None),
        };
        let reached = lead(path, link)?;
        let seen = self.see(&reached);
        Some((reached, seen))
    }
}

/// Whether a path is a folder or in it. Both are normalised, so that their bytes tell, which many paths soon need.
pub fn is_within(path: &Path, folder: &Path) -> bool {
    let rest = path.as_os_str().as_bytes().strip_prefix(folder.as_os_str().as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/' || folder == Path::new("/"))
}

/// The names in a path, the last one first.
fn names(path: &Path) -> Vec<PathBuf> {
    let wanted = path.components().filter(|name| matches!(name, Component::Normal(_) | Component::ParentDir));
    wanted.map(|name| PathBuf::from(name.as_os_str())).rev().collect()
}

fn join(folder: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { folder.to_owned() } else { folder.join(rest) }
}

/// Where a path of the host leads through all symlinks; nothing where nothing is there.
pub fn real(paths: &dyn Paths, path: &Path) -> Option<PathBuf> {
    lead(path, |reached| match paths.look(reached) {
        Look::Found { .. } => Some(None),
        Look::Missing | Look::Forbidden => None,
        Look::Symlink(target) => Some(Some(target)),
    })
}

/// Follows a path through symlinks: `link` gives what one says, where there is one, and nothing where the way ends.
fn lead(path: &Path, link: impl Fn(&Path) -> Option<Option<PathBuf>>) -> Option<PathBuf> {
    let mut reached = PathBuf::from("/");
    let mut left = names(path);
    let mut links = 0;
    while let Some(name) = left.pop() {
        if name == Path::new("..") {
            reached.pop();
            continue;
        }
        reached.push(name);
        let Some(target) = link(&reached)? else { continue };
        links += 1;
        if links > 40 {
            return None;
        }
        reached.pop();
        if target.is_absolute() {
            reached = PathBuf::from("/");
        }
        left.extend(names(&target));
    }
    Some(reached)
}
