//! The name inside of the caller's terminal: `/dev/console`, for as long as it is shared.

use crate::support::pty::Session;
use crate::support::{Host, Ran, has_program, is_root};

/// A script in a sandbox with these options, at a terminal; gives what is shown until its end.
fn shown(host: &Host, options: &[&str], script: &str) -> String {
    let script = format!("{script}; echo over $((1 + 1))");
    let mut session = Session::start(&host.sandbox(options.iter().copied().chain(["--", "sh", "-c", &script])));
    let shown = session.shows("over 2");
    session.ends();
    shown
}

#[test]
fn the_callers_terminal_has_a_name_inside() {
    let host = Host::new();
    let text = shown(&host, &[], "tty; for i in 0 1 2; do readlink /proc/self/fd/$i; done; echo hi > /dev/console");
    // One C library searches /dev for the name, another asks procfs alone.
    assert_eq!(text.matches("/dev/console\r\n").count(), 4, "{text}");
    assert!(text.contains("hi\r\n"), "{text}");
    // Streams of a program that is no longer in the session can be opened by it all the same.
    assert!(shown(&host, &[], "setsid -w sh -c 'tty; tty < /dev/stdin'").contains("/dev/console\r\n/dev/console"));
}

#[test]
fn the_hosts_device_keeps_its_permissions() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let attempts = "import os\n\
        for attempt in [lambda: os.fchmod(0, 0o666), lambda: os.chmod('/proc/self/fd/0', 0o666), lambda: os.utime(1)]:\n  \
          try: print('done', attempt())\n  \
          except OSError as error: print('refused', error.errno)";
    let attempts = host.write("attempts.py", attempts).display().to_string();
    let text = shown(&host, &["--read", &attempts], &format!("python3 {attempts}"));
    assert_eq!(text.matches("refused 30").count(), 3, "{text}");
    // Control: outside they are the caller's to change.
    let mut command = host.command("python3");
    command.arg(&attempts);
    Session::start(&command).shows("done None\r\ndone None\r\ndone None\r\n");
}

#[test]
fn flags_of_the_callers_descriptors_stay_as_they_were() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let flags = "python3 -c 'import os; print(\"blocks\", [os.get_blocking(i) for i in range(3)])'";
    let change = "python3 -c 'import os; [os.set_blocking(i, False) for i in range(3)]'";
    // With and without a name of the terminal inside, by which it could be opened anew.
    for dev in ["minimal", "none"] {
        let script = format!("{nsbox} --set 'filesystem.dev=\"{dev}\"' -- {change}; {flags}");
        let mut command = host.command("sh");
        command.args(["-c", &script]);
        Session::start(&command).shows("blocks [True, True, True]");
    }
    let mut command = host.command("sh");
    command.args(["-c", &format!("{change}; {flags}")]);
    Session::start(&command).shows("blocks [False, False, False]");
}

#[test]
fn what_is_not_the_terminal_of_the_session_has_no_name() {
    if !has_program("setsid") {
        return;
    }
    let host = Host::new();
    let exists = ["--", "sh", "-c", "test -e /dev/console && echo there || echo absent; tty"];
    host.run(exists).says("absent").says("not a tty");
    // Somebody else's terminal, though it is a standard stream.
    let mut command = host.command("setsid");
    command.arg("-w").arg(host.nsbox()).args(exists);
    let mut session = Session::start(&command);
    session.shows("absent\r\nnot a tty\r\n");
    session.ends();
    // One that is there under the name that always works, but not among the streams.
    let mut command = host.command("sh");
    let ask =
        format!("{} -- sh -c 'test -e /dev/console || echo absent > /dev/tty' <&- >&- 2>&-", host.nsbox().display());
    command.args(["-c", &ask]);
    Session::start(&command).shows("absent");
}

#[test]
fn it_follows_the_devices_of_the_sandbox() {
    let host = Host::new();
    let dev = |value: &str| format!("filesystem.dev=\"{value}\"");
    assert!(shown(&host, &["--set", &dev("host")], "tty").contains("/dev/console"));
    assert!(shown(&host, &["--set", &dev("none")], "tty; ls /dev").contains("not a tty"));
    let private = shown(&host, &["--terminal", "private"], "test -e /dev/console || echo absent");
    assert!(private.contains("absent"), "{private}");
}

#[test]
fn what_the_profile_puts_there_stays() {
    let host = Host::new();
    let text = shown(&host, &["--symlink", "/dev/console=null"], "echo lost > /dev/console; tty");
    assert!(!text.contains("lost") && text.contains("not a tty"), "{text}");
}

#[test]
fn a_sandbox_inside_hands_the_name_on() {
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let nested = ["--read", &nsbox, "--set", "namespaces.nested=\"allow\""];
    assert!(shown(&host, &nested, &format!("{nsbox} tty")).contains("/dev/console"));
}

#[test]
fn a_terminal_that_its_user_may_not_open_has_a_name_all_the_same() {
    if !is_root() {
        return;
    }
    let host = Host::new();
    let script = "tty; readlink /proc/self/fd/0; cat /dev/console; read word; echo heard $word";
    let mut session = Session::start_at_strangers(&host.sandbox(["--", "sh", "-c", script]));
    let shown = session.shows("Permission denied");
    assert!(shown.starts_with("/dev/console\r\n/dev/pts/"), "{shown}");
    session.types("something\n");
    session.shows("heard something");
    assert_eq!(session.ends(), 0);
}

#[test]
fn the_plan_shows_it() {
    let host = Host::new();
    host.run(["plan", "true"]).says("console (your terminal, if you have one)");
    let run = host.run(["plan", "--terminal", "private", "true"]);
    run.never_says("your terminal, if you have one");
    // A plan cannot promise both.
    let planned = host.run(["plan", "--json", "--terminal", "private", "true"]);
    let at = "\"kind\": \"devpts\"";
    assert!(planned.stdout.contains(at), "{planned}");
    let plan = host.write("plan.json", planned.stdout.replacen(at, "\"kind\": \"console\"", 1));
    let mut command = host.command("sh");
    let script = format!("{} --plan-fd 3 3< {}", host.nsbox().display(), plan.display());
    command.args(["-c", &script]);
    Ran::of(command).exits(125).complains("the caller's terminal cannot be at `/dev/pts`");
}
