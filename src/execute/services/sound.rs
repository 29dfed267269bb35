//! The sound server, filtered: nsbox itself as the filter, in a sandbox that sees the server and nothing else.

use super::companion::Companion;
use super::options::{option, shown};
use crate::error::Fault;
use crate::sound::{FOLDER, PLAY, PROGRAM, RECORD, SERVER, SERVER_COOKIE, SUMMONS};
use std::path::Path;

/// The profile that it runs under, which nobody's own of that name can replace.
const PROFILE: &str = "builtin:sound-filter";

/// Starts it, with its socket in `folder`.
///
/// # Errors
/// As [`Companion::start`].
pub fn start(
    nsbox: &Path,
    folder: &Path,
    (socket, cookie): (&Path, Option<&Path>),
    microphone: bool,
) -> Result<Companion, Fault> {
    let mut options = vec![
        option("--profile", PROFILE),
        shown("read", PROGRAM, nsbox)?,
        shown("read", SERVER, socket)?,
        shown("write", FOLDER, folder)?,
    ];
    if let Some(cookie) = cookie {
        options.push(shown("read", SERVER_COOKIE, cookie)?);
    }
    let may = if microphone { RECORD } else { PLAY };
    Companion::start(nsbox, &options, PROGRAM, &|number| vec![SUMMONS.into(), number.to_string().into(), may.into()])
}
