//! What of the person's own entries and launchers nsbox has written.

use super::failed;
use super::folder::{Folder, Found};
use super::places::{Places, file_name, id_of};
use nsbox::error::{Diagnostic, Diagnostics};
use nsbox::frontend::desktop_entry::{Entry, Marks, SIZE_MAX, is_script_for};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The largest launcher that could be one of nsbox's own, in bytes.
const SCRIPT_MAX: usize = 1 << 16;

/// An entry that nsbox has written.
#[derive(Debug)]
pub struct Written {
    /// Its name.
    pub id: String,
    /// What it says.
    pub bytes: Vec<u8>,
    /// What it says of itself.
    pub marks: Marks,
}

/// The entry of that id in the person's folder, if nsbox wrote it.
///
/// # Errors
/// Where something else has that name.
pub fn find(folder: Option<&Folder>, id: &str, places: &Places) -> Result<Option<Written>, Diagnostic> {
    let path = places.own.join(file_name(id));
    if let Some(other) = places.others_of(id) {
        return Err(foreign(&other, "is an entry of your own"));
    }
    let Some(folder) = folder else { return Ok(None) };
    match folder.read(&file_name(id), SIZE_MAX).map_err(failed)? {
        Found::Nothing => Ok(None),
        Found::Other => Err(foreign(&path, "is no regular file")),
        Found::File(bytes) => Written::of(id, bytes).map(Some).ok_or_else(|| foreign(&path, "is an entry of your own")),
    }
}

/// All entries that nsbox has written, by their ids.
///
/// # Errors
/// Where the folder cannot be read.
pub fn all(folder: &Folder) -> Result<Vec<Written>, Diagnostic> {
    let mut found = Vec::new();
    for name in folder.names().map_err(failed)? {
        let Some(id) = id_of(&name) else { continue };
        // One that cannot be read is none that nsbox wrote.
        if let Ok(Found::File(bytes)) = folder.read(&file_name(id), SIZE_MAX) {
            found.extend(Written::of(id, bytes));
        }
    }
    Ok(found)
}

impl Written {
    fn of(id: &str, bytes: Vec<u8>) -> Option<Self> {
        let marks = Entry::read(id, &bytes).as_ref().ok().and_then(Marks::of)?;
        Some(Self { id: id.to_owned(), bytes, marks })
    }
}

/// The launcher that nsbox wrote there for this entry; nothing where the place is empty.
///
/// # Errors
/// Where something else is there.
pub fn own_launcher(path: &Path, id: &str) -> Result<Option<Vec<u8>>, Diagnostic> {
    match launcher(path).map_err(|problem| problem.hint("leave out `--command`"))? {
        Found::Nothing => Ok(None),
        Found::File(bytes) if is_script_for(id, &bytes) => Ok(Some(bytes)),
        _ => Err(Diagnostic::error(format!("`{}` is no launcher that nsbox wrote for `{id}`", path.display()))
            .hint("move it away, or leave out `--command`")),
    }
}

/// Reads what is where a launcher may be.
pub fn launcher(path: &Path) -> Result<Found, Diagnostic> {
    let (folder, name) = split(path);
    let Some(folder) = Folder::open(folder).map_err(failed)? else { return Ok(Found::Nothing) };
    folder.read(name, SCRIPT_MAX).map_err(failed)
}

/// Removes the launcher of an entry; whether it was there, and nsbox's own.
///
/// # Errors
/// Where it cannot be removed.
pub fn remove_launcher(path: &Path, id: &str) -> Result<bool, Diagnostic> {
    let is_own = matches!(launcher(path)?, Found::File(bytes) if is_script_for(id, &bytes));
    let (folder, name) = split(path);
    if let Some(folder) = Folder::open(folder).map_err(failed)?.filter(|_| is_own) {
        folder.remove(name).map_err(failed)?;
    }
    Ok(is_own)
}

/// The folder and the name of a launcher; names that are no text are none of nsbox's.
pub fn split(path: &Path) -> (&Path, &str) {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    (path.parent().unwrap_or(Path::new("/")), name)
}

/// Removes those of the folders that are empty, the innermost first, if an entry or a launcher can have needed them.
pub fn remove_folders(created: &[String], places: &Places) {
    let needed = |folder: &Path| places.own.starts_with(folder) || places.programs.starts_with(folder);
    let mut folders: Vec<&Path> = created.iter().map(Path::new).filter(|folder| needed(folder)).collect();
    folders.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
    // One that holds something stays, and so does what took the place of one.
    folders.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
}

/// The folders that were made for entries so far, and those that were made just now.
pub fn created(before: &[Written], made: &[PathBuf]) -> Result<Vec<String>, Diagnostics> {
    let noted = before.iter().flat_map(|written| written.marks.created.iter().cloned());
    let made = made.iter().map(|path| text(path)).collect::<Result<Vec<_>, _>>()?;
    Ok(noted.chain(made).collect::<BTreeSet<_>>().into_iter().collect())
}

/// A path as an entry can name it.
///
/// # Errors
/// Where it is no text.
pub fn text(path: &Path) -> Result<String, Diagnostic> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| Diagnostic::error(format!("`{}` cannot be named in a desktop entry", path.display())))
}

fn foreign(path: &Path, what: &str) -> Diagnostic {
    Diagnostic::error(format!("`{}` {what}, which nsbox did not write and does not touch", path.display()))
        .hint("move it out of that folder; `nsbox desktop add ./FILE.desktop` makes an entry from a file")
}
