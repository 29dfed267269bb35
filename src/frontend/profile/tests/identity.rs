//! Who the payload is, in ids and in the files that name them, and what nsbox adds by itself.

use super::fixture::{Host, added, contents};
use std::path::Path;

#[test]
fn names_inside_are_those_of_the_identity() {
    let plan = Host::new().plan("");
    assert!(contents(&plan, "/etc/passwd").contains("ann:x:1000:1000:"));
    assert!(contents(&plan, "/etc/hosts").contains("localhost"));
    let root = Host::new().plan("[identity]\nuser = \"root\"\ngroup = \"root\"\nhostname = \"box\"\n");
    assert_eq!((root.identity.uid, root.identity.uid_map[0].outside), (0, 1000));
    assert!(
        contents(&root, "/etc/passwd").starts_with("root:x:0:0:") && !contents(&root, "/etc/passwd").contains("\nann:")
    );
    assert_eq!(contents(&root, "/etc/hostname"), "box\n");
}

#[test]
fn the_group_follows_root_and_nobody_by_whatever_name_unless_it_is_named_itself() {
    let ids = |keys: &str| {
        let plan = Host::new().plan(&format!("[identity]\n{keys}"));
        (plan.identity.uid, plan.identity.gid)
    };
    assert_eq!(ids("user = \"root\""), (0, 0));
    assert_eq!(ids("user = 0"), (0, 0));
    assert_eq!(ids("user = \"nobody\""), (65534, 65534));
    assert_eq!(ids("user = 65534"), (65534, 65534));
    assert_eq!(ids("user = 4711"), (4711, 1000));
    assert_eq!(ids("user = 0\ngroup = \"self\""), (0, 1000));
}

#[test]
fn proc_and_dev_are_there_unless_they_are_not_wanted() {
    let usual = added(&Host::new().plan(""));
    for line in [
        "proc /proc\n",
        "hidden in /proc: acpi asound kcore key-users keys latency_stats sched_debug scsi timer_list timer_stats\n",
        "locked in /proc: bus fs irq sys sysrq-trigger\n",
        "device /dev/null from /dev/null\n",
        "devpts /dev/pts\n",
    ] {
        assert!(usual.contains(line), "{line} is not in\n{usual}");
    }
    let without = added(&Host::new().plan("[filesystem]\nproc = \"none\"\ndev = \"none\"\n"));
    assert!(!without.contains("/proc") && !without.contains("/dev"), "{without}");
}

#[test]
fn what_an_entry_puts_in_proc_is_not_masked() {
    let entry = "read = [{ path = \"/proc/keys\", from = \"/etc/ld.so.cache\" }]";
    let plan = Host::new().plan(&format!("[filesystem]\n{entry}\n"));
    assert!(plan.mounts.iter().any(|mount| mount.destination == Path::new("/proc/keys")), "{:?}", plan.mounts);
    let added = added(&plan);
    assert!(added.contains("hidden in /proc: acpi asound kcore key-users latency_stats"), "{added}");
}

#[test]
fn what_the_caller_may_not_look_at_is_an_error_unless_it_is_optional() {
    let host = Host::new().forbidden("/secret");
    assert!(host.problems("[filesystem]\nread = [\"/secret\"]\n").contains("/secret"));
    host.plan("[filesystem]\nread = [{ path = \"/secret\", optional = true }]\n");
}
