//! What a plan promises of paths, names and system calls, worked out from the plan alone.

use crate::plan::{
    Access, Answer, Architecture, Filter, Mount, MountKind, Origin, Plan, Root, RootAccess, SOCKETS, Syscalls,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// What may be done with what is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Read it.
    ReadOnly,
    /// Write to it.
    Writable,
    /// What the kernel says of its own.
    Kernel,
}

/// The most specific entry of the plan for a path inside, as the plan's order has it.
fn entry<'p>(plan: &'p Plan, path: &Path) -> Option<&'p Mount> {
    let covering =
        plan.mounts.iter().filter(|mount| mount.kind != MountKind::Pin && path.starts_with(&mount.destination));
    covering.max_by_key(|mount| mount.destination.components().count())
}

/// What may be done with a path inside.
pub fn expected(plan: &Plan, path: &Path) -> Expected {
    match entry(plan, path).map(|mount| &mount.kind) {
        Some(kind) if kind.is_writable_of_host() || matches!(kind, MountKind::Tmpfs { .. }) => Expected::Writable,
        Some(MountKind::Device { .. } | MountKind::Devpts | MountKind::Proc { .. }) => Expected::Kernel,
        Some(_) => Expected::ReadOnly,
        None => match plan.root {
            Root::Tmpfs { .. } | Root::Directory { access: RootAccess::Read, .. } => Expected::ReadOnly,
            Root::Directory { .. } => Expected::Writable,
        },
    }
}

/// Who shows a path of the host, if anyone does.
pub fn shown_by<'p>(plan: &'p Plan, path: &Path) -> Option<&'p Origin> {
    let source = |mount: &'p Mount| match &mount.kind {
        MountKind::Bind { source, .. } | MountKind::Kept { source } | MountKind::Device { source } => {
            path.starts_with(source)
        }
        _ => false,
    };
    let root = match &plan.root {
        Root::Directory { source, origin, .. } if path.starts_with(source) => Some(origin),
        _ => None,
    };
    plan.mounts.iter().find(|mount| source(mount)).map(|mount| &mount.origin).or(root)
}

/// Whether a path leads, inside, to a socket of the sandbox's own services, whatever the host has there.
pub fn is_served(plan: &Plan, path: &Path) -> bool {
    let is_own = |kind: &MountKind| matches!(kind, MountKind::Symlink { target } if target.starts_with(SOCKETS));
    plan.mounts.iter().any(|mount| mount.destination == path && is_own(&mount.kind))
}

/// The names that the plan puts into a folder inside, where it makes that folder.
pub fn names_in(plan: &Plan, folder: &Path) -> BTreeSet<OsString> {
    let below = plan.mounts.iter().filter_map(|mount| mount.destination.strip_prefix(folder).ok());
    let first = |path: &Path| match path.components().next() {
        Some(Component::Normal(name)) => Some(name.to_owned()),
        _ => None,
    };
    below.filter_map(first).collect()
}

/// The devices that every program expects, in `/dev`.
const USUAL_DEVICES: [&str; 6] = ["full", "null", "random", "tty", "urandom", "zero"];

/// Whether the device at a path inside is one that every program expects.
pub fn is_usual_device(path: &Path) -> bool {
    path.strip_prefix("/dev").is_ok_and(|name| USUAL_DEVICES.iter().any(|usual| name == Path::new(usual)))
}

/// What is hidden or read-only in something writable of the host.
#[derive(Debug, PartialEq, Eq)]
pub struct Island<'p> {
    /// Where.
    pub path: &'p Path,
    /// Whether it looks empty, rather than can be read.
    pub is_hidden: bool,
    /// The folder around it that can be written.
    pub around: &'p Path,
}

/// The islands of a plan.
pub fn islands(plan: &Plan) -> Vec<Island<'_>> {
    let is_writable = |mount: &&Mount| mount.kind.is_writable_of_host();
    let island = |mount: &'_ Mount| {
        matches!(mount.kind, MountKind::Hide | MountKind::ReadOnly | MountKind::Bind { access: Access::Read, .. })
    };
    let mut found = Vec::new();
    for mount in plan.mounts.iter().filter(|mount| island(mount)) {
        let above = mount.destination.parent();
        let around = plan.mounts.iter().filter(is_writable).map(|mount| mount.destination.as_path());
        let around = around.filter(|folder| above.is_some_and(|above| above.starts_with(folder)));
        if let Some(around) = around.max_by_key(|folder| folder.components().count()) {
            found.push(Island { path: &mount.destination, is_hidden: mount.kind == MountKind::Hide, around });
        }
    }
    found
}

