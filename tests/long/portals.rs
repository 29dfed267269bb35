//! The portals of a session, as they are installed: somebody picks a file in the dialog, and the command gets that one.

use crate::support::{Host, Ran, has, has_program, wait_until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Asks for a dialog, waits for its end, and prints the path that it gives.
const ASK: &str = r#"
import sys
from gi.repository import Gio, GLib
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
loop = GLib.MainLoop()
def heard(bus, sender, path, interface, signal, answer):
    (status, said) = answer.unpack()
    print(GLib.filename_from_uri(said['uris'][0])[0] if status == 0 else 'refused: %d' % status)
    loop.quit()
request = '/org/freedesktop/portal/desktop/request/%s/asked' % bus.get_unique_name()[1:].replace('.', '_')
name = 'org.freedesktop.portal.'
bus.signal_subscribe(name + 'Desktop', name + 'Request', 'Response', request, None, 0, heard)
arguments = GLib.Variant('(ssa{sv})', ('', 'Pick one', {'handle_token': GLib.Variant('s', 'asked')}))
bus.call_sync(name + 'Desktop', '/org/freedesktop/portal/desktop', name + 'FileChooser', sys.argv[1], arguments,
              None, 0, -1, None)
loop.run()
"#;

const APPLICATION: &str = "org.example.Viewer";

/// Where Debian and most others have the programs of portals; they are in no PATH.
const FOLDERS: [&str; 3] = ["/usr/libexec", "/usr/lib", "/usr/lib/xdg-desktop-portal"];

/// A program of the session, which is asked to end with the test: the document portal then unmounts what it shows.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        kill(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM).ok();
        for _ in 0..200 {
            if self.0.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}

/// Somebody's session: a display, a bus, portals, a home with things in it. The last of them ends first.
struct Session {
    portal: Option<Program>,
    others: Vec<Program>,
    display: String,
    host: Host,
}

impl Session {
    /// Starts one, where this machine has what it takes.
    fn start() -> Option<Self> {
        let programs = ["Xvfb", "xdotool", "dbus-daemon", "gdbus", "xdg-dbus-proxy", "fusermount3", "python3"];
        let are_there = programs.map(has_program).iter().all(|is_there| *is_there);
        let bindings = has("the bindings of gi", Path::new("/usr/lib/python3/dist-packages/gi").exists());
        let device = has("/dev/fuse", OpenOptions::new().read(true).write(true).open("/dev/fuse").is_ok());
        let services = ["xdg-permission-store", "xdg-document-portal", "xdg-desktop-portal-gtk"].map(service);
        if !are_there || !bindings || !device || service("xdg-desktop-portal").is_none() {
            return None;
        }
        let services: Option<Vec<PathBuf>> = services.into_iter().collect();
        let host = Host::new();
        fs::set_permissions(host.folder("run"), Permissions::from_mode(0o700)).expect("a runtime folder");
        host.write("papers/report", "for you\n");
        host.write("papers/other", "hush\n");
        let mut server = host.command("Xvfb");
        server.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1024x768x24"]).stderr(Stdio::null());
        let mut server = server.stdout(Stdio::piped()).spawn().expect("a display");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("its output")).read_line(&mut number).expect("its number");
        let display = format!(":{}", number.trim());
        let mut session = Self { portal: None, others: vec![Program(server)], display, host };
        let mut bus = session.command("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile"]).arg(format!("--address={}", session.address()));
        session.others.push(started(bus));
        wait_until("the bus", || session.runtime().join("bus").exists());
        for program in services? {
            session.others.push(started(session.command(program)));
        }
        wait_until("the document portal", || session.owns("org.freedesktop.portal.Documents"));
        wait_until("the dialogs", || session.owns("org.freedesktop.impl.portal.desktop.gtk"));
        session.restart_portal();
        Some(session)
    }

    /// Starts what programs talk to, in place of the one that ran.
    fn restart_portal(&mut self) {
        drop(self.portal.take());
        let program = service("xdg-desktop-portal").expect("a program");
        self.portal = Some(started(self.command(program)));
        wait_until("the portal", || self.owns("org.freedesktop.portal.Desktop"));
    }

    fn runtime(&self) -> PathBuf {
        self.host.home().join("run")
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.runtime().join("bus").display())
    }

    /// A program of this session.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.host.command(program);
        command.env("DISPLAY", &self.display).env("XDG_RUNTIME_DIR", self.runtime());
        command.env("DBUS_SESSION_BUS_ADDRESS", self.address()).env("XDG_CURRENT_DESKTOP", "GNOME");
        command.env("GSETTINGS_BACKEND", "memory").env("NO_AT_BRIDGE", "1");
        command
    }

    /// Runs a script beside the sandbox.
    fn outside(&self, script: &str) -> Ran {
        let mut command = self.command("sh");
        command.args(["-c", script]);
        Ran::of(command)
    }

    /// Whether somebody on the bus has this name; asking starts nobody.
    fn owns(&self, name: &str) -> bool {
        let bus = "-d org.freedesktop.DBus -o /org/freedesktop/DBus -m org.freedesktop.DBus.NameHasOwner";
        self.outside(&format!("gdbus call --session {bus} {name}")).stdout.contains("true")
    }

    /// nsbox with a script, for one application.
    fn sandbox(&self, application: &str, profile: &str, script: &str) -> Command {
        let closed = "wayland = false\nx11 = 'none'\nportals = true";
        let text = format!("extends = ['desktop']\n{profile}\n[desktop]\n{closed}\napplication = '{application}'\n");
        let file = self.host.write("test.toml", text);
        self.host.write("ask.py", ASK);
        let mut command = self.command(self.host.nsbox());
        command.arg("--profile").arg(file).args(["--read", "ask.py", "--", "sh", "-c", script]);
        command
    }

    fn inside(&self, application: &str, profile: &str, script: &str) -> Ran {
        Ran::of(self.sandbox(application, profile, script))
    }

    fn xdotool(&self, words: &[&str]) -> String {
        let mut command = self.command("xdotool");
        command.args(words);
        Ran::of(command).stdout.trim().to_owned()
    }

    /// Waits for the dialog, and picks a path in it. There is no window manager that would give it the keyboard, and what is
    /// typed too early is lost: so it is typed until the dialog goes.
    fn pick(&self, path: &Path) {
        let dialog = || self.xdotool(&["search", "--onlyvisible", "--name", "^Pick one$"]);
        let path = path.to_str().expect("a name");
        wait_until("the dialog", || !dialog().is_empty());
        wait_until("the end of the dialog", || {
            for keys in [&["windowfocus", &dialog()][..], &["key", "ctrl+l"], &["key", "ctrl+a"], &["type", path]] {
                sleep(Duration::from_millis(300));
                self.xdotool(keys);
            }
            sleep(Duration::from_millis(700));
            self.xdotool(&["key", "Return"]);
            sleep(Duration::from_millis(700));
            dialog().is_empty()
        });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.portal.take());
        while let Some(program) = self.others.pop() {
            drop(program);
        }
        // Where the document portal could not: nothing can be removed that something is mounted on.
        let _ = self.outside("fusermount3 -u -z run/doc");
    }
}

