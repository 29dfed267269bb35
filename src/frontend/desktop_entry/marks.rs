//! What an entry says of itself that nsbox wrote: by these keys it is known again, and can be taken back.

use super::entry::Entry;
use super::escape::{escape, list};

/// How the keys begin.
pub(super) const PREFIX: &str = "X-Nsbox-";
const PROFILE: &str = "X-Nsbox-Profile";
const SOURCE: &str = "X-Nsbox-Source";
const LAUNCHER: &str = "X-Nsbox-Launcher";
const CREATED: &str = "X-Nsbox-Created";

/// Where an entry comes from, and what was made beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// The profile that the program starts under, as after `--profile`.
    pub profile: String,
    /// The path of the entry that it was made from.
    pub source: String,
    /// The path of the launcher for the command line, where one was asked for.
    pub launcher: Option<String>,
    /// The paths of the folders that were made for this and other entries, the outermost first.
    pub created: Vec<String>,
}

impl Marks {
    /// Those of an entry; nothing where nsbox did not write it.
    pub fn of(entry: &Entry) -> Option<Self> {
        Some(Self {
            profile: entry.value(PROFILE)?,
            source: entry.value(SOURCE)?,
            launcher: entry.value(LAUNCHER),
            created: entry.items(CREATED),
        })
    }

    /// The lines that say so.
    pub(super) fn lines(&self) -> String {
        let mut lines = format!("{PROFILE}={}\n{SOURCE}={}\n", escape(&self.profile), escape(&self.source));
        if let Some(launcher) = &self.launcher {
            lines += &format!("{LAUNCHER}={}\n", escape(launcher));
        }
        if !self.created.is_empty() {
            lines += &format!("{CREATED}={}\n", list(&self.created));
        }
        lines
    }
}
