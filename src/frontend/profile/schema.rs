//! The one table of keys: from it come reading, suggestions, the manual and `--set`.

mod command;
mod desktop;
mod filesystem;
mod kernel;
mod look;

use super::form::Form;
use super::reader::Reader;
use super::tree::Node;
use std::fmt;

/// A key of the profile language.
pub struct Key {
    /// Its dotted name: `filesystem.read`.
    pub name: &'static str,
    /// What its value looks like.
    pub form: Form,
    /// What holds where nobody says it.
    pub default: &'static str,
    /// A line that sets it, as it stands in its section.
    pub example: &'static str,
    /// Applies a value to what earlier profiles said, and thereby knows how the two merge.
    pub(super) apply: fn(&mut Reader<'_>, &Node),
}

impl Key {
    /// Its example, as it is written in its section or after `--set`.
    pub(super) fn shown_in(&self, flag: bool) -> String {
        match self.name.rsplit_once('.') {
            Some((section, _)) if flag => format!("--set '{section}.{}'", self.example.replacen(" = ", "=", 1)),
            None if flag => format!("--set '{}'", self.example.replacen(" = ", "=", 1)),
            _ => self.example.to_owned(),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}: {})", self.name, self.form)
    }
}

/// The keys of each section, in the order of the manual.
static SECTIONS: [&[Key]; 14] = [
    command::PROFILE,
    command::COMMAND,
    command::IDENTITY,
    kernel::NAMESPACES,
    filesystem::FILESYSTEM,
    command::ENVIRONMENT,
    kernel::NETWORK,
    look::LOOK,
    desktop::DESKTOP,
    kernel::SYSCALLS,
    kernel::CAPABILITIES,
    kernel::LIMITS,
    kernel::TERMINAL,
    kernel::PROTECTIONS,
];

/// Every key that a profile can hold, by section.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().copied().flatten()
}

/// The key of that dotted name.
pub fn key(name: &str) -> Option<&'static Key> {
    keys().find(|key| key.name == name)
}

/// Whether a dotted name is that of a section.
pub fn is_section(name: &str) -> bool {
    keys().any(|key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// The words that may stand in a section, or at the top.
pub(super) fn keys_of(section: &str) -> Vec<&'static str> {
    let inside = |key: &'static Key| match section {
        "" => key.name.split('.').next(),
        _ => key.name.strip_prefix(section)?.strip_prefix('.')?.split('.').next(),
    };
    let mut words: Vec<_> = keys().filter_map(inside).collect();
    words.dedup();
    words
}
