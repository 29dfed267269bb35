//! The short loop that reads a command line; it lies on the way of every launch, so it does no more than the table asks.
//!
//! The first word that is no option ends the options: it and all after it belong to the command, untouched. Nothing
//! there can be taken for an option of nsbox, whatever it looks like.

use super::commands::{self, Command, Operands, Verb};
use super::completions::Shell;
use super::flags::{Flag, Meaning, Repeated, Use};
use super::invocation::{Detail, Inquiry, Invocation, Run, Verification, View};
use super::{misuse, settle};
use lexopt::{Arg, Parser};
use nsbox::error::Diagnostic;
use nsbox::frontend::profile::{Setting, SettingValue};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Reads the words after the program's own name.
///
/// # Errors
/// The first thing that is wrong with them.
pub fn parse(words: Vec<OsString>) -> Result<Invocation, Diagnostic> {
    let Some(first) = words.first() else { return Ok(Invocation::Nothing) };
    let named = first.to_str().and_then(commands::named);
    let rest = words.into_iter().skip(usize::from(named.is_some()));
    let mut line = Line::new(named, Parser::from_args(rest));
    while let Some(next) = line.next()? {
        match next {
            Next::Flag(flag, detail) => match flag.meaning {
                Meaning::Help => return Ok(Invocation::Help(named.map(|command| command.name), detail)),
                Meaning::Version => return Ok(Invocation::Version),
                _ => line.apply(flag)?,
            },
            Next::Word(word) => line.take(word)?,
        }
    }
    line.finish()
}

/// A command line as far as it was read.
struct Line {
    command: &'static Command,
    parser: Parser,
    run: Run,
    view: View,
    diff: bool,
    files: Vec<PathBuf>,
    launcher: bool,
    entries: Vec<OsString>,
    calls: Option<OsString>,
    shell: Option<Shell>,
}

/// What the parser found next.
enum Next {
    Flag(&'static Flag, Detail),
    Word(OsString),
}

impl Line {
    fn new(named: Option<&'static Command>, parser: Parser) -> Self {
        let command = named.unwrap_or(commands::IMPLIED);
        Self {
            command,
            parser,
            run: Run::default(),
            view: View::default(),
            diff: false,
            files: Vec::new(),
            launcher: false,
            entries: Vec::new(),
            calls: None,
            shell: None,
        }
    }

    fn next(&mut self) -> Result<Option<Next>, Diagnostic> {
        // A word like `-profile` is read letter by letter; only the whole of it tells what was meant.
        let whole =
            self.parser.try_raw_args().and_then(|rest| rest.peek().filter(|w| is_cluster(w)).map(OsStr::to_owned));
        let command = self.command;
        let (flag, detail) = match self.parser.next().map_err(|error| misuse::unreadable(&error))? {
            None => return Ok(None),
            Some(Arg::Value(word)) => return Ok(Some(Next::Word(word))),
            Some(Arg::Long(name)) => {
                let flag = command.flags().find(|flag| flag.name[2..] == *name);
                (flag.ok_or_else(|| misuse::unknown_flag(command, name))?, Detail::Long)
            }
            Some(Arg::Short(letter)) => {
                let flag = command.flags().find(|flag| flag.short == Some(letter));
                (flag.ok_or_else(|| misuse::unknown_letter(command, letter, whole.as_deref()))?, Detail::Short)
            }
        };
        if flag.value.is_none() && detail == Detail::Long {
            self.parser.optional_value().map_or(Ok(()), |value| Err(misuse::value_for_switch(flag.name, &value)))?;
        }
        Ok(Some(Next::Flag(flag, detail)))
    }

    /// Does what a flag says, with its value if it has one.
    fn apply(&mut self, flag: &'static Flag) -> Result<(), Diagnostic> {
        if flag.value.is_some() {
            let value = self.value(flag)?;
            return self.say(flag, value);
        }
        match flag.meaning {
            Meaning::Say(verbosity) => self.run.verbosity = verbosity,
            Meaning::Show(view) => self.view = view,
            Meaning::Diff => self.diff = true,
            Meaning::Launcher => self.launcher = true,
            _ => {}
        }
        Ok(())
    }

