//! What makes a draft a plan.

mod ids;
mod services;

use super::{
    Architecture, Coverage, Draft, FILES_MAX, Filter, Init, Mount, MountKind, Origin, PATH_MAX, ProcMasks, ProcSource,
    Root, RootAccess, Syscalls, Table, Terminal, VERSION, is_normal, is_root,
};
use crate::error::{Diagnostic, Diagnostics};
use std::ffi::OsStr;
use std::fmt::Display;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The longest host name that the kernel takes, in bytes (`__NEW_UTS_LEN`, linux/utsname.h).
const HOSTNAME_MAX: usize = 64;
/// More than a hundred years, in seconds; the kernel takes about 146 (`KTIME_SEC_MAX`, linux/ktime.h).
const SECONDS_MAX: u64 = 4_000_000_000;
/// The system calls of Linux on any architecture stay below this number; x32's bit is above it.
const SYSCALL_MAX: u32 = 1024;
/// How many bytes nsbox's own files may hold beside them: a name or a path in each line, none longer than the kernel takes.
const FILES_OWN_MAX: usize = 64 << 10;
/// Without these the launch itself could neither end nor say why it failed.
const INDISPENSABLE: [(&str, libc::c_long); 3] =
    [("execve", libc::SYS_execve), ("exit_group", libc::SYS_exit_group), ("write", libc::SYS_write)];

/// Finds all that is wrong with a draft.
pub fn check(draft: &Draft) -> Diagnostics {
    let mut found = Diagnostics::default();
    if draft.version != VERSION {
        let message = format!("this plan is of version {}, and nsbox reads version {VERSION}", draft.version);
        found.push(Diagnostic::error(message));
        return found;
    }
    check_command(draft, &mut found);
    check_namespaces(draft, &mut found);
    match &draft.root {
        Root::Directory { source, origin, .. } => check_path(source, "the root folder", origin, &mut found),
        Root::Tmpfs { size } => size.and_then(unbounded).into_iter().for_each(|problem| found.push(problem)),
    }
    for mount in &draft.mounts {
        check_mount(draft, mount, &mut found);
    }
    check_places(&draft.root, &draft.mounts, &mut found);
    services::check(draft, &mut found);
    let contents = |mount: &Mount| if let MountKind::File { contents, .. } = &mount.kind { contents.len() } else { 0 };
    if draft.mounts.iter().map(contents).sum::<usize>() > FILES_MAX + FILES_OWN_MAX {
        found.push(Diagnostic::error("the files of this plan hold more than 1 MiB"));
    }
    if let Syscalls::Filtered(filter) = &draft.syscalls {
        check_filter(filter, &mut found);
    }
    found
}

fn check_command(draft: &Draft, found: &mut Diagnostics) {
    match draft.command.argv.first() {
        None => found.push(Diagnostic::error("no command to run").hint("name one: `nsbox bash`")),
        Some(program) if program.is_empty() => found.push(Diagnostic::error("the command is an empty word")),
        Some(_) => {}
    }
    for word in &draft.command.argv {
        refuse_nul(word, "a word of the command", found);
    }
    check_path(&draft.command.directory, "the working directory", &draft.command.directory_origin, found);
    for variable in &draft.environment {
        let name = variable.name.as_bytes();
        if name.is_empty() || name.contains(&b'=') {
            let message = format!("`{}` cannot be the name of a variable", variable.name.display());
            found.push(Diagnostic::error(message).hint(format!("asked for by {}", variable.origin)));
        }
        refuse_nul(&variable.name, "the name of a variable", found);
        refuse_nul(&variable.value, format_args!("the value of `{}`", variable.name.display()), found);
    }
    check_said_once(draft, found);
    if let super::Descriptors::Only(kept) = &draft.descriptors {
        for fd in kept.iter().filter(|fd| **fd <= 2) {
            found.push(Diagnostic::error(format!("descriptor {fd} always crosses over, or is no descriptor")));
        }
    }
}

