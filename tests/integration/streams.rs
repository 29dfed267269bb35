//! What goes through the standard streams arrives whole: a pipe, and a terminal of either kind.

use crate::support::pty::{Session, interrupt, leave, outer_shell};
use crate::support::{Host, has_program, shell};

const MODES: [&str; 2] = ["shared", "private"];

/// Numbered lines of 100 MB and of 3 MB, as seq(1) writes them.
const LINES: [u32; 2] = [12_200_000, 450_000];

fn lines(count: u32, end: &str) -> String {
    (1..=count).flat_map(|line| [line.to_string(), end.to_owned()]).collect()
}

#[test]
fn a_hundred_megabytes_go_through_a_pipe() {
    let host = Host::new();
    let count = LINES[0];
    let plain = shell(&host, &format!("seq {count} | cksum")).exits(0).stdout;
    for mode in MODES {
        let through = format!("set -o pipefail; seq {count} | nsbox --terminal {mode} cat | cksum");
        let run = shell(&host, &through).exits(0).in_silence();
        assert_eq!(run.stdout, plain, "{mode}");
    }
}

#[test]
fn all_that_is_written_at_the_end_is_shown() {
    let host = Host::new();
    let count = LINES[1];
    // A child that lives on holds the terminal open, and the command leaves no time between its last byte and its end.
    let script = format!("sleep 1000 & exec seq {count}");
    for mode in MODES {
        let mut session = Session::start(&host.sandbox(["-q", "--terminal", mode, "--", "sh", "-c", &script]));
        let shown = session.shows(&format!("\n{count}\r\n"));
        assert!(shown == lines(count, "\r\n"), "{mode}: {} bytes", shown.len());
        assert_eq!(session.ends(), 0);
    }
}

#[test]
fn all_that_is_typed_arrives() {
    let host = Host::new();
    let typed = lines(LINES[1], "\n");
    let plain = shell(&host, &format!("seq {} | cksum", LINES[1])).exits(0).stdout;
    let script = format!("stty raw -echo; echo ready; head -c {} | cksum", typed.len());
    for mode in MODES {
        let mut session = Session::start(&host.sandbox(["--terminal", mode, "--", "sh", "-c", &script]));
        session.shows("ready\n");
        session.types(&typed);
        session.shows(plain.trim());
        assert_eq!(session.ends(), 0);
    }
}

#[test]
fn an_input_that_has_ended_does_not_keep_nsbox_busy() {
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    for mode in MODES {
        let traced = format!("strace -o calls -e trace=poll {} --terminal {mode} sleep 1", host.nsbox().display());
        let run = shell(&host, &format!("true | {traced} && grep -c poll calls")).exits(0);
        let polls: u32 = run.stdout.trim().parse().expect("a number");
        assert!(polls < 100, "{mode}: it has looked {polls} times");
    }
}

#[test]
fn ctrl_c_on_a_pipeline_is_no_success_for_who_is_at_its_end() {
    let host = Host::new();
    for mode in MODES {
        let mut session = outer_shell(&host);
        for _ in 0..12 {
            let reader = format!("{} --terminal {mode} -- sh -c 'echo begun >&2; exec cat'", host.nsbox().display());
            session.types(&format!("yes | {reader} > /dev/null\n"));
            session.shows("begun\r\n");
            interrupt(&mut session, "130 130");
        }
        leave(session);
    }
}

#[test]
fn ctrl_c_reaches_a_command_that_has_no_group_of_its_own_yet() {
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    let mut session = outer_shell(&host);
    let slowly = "strace -f -o /dev/null -e trace=setpgid -e inject=setpgid:delay_enter=600000";
    session.types(&format!("{slowly} {} --terminal private -- sleep 1000 | cat\n", host.nsbox().display()));
    session.shows("| cat\r\n");
    // Too early or too late, it ends the command as well.
    std::thread::sleep(std::time::Duration::from_millis(400));
    interrupt(&mut session, "130 130");
    leave(session);
}
