//! Command lines, and what becomes of them.

use super::parse;
use crate::cli::invocation::{Addition, Detail, Entries, Invocation, Run, Verbosity, View};
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
fn what_is_done_with_desktop_entries_stands_before_their_names_and_options_stand_anywhere() {
    let add = |profile: Option<&str>, launcher| {
        Entries::Add(Addition { name: "x".into(), profile: profile.map(Into::into), launcher })
    };
    let entries = |line: &str| match parse(words(line)) {
        Ok(Invocation::Desktop(entries)) => entries,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(entries("desktop add x"), add(None, false));
    assert_eq!(entries("desktop add --profile shell x --command"), add(Some("shell"), true));
    assert_eq!(entries("desktop --command add x --profile=a --profile b"), add(Some("b"), true));
    assert_eq!(entries("desktop list"), Entries::List);
    assert_eq!(entries("desktop remove x y"), Entries::Remove(words("x y")));
    assert_eq!(entries("desktop remove -- -x"), Entries::Remove(words("-x")));
    assert_eq!(run("--profile shell desktop list").request.argv, words("desktop list"));
    assert_eq!(run("-- desktop").request.argv, words("desktop"));
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
        assert!(refused(&format!("--status-fd={word} x")).0.starts_with("`--status-fd` takes the number"), "{word}");
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
        ("--net=none x", "unknown option `--net`", "`--network host`, or `--network none`, which is the default"),
        ("--chdir / x", "unknown option `--chdir`", "`--directory DIR`"),
        ("check --bind", "unknown option `--bind`", "`nsbox check -h` lists the options"),
        ("--allow x", "unknown option `--allow`", "did you mean `--allow-syscall`?"),
        ("-profile shell", "unknown option `-p`", "did you mean `--profile`?"),
        ("-x", "unknown option `-x`", "`nsbox -h` lists the options"),
        ("--quiet=1", "`--quiet` takes no value, and was given `1`", "write `--quiet` alone"),
        ("--help=1", "`--help` takes no value, and was given `1`", "write `--help` alone"),
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
        (
            "desktop",
            "nothing to do with desktop entries",
            "`nsbox desktop add NAME`, `nsbox desktop list` or `nsbox desktop remove NAME`",
        ),
        ("desktop ad x", "`nsbox desktop` has no command `ad`", "did you mean `nsbox desktop add`?"),
        (
            "desktop firefox",
            "`nsbox desktop` has no command `firefox`",
            "`nsbox desktop add NAME`, `nsbox desktop list` or `nsbox desktop remove NAME`; a command called `desktop` is \
             run by `nsbox run desktop ...`",
        ),
        (
            "desktop add",
            "no desktop entry to add",
            "name an entry, as in `nsbox desktop add firefox-esr`, or its file: `nsbox desktop add ./x.desktop`",
        ),
        (
            "desktop add x y",
            "`nsbox desktop add` takes one name, and `y` is another",
            "name an entry, as in `nsbox desktop add firefox-esr`, or its file: `nsbox desktop add ./x.desktop`",
        ),
        (
            "desktop list x",
            "`nsbox desktop list` takes no name, and was given `x`",
            "it lists every entry that nsbox has written",
        ),
        ("desktop remove", "no desktop entry to remove", "`nsbox desktop list` shows those that nsbox has written"),
        (
            "desktop remove x --profile y",
            "`--profile` is an option of `nsbox desktop add`, not of `remove`",
            "`nsbox desktop add --profile ...`",
        ),
        ("--command x", "unknown option `--command`", "`--command` is an option of `nsbox desktop`"),
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
