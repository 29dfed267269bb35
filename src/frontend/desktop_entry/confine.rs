//! The same entry, with every program of it started by nsbox.

use super::entry::{Entry, MAIN};
use super::escape::{escape, unescape};
use super::exec;
use super::marks::{Marks, PREFIX};
use crate::error::{Diagnostic, Diagnostics};
use std::path::Path;

/// The key that names a program to start, in the main group and in those of actions.
const EXEC: &str = "Exec";
/// The key that makes a launcher call the program over D-Bus, whose daemon then starts it.
const DBUS: &str = "DBusActivatable";
/// The key in the entries of programs that are in a sandbox of their own already, and what starts them.
const SANDBOXED: [(&str, &str); 2] = [("X-Flatpak", "flatpak"), ("X-SnapInstanceName", "snap")];
/// Where entries of such programs are, as a part of the path.
const EXPORTS: [(&str, &str); 2] = [("/flatpak/exports/", "flatpak"), ("/snapd/desktop/", "snap")];

/// The command of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its words, field codes as they are.
    pub words: Vec<String>,
    /// Which of them names the program.
    pub program: usize,
}

impl Command {
    /// The program, as it is named.
    pub fn program(&self) -> &Path {
        Path::new(&self.words[self.program])
    }
}

/// How an entry is made to start by nsbox.
#[derive(Debug, Clone)]
pub struct Confinement {
    /// nsbox, as a launcher finds it.
    pub nsbox: String,
    /// Whether the program is given files where it asks for addresses.
    pub as_files: bool,
    /// The profile, and what is noted in the entry.
    pub marks: Marks,
}

impl Entry {
    /// Finds out whether the entry starts a program that nsbox can start instead.
    ///
    /// # Errors
    /// All that speaks against it.
    pub fn startable(&self) -> Result<(), Diagnostics> {
        if let Some(kind) = self.sandboxed() {
            return Err(self.refused_export(kind).into());
        }
        let mut found = Diagnostics::default();
        if self.value("Type").as_deref() != Some("Application") {
            let problem = Diagnostic::error(format!("`{}` starts no program", self.name())).at(self.place("Type"));
            found.push(problem.hint("only an entry with `Type=Application` does"));
        } else if self.value(EXEC).is_none() {
            let problem = Diagnostic::error(format!("`{}` has no key `Exec`", self.name()));
            found.push(
                problem
                    .hint("it is started over D-Bus alone, which nsbox cannot take the place of")
                    .at(self.place(DBUS)),
            );
        }
        for (at, line) in self.lines.iter().enumerate() {
            let Some(pair) = line.pair.as_ref().filter(|pair| pair.sets(EXEC)) else { continue };
            if let Err(problem) = command(&unescape(line.written(pair))) {
                found.push(problem.at(self.excerpt(at)));
            }
        }
        found.or(()).map(drop)
    }

    /// The entry that starts under the sandbox: what it starts, whether D-Bus may, and the marks; all else is the same.
    ///
    /// Every group counts, not only those of actions: whatever a launcher starts, it starts in the sandbox.
    pub fn confined(&self, by: &Confinement) -> String {
        let start = format!("{} --profile {} -- ", exec::quoted(&by.nsbox), exec::quoted(&by.marks.profile));
        let start = escape(&start);
        let last = self.last_of_main();
        let mut text = String::new();
        for (at, line) in self.lines.iter().enumerate() {
            match &line.pair {
                Some(pair) if pair.sets(EXEC) => {
                    let old = line.written(pair);
                    let old = if by.as_files { exec::with_files(old) } else { old.to_owned() };
                    text += &format!("{}{start}{old}{}", &line.text[..pair.value.start], &line.text[pair.value.end..]);
                }
                Some(pair) if pair.sets(DBUS) => {
                    text += &format!("{}false{}", &line.text[..pair.value.start], &line.text[pair.value.end..]);
                }
                // Another entry's marks would be taken for this one's.
                Some(pair) if pair.key.starts_with(PREFIX) => {}
                _ => text += &line.text,
            }
            if at == last {
                if !text.ends_with('\n') {
                    text.push('\n');
                }
                text += &by.marks.lines();
            }
        }
        text
    }

    /// What the entry starts.
    ///
    /// # Errors
    /// As [`startable`](Self::startable).
    pub fn command(&self) -> Result<Command, Diagnostic> {
        command(&self.value(EXEC).unwrap_or_default()).map_err(|problem| problem.at(self.place(EXEC)))
    }

    /// Whether files or addresses can be opened with the program.
    pub fn opens(&self) -> bool {
        let command = self.command().ok();
        command.is_some_and(|command| command.words.iter().any(|word| exec::plain(word) == exec::Plain::Files))
    }

    /// The last line that says something in the first main group; its head where none does.
    fn last_of_main(&self) -> usize {
        let is_head = |text: &str| text.trim() == format!("[{MAIN}]");
        let head = self.lines.iter().position(|line| line.pair.is_none() && is_head(&line.text)).unwrap_or(0);
        let is_next = |text: &str| text.trim_start().starts_with('[');
        let own = self.lines.iter().enumerate().skip(head + 1);
        let own = own.take_while(|(_, line)| line.pair.is_some() || !is_next(&line.text));
        own.filter(|(_, line)| line.pair.is_some()).last().map_or(head, |(at, _)| at)
    }

    /// Whose sandbox the program is in already.
    fn sandboxed(&self) -> Option<&'static str> {
        let exported = EXPORTS.iter().find(|(part, _)| self.name().contains(part)).map(|(_, kind)| *kind);
        exported.or_else(|| {
            let command = self.command().ok();
            let program = command.as_ref().map_or(Path::new(""), Command::program);
            let starts = |known: &str| program.ends_with(known) || program.starts_with(format!("/{known}"));
            SANDBOXED.iter().find(|(key, kind)| self.value(key).is_some() || starts(kind)).map(|(_, kind)| *kind)
        })
    }

    fn refused_export(&self, kind: &str) -> Diagnostic {
        let settings = match kind {
            "flatpak" => "`flatpak override` narrows it",
            _ => "`snap connections` shows it, and `snap disconnect` narrows it",
        };
        Diagnostic::error(format!("`{}` belongs to a {kind}, which has a sandbox of its own", self.name()))
            .hint(format!("{settings}; nsbox can start the same program from a package of the distribution"))
    }
}

/// Takes the value of a key `Exec` apart.
fn command(value: &str) -> Result<Command, Diagnostic> {
    let words = exec::words(value).ok_or_else(|| {
        Diagnostic::error("a quote in this command is not closed").hint("no launcher can start it either")
    })?;
    let program = exec::program(&words).ok_or_else(|| Diagnostic::error("this command names no program"))?;
    let command = Command { words, program };
    if command.program().ends_with("nsbox") {
        return Err(Diagnostic::error("this command starts by nsbox already")
            .hint("its profile is the word behind `--profile`"));
    }
    Ok(command)
}