/// Folders inside that are in memory and can be written.
pub fn folders_in_memory(plan: &Plan) -> Vec<PathBuf> {
    let is_tmpfs = |mount: &&Mount| matches!(mount.kind, MountKind::Tmpfs { .. });
    plan.mounts.iter().filter(is_tmpfs).map(|mount| mount.destination.clone()).collect()
}

/// A system call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Its number.
    pub number: i64,
}

macro_rules! calls {
    ($($name:ident)*) => { &[$((stringify!($name), number(libc::$name))),*] };
}

/// A number of the C library is wider on some machines.
const fn number(number: libc::c_long) -> i64 {
    number
}

/// What is refused, in the promise's own order.
pub const REFUSABLE: &[(&str, i64)] = calls! {
    SYS_mount SYS_umount2 SYS_open_tree SYS_move_mount SYS_fsopen SYS_fsconfig SYS_fsmount SYS_fspick SYS_mount_setattr
    SYS_pivot_root SYS_setns SYS_keyctl SYS_add_key SYS_request_key SYS_bpf SYS_perf_event_open SYS_userfaultfd
    SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register SYS_kexec_load SYS_init_module SYS_finit_module
    SYS_delete_module SYS_open_by_handle_at SYS_quotactl SYS_swapon SYS_swapoff SYS_acct SYS_reboot SYS_syslog
    SYS_settimeofday SYS_clock_settime SYS_kcmp SYS_lookup_dcookie SYS_vhangup
};

/// What is refused by some policies only.
const ALSO_REFUSABLE: &[(&str, i64)] =
    calls! { SYS_ptrace SYS_process_vm_readv SYS_process_vm_writev SYS_fanotify_init };

/// What the machines of one kind alone refuse.
#[cfg(target_arch = "x86_64")]
pub const REFUSABLE_HERE: &[(&str, i64)] = calls! { SYS_kexec_file_load SYS_iopl SYS_ioperm };
/// What the machines of one kind alone refuse.
#[cfg(not(target_arch = "x86_64"))]
pub const REFUSABLE_HERE: &[(&str, i64)] = &[];

/// What policies may not know, and newer kernels have.
const NEW: &[(&str, i64)] = &[
    ("SYS_clone3", number(libc::SYS_clone3)),
    // The same on every architecture (asm-generic/unistd.h).
    ("SYS_memfd_secret", 447),
    ("SYS_cachestat", 451),
    ("SYS_map_shadow_stack", 453),
    ("SYS_statmount", 457),
    ("SYS_listmount", 458),
    ("SYS_lsm_get_self_attr", 459),
];

/// The calls of a list that a filter answers in a way.
fn answered(filter: &Filter, list: &[(&str, i64)], as_wanted: fn(Answer<'_>) -> bool) -> Vec<Call> {
    let wanted = |(_, number): &&(&str, i64)| as_wanted(filter.answer(Architecture::NATIVE, *number as u32));
    let call = |(name, number): &(&str, i64)| Call { name: name.trim_start_matches("SYS_").into(), number: *number };
    list.iter().filter(wanted).map(call).collect()
}

/// What the plan's filter refuses of all that is refusable.
pub fn refused(plan: &Plan) -> Vec<Call> {
    let Syscalls::Filtered(filter) = &plan.syscalls else { return Vec::new() };
    let closed = |answer: Answer<'_>| matches!(answer, Answer::Refused | Answer::Unknown);
    let of = |list| answered(filter, list, closed);
    [REFUSABLE, REFUSABLE_HERE, ALSO_REFUSABLE].into_iter().flat_map(of).collect()
}

/// What of it the plan's filter lets through.
pub fn let_through(plan: &Plan) -> Vec<Call> {
    let Syscalls::Filtered(filter) = &plan.syscalls else { return Vec::new() };
    let open = |answer: Answer<'_>| matches!(answer, Answer::Allowed | Answer::If(_));
    let of = |list| answered(filter, list, open);
    [REFUSABLE, REFUSABLE_HERE].into_iter().flat_map(of).collect()
}

/// What of the newer calls the plan's filter does not know.
pub fn unknown(plan: &Plan) -> Vec<Call> {
    let Syscalls::Filtered(filter) = &plan.syscalls else { return Vec::new() };
    answered(filter, NEW, |answer| answer == Answer::Unknown)
}