fn started(mut command: Command) -> Program {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    Program(command.spawn().expect("a program of the session"))
}

/// A program of portals.
#[track_caller]
fn service(name: &str) -> Option<PathBuf> {
    let found = FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file());
    has(&format!("the program {name}"), found.is_some()).then_some(found)?
}

/// A sandbox that is spoken to.
struct Running {
    child: Program,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a sandbox");
        let (input, output) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Self { child: Program(child), input, output: BufReader::new(output) }
    }

    /// The next line that it says.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    fn go_on(&mut self) {
        writeln!(self.input, "go").expect("a word");
    }

    /// All else that it says, and the status it ends with.
    fn end(mut self) -> (String, Option<i32>) {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("text");
        let status = self.child.0.wait().expect("its end");
        (rest, status.code())
    }
}

fn call(interface: &str, method: &str, arguments: &str) -> String {
    let name = "org.freedesktop.portal";
    let (service, object) = if interface == "Documents" { ("Documents", "documents") } else { ("Desktop", "desktop") };
    format!(
        "gdbus call --session -d {name}.{service} -o /org/freedesktop/portal/{object} \
         -m {name}.{interface}.{method} {arguments} 2>&1"
    )
}

/// All that is there, in one line: in the runtime folder of the sandbox's own, in the host's, by which the portal names what is
/// picked, and in the home.
const LOOK: &str = "echo $(find $XDG_RUNTIME_DIR/doc \"$HOME\"/run/doc -type f | sort; ls -A \"$HOME\")";

