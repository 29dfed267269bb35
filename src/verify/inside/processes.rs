//! Attacks on what is promised of processes. The only signals that are sent are 0, which is none, and SIGURG, which nobody is
//! hurt by.

use super::{Inside, aside, compare_namespace};
use crate::plan::Resource;
use crate::sys::attempt::{Answer, call};
use crate::verify::bait::DECOY;
use crate::verify::testimony::Seen;
use nix::sys::signal::{Signal, kill};
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::{Pid, getpgrp, getpid, getppid};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::process::{self, PidfdFlags, PidfdGetfdFlags, Resource as Limited, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::io::{IoSliceMut, Read};
use std::os::unix::fs::FileExt;

/// `PTRACE_SEIZE` (linux/ptrace.h): unlike PTRACE_ATTACH, it stops nobody.
const SEIZE: usize = 0x4206;

/// Whether kill(-1) would reach anyone beside pid 1 and this process; children must not have been made.
pub fn reaches_others() -> bool {
    kill(Pid::from_raw(-1), None).is_ok()
}

pub fn visible(inside: &Inside, seen: &mut Seen) {
    let name = |pid: &str| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let entries = std::fs::read_dir("/proc");
    if entries.is_err() {
        return seen.cannot("there is no /proc inside to read");
    }
    seen.tries();
    for entry in entries.into_iter().flatten().flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        if pid.bytes().all(|byte| byte.is_ascii_digit()) && name(&pid).starts_with(DECOY) {
            seen.reaches(format_args!("/proc/{pid} is a process outside"));
        }
    }
    // Where folders are hidden from those that may not look, a name still leads there.
    let hidden = inside.scene.lure.pid.to_string();
    seen.expects(!name(&hidden).starts_with(DECOY), format_args!("/proc/{hidden} is a process outside"));
    compare_namespace(seen, "pid");
}

pub fn signals(inside: &Inside, seen: &mut Seen) {
    let pid = Pid::from_raw(inside.scene.lure.pid);
    seen.expects(!inside.reaches_others, "kill(-1) reaches processes that are not of this sandbox");
    // The process that makes all these was made the leader of a group of its own.
    seen.expects(getpgrp() == getppid(), "kill(0) reaches a process group outside");
    // What may be one's own by that number gets it in vain; the outside tells whether its own has.
    seen.tries();
    kill(pid, Signal::SIGURG).ok();
    let number = pid.as_raw() as usize;
    seen.tries();
    call(libc::SYS_tgkill, [number, number, libc::SIGURG as usize, 0, 0, 0]);
    // A descriptor lives no longer than the process that opens it.
    aside(seen, |seen| {
        seen.tries();
        let Some(pid) = process::Pid::from_raw(inside.scene.lure.pid) else { return };
        if let Ok(pidfd) = process::pidfd_open(pid, PidfdFlags::empty()) {
            process::pidfd_send_signal(&pidfd, process::Signal::URG).ok();
        }
    });
}

/// Whether a number that is the bait's outside is one of this sandbox's own processes here.
fn is_our_own(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| !name.starts_with(DECOY))
}

pub fn tracing(inside: &Inside, seen: &mut Seen) {
    let lure = &inside.scene.lure;
    if is_our_own(lure.pid) {
        return seen.cannot("a process inside has the number of the one outside; once more will do");
    }
    let pid = lure.pid as usize;
    let seized = call(libc::SYS_ptrace, [SEIZE, pid, 0, 0, 0, 0]);
    seen.expects(!matches!(seized, Answer::Value(_)), "a process outside can be traced");
    aside(seen, |seen| {
        seen.tries();
        let mut bytes = vec![0; lure.length];
        let from = RemoteIoVec { base: lure.address as usize, len: lure.length };
        if process_vm_readv(Pid::from_raw(lure.pid), &mut [IoSliceMut::new(&mut bytes)], &[from]).is_ok() {
            seen.gets("the memory of a process outside, by process_vm_readv", &bytes);
        }
    });
    seen.tries();
    if let Ok(memory) = File::open(format!("/proc/{pid}/mem")) {
        let mut bytes = vec![0; lure.length];
        if memory.read_exact_at(&mut bytes, lure.address).is_ok() {
            seen.gets("the memory of a process outside, by /proc", &bytes);
        }
    }
    for name in ["environ", "maps", "cwd", "root", "exe"] {
        let place = format!("/proc/{pid}/{name}");
        let is_there = std::fs::read(&place).is_ok_and(|bytes| !bytes.is_empty()) || std::fs::read_link(&place).is_ok();
        seen.expects(!is_there, format_args!("{place} of a process outside can be read"));
    }
}

pub fn first_process(_: &Inside, seen: &mut Seen) {
    if getpid().as_raw() == 1 || std::fs::metadata("/proc/1").is_err() {
        return seen.cannot("there is no /proc/1 to attack");
    }
    let seized = call(libc::SYS_ptrace, [SEIZE, 1, 0, 0, 0, 0]);
    seen.expects(!matches!(seized, Answer::Value(_)), "pid 1 can be traced");
    for name in ["environ", "mem", "maps", "smaps", "auxv", "pagemap", "stack", "syscall", "personality"] {
        let mut bytes = [0; 16];
        let path = format!("/proc/1/{name}");
        let opened = openat(CWD, &path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
        let read = opened.is_ok_and(|file| File::from(file).read(&mut bytes).is_ok_and(|length| length > 0));
        seen.expects(!read, format_args!("{path} can be read"));
    }
    // Root of the host can list the numbers of its descriptors; where they lead is another matter.
    for name in ["root", "cwd", "exe", "fd/0", "fd/1", "fd/2", "fd/3", "fd/4", "task/1/fd/0", "ns/mnt", "ns/user"] {
        let path = format!("/proc/1/{name}");
        seen.expects(std::fs::read_link(&path).is_err(), format_args!("{path} says where it leads"));
    }
    // What it was called by is wiped: a name is all that there is.
    let words = std::fs::read("/proc/1/cmdline").unwrap_or_default();
    let told = words.split(|byte| *byte == 0).filter(|word| !word.is_empty()).count();
    seen.expects(told <= 1, format_args!("/proc/1/cmdline says {:?}", String::from_utf8_lossy(&words)));
    aside(seen, |seen| {
        seen.tries();
        let Some(first) = process::Pid::from_raw(1) else { return };
        let Ok(pidfd) = process::pidfd_open(first, PidfdFlags::empty()) else { return };
        for number in 0..16 {
            let taken = process::pidfd_getfd(&pidfd, number, PidfdGetfdFlags::empty());
            seen.expects(taken.is_err(), format_args!("descriptor {number} of pid 1 can be taken"));
        }
    });
}

pub fn limit(inside: &Inside, seen: &mut Seen) {
    let asked = inside.claim().limits.iter().find(|limit| limit.resource == Resource::Processes);
    let Some(asked) = asked else { return };
    let found = getrlimit(Limited::Nproc);
    let is_bounded = |limit: Option<u64>| limit.is_some_and(|limit| limit <= asked.value);
    seen.expects(is_bounded(found.maximum), format_args!("the limit is {:?}, not {}", found.maximum, asked.value));
    aside(seen, |seen| {
        let more = Rlimit { current: None, maximum: None };
        seen.expects(setrlimit(Limited::Nproc, more).is_err(), "the limit can be raised");
    });
}
