//! What nsbox itself puts into a sandbox: `/proc`, `/dev` and a few files in `/etc`.

use super::identity::{self, Names};
use super::layout::{Layout, Standing};
use super::origin;
use crate::error::Diagnostics;
use crate::frontend::profile::merged::{Dev, Nested, Proc, Profile, Terminal};
use crate::host::HostFacts;
use crate::host::Look;
use crate::plan::{Identity, MountKind, Origin, ProcMasks, ProcSource};
use std::borrow::Cow;
use std::path::Path;

/// The files that are written for the sandbox where no entry says otherwise.
pub const SYNTHESISED: [&str; 4] = ["/etc/passwd", "/etc/group", "/etc/hostname", "/etc/hosts"];

/// Parts of procfs that configure the kernel: readable, since programs read them, but never writable.
const PROC_READ_ONLY: [&str; 5] = ["bus", "fs", "irq", "sys", "sysrq-trigger"];
/// Parts of procfs that tell of the host or of its memory. A real root launcher, even without capabilities, could read
/// them by owning them.
const PROC_HIDDEN: [&str; 10] = [
    "acpi",
    "asound",
    "kcore",
    "key-users",
    "keys",
    "latency_stats",
    "sched_debug",
    "scsi",
    "timer_list",
    "timer_stats",
];

/// What the kernel shows to root alone, of the memory of the whole machine; nobody else need have it covered.
const PROC_OF_ROOT: [&str; 6] = ["kpagecgroup", "kpagecount", "kpageflags", "pagetypeinfo", "slabinfo", "vmallocinfo"];

/// POSIX message queues of the host, and the sockets of its logs.
const DEV_HIDDEN: [&str; 2] = ["/dev/mqueue", "/dev/log"];

const DEVICES: [&str; 6] = ["full", "null", "random", "tty", "urandom", "zero"];
const DEVICE_LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("ptmx", "pts/ptmx"),
    ("stderr", "/proc/self/fd/2"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
];

/// Takes out entries that stand where `filesystem.dev` or `filesystem.proc` already puts something.
pub fn refuse_clashes(profile: &mut Profile, found: &mut Diagnostics) {
    let taken = [("/dev", "dev", has_dev(profile)), ("/proc", "proc", has_proc(profile))];
    for (path, key, _) in taken.into_iter().filter(|(_, _, taken)| *taken) {
        if let Some(entry) = profile.entries.remove(Path::new(path)) {
            let problem = entry.place.error(format!("`{path}` is made by nsbox itself"));
            found.push(problem.hint(format!("to have another, set `{key} = \"none\"` in `[filesystem]`")));
        }
    }
}

/// Adds all that nobody has put there already.
pub fn place(layout: &mut Layout<'_>, profile: &Profile, identity: &Identity, facts: &HostFacts) {
    let proc = origin(&profile.proc, "filesystem.proc");
    match profile.proc.as_ref().map_or(Proc::New, |proc| proc.value) {
        Proc::New => {
            let nested = profile.nested.as_ref().is_some_and(|nested| nested.value == Nested::Allow);
            place_proc(layout, ProcSource::New, nested, facts, proc);
        }
        Proc::Existing => place_proc(layout, ProcSource::Existing, false, facts, proc),
        Proc::None => {}
    }
    let dev = origin(&profile.dev, "filesystem.dev");
    match profile.dev.as_ref().map_or(Dev::Minimal, |dev| dev.value) {
        Dev::Minimal => place_dev(layout, &dev),
        Dev::Host => place_host_dev(layout, &dev),
        Dev::None => {}
    }
    let is_private = profile.terminal.as_ref().is_some_and(|mode| mode.value == Terminal::Private);
    if has_dev(profile) && !is_private {
        place_console(layout, &dev);
    }
    place_files(layout, profile, identity, facts);
}

fn has_proc(profile: &Profile) -> bool {
    profile.proc.as_ref().is_none_or(|proc| proc.value != Proc::None)
}

fn has_dev(profile: &Profile) -> bool {
    profile.dev.as_ref().is_none_or(|dev| dev.value != Dev::None)
}

fn place_proc(layout: &mut Layout<'_>, source: ProcSource, repeatable: bool, facts: &HostFacts, origin: Origin) {
    let of_root: &[_] = if facts.is_real_root { &PROC_OF_ROOT } else { &[] };
    // What an entry of the profile puts there is not masked.
    let is_any_taken = layout.holds_something(Path::new("/proc"));
    let is_free = |name: &&str| !is_any_taken || layout.at(&Path::new("/proc").join(name)).is_none();
    let free = |names: &[&'static str]| names.iter().copied().filter(is_free).map(Cow::from).collect::<Vec<_>>();
    let masks = ProcMasks { hidden: [free(&PROC_HIDDEN), free(of_root)].concat(), read_only: free(&PROC_READ_ONLY) };
    layout.put("/proc", MountKind::Proc { source, repeatable, masks }, origin);
}

fn place_dev(layout: &mut Layout<'_>, origin: &Origin) {
    let mode = 0o755;
    // In a root of the host's own making there may be anything at /dev.
    let is_own = layout.at(Path::new("/")).is_none();
    let folder = if is_own { MountKind::Directory { mode } } else { MountKind::Tmpfs { size: None, mode } };
    layout.put("/dev", folder, origin.clone());
    for name in DEVICES {
        let source = Path::new("/dev").join(name);
        if layout.host.look(&source) != Look::Missing {
            layout.put(source.clone(), MountKind::Device { source }, origin.clone());
        }
    }
    for (name, target) in DEVICE_LINKS {
        layout.put(Path::new("/dev").join(name), MountKind::Symlink { target: target.into() }, origin.clone());
    }
    place_own_dev(layout, origin);
}

/// The host's own, but for what lets programs talk to each other.
fn place_host_dev(layout: &mut Layout<'_>, origin: &Origin) {
    layout.put("/dev", MountKind::Device { source: "/dev".into() }, origin.clone());
    place_own_dev(layout, origin);
    for path in DEV_HIDDEN {
        if layout.host.look(Path::new(path)) != Look::Missing {
            layout.put(path, MountKind::Hide, origin.clone());
        }
    }
}

/// Terminals and shared memory, which are the sandbox's own whatever else is in `/dev`.
fn place_own_dev(layout: &mut Layout<'_>, origin: &Origin) {
    layout.put("/dev/pts", MountKind::Devpts, origin.clone());
    layout.put("/dev/shm", MountKind::Tmpfs { size: None, mode: 0o1777 }, origin.clone());
}

/// The name inside of the terminal that the caller shares, which is not one of the sandbox's own.
fn place_console(layout: &mut Layout<'_>, origin: &Origin) {
    let path = Path::new("/dev/console");
    // The host's own devices have room for it only where there is one, as in all but some containers.
    let has_room = layout.is_creatable(path) || layout.standing(path) == Standing::File;
    if has_room {
        layout.put(path, MountKind::Console, origin.clone());
    }
}

/// Programs look themselves up in these, and the host's own would tell of its other users.
fn place_files(layout: &mut Layout<'_>, profile: &Profile, identity: &Identity, facts: &HostFacts) {
    let names = Names::of(identity, facts);
    let hostname = identity.hostname.as_deref().unwrap_or_default();
    for path in SYNTHESISED.map(Path::new) {
        let Some(destination) = layout.resolve(path) else { continue };
        let is_made = layout.is_creatable(&destination);
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