/// Of two that say something of the same, only one could be true, and who reads the plan may take the other for it.
fn check_said_once(draft: &Draft, found: &mut Diagnostics) {
    let mut variables: Vec<_> = draft.environment.iter().map(|variable| &variable.name).collect();
    variables.sort();
    if let Some(twice) = variables.windows(2).find(|pair| pair[0] == pair[1]) {
        found.push(Diagnostic::error(format!("the variable `{}` has two values", twice[0].display())));
    }
    let mut limits: Vec<_> = draft.limits.iter().map(|limit| limit.resource).collect();
    limits.sort();
    if let Some(twice) = limits.windows(2).find(|pair| pair[0] == pair[1]) {
        found.push(Diagnostic::error(format!("the limit {:?} has two values", twice[0])));
    }
    let super::Descriptors::Only(kept) = &draft.descriptors else { return };
    let mut kept = kept.clone();
    kept.sort_unstable();
    if let Some(twice) = kept.windows(2).find(|pair| pair[0] == pair[1]) {
        found.push(Diagnostic::error(format!("descriptor {} is named twice", twice[0])));
    }
}

/// A terminal of its own is one of the sandbox's devpts, and init hands it over.
fn check_terminal(draft: &Draft, found: &mut Diagnostics) {
    let Terminal::Private { origin } = &draft.terminal else { return };
    let has_devpts =
        draft.mounts.iter().any(|mount| mount.kind == MountKind::Devpts && mount.destination == Path::new("/dev/pts"));
    if !has_devpts {
        let problem = Diagnostic::error("a terminal of the sandbox's own needs a `/dev/pts`");
        found.push(problem.hint(format!("asked for by {origin}")));
    }
    if draft.namespaces.init == Init::Payload {
        let problem = Diagnostic::error("a payload that is pid 1 itself cannot have a terminal of its own");
        found.push(problem.hint(format!("asked for by {origin}")));
    }
}

/// Nothing is too long for the kernel, and nothing is said twice.
fn check_times(draft: &Draft, found: &mut Diagnostics) {
    if let Some(wall_time) = draft.wall_time.as_ref().filter(|time| !(1..=SECONDS_MAX).contains(&time.seconds)) {
        let message = format!("{} seconds are no time to run", wall_time.seconds);
        found.push(Diagnostic::error(message).hint(format!("asked for by {}", wall_time.origin)));
    }
    let clocks = &draft.namespaces.time;
    for (index, offset) in clocks.iter().enumerate() {
        if clocks[..index].iter().any(|earlier| earlier.clock == offset.clock) {
            let message = format!("the clock {:?} has two offsets", offset.clock);
            found.push(Diagnostic::error(message).hint(format!("asked for by {}", offset.origin)));
        }
        if offset.seconds.unsigned_abs() > SECONDS_MAX {
            let message = format!("a clock cannot be set forward by {} seconds", offset.seconds);
            found.push(Diagnostic::error(message).hint(format!("asked for by {}", offset.origin)));
        }
    }
}

fn check_namespaces(draft: &Draft, found: &mut Diagnostics) {
    check_times(draft, found);
    check_terminal(draft, found);
    let identity = &draft.identity;
    ids::check(draft, found);
    if let Some(name) = &identity.hostname {
        if !draft.namespaces.uts {
            found.push(Diagnostic::error("a host name of its own needs a UTS namespace"));
        }
        let fits = (1..=HOSTNAME_MAX).contains(&name.len()) && !name.bytes().any(|b| b <= b' ' || b == 0x7f);
        if !fits {
            let message = format!("`{}` cannot be a host name", name.escape_debug());
            found.push(
                Diagnostic::error(message)
                    .hint(format!("1 to {HOSTNAME_MAX} bytes without spaces or control characters")),
            );
        }
    }
    if draft.namespaces.init == Init::Payload && !draft.namespaces.pid {
        found.push(Diagnostic::error("the payload can be pid 1 only in a pid namespace of its own"));
    }
}

