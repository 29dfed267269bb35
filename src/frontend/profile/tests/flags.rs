//! Flags: their short forms, `--set`, and that they say what a profile would.

use super::fixture::{Host, asked, environment};
use crate::plan::MountKind;

fn host() -> Host {
    Host::new().folder("/data").folder("/home/ann/work/src").folder("/home/ann/other")
}

#[test]
fn every_flag_says_what_the_profile_would() {
    type Flags = [(&'static str, &'static str, &'static str)];
    let pairs: &[(&Flags, &str)] = &[
        (&[("--read", "filesystem.read", "/data")], "[filesystem]\nread = [\"/data\"]"),
        (&[("--write", "filesystem.write", "src")], "[filesystem]\nwrite = [\"${PWD}/src\"]"),
        (&[("--write", "filesystem.write", ".")], "[filesystem]\nwrite = [\"${PWD}\"]"),
        (&[("--read", "filesystem.read", "~/other")], "[filesystem]\nread = [\"~/other\"]"),
        (&[("--read", "filesystem.read", "../other")], "[filesystem]\nread = [\"${PWD}/../other\"]"),
        (&[("--read", "filesystem.read", "/data:/in")], "[filesystem]\nread = [{ path = \"/in\", from = \"/data\" }]"),
        (
            &[("--read", "filesystem.read", ".:sub")],
            "[filesystem]\nread = [{ path = \"${PWD}/sub\", from = \"${PWD}\" }]",
        ),
        (&[("--tmpfs", "filesystem.tmpfs", "/t:1M")], "[filesystem]\ntmpfs = [{ path = \"/t\", size = \"1M\" }]"),
        (&[("--tmpfs", "filesystem.tmpfs", "/t")], "[filesystem]\ntmpfs = [\"/t\"]"),
        (&[("--symlink", "filesystem.symlinks", "/l=a=b")], "[filesystem.symlinks]\n\"/l\" = \"a=b\""),
        (&[("--drop", "filesystem.drop", "/etc/hosts")], "[filesystem]\ndrop = [\"/etc/hosts\"]"),
        (
            &[("--write", "filesystem.write", "/data"), ("--hide", "filesystem.hide", "/data")],
            "[filesystem]\nhide = [\"/data\"]",
        ),
        (&[("--env", "environment.set", "A=b=c d")], "[environment]\nset = { A = \"b=c d\" }"),
        (&[("--inherit-env", "environment.inherit", "LC_*")], "[environment]\ninherit = [\"LC_*\"]"),
        (&[("--inherit-env", "environment.inherit", "all")], "[environment]\ninherit = \"all\""),
        (&[("--user", "identity.user", "root")], "[identity]\nuser = \"root\""),
        (&[("--user", "identity.user", "77")], "[identity]\nuser = 77"),
        (&[("--group", "identity.group", "nobody")], "[identity]\ngroup = \"nobody\""),
        (&[("--hostname", "identity.hostname", "box")], "[identity]\nhostname = \"box\""),
        (&[("--directory", "command.directory", "/dev")], "[command]\ndirectory = \"/dev\""),
        (&[("--network", "network.mode", "host")], "[network]\nmode = \"host\""),
        (&[("--syscalls", "syscalls.policy", "strict")], "[syscalls]\npolicy = \"strict\""),
        (&[("--allow-syscall", "syscalls.allow", "@keyring")], "[syscalls]\nallow = [\"@keyring\"]"),
        (&[("--deny-syscall", "syscalls.deny", "ptrace")], "[syscalls]\ndeny = [\"ptrace\"]"),
        (&[("--set", "syscalls.on-denied", "\"log\"")], "[syscalls]\non-denied = \"log\""),
        (&[("--set", "filesystem.read", "[\"/data\"]")], "[filesystem]\nread = [\"/data\"]"),
        (&[("--set", "network", "{ mode = \"host\" }")], "[network]\nmode = \"host\""),
        (&[("--set", "environment.set.A", "\"${USER}\"")], "[environment]\nset = { A = \"ann\" }"),
        (&[("--set", "filesystem.symlinks.\"/l\"", "\"t\"")], "[filesystem.symlinks]\n\"/l\" = \"t\""),
        (&[("--set", "filesystem.files.\"/f\"", "\"t\"")], "[filesystem.files]\n\"/f\" = \"t\""),
        (
            &[("--read", "filesystem.read", ".."), ("--hide", "filesystem.hide", "../*/sr?")],
            "[filesystem]\nread = [\"~\"]\nhide = [\"~/*/sr?\"]",
        ),
    ];
    for (flags, profile) in pairs {
        let (by_flag, by_profile) = (host().plan_with("", flags), host().plan(profile));
        assert_eq!(super::order::without_origins(&by_flag), super::order::without_origins(&by_profile), "{flags:?}");
        // Control: the flag does say something.
        if !profile.contains("hide") {
            assert_ne!(
                super::order::without_origins(&by_flag),
                super::order::without_origins(&host().plan("")),
                "{flags:?}"
            );
        }
    }
}

#[test]
fn flags_come_last_and_win_and_the_last_flag_most_of_all() {
    let profile = "[filesystem]\nread = [\"/data\"]\n[network]\nmode = \"host\"\n";
    let flags = [
        ("--write", "filesystem.write", "/data"),
        ("--hostname", "identity.hostname", "one"),
        ("--hostname", "identity.hostname", "two"),
    ];
    let plan = host().plan_with(profile, &flags);
    assert_eq!(asked(&plan), "write /data\n");
    assert_eq!(
        plan.mounts.iter().find(|m| m.destination.ends_with("data")).map(|m| m.origin.to_string()),
        Some("--write".into())
    );
    assert_eq!(plan.identity.hostname.as_deref(), Some("two"));
}

#[test]
fn the_words_of_a_flag_are_taken_as_they_are() {
    let plan = host().plan_with("", &[("--env", "environment.set", "A=${HOME} $$ ~")]);
    assert!(environment(&plan).starts_with("A=${HOME} $$ ~\n"));
    let plan = Host::new().folder("/a$b").plan_with("", &[("--read", "filesystem.read", "/a$b")]);
    assert_eq!(asked(&plan), "read /a$b\n");
}

#[test]
fn a_word_that_is_no_text_is_a_path_all_the_same() {
    use crate::frontend::profile::{Request, Setting, SettingValue, load, lower};
    use std::os::unix::ffi::OsStrExt;
    let bytes = std::ffi::OsStr::from_bytes(b"/data:/in\xff\xfe");
    let value = SettingValue::Word(bytes.to_owned());
    let settings = vec![Setting { flag: "--read".into(), key: "filesystem.read".into(), value }];
    let request = Request { profile: Some("base".into()), settings, argv: vec!["true".into()], ..Request::default() };
    let facts = host().facts();
    let chain = load(&request, &facts).expect("the embedded profile");
    let (plan, _) = lower(&chain, &request, &facts).expect("a plan");
    let inside = std::ffi::OsStr::from_bytes(b"/in\xff\xfe");
    let mount = plan.mounts.iter().find(|m| m.destination == inside).expect("the mount");
    assert!(matches!(&mount.kind, MountKind::Bind { source, .. } if source.ends_with("data")));
}

#[test]
fn what_is_wrong_with_a_flag_is_shown_in_its_words() {
    let says = |flag: (&str, &str, &str), expected: &str| assert_eq!(host().problems_with("", &[flag]), expected);
    says(
        ("--read", "filesystem.read", "/nowhere:/in"),
        "--read:1:1 /nowhere : `/nowhere` does not exist\n  hint: create it first, since nothing is ever created on the host\n",
    );
    says(
        ("--read", "filesystem.read", "/a:/b:/c"),
        "--read:1:1 /a:/b:/c : more than `PATH` or `PATH:INSIDE`\n  \
         hint: a path with a colon in it is written as `--set 'filesystem.read=[\"/a:b\"]'`\n",
    );
    says(("--read", "filesystem.read", ""), "--read:1:1  : an empty path\n");
    says(("--read", "filesystem.read", ":/x"), "--read:1:1 : : an empty path\n");
    says(
        ("--inherit-env", "environment.inherit", "A=b"),
        "--inherit-env:1:1 A=b : `A=b` cannot be the name of a variable\n  hint: a variable is set by `--env A=b`\n",
    );
    says(("--env", "environment.set", "NAME"), "--env:1:1 NAME : expected `NAME=VALUE`, found no `=`\n");
    says(("--symlink", "filesystem.symlinks", "/l"), "--symlink:1:1 /l : expected `LINK=TARGET`, found no `=`\n");
    says(
        ("--network", "network.mode", "nose"),
        "--network:1:1 nose : `nose` is not one of `none`, `host`\n  label: did you mean `none`?\n",
    );
    says(
        ("--tmpfs", "filesystem.tmpfs", "/t:much"),
        "--tmpfs:1:4 much : `much` is no size\n  hint: a number of bytes, also with K, M or G, or a share of memory: \
         `1048576`, `\"512M\"`, `\"25%\"`\n",
    );
    says(
        ("--drop", "filesystem.drop", "/opt"),
        "--drop:1:1 /opt : `/opt` is no inherited entry, so it cannot be dropped\n  \
         hint: `drop` names a path as the inherited profile does; what is below one is hidden by `hide`\n",
    );
}

#[test]
fn what_is_wrong_with_set_is_shown_in_its_line() {
    let says = |key: &str, value: &str, expected: &str| {
        assert_eq!(host().problems_with("", &[("--set", key, value)]), expected)
    };
    says(
        "network.mod",
        "\"none\"",
        "--set:1:9 mod : unknown key `mod` in `[network]`\n  label: did you mean `mode`?\n",
    );
    says(
        "network.mode",
        "host",
        "--set:1:14 host : only numbers, `true` and `false` stand without quotes\n  \
         label: did you mean `\"host\"`?\n  hint: the value is TOML, as in `--set 'network.mode=\"host\"'`\n",
    );
    says(
        "filesystem.hide",
        "[\"/x\"",
        "--set:1:22  : unclosed array, expected `]`\n  hint: the value is TOML, as in \
         `--set 'filesystem.hide=[\"${PROJECT}/.env*\", \"${PROJECT}/**/id_*\"]'`\n",
    );
    says(
        "extends",
        "[\"strict\"]",
        "--set:1:9 [\"strict\"] : `extends` cannot be set by a flag\n  hint: choose with `--profile`\n",
    );
}
