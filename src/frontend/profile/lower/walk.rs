//! Follows a path of the host through its symlinks, and remembers each, so that the sandbox gets the same ones.

use super::layout::{Host, LINKS_MAX, names};
use crate::host::Look;
use crate::plan::{below, upwards};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// Where a path of the host led.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// The symlinks met where the inside is like the host, with what they say.
    pub links: Vec<(PathBuf, PathBuf)>,
    /// Where it is on the host; free of symlinks.
    pub host: PathBuf,
    /// Where the entry appears inside, if another entry stands in between, so that the inside is not like the host here;
    /// to be resolved inside, symlinks and `..` included.
    pub apart: Option<PathBuf>,
}

impl Walk {
    /// Not a walk at all: a path that means something inside only.
    pub fn apart(path: &Path) -> Self {
        Self { links: Vec::new(), host: path.to_owned(), apart: Some(path.to_owned()) }
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
    /// The last folder that a walk came to without a turn, and so without one to any above it: the next walk begins at
    /// the nearest of them. In the order of a walk that is nearly always the folder that the path is in.
    straight: RefCell<PathBuf>,
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
        Self { host, trees, crossing, straight: RefCell::new("/".into()) }
    }

    /// Walks to what a path means on the host; it must exist.
    pub fn to_source(&self, path: &Path) -> Result<Walk, Astray> {
        let (mut step, rest) = Step::towards(path, self, true);
        step.enter(rest, true, Way::Written)?;
        Ok(step.walk)
    }

    /// Walks to the folder above a path; neither need exist, and a symlink at the path itself is not followed.
    pub fn to_place(&self, path: &Path) -> Result<Walk, Astray> {
        let (mut step, rest) = Step::towards(path, self, false);
        step.enter(rest, false, Way::Written)?;
        Ok(step.walk)
    }
}

/// What a path of the host means, free of symlinks; nothing where it leads nowhere.
pub fn real(host: &Host<'_>, path: &Path) -> Option<PathBuf> {
    let walker = Walker::new(host, &[], &|_| Crossing::Open);
    Some(walker.to_source(path).ok()?.host)
}

/// As [`real`], of a path that need not exist: as far as it does.
pub fn begun(host: &Host<'_>, path: &Path) -> PathBuf {
    let begun = upwards(path).find_map(|above| {
        let mut real = real(host, above)?;
        real.extend(names(below(path, above)?));
        Some(real)
    });
    begun.unwrap_or_else(|| path.to_owned())
}

/// Who says which names to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The entry itself.
    Written,
    /// A symlink that is inside as well.
    Recreated,
    /// A symlink of the host alone.
    OfHost,
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
        let shared = upwards(&straight).find_map(|folder| Some((folder, below(path, folder)?)));
        let (start, rest) = shared.unwrap_or((Path::new("/"), path));
        let mut host = PathBuf::with_capacity(path.as_os_str().len() + 1);
        host.as_mut_os_string().push(start);
        (Self { walker, must_exist, followed: 0, walk: Walk { host, ..Walk::default() } }, rest)
    }

    /// Takes every component of what the entry or a symlink says.
    fn enter(&mut self, path: &Path, follow_last: bool, way: Way) -> Result<(), Astray> {
        if path.has_root() {
            self.walk.host = "/".into();
        }
        let mut names = names(path).peekable();
        while let Some(name) = names.next() {
            // Where the inside is not like the host, no symlink of the host leads on inside.
            if let Some(inside) = self.walk.apart.as_mut().filter(|_| way != Way::OfHost) {
                inside.push(name);
            }
            if name == ".." {
                self.walk.host.pop();
                continue;
            }
            self.walk.host.push(name);
            let last = names.peek().is_none();
            if !last || follow_last {
                self.arrive(last && way == Way::Written)?;
            }
        }
        Ok(())
    }

    /// Looks at the place just reached, and follows it if it is a symlink.
    fn arrive(&mut self, is_end: bool) -> Result<(), Astray> {
        let host = &mut self.walk.host;
        match self.walker.host.look(host) {
            Look::Found { .. } => {
                self.part_if(is_end, |crossing| crossing == Crossing::Elsewhere);
                if self.walk.apart.is_none() && self.followed == 0 && !is_end {
                    self.walker.straight.borrow_mut().clone_from(&self.walk.host);
                }
                Ok(())
            }
            Look::Missing if self.must_exist => Err(Astray::Missing(std::mem::take(host))),
            Look::Forbidden if self.must_exist => Err(Astray::Forbidden(std::mem::take(host))),
            Look::Missing | Look::Forbidden => Ok(()),
            Look::Symlink(target) => {
                self.part_if(is_end, |crossing| crossing != Crossing::Open);
                self.follow(target)
            }
        }
    }

    /// Notes that the inside is not like the host from the place just reached on, if the entry there means that; at the
    /// end stands the entry itself.
    fn part_if(&mut self, is_end: bool, parts: impl Fn(Crossing) -> bool) {
        if self.walk.apart.is_none() && !is_end && parts((self.walker.crossing)(&self.walk.host)) {
            self.walk.apart = Some(self.walk.host.clone());
        }
    }

    fn follow(&mut self, target: PathBuf) -> Result<(), Astray> {
        let link = self.walk.host.clone();
        self.followed += 1;
        if self.followed > LINKS_MAX {
            return Err(Astray::Loop(link));
        }
        self.walk.host.pop();
        let way = if self.walk.apart.is_none() { Way::Recreated } else { Way::OfHost };
        if way == Way::Recreated {
            self.walk.links.push((link.clone(), target.clone()));
        }
        self.enter(&target, true, way)?;
        let tree = self.walker.trees.iter().find(|tree| link.starts_with(tree) && link != **tree);
        match tree {
            Some(tree) if !self.walk.host.starts_with(tree) => {
                Err(Astray::Planted { link, target: self.walk.host.clone(), tree: tree.clone() })
            }
            _ => Ok(()),
        }
    }
}
