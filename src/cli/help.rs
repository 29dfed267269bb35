//! `--help`, `-h` and `--version`, and what is said where nothing was asked; made from the tables of commands and flags.

use super::commands::{self, Command, Operands};
use super::flags::Flag;
use super::invocation::Detail;
use super::layout::{self, Line, Section};
use super::output;
use super::stop::Stop;
use super::terminal::{Role, Target};
use super::text::wrap;

const ABOUT: &str = "Runs one command in a sandbox, as an ordinary user.";
const EXAMPLES: &str = "\
Examples:
  nsbox bash                     a shell: the system read-only, an empty home
  nsbox --write . make           make may change this folder, and no other
  nsbox --network host curl URL  reaches the network
  nsbox plan --write . make      says what the second would do, without doing it
";
const MORE: &str = "`nsbox --help` says more, nsbox(1) everything, and nsbox-profile(5) what a profile can say.";
const EXIT_STATUS: &str = "\
Exit status:
  that of the command, or 128 and the signal's number if a signal ended it;
  127 if the command was not found, 126 if it cannot be executed,
  125 if nsbox itself failed, 124 if the command's time was up
";
/// Where the long help begins to say what an option does.
const INDENT: usize = 10;

/// Prints the help of nsbox, or of one of its commands.
///
/// # Errors
/// Where standard output cannot be written.
pub fn show(of: Option<&str>, detail: Detail) -> Result<(), Stop> {
    output::print(&help(of, detail, Target::output()))
}

/// Prints the version.
///
/// # Errors
/// Where standard output cannot be written.
pub fn version() -> Result<(), Stop> {
    output::print(concat!("nsbox ", env!("CARGO_PKG_VERSION"), "\n"))
}

/// The help as text: paragraphs, an empty line between two.
pub fn help(of: Option<&str>, detail: Detail, target: Target) -> String {
    let own = of.and_then(commands::named);
    let (command, usage) =
        own.map_or_else(|| (commands::IMPLIED, usage()), |command| (command, command.usage.to_owned()));
    let about = match (own, detail) {
        (None, _) => ABOUT.to_owned(),
        (Some(command), Detail::Short) => command.help.to_owned(),
        (Some(command), Detail::Long) => long(command.help, command.more),
    };
    let mut paragraphs = vec![indented(&about, 0, target), format!("Usage: {usage}\n")];
    if own.is_none() {
        let rows = commands::ALL.iter().map(|command| row(command.name, command.help)).collect();
        paragraphs.push(layout::lay_out(&[Section::new("Commands:", rows)], target));
    }
    for groups in command.groups.chunk_by(|one, next| one.heading == next.heading) {
        let flags = groups.iter().flat_map(|group| group.flags);
        paragraphs.push(options(groups[0].heading, flags.map(option), detail, target));
    }
    if let Some(word) = operand(command) {
        paragraphs.push(options("Arguments", [word].into_iter(), detail, target));
    }
    match (own, detail) {
        (None, Detail::Short) => paragraphs.extend([EXAMPLES.to_owned(), indented(MORE, 0, target)]),
        (None, Detail::Long) => paragraphs.extend([EXAMPLES.to_owned(), EXIT_STATUS.to_owned()]),
        (Some(_), _) => {}
    }
    paragraphs.join("\n")
}

/// The forms of the whole: the word of the command that is implied can be left out.
fn usage() -> String {
    let implied = commands::IMPLIED;
    let names: Vec<_> = commands::ALL.iter().map(|command| command.name).filter(|name| *name != implied.name).collect();
    let without = implied.usage.replacen(&format!("{} ", implied.name), "", 1);
    format!("{without}\n       nsbox {} ...", names.join("|"))
}

/// What is typed, a line that says what it does, and what there is to add.
type Entry = (String, &'static str, &'static str);

/// The entries under a heading: one line each, or, at length, with all there is to say below it.
fn options(heading: &str, entries: impl Iterator<Item = Entry>, detail: Detail, target: Target) -> String {
    let heading = format!("{heading}:");
    if detail == Detail::Short {
        let rows = entries.map(|(typed, help, _)| row(typed, help)).collect();
        return layout::lay_out(&[Section::new(heading, rows)], target);
    }
    let entries: Vec<_> = entries
        .map(|(typed, help, more)| format!("  {typed}\n{}", indented(&long(help, more), INDENT, target)))
        .collect();
    format!("{}\n{}", target.paint.apply(Role::Heading, &heading), entries.join("\n"))
}

