//! Message buses, filtered, on a daemon of the test's own; and what is left of them when a sandbox ends.

use crate::support::{Host, Ran, has, has_program, is_root, wait_until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Owns names on a bus; its method says what it was called with, who called it, and what is in that one's root, as a portal
/// finds out.
const SERVER: &str = r#"
import sys
from gi.repository import Gio, GLib
api = """<node><interface name='org.example.Api'>
<method name='Say'><arg type='s' direction='in'/><arg type='s' direction='out'/></method>
<method name='Other'><arg type='s' direction='in'/><arg type='s' direction='out'/></method>
</interface></node>"""
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
def called(bus, sender, path, interface, method, arguments, invocation):
    asked = bus.call_sync('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'GetConnectionUnixProcessID',
                          GLib.Variant('(s)', (sender,)), None, 0, -1, None)
    try:
        info = open('/proc/%d/root/.flatpak-info' % asked.unpack()[0]).read()
    except FileNotFoundError:
        info = 'not in a sandbox'
    said = '%s to %s from %s' % (method, arguments.unpack()[0], info)
    invocation.return_value(GLib.Variant('(s)', (said,)))
for path in ['/org/example', '/org/freedesktop/portal/desktop']:
    bus.register_object(path, Gio.DBusNodeInfo.new_for_xml(api).interfaces[0], called, None, None)
for name in sys.argv[1:]:
    bus.call_sync('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'RequestName',
                  GLib.Variant('(su)', (name, 0)), None, 0, -1, None)
print('ready', flush=True)
GLib.MainLoop().run()
"#;

const NAMES: [&str; 4] =
    ["org.example.Granted", "org.example.Secret", "org.freedesktop.portal.Desktop", "org.freedesktop.portal.Flatpak"];

/// A bus with services on it, in a home of its own.
struct Session {
    host: Host,
    bus: Child,
    services: Child,
}

impl Session {
    /// Starts one; nothing where this machine has not what it takes.
    fn start() -> Option<Self> {
        let programs = ["dbus-daemon", "dbus-send", "gdbus", "xdg-dbus-proxy", "python3"];
        let has_bindings = Path::new("/usr/lib/python3/dist-packages/gi").exists();
        if !programs.map(has_program).iter().all(|is_there| *is_there) || !has("the bindings of gi", has_bindings) {
            return None;
        }
        let host = Host::new();
        fs::set_permissions(host.folder("run"), fs::Permissions::from_mode(0o700)).expect("a runtime folder");
        host.write("share/dbus-1/services/org.freedesktop.portal.Desktop.service", "");
        let mut daemon = host.command("dbus-daemon");
        daemon.args(["--session", "--nofork", "--nopidfile"]).arg(format!("--address={}", address(&host)));
        let mut bus = daemon.stderr(Stdio::null()).spawn().expect("a bus");
        wait_until("the bus is there", || host.home().join("run/bus").exists());
        let mut server = host.command("/usr/bin/python3");
        server.env("DBUS_SESSION_BUS_ADDRESS", address(&host)).args(["-c", SERVER]).args(NAMES);
        let Ok(mut services) = server.stdout(Stdio::piped()).spawn() else {
            bus.kill().expect("its end");
            panic!("no services");
        };
        let mut ready = [0; 6];
        std::io::Read::read_exact(services.stdout.as_mut().expect("a pipe"), &mut ready).expect("services");
        Some(Self { host, bus, services })
    }

    /// A program with this session in its environment.
    fn of(&self, mut command: Command) -> Command {
        command.env("XDG_RUNTIME_DIR", self.runtime()).env("XDG_DATA_DIRS", self.host.home().join("share"));
        command.env("DBUS_SESSION_BUS_ADDRESS", address(&self.host));
        command.env("DBUS_SYSTEM_BUS_ADDRESS", address(&self.host));
        command
    }

    fn runtime(&self) -> PathBuf {
        self.host.home().join("run")
    }

    /// nsbox, with a script, under a profile that has these lines beside the basic ones.
    fn sandbox(&self, profile: &str, options: &[&str], script: &str) -> Command {
        let file = self.host.write("test.toml", format!("extends = ['shell']\n{profile}"));
        let words = [&["--profile", file.to_str().expect("a name")], options, &["--", "sh", "-c", script]].concat();
        self.of(self.host.sandbox(words))
    }

    fn inside(&self, profile: &str, script: &str) -> Ran {
        Ran::of(self.sandbox(profile, &[], script))
    }

    /// A sandbox that runs on.
    fn running(&self, profile: &str) -> Running {
        let mut command = self.sandbox(profile, &[], "exec sleep 600");
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a sandbox"))
    }

    fn outside(&self, script: &str) -> Ran {
        let mut command = self.host.command("sh");
        command.args(["-c", script]);
        Ran::of(self.of(command))
    }

    /// Processes that belong to sandboxes of this home, or filter for them.
    fn processes(&self) -> Vec<u32> {
        let home = self.host.home().display().to_string();
        let processes = fs::read_dir("/proc").expect("procfs").flatten();
        let number = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let shows = |pid: &u32, what: &str| {
            let text = fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
            String::from_utf8_lossy(&text).contains(&home)
        };
        let is_nsbox = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "nsbox\n");
        let is_ours = |pid: &u32| shows(pid, "mountinfo") || is_nsbox(pid) && shows(pid, "cmdline");
        number.filter(is_ours).collect()
    }

    /// The process that filters.
    fn proxy(&self) -> Option<u32> {
        let is_proxy =
            |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "xdg-dbus-proxy\n");
        self.processes().into_iter().find(is_proxy)
    }

    /// What stands where the sockets of sandboxes are, and where portals know of them.
    fn left(&self) -> Vec<String> {
        let names = |folder: &str| fs::read_dir(self.runtime().join(folder)).into_iter().flatten().flatten();
        let all = names("nsbox").chain(names(".flatpak"));
        all.map(|entry| entry.file_name().display().to_string()).collect()
    }

    /// Fails the test unless nothing of any sandbox is left.
    #[track_caller]
    fn is_clean(&self) {
        wait_until("no process is left", || self.processes().is_empty());
        assert_eq!(self.left(), [""; 0]);
    }
}

