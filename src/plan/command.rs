//! The command, its directory, its environment and its descriptors.

use super::{Origin, encoding};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::path::PathBuf;

/// What is run, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Command {
    /// The program and its arguments; a program without a slash is looked up in the payload's own PATH, inside.
    #[serde(with = "encoding::words")]
    pub argv: Vec<OsString>,
    /// The working directory inside.
    #[serde(with = "encoding::path")]
    pub directory: PathBuf,
    /// Who chose the directory.
    pub directory_origin: Origin,
}

/// One variable of the payload's environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Variable {
    /// The name; neither empty nor with an equals sign.
    #[serde(with = "encoding::word")]
    pub name: OsString,
    /// The value.
    #[serde(with = "encoding::word")]
    pub value: OsString,
    /// Who set it or let it in.
    pub origin: Origin,
}

/// Which descriptors of the caller cross over to the payload, beside 0, 1 and 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Descriptors {
    /// These, by number, each greater than 2.
    Only(Vec<i32>),
    /// All that the caller left open; no profile can ask for this.
    Inherit,
}
