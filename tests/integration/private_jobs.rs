//! A terminal of the sandbox's own as a job of the person's shell: stopped, in the background, in the foreground again.
//!
//! What is typed ahead is the sandbox's, and ends with it: these tests await the shell before they type for it.

use crate::support::Host;
use crate::support::pty::{Session, leave, outer_shell};

/// Types a command line of nsbox with such a terminal into the shell, and waits until it is echoed.
fn start(host: &Host, shell: &mut Session, line: &str) {
    shell.types(&format!("{} --terminal private {line}\n", host.nsbox().display()));
    shell.shows("\r\n");
}

/// Options by which files of a folder are there inside.
fn in_folder(host: &Host) -> String {
    let folder = host.folder("work").display().to_string();
    format!("--write {folder} --directory {folder}")
}

/// Waits for a file, and without a child: one that is stopped on its way to exec keeps its parent from stopping.
const UNTIL_ASKED: &str = "until test -e asked; do :; done";

/// Waits until the shell says that its job is in this state.
fn job_is(shell: &mut Session, state: &str) {
    shell.types(&format!("until jobs | grep -q {state}; do sleep 0.05; done; echo it $((1 + 1))does\n"));
    shell.shows("it 2does");
    shell.shows("outer> ");
}

#[test]
fn ctrl_z_stops_it_and_fg_brings_it_back() {
    let host = Host::new();
    let mut shell = outer_shell(&host);
    start(&host, &mut shell, "-- sh -c 'echo begun; while read word; do echo got $word; done'");
    shell.shows("begun\r\n");
    shell.types("one\n");
    shell.shows("got one");
    shell.types("\x1a");
    shell.shows("Stopped");
    shell.shows("outer> ");
    shell.types("echo still $((40 + 2))\n");
    shell.shows("still 42");
    shell.types("fg\n");
    shell.shows("while read");
    // Typed ahead or not, it is for the program in front.
    shell.types("two\n");
    shell.shows("got two");
    shell.types("\x04");
    shell.shows("outer> ");
    leave(shell);
}

#[test]
fn what_goes_on_in_the_background_stops_when_it_asks_for_keys() {
    let host = Host::new();
    let mut shell = outer_shell(&host);
    let options = in_folder(&host);
    start(&host, &mut shell, &format!("{options} -- sh -c 'echo begun; {UNTIL_ASKED}; read word; echo got $word'"));
    shell.shows("begun\r\n");
    shell.types("\x1a");
    shell.shows("Stopped");
    shell.shows("outer> ");
    shell.types("bg\n");
    shell.shows("outer> ");
    job_is(&mut shell, "Running");
    shell.types("touch work/asked\n");
    shell.shows("outer> ");
    job_is(&mut shell, "Stopped");
    shell.types("fg\n");
    shell.shows("read word");
    shell.types("something\n");
    shell.shows("got something");
    shell.shows("outer> ");
    leave(shell);
}

#[test]
fn one_that_begins_in_the_background_has_the_modes_of_the_foreground_later() {
    let host = Host::new();
    let mut shell = outer_shell(&host);
    // Modes that a shell leaves to its jobs, and has not itself while it reads a command line.
    shell.types("stty quit ^P\n");
    shell.shows("outer> ");
    start(&host, &mut shell, "-- sh -c 'read word; stty -a; echo got $word' &");
    shell.shows("outer> ");
    job_is(&mut shell, "Stopped");
    shell.types("fg\n");
    shell.shows("read word");
    shell.types("something\r");
    let shown = shell.shows("got something");
    assert!(shown.contains("quit = ^P") && shown.contains(" icanon"), "{shown}");
    shell.shows("outer> ");
    leave(shell);
}

#[test]
fn one_that_has_come_to_the_front_unnoticed_hears_keys_when_it_asks() {
    let host = Host::new();
    let mut shell = outer_shell(&host);
    let options = in_folder(&host);
    start(&host, &mut shell, &format!("{options} -- sh -c '{UNTIL_ASKED}; read word; echo got $word' &"));
    shell.shows("outer> ");
    // A shell sends no signal to a job that is running already.
    shell.types("fg\n");
    shell.shows("read word");
    host.write("work/asked", "");
    shell.types("something\n");
    shell.shows("got something");
    shell.shows("outer> ");
    leave(shell);
}

#[test]
fn a_wall_time_does_not_keep_it_from_being_stopped() {
    let host = Host::new();
    let mut shell = outer_shell(&host);
    start(&host, &mut shell, "--limit wall-time=1h -- sh -c 'echo begun; read word; echo got $word'");
    shell.shows("begun\r\n");
    shell.types("\x1a");
    shell.shows("Stopped");
    shell.shows("outer> ");
    shell.types("fg\n");
    shell.shows("read word");
    shell.types("something\n");
    shell.shows("got something");
    shell.shows("outer> ");
    leave(shell);
}

#[test]
fn modes_that_were_changed_meanwhile_are_kept() {
    let host = Host::new();
    let mut shell = outer_shell(&host);
    start(&host, &mut shell, "-- sh -c 'echo begun; read word'");
    shell.shows("begun\r\n");
    shell.types("\x1a");
    shell.shows("Stopped");
    shell.shows("outer> ");
    shell.types("stty quit ^P; fg\n");
    shell.shows("read word");
    shell.types("\n");
    shell.shows("outer> ");
    shell.types("stty -a\n");
    shell.shows("quit = ^P");
    shell.shows("outer> ");
    leave(shell);
}
