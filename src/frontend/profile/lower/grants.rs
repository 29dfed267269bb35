//! The files that the words of a command name: `command.grant-args` opens them as entries of their own.

use super::exclusions::Exclusions;
use super::layout::{Host, Layout, Standing, names, shown_by};
use super::links;
use super::mounts::{Builder, Entries, planted};
use super::walk::{Astray, Crossing, Walk, Walker};
use crate::error::Diagnostic;
use crate::frontend::profile::home::Home;
use crate::frontend::profile::merged::{GrantArgs, Profile};
use crate::frontend::profile::text::{Place, Text};
use crate::host::{FileKind, HostFacts, Look};
use crate::plan::{Access, Mount, MountKind, Origin, PATH_MAX, below, in_walk_order, is_root, upwards};
use std::cmp::Reverse;
use std::ffi::{OsStr, OsString};
use std::iter::repeat;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What the kernel shows there is the sandbox's own, or a view of the caller: a link in it leads where nobody wrote.
const OWN: [&str; 3] = ["/proc", "/sys", "/dev"];

/// A word of the command that is the path of a file or folder.
#[derive(Debug)]
pub struct Grant {
    /// The path that it stands for, without `..`; its symlinks are as they were written.
    path: PathBuf,
    /// Where that is on the host, free of symlinks.
    host: PathBuf,
    is_folder: bool,
    is_relative: bool,
    /// The folders that the kernel passes through on the way, and that must be there whatever else is.
    passed: Vec<PathBuf>,
    access: Access,
    place: Place,
}

/// Finds the words of a command that are to be opened, those of a folder before those in it.
///
/// The program itself is none; nor are options, URLs, and what names nothing or something else than files and folders.
pub fn named(profile: &Profile, argv: &[OsString], host: &Host<'_>, facts: &HostFacts) -> Vec<Grant> {
    let Some(GrantArgs::As(access)) = profile.grant_args.as_ref().map(|said| said.value) else { return Vec::new() };
    let text = Text::command(argv);
    let mut options_end = false;
    let mut grants = Vec::new();
    for (number, word) in argv.iter().enumerate().skip(1) {
        if !options_end && word.as_bytes().starts_with(b"-") {
            options_end = word == "--";
            continue;
        }
        if let Some(named) = Named::by(word, host, &facts.working_directory) {
            let Named { path, passed, walk, is_folder } = named;
            let is_relative = !Path::new(word).has_root();
            let place = Place::word(&text, number);
            grants.push(Grant { path, host: walk.host, is_folder, is_relative, passed, access, place });
        }
    }
    grants.sort_by(|a, b| in_walk_order(&a.host, &b.host));
    grants
}

/// What a word names on the host.
struct Named {
    path: PathBuf,
    passed: Vec<PathBuf>,
    walk: Walk,
    is_folder: bool,
}

impl Named {
    /// What a word names for somebody in the folder `here`, as the kernel would find it.
    fn by(word: &OsStr, host: &Host<'_>, here: &Path) -> Option<Self> {
        let bytes = word.as_bytes();
        if bytes.is_empty() || bytes.len() > PATH_MAX || is_url(bytes) {
            return None;
        }
        let (path, passed) = spell(Path::new(word), host, here)?;
        let walk = lead(host, &path)?;
        let is_folder = match host.look(&walk.host) {
            Look::Found { kind: FileKind::Folder, .. } => true,
            Look::Found { kind: FileKind::File, .. } => false,
            _ => return None,
        };
        let asks_for_folder = bytes.ends_with(b"/") || bytes.ends_with(b"/.");
        (is_folder || !asks_for_folder).then_some(Self { path, passed, walk, is_folder })
    }
}

/// Whether a word begins as a URL does (RFC 3986, 3.1).
fn is_url(word: &[u8]) -> bool {
    let end = word.windows(3).position(|bytes| bytes == b"://");
    let is_of_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    end.is_some_and(|end| word[0].is_ascii_alphabetic() && word[..end].iter().all(is_of_scheme))
}

