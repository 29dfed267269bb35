//! The order of lines never matters.

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

/// Each list of a profile with its items.
const LISTS: [(&str, &str, &[&str]); 8] = [
    (
        "filesystem",
        "read",
        &[
            "'/usr'",
            "'/bin'",
            "'/lib'",
            "'/var/run/x'",
            "'/home/ann/work/.git'",
            "{ path = '/opt', from = '/usr/lib' }",
            "{ path = '/no', optional = true }",
            "'/srv/link'",
        ],
    ),
    ("filesystem", "write", &["'${PWD}'", "'/usr/share'", "{ path = '/opt/deep', from = '/tmp' }"]),
    ("filesystem", "hide", &["'${PWD}/a/b/.env'", "'${PWD}/a/c'", "'/bin/bash'", "'/nothing'"]),
    ("filesystem", "tmpfs", &["'~'", "'/tmp'", "{ path = '/usr/lib', size = '1M' }"]),
    ("environment", "inherit", &["'LC_*'", "'TERM'", "'LANG'"]),
    ("command", "argv", &["'bash'"]),
    ("syscalls", "allow", &["'@debug'", "'ptrace'", "'clone'"]),
    ("syscalls", "deny", &["'ptrace'", "'@keyring'"]),
];

const LINES: [(&str, &str); 9] = [
    ("identity", "user = 'root'"),
    ("identity", "hostname = 'box'"),
    ("network", "mode = 'host'"),
    ("syscalls", "policy = 'strict'"),
    ("syscalls", "on-denied = 'log'"),
    ("syscalls", "architectures = ['native']"),
    ("filesystem", "proc = 'new'"),
    ("filesystem", "symlinks = { '/etc/mtab' = '/proc/self/mounts', '/s/a' = 'b' }"),
    ("environment", "set = { A = '1', PATH = '/bin' }"),
];

fn host() -> Host {
    Host::new()
        .folder("/home/ann/work/.git")
        .file("/home/ann/work/a/b/.env", "")
        .folder("/home/ann/work/a/c")
        .folder("/run/x")
        .link("/var/run", "/run")
        .link("/srv/link", "../usr/share")
        .folder("/usr/lib/deep")
        .file("/run/systemd/resolve/stub-resolv.conf", "")
        .link("/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf")
}

/// The profile with its sections, their lines and the items of their lists in any order.
fn shuffled() -> impl Strategy<Value = String> {
    let lists: Vec<_> = LISTS
        .iter()
        .map(|(section, key, items)| {
            let items = Just(items.to_vec()).prop_shuffle();
            items.prop_map(move |items| (*section, format!("{key} = [{}]", items.join(", "))))
        })
        .collect();
    (lists, Just(())).prop_flat_map(|(mut lines, ())| {
        lines.extend(LINES.iter().map(|(section, line)| (*section, (*line).to_owned())));
        let sections = ["identity", "network", "syscalls", "filesystem", "environment", "command"];
        (Just(lines).prop_shuffle(), Just(sections.to_vec()).prop_shuffle()).prop_map(|(lines, sections)| {
            let body = |section: &str| -> String {
                lines.iter().filter(|(of, _)| *of == section).map(|(_, line)| format!("{line}\n")).collect()
            };
            sections.iter().map(|section| format!("[{section}]\n{}", body(section))).collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn the_same_lines_in_any_order_give_the_same_plan(one in shuffled(), other in shuffled()) {
        let host = host();
        prop_assert_eq!(without_origins(&host.plan(&one)), without_origins(&host.plan(&other)));
    }
}
