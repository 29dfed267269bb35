//! Limits and clocks.

use crate::support::pty::Session;
use crate::support::{Host, Ran, has_program, wait_until};
use std::time::{Duration, Instant};

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
fn what_a_process_takes_of_time_and_memory_is_bounded() {
    let host = Host::new();
    let shown = "grep -E 'cpu time|address space|stack size|locked memory' /proc/self/limits | tr -s ' '";
    let all = ["--limit", "cpu-time=1m", "--limit", "address-space=1G", "--limit", "stack-size=1M", "--limit"];
    host.script(&[&all[..], &["locked-memory=8K"]].concat(), shown)
        .exits(0)
        .says("Max cpu time 60 60 seconds")
        .says("Max address space 1073741824 1073741824 bytes")
        .says("Max stack size 1048576 1048576 bytes")
        .says("Max locked memory 8192 8192 bytes");
    let spins = "while :; do :; done";
    host.script(&["--limit", "cpu-time=1", "--limit", "wall-time=50s"], spins).exits(128 + 9);
    // A quarter of the stack is for arguments.
    let words = "/bin/true $(seq 60000)";
    host.script(&["--limit", "stack-size=512K"], words).exits(126).complains("too long");
    host.script(&["--limit", "stack-size=8M"], words).exits(0);
    if !has_program("python3") {
        return;
    }
    let python = |limit: &[&str], script: &str| host.run(limit.iter().copied().chain(["--", "python3", "-c", script]));
    let takes = "x = bytearray(600 << 20); print('taken')";
    python(&["--limit", "address-space=300M"], takes).exits(1).complains("MemoryError");
    python(&[], takes).exits(0).says("taken");
    let locks = "import ctypes, mmap; m = mmap.mmap(-1, 32 << 10); \
                 a = ctypes.addressof(ctypes.c_char.from_buffer(m)); \
                 print(ctypes.CDLL(None).mlock(ctypes.c_void_p(a), 32 << 10))";
    python(&["--limit", "locked-memory=8K"], locks).says("-1");
    python(&["--limit", "locked-memory=64K"], locks).says("0\n");
}

#[test]
fn a_crash_leaves_a_core_dump_only_where_it_is_asked_for() {
    let host = Host::new();
    let work = host.folder("work").display().to_string();
    let write = ["--write", &work, "--directory", &work];
    let crash = "kill -SEGV $$";
    let cores = || std::fs::read_dir(&work).expect("the folder").count();
    // A host's own handler is started where the limit is 0, and not where it is 1.
    let said = "Max core file size        1                    1";
    for none in [&write[..], &[&write[..], &["--limit", "core-size=0"]].concat()] {
        host.script(none, crash).exits(139).in_silence();
        assert_eq!(cores(), 0);
        host.script(none, "cat /proc/self/limits").exits(0).says(said);
    }
    host.script(&[&write[..], &["--limit", "core-size=100M"]].concat(), crash).exits(139);
    // Where the host hands them to a program, that is for it to say.
    let pattern = std::fs::read_to_string("/proc/sys/kernel/core_pattern").expect("the pattern");
    if !pattern.starts_with(['|', '@', '/']) {
        assert_eq!(cores(), 1);
    }
}

/// Runs a script until its time is up, with as much of it as this machine takes to come to a word.
fn out_of_time(host: &Host, script: &str, word: &str) {
    for seconds in (0..7).map(|n| 1 << n) {
        let ran = host.script(&["--limit", &format!("wall-time={seconds}s")], script).exits(124);
        if ran.stdout.contains(word) {
            return;
        }
    }
    panic!("{word:?} is never said");
}

#[test]
fn a_command_whose_time_is_up_is_ended_with_124() {
    let host = Host::new();
    out_of_time(&host, "echo begun; exec sleep 1000", "begun");
    // Whatever it says of its own end, its time was up.
    out_of_time(&host, "trap 'echo told; exit 7' TERM; sleep 1000 & wait", "told");
    host.script(&["--limit", "wall-time=1h"], "exit 7").exits(7);
    // A number alone is of seconds.
    host.script(&["--limit", "wall-time=1"], "exec sleep 1000").exits(124).complains("after 1s");
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
    // Enough of it for the command to begin, on this machine as it is now.
    let start = Instant::now();
    host.script(&[], "exit 0").exits(0);
    let seconds = 1 + 4 * start.elapsed().as_secs();
    let beats = || std::fs::metadata(&file).expect("the file").len();
    let mut shell = host.command("bash");
    shell.args(["--norc", "--noprofile", "-i", "-b"]);
    let mut session = Session::start(&shell);
    let (nsbox, home) = (host.nsbox().display().to_string(), host.home().display().to_string());
    session.types(&format!("{nsbox} -q --limit wall-time={seconds} --write {home} -- sh {script}\n"));
    session.shows("Stopped");
    // Control: at a terminal nsbox stops with its command, and the rest runs on.
    let then = beats();
    wait_until("the rest runs on", || beats() > then);
    wait_until("the end of the rest", || {
        let then = beats();
        std::thread::sleep(Duration::from_millis(500));
        beats() == then
    });
    // Nobody has continued it.
    session.shows(&format!("time was up after {seconds}s"));
    session.shows("Exit 124");
    session.types("exit 0\n");
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