/// A sandbox that runs, and does not outlive its test.
struct Running(Child);

impl Running {
    fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends it a signal, and waits for its end.
    fn end(mut self, signal: Signal) {
        kill(Pid::from_raw(self.id() as i32), signal).expect("a sandbox");
        self.0.wait().expect("its end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for child in [&mut self.services, &mut self.bus] {
            child.kill().and_then(|()| child.wait()).ok();
        }
    }
}

fn address(host: &Host) -> String {
    format!("unix:path={}", host.home().join("run/bus").display())
}

fn call(bus: &str, name: &str, method: &str) -> String {
    format!("gdbus call --{bus} -d {name} -o /org/example -m org.example.Api.{method} you 2>&1")
}

const RULES: &str = "[desktop.dbus.session]\n\
    talk = ['org.example.Granted']\nown = ['org.example.Mine.*']\nsee = ['org.freedesktop.portal.Flatpak']\n";

#[test]
fn a_name_that_was_granted_answers_and_one_that_was_not_is_refused() {
    let Some(session) = Session::start() else { return };
    session.inside(RULES, &call("session", "org.example.Granted", "Say")).exits(0).says("Say to you");
    let secret = call("session", "org.example.Secret", "Say");
    session.inside(RULES, &secret).exits(1).says("ServiceUnknown");
    // What is only seen cannot be called.
    session.inside(RULES, &call("session", "org.freedesktop.portal.Flatpak", "Say")).exits(1).says("AccessDenied");
    // Control: outside, and where it is granted, it answers.
    session.outside(&secret).exits(0).says("Say to you").says("not in a sandbox");
    let granted = "[desktop.dbus.session]\ntalk = ['org.example.*']\n";
    session.inside(granted, &secret).exits(0).says("Say to you");
    session.is_clean();
}

