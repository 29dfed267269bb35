//! Programs that start other programs, with nsbox between the two: they find what they would find without.

use crate::support::pty::{Session, leave, outer_shell};
use crate::support::{Host, Ran, has_program, shell, wait_until};
use nix::sys::signal::{Signal, kill};
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

/// Waits until no process sleeps for this long any more: each test has a number of its own.
#[track_caller]
fn nobody_sleeps(seconds: u32) {
    let words = format!("sleep\0{seconds}\0");
    wait_until("the end of all that slept", || {
        let mut processes = fs::read_dir("/proc").expect("/proc").flatten();
        !processes.any(|process| fs::read(process.path().join("cmdline")).is_ok_and(|found| found == words.as_bytes()))
    });
}

#[test]
fn timeout_ends_it_and_nothing_is_left() {
    let host = Host::new();
    shell(&host, "timeout 1 $NSBOX sleep 9101").exits(124).in_silence();
    shell(&host, "timeout --foreground 1 $NSBOX sleep 9101").exits(124).in_silence();
    shell(&host, "timeout -s HUP 1 $NSBOX sleep 9101").exits(124);
    shell(&host, "timeout -s KILL 1 $NSBOX sleep 9101").exits(137);
    // One that does not listen to SIGTERM.
    shell(&host, "timeout -k 1 1 $NSBOX sh -c 'trap \"\" TERM; sleep 9101; sleep 9101'").exits(137);
    nobody_sleeps(9101);
    shell(&host, "timeout 60 $NSBOX sh -c 'exit 7'").exits(7);
}

/// What a program finds of the signals that were ignored or blocked when it was started.
const SIGNALS: &str = "grep -E 'SigIgn|SigBlk' /proc/self/status";

#[test]
fn signals_that_the_caller_ignores_or_blocks_are_so_inside() {
    let host = Host::new();
    for caller in [
        "nohup",
        "env",
        "env --ignore-signal=TERM --ignore-signal=CHLD --ignore-signal=USR2",
        "env --block-signal=USR1 --block-signal=TERM --ignore-signal=PIPE",
        "env --ignore-signal --block-signal=RTMIN+3",
        // A command in the background of a script ignores SIGINT and SIGQUIT.
        "sh -c '\"$@\" & wait' sh",
    ] {
        let outside = shell(&host, &format!("{caller} {SIGNALS} 2>&1")).exits(0);
        let inside = shell(&host, &format!("{caller} $NSBOX {SIGNALS} 2>&1")).exits(0);
        assert_eq!(inside.stdout, outside.stdout, "{caller}");
    }
}

#[test]
fn who_closes_a_pipe_ends_it_by_sigpipe_unless_the_caller_ignores_that() {
    let host = Host::new();
    shell(&host, "$NSBOX yes | head -n 1; echo ${PIPESTATUS[0]}").exits(0).says("y\n141\n").in_silence();
    shell(&host, "trap '' PIPE; $NSBOX yes | head -n 1; echo ${PIPESTATUS[0]}").says("y\n1\n").complains("Broken pipe");
}

#[test]
fn setsid_xargs_and_parallel_start_many_and_get_their_statuses() {
    let host = Host::new();
    shell(&host, "setsid -w $NSBOX sh -c 'exit 5'").exits(5);
    let got = "1\n2\n3\n4\n5\n6\n7\n8\n";
    assert_eq!(shell(&host, "seq 8 | xargs -P4 -n1 $NSBOX echo | sort").exits(0).stdout, got);
    shell(&host, "seq 3 | xargs -P3 -n1 $NSBOX sh -c 'exit $0'").exits(123);
    shell(&host, "echo 1 | xargs $NSBOX sh -c 'exit 255'").exits(124);
    if has_program("parallel") {
        assert_eq!(shell(&host, "seq 8 | parallel -j4 $NSBOX echo {} | sort").exits(0).stdout, got);
        // Three of four fail.
        shell(&host, "seq 0 3 | parallel -j2 $NSBOX sh -c '\"exit {}\"'").exits(3);
        shell(&host, "seq 8 9 | parallel --timeout 1 $NSBOX sleep 910{}").exits(2);
        nobody_sleeps(9108);
        nobody_sleeps(9109);
    }
}

#[test]
fn wrappers_reach_through_to_the_command() {
    let host = Host::new();
    shell(&host, "nice -n 5 $NSBOX nice").exits(0).says("5\n");
    shell(&host, "ionice -c 3 $NSBOX ionice").exits(0).says("idle");
    shell(&host, "taskset -c 0 $NSBOX nproc").exits(0).says("1\n");
    shell(&host, "chrt --batch 0 $NSBOX sh -c 'chrt -p $$'").exits(0).says("SCHED_BATCH");
    shell(&host, "env -i $NSBOX sh -c 'exit 4'").exits(4);
    shell(&host, "exec <&- >&- 2>&-; $NSBOX sh -c 'exit 6'").exits(6);
}

