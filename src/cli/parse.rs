//! The short loop that reads a command line; it lies on the way of every launch, so it does no more than the table asks.
//!
//! The first word that is no option ends the options: it and all after it belong to the command, untouched. Nothing
//! there can be taken for an option of nsbox, whatever it looks like.

use super::commands::{self, Command, Operands, Verb};
use super::completions::Shell;
use super::flags::{Flag, Meaning, Repeated, Use};
use super::invocation::{Comparison, Detail, Invocation, Run, View};
use super::misuse;
use lexopt::{Arg, Parser};
use nsbox::error::Diagnostic;
use nsbox::frontend::profile::{Request, Setting, SettingValue};
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
            Operands::Shell if self.shell.is_none() => {
                self.shell = Some(shell(&word).ok_or_else(|| misuse::no_shell(Some(&word)))?);
            }
            Operands::Profile if self.run.request.profile.is_none() => self.run.request.profile = Some(word),
            Operands::Profile | Operands::Shell => return Err(misuse::unexpected_word(self.command, &word)),
        }
        Ok(())
    }

    fn finish(self) -> Result<Invocation, Diagnostic> {
        match self.command.verb {
            Verb::Run => settle(self.run).map(Invocation::Run),
            Verb::Plan if self.diff => settle_diff(self.run, self.view).map(Invocation::Diff),
            Verb::Plan => settle(self.run).map(|run| Invocation::Plan(run, self.view)),
            Verb::Profiles => Ok(Invocation::Profiles(self.run.request.profile)),
            Verb::Completions => self.shell.map(Invocation::Completions).ok_or_else(|| misuse::no_shell(None)),
            Verb::Check if self.files.is_empty() => Err(misuse::no_file()),
            Verb::Check => Ok(Invocation::Check(self.files)),
        }
    }
}

/// Lets a run through whose flags do not contradict each other.
pub fn settle(run: Run) -> Result<Run, Diagnostic> {
    let Request { profile, settings, descriptors, .. } = &run.request;
    let described = profile.as_ref().map(|_| "--profile").or(settings.first().map(|setting| &*setting.flag));
    let described = described.or(descriptors.first().map(|_| "--keep-fd"));
    match (run.status, run.plan, described) {
        (_, Some(_), Some(flag)) => Err(misuse::beside_a_plan(flag)),
        (Some(number), Some(plan), _) if plan == number => Err(misuse::two_uses("--plan-fd", "--status-fd", number)),
        (Some(number), ..) if descriptors.contains(&number) => {
            Err(misuse::two_uses("--keep-fd", "--status-fd", number))
        }
        _ => Ok(run),
    }
}

