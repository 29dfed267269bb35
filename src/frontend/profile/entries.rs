//! How the lists of `[filesystem]` are read, and how their entries merge: by path.

use super::globs::{self, Glob, Meaning};
use super::lower::{SYNTHESISED, root_itself};
use super::merged::{Entry, EntryKind, RootFolder};
use super::quantity;
use super::reader::{Reader, plain};
use super::text::{Located, Place};
use super::tree::{Node, Value};
use super::user_folders;
use crate::error::suggest;
use crate::plan::{Access, PATH_MAX, RootAccess, is_root};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The variables that lead to another place wherever the caller is; of several, the first counts. Those of the person's own
/// folders come after them, which lead where a file of the person's says.
pub const FOLLOWING: [&str; 3] = ["${PROJECT}", "${PWD}", "${GIT_COMMON_DIR}"];
/// The permissions of a tmpfs that names none.
const TMPFS_MODE: u32 = 0o755;

/// `filesystem.root`. What earlier profiles show of the host belongs to the host's own root, and goes with it.
pub fn root(reader: &mut Reader<'_>, node: &Node) {
    let place = node.place.clone();
    let table = match &node.value {
        Value::Table(table) => table,
        _ if plain(node).as_deref() == Some("tmpfs") => {
            reader.profile.root = Some(Located { value: None, place });
            return;
        }
        _ => return reader.unfit(node),
    };
    let [directory, access] = reader.fields(table, ["directory", "access"]);
    let Some(directory) = directory else {
        let problem = place.error("a root without a `directory`");
        return reader.report(problem.hint("as in `{ directory = \"/srv/debian\" }`"));
    };
    let access = match access {
        Some(access) => reader.choice_of(access, "one of `read`, `write`, `discard`").map(|access| access.value),
        None => Some(RootAccess::Read),
    };
    if let (Some(path), Some(access)) = (reader.path(directory), access) {
        reader.has_new_root = true;
        let folder = RootFolder { follows: follows(directory), path: path.value, access };
        reader.profile.root = Some(Located { value: Some(folder), place });
    }
}

/// `filesystem.read` and `filesystem.write`.
pub fn binds(reader: &mut Reader<'_>, node: &Node, access: Access) {
    binds_for(reader, node, access, None);
}

/// As [`binds`], for a key that may not open the home folder, whose name it is.
pub fn binds_for(reader: &mut Reader<'_>, node: &Node, access: Access, key: Option<&'static str>) {
    for item in reader.list(node) {
        let (paths, from, optional) = match &item.value {
            Value::Table(table) => {
                let [path, from, optional] = reader.fields(table, ["path", "from", "optional"]);
                (named(reader, path, item), from, optional)
            }
            _ if access == Access::Read && plain(item).is_some_and(|text| text.contains(['*', '?'])) => {
                if let Some((path, kind)) = patterned(reader, item, EntryKind::ReadGlob, plain_bind()) {
                    add(reader, path, kind);
                }
                continue;
            }
            _ => (std::slice::from_ref(item), None, None),
        };
        let optional = is_optional(reader, optional);
        if let (Some(from), [_, second, ..]) = (from, paths) {
            let problem = second.place.error("several paths cannot all show the same place");
            reader.report(problem.hint(format!("an entry with a `from`, as at {}, has one `path`", from.place)));
            continue;
        }
        reader.entries.reserve(paths.len());
        for path in paths {
            let follows = follows(from.unwrap_or(path)).or(key);
            let source = match from {
                Some(from) => reader.path(from).map(Some),
                None => Some(None),
            };
            let Some(path) = reader.path(path) else { continue };
            let Some(from) = source else { continue };
            // The same path twice is no other place: then links are followed as without it.
            let from = from.filter(|from| from.value != path.value);
            add(reader, path, EntryKind::Bind { access, from, optional, follows });
        }
    }
}

/// The variable in a path that leads to a place of the caller's, which its writer cannot know.
fn follows(path: &Node) -> Option<&'static str> {
    let Value::Text(text) = &path.value else { return None };
    let known = || FOLLOWING.into_iter().chain(user_folders::written());
    let named = |(dollar, _)| known().position(|variable| text[dollar..].starts_with(variable));
    text.match_indices('$').filter_map(named).min().and_then(|first| known().nth(first))
}

