//! The folders that a person keeps downloads, documents and the like in: `${XDG_DOWNLOAD_DIR}` and its kin (user-dirs.dirs(5)).

use super::expand::xdg_folder;
use crate::host::HostFacts;
use crate::plan::normalise;
use std::path::{Path, PathBuf};

/// The variables, as a profile writes them, and where the folders are below the home folder where nothing is said
/// (user-dirs.defaults(5)).
const FOLDERS: [(&str, &str); 8] = [
    ("${XDG_DESKTOP_DIR}", "Desktop"),
    ("${XDG_DOCUMENTS_DIR}", "Documents"),
    ("${XDG_DOWNLOAD_DIR}", "Downloads"),
    ("${XDG_MUSIC_DIR}", "Music"),
    ("${XDG_PICTURES_DIR}", "Pictures"),
    ("${XDG_PUBLICSHARE_DIR}", "Public"),
    ("${XDG_TEMPLATES_DIR}", "Templates"),
    ("${XDG_VIDEOS_DIR}", "Videos"),
];
/// Where it is said, below the XDG configuration folder.
const SAID_IN: &str = "user-dirs.dirs";

/// The variables, as a profile writes them.
pub fn written() -> impl Iterator<Item = &'static str> {
    FOLDERS.into_iter().map(|(written, _)| written)
}

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    written().map(bare)
}

/// The folder of a variable; nothing where it is the home folder, which says that there is none.
pub fn folder(name: &str, facts: &HostFacts) -> Option<PathBuf> {
    let (_, below) = FOLDERS.into_iter().find(|(written, _)| bare(written) == name)?;
    let text = xdg_folder("XDG_CONFIG_HOME", facts).and_then(|settings| facts.paths.read(&settings.join(SAID_IN)));
    // Of several lines for one folder the last counts, as in a shell.
    let said = text.as_deref().and_then(|text| text.lines().rev().find_map(|line| said(line, name, &facts.home)));
    let folder = said.unwrap_or_else(|| facts.home.join(below));
    (normalise(&folder)? != normalise(&facts.home)?).then_some(folder)
}

/// What to do where there is none.
pub fn remedy(name: &str) -> String {
    let kind = name.trim_start_matches("XDG_").trim_end_matches("_DIR");
    format!("`xdg-user-dirs-update --set {kind} PATH` names one, in {SAID_IN} (package xdg-user-dirs)")
}

/// The folder that a line names for a variable; nothing for any other line, and for one that names no folder.
fn said(line: &str, name: &str, home: &Path) -> Option<PathBuf> {
    let value = line.trim_start().strip_prefix(name)?.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
    let value = unquote(value)?;
    match value.strip_prefix("$HOME") {
        Some(below) if below.is_empty() || below.starts_with('/') => Some(home.join(below.trim_start_matches('/'))),
        _ => value.starts_with('/').then(|| PathBuf::from(value)),
    }
}

/// The text up to the quotation mark that ends it, in which a backslash takes the meaning from what comes after it.
fn unquote(text: &str) -> Option<String> {
    let (mut value, mut rest) = (String::new(), text.chars());
    loop {
        match rest.next()? {
            '"' => return Some(value),
            '\\' => value.push(rest.next()?),
            plain => value.push(plain),
        }
    }
}

fn bare(written: &str) -> &str {
    written.trim_start_matches("${").trim_end_matches('}')
}
