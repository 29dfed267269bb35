//! `nsbox desktop add`: an entry takes the place of another, and a launcher that of the program's name.

use super::author::{self, Author};
use super::folder::{Folder, Place};
use super::places::{Places, file_name};
use super::written::{self, Written};
use super::{failed, list, notes};
use crate::cli::invocation::{Addition, Verbosity};
use crate::cli::layout::{Line, Section, lay_out};
use crate::cli::output;
use crate::cli::run::warn;
use crate::cli::stop::Stop;
use crate::cli::terminal::Target;
use crate::cli::text::quoted;
use nsbox::error::{Diagnostic, Diagnostics, Fault};
use nsbox::frontend::desktop_entry::{Entry, FALLBACK, Marks, preferred};
use nsbox::frontend::profile;
use nsbox::host::HostFacts;
use rustix::fs::Mode;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// An entry is for reading, a launcher for running.
const ENTRY_MODE: Mode = Mode::from_raw_mode(0o644);
const LAUNCHER_MODE: Mode = Mode::from_raw_mode(0o755);

/// Writes an entry, and says what it does.
///
/// # Errors
/// All that is wrong with the entry and the profile, and whatever could not be written; then nothing has changed.
pub fn add(addition: &Addition, places: &Places, facts: &HostFacts) -> Result<(), Stop> {
    let author = Author::new(places, facts)?;
    let (id, file) = places.named(&addition.name, facts)?;
    let folder = Folder::open(&places.own).map_err(failed)?;
    let before = written::find(folder.as_ref(), &id, places)?;
    let path = source(&id, file, before.as_ref(), places)?;
    let source = author::read(&path)?;
    source.startable()?;
    let profile = match (&addition.profile, &before) {
        (Some(word), _) => author.profile(word)?,
        (None, Some(before)) => before.marks.profile.clone(),
        (None, None) => default(&source, facts)?,
    };
    let old_launcher = before.as_ref().and_then(|before| before.marks.launcher.clone());
    let script = (addition.launcher || old_launcher.is_some()).then(|| script(&id, &source, &profile, &author));
    let script = script.transpose()?;
    let launcher = script.as_ref().map(|script| written::text(&script.path)).transpose()?;
    let marks = Marks { profile, source: written::text(&path)?, launcher, created: Vec::new() };
    let draft = Draft { id: &id, source: &source, marks, place: Place::of(&before), script };
    let marks = draft.write(&author, places)?;
    // The program may have got another name.
    if let Some(old) = old_launcher.filter(|old| Some(old) != marks.launcher.as_ref()) {
        written::remove_launcher(Path::new(&old), &id)?;
    }
    warn(Verbosity::Normal, &passed_over(&author, &marks));
    let mut lines = vec![list::line("entry", places.own.join(file_name(&id)).display().to_string())];
    lines.extend(list::lines(&marks));
    let known = profile::available(facts).into_iter().find(|known| known.name == marks.profile);
    let known = known.filter(|known| !known.description.is_empty());
    lines.extend(known.map(|known| list::line("means", known.description)));
    lines.extend(notes::notes(&source, &author.offer(&marks.profile)?));
    lines.extend(types(&source, places));
    let heading = format!("{id} starts in a sandbox from now on");
    output::print(&lay_out(&[Section::new(heading, lines)], Target::output()))
}

/// The entry that the new one is made from.
fn source(id: &str, file: Option<PathBuf>, before: Option<&Written>, places: &Places) -> Result<PathBuf, Diagnostic> {
    let noted = || before.map(|before| PathBuf::from(&before.marks.source));
    file.or_else(|| places.find(id)).or_else(noted).ok_or_else(|| places.missing(id))
}

/// The launcher of an entry, and what it takes the place of.
fn script(id: &str, source: &Entry, profile: &str, author: &Author<'_>) -> Result<Script, Diagnostic> {
    let command = source.command()?;
    let path = author.place_of_launcher(&command)?;
    let text = author.launcher(id, &command, profile)?;
    let before = written::own_launcher(&path, id)?;
    Ok(Script { path, text, before })
}

