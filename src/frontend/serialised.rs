//! A plan that was written down as JSON, read back as strictly as a profile is.

use crate::error::{Diagnostic, Diagnostics, Excerpt};
use crate::plan::{Draft, Plan, VERSION};
use serde::Deserialize;
use std::ffi::OsString;

/// The largest plan that is read, in bytes.
pub const SIZE_MAX: usize = 16 << 20;

/// Reads a plan; `source` is what messages call the place that it comes from. A command that is not empty takes the place
/// of the plan's own.
///
/// # Errors
/// What is no JSON, or not the JSON of a plan, with its line and column; else all that is wrong with the plan.
pub fn read(source: &str, bytes: &[u8], argv: &[OsString]) -> Result<Plan, Diagnostics> {
    if bytes.len() > SIZE_MAX {
        let message = format!("what {source} holds is larger than 16 MiB, so it cannot be a plan");
        return Err(Diagnostic::error(message).into());
    }
    let mut draft: Draft = serde_json::from_slice(bytes).map_err(|error| match serde_json::from_slice(bytes) {
        // That there is something unknown in a plan of another version is no wonder.
        Ok(Versioned { version }) if version != VERSION => other_version(version),
        _ => unreadable(source, bytes, &error),
    })?;
    if !argv.is_empty() {
        draft.command.argv = argv.to_vec();
    }
    Plan::try_from(draft)
}

/// All that is looked at in a plan that could not be read.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

fn other_version(version: u32) -> Diagnostic {
    Diagnostic::error(format!("this plan is of version {version}, and nsbox reads version {VERSION}"))
        .hint("make it anew with this nsbox: `nsbox plan --json`")
}

/// What serde says, with the place at its end made one that is shown.
fn unreadable(source: &str, bytes: &[u8], error: &serde_json::Error) -> Diagnostic {
    let hint = "a plan is what `nsbox plan --json` prints, whole and as it is";
    let told = error.to_string();
    let (line, column) = (error.line(), error.column());
    let message = told.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&told);
    let problem = Diagnostic::error(format!("this is no plan: {message}")).hint(hint);
    let text = bytes.split(|byte| *byte == b'\n').nth(line.saturating_sub(1)).map(String::from_utf8_lossy);
    match text.filter(|_| line > 0) {
        Some(text) => {
            // Serde counts bytes; a person counts characters.
            let before = text.len().min(column.saturating_sub(1));
            let column = text.char_indices().take_while(|(at, _)| *at < before).count() as u32 + 1;
            let (line, text) = (line as u32, text.trim_end_matches('\r').to_owned());
            problem.at(Excerpt { source: source.to_owned(), line, column, length: 1, text })
        }
        None => problem,
    }
}

#[cfg(test)]
mod tests;
