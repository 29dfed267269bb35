//! `nsbox desktop`: entries of the person's own that take the place of others, and start their programs in a sandbox.
//!
//! What is written here is run whenever a menu is clicked, so nothing is overwritten or removed that nsbox did not write:
//! entries and launchers carry marks, and are read and written in opened folders, never through a symlink in their place.

mod add;
mod author;
mod folder;
mod list;
mod notes;
mod places;
mod remove;
mod written;

use super::invocation::Entries;
use super::run::host_facts;
use super::stop::Stop;
use nsbox::error::{Diagnostic, Fault};
use places::Places;

/// Does what was asked for with desktop entries.
///
/// # Errors
/// All that is wrong with an entry or a profile, and whatever could not be written.
pub fn show(entries: &Entries) -> Result<(), Stop> {
    let facts = host_facts()?;
    let places = Places::of(&facts)?;
    match entries {
        Entries::Add(addition) => add::add(addition, &places, &facts),
        Entries::List => list::list(&places, &facts),
        Entries::Remove(names) => remove::remove(names, &places, &facts),
    }
}

/// Something that could not be done with a file.
fn failed(fault: Fault) -> Diagnostic {
    let hint = match fault.errno.0 {
        libc::EROFS | libc::EACCES | libc::EPERM => "your own folders must be writable: nsbox writes nowhere else",
        libc::ENOSPC | libc::EDQUOT => "nothing has changed; make room, and try again",
        _ => return Diagnostic::error(format!("could not {fault}")),
    };
    Diagnostic::error(format!("could not {fault}")).hint(hint)
}