/// `filesystem.hide`.
pub fn hidden(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        if let Some((path, kind)) = patterned(reader, item, EntryKind::HideGlob, EntryKind::Hide) {
            add(reader, path, kind);
        }
    }
}

/// A path that may be a pattern, and what it means as either; the path of a pattern is the pattern.
fn patterned(
    reader: &mut Reader<'_>,
    node: &Node,
    glob: fn(Glob) -> EntryKind,
    path: EntryKind,
) -> Option<(Located<PathBuf>, EntryKind)> {
    let Located { value: pattern, place } = reader.pattern(node)?;
    let (value, kind) = match globs::read(&pattern) {
        Meaning::Path(value) => (value, path),
        Meaning::Glob(fits) => (pattern, glob(fits)),
    };
    Some((Located { value, place }, kind))
}

/// A read-only entry with nothing special about it.
fn plain_bind() -> EntryKind {
    EntryKind::Bind { access: Access::Read, from: None, optional: false, follows: None }
}

/// `filesystem.tmpfs`.
pub fn tmpfs(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        let (paths, size, mode) = match &item.value {
            Value::Table(table) => {
                let [path, size, mode] = reader.fields(table, ["path", "size", "mode"]);
                (named(reader, path, item), size, mode)
            }
            _ => (std::slice::from_ref(item), None, None),
        };
        let size = size.and_then(|node| {
            let size = quantity::size(node, reader.facts.memory);
            size.map_err(|problem| reader.report(problem)).ok()
        });
        let mode = mode.map_or(TMPFS_MODE, |node| {
            quantity::mode(node).unwrap_or_else(|problem| {
                reader.report(problem);
                TMPFS_MODE
            })
        });
        for path in paths {
            if let Some(path) = reader.path(path) {
                add(reader, path, EntryKind::Tmpfs { size, mode });
            }
        }
    }
}

/// `filesystem.devices`.
pub fn devices(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        let (paths, optional) = match &item.value {
            Value::Table(table) => {
                let [path, optional] = reader.fields(table, ["path", "optional"]);
                (named(reader, path, item), optional)
            }
            _ => (std::slice::from_ref(item), None),
        };
        let optional = is_optional(reader, optional);
        for path in paths {
            if let Some(path) = reader.path(path) {
                add(reader, path, EntryKind::Device { optional });
            }
        }
    }
}

/// `filesystem.symlinks`.
pub fn symlinks(reader: &mut Reader<'_>, node: &Node) {
    let Value::Table(table) = &node.value else { return reader.unfit(node) };
    for (link, target) in table {
        let (link, target_text) = (reader.path(link), link_target(reader, target));
        if let (Some(link), Some(target)) = (link, target_text) {
            add(reader, link, EntryKind::Symlink(target));
        }
    }
}

/// `filesystem.files`: variables are expanded in the paths only, since a `$` is common in what files hold.
pub fn files(reader: &mut Reader<'_>, node: &Node) {
    let Value::Table(table) = &node.value else { return reader.unfit(node) };
    for (path, contents) in table {
        let path = reader.path(path);
        let Some(text) = plain(contents) else {
            reader.wrong_type("the text of the file", contents);
            continue;
        };
        if let Some(path) = path {
            add(reader, path, EntryKind::File(text.into_owned()));
        }
    }
}

/// `filesystem.drop`.
pub fn drops(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        // As in `hide`, so that a pattern can be taken back as well.
        let Some((path, _)) = patterned(reader, item, EntryKind::HideGlob, EntryKind::Hide) else { continue };
        if let Some(first) = reader.drops.get(&path.value).or(reader.entries.get(&path.value).map(|e| &e.place)) {
            let problem = twice(&path, first);
            reader.report(problem);
            continue;
        }
        reader.drops.insert(path.value, path.place);
    }
}

