//! How a run ends: exit statuses, signals, what passes through the standard streams.

use crate::support::{Host, Ran, wait_until};
use std::io::Write;
use std::process::Stdio;

#[test]
fn the_payloads_status_is_nsboxs() {
    let host = Host::new();
    for status in [0, 1, 3, 125, 255] {
        host.script(&[], &format!("exit {status}")).exits(status).in_silence();
    }
}

#[test]
fn a_signal_is_128_and_its_number() {
    let host = Host::new();
    host.script(&[], "kill -TERM $$").exits(128 + 15);
    host.script(&[], "kill -KILL $$").exits(128 + 9);
    host.script(&[], "kill -SEGV $$").exits(128 + 11);
}

#[test]
fn a_real_time_signal_is_a_signal_and_ends_nobody_but_its_process() {
    let host = Host::new();
    host.script(&[], "kill -40 $$").exits(128 + 40).in_silence();
    host.script(&[], "(sh -c 'kill -40 $$' &); sleep 0.3; exit 4").exits(4).in_silence();
}

#[test]
fn not_found_is_127_and_not_executable_126() {
    let host = Host::new();
    host.run(["--", "no-such-program"]).exits(127).complains("no-such-program").complains("ENOENT");
    host.run(["--", "/etc/passwd"]).exits(126).complains("EACCES");
    host.run(["--", "/tmp"]).exits(126);
}

#[test]
fn a_text_without_an_interpreter_line_is_a_shell_script() {
    let host = Host::new();
    let script = host.write("bin/script", "echo \"$0 runs with $1\"; exit 5\n");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    let folder = host.home().join("bin").display().to_string();
    host.run(["--read", &folder, "--", script.to_str().expect("a name"), "a word"]).exits(5).says("runs with a word");
}

#[test]
fn everything_passes_through_the_streams_and_nothing_else() {
    let host = Host::new();
    let mut command = host.sandbox(["--", "sh", "-c", "cat; echo on the side >&2"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a sandbox");
    let sent = vec![0xa5u8; 3 << 20];
    let mut stdin = child.stdin.take().expect("stdin");
    let copy = sent.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&copy).expect("written"));
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("written");
    assert!(output.stdout == sent, "{} bytes instead of {}", output.stdout.len(), sent.len());
    assert_eq!(output.stderr, b"on the side\n");
}

#[test]
fn signals_sent_to_nsbox_reach_the_payload() {
    let host = Host::new();
    // The last ones have no name that shells agree on: real-time signals.
    for (signal, name) in [
        (1, "HUP"),
        (2, "INT"),
        (3, "QUIT"),
        (6, "ABRT"),
        (10, "USR1"),
        (12, "USR2"),
        (14, "ALRM"),
        (15, "TERM"),
        (23, "URG"),
        (28, "WINCH"),
        (29, "IO"),
        (37, "37"),
        (64, "64"),
    ] {
        let work = host.folder("work");
        let ready = work.join(name);
        let script =
            format!("trap 'exit $((100 + {signal}))' {name}; : > {}; while :; do sleep 0.02; done", ready.display());
        let mut command = host.sandbox(["--write", work.to_str().expect("a name"), "--", "bash", "-c", &script]);
        let mut child = command.stderr(Stdio::null()).spawn().expect("a sandbox");
        wait_until("the payload's trap", || ready.exists());
        let sent = std::process::Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
        assert!(sent.expect("kill").success(), "{name}");
        assert_eq!(child.wait().expect("an end").code(), Some(100 + signal), "{name}");
    }
}

#[test]
fn a_pipe_that_closes_ends_the_payload_by_sigpipe() {
    let host = Host::new();
    let nsbox = host.nsbox();
    let mut command = host.command("bash");
    command.args(["-c", &format!("{} -- sh -c 'yes; echo $? >&2' | head -n 1", nsbox.display())]);
    Ran::of(command).exits(0).says("y").complains("141");
}

#[test]
fn ignored_signals_stay_ignored_and_a_blocked_one_is_not_invented() {
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let shown = "grep -E 'SigIgn|SigBlk' /proc/self/status";
    let mut outside = host.command("sh");
    outside.args(["-c", &format!("trap '' HUP PIPE; {shown}")]);
    let mut inside = host.command("sh");
    inside.args(["-c", &format!("trap '' HUP PIPE; {nsbox} -- {shown}")]);
    assert_eq!(Ran::of(inside).exits(0).stdout, Ran::of(outside).exits(0).stdout);
}

#[test]
fn the_umask_is_the_callers() {
    let host = Host::new();
    let mut command = host.command("sh");
    command.args(["-c", &format!("umask 027; {} -- sh -c umask", host.nsbox().display())]);
    Ran::of(command).exits(0).says("0027");
}

#[test]
fn there_is_no_core_dump_and_no_other_limit_is_changed() {
    let host = Host::new();
    // In bytes: with 0 the host's handler of core dumps would be started all the same.
    let limit = host.script(&[], "grep core /proc/self/limits").exits(0);
    assert_eq!(limit.stdout.split_whitespace().skip(4).collect::<Vec<_>>(), ["1", "1", "bytes"]);
    let mut outside = host.command("sh");
    outside.args(["-c", "ulimit -n; ulimit -H -n"]);
    assert_eq!(host.script(&[], "ulimit -n; ulimit -H -n").stdout, Ran::of(outside).stdout);
}
