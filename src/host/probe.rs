//! What this host says about namespaces, read when something was refused.

use crate::error::remedy::Evidence;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Reads what may explain a refusal, of a program where one could not be run; what cannot be read is not evidence.
pub fn evidence(program: Option<&Path>) -> Evidence {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    Evidence {
        max_user_namespaces: number("/proc/sys/user/max_user_namespaces"),
        userns_clone_off: number("/proc/sys/kernel/unprivileged_userns_clone") == Some(0),
        apparmor_restricts: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == Some(1),
        in_chroot: in_chroot(&mounts),
        filtered: status.lines().any(|line| line.split_whitespace().eq(["Seccomp:", "2"])),
        proc_masked: mounts.lines().any(|line| line.split(' ').nth(4).is_some_and(|on| on.starts_with("/proc/"))),
        program_on_host: program.and_then(find_program),
    }
}

/// Where the host has a program of this name, as its caller would find it.
fn find_program(name: &Path) -> Option<PathBuf> {
    if name.components().count() != 1 {
        return name.exists().then(|| name.to_owned());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_absolute() && file.is_file())
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