#[test]
fn only_what_may_be_seen_is_on_the_list() {
    let Some(session) = Session::start() else { return };
    let list = "gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.ListNames";
    let seen = session.inside(RULES, list).exits(0).says("org.example.Granted").says("org.freedesktop.portal.Flatpak");
    seen.never_says("org.example.Secret").never_says("org.freedesktop.portal.Desktop");
    session.outside(list).exits(0).says("org.example.Secret");
}

#[test]
fn a_name_is_owned_only_where_that_was_granted() {
    let Some(session) = Session::start() else { return };
    let own = |name: &str| {
        format!(
            "dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.RequestName \
             string:{name} uint32:0 2>&1"
        )
    };
    session.inside(RULES, &own("org.example.Mine.One")).exits(0).says("uint32 1");
    session.inside(RULES, &own("org.example.Other")).exits(1).says("ServiceUnknown");
    session.outside(&own("org.example.Other")).exits(0).says("uint32 1");
}

#[test]
fn a_call_is_let_through_as_far_as_its_rule_goes() {
    let Some(session) = Session::start() else { return };
    let rules = "[desktop.dbus.session]\ncall = ['org.example.Secret=org.example.Api.Say@/org/example']\n";
    session.inside(rules, &call("session", "org.example.Secret", "Say")).exits(0).says("Say to you");
    session.inside(rules, &call("session", "org.example.Secret", "Other")).exits(1).says("AccessDenied");
    session.outside(&call("session", "org.example.Secret", "Other")).exits(0).says("Other to you");
}

#[test]
fn the_bus_of_the_machine_is_filtered_alike() {
    let Some(session) = Session::start() else { return };
    let rules = "[desktop.dbus.system]\ntalk = ['org.example.Granted']\n";
    session.inside(rules, &call("system", "org.example.Granted", "Say")).exits(0).says("Say to you");
    session.inside(rules, &call("system", "org.example.Secret", "Say")).exits(1).says("ServiceUnknown");
    session.outside(&call("system", "org.example.Secret", "Say")).exits(0);
    // A rule for the one opens nothing of the other.
    session.inside(rules, &call("session", "org.example.Granted", "Say")).exits(1).never_says("Say to you");
    session.inside(RULES, &call("system", "org.example.Granted", "Say")).exits(1).never_says("Say to you");
}

#[test]
fn without_a_rule_there_is_no_bus_at_all() {
    let Some(session) = Session::start() else { return };
    let socket = session.runtime().join("bus");
    let look = format!("env; ls /run/nsbox /run/user {} 2>&1", socket.display());
    let seen = session.inside("", &look).never_says("DBUS").never_says("XDG_RUNTIME_DIR");
    assert_eq!(seen.stdout.matches("No such file").count(), 3, "{seen}");
    assert!(!session.runtime().join("nsbox").exists());
}

#[test]
fn portals_know_the_application_that_asks_them() {
    let Some(session) = Session::start() else { return };
    let ask = "gdbus call --session -d org.freedesktop.portal.Desktop -o /org/freedesktop/portal/desktop \
               -m org.example.Api.Say you";
    session.host.write("run/doc/by-app/org.example.Viewer/1/picked", "picked");
    session.host.write("run/doc/by-app/org.example.Other/2/others", "others");
    let profile = "[desktop]\nportals = true\napplication = 'org.example.Viewer'\n";
    let look = format!("{ask}; cat /.flatpak-info; find $XDG_RUNTIME_DIR/doc -type f");
    let seen = session.inside(profile, &look).exits(0).in_silence();
    let told = |network: &str| {
        let numbers = "[Instance]\\ninstance-id=nsbox-";
        format!("Say to you from [Application]\\nname=org.example.Viewer\\n\\n{network}{numbers}")
    };
    let seen = seen
        .says(&told(""))
        .says("\n[Application]\nname=org.example.Viewer\n")
        .says("/doc/1/picked")
        .never_says("others");
    drop(seen);
    // By the path that the portal gives it, too, which is that of the host's runtime folder.
    let picked = format!("cat {}/doc/1/picked; ls {}", session.runtime().display(), session.runtime().display());
    let seen = session.inside(profile, &picked).exits(0);
    assert_eq!(seen.stdout, "pickeddoc\n", "{seen}");
    let online = format!("network.mode = 'host'\n{profile}");
    session.inside(&online, "cat /.flatpak-info").exits(0).says("\n\n[Context]\nshared=network;\n");
    session.inside(&online, ask).exits(0).says(&told("[Context]\\nshared=network;\\n\\n"));
    // What starts programs of an application with all that Flatpak gives it is no part of it.
    session.inside(profile, &call("session", "org.freedesktop.portal.Flatpak", "Say")).exits(1).says("ServiceUnknown");
    // Control: who talks without portals is in no sandbox as far as they know.
    let talk = "[desktop.dbus.session]\ntalk = ['org.freedesktop.portal.Desktop']\n";
    session.inside(talk, ask).exits(0).says("not in a sandbox");
    session.is_clean();
}