fn check_mount(draft: &Draft, mount: &Mount, found: &mut Diagnostics) {
    check_path(&mount.destination, "a mount's destination", &mount.origin, found);
    if is_root(&mount.destination) {
        found.push(
            Diagnostic::error("the root itself cannot be an entry")
                .hint(format!("asked for by {}; name the folders below it", mount.origin)),
        );
    }
    match &mount.kind {
        MountKind::Bind { source, .. } | MountKind::Device { source } | MountKind::Kept { source } => {
            check_path(source, "a mount's source", &mount.origin, found);
        }
        MountKind::Tmpfs { mode, size } => {
            check_mode(*mode, mount, found);
            if let Some(problem) = size.and_then(unbounded) {
                found.push(problem.hint(format!("asked for by {}", mount.origin)));
            }
        }
        MountKind::Directory { mode } | MountKind::File { mode, .. } => check_mode(*mode, mount, found),
        MountKind::Symlink { target } => {
            refuse_nul(target.as_os_str(), "the target of a symlink", found);
            refuse_too_long(target, "the target of a symlink", &mount.origin, found);
            if target.as_os_str().is_empty() {
                found.push(
                    Diagnostic::error(format!("the symlink {} has no target", mount.destination.display()))
                        .hint(format!("asked for by {}", mount.origin)),
                );
            }
        }
        MountKind::Proc { source, masks, .. } => {
            if *source == ProcSource::New && !draft.namespaces.pid {
                found.push(Diagnostic::error("a new procfs needs a pid namespace of its own"));
            }
            check_masks(masks, mount, found);
        }
        MountKind::Console if matches!(draft.terminal, Terminal::Private { .. }) => {
            let message = format!("the caller's terminal cannot be at `{}`", mount.destination.display());
            let problem = Diagnostic::error(message).hint("the sandbox has a terminal of its own");
            found.push(problem);
        }
        MountKind::Sockets if draft.services.is_empty() => {
            found.push(Diagnostic::error("a folder for the sockets of services, of which the plan has none"));
        }
        MountKind::Devpts
        | MountKind::Console
        | MountKind::Sockets
        | MountKind::Hide
        | MountKind::ReadOnly
        | MountKind::Pin => {}
    }
}

/// A mask is about an entry of the procfs itself.
fn check_masks(masks: &ProcMasks, mount: &Mount, found: &mut Diagnostics) {
    for name in masks.hidden.iter().chain(&masks.read_only) {
        if matches!(&**name, "" | "." | "..") || name.contains(['/', '\0']) {
            let message = format!("`{}` cannot be the name of an entry of procfs", name.escape_debug());
            found.push(Diagnostic::error(message).hint(format!("asked for by {}", mount.origin)));
        }
    }
}

/// What is wrong with the size of a tmpfs that the kernel would take for none: it counts in pages, rounds up, and overflows.
fn unbounded(size: u64) -> Option<Diagnostic> {
    let bounds = 1..=i64::MAX as u64;
    let message = || format!("a tmpfs of {size} bytes would be one without a bound");
    (!bounds.contains(&size)).then(|| Diagnostic::error(message()))
}

/// Refuses what would have to be created inside a bind, that is on the host, and what would stand below a symlink,
/// which might lead it anywhere.
fn check_places(root: &Root, mounts: &[Mount], found: &mut Diagnostics) {
    let mut coverage = Coverage::with_capacity(mounts.len());
    let root_of_host = matches!(root, Root::Directory { access: RootAccess::Read | RootAccess::Write, .. });
    // One over the root is refused by itself, and says nothing about all the others.
    for mount in mounts.iter().filter(|mount| !is_root(&mount.destination)) {
        let created =
            matches!(mount.kind, MountKind::Symlink { .. } | MountKind::File { .. } | MountKind::Directory { .. });
        if root_of_host && created && coverage.of(&mount.destination).is_none() {
            let message = format!(
                "`{}` cannot be made: it lies in the root folder, and nothing is ever created there",
                mount.destination.display()
            );
            found.push(Diagnostic::error(message).hint(format!("asked for by {}", mount.origin)));
        }
        let reason = coverage.of(&mount.destination).and_then(|cover| {
            let reason = match cover.kind {
                MountKind::Symlink { .. } | MountKind::File { .. } => "which is no folder",
                MountKind::Tmpfs { .. } | MountKind::Kept { .. } => return None,
                _ if created => "and nothing is ever created there",
                _ => return None,
            };
            Some((cover, reason))
        });
        if let Some((cover, reason)) = reason {
            let (inner, outer) = (mount.destination.display(), cover.destination.display());
            let hint = format!("`{inner}` is asked for by {}, `{outer}` by {}", mount.origin, cover.origin);
            found.push(
                Diagnostic::error(format!("`{inner}` cannot be made: it lies inside `{outer}`, {reason}")).hint(hint),
            );
        }
        coverage.add(mount);
    }
}

