//! Who asked for an item of the plan.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Where an item of the plan was written, so that every message can say who asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Origin {
    /// A line of a profile.
    Profile {
        /// The profile's file as the person named it, or its name if it is built in.
        file: Arc<str>,
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// A flag of the command line, dashes included.
    Flag(Arc<str>),
    /// A word of the command that names a file, counted from 1 after the program (`command.grant-args`).
    Argument(u32),
    /// What nsbox does where nobody asked; names the key that would change it.
    Default(Arc<str>),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile { file, line, column } => write!(f, "{file}:{line}:{column}"),
            Self::Flag(flag) => f.write_str(flag),
            Self::Argument(number) => write!(f, "argument {number} of the command"),
            Self::Default(key) => write!(f, "the default of `{key}`"),
        }
    }
}
