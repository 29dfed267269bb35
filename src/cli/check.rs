//! `nsbox check`: whether files are valid profiles.

use super::run::host_facts;
use super::stop::{Stop, tell};
use super::terminal::Target;
use super::text::printable;
use super::{output, render};
use nsbox::frontend::profile;
use std::path::PathBuf;

/// Every file is a valid profile.
const ALL_VALID: u8 = 0;
/// At least one is not.
const SOME_INVALID: u8 = 1;

/// Checks each file, tells all that is wrong on standard error, and gives the exit status.
///
/// # Errors
/// Where nsbox itself could not do so.
pub fn check(files: &[PathBuf]) -> Result<u8, Stop> {
    let facts = host_facts()?;
    let mut status = ALL_VALID;
    let mut has_said = false;
    for file in files {
        let found = profile::check(file, &facts);
        if has_said && !found.is_empty() {
            tell("\n");
        }
        has_said |= !found.is_empty();
        tell(&render::diagnostics(found.iter(), Target::of(&std::io::stderr())));
        if found.has_errors() {
            status = SOME_INVALID;
        } else {
            output::print(&format!("{}: ok\n", printable(&file.display().to_string())))?;
        }
    }
    Ok(status)
}
