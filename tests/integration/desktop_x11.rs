//! `desktop.x11`: the session's X server, one of the sandbox's own, or none. The session is Xvfb with a secret.

use crate::support::older::has_scopes;
use crate::support::{Host, Ran, has, has_program, wait_until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What lets clients in.
const SECRET: &str = "00112233445566778899aabbccddeeff";
/// What would let them in elsewhere.
const OTHER_SECRET: &str = "ffeeddccbbaa99887766554433221100";
/// The colour of the window outside, and the bytes of one of its pixels in what xwd(1) writes.
const COLOUR: &str = "#123456";
const PIXEL: &str = r"\126\064\022";

/// A program that is ended with the test, however that ends.
struct Program(Child);

impl Program {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// The next line that it says.
    fn line(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        line
    }

    fn end(&mut self) {
        self.0.kill().expect("a signal");
        self.0.wait().expect("its end");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // An X server that is killed leaves its socket behind.
        kill(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM).ok();
        let start = Instant::now();
        while self.0.try_wait().is_ok_and(|end| end.is_none()) && start.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A session with a display, a window on it, and something in its clipboard.
struct Session {
    window: Program,
    _server: Program,
    number: u16,
    host: Host,
}

impl Session {
    /// Starts one, where this machine has what it takes.
    fn start() -> Option<Self> {
        let programs = ["Xvfb", "xauth", "xclip", "xdotool", "xdpyinfo", "xmessage", "xwd", "xwininfo"];
        if !programs.iter().all(|program| has_program(program)) {
            return None;
        }
        let host = Host::new();
        let secret = host.home().join("secret");
        add_to(&host, &secret, ":0", SECRET);
        let mut command = host.command("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen", "0", "800x600x24", "-auth"]);
        let mut server = Program::start(command.arg(&secret).stdout(Stdio::piped()).stderr(Stdio::null()));
        let number = server.line().trim().parse().expect("a number");
        let own = host.home().join(".Xauthority");
        add_to(&host, &own, &format!(":{number}"), SECRET);
        add_to(&host, &own, &format!(":{}", number + 1), OTHER_SECRET);
        host.folder("run");
        let mut command = host.command("xmessage");
        command.env("DISPLAY", format!(":{number}"));
        command.args(["-name", "outside", "-bg", COLOUR, "-buttons", "gone:0", "-default", "gone", "-center", "hush"]);
        let window = Program::start(&mut command);
        let session = Self { window, _server: server, number, host };
        wait_until("a window", || session.outside("xwininfo -name outside | grep -q IsViewable").status == 0);
        session.outside("printf hush | xclip -selection clipboard >/dev/null 2>&1").exits(0);
        Some(session)
    }

    /// A program of the session.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.host.command(program);
        command.env("DISPLAY", format!(":{}", self.number)).env("XDG_RUNTIME_DIR", self.host.home().join("run"));
        command
    }

    /// A shell script outside of any sandbox.
    fn outside(&self, script: &str) -> Ran {
        let mut command = self.command("sh");
        command.args(["-c", script]);
        Ran::of(command)
    }

    fn sandbox(&self, x11: &str, options: &[&str], script: &str) -> Command {
        let mut command = self.command(self.host.nsbox());
        command.args(["--set", &format!("desktop.x11=\"{x11}\"")]).args(options).args(["--", "sh", "-c", script]);
        command
    }

    /// A shell script in a sandbox.
    fn inside(&self, x11: &str, script: &str) -> Ran {
        self.inside_with(x11, &[], script)
    }

    fn inside_with(&self, x11: &str, options: &[&str], script: &str) -> Ran {
        Ran::of(self.sandbox(x11, options, script))
    }

    /// Whether the window outside is still there.
    fn has_window(&mut self) -> bool {
        self.window.0.try_wait().expect("the state of a child").is_none()
    }

    /// The X servers that run in sandboxes of this session.
    fn nested(&self) -> Vec<String> {
        let folder = self.host.home().join("run").display().to_string();
        let is_nested = |process: &Path| {
            let read = |name: &str| fs::read_to_string(process.join(name)).unwrap_or_default();
            ["Xvfb", "Xephyr", "Xwayland"].contains(&read("comm").trim()) && read("mountinfo").contains(&folder)
        };
        let processes = fs::read_dir("/proc").expect("processes").flatten().map(|entry| entry.path());
        processes.filter(|process| is_nested(process)).map(|process| process.display().to_string()).collect()
    }

    /// What sandboxes have left in the runtime folder.
    fn left(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.host.home().join("run/nsbox")).expect("nsbox's folder");
        folders.flatten().map(|entry| entry.path()).collect()
    }
}

/// Adds a secret to an Xauthority file.
fn add_to(host: &Host, file: &Path, display: &str, secret: &str) {
    let mut command = host.command("xauth");
    command.arg("-f").arg(file).args(["add", display, ".", secret]);
    Ran::of(command).exits(0);
}

