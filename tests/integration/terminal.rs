//! A shared terminal: job control works on both sides, and it is left as it was found.

use crate::support::pty::{Session, interrupt, leave, outer_shell};
use crate::support::{Host, wait_until};

/// The words that start an interactive shell inside.
fn inner_shell(host: &Host) -> String {
    format!("{} --env 'PS1=inner> ' -- bash --norc --noprofile -i\n", host.nsbox().display())
}

#[test]
fn a_shell_inside_has_job_control_and_its_status_comes_out() {
    let host = Host::new();
    let mut command = host.sandbox(["--env", "PS1=inner> ", "--", "bash", "--norc", "--noprofile", "-i"]);
    command.env("TERM", "dumb");
    let mut session = Session::start(&command);
    let before = session.modes();
    let shown = session.shows("inner> ");
    assert!(!shown.contains("job control"), "{shown}");
    session.types("sleep 100\n");
    session.shows("sleep 100");
    std::thread::sleep(std::time::Duration::from_millis(200));
    session.types("\x03");
    session.shows("inner> ");
    session.types("sleep 100\n");
    session.shows("sleep 100");
    std::thread::sleep(std::time::Duration::from_millis(200));
    session.types("\x1a");
    session.shows("Stopped");
    session.shows("inner> ");
    session.types("fg\n");
    session.shows("sleep 100");
    std::thread::sleep(std::time::Duration::from_millis(200));
    session.types("\x03");
    session.shows("inner> ");
    session.types("exit 5\n");
    assert_eq!(session.ends(), 5);
    assert_eq!(session.modes(), before);
}

#[test]
fn the_outer_shell_goes_on_after_an_inner_one() {
    let host = Host::new();
    let mut session = outer_shell(&host);
    session.types(&inner_shell(&host));
    session.shows("inner> ");
    session.types("exit 3\n");
    session.shows("outer> ");
    // A `read` fails where the terminal still belongs to somebody else.
    session.types("echo status $?; read word; echo \"heard $word\"\n");
    session.shows("status 3");
    session.types("something\n");
    session.shows("heard something");
    session.shows("outer> ");
    leave(session);
}

#[test]
fn a_stopped_payload_stops_nsbox_and_fg_brings_both_back() {
    let host = Host::new();
    let mut session = outer_shell(&host);
    session.types(&format!("{} -- sh -c 'while read word; do echo got $word; done'\n", host.nsbox().display()));
    session.shows("done'");
    session.types("one\n");
    session.shows("got one");
    session.types("\x1a");
    session.shows("Stopped");
    session.shows("outer> ");
    session.types("echo still $((40 + 2))\n");
    session.shows("still 42");
    session.types("fg\n");
    session.shows("while read");
    session.types("two\n");
    session.shows("got two");
    session.types("\x04");
    session.shows("outer> ");
    leave(session);
}

#[test]
fn ctrl_c_ends_the_payload_and_not_the_shell_around_it() {
    let host = Host::new();
    let mut session = outer_shell(&host);
    session.types(&format!("yes | {} -- sh -c 'echo begun; exec cat > /dev/null'\n", host.nsbox().display()));
    session.shows("begun\r\n");
    std::thread::sleep(std::time::Duration::from_millis(100));
    interrupt(&mut session, "130 130");
    leave(session);
}

#[test]
fn a_pager_beside_nsbox_keeps_the_terminal() {
    let host = Host::new();
    let mut session = outer_shell(&host);
    // The reader at the end of the pipe asks the terminal, as less does; it must be in its foreground group.
    let reader = "sh -c 'cat > /dev/null; read word < /dev/tty; echo asked $word'";
    session.types(&format!("{} -- echo text | {reader}\n", host.nsbox().display()));
    session.shows("asked $word'");
    std::thread::sleep(std::time::Duration::from_millis(300));
    session.types("me\n");
    session.shows("asked me");
    leave(session);
}

#[test]
fn the_payload_gets_the_terminal_when_it_asks_for_it() {
    let host = Host::new();
    let mut session = outer_shell(&host);
    // Its output is a pipe, so that it does not get the terminal from the start.
    session.types(&format!("{} -- sh -c 'read word < /dev/tty; echo asked $word' | cat\n", host.nsbox().display()));
    session.shows("| cat");
    std::thread::sleep(std::time::Duration::from_millis(300));
    session.types("me\n");
    session.shows("asked me");
    session.shows("outer> ");
    leave(session);
}

#[test]
fn a_new_size_of_the_window_reaches_the_payload() {
    let host = Host::new();
    let command =
        host.sandbox(["--", "bash", "-c", "trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.05; done"]);
    let mut session = Session::start(&command);
    session.shows("24 80");
    session.resize(30);
    session.shows("30 80");
    assert_eq!(session.ends(), 0);
}

#[test]
fn terminal_modes_are_as_before_even_when_the_payload_is_killed() {
    let host = Host::new();
    let mut session = Session::start(&host.sandbox(["--", "sh", "-c", "stty raw -echo; kill -KILL $$"]));
    let before = session.modes();
    assert_eq!(session.ends(), 137);
    assert_eq!(session.modes(), before);
}

#[test]
fn a_job_that_begins_in_the_background_has_the_terminal_in_the_foreground() {
    let host = Host::new();
    let mut session = outer_shell(&host);
    session.types(&format!("{} -- sh -c 'sleep 0.3; read word; echo got $word' &\n", host.nsbox().display()));
    session.shows("outer> ");
    // It asks for the terminal and is stopped, for being in the background.
    session.types("until jobs | grep -q Stopped; do sleep 0.05; done; echo it $((1 + 1))waits\n");
    session.shows("it 2waits");
    session.types("fg\n");
    session.shows("read word");
    std::thread::sleep(std::time::Duration::from_millis(600));
    session.types("one\n");
    session.shows("got one");
    session.shows("outer> ");
    leave(session);
}

