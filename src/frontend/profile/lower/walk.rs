//! Follows a path of the host through its symlinks, and remembers each, so that the sandbox gets the same ones.

use super::layout::{Host, LINKS_MAX, names};
use crate::host::Look;
use crate::plan::upwards;
use rustc_hash::FxHashSet;
use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where a path of the host led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The symlinks met where the inside is like the host, with what they say.
    pub links: Vec<(PathBuf, PathBuf)>,
    /// Where the entry appears inside.
    pub inside: PathBuf,
    /// Where it is on the host; free of symlinks.
    pub host: PathBuf,
    /// Whether another entry stands in between, so that the inside is not like the host here.
    pub parted: bool,
}

impl Walk {
    /// Not a walk at all: a path that means something inside only.
    pub fn apart(path: &Path) -> Self {
        Self { links: Vec::new(), inside: path.to_owned(), host: path.to_owned(), parted: true }
    }
}

/// Why a path of the host led nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Astray {
    /// There is nothing here.
    Missing(PathBuf),
    /// The caller may not look here.
    Forbidden(PathBuf),
    /// The symlinks never end; this is one of them.
    Loop(PathBuf),
    /// A symlink in a writable folder that leads out of it: the payload of an earlier run may have planted it.
    Planted {
        /// The symlink.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
        /// The writable folder.
        tree: PathBuf,
    },
}

/// What is known before the walk.
pub struct Walker<'a> {
    /// The host.
    pub host: &'a Host<'a>,
    /// The writable folders, as they are on the host.
    trees: &'a [PathBuf],
    /// What an entry of its own makes of a path on the way.
    crossing: &'a dyn Fn(&Path) -> Crossing,
    /// The folders that a walk came to without a turn, so that the next one in them begins there.
    straight: RefCell<FxHashSet<OsString>>,
}

/// What an entry at a path on the way means for what lies below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crossing {
    /// No entry, or one that shows the host: the inside goes on like the host.
    Open,
    /// Something of the sandbox's own: if the host has a symlink here, the inside has none.
    Own,
    /// Another part of the host: from here on the inside is not like the host.
    Elsewhere,
}

impl<'a> Walker<'a> {
    /// One that has seen nothing yet.
    pub fn new(host: &'a Host<'a>, trees: &'a [PathBuf], crossing: &'a dyn Fn(&Path) -> Crossing) -> Self {
        Self { host, trees, crossing, straight: RefCell::default() }
    }

    /// Walks to what a path means on the host; it must exist.
    pub fn to_source(&self, path: &Path) -> Result<Walk, Astray> {
        let (mut step, rest) = Step::towards(path, self, true);
        step.enter(rest, true, true)?;
        Ok(step.walk)
    }

    /// Walks to the folder above a path; neither need exist, and a symlink at the path itself is not followed.
    pub fn to_place(&self, path: &Path) -> Result<Walk, Astray> {
        let (mut step, rest) = Step::towards(path, self, false);
        step.enter(rest, false, true)?;
        Ok(step.walk)
    }
}

/// What a path of the host means, free of symlinks; nothing where it leads nowhere.
pub fn real(host: &Host<'_>, path: &Path) -> Option<PathBuf> {
    let walker = Walker::new(host, &[], &|_| Crossing::Open);
    Some(walker.to_source(path).ok()?.host)
}

struct Step<'a> {
    walker: &'a Walker<'a>,
    must_exist: bool,
    followed: usize,
    walk: Walk,
}

impl<'a> Step<'a> {
    /// The first step of a walk, and what of the path is left after it.
    fn towards<'p>(path: &'p Path, walker: &'a Walker<'a>, must_exist: bool) -> (Self, &'p Path) {
        let straight = walker.straight.borrow();
        let start = upwards(path).skip(1).find(|above| straight.contains(above.as_os_str())).unwrap_or(Path::new("/"));
        let begin = || {
            let mut begin = PathBuf::with_capacity(path.as_os_str().len() + 1);
            begin.push(start);
            begin
        };
        let walk = Walk { links: Vec::new(), inside: begin(), host: begin(), parted: false };
        let bytes = path.as_os_str().as_bytes();
        let rest = bytes.strip_prefix(start.as_os_str().as_bytes()).unwrap_or(bytes);
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        (Self { walker, must_exist, followed: 0, walk }, Path::new(OsStr::from_bytes(rest)))
    }

    /// Takes every component; `written` if the path is the entry's own rather than what a symlink says.
    fn enter(&mut self, path: &Path, follow_last: bool, written: bool) -> Result<(), Astray> {
        let shared = |step: &Self| written || !step.walk.parted;
        if path.has_root() {
            self.walk.host = "/".into();
            if shared(self) {
                self.walk.inside = "/".into();
            }
        }
        let mut names = names(path).peekable();
        while let Some(name) = names.next() {
            let shared = shared(self);
            if name == ".." {
                self.walk.host.pop();
                if shared {
                    self.walk.inside.pop();
                }
                continue;
            }
            self.walk.host.push(name);
            if shared {
                self.walk.inside.push(name);
            }
            let last = names.peek().is_none();
            if !last || follow_last {
                self.arrive(name, last && written)?;
            }
        }
        Ok(())
    }

    /// Looks at the place just reached, and follows it if it is a symlink.
    fn arrive(&mut self, name: &OsStr, is_end: bool) -> Result<(), Astray> {
        match self.walker.host.look(&self.walk.host) {
            Look::Found { .. } => {
                self.walk.parted |= self.crossing(is_end) == Crossing::Elsewhere;
                if !self.walk.parted && self.followed == 0 && !is_end {
                    self.walker.straight.borrow_mut().insert(self.walk.host.clone().into());
                }
                Ok(())
            }
            Look::Missing if self.must_exist => Err(Astray::Missing(self.walk.host.clone())),
            Look::Forbidden if self.must_exist => Err(Astray::Forbidden(self.walk.host.clone())),
            Look::Missing | Look::Forbidden => Ok(()),
            Look::Symlink(target) => {
                self.walk.parted |= self.crossing(is_end) != Crossing::Open;
                self.follow(self.walk.host.clone(), name, target)
            }
        }
    }

    /// What an entry at the place just reached means for what lies below; at the end stands the entry itself.
    fn crossing(&self, is_end: bool) -> Crossing {
        if self.walk.parted || is_end { Crossing::Open } else { (self.walker.crossing)(&self.walk.inside) }
    }

    fn follow(&mut self, link: PathBuf, name: &OsStr, target: PathBuf) -> Result<(), Astray> {
        self.followed += 1;
        if self.followed > LINKS_MAX {
            return Err(Astray::Loop(link));
        }
        self.walk.host.pop();
        if !self.walk.parted {
            self.walk.links.push((self.walk.inside.clone(), target.clone()));
            debug_assert!(self.walk.inside.ends_with(name), "a shared step names the same place on both sides");
            self.walk.inside.pop();
        }
        self.enter(&target, true, false)?;
        let tree = self.walker.trees.iter().find(|tree| link.starts_with(tree) && link != **tree);
        match tree {
            Some(tree) if !self.walk.host.starts_with(tree) => {
                Err(Astray::Planted { link, target: self.walk.host.clone(), tree: tree.clone() })
            }
            _ => Ok(()),
        }
    }
}
