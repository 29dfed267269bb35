//! The order of lines never matters, nor in which of several profiles they stand.

use super::fixture::Host;
use crate::plan::Plan;
use proptest::prelude::*;

/// A plan as data, without who asked for what.
pub fn without_origins(plan: &Plan) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => {
                fields.retain(|name, _| !name.ends_with("origin"));
                fields.values_mut().for_each(strip);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(plan).expect("a plan is data");
    strip(&mut value);
    value
}

/// A list or a table of a profile, with what may stand in it.
type Entries = (&'static str, &'static str, [&'static str; 2], &'static [&'static str]);

const LIST: [&str; 2] = ["[", "]"];
const TABLE: [&str; 2] = ["{", "}"];

const ENTRIES: [Entries; 12] = [
    (
        "filesystem",
        "read",
        LIST,
        &[
            "'/usr'",
            "'/bin'",
            "'/lib'",
            "'/var/run/x'",
            "'${GIT_COMMON_DIR}'",
            "{ path = '/opt', from = '/usr/lib' }",
            "{ path = '/no', optional = true }",
            "'/srv/link'",
        ],
    ),
    ("filesystem", "write", LIST, &["'${PROJECT}'", "'/usr/share'", "{ path = '/opt/deep', from = '/tmp' }"]),
    (
        "filesystem",
        "hide",
        LIST,
        &[
            "'${PWD}/a/b/.env'",
            "'${PWD}/a/c'",
            "'/bin/bash'",
            "'/nothing'",
            "'${PROJECT}/**/.e*'",
            "'${PWD}/*/c'",
            "'/usr/**/UT?'",
        ],
    ),
    ("filesystem", "tmpfs", LIST, &["'~'", "'/tmp'", "{ path = '/usr/lib', size = '1M' }"]),
    ("filesystem", "devices", LIST, &["'/dev/fuse'", "{ path = '/dev/kvm', optional = true }"]),
    ("filesystem", "symlinks", TABLE, &["'/etc/mtab' = '/proc/self/mounts'", "'/s/a' = 'b'"]),
    ("filesystem", "files", TABLE, &["'/etc/hostname' = 'mine'", "'~/.rc' = '$x'", "'/s/file' = ''"]),
    ("environment", "inherit", LIST, &["'LC_*'", "'TERM'", "'LANG'", "'T??M'"]),
    ("environment", "set", TABLE, &["A = '1'", "PATH = '/bin'", "HOME = '/x'"]),
    ("syscalls", "allow", LIST, &["'perf_event_open'", "'@debug'"]),
    ("syscalls", "deny", LIST, &["'ptrace'", "'mknod'"]),
    ("command", "argv", LIST, &["'bash'"]),
];

const LINES: [(&str, &str); 8] = [
    ("identity", "user = 'root'"),
    ("identity", "hostname = 'box'"),
    ("network", "mode = 'host'"),
    ("syscalls", "policy = 'strict'"),
    ("filesystem", "proc = 'new'"),
    ("namespaces", "ipc = false"),
    ("limits", "processes = 50"),
    ("limits", "wall-time = '1m'"),
];

/// What takes back something of the profile that every shuffled one extends.
const DROPS: [(&str, &str); 3] = [
    ("filesystem", "drop = ['/srv/old', '${PWD}/*.old', '/etc/old']"),
    ("environment", "drop = ['OLD', 'SECRET']"),
    ("syscalls", "drop = ['acct']"),
];

const INHERITED: &str = "[filesystem]\nread = ['/srv/old', '/usr/bin']\nhide = ['${PWD}/*.old']\nfiles = { '/etc/old' = '' }\n\
                         [environment]\ninherit = ['SECRET']\nset = { OLD = '1' }\n[syscalls]\nallow = ['acct']\n";

const SECTIONS: [&str; 8] =
    ["identity", "network", "syscalls", "filesystem", "environment", "command", "namespaces", "limits"];

fn host() -> Host {
    Host::new()
        .folder("/home/ann/work/.git")
        .file("/home/ann/work/a/b/.env", "")
        .file("/home/ann/work/a/.else", "")
        .folder("/home/ann/work/a/c")
        .folder("/run/x")
        .link("/var/run", "/run")
        .link("/srv/link", "../usr/share")
        .folder("/srv/old")
        .folder("/usr/lib/deep")
        .special("/dev/fuse")
        .file("/run/systemd/resolve/stub-resolv.conf", "")
        .link("/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf")
        .file("/home/ann/work/inherited.toml", INHERITED)
}

/// The text of a profile with these lines, in this order of sections.
fn text(extends: &str, sections: &[&str], lines: &[(&str, String)]) -> String {
    let body = |section: &str| -> String {
        lines.iter().filter(|(of, _)| *of == section).map(|(_, line)| format!("{line}\n")).collect()
    };
    let sections: String = sections.iter().map(|section| format!("[{section}]\n{}", body(section))).collect();
    format!("extends = [{extends}]\n{sections}")
}

fn line((_, key, [open, close], _): Entries, items: &[&str]) -> String {
    format!("{key} = {open}{}{close}", items.join(", "))
}

/// The profile with its sections, their lines and the items of their lists in any order.
fn shuffled() -> impl Strategy<Value = String> {
    let entries = ENTRIES.iter().map(|entries| {
        let items = Just(entries.3.to_vec()).prop_shuffle();
        items.prop_map(|items| (entries.0, line(*entries, &items)))
    });
    entries.collect::<Vec<_>>().prop_flat_map(|mut lines| {
        lines.extend(LINES.iter().chain(&DROPS).map(|(section, line)| (*section, (*line).to_owned())));
        (Just(lines).prop_shuffle(), Just(SECTIONS.to_vec()).prop_shuffle())
            .prop_map(|(lines, sections)| text("'./inherited.toml'", &sections, &lines))
    })
}

/// The same entries and lines, each in one of three profiles, of which the last extends the others.
fn split() -> impl Strategy<Value = [String; 3]> {
    let items: usize = ENTRIES.iter().map(|(.., items)| items.len()).sum();
    prop::collection::vec(0..3_usize, items + LINES.len()).prop_map(|layers| {
        let mut layer = layers.into_iter();
        let mut lines: [Vec<(&str, String)>; 3] = Default::default();
        for entries in ENTRIES {
            let mut split: [Vec<&str>; 3] = Default::default();
            entries.3.iter().zip(&mut layer).for_each(|(item, layer)| split[layer].push(item));
            for (items, lines) in split.iter().zip(&mut lines).filter(|(items, _)| !items.is_empty()) {
                lines.push((entries.0, line(entries, items)));
            }
        }
        LINES.iter().zip(layer).for_each(|((section, line), layer)| lines[layer].push((section, (*line).to_owned())));
        let [one, other, last] = lines;
        [text("", &SECTIONS, &one), text("", &SECTIONS, &other), text("'./one.toml', './other.toml'", &SECTIONS, &last)]
    })
}

/// Everything in one profile.
fn whole() -> String {
    let entries = ENTRIES.iter().map(|entries| (entries.0, line(*entries, entries.3)));
    let lines = entries.chain(LINES.iter().map(|(section, line)| (*section, (*line).to_owned())));
    text("", &SECTIONS, &lines.collect::<Vec<_>>())
}

#[test]
fn the_profile_that_is_shuffled_says_something_of_all_its_keys() {
    let plan = host().plan(&whole());
    let asked = super::fixture::asked(&plan);
    for line in
        ["hide /home/ann/work/a/.else\n", "hide /home/ann/work/a/c\n", "device /dev/fuse", "file /home/ann/.rc\n"]
    {
        assert!(asked.contains(line), "{line} is not in\n{asked}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn the_same_lines_in_any_order_give_the_same_plan(one in shuffled(), other in shuffled()) {
        let host = host();
        prop_assert_eq!(without_origins(&host.plan(&one)), without_origins(&host.plan(&other)));
    }

    #[test]
    fn the_same_entries_in_several_profiles_give_the_same_plan(layers in split()) {
        let [one, other, last] = layers;
        let split = host().file("/home/ann/work/one.toml", one).file("/home/ann/work/other.toml", other);
        prop_assert_eq!(without_origins(&split.plan(&last)), without_origins(&host().plan(&whole())));
    }
}