#[test]
fn portals_are_told_which_process_is_the_first_of_the_sandbox() {
    let Some(session) = Session::start() else { return };
    session.host.folder("run/doc/by-app/org.nsbox.sh");
    let sandbox = session.running("desktop.portals = true\n");
    let instance = || {
        let folder = fs::read_dir(session.runtime().join(".flatpak")).ok()?.flatten().next()?;
        fs::read_to_string(folder.path().join("bwrapinfo.json")).ok().filter(|text| text.ends_with("}\n"))
    };
    wait_until("it is told", || instance().is_some());
    let told = instance().expect("a file");
    let pid = told.strip_prefix("{ \"child-pid\": ").and_then(|rest| rest.strip_suffix(" }\n")).expect("a number");
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let its = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned();
    assert_eq!((its("PPid:"), its("NSpid:")), (sandbox.id().to_string(), format!("{pid}\t1")));
    sandbox.end(Signal::SIGTERM);
    session.is_clean();
}

#[test]
fn what_filters_sees_the_bus_and_nothing_else_of_the_host() {
    let Some(session) = Session::start() else { return };
    // Nobody's own profile of that name is asked.
    for name in ["dbus-proxy", "strict"] {
        session
            .host
            .write(&format!(".config/nsbox/profiles/{name}.toml"), "extends = ['base']\nfilesystem.write = ['~']\n");
    }
    session.host.write("secret", "secret");
    let sandbox = session.running(RULES);
    wait_until("it filters", || session.proxy().is_some());
    let pid = session.proxy().expect("a process");
    let look = |path: &str| format!("/proc/{pid}/root/{path}");
    let mut seen: Vec<_> =
        fs::read_dir(look("run")).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    seen.sort();
    assert_eq!(seen, ["bus", "served"]);
    let home = session.host.home().display().to_string();
    assert!(!Path::new(&look(&home)).exists() && Path::new(&look("usr")).exists());
    // It can change its folder alone.
    let mounts = fs::read_to_string(format!("/proc/{pid}/mountinfo")).expect("mounts");
    let is_writable = |line: &&str| line.split(' ').nth(5).is_some_and(|options| options.starts_with("rw"));
    let writable = mounts.lines().filter(|line| line.contains(&home)).filter(is_writable).count();
    assert_eq!((mounts.matches(&home).count(), writable), (2, 1), "{mounts}");
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a status");
    for line in ["CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"] {
        assert!(status.contains(line), "{line} is not in {status}");
    }
    for kind in ["net", "pid", "ipc", "user", "mnt"] {
        let of = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/{kind}")).expect("a namespace");
        assert!(of(&pid.to_string()) != of("self"), "{kind}");
    }
    sandbox.end(Signal::SIGKILL);
    wait_until("all is gone", || session.processes().is_empty());
}

