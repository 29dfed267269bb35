//! Attacks on what is promised of files.

use super::mounts::{MountPoint, c_path};
use super::{Inside, aside, compare_namespace};
use crate::plan::MountKind;
use crate::sys::attempt::{Answer, call};
use crate::verify::expectations::{self, Expected, expected, names_in};
use crate::verify::testimony::Seen;
use rustix::fs::{AtFlags, CWD, Dev, FileType, Mode, OFlags, RawMode, StatVfsMountFlags, linkat, mknodat, openat};
use rustix::io::Errno;
use std::ffi::CString;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// More of a kind are not attacked, where a profile names thousands.
const TARGETS_MAX: usize = 64;

/// Reads the bait by a path, if it can.
fn read_bait(seen: &mut Seen, path: &Path) {
    seen.tries();
    let mut bytes = Vec::new();
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    if let Ok(file) = openat(CWD, path, flags, Mode::empty())
        && File::from(file).take(256).read_to_end(&mut bytes).is_ok()
    {
        seen.gets(path.display(), &bytes);
    }
}

pub fn host_files(inside: &Inside, seen: &mut Seen) {
    let bait = &inside.scene.lure.file;
    let below = bait.strip_prefix("/").unwrap_or(bait);
    let up = "../".repeat(48);
    read_bait(seen, bait);
    read_bait(seen, &Path::new(&up).join(below));
    read_bait(seen, &Path::new("/").join(&up).join(below));
    for lead in ["/proc/1/root", "/proc/1/cwd", "/proc/self/root", "/proc/self/cwd", "/proc/self/task/1/root"] {
        read_bait(seen, &Path::new(lead).join(&up).join(below));
    }
    for number in 0..64 {
        read_bait(seen, &Path::new("/proc/self/fd").join(number.to_string()).join(&up).join(below));
    }
    second_chroot(inside, seen, below);
    for path in [c"/", c"/."] {
        aside(seen, |seen| {
            // Detached, a mount shows what it covers.
            seen.tries();
            let detached = call(libc::SYS_umount2, [path.as_ptr() as usize, libc::MNT_DETACH as usize, 0, 0, 0, 0]);
            if matches!(detached, Answer::Value(_)) {
                seen.reaches(format_args!("{} could be detached", path.to_string_lossy()));
            }
            read_bait(seen, bait);
        });
    }
    compare_namespace(seen, "mnt");
}

/// The way out of a chroot: a working directory that stays above a second one.
fn second_chroot(inside: &Inside, seen: &mut Seen, below: &Path) {
    let Some(folder) = inside.writable_folder() else { return };
    let jail = folder.join(inside.stray()).with_extension("jail");
    if std::fs::create_dir(&jail).is_err() {
        return;
    }
    aside(seen, |seen| {
        seen.tries();
        if nix::unistd::chroot(&jail).is_ok() {
            read_bait(seen, &Path::new(&"../".repeat(48)).join(below));
        }
    });
    // Who is in it could not.
    drop(std::fs::remove_dir(&jail));
}

pub fn root_folder(inside: &Inside, seen: &mut Seen) {
    entries(inside, seen, Path::new("/"));
}

pub fn sys_folder(inside: &Inside, seen: &mut Seen) {
    for folder in ["/sys", "/sys/devices", "/sys/devices/system", "/sys/kernel", "/sys/fs"] {
        let folder = Path::new(folder);
        // What is below an entry of the plan is there on purpose.
        let is_shown = inside.claim().mounts.iter().any(|mount| folder.starts_with(&mount.destination));
        if !is_shown {
            entries(inside, seen, folder);
        }
    }
    let is_below = |mount: &&MountPoint| mount.path.starts_with("/sys");
    for mount in inside.mounts(seen).iter().filter(is_below) {
        let writable = !mount.has("ro") && expected(inside.claim(), &mount.path) == Expected::ReadOnly;
        seen.expects(!writable, format_args!("{} can be written", mount.path.display()));
    }
}

