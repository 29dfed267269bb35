//! The one table of flags; the loop that parses a run, the help, the suggestions and the manual are held to it.

mod groups;

pub use groups::*;

use super::invocation::{Verbosity, View};

/// An option of the command line.
#[derive(Debug)]
pub struct Flag {
    /// Its name, dashes included.
    pub name: &'static str,
    /// Its letter, where it has one.
    pub short: Option<char>,
    /// What its value is called in the help; a flag without one is a switch.
    pub value: Option<&'static str>,
    /// What it does.
    pub meaning: Meaning,
    /// One line of help: a sentence in the third person without its period.
    pub help: &'static str,
    /// What the long help adds to that line; may be empty.
    pub more: &'static str,
}

/// What a flag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Names the profile.
    Profile,
    /// Says what a key of the profile says, or a key of one of its sections, in a short form of its own.
    Key(&'static str, Repeated),
    /// Says any key of the profile, as TOML.
    Set,
    /// Names a descriptor of the caller.
    Descriptor(Use),
    /// Chooses how much nsbox says.
    Say(Verbosity),
    /// Chooses what `plan` shows.
    Show(View),
    /// Makes `plan` compare two profiles.
    Diff,
    /// Makes `desktop add` write a launcher for the command line.
    Launcher,
    /// Prints the help: in short by its letter, in full by its name.
    Help,
    /// Prints the version.
    Version,
}

/// What a flag means that is given more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// One more entry of a list.
    Adds,
    /// The last one counts, so that an alias can be overridden.
    Replaces,
}

/// What a descriptor of the caller is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// The command gets it.
    Keep,
    /// Events are written to it.
    Status,
    /// The plan is read from it.
    Plan,
}

impl Use {
    /// Whether a descriptor of this number can be used so: 0, 1 and 2 are the command's, which may find 0 used up.
    pub fn allows(self, number: i32) -> bool {
        match self {
            Self::Keep | Self::Status => number > 2,
            Self::Plan => number == 0 || number > 2,
        }
    }
}

/// Flags that stand together in the help.
#[derive(Debug)]
pub struct Group {
    /// What the help writes above them.
    pub heading: &'static str,
    /// The flags.
    pub flags: &'static [Flag],
}

/// Makes a flag that mirrors a key of the profile.
pub(super) const fn key(
    name: &'static str,
    value: &'static str,
    (key, repeated): (&'static str, Repeated),
    help: &'static str,
    more: &'static str,
) -> Flag {
    Flag { name, short: None, value: Some(value), meaning: Meaning::Key(key, repeated), help, more }
}

/// Makes a flag without a value.
pub(super) const fn switch(
    name: &'static str,
    short: Option<char>,
    meaning: Meaning,
    help: &'static str,
    more: &'static str,
) -> Flag {
    Flag { name, short, value: None, meaning, help, more }
}
