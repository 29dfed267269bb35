//! Processes inside: what they see of each other and of the host, and what is left of them.

use crate::support::{Host, wait_until};
use std::fs;
use std::process::Stdio;

#[test]
fn the_payload_sees_its_own_processes_and_is_not_pid_1() {
    let host = Host::new();
    host.script(&[], "echo $$; cat /proc/1/comm; ls /proc | grep -c '^[0-9]'")
        .exits(0)
        .says("nsbox-init")
        .never_says("\n1\n");
}

#[test]
fn init_cannot_be_read_traced_or_killed_from_inside() {
    let host = Host::new();
    host.script(&["--set", "environment.set={SECRET=\"no\"}"], "tr '\\0' '\\n' < /proc/1/cmdline; cat /proc/1/environ")
        .says("nsbox-init")
        .never_says("SECRET")
        .never_says("HOME");
    host.script(&[], "ls -l /proc/1/exe /proc/1/fd /proc/1/cwd").complains("Permission denied");
    host.script(&[], "kill -KILL 1; kill -TERM 1; sleep 0.1; echo alive").exits(0).says("alive");
}

#[test]
fn kill_of_everyone_stays_inside() {
    let host = Host::new();
    // kill(0) is the payload's own group, kill(-1) its own pid namespace: nsbox itself is in neither.
    host.script(&[], "trap '' TERM; kill -TERM 0; kill -TERM -1; exit 7").exits(7);
}

#[test]
fn orphans_are_reaped() {
    let host = Host::new();
    let script = "for i in 1 2 3 4 5; do (sleep 0.01 & ) ; done; sleep 0.5; grep -l '^State:.Z' /proc/*/status";
    host.script(&[], script).exits(1);
}

#[test]
fn what_the_payload_leaves_running_ends_with_it() {
    let host = Host::new();
    let work = host.folder("work").display().to_string();
    let script = format!("(while :; do echo >> {work}/ticks; sleep 0.02; done) & sleep 0.2; exit 4");
    host.script(&["--write", &work], &script).exits(4);
    let size = || fs::metadata(host.home().join("work/ticks")).expect("ticks").len();
    let before = size();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(size(), before);
}

/// Starts a sandbox that writes into a folder of the host for as long as it lives.
fn ticking(host: &Host) -> (std::process::Child, impl Fn() -> u64) {
    let work = host.folder("work").display().to_string();
    let script = format!("while :; do echo >> {work}/ticks; sleep 0.02; done");
    let mut command = host.sandbox(["--write", &work, "--", "sh", "-c", &script]);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a sandbox");
    let ticks = host.home().join("work/ticks");
    (child, move || fs::metadata(&ticks).map_or(0, |m| m.len()))
}

#[test]
fn when_nsbox_is_killed_everything_inside_dies_at_once() {
    let host = Host::new();
    let (mut child, ticks) = ticking(&host);
    wait_until("the payload's first sign of life", || ticks() > 2);
    child.kill().expect("a kill");
    child.wait().expect("an end");
    std::thread::sleep(std::time::Duration::from_millis(200));
    let before = ticks();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(ticks(), before);
}

#[test]
fn when_init_is_killed_nsbox_says_so_and_everything_is_gone() {
    let host = Host::new();
    let (child, ticks) = ticking(&host);
    wait_until("the payload's first sign of life", || ticks() > 2);
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id())).expect("children");
    let init: i32 = children.trim().parse().expect("one child");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(init), nix::sys::signal::Signal::SIGKILL).expect("a kill");
    let mut child = child;
    assert_eq!(child.wait().expect("an end").code(), Some(137));
    let before = ticks();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(ticks(), before);
}

#[test]
fn nothing_is_left_whenever_nsbox_is_killed() {
    let host = Host::new();
    for delay in 0..20u64 {
        let mut child = host
            .sandbox(["--", "sleep", "1000"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a sandbox");
        std::thread::sleep(std::time::Duration::from_micros(delay * 400));
        child.kill().expect("a kill");
        child.wait().expect("an end");
    }
    let nsbox = host.nsbox();
    wait_until("the end of every process of this sandbox", || {
        let alive = fs::read_dir("/proc").expect("/proc").flatten().any(|process| {
            fs::read_link(process.path().join("exe")).is_ok_and(|exe| exe == nsbox)
                || fs::read(process.path().join("cmdline")).is_ok_and(|words| words == b"sleep\x001000\0")
        });
        !alive
    });
}

#[test]
fn a_procfs_that_shows_the_processes_outside_changes_nothing_of_them() {
    let host = Host::new();
    let mut sleep = host.command("sleep").arg("60").spawn().expect("a process outside");
    let score = format!("/proc/{}/oom_score_adj", sleep.id());
    let change = format!("echo 500 > {score} || exit 9");
    let ran = host.script(&["--set", "filesystem.proc=\"existing\""], &change);
    let after = fs::read_to_string(&score).expect("the score");
    // Control: outside, the same user may.
    let mut outside = host.command("sh");
    outside.args(["-c", &change]);
    let control = crate::support::Ran::of(outside);
    sleep.kill().and_then(|()| sleep.wait()).expect("its end");
    ran.exits(9).complains("Read-only file system");
    assert_eq!(after, "0\n");
    control.exits(0);
}
