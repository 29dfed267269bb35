//! `nsbox completions SHELL`: what a shell can offer while a command line is typed, from the tables of flags and keys.
//!
//! Each script is a frame that knows its shell, and holes that are filled from here. The scripts only offer words; the
//! one program they run is nsbox itself, for the names of profiles, and that from PATH alone: a key pressed in a
//! stranger's folder must not run what lies there.

mod bash;
mod fish;
mod zsh;

use super::commands::{self, Command, Operands};
use super::flags::{Flag, Meaning};
use super::output;
use super::stop::Stop;
use nsbox::frontend::profile::{Form, keys};
use nsbox::frontend::syscalls::GROUPS;
use syscalls::Sysno;

/// A shell that can be told what to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash(1), with or without the package bash-completion.
    Bash,
    /// zsh(1).
    Zsh,
    /// fish(1).
    Fish,
}

impl Shell {
    /// Every one, by its name.
    pub const ALL: [(&'static str, Self); 3] = [("bash", Self::Bash), ("zsh", Self::Zsh), ("fish", Self::Fish)];
}

/// Prints the script for a shell.
///
/// # Errors
/// Where standard output cannot be written.
pub fn show(shell: Shell) -> Result<(), Stop> {
    output::print(&script(shell))
}

fn script(shell: Shell) -> String {
    match shell {
        Shell::Bash => bash::script(),
        Shell::Zsh => zsh::script(),
        Shell::Fish => fish::script(),
    }
}

/// What can be offered where a value is due.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Offer {
    /// Nothing that could be known.
    Nothing,
    /// One of these words.
    Words(Vec<String>),
    /// One of these words, which the person goes on writing.
    Beginnings(Vec<String>),
    /// A file or folder.
    Files,
    /// A folder.
    Folders,
    /// A profile, by name or by file.
    Profiles,
    /// The name of a variable of the environment.
    Variables,
}

impl Offer {
    /// What can be offered as the value of a flag; nothing at all for a switch.
    fn of(flag: &Flag) -> Option<Self> {
        flag.value?;
        Some(match flag.meaning {
            Meaning::Profile => Self::Profiles,
            Meaning::Set => Self::beginnings(keys().filter(|key| key.name != "extends").map(|key| key.name)),
            Meaning::Key(key, _) => Self::of_key(key),
            _ => Self::Nothing,
        })
    }

    fn of_key(name: &str) -> Self {
        let Some(key) = keys().find(|key| key.name == name) else {
            // A section as a whole: a flag names one of its keys.
            let inside = |key: &str| key.strip_prefix(name)?.strip_prefix('.').map(str::to_owned);
            return Self::beginnings(keys().filter_map(|key| inside(key.name)));
        };
        let words = |words: &[&str]| Self::Words(words.iter().map(|word| (*word).to_owned()).collect());
        match key.form {
            Form::Choice(known) | Form::Choices(known) => words(&known()),
            Form::Id => words(&["self", "root", "nobody"]),
            Form::Boolean => words(&["true", "false"]),
            Form::Binds | Form::Paths | Form::Devices | Form::Tmpfs | Form::Symlinks | Form::Root => Self::Files,
            Form::Text if name == "command.directory" => Self::Folders,
            Form::Patterns => Self::Variables,
            Form::Calls => Self::Words(calls().map(str::to_owned).collect()),
            _ => Self::Nothing,
        }
    }

    fn beginnings(names: impl Iterator<Item = impl Into<String>>) -> Self {
        Self::Beginnings(names.map(|name| name.into() + "=").collect())
    }
}

/// The groups of system calls, and those of this machine by name.
fn calls() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|group| group.name).chain(Sysno::iter().map(|call| call.name()))
}

/// Every flag once, in the order of the help, with the commands that take it.
fn flags() -> Vec<(&'static Flag, Vec<&'static str>)> {
    let mut all: Vec<(&Flag, Vec<&str>)> = Vec::new();
    for command in commands::ALL {
        for flag in command.flags() {
            match all.iter_mut().find(|(known, _)| known.name == flag.name) {
                Some((_, owners)) => owners.push(command.name),
                None => all.push((flag, vec![command.name])),
            }
        }
    }
    all
}

/// The names of the commands whose words are of that kind.
fn with_operands(operands: Operands) -> impl Iterator<Item = &'static str> {
    commands::ALL.iter().filter(move |command| command.operands == operands).map(|command| command.name)
}

fn names(commands: &[Command]) -> Vec<&'static str> {
    commands.iter().map(|command| command.name).collect()
}

/// A text in single quotes, as bash and zsh read it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Puts texts into the holes of a frame, each of which is its name in `@`.
fn fill(frame: &str, holes: &[(&str, String)]) -> String {
    holes.iter().fold(frame.to_owned(), |text, (name, value)| text.replace(&format!("@{name}@"), value))
}

#[cfg(test)]
mod tests;
