//! A terminal of the sandbox's own, at a terminal of the person's.

use crate::support::pty::{Session, leave, outer_shell};
use crate::support::{Host, Ran, has_program, wait_until};

const PRIVATE: [&str; 2] = ["--terminal", "private"];

fn session(host: &Host, script: &str) -> Session {
    Session::start(&host.sandbox(PRIVATE.into_iter().chain(["--", "sh", "-c", script])))
}

#[test]
fn the_terminal_is_the_sandboxes_own_with_a_session_of_its_own() {
    let host = Host::new();
    let mut own = session(&host, "tty; echo $(ps -o pid=,sid=,tpgid=,tty= -p $$); echo hi > /dev/tty; exit 5");
    own.shows("/dev/pts/0\r\n");
    // Its session is led by pid 1, so that somebody is there who can stop it and let it go on.
    own.shows("2 1 2 pts/0\r\n");
    own.shows("hi\r\n");
    assert_eq!(own.ends(), 5);
    // Control: the caller's is no terminal of the sandbox.
    let mut shared = Session::start(&host.sandbox(["--", "tty"]));
    shared.shows("/dev/console\r\n");
}

#[test]
fn keys_reach_the_program_in_front_and_nobody_else() {
    let host = Host::new();
    let script = "trap 'echo interrupted' INT; echo ready; until read word; do :; done; echo heard $word";
    let mut session = Session::start(&host.sandbox(PRIVATE.into_iter().chain(["--", "bash", "-c", script])));
    session.shows("ready");
    session.types("\x03");
    session.shows("interrupted");
    session.types("something\n");
    session.shows("heard something");
    assert_eq!(session.ends(), 0);
}

#[test]
fn a_new_size_reaches_it() {
    let host = Host::new();
    let script = "trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.05; done";
    let command = host.sandbox(PRIVATE.into_iter().chain(["--", "bash", "-c", script]));
    let mut session = Session::start(&command);
    session.shows("24 80");
    session.resize(30);
    session.shows("30 80");
    assert_eq!(session.ends(), 0);
}

#[test]
fn nothing_that_was_written_is_lost_at_the_end() {
    let host = Host::new();
    let mut session = session(&host, "seq 20000; printf last");
    assert_eq!(session.ends(), 0);
    session.shows("\r\n19999\r\n20000\r\nlast");
}

#[test]
fn the_callers_modes_are_as_before_even_when_nsbox_is_stopped_or_the_payload_killed() {
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let mut shell = outer_shell(&host);
    shell.types("stty -a > before\n");
    for script in ["stty raw -echo; kill -KILL $$", "kill -STOP $$; echo back"] {
        shell.types(&format!("{nsbox} --terminal private -- sh -c '{script}'; stty -a > after; cmp before after && echo is $((1 + 1))same\n"));
        shell.shows("is 2same");
    }
    shell.types("fg\n");
    shell.shows("back\r\n");
    // Until then, keys are the sandbox's.
    shell.shows("outer> ");
    shell.types("stty -a > after; cmp before after && echo is $((2 + 1))same\n");
    shell.shows("is 3same");
    leave(shell);
}

#[test]
fn streams_that_are_no_terminal_stay_what_they_are() {
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let script = format!(
        "echo words | {nsbox} --terminal private -- sh -c 'cat; test -t 1 && echo out is a terminal'; \
         {nsbox} --terminal private -- sh -c 'read word || echo in has ended; test -t 2 && echo err is a terminal' | cat; \
         {nsbox} --terminal private -- sh -c 'test -t 0 || test -t 1 || echo none is' < /dev/null 2> /dev/null | cat"
    );
    let mut command = host.command("sh");
    command.args(["-c", &script]);
    let mut session = Session::start(&command);
    for text in ["words\r\n", "out is a terminal", "in has ended", "err is a terminal", "none is"] {
        session.shows(text);
    }
    assert_eq!(session.ends(), 0);
}

#[test]
fn it_is_there_for_whoever_lets_go_of_it_and_comes_back() {
    let host = Host::new();
    let script = "exec < /dev/null > /dev/null 2>&1; sleep 0.3; echo back > /dev/tty; sleep 0.3; \
                  exec < /dev/tty > /dev/tty; echo ready; read word; echo heard $word; exit 4";
    let mut session = session(&host, script);
    session.shows("back\r\n");
    session.shows("ready\r\n");
    session.types("something\n");
    session.shows("heard something");
    assert_eq!(session.ends(), 4);
}