/// The path that a word stands for without `..`, and the folders that it passes through or begins in.
///
/// To the kernel `..` is the folder above what a symlink leads to, not the name before it.
fn spell(word: &Path, host: &Host<'_>, here: &Path) -> Option<(PathBuf, Vec<PathBuf>)> {
    let (mut path, mut passed) = match word.has_root() {
        true => (PathBuf::from("/"), Vec::new()),
        false => (here.to_owned(), vec![here.to_owned()]),
    };
    for name in names(word) {
        if name != ".." {
            path.push(name);
            continue;
        }
        let folder = lead(host, &path)?.host;
        if !host.is_folder(&folder) {
            return None;
        }
        passed.push(std::mem::replace(&mut path, folder));
        path.pop();
    }
    passed.dedup();
    (path.as_os_str().len() <= PATH_MAX).then_some((path, passed))
}

/// Where a path leads on the host; nothing where that is nowhere, or in what the kernel makes.
fn lead(host: &Host<'_>, path: &Path) -> Option<Walk> {
    let walk = Walker::new(host, &[], &|_| Crossing::Open).to_source(path).ok()?;
    let is_made = |path: &Path| OWN.iter().any(|own| is_in(path, own));
    let through = walk.links.iter().any(|(link, _)| is_made(link));
    (!through && !is_made(path) && !is_made(&walk.host)).then_some(walk)
}

/// The folders that grants make writable, as they are on the host.
pub fn writable(grants: &[Grant]) -> impl Iterator<Item = PathBuf> {
    let written = grants.iter().filter(|grant| grant.is_folder && grant.access == Access::Write);
    written.map(|grant| grant.host.clone())
}

/// Opens what is not visible yet.
pub fn place(
    builder: &mut Builder<'_, '_>,
    grants: &[Grant],
    entries: &Entries<'_>,
    walker: &Walker<'_>,
    facts: &HostFacts,
) {
    if grants.is_empty() {
        return;
    }
    let exclusions = Exclusions::of(&builder.layout, entries);
    let home = Home::of(facts, walker.host);
    // A grant is no line of the profile: none takes another out of what is hidden or locked.
    let allowed: Vec<_> = grants.iter().map(|grant| grant.allowed(&builder.layout, &exclusions, walker)).collect();
    for (grant, allowed) in grants.iter().zip(allowed) {
        if let Err(problem) = allowed.and_then(|access| grant.open(builder, access, walker, &home)) {
            builder.found.push(problem);
        }
        grant.lead_through(builder, walker);
    }
}

/// Has the folders that the words pass through be there inside as well, and holds all that was opened to what is hidden.
pub fn settle(builder: &mut Builder<'_, '_>, grants: &[Grant]) {
    if builder.found.has_errors() {
        return;
    }
    for grant in grants {
        // A pattern may have found it by the name of a symlink to it.
        let covered = builder.layout.resolve(&grant.path).and_then(|inside| hidden_by(&builder.layout, &inside));
        if let Some(by) = covered {
            builder.found.push(grant.hidden(&by));
        }
    }
    let mut passed: Vec<_> = grants.iter().flat_map(|grant| grant.passed.iter().zip(repeat(&grant.place))).collect();
    // What is in a folder makes that folder.
    passed.sort_by_key(|(folder, _)| Reverse(folder.as_os_str().len()));
    passed.dedup_by_key(|(folder, _)| *folder);
    for (folder, place) in passed {
        pass(builder, folder, place);
    }
}

/// What hides a path inside.
fn hidden_by(layout: &Layout<'_>, inside: &Path) -> Option<Origin> {
    let nearest = upwards(inside).find_map(|above| layout.at(above))?;
    (nearest.kind == MountKind::Hide).then(|| nearest.origin.clone())
}

