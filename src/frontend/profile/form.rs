//! What the value of a key looks like, in the words of messages and of the help.

use std::fmt;

/// What the value of a key looks like.
#[derive(Clone, Copy)]
pub enum Form {
    /// A string.
    Text,
    /// One of a few words.
    Choice(fn() -> Vec<&'static str>),
    /// A word for a user or group, or its number.
    Id,
    /// A list of strings, replaced as a whole.
    Words,
    /// A list of strings, to which others are added.
    Names,
    /// A list of profile names.
    Profiles,
    /// A list of paths, or of tables with `path`, `from` and `optional`.
    Binds,
    /// `"tmpfs"`, or a table with `directory` and `access`.
    Root,
    /// A list of paths.
    Paths,
    /// A list of paths, or of tables with `path` and `optional`.
    Devices,
    /// A list of paths, or of tables with `path`, `size` and `mode`.
    Tmpfs,
    /// A table from path to target.
    Symlinks,
    /// A table from path to text.
    Files,
    /// A list of names with `*`, or `"all"`.
    Patterns,
    /// A table from name to value.
    Variables,
    /// `true` or `false`.
    Boolean,
    /// A number from 1 up.
    Count,
    /// A number of bytes, or a string with a unit.
    Size,
    /// A number of seconds, or a string with units.
    Span,
    /// A table with the two clocks.
    Clocks,
    /// A list of names of capabilities.
    Capabilities,
    /// A list of some of a few words.
    Choices(fn() -> Vec<&'static str>),
    /// A list of names of system calls and of their groups.
    Calls,
}

impl fmt::Display for Form {
    /// Names the form as in "expected a list of paths".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a string",
            Self::Choice(words) => return write!(f, "one of {}", quoted(&words())),
            Self::Id => "`self`, `root`, `nobody` or a number",
            Self::Words | Self::Names => "a list of strings",
            Self::Profiles => "a list of profile names",
            Self::Binds => "a list of paths, or of tables with `path`, `from` and `optional`",
            Self::Root => "`tmpfs`, or a table with `directory` and `access`",
            Self::Paths => "a list of paths",
            Self::Devices => "a list of paths, or of tables with `path` and `optional`",
            Self::Tmpfs => "a list of paths, or of tables with `path`, `size` and `mode`",
            Self::Symlinks => "a table from path to target",
            Self::Files => "a table from path to text",
            Self::Patterns => "a list of names, in which `*` stands for anything, or `\"all\"`",
            Self::Variables => "a table from name to value",
            Self::Boolean => "`true` or `false`",
            Self::Count => "a number from 1 up",
            Self::Size => "a size",
            Self::Span => "a span of time",
            Self::Clocks => "a table with `boottime` and `monotonic`",
            Self::Capabilities => "a list of capabilities, such as `chown`",
            Self::Choices(words) => return write!(f, "a list of {}", quoted(&words())),
            Self::Calls => "a list of system calls and groups, such as `ptrace` and `@debug`",
        })
    }
}

/// Words in backticks, with commas.
pub fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