/// A script that says what it can learn of the windows, the screen and the clipboard of others.
fn spying() -> String {
    format!(
        "xdotool search --name outside >/dev/null && echo sees the window
         xwd -root -silent | LC_ALL=C grep -aq \"$(printf '{PIXEL}')\" && echo sees the screen
         [ \"$(timeout 2 xclip -o -selection clipboard)\" = hush ] && echo reads the clipboard
         xdpyinfo >/dev/null && echo has a display"
    )
}

/// A script that presses Return wherever the pointer is put: in the middle of the screen, where the window is.
const TYPING: &str = "xdotool mousemove 400 300 key Return && echo typed";

#[test]
fn without_the_key_there_is_no_display() {
    let Some(session) = Session::start() else { return };
    let script = "env; ls -d /tmp/.X11-unix /run/nsbox; xdpyinfo";
    let ran = session.inside("none", script);
    assert_ne!(ran.status, 0, "{ran}");
    ran.never_says("DISPLAY=").never_says("XAUTHORITY").never_says("/tmp/.X11-unix").never_says("/run/nsbox");
}

#[test]
fn a_client_inside_reaches_the_display_of_the_session_by_what_lets_it_in_there_and_nowhere_else() {
    let Some(session) = Session::start() else { return };
    let number = session.number;
    for network in ["none", "host"] {
        let ran = session.inside_with("host", &["--network", network], "xdpyinfo && xwininfo -name outside");
        ran.exits(0).says("800x600 pixels").says("IsViewable");
        let alone = session.inside_with("host", &["--network", network], "XAUTHORITY=/dev/null xdpyinfo");
        alone.exits(1).complains("unable to open display");
    }
    let shown = session.inside(
        "host",
        "echo $DISPLAY; ls /tmp/.X11-unix; stat -c %a $XAUTHORITY; od -An -v -tx1 $XAUTHORITY | tr -d ' \\n'",
    );
    let shown = shown.exits(0).says(&format!(":{number}\nX{number}\n600\n")).says(SECRET).never_says(OTHER_SECRET);
    assert_eq!(shown.stdout.matches("4d49542d4d41474943").count(), 1, "{shown}");
}

#[test]
fn without_a_secret_the_session_decides_who_is_let_in() {
    let Some(session) = Session::start() else { return };
    if !has_program("xhost") {
        return;
    }
    session.outside("xhost +si:localuser:$(id -un)").exits(0);
    fs::remove_file(session.host.home().join(".Xauthority")).expect("its removal");
    session
        .inside("host", "xdpyinfo; echo file: $XAUTHORITY.; ls /run/nsbox/x11")
        .exits(0)
        .says("800x600")
        .says("file: .\n");
}

#[test]
fn windows_screen_and_clipboard_of_others_are_out_of_reach_of_a_display_of_its_own() {
    let Some(mut session) = Session::start() else { return };
    for network in ["none", "host"] {
        let ran = session.inside_with("isolated", &["--network", network], &spying());
        ran.exits(0).says("has a display").never_says("sees").never_says("reads");
        session.inside_with("isolated", &["--network", network], TYPING).exits(0).says("typed");
    }
    std::thread::sleep(Duration::from_millis(500));
    assert!(session.has_window(), "a key came through");
    // What is given away by the session's own display is the same as without a sandbox.
    for ran in [session.inside("host", &spying()), session.outside(&spying())] {
        ran.says("has a display").says("sees the window").says("sees the screen").says("reads the clipboard");
    }
    session.inside("host", TYPING).exits(0).says("typed");
    wait_until("the end of the window, by a key from inside", || !session.has_window());
}

#[test]
fn the_sockets_of_the_session_are_out_of_reach_of_a_display_of_its_own() {
    let Some(session) = Session::start() else { return };
    if !has_program("python3") {
        return;
    }
    let number = session.number;
    let script = |name: &str| {
        format!(
            "/usr/bin/python3 -c \"import socket; socket.socket(socket.AF_UNIX).connect('{name}'); print('connected')\""
        )
    };
    let path = script(&format!("/tmp/.X11-unix/X{number}"));
    let abstract_one = script(&format!("\\0/tmp/.X11-unix/X{number}"));
    for control in [&path, &abstract_one] {
        session.outside(control).exits(0).says("connected");
    }
    session.inside("isolated", &path).exits(1).complains("FileNotFoundError");
    session.inside("isolated", &abstract_one).exits(1).complains("ConnectionRefusedError");
    session.inside_with("isolated", &["--network", "host"], &path).exits(1).complains("FileNotFoundError");
    if has("Landlock's scopes (Linux 6.12)", has_scopes()) {
        for x11 in ["isolated", "host"] {
            session.inside_with(x11, &["--network", "host"], &abstract_one).exits(1).complains("PermissionError");
        }
    }
}

#[test]
fn what_lets_into_the_session_is_not_what_lets_into_a_display_of_its_own() {
    let Some(session) = Session::start() else { return };
    let script = "ls -A /run/nsbox/x11; od -An -v -tx1 $XAUTHORITY | tr -d ' \\n'; echo; XAUTHORITY=/dev/null xdpyinfo";
    let secret = |ran: Ran| {
        let ran = ran.exits(1).complains("unable to open display").never_says(SECRET).never_says(OTHER_SECRET);
        let ran = ran.never_says("parent").never_says(&format!("X{}\n", session.number));
        ran.stdout.lines().last().unwrap_or_default().to_owned()
    };
    let first = secret(session.inside("isolated", script));
    assert_ne!(first, secret(session.inside("isolated", script)));
    assert!(first.contains("4d49542d4d41474943"), "{first}");
}

#[test]
fn a_display_of_its_own_ends_with_the_sandbox() {
    let Some(session) = Session::start() else { return };
    let end_by = |signal: Signal| {
        let mut command = session.sandbox("isolated", &[], "xdpyinfo | grep dimensions; exec sleep 1000");
        let mut nsbox = Program::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
        let line = nsbox.line();
        assert!(line.contains("1280x800"), "{line:?}");
        assert_eq!(session.nested().len(), 1);
        kill(Pid::from_raw(nsbox.0.id() as i32), signal).expect("a signal");
        nsbox.0.wait().expect("its end");
    };
    end_by(Signal::SIGTERM);
    assert_eq!((session.nested(), session.left()), (vec![], vec![]), "it ends after both are gone");
    end_by(Signal::SIGKILL);
    wait_until("the end of the server", || session.nested().is_empty());
    // What was left is swept by the next.
    session.inside("isolated", "xdpyinfo").exits(0);
    assert_eq!((session.nested(), session.left()), (vec![], vec![]));
}

#[test]
fn each_server_shows_its_screen_where_the_caller_is() {
    let Some(session) = Session::start() else { return };
    let server = "cat /run/nsbox/x11/log >&2; xdpyinfo";
    if has_program("Xephyr") {
        let title = "desktop.application=\"org.example.Viewer\"";
        let mut command = session.sandbox("isolated", &["--set", title], "echo; exec sleep 1000");
        let mut nsbox = Program::start(command.stdout(Stdio::piped()));
        nsbox.line();
        session.outside("xwininfo -name org.example.Viewer").exits(0).says("IsViewable");
        nsbox.end();
    }
    let mut alone = session.sandbox("isolated", &[], server);
    alone.env_remove("DISPLAY");
    Ran::of(alone).exits(0).says("1280x800 pixels");
    if !has_program("Xwayland") || !has_program("weston") {
        return;
    }
    let run = session.host.home().join("run");
    fs::set_permissions(&run, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("a folder of the user's");
    let mut weston = session.command("weston");
    weston.args(["--backend=headless-backend.so", "--socket=outside", "--width=1024", "--height=700"]);
    let _weston = Program::start(weston.stdout(Stdio::null()).stderr(Stdio::null()));
    wait_until("a compositor", || run.join("outside").exists());
    let mut command = session.sandbox("isolated", &[], server);
    command.env("WAYLAND_DISPLAY", "outside");
    let ran = Ran::of(command);
    // Before version 23.1 it has the size of the compositor's screen.
    assert!(ran.stdout.contains("1024x700 pixels") || ran.stdout.contains("1280x800 pixels"), "{ran}");
}

#[test]
fn the_plan_says_what_x11_lets_a_program_do_to_others() {
    let Some(session) = Session::start() else { return };
    let plan = |x11: &str| {
        let mut command = session.command(session.host.nsbox());
        command.args(["plan", "--set", &format!("desktop.x11=\"{x11}\""), "--", "true"]);
        Ran::of(command).exits(0)
    };
    let dangers = "X11 lets it read the keystrokes, the screen and the clipboard of your other programs";
    let text = |ran: Ran| ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let shared = text(plan("host"));
    assert!(shared.contains(dangers) && shared.contains("The X server of your session, display :"), "{shared}");
    let own = text(plan("isolated"));
    assert!(!own.contains("X11 lets it") && own.contains("An X server of its own, X"), "{own}");
    let none = text(plan("none"));
    assert!(!none.contains("X server") && !none.contains("X11 lets it"), "{none}");
}

#[test]
fn verify_says_which_line_opens_the_display_of_the_session() {
    let Some(session) = Session::start() else { return };
    let verify = |x11: &str| {
        let mut command = session.command(session.host.nsbox());
        command.args(["verify", "--set", &format!("desktop.x11=\"{x11}\"")]);
        Ran::of(command)
    };
    let socket = format!("/tmp/.X11-unix/X{} is shown", session.number);
    verify("host").exits(0).says(&socket);
    for closed in ["none", "isolated"] {
        verify(closed).exits(0).never_says(".X11-unix");
    }
}