/// Takes away the symlinks that were made for other entries, and that a folder which has been opened now shows itself.
fn drop_links_shown(layout: &mut Layout<'_>, folder: &Path) {
    let is_shown = |mount: &Mount| {
        let MountKind::Symlink { target } = &mount.kind else { return false };
        let cover = layout.cover_above(&mount.destination).filter(|cover| cover.destination == folder);
        let there = cover.and_then(|cover| shown_by(cover, &mount.destination));
        there.is_some_and(|there| layout.host.look(&there) == Look::Symlink(target.clone()))
    };
    let shown: Vec<_> = layout.iter().filter(|mount| is_shown(mount)).map(|mount| mount.destination.clone()).collect();
    for link in shown {
        layout.remove(&link);
    }
}

/// Makes an empty folder where the host has one and the sandbox nothing.
fn pass(builder: &mut Builder<'_, '_>, folder: &Path, place: &Place) {
    let Some(inside) = builder.layout.resolve(folder) else { return };
    if builder.layout.standing(&inside) == Standing::Missing && builder.layout.is_creatable(&inside) {
        builder.put(inside, MountKind::Directory { mode: 0o755 }, place);
    }
}

/// Warns where relative words mean something else to the command than to the caller.
pub fn misled(grants: &[Grant], directory: &Path, facts: &HostFacts) -> Option<Diagnostic> {
    let grant = grants.iter().find(|grant| grant.is_relative && directory != facts.working_directory)?;
    let (word, start) = (grant.place.words(), directory.display());
    let message = format!("the command starts in `{start}`, where `{word}` is not what it is here");
    let warning = Diagnostic::warning(message).at(grant.place.excerpt());
    Some(warning.hint(format!("name it by its whole path: `{}`", grant.path.display())))
}

/// Whether the root is a folder of the host, in which nothing need be where the host has it.
fn is_foreign(layout: &Layout<'_>) -> bool {
    layout.at(Path::new("/")).is_some()
}

fn is_enough(seen: Option<Access>, wanted: Access) -> bool {
    seen.is_some_and(|seen| seen == Access::Write || wanted == Access::Read)
}

impl Grant {
    /// The access that the lines which hide and lock leave to it, by whatever name on the way they do.
    fn allowed(
        &self,
        layout: &Layout<'_>,
        exclusions: &Exclusions<'_>,
        walker: &Walker<'_>,
    ) -> Result<Access, Diagnostic> {
        let links = walker.to_source(&self.path).map(|walk| walk.links).unwrap_or_default();
        let mut ways: Vec<&Path> = links.iter().map(|(link, _)| link.as_path()).collect();
        ways.extend([self.path.as_path(), &self.host]);
        if let Some(line) = ways.iter().find_map(|way| exclusions.hides(layout, way)) {
            return Err(self.hidden(&line.origin()));
        }
        let is_locked = ways.iter().any(|way| exclusions.locks(layout, way));
        Ok(if is_locked { Access::Read } else { self.access })
    }

    /// Opens it, unless it is visible with that access.
    fn open(
        &self,
        builder: &mut Builder<'_, '_>,
        access: Access,
        walker: &Walker<'_>,
        home: &Home,
    ) -> Result<(), Diagnostic> {
        let layout = &builder.layout;
        let walk = walker.to_source(&self.path);
        if is_enough(self.seen(layout, &self.path), access) {
            return Ok(());
        }
        let Walk { mut links, host, mut apart } = match walk {
            Ok(walk) => walk,
            Err(Astray::Planted { link, target, tree }) => return Err(planted(&self.place, &link, &target, &tree)),
            // It was there when the word was read.
            Err(_) => return Ok(()),
        };
        if is_foreign(layout) {
            (links, apart) = (Vec::new(), Some(self.path.clone()));
        }
        let Some(inside) = apart.map_or_else(|| Some(host.clone()), |apart| layout.resolve(&apart)) else {
            return Ok(());
        };
        let is_seen = is_enough(self.seen(layout, &inside), access);
        if let Some(folder) = self.reserved(home, walker.host).filter(|_| !is_seen) {
            return Err(self.refused(&folder));
        }
        for (link, target) in links {
            links::add(builder, link, target, &self.place);
        }
        if !is_seen {
            self.put(builder, inside, access);
        }
        Ok(())
    }

