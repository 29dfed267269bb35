//! How the lists of `[filesystem]` are read, and how their entries merge: by path.

use super::lower::SYNTHESISED;
use super::merged::{Entry, EntryKind};
use super::reader::{Reader, plain};
use super::text::{Located, Place};
use super::tree::{Node, Value};
use crate::error::suggest;
use crate::plan::Access;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The permissions of a tmpfs that names none.
const TMPFS_MODE: u32 = 0o755;
const SIZE_HINT: &str =
    "a number of bytes, also with K, M or G, or a share of memory: `1048576`, `\"512M\"`, `\"25%\"`";
const MODE_HINT: &str = "octal permissions, at most 1777: `\"0700\"`";

/// `filesystem.read` and `filesystem.write`.
pub fn binds(reader: &mut Reader<'_>, node: &Node, access: Access) {
    for item in reader.list(node) {
        let (path, from, optional) = match &item.value {
            Value::Table(table) => {
                let [path, from, optional] = reader.fields(table, ["path", "from", "optional"]);
                let Some(path) = required(reader, path, item) else { continue };
                (path, from, optional)
            }
            _ => (item, None, None),
        };
        let optional = match optional.map(|node| (node, &node.value)) {
            None => false,
            Some((_, Value::Boolean(optional))) => *optional,
            Some((node, _)) => {
                reader.wrong_type("`true` or `false`", node);
                false
            }
        };
        let source = match from {
            Some(from) => reader.path(from).map(Some),
            None => Some(None),
        };
        let Some(path) = reader.path(path) else { continue };
        let Some(from) = source else { continue };
        // The same path twice is no other place: then links are followed as without it.
        let from = from.filter(|from| from.value != path.value);
        add(reader, path, EntryKind::Bind { access, from, optional });
    }
}

/// `filesystem.hide`.
pub fn hidden(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        if plain(item).is_some_and(|text| text.contains('*')) {
            let problem = item.place.error("globs are not understood in `filesystem.hide`");
            reader.report(problem.hint("name each path; a folder is hidden with all that is in it"));
            continue;
        }
        if let Some(path) = reader.path(item) {
            add(reader, path, EntryKind::Hide);
        }
    }
}