/// Looks for what is in a folder of the sandbox's own and not of the plan.
fn entries(inside: &Inside, seen: &mut Seen, folder: &Path) {
    let mut known = names_in(inside.claim(), folder);
    // nsbox itself, which is there for this only.
    known.extend(inside.scene.program.strip_prefix(folder).ok().and_then(|path| path.iter().next()).map(Into::into));
    seen.tries();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if !known.contains(&entry.file_name()) {
            seen.reaches(entry.path().display());
        }
    }
}

/// The mounts that should be read-only.
fn read_only_mounts<'m>(inside: &Inside, mounts: &'m [MountPoint]) -> Vec<&'m MountPoint> {
    let read_only = |mount: &&MountPoint| expected(inside.claim(), &mount.path) == Expected::ReadOnly;
    mounts.iter().filter(read_only).collect()
}

pub fn read_only(inside: &Inside, seen: &mut Seen) {
    let mounts = inside.mounts(seen);
    for mount in read_only_mounts(inside, mounts) {
        seen.expects(mount.has("ro"), format_args!("{} is mounted writable", mount.path.display()));
    }
    // The entries themselves, whatever is mounted: what the plan shows read-only may be no mount at all.
    let shown = inside.claim().mounts.iter().map(|mount| &mount.destination);
    let shown = shown.filter(|path| expected(inside.claim(), path) == Expected::ReadOnly);
    for path in shown.chain([&PathBuf::from("/")]) {
        write_attempt(seen, path);
    }
}

/// Opens something for writing, in a way that changes nothing.
fn write_attempt(seen: &mut Seen, path: &Path) {
    let Ok(found) = std::fs::symlink_metadata(path) else { return };
    let flags = match (found.is_dir(), found.is_file()) {
        // A file without a name, gone when it is closed.
        (true, _) => OFlags::TMPFILE | OFlags::WRONLY,
        (_, true) => OFlags::WRONLY,
        _ => return,
    };
    let held = !can_be_written(path, flags | OFlags::NOFOLLOW);
    seen.expects(held, format_args!("{} could be opened for writing", path.display()));
}

/// Whether something can be opened for writing, be it that it is a program which runs: that is asked after whether its
/// permissions let it be written, but before whether its mount does.
pub fn can_be_written(path: &Path, flags: OFlags) -> bool {
    match openat(CWD, path, flags | OFlags::CLOEXEC, Mode::from_raw_mode(0o600)) {
        Ok(_) => true,
        Err(Errno::TXTBSY) => {
            let mount = rustix::fs::statvfs(path);
            mount.map_or(true, |found| !found.f_flag.contains(StatVfsMountFlags::RDONLY))
        }
        Err(_) => false,
    }
}

pub fn locked(inside: &Inside, seen: &mut Seen) {
    let mounts = inside.mounts(seen);
    let targets = read_only_mounts(inside, mounts);
    for mount in targets.iter().take(TARGETS_MAX) {
        let Some(path) = c_path(&mount.path) else { continue };
        remount(seen, &path, "remounted");
    }
    for mount in targets.iter().take(TARGETS_MAX).filter(|mount| mount.path != Path::new("/")) {
        let Some(path) = c_path(&mount.path) else { continue };
        let detached = call(libc::SYS_umount2, [path.as_ptr() as usize, libc::MNT_DETACH as usize, 0, 0, 0, 0]);
        seen.expects(!matches!(detached, Answer::Value(_)), format_args!("{} could be detached", mount.path.display()));
    }
    // In a user namespace of its own, where one can be made, all capabilities are had again.
    aside(seen, |seen| {
        seen.tries();
        if crate::sys::namespaces::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS).is_ok() {
            for mount in targets.iter().take(TARGETS_MAX) {
                let Some(path) = c_path(&mount.path) else { continue };
                remount(seen, &path, "remounted from a nested user namespace");
            }
        }
    });
    if let Some(folder) = inside.writable_folder() {
        seen.tries();
        let link = folder.join(inside.stray()).with_extension("link");
        if linkat(CWD, &inside.scene.program, CWD, &link, AtFlags::empty()).is_ok() {
            seen.reaches(format_args!("{} could be linked to", inside.scene.program.display()));
            drop(std::fs::remove_file(&link));
        }
    }
}

