//! Examples of the documentation: what is typed after a `$ `, and what is said to be printed below.

use super::{Host, Ran};

/// A command, with the lines that are shown below it.
#[derive(Debug)]
pub struct Example {
    /// What is typed.
    pub command: String,
    shown: Vec<String>,
}

/// The examples in the lines of a console.
pub fn examples<'t>(lines: impl IntoIterator<Item = &'t str>) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    for line in lines {
        match line.strip_prefix("$ ") {
            Some(command) => found.push(Example { command: command.to_owned(), shown: Vec::new() }),
            None => {
                let example = found.last_mut().expect("output comes after a command");
                example.shown.push(line.trim_end().to_owned());
            }
        }
    }
    found
}

/// Runs what a person types, in that folder of the home, with nsbox in the PATH; both streams are one, as at a terminal.
pub fn typed(host: &Host, folder: &str, line: &str) -> Ran {
    let script = format!("nsbox() {{ {} \"$@\"; }}; exec 2>&1; {line}", host.nsbox().display());
    let mut command = host.command("bash");
    command.args(["-c", &script]).current_dir(host.home().join(folder));
    Ran::of(command)
}

impl Example {
    /// Runs the example, and holds what it prints to what is shown, in this order.
    #[track_caller]
    pub fn prints_what_is_shown(&self, host: &Host, folder: &str) {
        let ran = typed(host, folder, &self.command);
        let printed: Vec<&str> = ran.stdout.lines().map(str::trim_end).collect();
        let mut rest = printed.as_slice();
        // `...` stands for what differs between machines.
        for wanted in self.shown.iter().filter(|line| line.trim() != "...") {
            let at = rest.iter().position(|line| fits(wanted, line));
            let at = at.unwrap_or_else(|| panic!("`{}` does not print {wanted:?}: {ran}", self.command));
            rest = &rest[at + 1..];
        }
    }
}

/// Whether a line is the one that is shown, `...` in that standing for anything.
fn fits(shown: &str, line: &str) -> bool {
    match shown.split_once("...") {
        None => shown == line,
        Some((start, end)) => line.len() >= start.len() + end.len() && line.starts_with(start) && line.ends_with(end),
    }
}