/// `filesystem.tmpfs`.
pub fn tmpfs(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        let (path, size, mode) = match &item.value {
            Value::Table(table) => {
                let [path, size, mode] = reader.fields(table, ["path", "size", "mode"]);
                let Some(path) = required(reader, path, item) else { continue };
                (path, size, mode)
            }
            _ => (item, None, None),
        };
        let size = size.and_then(|node| {
            let size = size_of(node, reader.facts.memory);
            size.ok_or_else(|| reader.report(unreadable(node, "size").hint(SIZE_HINT))).ok()
        });
        let mode = mode.map_or(TMPFS_MODE, |node| {
            mode_of(node).unwrap_or_else(|| {
                reader.report(unreadable(node, "mode").hint(MODE_HINT));
                TMPFS_MODE
            })
        });
        if let Some(path) = reader.path(path) {
            add(reader, path, EntryKind::Tmpfs { size, mode });
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

/// `filesystem.drop`.
pub fn drops(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        let Some(path) = reader.path(item) else { continue };
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
    for (path, place) in std::mem::take(&mut reader.drops) {
        let known = reader.profile.entries.remove(&path).is_some() || is_synthesised(&path);
        if known {
            reader.profile.dropped.insert(path, place);
            continue;
        }
        // A misspelt `drop` would leave open what was to be closed.
        let problem = place.error(format!("`{}` is no inherited entry, so it cannot be dropped", path.display()));
        let inherited: Vec<String> =
            reader.profile.entries.iter().map(|(path, _)| path.display().to_string()).collect();
        let near = suggest::nearest(&path.to_string_lossy(), inherited.iter().map(String::as_str)).map(str::to_owned);
        reader.report(match near {
            Some(near) => problem.label(format!("did you mean `{near}`?")),
            None => {
                problem.hint("`drop` names a path as the inherited profile does; what is below one is hidden by `hide`")
            }
        });
    }
    for (path, entry) in std::mem::take(&mut reader.entries) {
        reader.profile.dropped.remove(&path);
        reader.profile.entries.insert(path, entry);
    }
}

/// Adds an entry to the layer being read.
fn add(reader: &mut Reader<'_>, path: Located<PathBuf>, kind: EntryKind) {
    if path.value == Path::new("/") {
        let problem = path.place.error("the root itself cannot be an entry");
        return reader.report(problem.hint("name the folders below it"));
    }
    let earlier = reader.entries.get(&path.value);
    if earlier.is_some_and(|earlier| earlier.kind == kind && is_another_spelling(&earlier.place, &path.place)) {
        return;
    }
    if let Some(first) = earlier.map(|entry| &entry.place).or(reader.drops.get(&path.value)) {
        let problem = twice(&path, first);
        return reader.report(problem);
    }
    reader.entries.insert(path.value, Entry { kind, place: path.place });
}

/// Whether two spellings may be two places elsewhere: what variables make one path here need not be a mistake.
fn is_another_spelling(first: &Place, second: &Place) -> bool {
    let (first, second) = (first.words(), second.words());
    first != second && [first, second].iter().any(|words| words.contains("${"))
}

fn twice(path: &Located<PathBuf>, first: &Place) -> crate::error::Diagnostic {
    let message = format!("`{}` is named twice in one profile", path.value.display());
    path.place.error(message).hint(format!("it is also named at {first}; keep one of the two"))
}

fn required<'n>(reader: &mut Reader<'_>, path: Option<&'n Node>, entry: &Node) -> Option<&'n Node> {
    if path.is_none() {
        reader.report(entry.place.error("an entry without a `path`"));
    }
    path
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
    if target.is_empty() || target.as_bytes().contains(&0) {
        reader.report(node.place.error("this cannot be the target of a symlink"));
        return None;
    }
    Some(target.into())
}

fn unreadable(node: &Node, what: &str) -> crate::error::Diagnostic {
    let shown = match &node.value {
        Value::Text(text) => format!("`{text}`"),
        Value::Word(word) => format!("`{}`", word.display()),
        Value::Integer(digits, _) => format!("`{digits}`"),
        other => other.kind().to_owned(),
    };
    node.place.error(format!("{shown} is no {what}"))
}

/// A size in bytes; never none at all, which the kernel takes for boundless.
fn size_of(node: &Node, memory: u64) -> Option<u64> {
    let text = match &node.value {
        Value::Integer(digits, radix) => return u64::from_str_radix(digits, *radix).ok().filter(|size| *size > 0),
        _ => plain(node)?,
    };
    let text = text.trim();
    let size = if let Some(percent) = text.strip_suffix('%') {
        let percent: u64 = percent.parse().ok().filter(|percent| *percent <= 100)?;
        u64::try_from(u128::from(memory) * u128::from(percent) / 100).ok()?
    } else {
        let (digits, shift) = match text.as_bytes().last()?.to_ascii_uppercase() {
            b'K' => (&text[..text.len() - 1], 10),
            b'M' => (&text[..text.len() - 1], 20),
            b'G' => (&text[..text.len() - 1], 30),
            _ => (text, 0),
        };
        let number: u64 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
        number.checked_mul(1 << shift)?
    };
    // Beyond this the kernel's own type is signed.
    (size > 0 && size <= i64::MAX as u64).then_some(size)
}

/// Permission bits, written in octal: a string, or a number that says so (`0o700`).
fn mode_of(node: &Node) -> Option<u32> {
    let digits = match &node.value {
        Value::Integer(digits, 8) => digits.clone(),
        Value::Integer(..) => return None,
        _ => plain(node)?,
    };
    let digits = digits.strip_prefix("0o").unwrap_or(&digits);
    let octal = !digits.is_empty() && digits.bytes().all(|b| (b'0'..=b'7').contains(&b));
    octal.then(|| u32::from_str_radix(digits, 8).ok())?.filter(|mode| mode & !0o1777 == 0)
}
