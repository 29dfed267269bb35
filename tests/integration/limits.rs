//! Limits and clocks.

use crate::support::pty::Session;
use crate::support::{Host, Ran, has_program, wait_until};
use std::time::Duration;

#[test]
fn the_number_of_processes_is_bounded_when_the_profile_says_so() {
    let host = Host::new();
    // Each `sleep` is a process; the shell says when it can make no more.
    let script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done; echo all started";
    let bounded = host.script(&["--limit", "processes=8"], script);
    assert_ne!(bounded.status, 0, "{bounded}");
    bounded.never_says("all started").complains("fork");
    // Control: without the limit they all start.
    host.script(&[], script).exits(0).says("all started");
}

#[test]
fn the_number_of_open_files_and_their_size_are_bounded() {
    let host = Host::new();
    host.script(&["--limit", "open-files=64"], "ulimit -n; ulimit -Hn").exits(0).says("64\n64\n");
    let write = "head -c 2M /dev/zero > /tmp/file";
    // 128 and SIGXFSZ.
    host.script(&["--limit", "file-size=1M"], write).exits(153);
    host.script(&[], write).exits(0);
}

#[test]
fn a_command_whose_time_is_up_is_ended_with_124() {
    let host = Host::new();
    host.script(&["--limit", "wall-time=1"], "echo begun; exec sleep 20").exits(124).says("begun");
    // Whatever it says of its own end, its time was up.
    host.script(&["--limit", "wall-time=1s"], "trap 'echo told; exit 7' TERM; sleep 20 & wait").exits(124).says("told");
    host.script(&["--limit", "wall-time=1h"], "exit 7").exits(7);
}

#[test]
fn one_that_does_not_listen_is_killed_after_a_while() {
    let host = Host::new();
    let script = "trap '' TERM; while :; do sleep 0.2; done";
    host.script(&["--limit", "wall-time=1s"], script).exits(124);
    // One that has stopped itself is not forgotten.
    let mut stopped = host.command("setsid");
    stopped.args(["-w".as_ref(), host.nsbox().as_os_str()]);
    stopped.args(["--limit", "wall-time=1s", "--", "sh", "-c", "kill -STOP $$; exit 7"]);
    Ran::of(stopped).exits(124);
}

#[test]
fn what_a_stopped_command_left_running_does_not_outlive_its_time() {
    let host = Host::new();
    let file = host.write("beats", "");
    let beat = format!("(while :; do echo >> {}; sleep 0.1; done) & kill -STOP $$", file.display());
    let script = host.write("beat", beat).display().to_string();
    let beats = || std::fs::metadata(&file).expect("the file").len();
    let mut shell = host.command("bash");
    shell.args(["--norc", "--noprofile", "-i"]);
    let mut session = Session::start(&shell);
    let (nsbox, home) = (host.nsbox().display().to_string(), host.home().display().to_string());
    session.types(&format!("{nsbox} -q --limit wall-time=1 --write {home} -- sh {script}\n"));
    session.shows("Stopped");
    // Control: at a terminal nsbox stops with its command, and the rest runs on.
    let then = beats();
    wait_until("the rest runs on", || beats() > then);
    wait_until("the end of the rest", || {
        let then = beats();
        std::thread::sleep(Duration::from_millis(500));
        beats() == then
    });
    session.types("fg; echo status $?; exit\n");
    session.shows("status 124");
    assert_eq!(session.ends(), 0);
}

#[test]
fn clocks_are_set_forward_and_back() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let ask = "import time; print(time.clock_gettime(time.CLOCK_BOOTTIME), time.clock_gettime(time.CLOCK_MONOTONIC))";
    let clocks = |options: &[&str]| -> Vec<f64> {
        let words = options.iter().copied().chain(["--", "python3", "-c", ask]);
        let ran = host.run(words).exits(0);
        ran.stdout.split_whitespace().map(|word| word.parse().expect("a number")).collect()
    };
    let plain = clocks(&[]);
    let moved = clocks(&["--set", "namespaces.time={ boottime = '7d', monotonic = '1h' }"]);
    let forward: Vec<f64> = plain.iter().zip(&moved).map(|(before, after)| after - before).collect();
    assert!((604_800.0..604_900.0).contains(&forward[0]) && (3600.0..3700.0).contains(&forward[1]), "{forward:?}");
    host.script(&["--set", "namespaces.time={ boottime = '-9000d' }"], "true")
        .exits(125)
        .complains("at step `set-clocks`")
        .complains("ERANGE");
}
