//! The profile language: a person's words, in files and flags, turned into a plan.
//!
//! Three steps: `load` finds and reads the chain of profiles (with `shelf`, the only one that touches files), `reader`
//! holds the words against the one table of keys in `schema`, and `lower` makes the plan, a pure function of the words
//! and the host's facts.

mod calls;
mod desktop;
mod entries;
mod environment;
mod expand;
mod form;
mod globs;
mod home;
mod listing;
mod load;
mod lower;
mod merged;
mod offer;
mod project;
mod quantity;
mod reader;
mod schema;
mod shelf;
#[cfg(test)]
pub(super) mod tests;
mod text;
mod tree;
mod user_folders;
mod values;
mod words;

pub use form::Form;
pub use listing::{Listed, list};
pub use load::{Available, Chain, available, load, load_from};
pub use lower::lower;
pub use offer::Offer;
pub use schema::{Key, keys};
pub use shelf::{EMBEDDED, LiveShelf, Shelf, Unread};

use crate::error::Diagnostics;
use crate::host::HostFacts;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

/// What the command line asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The word after `--profile`; `shell` where there is none.
    pub profile: Option<OsString>,
    /// The flags that stand for keys of the profile, in the order they were written; they come after every file and win.
    pub settings: Vec<Setting>,
    /// The command and its arguments; empty to take the profile's own.
    pub argv: Vec<OsString>,
    /// Which of the caller's open descriptors the command gets beside 0, 1 and 2. No key of a profile, which cannot know
    /// what its caller has open.
    pub descriptors: Vec<i32>,
}

/// A flag that stands for a key of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The flag as written, dashes included: `--read`.
    pub flag: Arc<str>,
    /// The dotted key: `filesystem.read`.
    pub key: String,
    /// Its value.
    pub value: SettingValue,
}

/// How the value of a [`Setting`] is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// In the short form that a flag has: `PATH:INSIDE`, `NAME=VALUE`, a plain word.
    Word(OsString),
    /// As TOML, by `--set KEY=VALUE`.
    Toml(String),
}

/// Reads the profile that a word after `--profile` names, if it can be used on this host, in whatever folder.
///
/// # Errors
/// Everything that is wrong with it.
pub fn examine(word: &OsStr, facts: &HostFacts) -> Result<Chain, Diagnostics> {
    let chain = load_from(&LiveShelf, word, facts)?;
    let found = lower::examine(&chain, facts);
    found.or(chain).map(|(chain, _)| chain)
}

/// Everything that is wrong with a profile's file, on this host, whatever folder the caller is in.
pub fn check(path: &Path, facts: &HostFacts) -> Diagnostics {
    match load::load_file(&LiveShelf, path, facts) {
        Ok(chain) => lower::examine(&chain, facts),
        Err(found) => found,
    }
}