#[test]
fn nothing_of_a_bus_is_left_however_a_sandbox_ends() {
    let Some(session) = Session::start() else { return };
    session.host.folder("run/doc/by-app/org.nsbox.sh");
    let both = format!("desktop.portals = true\n{RULES}");
    session.inside(&both, "exit 3").exits(3);
    session.is_clean();
    session.inside(&both, "kill -9 $$").exits(137);
    session.is_clean();
    Ran::of(session.sandbox(&both, &["--set", "limits.wall-time='1s'"], "sleep 600")).exits(124);
    session.is_clean();
    // A step that fails after they have been started, and one before.
    let few = session.sandbox(&both, &["--set", "limits.open-files=1"], "true");
    Ran::of(few).exits(125).complains("at step `").never_says("at step `stage`");
    session.is_clean();
    Ran::of(session.sandbox(&both, &["--keep-fd", "77"], "true")).exits(125).complains("at step `stage`");
    session.is_clean();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let sandbox = session.running(&both);
        wait_until("it runs", || session.left().len() == 2);
        // Control: while it runs, what filters is there.
        assert!(session.proxy().is_some());
        sandbox.end(signal);
        session.is_clean();
    }
}

#[test]
fn what_a_killed_nsbox_leaves_the_next_one_sweeps_and_no_other() {
    let Some(session) = Session::start() else { return };
    session.host.folder("run/doc/by-app/org.nsbox.sh");
    let both = format!("desktop.portals = true\n{RULES}");
    let killed = session.running(&both);
    wait_until("it runs", || session.left().len() == 2);
    let other = session.running(&both);
    wait_until("both run", || session.left().len() == 4);
    killed.end(Signal::SIGKILL);
    wait_until("what filtered for it is gone", || session.processes().iter().all(|pid| is_below(*pid, other.id())));
    assert_eq!(session.left().len(), 4);
    session.inside(&both, &call("session", "org.example.Granted", "Say")).exits(0).says("Say to you");
    let left = session.left();
    assert!(left.len() == 2 && left.iter().all(|name| name.contains(&other.id().to_string())), "{left:?}");
    other.end(Signal::SIGTERM);
    session.is_clean();
}

/// Whether a process is another one, or has been started by it.
fn is_below(pid: u32, ancestor: u32) -> bool {
    let parent = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    };
    std::iter::successors(Some(pid), |pid| parent(*pid).filter(|parent| *parent > 1)).any(|pid| pid == ancestor)
}

#[test]
fn a_path_that_is_longer_than_that_of_a_socket_or_strange_is_none_the_worse() {
    let Some(session) = Session::start() else { return };
    for folder in ["deep".repeat(30).as_str(), "a: b$c\"'\\d", "${HOME}"] {
        let runtime = session.host.folder(&format!("run/{folder}"));
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).expect("a runtime folder");
        let mut command = session.sandbox(RULES, &[], &call("session", "org.example.Granted", "Say"));
        command.env("XDG_RUNTIME_DIR", &runtime);
        Ran::of(command).exits(0).says("Say to you");
    }
}

#[test]
fn a_bus_that_nobody_serves_ends_the_launch_with_its_socket_and_the_line_that_asked_for_it() {
    let Some(session) = Session::start() else { return };
    let file = session.host.write("test.toml", format!("extends = ['shell']\n{RULES}")).display().to_string();
    let words = ["plan", "--json", "--profile", &file, "--", "echo", "it ran"];
    let plan = Ran::of(session.of(session.host.sandbox(words))).exits(0).stdout;
    let run = |plan: &str| {
        session.host.write("plan", plan);
        session.outside(&format!("exec {} --plan-fd=4 4< plan", session.host.nsbox().display()))
    };
    // The bus is gone that was there when it was planned.
    let gone = plan.replace("run/bus\"", "run/gone\"");
    let at = |name: &str| format!("connect to the session's message bus at {}/{name}: ", session.runtime().display());
    let ran = run(&gone).exits(125).never_says("it ran").complains("at step `stage`").complains("test.toml:3:9");
    ran.complains(&format!("{}No such file or directory (ENOENT)", at("gone")));
    session.is_clean();
    // Its socket is left, and nobody listens there.
    let left = session.runtime().join("left");
    drop(std::os::unix::net::UnixListener::bind(&left).expect("a socket"));
    fs::set_permissions(&left, fs::Permissions::from_mode(0o777)).expect("a socket for all");
    let ran = run(&plan.replace("run/bus\"", "run/left\"")).exits(125).never_says("it ran");
    let ran = ran.complains("at step `stage`").complains("test.toml:3:9").complains("DBUS_SESSION_BUS_ADDRESS");
    ran.complains(&format!("{}Connection refused (ECONNREFUSED)", at("left")));
    session.is_clean();
    // Control: that of the session.
    run(&plan).exits(0).says("it ran");
}

