//! The command line as clap knows it, made from the same tables; it gives the help, and holds the parser's loop to account.

use super::commands::{self, Command, Operands};
use super::flags::{Flag, Meaning, Repeated, Use};
use super::invocation::Detail;
use super::parse::{descriptor, shell, split_assignment};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, value_parser};
use std::ffi::OsString;

const ABOUT: &str = "Runs one command in a sandbox, as an ordinary user.";
const EXAMPLES: &str = "\
Examples:
  nsbox bash                     a shell: the system read-only, an empty home
  nsbox --write . make           make may change this folder, and no other
  nsbox --network host curl URL  reaches the network
  nsbox plan --write . make      says what the second would do, without doing it";
const EXIT_STATUS: &str = "\
Exit status:
  that of the command, or 128 and the signal's number if a signal ended it;
  127 if the command was not found, 126 if it cannot be executed,
  125 if nsbox itself failed, 124 if the command's time was up";

/// Renders the help of nsbox, or of one of its commands, for a terminal of this width.
pub fn help(of: Option<&str>, detail: Detail, width: usize) -> String {
    let mut whole = whole().term_width(width);
    whole.build();
    let command = match of.and_then(|name| whole.find_subcommand_mut(name)) {
        Some(command) => command,
        None => &mut whole,
    };
    match detail {
        Detail::Short => command.render_help().to_string(),
        Detail::Long => command.render_long_help().to_string(),
    }
}

/// The whole grammar.
pub fn whole() -> clap::Command {
    with_words(clap::Command::new("nsbox"), commands::IMPLIED)
        .about(ABOUT)
        .override_usage(usage())
        .after_help(format!(
            "{EXAMPLES}\n\n`nsbox --help` says more, nsbox(1) everything, and nsbox-profile(5) what a profile can say."
        ))
        .after_long_help(format!("{EXAMPLES}\n\n{EXIT_STATUS}"))
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true)
        .args_conflicts_with_subcommands(true)
        .subcommands(commands::ALL.iter().map(own_command))
}

/// The forms of the whole: the word of the command that is implied can be left out.
fn usage() -> String {
    let implied = commands::IMPLIED;
    let names: Vec<_> = commands::ALL.iter().map(|command| command.name).filter(|name| *name != implied.name).collect();
    let without = implied.usage.replacen(&format!("{} ", implied.name), "", 1);
    format!("{without}\n       nsbox {} ...", names.join("|"))
}

fn own_command(command: &'static Command) -> clap::Command {
    with_words(clap::Command::new(command.name), command)
        .about(command.help)
        .long_about(long(command.help, command.more))
        .override_usage(command.usage)
}

/// Adds the flags and the operands of a command.
fn with_words(grammar: clap::Command, command: &'static Command) -> clap::Command {
    let mut grammar = grammar.disable_help_flag(true).disable_version_flag(true).args_override_self(true);
    for group in command.groups {
        grammar = grammar.next_help_heading(group.heading).args(group.flags.iter().map(option));
    }
    let word = Arg::new("words").value_parser(value_parser!(OsString)).help_heading("Arguments");
    match command.operands {
        Operands::Nothing => grammar,
        Operands::Command => grammar.arg(
            word.value_name("COMMAND")
                .num_args(1..)
                .trailing_var_arg(true)
                .help("The command to run, and its arguments [default: the profile's own]"),
        ),
        Operands::Files => grammar.arg(word.value_name("FILE").num_args(1..).required(true).help("Profiles to check")),
        Operands::Shell => {
            let known = OsStringValueParser::new().try_map(|word| shell(&word).map(|_| word).ok_or("no shell"));
            grammar.arg(word.value_name("SHELL").value_parser(known).required(true).help("bash, zsh or fish"))
        }
        Operands::Calls => grammar.arg(
            word.value_name("NAME|NUMBER|@GROUP")
                .num_args(0..=1)
                .help("A system call, or a group of them [default: list the groups]"),
        ),
        Operands::Profile => {
            grammar.arg(word.value_name("NAME|FILE").num_args(0..=1).help("The profile to print [default: list all]"))
        }
    }
}

fn option(flag: &'static Flag) -> Arg {
    let arg = Arg::new(flag.name).long(&flag.name[2..]).help(flag.help).long_help(long(flag.help, flag.more));
    let arg = match flag.short {
        Some(letter) => arg.short(letter),
        None => arg,
    };
    let valued = |arg: Arg| arg.value_name(flag.value.unwrap_or("VALUE")).value_parser(value_parser!(OsString));
    match flag.meaning {
        Meaning::Profile | Meaning::Key(_, Repeated::Replaces) => valued(arg).action(ArgAction::Set),
        Meaning::Key(_, Repeated::Adds) => valued(arg).action(ArgAction::Append),
        Meaning::Set => {
            valued(arg).action(ArgAction::Append).value_parser(OsStringValueParser::new().try_map(assignment))
        }
        Meaning::Descriptor(what_for) => {
            let number = move |word: OsString| descriptor(&word, what_for).ok_or("no descriptor");
            let action = if what_for == Use::Keep { ArgAction::Append } else { ArgAction::Set };
            valued(arg).action(action).value_parser(OsStringValueParser::new().try_map(number))
        }
        Meaning::Say(_) | Meaning::Show(_) | Meaning::Diff => arg.action(ArgAction::SetTrue),
        Meaning::Help => arg.action(ArgAction::Help),
        Meaning::Version => arg.action(ArgAction::Version),
    }
}

/// Lets an assignment through as it is.
fn assignment(word: OsString) -> Result<OsString, &'static str> {
    split_assignment(&word).map(|_| word.clone()).ok_or("no assignment")
}

/// The first line of a help, and what there is to add.
fn long(help: &str, more: &str) -> String {
    if more.is_empty() { help.to_owned() } else { format!("{help}.\n\n{more}") }
}

#[cfg(test)]
mod tests;