#[test]
fn a_payload_without_a_terminal_among_its_streams_can_ask_at_the_one_of_its_session() {
    let host = Host::new();
    let mut session = outer_shell(&host);
    let ask = "read word < /dev/tty; echo asked $word > /dev/tty";
    session.types(&format!("{} -- sh -c '{ask}' < /dev/null > /dev/null 2>&1\n", host.nsbox().display()));
    session.shows("2>&1");
    std::thread::sleep(std::time::Duration::from_millis(300));
    session.types("me\n");
    session.shows("asked me");
    leave(session);
}

#[test]
fn what_the_payload_leaves_running_cannot_change_the_terminal_any_more() {
    use crate::support::has_program;
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // Each of them takes the terminal and changes its modes, from the background too, for as long as it lives.
    let left = "import os, signal, termios\n\
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)\n\
        raw = termios.tcgetattr(0)\n\
        raw[3] = 0\n\
        for i in range(8):\n  \
          if os.fork() == 0:\n    \
            while True:\n      \
              os.tcsetpgrp(0, os.getpgrp())\n      \
              termios.tcsetattr(0, termios.TCSANOW, raw)\n\
        signal.pause() if os.fork() == 0 else os._exit(0)";
    for _ in 0..10 {
        let mut session = Session::start(&host.sandbox(["--", "python3", "-c", left]));
        let before = session.modes();
        assert_eq!(session.ends(), 0);
        assert_eq!(session.modes(), before);
    }
}

#[test]
fn a_terminal_is_neither_closed_to_others_nor_halted_nor_deaf_afterwards() {
    use crate::support::has_program;
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let mut session = outer_shell(&host);
    // It is closed to others, given another line discipline (N_NULL), and its output halted.
    let tricks = "import fcntl, struct, termios\n\
        fcntl.ioctl(0, termios.TIOCEXCL)\n\
        try: fcntl.ioctl(0, 0x5423, struct.pack(\"i\", 27))\n\
        except OSError as e: print(\"answer\", e.errno)\n\
        termios.tcflow(0, termios.TCOOFF)";
    let script = host.write("tricks.py", tricks).display().to_string();
    session.types(&format!("{} --read {script} -- python3 {script}\n", host.nsbox().display()));
    session.shows("answer 1\r\n");
    session.shows("outer> ");
    session.types("read word < /dev/tty; echo \"heard $word\"\n");
    session.shows("heard $word");
    session.types("something\n");
    session.shows("heard something");
    leave(session);
}

#[test]
fn a_payload_that_is_stopped_and_then_killed_is_not_waited_for_in_vain() {
    use crate::support::has_program;
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    // Init looks at its children slowly, so that the end comes between its look at the stop and its next step.
    let mut command = host.command("strace");
    command.args(["-f", "-o", "/dev/null", "-e", "trace=waitid", "-e", "inject=waitid:delay_enter=200000"]);
    let script = "(sleep 0.4; kill -STOP $$; sleep 0.3; kill -KILL $$) & sleep 1000";
    command.arg(host.nsbox()).args(["--", "sh", "-c", script]);
    assert_eq!(Session::start(&command).ends(), 137);
}

#[test]
fn keystrokes_cannot_be_injected_into_the_terminal() {
    use crate::support::has_program;
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // TIOCSTI, TIOCLINUX and TIOCSETD, also with bits above the 32 that the kernel looks at.
    let inject = |request: &str| {
        format!(
            "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n\
             r = libc.syscall(16, 0, ctypes.c_ulong({request}), ctypes.c_char_p(b'x'))\nprint('answer', r, ctypes.get_errno())"
        )
    };
    let answers = |policy: &str, request: &str, answer: &str| {
        let words = ["--syscalls", policy, "--", "/usr/bin/python3", "-c", &inject(request)];
        let mut session = Session::start(&host.sandbox(words));
        session.shows(&format!("answer {answer}\r\n"));
        session.ends();
    };
    for request in ["0x5412", "0x541c", "0x5423"] {
        for high in ["0", "1 << 32", "0xffffffff << 32"] {
            answers("default", &format!("{request} | {high}"), "-1 1");
        }
    }
    // Control: the kernel reads that as TIOCSETD, and knows no line discipline of this number.
    answers("none", "0x5423 | 1 << 32", "-1 22");
}

#[test]
fn a_halt_that_the_person_asked_for_outlives_the_sandbox() {
    let host = Host::new();
    let mut session = outer_shell(&host);
    let script = "echo begun; until test -e over; do sleep 0.02; done";
    let nsbox = host.nsbox().display().to_string();
    session.types(&format!("{nsbox} --read . --directory . -- sh -c '{script}'; touch ended; echo ne''xt\n"));
    session.shows("begun\r\n");
    session.types("\x13");
    host.write("over", "");
    wait_until("the end", || host.home().join("ended").exists());
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(!session.has_shown("next"));
    session.types("\x11");
    session.shows("next");
    leave(session);
}

#[test]
fn what_is_said_at_the_end_begins_a_line_of_its_own() {
    let host = Host::new();
    let script = "printf within; exec sleep 1000";
    let mut session = Session::start(&host.sandbox(["--limit", "wall-time=1s", "--", "sh", "-c", script]));
    session.shows("within\r\nerror: the command's time was up");
    assert_eq!(session.ends(), 124);
}
