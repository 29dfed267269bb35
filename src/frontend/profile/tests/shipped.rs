//! The profiles that come with nsbox, on a host in memory.

use super::fixture::{Host, asked, environment, rendered};
use crate::frontend::profile::shelf::EMBEDDED;
use crate::frontend::serialised;
use crate::plan::{Network, Syscalls};

#[test]
fn a_shell_sees_the_system_and_an_empty_home_and_reaches_nothing() {
    let plan = Host::new().plan("extends = [\"shell\"]\n");
    let mounts = asked(&plan);
    for line in ["link /bin -> usr/bin\n", "read /usr\n", "tmpfs /home/ann 0700\n", "tmpfs /tmp 1777\n"] {
        assert!(mounts.contains(line), "{line} is not in\n{mounts}");
    }
    assert!(!mounts.contains("write "), "{mounts}");
    assert!(matches!(plan.network, Network::None { .. }));
    assert!(matches!(&plan.syscalls, Syscalls::Filtered(filter) if filter.policy == "default"));
    assert!(plan.environment.iter().all(|variable| variable.name != "SECRET"));
}

#[test]
fn strict_has_no_home_and_the_strict_policy() {
    let plan = Host::new().plan("extends = [\"strict\"]\n");
    assert!(!asked(&plan).contains("/home"));
    assert!(matches!(&plan.syscalls, Syscalls::Filtered(filter) if filter.policy == "strict"));
}

/// Ann's machine with Rust, crates and a repository.
fn workshop() -> Host {
    Host::new()
        .folder("/home/ann/.cargo/bin")
        .folder("/home/ann/.cargo/registry/cache")
        .folder("/home/ann/.rustup/toolchains")
        .file("/home/ann/.cargo/credentials.toml", "hush")
        .file("/home/ann/.ssh/known_hosts", "")
        .file("/home/ann/.ssh/id_ed25519", "hush")
        .folder("/home/ann/work/.git/hooks")
        .folder("/home/ann/work/.vscode")
        .file("/home/ann/work/.env", "hush")
}

const PROJECT: [&str; 4] = [
    "hide /home/ann/work/.env\n",
    "read /home/ann/work/.git\n",
    "read /home/ann/work/.vscode\n",
    "write /home/ann/work\n",
];
const TOOLCHAINS: [&str; 3] =
    ["read /home/ann/.cargo/bin\n", "read /home/ann/.rustup/toolchains\n", "tmpfs /home/ann 0700\n"];
const KNOWN_HOSTS: &str = "read /home/ann/.ssh/known_hosts\n";
const CRATES: &str = "read /home/ann/.cargo/registry/cache\n";

/// What a profile shows of the home folder, in the order of the alphabet.
fn at_home(profile: &str) -> String {
    let plan = workshop().plan(&format!("extends = [\"{profile}\"]\n"));
    let mounts = asked(&plan);
    let mut lines: Vec<_> =
        mounts.lines().filter(|line| line.contains("/home/")).map(|line| format!("{line}\n")).collect();
    lines.sort();
    lines.concat()
}

fn sorted(lines: &[&[&str]]) -> String {
    let mut lines = lines.concat();
    lines.sort_unstable();
    lines.concat()
}

#[test]
fn of_the_home_folder_each_profile_shows_what_its_comment_says() {
    assert_eq!(at_home("shell"), sorted(&[&TOOLCHAINS]));
    assert_eq!(at_home("build"), sorted(&[&TOOLCHAINS, &PROJECT, &[CRATES]]));
    assert_eq!(at_home("online"), sorted(&[&TOOLCHAINS, &PROJECT, &[KNOWN_HOSTS]]));
    assert_eq!(at_home("base"), "");
}

#[test]
fn only_online_has_a_network_and_the_proxies_that_lead_to_it() {
    for (profile, is_online) in [("shell", false), ("build", false), ("online", true)] {
        let mut host = Host::new();
        host.environment.push(("https_proxy", "http://proxy:3128"));
        let plan = host.plan(&format!("extends = [\"{profile}\"]\n"));
        assert_eq!(matches!(plan.network, Network::Host { .. }), is_online, "{profile}");
        assert_eq!(environment(&plan).contains("https_proxy"), is_online, "{profile}");
    }
}

#[test]
fn programs_are_found_by_the_path_of_the_caller() {
    let mut host = Host::new();
    host.environment.push(("PATH", "/home/ann/.cargo/bin:/usr/bin"));
    for profile in ["base", "shell", "build", "online"] {
        let plan = host.plan(&format!("extends = [\"{profile}\"]\n"));
        assert!(environment(&plan).contains("PATH=/home/ann/.cargo/bin:/usr/bin\n"), "{profile}");
    }
}

#[test]
fn every_profile_opens_with_what_the_command_can_see_and_change_and_reach() {
    for (name, text) in EMBEDDED {
        let opening: Vec<_> = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
        let opening = opening.join(" ");
        assert!(opening.contains("The command can see") && opening.contains("can change"), "{name}: {opening}");
        // A part of other profiles closes and opens no network.
        assert!(opening.contains("can reach") || text.contains("\ndescription = \"A part of "), "{name}: {opening}");
    }
}

#[test]
fn every_profile_stands_in_the_readme_and_in_the_manual() {
    let (readme, manual) = (include_str!("../../../../README.md"), include_str!("../../../../man/nsbox-profiles.7"));
    for (name, _) in EMBEDDED {
        assert!(readme.contains(&format!("\n| `{name}` | ")), "{name} is not in the README");
        assert!(manual.contains(&format!("\n.It Cm {name}\n")), "{name} is not in the manual");
    }
}

#[test]
fn every_plan_is_the_same_after_a_journey_as_json() {
    for (name, _) in EMBEDDED {
        // This host has no desktop, of which profiles warn.
        let lowered = Host::new().lower(&format!("extends = [\"{name}\"]\n"), &[], &["bash"]);
        let (plan, _) = lowered.unwrap_or_else(|found| panic!("{name}: {}", rendered(&found)));
        let written = serde_json::to_string_pretty(&plan).expect("a plan is data");
        let read = serialised::read("a test", written.as_bytes(), &[]).expect("the same plan");
        assert_eq!(read, plan, "{name}");
        assert_eq!(serde_json::to_string_pretty(&read).expect("a plan is data"), written, "{name}");
        // A command takes the place of the plan's own, and nothing else changes.
        let other = serialised::read("a test", written.as_bytes(), &["true".into()]).expect("the plan");
        assert_eq!(other.command.argv, ["true"]);
        assert_eq!((&other.mounts, &other.environment), (&plan.mounts, &plan.environment), "{name}");
    }
}