/// Makes a mount writable, by both calls that can.
fn remount(seen: &mut Seen, path: &CString, how: &str) {
    let flags = (libc::MS_REMOUNT | libc::MS_BIND) as usize;
    let place = path.as_ptr() as usize;
    let old = call(libc::SYS_mount, [0, place, 0, flags, 0, 0]);
    let attr = libc::mount_attr { attr_set: 0, attr_clr: libc::MOUNT_ATTR_RDONLY, propagation: 0, userns_fd: 0 };
    let attr = &raw const attr as usize;
    let here = libc::AT_FDCWD as usize;
    let new = call(libc::SYS_mount_setattr, [here, place, 0, attr, size_of::<libc::mount_attr>(), 0]);
    for answer in [old, new] {
        let held = !matches!(answer, Answer::Value(_));
        seen.expects(held, format_args!("{} could be {how}", path.to_string_lossy()));
    }
}

pub fn nosuid_nodev(inside: &Inside, seen: &mut Seen) {
    let is_device = |path: &Path| {
        let of_devices = |kind: &MountKind| matches!(kind, MountKind::Device { .. } | MountKind::Devpts);
        inside.claim().mounts.iter().any(|mount| of_devices(&mount.kind) && path.starts_with(&mount.destination))
    };
    for mount in inside.mounts(seen) {
        seen.expects(mount.has("nosuid"), format_args!("{} honours set-id bits", mount.path.display()));
        let nodev = mount.has("nodev") || is_device(&mount.path);
        seen.expects(nodev, format_args!("{} has devices", mount.path.display()));
    }
}

pub fn device_nodes(inside: &Inside, seen: &mut Seen) {
    let mut folders = expectations::folders_in_memory(inside.claim());
    folders.push("/dev".into());
    for folder in folders {
        let path = folder.join(inside.stray()).with_extension("device");
        for (kind, name) in [(FileType::CharacterDevice, "character"), (FileType::BlockDevice, "block")] {
            seen.tries();
            let number: Dev = rustix::fs::makedev(1, 3);
            if mknodat(CWD, &path, kind, Mode::from_raw_mode(0o600), number).is_ok() {
                seen.reaches(format_args!("a {name} device could be made in {}", folder.display()));
                drop(std::fs::remove_file(&path));
            }
        }
    }
}

pub fn devices(inside: &Inside, seen: &mut Seen) {
    seen.tries();
    let mut folders = vec![PathBuf::from("/dev")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let is_named = inside.claim().mounts.iter().any(|mount| {
                let of_devices = |kind: &MountKind| {
                    matches!(kind, MountKind::Device { .. } | MountKind::Devpts | MountKind::Console)
                };
                of_devices(&mount.kind) && path.starts_with(&mount.destination)
            });
            match std::fs::symlink_metadata(&path).map(|found| found.file_type()) {
                _ if is_named => {}
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_char_device() || kind.is_block_device() => seen.reaches(path.display()),
                _ => {}
            }
        }
    }
}

pub fn set_user_id(inside: &Inside, seen: &mut Seen) {
    let Some(folder) = inside.writable_folder() else { return seen.cannot("there is no folder to write in") };
    let path = folder.join(inside.stray()).with_extension("set-id");
    if std::fs::write(&path, "#!").is_err() {
        return seen.cannot(format_args!("nothing could be written in {}", folder.display()));
    }
    let mode: RawMode = 0o4755;
    let mode = mode as usize;
    let Some(place) = c_path(&path) else { return };
    let here = libc::AT_FDCWD as usize;
    let mut answers = vec![call(libc::SYS_fchmodat, [here, place.as_ptr() as usize, mode, 0, 0, 0])];
    if let Ok(file) = File::open(&path) {
        answers.push(call(libc::SYS_fchmod, [file.as_raw_fd() as usize, mode, 0, 0, 0, 0]));
    }
    // fchmodat2, the same number everywhere.
    answers.push(call(452, [here, place.as_ptr() as usize, mode, 0, 0, 0]));
    #[cfg(target_arch = "x86_64")]
    answers.push(call(libc::SYS_chmod, [place.as_ptr() as usize, mode, 0, 0, 0, 0]));
    for _ in answers {
        seen.tries();
    }
    let has_bit = std::fs::metadata(&path).is_ok_and(|found| found.permissions().mode() & 0o4000 != 0);
    if has_bit {
        seen.reaches(format_args!("a file in {} got the set-user-id bit", folder.display()));
    }
    drop(std::fs::remove_file(&path));
}