fn row(typed: impl Into<String>, help: &str) -> Line {
    Line { label: typed.into(), ..Line::new(help) }
}

fn option(flag: &Flag) -> Entry {
    let short = flag.short.map_or("    ".to_owned(), |letter| format!("-{letter}, "));
    let value = flag.value.map_or(String::new(), |value| format!(" <{value}>"));
    (format!("{short}{}{value}", flag.name), flag.help, flag.more)
}

/// What the words of a command are that are no options.
fn operand(command: &Command) -> Option<Entry> {
    let (word, help) = match command.operands {
        Operands::Nothing => return None,
        Operands::Command => ("[COMMAND]...", "The command to run, and its arguments [default: the profile's own]"),
        Operands::Files => ("<FILE>...", "Profiles to check"),
        Operands::Entries => ("<add|list|remove> [NAME|FILE]...", "What to do with which desktop entries"),
        Operands::Shell => ("<SHELL>", "bash, zsh or fish"),
        Operands::Calls => ("[NAME|NUMBER|@GROUP]", "A system call, or a group of them [default: list the groups]"),
        Operands::Profile => ("[NAME|FILE]", "The profile to print [default: list all]"),
    };
    Some((word.to_owned(), help, ""))
}

/// The first line of a help, and what there is to add.
fn long(help: &str, more: &str) -> String {
    if more.is_empty() { help.to_owned() } else { format!("{help}.\n\n{more}") }
}

/// A text, wrapped, with every line that is not empty moved to the right.
fn indented(text: &str, indent: usize, target: Target) -> String {
    let room = layout::width(target) - indent;
    let lines = text.lines().flat_map(|line| wrap(line, room));
    lines.map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{:indent$}{line}\n", "") }).collect()
}

#[cfg(test)]
mod tests {
    use super::{EXAMPLES, EXIT_STATUS, help};
    use crate::cli::commands;
    use crate::cli::invocation::Detail;
    use crate::cli::terminal::{Paint, Target};

    fn plain(of: Option<&str>, detail: Detail, width: usize) -> String {
        help(of, detail, Target { paint: Paint::Plain, width: Some(width) })
    }

    /// A text without its line breaks and columns.
    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_flag_is_in_the_help_of_its_command() {
        for command in commands::ALL {
            for detail in [Detail::Short, Detail::Long] {
                let help = words(&plain(Some(command.name), detail, 100));
                for flag in command.flags() {
                    let what = format!("{} in {}", flag.name, command.name);
                    assert!(help.contains(flag.name) && help.contains(&words(flag.help)), "{what}");
                    assert_eq!(
                        help.contains(&words(flag.more)),
                        detail == Detail::Long || flag.more.is_empty(),
                        "{what}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_command_is_in_the_help() {
        for detail in [Detail::Short, Detail::Long] {
            let help = words(&plain(None, detail, 100));
            for command in commands::ALL {
                assert!(help.contains(&format!("{} {}", command.name, words(command.help))), "{}", command.name);
            }
        }
    }

    #[test]
    fn it_fits_a_terminal_of_the_usual_width_and_the_examples_stand_as_they_are() {
        for detail in [Detail::Short, Detail::Long] {
            for of in commands::ALL.iter().map(|command| Some(command.name)).chain([None]) {
                let help = plain(of, detail, 80);
                assert!(help.lines().all(|line| line.chars().count() <= 80 && line.trim_end() == line), "{help}");
                assert!(!help.contains("\n\n\n") && help.ends_with('\n'), "{help}");
                let mut headings: Vec<_> = help.lines().filter(|line| line.ends_with(':')).collect();
                headings.sort_unstable();
                assert!(headings.is_sorted_by(|one, next| one < next), "{help}");
            }
            assert!(plain(None, detail, 80).contains(EXAMPLES));
        }
        assert!(plain(None, Detail::Long, 80).contains(EXIT_STATUS));
    }
}
