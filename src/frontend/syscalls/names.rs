//! What system calls are called, on every architecture that nsbox knows, and the words by which a person names them.

use super::groups::{self, Group};
use super::twins;
use crate::error::{Diagnostic, suggest};
use std::str::FromStr;

/// The names of an architecture's system calls, each at its number; empty where there is none.
macro_rules! names {
    ($constant:ident, $module:ident) => {
        /// The names of this architecture's system calls, each at its number; empty where there is none.
        pub const $constant: [&str; syscalls::$module::Sysno::last().id() as usize + 1] = {
            let mut names = [""; syscalls::$module::Sysno::last().id() as usize + 1];
            let mut number = 0;
            while number < names.len() {
                if let Some(call) = syscalls::$module::Sysno::new(number) {
                    let name = call.name();
                    // `r#break`, as Rust must spell it, is a number that no kernel ever gave a system call.
                    names[number] = if matches!(name.as_bytes(), [b'r', b'#', ..]) { "" } else { name };
                }
                number += 1;
            }
            names
        };
    };
}

names!(X86_64, x86_64);
names!(AARCH64, aarch64);
names!(X86, x86);

/// The name of every system call of every architecture; some come more than once.
pub fn all() -> impl Iterator<Item = &'static str> {
    const { &X86_64 }.iter().chain(const { &AARCH64 }).chain(const { &X86 }).copied().filter(|name| !name.is_empty())
}

/// The system calls that a word names.
#[derive(Debug, Clone, Copy)]
pub enum Calls {
    /// The one of this name, whichever architecture has it.
    One(&'static str),
    /// Those of a group.
    Group(&'static Group),
}

impl Calls {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::One(name) => name,
            Self::Group(group) => group.name,
        }
    }

    /// Whether the one of this name is among them, be it by another name of 32-bit x86.
    pub fn hold(self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name || twins::are(one, name),
            Self::Group(group) => group.calls.contains(&name),
        }
    }
}

impl PartialEq for Calls {
    /// Two words are the same, or not.
    fn eq(&self, other: &Self) -> bool {
        self.word() == other.word()
    }
}

impl FromStr for Calls {
    type Err = Diagnostic;

    /// Reads a name or a group; an unknown one is answered with the nearest, or with what there is.
    fn from_str(word: &str) -> Result<Self, Diagnostic> {
        let shown = word.escape_debug();
        if word.starts_with('@') {
            let group = groups::ALL.iter().find(|group| group.name == word);
            let unknown = Diagnostic::error(format!("there is no group of system calls `{shown}`"));
            return group.map(|group| Self::Group(group)).ok_or_else(|| match suggest::nearest(word, group_names()) {
                Some(near) => unknown.label(format!("did you mean `{near}`?")),
                None => unknown.hint(format!("the groups are {}", group_names().collect::<Vec<_>>().join(", "))),
            });
        }
        if let Some(name) = all().find(|name| *name == word) {
            return Ok(Self::One(name));
        }
        let unknown = Diagnostic::error(format!("no system call is called `{shown}`"));
        let group = group_names().find(|name| name.strip_prefix('@') == Some(word));
        Err(match group.or_else(|| suggest::nearest(word, all())) {
            Some(near) => unknown.label(format!("did you mean `{near}`?")),
            None => {
                unknown.hint("names are those of syscalls(2), without any prefix; the name of a group begins with `@`")
            }
        })
    }
}

fn group_names() -> impl Iterator<Item = &'static str> {
    groups::ALL.iter().map(|group| group.name)
}