#[test]
#[ignore = "needs the portals of a desktop"]
fn a_file_that_is_picked_is_there_and_no_other() {
    let Some(mut session) = Session::start() else { return };
    let home = session.host.home();
    let own = format!("/run/user/{}", session.host.user().0);
    // A line for each of them, whatever happens.
    let script = format!(
        "ask() {{ path=$(/usr/bin/python3 ask.py $1); echo \"$path\"; }}; say() {{ echo \"$(cat \"$path\" 2>&1)\"; }}; \
         {LOOK}; ask OpenFile; say; {LOOK}; read go; ask SaveFile; echo from inside > \"$path\"; say"
    );
    let mut sandbox = Running::start(session.sandbox(APPLICATION, "", &script));
    assert_eq!(sandbox.line(), "ask.py run", "nothing is picked yet");
    session.pick(&home.join("papers/report"));
    let path = sandbox.line();
    let place = path.strip_prefix(&format!("{}/", session.runtime().display())).expect("a path of the portal");
    assert!(place.starts_with("doc/") && place.ends_with("/report"), "{path}");
    assert_eq!(sandbox.line(), "for you");
    let mut both = [path.clone(), format!("{own}/{place}")];
    both.sort();
    assert_eq!(sandbox.line(), format!("{} {} ask.py run", both[0], both[1]));
    // The portals know it by its name, and so does who may ask them about others.
    let picked = place.split('/').nth(1).expect("a number").to_owned();
    session.outside(&call("Documents", "List", APPLICATION)).exits(0).says(&picked);
    session.outside(&call("Documents", "List", "org.nsbox.sh")).exits(0).never_says(&picked);
    // One that is started meanwhile finds out again whom it talks to.
    session.restart_portal();
    sandbox.go_on();
    session.pick(&home.join("papers/saved"));
    let path = sandbox.line();
    assert!(path.starts_with(session.runtime().to_str().expect("a name")) && path.ends_with("/saved"), "{path}");
    assert_eq!(sandbox.end(), ("from inside\n".to_owned(), Some(0)));
    assert_eq!(fs::read_to_string(home.join("papers/saved")).expect("a file"), "from inside\n");
    assert_eq!(fs::read_to_string(home.join("papers/other")).expect("a file"), "hush\n");
    // Another application sees none of it; the same one still does, in a sandbox of later.
    session.inside("org.example.Other", "", LOOK).exits(0).says("ask.py run").never_says("report");
    session.inside(APPLICATION, "", LOOK).exits(0).says(&format!("{own}/{place}")).never_says("other");
    for folder in ["nsbox", ".flatpak"] {
        let left = fs::read_dir(session.runtime().join(folder)).expect("a folder");
        assert_eq!(left.count(), 0, "{folder}");
    }
}

#[test]
#[ignore = "needs the portals of a desktop"]
fn portals_answer_a_program_as_one_in_a_sandbox_without_a_network() {
    let Some(mut session) = Session::start() else { return };
    let settings = call("Settings", "ReadAll", "[]");
    session.inside(APPLICATION, "", &settings).exits(0).says("org.gnome.fontconfig");
    // Who has no network is told nothing of the host's.
    let network = call("NetworkMonitor", "GetStatus", "");
    for _ in ["at first", "started again"] {
        session.inside(APPLICATION, "", &network).exits(1).says("NotAllowed");
        session.restart_portal();
    }
    // What others were given is nobody's business in a sandbox, nor is the store of what was allowed.
    session.inside(APPLICATION, "", &call("Documents", "List", APPLICATION)).exits(1).says("NotAllowed");
    let store = "gdbus call --session -d org.freedesktop.impl.portal.PermissionStore \
                 -o /org/freedesktop/impl/portal/PermissionStore \
                 -m org.freedesktop.impl.portal.PermissionStore.List documents 2>&1";
    session.inside(APPLICATION, "", store).exits(1).says("ServiceUnknown");
    // Control: with the host's network, and outside, they are answered.
    session.inside(APPLICATION, "network.mode = 'host'", &network).exits(0).says("available");
    session.outside(&network).exits(0).says("available");
    session.outside(&call("Documents", "List", APPLICATION)).exits(0);
    session.outside(store).exits(0);
}