    /// Has the symlinks on the way to the folders that are passed through: before what is hidden is, which may be so by them.
    fn lead_through(&self, builder: &mut Builder<'_, '_>, walker: &Walker<'_>) {
        if is_foreign(&builder.layout) {
            return;
        }
        let walks = self.passed.iter().filter_map(|folder| walker.to_source(folder).ok());
        for (link, target) in walks.flat_map(|walk| walk.links) {
            links::add(builder, link, target, &self.place);
        }
    }

    /// How what the word stands for can be seen at a path inside, if it can.
    fn seen(&self, layout: &Layout<'_>, path: &Path) -> Option<Access> {
        let inside = layout.resolve(path)?;
        let cover = layout.cover(&inside)?;
        let access = match cover.kind {
            MountKind::Bind { access, .. } => access,
            MountKind::Kept { .. } => Access::Write,
            _ => return None,
        };
        // What is written to a root whose changes are discarded does not reach the file.
        let is_discarded = is_root(&cover.destination) && layout.is_creatable(&inside);
        let access = if is_discarded { Access::Read } else { access };
        (shown_by(cover, &inside)? == self.host).then_some(access)
    }

    /// Adds the mount, unless something has an entry of its own at that very path which shows something else there.
    fn put(&self, builder: &mut Builder<'_, '_>, inside: PathBuf, access: Access) {
        let is_it = |kind: &MountKind| matches!(kind, MountKind::Bind { source, .. } if *source == self.host);
        if builder.layout.at(&inside).is_some_and(|mount| is_it(&mount.kind)) {
            builder.layout.remove(&inside);
        }
        let kind = MountKind::Bind { source: self.host.clone(), access };
        builder.put(inside.clone(), kind, &self.place);
        if self.is_folder {
            drop_links_shown(&mut builder.layout, &inside);
        }
    }

    /// What kind of folder no word opens this is, if it is one.
    fn reserved(&self, home: &Home, host: &Host<'_>) -> Option<String> {
        let is_at = |folder: &str| self.host == Path::new(folder);
        let is_of_services = || below(&self.host, Path::new("/run")).is_some() && !is_in(&self.host, "/run/media");
        match self.is_folder {
            false => None,
            _ if home.is_at(&self.host, host) => Some("your whole home folder".into()),
            _ if home.is_within(&self.host, host) => Some("a folder that your home folder is in".into()),
            _ if OWN.into_iter().any(is_at) => Some("a folder that the sandbox has its own of".into()),
            _ if is_of_services() => Some("a folder of services that run outside".into()),
            _ => None,
        }
    }

    fn refused(&self, folder: &str) -> Diagnostic {
        let word = self.place.words();
        let problem = self.place.error(format!("`{word}` is {folder}, which no argument opens"));
        problem.hint(format!(
            "name the files in it that the command needs; to open it all the same, say so: `--read {}`",
            self.host.display()
        ))
    }

    fn hidden(&self, by: &Origin) -> Diagnostic {
        let problem = self.place.error(format!("`{}` is hidden, so the command cannot have it", self.place.words()));
        problem.hint(match by {
            Origin::Flag(_) => format!("it is hidden by {by}"),
            _ => format!("it is hidden by {by}; `--drop` takes such an entry back"),
        })
    }
}

/// Whether a path lies in a folder, and is not that itself.
fn is_in(path: &Path, folder: &str) -> bool {
    below(path, Path::new(folder)).is_some_and(|rest| !rest.as_os_str().is_empty())
}
