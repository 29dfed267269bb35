//! What this host says about namespaces, read when something was refused.

use crate::error::remedy::Evidence;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// Reads what may explain a refusal; what cannot be read is not evidence.
pub fn evidence() -> Evidence {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let uid_map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    Evidence {
        max_user_namespaces: number("/proc/sys/user/max_user_namespaces"),
        userns_clone_off: number("/proc/sys/kernel/unprivileged_userns_clone") == Some(0),
        apparmor_restricts: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == Some(1),
        in_chroot: in_chroot(&mounts),
        filtered: status.lines().any(|line| line.split_whitespace().eq(["Seccomp:", "2"])),
        proc_masked: mounts.lines().any(|line| line.split(' ').nth(4).is_some_and(|on| on.starts_with("/proc/"))),
        in_user_namespace: !uid_map.split_whitespace().eq(["0", "0", "4294967295"]),
    }
}

/// Whether the root folder of this process is not the root of a mount: then no mount is seen at `/`.
fn in_chroot(mountinfo: &str) -> bool {
    let mount_at_root = mountinfo.lines().any(|line| line.split(' ').nth(4) == Some("/"));
    let is_init_root = || {
        let (own, of_init) = (fs::metadata("/").ok()?, fs::metadata("/proc/1/root/").ok()?);
        Some(own.dev() == of_init.dev() && own.ino() == of_init.ino())
    };
    !mount_at_root || is_init_root() == Some(false)
}