fn check_filter(filter: &Filter, found: &mut Diagnostics) {
    let native = Architecture::NATIVE;
    match filter.tables.split_first() {
        Some((first, others)) if first.architecture == native => {
            for (i, table) in others.iter().enumerate() {
                let (architecture, name) = (table.architecture, table.architecture.name());
                if filter.tables[..=i].iter().any(|earlier| earlier.architecture == architecture) {
                    found.push(Diagnostic::error(format!("{name} has two tables in the filter")));
                } else if !native.also_runs(architecture) {
                    found.push(Diagnostic::error(format!("{} runs no programs of {name}", native.name())));
                }
            }
        }
        _ => found.push(Diagnostic::error(format!("the filter's first table is not that of {}", native.name()))),
    }
    for table in &filter.tables {
        check_table(table, found);
    }
    for (name, number) in INDISPENSABLE {
        let number = number as u32;
        let conditional = |table: &Table| table.allow_if.iter().any(|c| c.number == number);
        if filter.table(native).is_some_and(conditional) || !filter.lets_through(native, number) {
            let message = format!("the syscall policy refuses `{name}`, without which no command can be started");
            found.push(Diagnostic::error(message).hint(format!("asked for by {}", filter.origin)));
        }
    }
}

fn check_table(table: &Table, found: &mut Diagnostics) {
    let conditional = table.allow_if.iter().map(|c| c.number);
    let numbers = table.allow.iter().copied().chain(conditional).chain(table.refuse.iter().copied());
    let mut answered = [false; SYSCALL_MAX as usize];
    let is_new = |number: u32| answered.get_mut(number as usize).is_some_and(|seen| !std::mem::replace(seen, true));
    if !numbers.clone().all(is_new) {
        let mut sorted: Vec<u32> = numbers.collect();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|w| w[0] == w[1]) {
            found.push(Diagnostic::error(format!("system call {} has two answers in the filter", twice[0])));
        }
        if let Some(absurd) = sorted.last().filter(|n| **n >= SYSCALL_MAX) {
            found.push(Diagnostic::error(format!("{absurd} is no system call")));
        }
    }
    for conditional in &table.allow_if {
        let conditions = conditional.any_of.iter().flatten();
        if conditions.clone().any(|c| c.argument > 5) || conditional.any_of.iter().any(Vec::is_empty) {
            let message = format!("the conditions on system call {} are not well formed", conditional.number);
            found.push(Diagnostic::error(message));
        }
    }
}

fn check_path(path: &Path, what: &str, origin: &Origin, found: &mut Diagnostics) {
    refuse_nul(path.as_os_str(), what, found);
    refuse_too_long(path, what, origin, found);
    if !is_normal(path) {
        let message = format!("{what} is not an absolute, normalised path: `{}`", path.display());
        found.push(Diagnostic::error(message).hint(format!("asked for by {origin}")));
    }
}

/// No kernel would take it; and what is done for each folder above a path has no end where a path has none.
fn refuse_too_long(path: &Path, what: &str, origin: &Origin, found: &mut Diagnostics) {
    let length = path.as_os_str().len();
    if length > PATH_MAX {
        let message = format!("{what} is a path of {length} bytes; {PATH_MAX} are the most");
        found.push(Diagnostic::error(message).hint(format!("asked for by {origin}")));
    }
}

fn check_mode(mode: u32, mount: &Mount, found: &mut Diagnostics) {
    if mode & !0o1777 != 0 {
        let message = format!("{mode:o} are no permissions for {}", mount.destination.display());
        found.push(Diagnostic::error(message).hint(format!("asked for by {}; at most 1777", mount.origin)));
    }
}

fn refuse_nul(word: &OsStr, what: impl Display, found: &mut Diagnostics) {
    if word.as_bytes().contains(&0) {
        found.push(Diagnostic::error(format!("{what} contains a NUL byte")));
    }
}