/// The profile that suits an entry.
fn default(source: &Entry, facts: &HostFacts) -> Result<String, Diagnostics> {
    let known = profile::available(facts);
    let is_there = |name: &str| known.iter().any(|profile| profile.name == name);
    let suits = preferred(&source.items("Categories"), source.opens(), is_there);
    if suits == FALLBACK && known.iter().all(|profile| profile.name != FALLBACK) {
        let problem =
            Diagnostic::error(format!("no profile is made for this program, and there is none named `{FALLBACK}`"));
        return Err(problem.hint("choose one by `--profile`; `nsbox profiles` lists them").into());
    }
    Ok(suits.to_owned())
}

/// A launcher that is about to be written.
struct Script {
    path: PathBuf,
    text: String,
    /// What nsbox wrote there earlier.
    before: Option<Vec<u8>>,
}

impl Script {
    fn write(&self, made: &mut Vec<PathBuf>) -> Result<(), Fault> {
        let (folder, name) = written::split(&self.path);
        Folder::make(folder, made)?.write(name, self.text.as_bytes(), LAUNCHER_MODE, Place::of(&self.before))
    }

    /// Undoes that, as far as it was done.
    fn take_back(&self, id: &str) {
        let (folder, name) = written::split(&self.path);
        match (&self.before, Folder::open(folder)) {
            (Some(before), Ok(Some(folder))) => drop(folder.write(name, before, LAUNCHER_MODE, Place::Taken)),
            _ => drop(written::remove_launcher(&self.path, id)),
        }
    }
}

/// What is about to be written.
struct Draft<'a> {
    id: &'a str,
    source: &'a Entry,
    marks: Marks,
    place: Place,
    script: Option<Script>,
}

impl Draft<'_> {
    /// Writes the launcher and the entry, which names it; or neither. Gives what the entry says of itself.
    fn write(mut self, author: &Author<'_>, places: &Places) -> Result<Marks, Diagnostics> {
        let mut made = Vec::new();
        let done = self.write_both(author, places, &mut made);
        if done.is_err() {
            self.script.iter().for_each(|script| script.take_back(self.id));
            made.iter().rev().for_each(|folder| drop(std::fs::remove_dir(folder)));
        }
        done.map(|()| self.marks)
    }

    fn write_both(&mut self, author: &Author<'_>, places: &Places, made: &mut Vec<PathBuf>) -> Result<(), Diagnostics> {
        // The profile is looked at before anything is written.
        author.entry(self.source, &self.marks)?;
        let folder = Folder::make(&places.own, made).map_err(failed)?;
        self.script.as_ref().map_or(Ok(()), |script| script.write(made)).map_err(failed)?;
        self.marks.created = written::created(&written::all(&folder)?, made)?;
        let text = author.entry(self.source, &self.marks)?;
        folder.write(&file_name(self.id), text.as_bytes(), ENTRY_MODE, self.place).map_err(failed)?;
        Ok(())
    }
}

/// What is left to be done where the program opens files: GLib takes the types of an entry from the cache beside it, and
/// the one that all users share counts no longer.
fn types(source: &Entry, places: &Places) -> Option<Line> {
    let has_types = !source.items("MimeType").is_empty();
    let command = format!("update-desktop-database {}", quoted(places.own.as_os_str()));
    has_types
        .then(|| list::line("to do", format!("`{command}`, or file managers may not offer it for its types of files")))
}

/// A launcher that a shell does not find, since something else of its name comes first in PATH.
fn passed_over(author: &Author<'_>, marks: &Marks) -> Option<Diagnostic> {
    let launcher = Path::new(marks.launcher.as_ref()?);
    let name: OsString = launcher.file_name()?.to_owned();
    let first = author.search(Path::new(&name), None);
    if first.as_deref() == Some(launcher) {
        return None;
    }
    let means = first.map_or("nothing".to_owned(), |path| format!("`{}`", path.display()));
    let problem = Diagnostic::warning(format!("to a shell, `{}` still means {means}", name.display()));
    let folder = launcher.parent().unwrap_or(launcher);
    Some(problem.hint(format!("put `{}` at the front of its PATH", folder.display())))
}
