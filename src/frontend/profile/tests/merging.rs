//! How profiles and flags are merged.

use super::fixture::{Host, asked, environment};
use crate::plan::{Network, Syscalls};

/// A host with a profile `inherited.toml` in the working directory.
fn host(inherited: &str) -> Host {
    Host::new().file("/home/ann/work/inherited.toml", inherited).folder("/data").folder("/more")
}

const EXTENDS: &str = "extends = [\"./inherited.toml\"]\n";

#[test]
fn lists_append_and_a_later_entry_for_a_path_replaces_an_earlier_one() {
    let host = host("[filesystem]\nread = [\"/usr\", \"/data\"]\ntmpfs = [\"/t\"]\n");
    let plan = host.plan(&format!("{EXTENDS}[filesystem]\nread = [\"/more\"]\nwrite = [\"/data/\"]\n"));
    assert_eq!(asked(&plan), "write /data\nread /more\ntmpfs /t 0755\nread /usr\n");
    let origin = plan.mounts.iter().find(|m| m.destination.ends_with("data")).map(|m| m.origin.to_string());
    assert_eq!(origin.as_deref(), Some("test.toml:4:10"));
}

#[test]
fn scalars_and_the_command_are_replaced() {
    let host =
        host("[network]\nmode = \"host\"\n[identity]\nhostname = \"old\"\n[command]\nargv = [\"old\", \"words\"]\n");
    let profile =
        format!("{EXTENDS}[network]\nmode = \"none\"\n[identity]\nhostname = \"new\"\n[command]\nargv = [\"new\"]\n");
    let Ok((plan, _)) = host.lower(&profile, &[], &[]) else { panic!("it lowers") };
    assert_eq!(plan.identity.hostname.as_deref(), Some("new"));
    assert_eq!(plan.command.argv, ["new"]);
    assert!(matches!(plan.network, Network::None { .. }));
    let Ok((plan, _)) = host.lower(EXTENDS, &[], &[]) else { panic!("it lowers") };
    assert_eq!(plan.command.argv, ["old", "words"]);
    assert!(matches!(plan.network, Network::Host { .. }));
}

#[test]
fn tables_merge_key_by_key() {
    let host = host(
        "[environment]\nset = { A = \"1\", B = \"1\" }\n[filesystem]\nsymlinks = { \"/a\" = \"x\", \"/b\" = \"x\" }\n",
    );
    let plan = host.plan(&format!(
        "{EXTENDS}[environment]\nset = {{ B = \"2\", C = \"2\" }}\n[filesystem.symlinks]\n\"/b\" = \"y\"\n\"/c\" = \"y\"\n"
    ));
    assert!(environment(&plan).starts_with("A=1\nB=2\nC=2\n"));
    assert_eq!(asked(&plan), "link /a -> x\nlink /b -> y\nlink /c -> y\n");
}

#[test]
fn drop_takes_back_an_inherited_entry_wherever_its_line_stands() {
    let host = host("[filesystem]\nread = [\"/usr\", \"/data\"]\n");
    let plan = host.plan(&format!("{EXTENDS}[filesystem]\nread = [\"/more\"]\ndrop = [\"/data\"]\n"));
    assert_eq!(asked(&plan), "read /more\nread /usr\n");
    let plan = host.plan(&format!("{EXTENDS}[filesystem]\ndrop = [\"/data\"]\nread = [\"/more\"]\n"));
    assert_eq!(asked(&plan), "read /more\nread /usr\n");
}

#[test]
fn dropping_what_is_not_inherited_is_an_error() {
    let host = host("[filesystem]\nread = [\"/usr\", \"/data\"]\n");
    assert_eq!(
        host.problems(&format!("{EXTENDS}[filesystem]\ndrop = [\"/dtaa\"]\n")),
        "test.toml:3:9 \"/dtaa\" : `/dtaa` is no inherited entry, so it cannot be dropped\n  label: did you mean `/data`?\n"
    );
    assert_eq!(
        host.problems(&format!("{EXTENDS}[filesystem]\ndrop = [\"/usr/share\"]\n")),
        "test.toml:3:9 \"/usr/share\" : `/usr/share` is no inherited entry, so it cannot be dropped\n  \
         hint: `drop` names a path as the inherited profile does; what is below one is hidden by `hide`\n"
    );
}

#[test]
fn a_dropped_path_can_be_named_again_by_a_later_layer() {
    let host = host("[filesystem]\nread = [\"/data\"]\n");
    let profile = format!("{EXTENDS}[filesystem]\ndrop = [\"/data\"]\n");
    let plan = host.plan_with(&profile, &[("--write", "filesystem.write", "/data")]);
    assert_eq!(asked(&plan), "write /data\n");
}

#[test]
fn the_same_path_twice_in_one_profile_is_an_error_that_names_both_places() {
    let profile = "[filesystem]\nread = [\"/usr\"]\nwrite = [\"/usr/lib/..\"]\ntmpfs = [\"/t\"]\ndrop = [\"/t\"]\n";
    assert_eq!(
        Host::new().problems(profile),
        "test.toml:3:10 \"/usr/lib/..\" : `/usr` is named twice in one profile\n  \
         hint: it is also named at test.toml:2:9; keep one of the two\n\
         test.toml:5:9 \"/t\" : `/t` is named twice in one profile\n  \
         hint: it is also named at test.toml:4:10; keep one of the two\n"
    );
}

#[test]
fn two_spellings_of_a_path_that_variables_make_one_are_no_mistake_where_they_say_the_same() {
    let host = Host::new().folder("/home/ann/work/.git");
    let twice = "[filesystem]\nread = [\"${PROJECT}/.git\", \"${GIT_COMMON_DIR}\"]\n";
    assert_eq!(asked(&host.plan(twice)), "read /home/ann/work/.git\n");
    let problem = "test.toml:3:10 \"${GIT_COMMON_DIR}\" : `/home/ann/work/.git` is named twice in one profile\n";
    assert!(host.problems(&twice.replace(", ", "]\nwrite = [")).starts_with(problem));
    assert!(host.problems(&twice.replace("${GIT_COMMON_DIR}", "${PROJECT}/.git")).contains("named twice"));
}

#[test]
fn the_syscall_policy_is_the_one_named() {
    let policy = |profile: &str| match &Host::new().plan(profile).syscalls {
        Syscalls::Unfiltered { .. } => "none".to_owned(),
        Syscalls::Filtered(filter) => format!("{} by {}", filter.policy, filter.origin),
    };
    assert_eq!(policy(""), "default by the default of `syscalls.policy`");
    assert_eq!(policy("[syscalls]\npolicy = \"strict\"\n"), "strict by test.toml:2:10");
    assert_eq!(policy("[syscalls]\npolicy = \"none\"\n"), "none");
}
