//! Follows a path of the host through its symlinks, and remembers each, so that the sandbox gets the same ones.

use super::layout::{Host, LINKS_MAX};
use crate::host::Look;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

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
    pub trees: &'a [PathBuf],
    /// What an entry of its own makes of a path on the way.
    pub crossing: &'a dyn Fn(&Path) -> Crossing,
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

impl Walker<'_> {
    /// Walks to what a path means on the host; it must exist.
    pub fn to_source(&self, path: &Path) -> Result<Walk, Astray> {
        let mut step = Step::new(self, true);
        step.enter(path, true, true)?;
        Ok(step.walk)
    }

    /// Walks to the folder above a path; neither need exist, and a symlink at the path itself is not followed.
    pub fn to_place(&self, path: &Path) -> Result<Walk, Astray> {
        let mut step = Step::new(self, false);
        step.enter(path, false, true)?;
        Ok(step.walk)
    }
}

/// What a path of the host means, free of symlinks; nothing where it leads nowhere.
pub fn real(host: &Host<'_>, path: &Path) -> Option<PathBuf> {
    let walker = Walker { host, trees: &[], crossing: &|_| Crossing::Open };
    Some(walker.to_source(path).ok()?.host)
}

struct Step<'a> {
    walker: &'a Walker<'a>,
    must_exist: bool,
    followed: usize,
    walk: Walk,
}

impl<'a> Step<'a> {
    fn new(walker: &'a Walker<'a>, must_exist: bool) -> Self {
        let walk = Walk { links: Vec::new(), inside: "/".into(), host: "/".into(), parted: false };
        Self { walker, must_exist, followed: 0, walk }
    }

    /// Takes every component; `written` if the path is the entry's own rather than what a symlink says.
    fn enter(&mut self, path: &Path, follow_last: bool, written: bool) -> Result<(), Astray> {
        let mut components = path.components().peekable();
        while let Some(component) = components.next() {
            let shared = written || !self.walk.parted;
            match component {
                Component::RootDir => {
                    self.walk.host = "/".into();
                    if shared {
                        self.walk.inside = "/".into();
                    }
                }
                Component::ParentDir => {
                    self.walk.host.pop();
                    if shared {
                        self.walk.inside.pop();
                    }
                }
                Component::Normal(name) => {
                    self.walk.host.push(name);
                    if shared {
                        self.walk.inside.push(name);
                    }
                    let last = components.peek().is_none();
                    if !last || follow_last {
                        self.arrive(name, last && written)?;
                    }
                }
                Component::CurDir | Component::Prefix(_) => {}
            }
        }
        Ok(())
    }

    /// Looks at the place just reached, and follows it if it is a symlink.
    fn arrive(&mut self, name: &OsStr, is_end: bool) -> Result<(), Astray> {
        match self.walker.host.look(&self.walk.host) {
            Look::Found { .. } => {
                self.walk.parted |= self.crossing(is_end) == Crossing::Elsewhere;
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
