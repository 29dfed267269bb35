//! nsbox as the filter of a sound server, in a sandbox of its own.

use super::flags::Use;
use super::parse::descriptor;
use super::stop::Stop;
use anyhow::{Context, anyhow};
use nsbox::sound::{self, PLAY, RECORD, SUMMONS};
use std::ffi::OsString;

/// Whether nsbox is that.
pub fn is_summoned(words: &[OsString]) -> bool {
    words.first().is_some_and(|word| word == SUMMONS)
}

/// Filters, until nobody wants that any more.
///
/// # Errors
/// Where a word is missing, or the filter cannot be reached.
pub fn filter(words: &[OsString]) -> Result<(), Stop> {
    let said = match words {
        [_, number, may] if may == PLAY || may == RECORD => {
            descriptor(number, Use::Keep).map(|number| (number, may == RECORD))
        }
        _ => None,
    };
    let (number, may_record) =
        said.ok_or_else(|| anyhow!("`{SUMMONS}` is what nsbox runs beside a sandbox that plays sound"))?;
    let lifeline = nsbox::sys::descriptors::take(number).map_err(|errno| anyhow!("no lifeline: {errno}"))?;
    sound::serve(&lifeline, may_record).context("could not filter sound")?;
    Ok(())
}