pub fn own_binary(_: &Inside, seen: &mut Seen) {
    for path in ["/proc/1/exe", "/proc/self/exe"] {
        for flags in [OFlags::WRONLY, OFlags::RDWR] {
            let held = !can_be_written(Path::new(path), flags);
            seen.expects(held, format_args!("{path} could be opened for writing"));
        }
        seen.tries();
        if let Ok(found) = std::fs::metadata(path)
            // To what they are already.
            && std::fs::set_permissions(path, found.permissions()).is_ok()
        {
            seen.reaches(format_args!("the permissions of {path} could be changed"));
        }
    }
    seen.expects(std::fs::read_link("/proc/1/exe").is_err(), "/proc/1/exe can be looked at");
}

/// What of /proc must be covered, if it is there.
const MASKED: [&str; 7] = ["acpi", "bus", "fs", "irq", "keys", "key-users", "timer_list"];
/// What only root may open, to whom it must be closed all the same.
const CLOSED: [&str; 6] = ["sysrq-trigger", "kcore", "sched_debug", "scsi", "kpagecount", "kmsg"];

pub fn proc_masks(inside: &Inside, seen: &mut Seen) {
    let is_proc = |mount: &&crate::plan::Mount| matches!(mount.kind, MountKind::Proc { .. });
    let Some(proc) = inside.claim().mounts.iter().find(is_proc) else { return seen.cannot("there is no /proc inside") };
    let proc = &proc.destination;
    let settings = proc.join("sys");
    let flags = rustix::fs::statvfs(&settings).map(|found| found.f_flag);
    if let Ok(flags) = flags {
        let read_only = flags.contains(StatVfsMountFlags::RDONLY);
        seen.expects(read_only, format_args!("{} is mounted writable", settings.display()));
    }
    for setting in ["kernel/core_pattern", "kernel/hostname", "vm/overcommit_memory", "user/max_user_namespaces"] {
        write_attempt(seen, &settings.join(setting));
    }
    let mounts = inside.mounts(seen);
    for name in MASKED {
        let path = proc.join(name);
        let is_covered = mounts.iter().any(|mount| mount.path == path);
        seen.expects(is_covered || !path.exists(), format_args!("{} is not covered", path.display()));
    }
    for name in CLOSED {
        let path = proc.join(name);
        for flags in [OFlags::RDONLY, OFlags::WRONLY] {
            seen.tries();
            let is_covered = mounts.iter().any(|mount| mount.path == path);
            let is_folder = path.is_dir();
            if !is_covered && !is_folder && openat(CWD, &path, flags | OFlags::CLOEXEC, Mode::empty()).is_ok() {
                seen.reaches(format_args!("{} could be opened", path.display()));
            }
        }
    }
    for name in ["keys", "key-users", "timer_list"] {
        let read = std::fs::read(proc.join(name)).unwrap_or_default();
        seen.expects(read.is_empty(), format_args!("{} can be read", proc.join(name).display()));
    }
}

pub fn tmpfs_bounded(inside: &Inside, seen: &mut Seen) {
    for mount in inside.mounts(seen).iter().filter(|mount| mount.kind == "tmpfs") {
        let bounded = rustix::fs::statvfs(&mount.path).map_or(true, |found| found.f_blocks > 0 || mount.has("ro"));
        seen.expects(bounded, format_args!("{} has no bound", mount.path.display()));
    }
}

pub fn nothing_stays(inside: &Inside, seen: &mut Seen) {
    for folder in expectations::folders_in_memory(inside.claim()) {
        // The outside looks for it.
        if std::fs::write(folder.join(inside.stray()), "left behind").is_ok() {
            seen.tries();
        }
    }
    if seen.tried == 0 {
        seen.cannot("there is no folder in memory to write in");
    }
}