/// Lets a comparison through that names two profiles, and none beside them.
pub fn settle_diff(mut run: Run, view: View) -> Result<Comparison, Diagnostic> {
    let beside = [
        ("--profile", run.request.profile.is_some()),
        ("--plan-fd", run.plan.is_some()),
        ("--steps", view == View::Steps),
    ];
    if let Some((flag, _)) = beside.iter().find(|(_, given)| *given) {
        return Err(misuse::beside_a_diff(flag));
    }
    let words = std::mem::take(&mut run.request.argv);
    let profiles = words.try_into().map_err(|words: Vec<_>| misuse::not_two(&words))?;
    Ok(Comparison { profiles, run, view })
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
mod tests {
    use super::parse;
    use crate::cli::invocation::{Detail, Invocation, Run, Verbosity, View};
    use nsbox::frontend::profile::{Setting, SettingValue};
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn run(line: &str) -> Run {
        match parse(words(line)) {
            Ok(Invocation::Run(run)) => run,
            other => panic!("`{line}` is no run: {other:?}"),
        }
    }

    fn refused(line: &str) -> (String, String) {
        let problem = parse(words(line)).expect_err(line);
        (problem.message, problem.hint.unwrap_or_default())
    }

    #[test]
    fn what_follows_the_command_belongs_to_it() {
        assert_eq!(run("bash").request.argv, words("bash"));
        assert_eq!(run("ls --help -- -q plan").request.argv, words("ls --help -- -q plan"));
        assert_eq!(run("-q -- ls").request.argv, words("ls"));
        assert_eq!(run("-- --help").request.argv, words("--help"));
        assert_eq!(run("-- -- x").request.argv, words("-- x"));
        assert_eq!(run("- --quiet").request.argv, words("- --quiet"));
    }

    #[test]
    fn only_the_first_word_names_a_command_of_nsbox() {
        assert_eq!(run("run plan").request.argv, words("plan"));
        assert_eq!(run("--profile shell profiles").request.argv, words("profiles"));
        assert_eq!(run("-- plan").request.argv, words("plan"));
        assert_eq!(run("-q check").request.argv, words("check"));
        assert_eq!(parse(words("profiles")), Ok(Invocation::Profiles(None)));
        assert_eq!(parse(words("profiles base")), Ok(Invocation::Profiles(Some("base".into()))));
        assert_eq!(parse(words("check a b")), Ok(Invocation::Check(vec!["a".into(), "b".into()])));
        assert!(matches!(parse(words("plan run")), Ok(Invocation::Plan(run, _)) if run.request.argv == words("run")));
    }

    #[test]
    fn words_need_not_be_text() {
        let odd = OsString::from_vec(b"caf\xe9".to_vec());
        let line = vec!["--read".into(), odd.clone(), odd.clone(), odd.clone()];
        let Ok(Invocation::Run(run)) = parse(line) else { panic!("no run") };
        assert_eq!(run.request.argv, [odd.clone(), odd.clone()]);
        assert_eq!(run.request.settings[0].value, SettingValue::Word(odd));
    }

    #[test]
    fn flags_become_settings_in_their_order() {
        let run = run("--profile build --read /a --write=/b:/c --network host --read /d --network=none make");
        let setting = |flag: &str, key: &str, value: &str| Setting {
            flag: flag.into(),
            key: key.into(),
            value: SettingValue::Word(value.into()),
        };
        assert_eq!(run.request.profile, Some("build".into()));
        let expected = [
            setting("--read", "filesystem.read", "/a"),
            setting("--write", "filesystem.write", "/b:/c"),
            setting("--read", "filesystem.read", "/d"),
            setting("--network", "network.mode", "none"),
        ];
        assert_eq!(run.request.settings, expected);
    }

    #[test]
    fn set_splits_outside_of_quotes() {
        let set = |word: &str| {
            let Ok(Invocation::Run(run)) = parse(vec!["--set".into(), word.into()]) else { panic!("no run") };
            (run.request.settings[0].key.clone(), run.request.settings[0].value.clone())
        };
        assert_eq!(set("network.mode=\"host\""), ("network.mode".into(), SettingValue::Toml("\"host\"".into())));
        assert_eq!(set("a.\"b=c\"=1"), ("a.\"b=c\"".into(), SettingValue::Toml("1".into())));
        assert_eq!(set("a=b=c"), ("a".into(), SettingValue::Toml("b=c".into())));
        assert!(refused("--set x").0.contains("no assignment"));
        assert!(refused("--set =x").0.contains("no assignment"));
    }

    #[test]
    fn the_last_of_two_that_contradict_each_other_counts() {
        assert_eq!(run("-q -v x").verbosity, Verbosity::Verbose);
        assert_eq!(run("-vq x").verbosity, Verbosity::Quiet);
        assert_eq!(run("--profile a --profile b x").request.profile, Some("b".into()));
        assert_eq!(run("--status-fd 3 --status-fd 4 --keep-fd 3 x").status, Some(4));
        assert!(matches!(parse(words("plan --json --steps")), Ok(Invocation::Plan(_, View::Steps))));
    }

    #[test]
    fn a_descriptor_is_a_plain_number_beyond_the_standard_streams() {
        assert_eq!(run("--keep-fd 3 --keep-fd=12 x").request.descriptors, [3, 12]);
        for word in ["0", "2", "-3", "+3", "3.0", "0x3", "", "99999999999", "2147483648"] {
            assert!(refused(&format!("--keep-fd={word} x")).0.starts_with("`--keep-fd` takes the number"), "{word}");
            assert!(
                refused(&format!("--status-fd={word} x")).0.starts_with("`--status-fd` takes the number"),
                "{word}"
            );
        }
    }

    #[test]
    fn help_and_version_come_before_everything_else() {
        assert_eq!(parse(vec![]), Ok(Invocation::Nothing));
        assert_eq!(parse(words("-h")), Ok(Invocation::Help(None, Detail::Short)));
        assert_eq!(parse(words("--quiet --help x")), Ok(Invocation::Help(None, Detail::Long)));
        assert_eq!(parse(words("plan -h")), Ok(Invocation::Help(Some("plan"), Detail::Short)));
        assert_eq!(parse(words("-V")), Ok(Invocation::Version));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_remedy() {
        let cases = [
            ("--raed x", "unknown option `--raed`", "did you mean `--read`?"),
            ("--frobnicate", "unknown option `--frobnicate`", "`nsbox -h` lists the options"),
            ("plan --frobnicate", "unknown option `--frobnicate`", "`nsbox plan -h` lists the options"),
            ("--json x", "unknown option `--json`", "`--json` is an option of `nsbox plan`"),
            ("-profile shell", "unknown option `-p`", "did you mean `--profile`?"),
            ("-x", "unknown option `-x`", "`nsbox -h` lists the options"),
            ("--quiet=1", "`--quiet` takes no value", "it was given `1`"),
            ("--help=1", "`--help` takes no value", "it was given `1`"),
            ("--read", "`--read` needs a value", "`--read PATH[:INSIDE]`"),
            (
                "--hide -- x",
                "`--hide` needs a value, and `--` looks like an option",
                "`--hide PATH`; a value that begins with a dash is written `--hide=--`",
            ),
            (
                "profiles x y",
                "`nsbox profiles` takes one name, and `y` is a second",
                "to run a command called `profiles`: `nsbox run profiles ...`",
            ),
            ("check", "no profile to check", "name its file: `nsbox check ./build.toml`"),
            (
                "--keep-fd x",
                "`--keep-fd` takes the number of an open descriptor from 3 up, not `x`",
                "0, 1 and 2 are the command's own; a shell opens another with `3< FILE` or `3> FILE`",
            ),
            (
                "--keep-fd 5 --keep-fd 4 --status-fd 5 x",
                "`--keep-fd 5` and `--status-fd 5` name the same descriptor",
                "open one for each",
            ),
            (
                "--plan-fd 1",
                "`--plan-fd` takes the number of an open descriptor, 0 or from 3 up, not `1`",
                "1 and 2 are the command's own; a shell opens another with `3< FILE` or `3> FILE`",
            ),
            (
                "--plan-fd 5 --status-fd 5 x",
                "`--plan-fd 5` and `--status-fd 5` name the same descriptor",
                "open one for each",
            ),
            (
                "--profile strict --read /srv --plan-fd 3 x",
                "`--plan-fd` brings the whole sandbox, so `--profile` cannot stand beside it",
                "say it where the plan is made: `nsbox plan --json --profile ...`",
            ),
            (
                "plan --plan-fd 3 --set a=1 --keep-fd 4 x",
                "`--plan-fd` brings the whole sandbox, so `--set` cannot stand beside it",
                "say it where the plan is made: `nsbox plan --json --set ...`",
            ),
            (
                "--plan-fd 3 --keep-fd 4 x",
                "`--plan-fd` brings the whole sandbox, so `--keep-fd` cannot stand beside it",
                "say it where the plan is made: `nsbox plan --json --keep-fd ...`",
            ),
            (
                "plan --diff shell",
                "`--diff` compares two profiles, and 1 is named",
                "`nsbox plan --diff shell ./build.toml`",
            ),
            (
                "plan --diff shell strict --read /srv",
                "`--diff` compares two profiles, and 4 words follow",
                "options come before the two: `nsbox plan --diff --read /srv shell strict`",
            ),
            (
                "plan --diff --profile shell base strict",
                "`--diff` names its own profiles, so `--profile` cannot stand beside it",
                "`nsbox plan --diff shell ./build.toml`",
            ),
            (
                "plan --diff --plan-fd 3 base strict",
                "`--diff` names its own profiles, so `--plan-fd` cannot stand beside it",
                "`nsbox plan --diff shell ./build.toml`",
            ),
            ("plan --diff --steps base strict", "`--diff` and `--steps` show two different things", "name one of them"),
            ("--diff a b", "unknown option `--diff`", "`--diff` is an option of `nsbox plan`"),
            ("completions", "no shell to complete for", "`nsbox completions bash`, `zsh` or `fish`"),
            ("completions csh", "nothing is known of the shell `csh`", "`nsbox completions bash`, `zsh` or `fish`"),
            (
                "completions zsh fish",
                "`nsbox completions` takes one name, and `fish` is a second",
                "to run a command called `completions`: `nsbox run completions ...`",
            ),
            ("plan --status-fd 3 x", "unknown option `--status-fd`", "`--status-fd` is an option of `nsbox run`"),
        ];
        for (line, message, hint) in cases {
            assert_eq!(refused(line), (message.into(), hint.into()), "{line}");
        }
    }
}