/// Joins the entries of a layer that has been read whole to those of the layers before it.
pub fn merge(reader: &mut Reader<'_>) {
    let drops = std::mem::take(&mut reader.drops);
    for (path, place) in drops.in_order() {
        let known = reader.profile.entries.remove(path).is_some() || is_synthesised(path);
        if known {
            reader.profile.dropped.insert(path.to_owned(), place.clone());
            continue;
        }
        // A misspelt `drop` would leave open what was to be closed.
        let problem = place.error(format!("`{}` is no inherited entry, so it cannot be dropped", path.display()));
        let inherited: Vec<String> =
            reader.profile.entries.in_order().iter().map(|(path, _)| path.display().to_string()).collect();
        let near = suggest::nearest(&path.to_string_lossy(), inherited.iter().map(String::as_str)).map(str::to_owned);
        reader.report(match near {
            Some(near) => problem.label(format!("did you mean `{near}`?")),
            None => {
                problem.hint("`drop` names a path as the inherited profile does; what is below one is hidden by `hide`")
            }
        });
    }
    if std::mem::take(&mut reader.has_new_root) {
        // Flags are one with each other, whichever comes first.
        let inherited = std::mem::take(&mut reader.profile.entries);
        reader.profile.entries.extend(inherited.into_iter().filter(|(_, entry)| entry.place.text().is_flag()));
    }
    let entries = std::mem::take(&mut reader.entries);
    entries.iter().for_each(|(path, _)| drop(reader.profile.dropped.remove(path)));
    reader.profile.entries.append(entries);
}

/// Adds an entry to the layer being read.
pub fn add(reader: &mut Reader<'_>, path: Located<PathBuf>, kind: EntryKind) {
    // Where a variable leads depends on where the caller is, and is for the run to say.
    if is_root(&path.value) && kind.follows().is_none() {
        return reader.report(root_itself(&path.place));
    }
    let earlier = reader.entries.get(&path.value);
    if earlier
        .is_some_and(|earlier| says_the_same(&earlier.kind, &kind) && is_spelled_apart(&earlier.place, &path.place))
    {
        return;
    }
    if let Some(first) = earlier.map(|entry| &entry.place).or(reader.drops.get(&path.value)) {
        let problem = twice(&path, first);
        return reader.report(problem);
    }
    reader.entries.insert(path.value, Entry { kind, place: path.place });
}

/// Whether two entries for one path ask for the same.
fn says_the_same(first: &EntryKind, second: &EntryKind) -> bool {
    use EntryKind::Bind;
    match (first, second) {
        (Bind { access: a, from: None, optional: b, .. }, Bind { access: c, from: None, optional: d, .. }) => {
            (a, b) == (c, d)
        }
        _ => first == second,
    }
}

/// Whether two spellings may be two places elsewhere: what variables make one path here need not be a mistake.
fn is_spelled_apart(first: &Place, second: &Place) -> bool {
    let (first, second) = (first.words(), second.words());
    first != second && [first, second].iter().any(|words| words.contains("${"))
}

fn twice(path: &Located<PathBuf>, first: &Place) -> crate::error::Diagnostic {
    let message = format!("`{}` is named twice in one profile", path.value.display());
    path.place.error(message).hint(format!("it is also named at {first}; keep one of the two"))
}

/// What an entry's `optional` says.
fn is_optional(reader: &mut Reader<'_>, node: Option<&Node>) -> bool {
    match node.map(|node| (node, &node.value)) {
        None => false,
        Some((_, Value::Boolean(optional))) => *optional,
        Some((node, _)) => {
            reader.wrong_type("`true` or `false`", node);
            false
        }
    }
}

/// What the `path` of an entry names: one, or several that have all else in common.
fn named<'n>(reader: &mut Reader<'_>, path: Option<&'n Node>, entry: &Node) -> &'n [Node] {
    match path.map(|path| (path, &path.value)) {
        Some((_, Value::List(paths))) => paths,
        Some((path, _)) => std::slice::from_ref(path),
        None => {
            reader.report(entry.place.error("an entry without a `path`"));
            &[]
        }
    }
}

fn is_synthesised(path: &Path) -> bool {
    SYNTHESISED.iter().any(|known| Path::new(known) == path)
}

/// A symlink's target, which may be relative: it is text to the kernel.
fn link_target(reader: &mut Reader<'_>, node: &Node) -> Option<PathBuf> {
    let target = match &node.value {
        Value::Text(text) => reader.variables.expand(text, &node.place, &mut reader.found)?,
        _ => reader.text(node)?.value,
    };
    if target.is_empty() || target.len() > PATH_MAX || target.as_bytes().contains(&0) {
        reader.report(node.place.error("this cannot be the target of a symlink"));
        return None;
    }
    Some(target.into())
}