/// A makefile whose two targets wait for each other, so that it takes two jobs at once.
const TOGETHER: &str = "all: a b\na:\n\t@: > a.begun; until test -e b.begun; do sleep 0.02; done; echo a is made\n\
                        b:\n\t@: > b.begun; until test -e a.begun; do sleep 0.02; done; echo b is made\n";

#[test]
fn make_runs_recipes_in_sandboxes_side_by_side() {
    let host = Host::new();
    let makefile = TOGETHER.replace("\t@", "\t@$(NSBOX) --write . sh -c '").replace(" is made\n", " is made'\n");
    host.write("side/Makefile", makefile);
    let ran = shell(&host, "cd side; make -j2").exits(0);
    assert!(ran.stdout.contains("a is made") && ran.stdout.contains("b is made"), "{ran}");
    host.write("fails/Makefile", "all:\n\t@$(NSBOX) sh -c 'exit 3'\n");
    shell(&host, "cd fails; make").exits(2).complains("Error 3");
}

#[test]
fn a_make_in_a_sandbox_shares_the_jobs_of_the_one_outside_where_its_pipe_is_kept() {
    let host = Host::new();
    host.write("jobs/Inner", TOGETHER);
    host.write(
        "jobs/Makefile",
        "all:\n\t+@$(NSBOX) --write . --inherit-env 'MAKE*' $(KEEP) $(MAKE) -f Inner $(WHAT)\n",
    );
    // An older one announces its pipe by numbers, as a newer one can be told to; the first two that are free.
    let style = "$(make --help | grep -q jobserver-style && echo --jobserver-style=pipe)";
    let make = |words: &str| shell(&host, &format!("exec 3<&- 4<&-; cd jobs; make -j2 {style} {words} WHAT=all"));
    let ran = make("KEEP='--keep-fd 3 --keep-fd 4'").exits(0).in_silence();
    assert!(ran.stdout.contains("a is made") && ran.stdout.contains("b is made"), "{ran}");
    // Control: without it, the one inside says so, and does one thing after the other.
    host.write("jobs/Inner", "all:\n\t@echo alone\n");
    make("").exits(0).says("alone").complains("jobserver");
}

