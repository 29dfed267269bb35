//! The profile language: a person's words, in files and flags, turned into a plan.
//!
//! Three steps, each a file: `load` finds and reads the chain of profiles (the only one that touches files), `schema`
//! and its reader hold the words against the one table of keys, and `lower` makes the plan, a pure function of the
//! words and the host's facts.

use std::ffi::OsString;
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
