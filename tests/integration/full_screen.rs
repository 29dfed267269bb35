//! Programs that own the whole terminal, and a person who types into them.

use crate::support::pty::Session;
use crate::support::{Host, Ran, has_program};
use std::fs;

/// A program in a sandbox at a terminal that can show it.
fn open(host: &Host, arguments: &[&str]) -> Session {
    let mut command = host.sandbox(arguments);
    command.env("TERM", "xterm").env("LANG", "C.UTF-8").current_dir(host.folder("work"));
    Session::start(&command)
}

#[test]
fn vim_edits_a_file_of_the_project() {
    if !has_program("vim") {
        return;
    }
    let host = Host::new();
    let file = host.write("work/notes.txt", "remember the milk\n");
    let mut vim = open(&host, &["--profile", "build", "vim", "-Nu", "NONE", "-i", "NONE", "notes.txt"]);
    vim.shows("remember");
    vim.types("cwforget\u{1b}:wq\r");
    assert_eq!(vim.ends(), 0);
    assert_eq!(fs::read_to_string(&file).expect("the file"), "forget the milk\n");
    // The same by a script, without a screen.
    let mut script =
        host.sandbox(["--profile", "build", "vim", "-es", "notes.txt", "-c", "s/forget/find/", "-c", "wq"]);
    script.current_dir(host.home().join("work"));
    Ran::of(script).exits(0);
    assert_eq!(fs::read_to_string(&file).expect("the file"), "find the milk\n");
}

#[test]
fn nano_writes_what_is_typed() {
    if !has_program("nano") {
        return;
    }
    let host = Host::new();
    let mut nano = open(&host, &["--profile", "build", "nano", "--ignorercfiles", "list.txt"]);
    nano.shows("list.txt");
    nano.types("bread\u{f}");
    nano.shows("Write");
    nano.types("\r");
    nano.shows("Wrote 1 line");
    nano.types("\u{18}");
    assert_eq!(nano.ends(), 0);
    assert_eq!(fs::read_to_string(host.home().join("work/list.txt")).expect("the file"), "bread\n");
}

#[test]
fn less_searches_and_man_shows_a_page_in_it() {
    if !has_program("less") || !has_program("man") {
        return;
    }
    let host = Host::new();
    let lines: String = (1..=500).map(|number| format!("line {number}\n")).collect();
    host.write("work/long.txt", lines);
    let mut less = open(&host, &["--profile", "build", "less", "long.txt"]);
    less.shows("line 23");
    less.types("/line 432\r");
    less.shows("line 450");
    less.types("q");
    assert_eq!(less.ends(), 0);
    host.write("work/page.1", ".TH PAGE 1\n.SH NAME\npage \\- shows that man and its formatter work\n");
    let mut man = open(&host, &["--profile", "build", "man", "./page.1"]);
    man.shows("that man and its formatter work");
    man.types("q");
    assert_eq!(man.ends(), 0);
}

#[test]
fn tmux_runs_a_shell_of_its_own_inside() {
    if !has_program("tmux") {
        return;
    }
    let host = Host::new();
    let mut tmux = open(&host, &["--profile", "shell", "tmux", "-f", "/dev/null", "new-session", "sh"]);
    tmux.shows("0:sh");
    tmux.types("echo in-$((40 + 2)); tty\r");
    tmux.shows("in-42");
    tmux.shows("/dev/pts/0");
    tmux.types("exit\r");
    tmux.shows("[exited]");
    assert_eq!(tmux.ends(), 0);
}
