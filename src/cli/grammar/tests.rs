//! The parser's loop and clap's grammar give the same answers on the same words.

use super::whole;
use crate::cli::commands::{self, Command, Operands, Verb};
use crate::cli::flags::{Flag, Meaning};
use crate::cli::invocation::{Inquiry, Invocation, Run, Verbosity, Verification, View};
use crate::cli::parse::{parse, shell, split_assignment};
use crate::cli::settle;
use clap::ArgMatches;
use clap::error::ErrorKind;
use nsbox::frontend::profile::{Request, Setting, SettingValue};
use proptest::prelude::*;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// What both sides can be compared by.
#[derive(Debug, PartialEq)]
enum Answer {
    Done(Invocation),
    Help,
    Version,
    Refused,
}

fn of_the_loop(words: &[OsString]) -> Answer {
    match parse(words.to_vec()) {
        Ok(Invocation::Help(..)) => Answer::Help,
        Ok(Invocation::Version) => Answer::Version,
        // Clap sees no difference between no words and a run without a command.
        Ok(Invocation::Nothing) => Answer::Done(Invocation::Run(Run::default())),
        Ok(invocation) => Answer::Done(invocation),
        Err(_) => Answer::Refused,
    }
}

fn of_clap(words: &[OsString]) -> Answer {
    let program = [OsString::from("nsbox")];
    match whole().try_get_matches_from(program.iter().chain(words)) {
        Ok(matches) => match matches.subcommand() {
            Some((name, inner)) => read(commands::named(name).expect("a command"), inner),
            None => read(commands::IMPLIED, &matches),
        },
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp => Answer::Help,
            ErrorKind::DisplayVersion => Answer::Version,
            _ => Answer::Refused,
        },
    }
}

fn read(command: &'static Command, matches: &ArgMatches) -> Answer {
    let given = matches.try_get_many("words").ok().flatten();
    let words: Vec<OsString> = given.map(|words| words.cloned().collect()).unwrap_or_default();
    if words.len() > 1 && matches!(command.operands, Operands::Calls | Operands::Profile) {
        return Answer::Refused;
    }
    let profile = || matches.try_get_one::<OsString>("--profile").ok().flatten().cloned();
    let unsettled = || {
        let settings = settings(command, matches)?;
        let verbosity = last(command, matches, Verbosity::Normal, |meaning| match meaning {
            Meaning::Say(verbosity) => Some(verbosity),
            _ => None,
        });
        let descriptors = matches
            .try_get_many("--keep-fd")
            .ok()
            .flatten()
            .map(|numbers| numbers.copied().collect())
            .unwrap_or_default();
        let status = matches.try_get_one("--status-fd").ok().flatten().copied();
        let plan = matches.try_get_one("--plan-fd").ok().flatten().copied();
        let request = Request { profile: profile(), settings, argv: words.clone(), descriptors };
        Some(Run { request, plan, verbosity, status })
    };
    let run = || settle::run(unsettled()?).ok();
    let view = || {
        last(command, matches, View::Explanation, |meaning| match meaning {
            Meaning::Show(view) => Some(view),
            _ => None,
        })
    };
    let invocation = (|| match command.verb {
        Verb::Run => run().map(Invocation::Run),
        Verb::Plan if matches.get_flag("--diff") => settle::comparison(unsettled()?, view()).ok().map(Invocation::Diff),
        Verb::Plan => run().map(|run| Invocation::Plan(run, view())),
        Verb::Profiles => Some(Invocation::Profiles(words.first().cloned())),
        Verb::Syscalls => unsettled().map(|Run { request, .. }| {
            let request = Request { argv: vec![], ..request };
            Invocation::Syscalls(Inquiry { calls: words.first().cloned(), request })
        }),
        Verb::Desktop => {
            settle::entries(words.clone(), profile(), matches.get_flag("--command")).ok().map(Invocation::Desktop)
        }
        Verb::Completions => words.first().and_then(|word| shell(word)).map(Invocation::Completions),
        Verb::Check => Some(Invocation::Check(words.iter().map(Into::into).collect())),
        Verb::Doctor => Some(Invocation::Doctor(view())),
        Verb::Verify => unsettled().map(|run| Invocation::Verify(Verification { run, view: view() })),
    })();
    invocation.map_or(Answer::Refused, Answer::Done)
}

/// The settings, in the order they were typed.
fn settings(command: &'static Command, matches: &ArgMatches) -> Option<Vec<Setting>> {
    let mut found = Vec::new();
    for flag in command.flags() {
        let key = match flag.meaning {
            Meaning::Key(key, _) => key,
            Meaning::Set => "",
            _ => continue,
        };
        let values = matches.get_many::<OsString>(flag.name).into_iter().flatten();
        for (index, value) in matches.indices_of(flag.name).into_iter().flatten().zip(values) {
            found.push((index, setting(flag, key, value)?));
        }
    }
    found.sort_by_key(|(index, _)| *index);
    Some(found.into_iter().map(|(_, setting)| setting).collect())
}

fn setting(flag: &Flag, key: &str, value: &OsString) -> Option<Setting> {
    let (key, value) = match flag.meaning {
        Meaning::Set => split_assignment(value)?,
        _ => (key.to_owned(), SettingValue::Word(value.clone())),
    };
    Some(Setting { flag: flag.name.into(), key, value })
}

/// The one that was typed last of several that contradict each other.
fn last<T: Copy>(command: &Command, matches: &ArgMatches, default: T, pick: impl Fn(Meaning) -> Option<T>) -> T {
    let typed = command.flags().filter_map(|flag| {
        let value = pick(flag.meaning)?;
        matches.get_flag(flag.name).then(|| (matches.indices_of(flag.name).and_then(Iterator::last), value))
    });
    typed.max_by_key(|(index, _)| *index).map_or(default, |(_, value)| value)
}

fn word() -> impl Strategy<Value = OsString> {
    let all = commands::ALL.iter().flat_map(Command::flags).collect::<Vec<_>>();
    let names: Vec<OsString> = all.iter().map(|flag| flag.name.into()).collect();
    let attached: Vec<OsString> = all.iter().map(|flag| format!("{}=a=b", flag.name).into()).collect();
    let own: Vec<OsString> = commands::ALL.iter().map(|command| command.name.into()).collect();
    let plain = [
        "bash", "/srv", "a=b", "=", "", "-", "--", "-q", "-v", "-qv", "-x", "--raed", "--read=", "--=", "-1", "3",
        "07", "add", "list", "remove",
    ];
    let odd = OsString::from_vec(b"caf\xe9".to_vec());
    prop_oneof![
        3 => prop::sample::select(names),
        2 => prop::sample::select(attached),
        1 => prop::sample::select(own),
        4 => prop::sample::select(plain.map(OsString::from).to_vec()),
        1 => Just(odd),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_loop_and_the_grammar_agree(words in prop::collection::vec(word(), 0..7)) {
        prop_assert_eq!(of_the_loop(&words), of_clap(&words), "{:?}", words);
    }
}

#[test]
fn the_grammar_is_sound() {
    whole().debug_assert();
}
