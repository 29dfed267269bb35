//! The command line as clap knows it, made from the same tables: the parser's loop is held to it.

use super::commands::{self, Command, Operands};
use super::flags::{Flag, Meaning, Repeated, Use};
use super::parse::{descriptor, shell, split_assignment};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, value_parser};
use std::ffi::OsString;

/// The whole grammar.
pub fn whole() -> clap::Command {
    with_words(clap::Command::new("nsbox"), commands::IMPLIED)
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true)
        .args_conflicts_with_subcommands(true)
        .subcommands(commands::ALL.iter().map(own_command))
}

fn own_command(command: &'static Command) -> clap::Command {
    with_words(clap::Command::new(command.name), command)
}

/// Adds the flags and the operands of a command.
fn with_words(grammar: clap::Command, command: &'static Command) -> clap::Command {
    let mut grammar = grammar.disable_help_flag(true).disable_version_flag(true).args_override_self(true);
    for group in command.groups {
        grammar = grammar.args(group.flags.iter().map(option));
    }
    let word = Arg::new("words").value_parser(value_parser!(OsString));
    match command.operands {
        Operands::Nothing => grammar,
        Operands::Command => grammar.arg(word.num_args(1..).trailing_var_arg(true)),
        Operands::Files => grammar.arg(word.num_args(1..).required(true)),
        Operands::Entries => grammar.arg(word.num_args(0..).action(ArgAction::Append)),
        Operands::Shell => {
            let known = OsStringValueParser::new().try_map(|word| shell(&word).map(|_| word).ok_or("no shell"));
            grammar.arg(word.value_parser(known).required(true))
        }
        // All that are typed, or the last one would take the place of the first.
        Operands::Calls | Operands::Profile => grammar.arg(word.num_args(0..=1).action(ArgAction::Append)),
    }
}

fn option(flag: &'static Flag) -> Arg {
    let arg = Arg::new(flag.name).long(&flag.name[2..]);
    let arg = match flag.short {
        Some(letter) => arg.short(letter),
        None => arg,
    };
    let valued = |arg: Arg| arg.value_parser(value_parser!(OsString));
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
        Meaning::Say(_) | Meaning::Show(_) | Meaning::Diff | Meaning::Launcher => arg.action(ArgAction::SetTrue),
        Meaning::Help => arg.action(ArgAction::Help),
        Meaning::Version => arg.action(ArgAction::Version),
    }
}

/// Lets an assignment through as it is.
fn assignment(word: OsString) -> Result<OsString, &'static str> {
    split_assignment(&word).map(|_| word.clone()).ok_or("no assignment")
}

mod tests;
