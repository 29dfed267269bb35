//! `nsbox desktop list`: what was written, and whether it is as it would be now.

use super::author::{self, Author};
use super::failed;
use super::folder::{Folder, Found};
use super::places::Places;
use super::written::{self, Written};
use crate::cli::layout::{Line, Section, lay_out};
use crate::cli::output;
use crate::cli::stop::Stop;
use crate::cli::terminal::Target;
use nsbox::error::Diagnostics;
use nsbox::frontend::desktop_entry::Marks;
use nsbox::host::HostFacts;
use std::path::Path;

/// Lists the entries that nsbox has written.
///
/// # Errors
/// Where the folder cannot be read, or standard output cannot be written.
pub fn list(places: &Places, facts: &HostFacts) -> Result<(), Stop> {
    let author = Author::new(places, facts)?;
    let all = match Folder::open(&places.own).map_err(failed)? {
        Some(folder) => written::all(&folder)?,
        None => Vec::new(),
    };
    let sections = all.iter().map(|written| {
        let state = state(written, &author).map(|state| line("state", state));
        Section::new(&*written.id, lines(&written.marks).into_iter().chain(state).collect())
    });
    output::print(&lay_out(&sections.collect::<Vec<_>>(), Target::output()))
}

/// What an entry says of itself, in lines.
pub fn lines(marks: &Marks) -> Vec<Line> {
    let launcher = marks.launcher.as_ref().map(|launcher| line("launcher", launcher));
    [line("profile", &marks.profile), line("source", &marks.source)].into_iter().chain(launcher).collect()
}

/// A word and what it says.
pub fn line(label: &str, text: impl Into<String>) -> Line {
    Line { label: label.into(), ..Line::new(text) }
}

/// What is not as it should be, and what to do about it.
///
/// Times tell nothing: a package brings files that are older than its installation. So it is told by the contents.
fn state(written: &Written, author: &Author<'_>) -> Option<String> {
    let Written { id, marks, .. } = written;
    if !Path::new(&marks.source).exists() {
        return Some(format!("its source is gone; `nsbox desktop remove {id}` takes it back"));
    }
    match is_current(written, author) {
        Ok(true) => None,
        Ok(false) => Some(format!("its source, or nsbox, is newer than it; `nsbox desktop add {id}` writes it anew")),
        Err(found) => {
            let first = found.iter().next().map(|problem| problem.message.clone()).unwrap_or_default();
            Some(format!("it could not be written now: {first}"))
        }
    }
}

/// Whether entry and launcher are what would be written now.
fn is_current(written: &Written, author: &Author<'_>) -> Result<bool, Diagnostics> {
    let Written { id, marks, bytes } = written;
    let source = author::read(Path::new(&marks.source))?;
    source.startable()?;
    let launcher = match &marks.launcher {
        Some(path) => {
            let text = author.launcher(id, &source.command()?, &marks.profile)?;
            written::launcher(Path::new(path))? == Found::File(text.into_bytes())
        }
        None => true,
    };
    Ok(launcher && author.entry(&source, marks)?.as_bytes() == bytes)
}