#[test]
fn sockets_are_in_a_folder_that_is_the_callers_alone() {
    let Some(session) = Session::start() else { return };
    let say = call("session", "org.example.Granted", "Say");
    let in_folder = |runtime: &str| {
        let mut command = session.sandbox(RULES, &[], &say);
        command.env("XDG_RUNTIME_DIR", runtime);
        Ran::of(command)
    };
    let (uid, gid) = session.host.user();
    let planted = PathBuf::from(format!("/tmp/nsbox-{uid}"));
    // One that is missing, relative, or a link is none: another is made.
    let link = session.host.home().join("link");
    std::os::unix::fs::symlink(session.runtime(), &link).expect("a link");
    for runtime in ["/no/such/folder", "run", link.to_str().expect("a name"), ""] {
        in_folder(runtime).exits(0).says("Say to you");
        assert_eq!(fs::read_dir(&planted).expect("the folder").count(), 0, "{runtime}");
    }
    fs::remove_dir(&planted).expect("an empty folder");
    // What somebody may have put there first is not used.
    let foreign = session.host.folder("foreign");
    std::os::unix::fs::symlink(&foreign, &planted).expect("a link");
    in_folder("").exits(125).complains(&format!("use the folder {}", planted.display())).complains("XDG_RUNTIME_DIR");
    fs::remove_file(&planted).expect("its end");
    fs::create_dir(&planted).expect("a folder");
    fs::set_permissions(&planted, fs::Permissions::from_mode(0o777)).expect("a folder for all");
    chown(&planted, Some(uid), Some(gid)).expect("a folder of the user's");
    in_folder("").exits(125).complains("use the folder");
    fs::remove_dir(&planted).expect("its end");
    if is_root() {
        fs::create_dir(&planted).expect("a folder of somebody else");
        let ran = in_folder("");
        fs::remove_dir(&planted).expect("its end");
        ran.exits(125).complains("use the folder");
    }
    assert_eq!(fs::read_dir(foreign).expect("a folder").count(), 0);
    session.is_clean();
}

#[test]
fn plan_and_verify_say_what_may_be_done_on_which_bus_and_by_which_line() {
    let Some(session) = Session::start() else { return };
    let file = session.host.write("test.toml", format!("extends = ['shell']\n{RULES}")).display().to_string();
    let run = |words: &[&str]| Ran::of(session.of(session.host.sandbox(words)));
    let may = "n the session's message bus it may";
    let plan = run(&["plan", "--profile", &file, "--verbose"]).exits(0);
    let plan = plan.says(&format!("O{may} call org.example.Granted and hear its signals"));
    let plan = plan.says(&format!("O{may} be org.example.Mine.* to others")).says("test.toml:3:9");
    plan.says(&format!("O{may} see whether org.freedesktop.portal.Flatpak is there"));
    let json = run(&["plan", "--profile", &file, "--json", "--", "true"]).exits(0).stdout;
    let plan: nsbox::plan::Plan = serde_json::from_str(&json).expect("a plan");
    assert_eq!(plan.services.len(), 1);
    run(&["plan", "--diff", "shell", &file]).exits(1).says(&format!("+  O{may} call org.example.Granted"));
    let said = run(&["verify", "--profile", &file]).exits(0);
    let said = said.says(&format!("o{may} call org.example.Granted and hear its signals")).says("test.toml:3:9");
    drop(said);
    session.is_clean();
}