#[test]
fn without_a_terminal_there_is_none_inside() {
    if !has_program("setsid") {
        return;
    }
    let host = Host::new();
    let mut command = host.command("setsid");
    command.arg("-w").arg(host.nsbox()).args(PRIVATE);
    command.args(["--", "sh", "-c", "cat < /dev/tty; ps -o tty= -p $$"]);
    Ran::of(command).exits(0).says("?").complains("No such device or address");
}

#[test]
fn the_callers_terminal_is_out_of_reach() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // Keystrokes put into the terminal, without a filter that would refuse it: in a shared one they reach the outer shell.
    let inject = "import fcntl, termios\nfor c in 'echo injected $((40 + 2))\\n': fcntl.ioctl(2, termios.TIOCSTI, c)";
    let start = |mode: &str| {
        let nsbox = host.nsbox().display().to_string();
        host.write("inject.py", inject);
        let mut shell = outer_shell(&host);
        shell.types(&format!(
            "{nsbox} --terminal {mode} --syscalls none --read . -- python3 inject.py; echo over $((1 + 1))\n"
        ));
        shell.shows("over 2");
        shell.types("echo and $((2 + 1))\n");
        let shown = shell.shows("and 3");
        leave(shell);
        shown.contains("injected 42")
    };
    assert!(!start("private"));
    let legacy = std::fs::read_to_string("/proc/sys/dev/tty/legacy_tiocsti").is_ok_and(|value| value.trim() == "1");
    // Control, on a kernel that still lets terminals be typed into.
    assert!(!legacy || start("shared"));
}

#[test]
fn who_holds_on_to_it_outside_does_not_hold_nsbox_up() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let accomplice = "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('socket'); s.listen(); \
                      held = socket.recv_fds(s.accept()[0], 1, 1)[1]; open('held', 'w'); time.sleep(60)";
    let mut accomplice = host.command("python3").args(["-c", accomplice]).spawn().expect("an accomplice");
    wait_until("it listens", || host.home().join("socket").exists());
    let home = host.home().display().to_string();
    host.write(
        "hand_over.py",
        "import socket, time, os\ns = socket.socket(socket.AF_UNIX)\ns.connect('socket')\nsocket.send_fds(s, [b'x'], [0])\n\
         while not os.path.exists('held'): time.sleep(0.01)\nprint('handed over')\n",
    );
    let options = ["--write", &home, "--directory", &home, "--", "python3", "hand_over.py"];
    let mut session = Session::start(&host.sandbox(PRIVATE.iter().chain(&options)));
    session.shows("handed over");
    let status = session.ends();
    let is_held = accomplice.try_wait().expect("news of it").is_none();
    accomplice.kill().and_then(|()| accomplice.wait()).expect("its end");
    assert!(status == 0 && is_held, "{status}");
}

#[test]
fn a_pager_at_the_end_of_a_pipe_gets_keys_when_it_asks_for_them() {
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let mut shell = outer_shell(&host);
    let script =
        "cat; exec 3< /dev/tty; stty -echo <&3; echo ask; read word <&3; stty echo <&3; echo got $word; echo err >&2";
    shell.types(&format!("echo piped | {nsbox} --terminal private -- sh -c '{script}'\n"));
    shell.shows("piped\r\nask\r\n");
    shell.types("something\n");
    // What it asked for it may change: nothing is echoed; and lines end as they do without it.
    assert_eq!(shell.shows("got something\r\nerr\r\n"), "got something\r\nerr\r\n");
    shell.shows("outer> ");
    leave(shell);
}

#[test]
fn lines_end_once_whoever_ends_them() {
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let mut command = host.command("sh");
    command.args(["-c", &format!("{nsbox} -q --terminal private -- sh -c 'seq 20000 >&2' < /dev/null | cat")]);
    let mut session = Session::start(&command);
    let shown = session.shows("\n20000\r\n");
    let lines: String = (1..=20000).map(|line| format!("{line}\r\n")).collect();
    assert!(shown == lines, "{} bytes instead of {}", shown.len(), lines.len());
    assert_eq!(session.ends(), 0);
}

#[test]
fn a_terminal_without_job_control_is_listened_to() {
    if !has_program("setsid") {
        return;
    }
    let host = Host::new();
    // Of the session that nsbox is in, it is no terminal.
    let mut command = host.command("setsid");
    command.arg("-w").arg(host.nsbox()).args(PRIVATE).args(["--", "sh", "-c", "echo ready; read word; echo got $word"]);
    let mut session = Session::start(&command);
    session.shows("ready");
    session.types("something\n");
    session.shows("got something");
    assert_eq!(session.ends(), 0);
}
