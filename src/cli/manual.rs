//! The manual pages, held to the tables: nothing undocumented, nothing documented that is not there.

use super::commands;
use super::flags::Flag;
use nsbox::frontend::profile::keys;
use nsbox::frontend::syscalls::GROUPS;

const COMMAND: &str = include_str!("../../man/nsbox.1");
const PROFILE: &str = include_str!("../../man/nsbox-profile.5");

/// How a flag heads its entry.
fn entry(flag: &Flag) -> String {
    let name = &flag.name[1..];
    match (flag.short, flag.value) {
        (Some(letter), _) => format!(".It Fl {letter} , Fl {name}"),
        (None, Some(value)) => format!(".It Fl {name} Ar {value}"),
        (None, None) => format!(".It Fl {name}"),
    }
}

#[test]
fn every_flag_has_its_entry_and_every_entry_its_flag() {
    let mut flags: Vec<String> = commands::ALL.iter().flat_map(|command| command.flags()).map(entry).collect();
    let mut entries: Vec<&str> = COMMAND.lines().filter(|line| line.starts_with(".It Fl")).collect();
    flags.sort();
    flags.dedup();
    entries.sort();
    assert_eq!(entries, flags);
}

#[test]
fn every_command_has_its_entry_and_every_entry_its_command() {
    let (_, from) = COMMAND.split_once(".Ss Commands\n").expect("a section on commands");
    let (section, _) = from.split_once("\n.El\n").expect("a list in it");
    let entries: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix(".It Cm ")).collect();
    let names: Vec<&str> = commands::ALL.iter().map(|command| command.name).collect();
    assert_eq!(entries, names);
}

#[test]
fn every_check_has_its_entry_and_every_entry_its_check() {
    let (_, from) = COMMAND.split_once(".Ss What is attacked\n").expect("a section on checks");
    let (section, _) = from.split_once("\n.El\n").expect("a list in it");
    let entries: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix(".It Cm ")).collect();
    let names: Vec<&str> = nsbox::verify::CHECKS.iter().map(|check| check.name).collect();
    assert_eq!(entries, names);
    let text = section.split_whitespace().collect::<Vec<_>>().join(" ");
    for check in nsbox::verify::CHECKS {
        for told in [check.promise, check.tries] {
            assert!(text.contains(&told.replace('`', "")), "{}: {told}", check.name);
        }
    }
}

#[test]
fn every_key_has_its_entry_and_every_entry_its_key() {
    let entries: Vec<&str> = PROFILE.lines().filter_map(|line| line.strip_prefix(".It Ic ")).collect();
    let keys: Vec<&str> = keys().map(|key| key.name).collect();
    assert_eq!(entries, keys);
}

#[test]
fn every_key_has_its_default_and_its_example() {
    for (key, entry) in keys().zip(PROFILE.split("\n.It Ic ").skip(1)) {
        let default = format!("\nDefault: {}\n", key.default.replace('`', ""));
        assert!(entry.contains(&default), "{}: {default}", key.name);
        let example = format!("-compact\n{}\n.Ed", key.example);
        assert!(entry.contains(&example), "{}: {}", key.name, key.example);
    }
}

#[test]
fn every_flag_that_mirrors_a_key_names_one_that_is_there() {
    for flag in commands::ALL.iter().flat_map(|command| command.flags()) {
        if let super::flags::Meaning::Key(key, _) = flag.meaning {
            let is_known =
                |known: &str| known == key || known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
            assert!(keys().any(|known| is_known(known.name)), "{} mirrors {key}", flag.name);
        }
    }
}

#[test]
fn every_group_of_system_calls_has_its_entry_and_every_entry_its_group() {
    let (_, section) = PROFILE.split_once(".Ss Groups of system calls\n").expect("a section on groups");
    let (section, _) = section.split_once("\n.El\n").expect("a list in it");
    let entries: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix(".It Cm ")).collect();
    let names: Vec<&str> = GROUPS.iter().map(|group| group.name).collect();
    assert_eq!(entries, names);
    let text = section.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    for group in GROUPS {
        assert!(text.contains(&group.purpose.to_lowercase()), "{}: {}", group.name, group.purpose);
    }
}
