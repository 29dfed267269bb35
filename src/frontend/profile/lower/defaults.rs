//! What nsbox itself puts into a sandbox: `/proc`, `/dev` and a few files in `/etc`.

use super::identity::{self, Names};
use super::layout::{Layout, Standing};
use super::mounts::Entries;
use super::origin;
use crate::error::Diagnostics;
use crate::frontend::profile::merged::{Dev, Proc, Profile};
use crate::host::HostFacts;
use crate::host::Look;
use crate::plan::{Identity, MountKind, Origin, ProcSource};
use std::path::Path;

/// The files that are written for the sandbox where no entry says otherwise.
pub const SYNTHESISED: [&str; 4] = ["/etc/passwd", "/etc/group", "/etc/hostname", "/etc/hosts"];

/// Parts of procfs that configure the kernel: readable, since programs read them, but never writable.
const PROC_READ_ONLY: [&str; 5] = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"];
/// Parts of procfs that tell of the host or of its memory. A real root launcher, even without capabilities, could read
/// them by owning them.
const PROC_HIDDEN: [&str; 10] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/key-users",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
];

const DEVICES: [&str; 6] = ["full", "null", "random", "tty", "urandom", "zero"];
const DEVICE_LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("ptmx", "pts/ptmx"),
    ("stderr", "/proc/self/fd/2"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
];

/// Takes out entries that stand where `filesystem.dev` or `filesystem.proc` already puts something.
pub fn refuse_clashes(profile: &Profile, entries: &mut Entries, found: &mut Diagnostics) {
    let taken = [("/dev", "dev", has_dev(profile)), ("/proc", "proc", has_proc(profile))];
    for (path, key, _) in taken.into_iter().filter(|(_, _, taken)| *taken) {
        if let Some(entry) = entries.remove(Path::new(path)) {
            let problem = entry.place.error(format!("`{path}` is made by nsbox itself"));
            found.push(problem.hint(format!("to have another, set `{key} = \"none\"` in `[filesystem]`")));
        }
    }
}

/// Adds all that nobody has put there already.
pub fn place(layout: &mut Layout<'_>, profile: &Profile, identity: &Identity, facts: &HostFacts) {
    if has_proc(profile) {
        place_proc(layout, &origin(&profile.proc, "filesystem.proc"));
    }
    if has_dev(profile) {
        place_dev(layout, &origin(&profile.dev, "filesystem.dev"));
    }
    place_files(layout, profile, identity, facts);
}

fn has_proc(profile: &Profile) -> bool {
    profile.proc.as_ref().is_none_or(|proc| proc.value == Proc::New)
}

fn has_dev(profile: &Profile) -> bool {
    profile.dev.as_ref().is_none_or(|dev| dev.value == Dev::Minimal)
}

fn place_proc(layout: &mut Layout<'_>, origin: &Origin) {
    layout.put("/proc", MountKind::Proc { source: ProcSource::New }, origin.clone());
    let masks = PROC_READ_ONLY.iter().map(|path| (path, MountKind::ReadOnly));
    for (path, mask) in masks.chain(PROC_HIDDEN.iter().map(|path| (path, MountKind::Hide))) {
        // Every mask costs a mount, and procfs has the same names inside.
        if layout.host.look(Path::new(path)) != Look::Missing {
            layout.put(*path, mask, origin.clone());
        }
    }
}

fn place_dev(layout: &mut Layout<'_>, origin: &Origin) {
    layout.put("/dev", MountKind::Directory { mode: 0o755 }, origin.clone());
    for name in DEVICES {
        let source = Path::new("/dev").join(name);
        if layout.host.look(&source) != Look::Missing {
            layout.put(source.clone(), MountKind::Device { source }, origin.clone());
        }
    }
    for (name, target) in DEVICE_LINKS {
        layout.put(Path::new("/dev").join(name), MountKind::Symlink { target: target.into() }, origin.clone());
    }
    layout.put("/dev/pts", MountKind::Devpts, origin.clone());
    layout.put("/dev/shm", MountKind::Tmpfs { size: None, mode: 0o1777 }, origin.clone());
}

/// Programs look themselves up in these, and the host's own would tell of its other users.
fn place_files(layout: &mut Layout<'_>, profile: &Profile, identity: &Identity, facts: &HostFacts) {
    let names = Names::of(identity, facts);
    let hostname = identity.hostname.as_deref().unwrap_or_default();
    for path in SYNTHESISED.map(Path::new) {
        let Some(destination) = layout.resolve(path) else { continue };
        let is_made = layout.cover(&destination).is_none_or(|cover| matches!(cover.kind, MountKind::Tmpfs { .. }));
        let is_free = layout.standing(&destination) == Standing::Missing;
        if !is_made || !is_free || profile.dropped.contains(path) {
            continue;
        }
        let contents = match path.file_name().and_then(|name| name.to_str()) {
            Some("passwd") => names.passwd(),
            Some("group") => names.group(),
            Some("hostname") => format!("{hostname}\n"),
            _ => identity::hosts(hostname),
        };
        layout.put(destination, MountKind::File { contents, mode: 0o644 }, Origin::Default("identity".into()));
    }
}