#[test]
fn a_signal_that_comes_while_the_sandbox_is_made_ends_it_as_it_would_the_command() {
    let host = Host::new();
    for round in 0..60u64 {
        let mut command = host.sandbox(["--", "sleep", "9103"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a sandbox");
        std::thread::sleep(std::time::Duration::from_micros(round * 500));
        let pid = nix::unistd::Pid::from_raw(child.id() as i32);
        kill(pid, Signal::SIGTERM).expect("sent");
        Ran::from(child.wait_with_output().expect("an end")).exits(143).in_silence();
    }
    nobody_sleeps(9103);
}

#[test]
fn an_alarm_that_the_caller_has_set_rings_inside() {
    let host = Host::new();
    let alarm = "perl -e 'alarm 1; exec @ARGV'";
    shell(&host, &format!("{alarm} $NSBOX sh -c 'trap \"exit 44\" ALRM; while :; do sleep 0.1; done'")).exits(44);
    shell(&host, &format!("{alarm} $NSBOX sleep 9104")).exits(142);
    nobody_sleeps(9104);
}

#[test]
fn a_stopped_command_that_goes_on_by_itself_or_ends_takes_nsbox_along() {
    let host = Host::new();
    // Without a terminal, as in a service.
    shell(&host, "setsid -w $NSBOX sh -c '(sleep 1; kill -CONT $$) & kill -STOP $$; exit 7'").exits(7);
    shell(&host, "setsid -w $NSBOX sh -c '(sleep 1; kill -KILL $$) & kill -STOP $$; exit 7'").exits(137);
    let private = "setsid -w $NSBOX --terminal private";
    shell(&host, &format!("{private} sh -c '(sleep 1; kill -CONT $$) & kill -STOP $$; exit 7'")).exits(7);
}

#[test]
fn a_command_that_goes_on_by_itself_and_runs_on_has_nsbox_with_it() {
    let host = Host::new();
    let work = host.folder("work");
    let script = format!(
        "(while ! test -e {0}/now; do sleep 0.05; done; kill -CONT $$) & kill -STOP $$; : > {0}/went-on; sleep 9106",
        work.display()
    );
    let mut child = stops(&host, &work, &script);
    let nsbox = nix::unistd::Pid::from_raw(child.id() as i32);
    host.write("work/now", "");
    wait_until("the command goes on", || work.join("went-on").exists());
    wait_until("nsbox goes on with it", || !is_stopped(&child));
    kill(nsbox, Signal::SIGTERM).expect("sent");
    assert_eq!(child.wait().expect("an end").code(), Some(143));
    nobody_sleeps(9106);
}

/// A sandbox whose command has stopped, and nsbox with it, in a job of its own.
fn stops(host: &Host, work: &std::path::Path, script: &str) -> std::process::Child {
    let options = ["--write", work.to_str().expect("a name"), "--", "sh", "-c", script];
    let child = host.sandbox(options).process_group(0).spawn().expect("a sandbox");
    wait_until("nsbox stops with its command", || is_stopped(&child));
    child
}

fn is_stopped(nsbox: &std::process::Child) -> bool {
    fs::read_to_string(format!("/proc/{}/stat", nsbox.id())).is_ok_and(|stat| stat.contains("(nsbox) T "))
}

#[test]
fn a_stopped_nsbox_is_continued_with_its_command() {
    let host = Host::new();
    let work = host.folder("work");
    let script = format!("kill -STOP $$; : > {}/went-on; sleep 9105", work.display());
    let mut child = stops(&host, &work, &script);
    let nsbox = nix::unistd::Pid::from_raw(child.id() as i32);
    kill(nsbox, Signal::SIGCONT).expect("sent");
    wait_until("the command goes on", || work.join("went-on").exists());
    // As a service manager ends what may be stopped.
    kill(nsbox, Signal::SIGSTOP).expect("sent");
    wait_until("nsbox is stopped", || is_stopped(&child));
    kill(nsbox, Signal::SIGTERM).expect("sent");
    kill(nsbox, Signal::SIGCONT).expect("sent");
    assert_eq!(child.wait().expect("an end").code(), Some(143));
    nobody_sleeps(9105);
}

/// Starts a script of bash that runs nsbox three times, and says which times were over.
fn three_times(session: &mut Session, host: &Host, options: &str, command: &str) {
    let nsbox = host.nsbox().display().to_string();
    let rounds = format!("for i in 1 2 3; do {nsbox} {options} sh {command}; echo round $i was over with $?; done");
    let script = host.write("rounds", rounds).display().to_string();
    session.types(&format!("bash {script}\n"));
}

#[test]
fn the_interrupt_key_ends_a_script_as_it_does_without_nsbox() {
    let host = Host::new();
    let sleeps = host.write("read/sleeps", "echo it sleeps; exec sleep 9106\n").display().to_string();
    let read = format!("--read {}", host.home().join("read").display());
    let ways = [("--terminal shared", ""), ("--terminal private", ""), ("--terminal shared", " | cat")];
    for (terminal, output) in ways {
        let mut session = outer_shell(&host);
        three_times(&mut session, &host, &format!("{read} {terminal}"), &format!("{sleeps}{output}"));
        session.shows("it sleeps");
        session.types("\x03");
        let shown = session.shows("outer> ");
        assert!(!shown.contains("was over"), "{terminal}{output}: {shown}");
        session.types("echo status $?\n");
        session.shows("status 130");
        session.shows("outer> ");
        leave(session);
    }
    nobody_sleeps(9106);
}

#[test]
fn a_command_that_takes_the_interrupt_key_for_itself_does_not_end_the_script() {
    let host = Host::new();
    let script = "trap 'exit 9' INT; echo it waits; while :; do sleep 0.05; done\n";
    let waits = host.write("read/waits", script).display().to_string();
    let mut session = outer_shell(&host);
    three_times(&mut session, &host, &format!("--read {}", host.home().join("read").display()), &waits);
    for round in 1..=3 {
        session.shows("it waits");
        session.types("\x03");
        session.shows(&format!("round {round} was over with 9"));
    }
    session.shows("outer> ");
    leave(session);
}

#[test]
fn what_a_service_manager_does_to_a_unit_ends_it_and_all_that_is_in_it() {
    let host = Host::new();
    let work = host.folder("work");
    let ready = work.join("ready");
    let script =
        format!("sleep 9107 & trap 'echo told; exit 0' TERM; : > {}; while :; do sleep 0.1; done", ready.display());
    // A session of its own, no input, and SIGPIPE ignored.
    let mut unit = host.command("setsid");
    unit.args(["env", "--ignore-signal=PIPE"]).arg(host.nsbox());
    unit.args(["--write", work.to_str().expect("a name"), "--", "sh", "-c", &script]);
    let child = unit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a unit");
    wait_until("the unit is ready", || ready.exists());
    // SIGTERM and then SIGCONT to every process, those inside as well, as by their control group.
    let all = descendants(child.id());
    assert!(all.len() >= 4, "{all:?}");
    for signal in [Signal::SIGTERM, Signal::SIGCONT] {
        for process in &all {
            // One that has ended meanwhile is no mistake.
            let sent = kill(nix::unistd::Pid::from_raw(*process as i32), signal);
            assert!(matches!(sent, Ok(()) | Err(nix::errno::Errno::ESRCH)), "{sent:?}");
        }
    }
    Ran::from(child.wait_with_output().expect("an end")).exits(0).says("told");
    nobody_sleeps(9107);
}

/// A process and all that came of it, as far as they live.
fn descendants(process: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    let numbers = children.split_whitespace().filter_map(|number| number.parse().ok());
    std::iter::once(process).chain(numbers.flat_map(descendants)).collect()
}
