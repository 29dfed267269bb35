//! The profiles that come with nsbox, on a host in memory.

use super::fixture::{Host, asked};
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

#[test]
fn every_plan_is_the_same_after_a_journey_as_json() {
    for (name, _) in EMBEDDED {
        let plan = Host::new().plan(&format!("extends = [\"{name}\"]\n"));
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
