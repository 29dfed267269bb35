//! What this host says of itself, read when something was refused, or is to be explained.

mod surroundings;

use crate::error::remedy::{Evidence, Kind};
use crate::sys::landlock;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Reads what may explain a refusal, of a program where one could not be run; what cannot be read is not evidence.
pub fn evidence(program: Option<&Path>) -> Evidence {
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let (status, mounts) = (text("/proc/self/status"), text("/proc/self/mountinfo"));
    let limit = |kind: Kind| Some((kind, number(&format!("/proc/sys/user/max_{}_namespaces", kind.short()))?));
    let (version, user) = (text("/proc/version"), nix::unistd::geteuid());
    let is_selinux_enforcing = number("/sys/fs/selinux/enforce") == Some(1);
    Evidence {
        kernel: super::kernel::version(),
        impostor: surroundings::impostor(&version),
        wsl_interop: surroundings::has_wsl_interop(&version),
        container: surroundings::container(),
        limits: Kind::ALL.into_iter().filter_map(limit).collect(),
        in_user_namespace: is_user_namespace(&text("/proc/self/uid_map")),
        userns_clone_off: number("/proc/sys/kernel/unprivileged_userns_clone") == Some(0),
        apparmor_restricts: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == Some(1),
        apparmor_profile: if is_selinux_enforcing { None } else { apparmor_profile() },
        selinux_context: is_selinux_enforcing.then(|| label(&text("/proc/self/attr/current"))),
        in_chroot: in_chroot(&mounts),
        filtered: status.lines().any(|line| line.split_whitespace().eq(["Seccomp:", "2"])),
        masks_in_proc: masks_in_proc(&mounts),
        no_proc: fs::read_link("/proc/self").ok() != Some(std::process::id().to_string().into()),
        landlock: landlock::version().ok(),
        legacy_tiocsti: number("/proc/sys/dev/tty/legacy_tiocsti").is_none_or(|value| value != 0),
        controllers: surroundings::delegated_controllers(&text("/proc/self/cgroup")),
        user: nix::unistd::User::from_uid(user).ok().flatten().map_or_else(|| user.to_string(), |user| user.name),
        is_root: user.is_root(),
        is_real_root: super::is_real_root(),
        program: std::env::current_exe().unwrap_or_else(|_| "nsbox".into()),
        program_on_host: program.and_then(find_program),
    }
}

/// The AppArmor profile that confines this process; nothing where none does.
///
/// A process that has just made a user namespace may be under another one than its parent: it has to ask for itself.
pub fn apparmor_profile() -> Option<String> {
    let read = |path| fs::read_to_string(path).ok().map(|text| label(&text));
    profile_of(&read("/proc/self/attr/apparmor/current").or_else(|| read("/proc/self/attr/current"))?)
}

/// The profile in a label such as `docker-default (enforce)`; one that is unconfined by its mode has a name all the same.
fn profile_of(label: &str) -> Option<String> {
    let (profile, mode) = label.rsplit_once(" (").unwrap_or((label, ""));
    // One in complain mode refuses what it denies by name, as that of Ubuntu does with capabilities.
    let is_free = profile == "unconfined" || mode.starts_with("unconfined");
    // A label of SELinux has colons and no mode.
    (!is_free && !profile.is_empty() && !mode.is_empty()).then(|| profile.to_owned())
}

fn label(text: &str) -> String {
    text.trim_end_matches(['\0', '\n']).to_owned()
}

/// Whether a map is not the one of the first user namespace, which maps every id to itself.
fn is_user_namespace(map: &str) -> bool {
    !map.is_empty() && !map.split_ascii_whitespace().eq(["0", "0", "4294967295"])
}

/// What is mounted over parts of /proc, in order of their names.
fn masks_in_proc(mountinfo: &str) -> Vec<String> {
    let places = mountinfo.lines().filter_map(|line| line.split(' ').nth(4));
    // This one belongs to whoever mounts it, and hides nothing.
    let mut masks: Vec<_> =
        places.filter(|on| on.starts_with("/proc/") && *on != "/proc/sys/fs/binfmt_misc").map(str::to_owned).collect();
    masks.sort_unstable();
    masks.dedup();
    masks
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
    if mountinfo.is_empty() {
        return false;
    }
    let mount_at_root = mountinfo.lines().any(|line| line.split(' ').nth(4) == Some("/"));
    let is_init_root = || {
        let (own, of_init) = (fs::metadata("/").ok()?, fs::metadata("/proc/1/root/").ok()?);
        Some(own.dev() == of_init.dev() && own.ino() == of_init.ino())
    };
    !mount_at_root || is_init_root() == Some(false)
}

#[cfg(test)]
mod tests {
    use super::{is_user_namespace, masks_in_proc, profile_of};

    #[test]
    fn a_label_names_the_profile_that_confines() {
        assert_eq!(profile_of("unprivileged_userns (enforce)").as_deref(), Some("unprivileged_userns"));
        assert_eq!(profile_of("unprivileged_userns (complain)").as_deref(), Some("unprivileged_userns"));
        let stacked = "firefox//&unprivileged_userns (mixed)";
        assert_eq!(profile_of(stacked).as_deref(), Some("firefox//&unprivileged_userns"));
        assert_eq!(profile_of("docker-default (enforce)").as_deref(), Some("docker-default"));
        assert_eq!(profile_of("unconfined"), None);
        assert_eq!(profile_of("nsbox (unconfined)"), None);
        assert_eq!(profile_of("system_u:system_r:container_t:s0"), None);
        assert_eq!(profile_of(""), None);
    }

    #[test]
    fn masks_are_what_is_mounted_below_proc() {
        let mountinfo = "\
            23 1 0:21 / /proc rw,relatime - proc proc rw\n\
            24 23 0:5 /null /proc/kcore rw - tmpfs tmpfs rw\n\
            25 23 0:21 /sys /proc/sys ro - proc proc rw\n\
            26 23 0:30 / /proc/sys/fs/binfmt_misc rw - autofs systemd-1 rw\n";
        assert_eq!(masks_in_proc(mountinfo), ["/proc/kcore", "/proc/sys"]);
    }

    #[test]
    fn the_first_user_namespace_maps_every_id_to_itself() {
        assert!(!is_user_namespace("         0          0 4294967295\n"));
        assert!(is_user_namespace("      1000       1000          1\n"));
        assert!(!is_user_namespace(""), "what cannot be read is no evidence");
    }
}