    /// Notes what a flag with a value says about the sandbox.
    fn say(&mut self, flag: &'static Flag, value: OsString) -> Result<(), Diagnostic> {
        let request = &mut self.run.request;
        let (key, value) = match flag.meaning {
            Meaning::Profile => {
                request.profile = Some(value);
                return Ok(());
            }
            Meaning::Set => split_assignment(&value).ok_or_else(|| misuse::no_assignment(&value))?,
            Meaning::Key(key, repeated) => {
                if repeated == Repeated::Replaces {
                    request.settings.retain(|setting| *setting.flag != *flag.name);
                }
                (key.to_owned(), SettingValue::Word(value))
            }
            Meaning::Descriptor(what_for) => {
                let number =
                    descriptor(&value, what_for).ok_or_else(|| misuse::no_descriptor(flag, &value, what_for))?;
                match what_for {
                    Use::Keep => request.descriptors.push(number),
                    Use::Status => self.run.status = Some(number),
                    Use::Plan => self.run.plan = Some(number),
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        request.settings.push(Setting { flag: flag.name.into(), key, value });
        Ok(())
    }

    /// Takes a flag's value: after its equals sign, or the next word, unless that looks like an option.
    fn value(&mut self, flag: &'static Flag) -> Result<OsString, Diagnostic> {
        if let Some(value) = self.parser.optional_value() {
            return Ok(value);
        }
        match self.parser.value() {
            Ok(word) if is_option(&word) => Err(misuse::option_for_value(flag, &word)),
            Ok(word) => Ok(word),
            Err(_) => Err(misuse::no_value(flag)),
        }
    }

    /// Takes a word that is no option.
    fn take(&mut self, word: OsString) -> Result<(), Diagnostic> {
        match self.command.operands {
            Operands::Command => {
                let argv = &mut self.run.request.argv;
                argv.push(word);
                argv.extend(self.parser.raw_args().map_err(|error| misuse::unreadable(&error))?);
            }
            Operands::Files => self.files.push(word.into()),
            Operands::Entries => self.entries.push(word),
            Operands::Shell if self.shell.is_none() => {
                self.shell = Some(shell(&word).ok_or_else(|| misuse::no_shell(Some(&word)))?);
            }
            Operands::Profile if self.run.request.profile.is_none() => self.run.request.profile = Some(word),
            Operands::Calls if self.calls.is_none() => self.calls = Some(word),
            Operands::Profile | Operands::Calls | Operands::Shell => {
                return Err(misuse::unexpected_word(self.command, &word));
            }
            Operands::Nothing => return Err(misuse::no_word(self.command, &word)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Invocation, Diagnostic> {
        match self.command.verb {
            Verb::Run => settle::run(self.run).map(Invocation::Run),
            Verb::Plan if self.diff => settle::comparison(self.run, self.view).map(Invocation::Diff),
            Verb::Plan => settle::run(self.run).map(|run| Invocation::Plan(run, self.view)),
            Verb::Profiles => Ok(Invocation::Profiles(self.run.request.profile)),
            Verb::Syscalls => Ok(Invocation::Syscalls(Inquiry { calls: self.calls, request: self.run.request })),
            Verb::Doctor => Ok(Invocation::Doctor(self.view)),
            Verb::Verify => Ok(Invocation::Verify(Verification { run: self.run, view: self.view })),
            Verb::Desktop => {
                settle::entries(self.entries, self.run.request.profile, self.launcher).map(Invocation::Desktop)
            }
            Verb::Completions => self.shell.map(Invocation::Completions).ok_or_else(|| misuse::no_shell(None)),
            Verb::Check if self.files.is_empty() => Err(misuse::no_file()),
            Verb::Check => Ok(Invocation::Check(self.files)),
        }
    }
}

/// The shell of that name.
pub fn shell(word: &OsStr) -> Option<Shell> {
    Shell::ALL.iter().find(|(name, _)| word == *name).map(|(_, shell)| *shell)
}

/// The number of a descriptor, in plain digits.
pub fn descriptor(word: &OsStr, what_for: Use) -> Option<i32> {
    let digits = word.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|number| what_for.allows(*number))
}

/// Whether a word would be read as an option, or as the end of them.
fn is_option(word: &OsStr) -> bool {
    word.len() > 1 && word.as_bytes()[0] == b'-'
}

/// Whether a word is one dash and more than one letter.
fn is_cluster(word: &OsStr) -> bool {
    is_option(word) && word.len() > 2 && word.as_bytes()[1] != b'-'
}

/// Splits `KEY=VALUE` at the first equals sign that no quotes enclose; both parts must be text, as TOML is.
pub fn split_assignment(word: &OsStr) -> Option<(String, SettingValue)> {
    let text = word.to_str()?;
    let mut quote = None;
    let at = text.char_indices().find_map(|(i, c)| {
        match (quote, c) {
            (None, '=') => return Some(i),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        None
    })?;
    let key = &text[..at];
    (!key.trim().is_empty()).then(|| (key.to_owned(), SettingValue::Toml(text[at + 1..].to_owned())))
}

#[cfg(test)]
mod tests;
