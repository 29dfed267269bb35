//! `nsbox desktop remove`: takes back what `add` has written, and nothing else.

use super::author::unwritten;
use super::failed;
use super::folder::Folder;
use super::places::{Places, file_name};
use super::written::{self, Written};
use crate::cli::invocation::Verbosity;
use crate::cli::output;
use crate::cli::run::warn;
use crate::cli::stop::Stop;
use crate::cli::text::printable;
use nsbox::error::{Diagnostic, Diagnostics};
use nsbox::host::HostFacts;
use std::ffi::OsString;
use std::path::Path;

/// Removes entries, with their launchers, and the folders that were made for them.
///
/// # Errors
/// All that nsbox did not write, and then nothing is removed; or what could not be removed.
pub fn remove(names: &[OsString], places: &Places, facts: &HostFacts) -> Result<(), Stop> {
    let folder = Folder::open(&places.own).map_err(failed)?;
    let mut found = Diagnostics::default();
    let mut own: Vec<Written> = Vec::new();
    for name in names {
        match entry(name, folder.as_ref(), places, facts) {
            Ok(written) if own.iter().any(|known| known.id == written.id) => {}
            Ok(written) => own.push(written),
            Err(problem) => found.push(problem),
        }
    }
    found.or(())?;
    for written in own {
        if let Some(folder) = &folder {
            take_back(&written, folder, places)?;
        }
        output::print(&format!("{} starts without a sandbox again\n", printable(&written.id)))?;
    }
    Ok(())
}

/// The entry that nsbox has written and a word names.
fn entry(name: &OsString, folder: Option<&Folder>, places: &Places, facts: &HostFacts) -> Result<Written, Diagnostic> {
    let (id, _) = places.named(name, facts)?;
    written::find(folder, &id, places)?.ok_or_else(|| {
        let all = folder.map(written::all).and_then(Result::ok).unwrap_or_default();
        unwritten(&id, &all.into_iter().map(|written| written.id).collect::<Vec<_>>())
    })
}

fn take_back(written: &Written, folder: &Folder, places: &Places) -> Result<(), Diagnostic> {
    let Written { id, marks, .. } = written;
    let launcher =
        marks.launcher.as_ref().map(|path| written::remove_launcher(Path::new(path), id).map(|own| (path, own)));
    if let Some((path, false)) = launcher.transpose()? {
        let stays = Path::new(path).symlink_metadata().is_ok();
        let problem = Diagnostic::warning(format!("`{path}` is no launcher that nsbox wrote for `{id}`, and stays"));
        warn(Verbosity::Normal, stays.then_some(&problem));
    }
    folder.remove(&file_name(id)).map_err(failed)?;
    written::remove_folders(&marks.created, places);
    Ok(())
}
