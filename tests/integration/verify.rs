//! `nsbox verify`: what the shipped profiles promise holds, what is opened by name is said to be open, and each check finds
//! what it is there to find.
//!
//! A check is shown to find it by a sandbox that is made by an edited plan and held to the profile's promises (`--plan-fd`).
//! What no plan can open is attacked without a sandbox around it.

use crate::support::{Host, Ran, User, can_make_user_namespaces, has, has_program, is_root};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::process::Command;

/// What came of each check, by its name.
struct Report(BTreeMap<String, Value>);

impl Report {
    fn of(ran: &Ran) -> Self {
        let whole: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error} in {ran}"));
        assert_eq!(whole["version"], 1);
        assert_eq!(whole["holds"], ran.status == 0, "{ran}");
        let checks = whole["checks"].as_array().expect("checks").iter();
        Self(checks.map(|check| (check["name"].as_str().expect("a name").to_owned(), check.clone())).collect())
    }

    fn state(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("no check {name}"))["state"].as_str().expect("a state")
    }

    /// The names of the checks that came out so.
    fn all(&self, state: &str) -> Vec<&str> {
        self.0.keys().map(String::as_str).filter(|name| self.state(name) == state).collect()
    }
}

fn can_sandbox() -> bool {
    has("user namespaces of its own", can_make_user_namespaces())
}

/// A project with a secret, in which the profile `build` finds all that it guards.
fn project(host: &Host) {
    host.write("project/.git/config", "[core]\n");
    host.write("project/.git/HEAD", "ref: refs/heads/main\n");
    host.write("project/.env", "PASSWORD=1234\n");
    host.write("project/app/.env", "PASSWORD=1234\n");
    host.write("project/main.c", "int main(void) { return 0; }\n");
}

/// `nsbox verify` with these options, in the project.
fn verify(host: &Host, options: &[&str]) -> Ran {
    let mut command = host.sandbox(["verify", "--json"].iter().chain(options));
    command.current_dir(host.folder("project"));
    Ran::of(command)
}

#[test]
fn what_the_shipped_profiles_promise_holds() {
    if !can_sandbox() {
        return;
    }
    let host = Host::new();
    project(&host);
    for profile in ["shell", "build", "strict"] {
        let ran = verify(&host, &["--profile", profile]).exits(0);
        let report = Report::of(&ran);
        assert_eq!(report.all("open"), [""; 0], "{profile}: {ran}");
        let mut untried = vec!["process-limit", "session-sockets", "x32"];
        if profile != "build" {
            untried.push("islands");
        }
        // What this machine's kernel has is tried.
        for name in report.all("untried") {
            assert!(untried.contains(&name) || name == "i386", "{profile}: {name}: {ran}");
        }
    }
    let ran = verify(&host, &["--profile", "online"]).exits(0);
    assert_eq!(Report::of(&ran).all("open"), ["network"], "{ran}");
    // By the entry of programs of 32 bits what makes sockets cannot be held to their families.
    let is_open = |profile: &str| {
        let ran = verify(&host, &["--profile", profile]).exits(0);
        let report = Report::of(&ran);
        let open = report.all("open");
        ["i386", "socket-families"].map(|check| open.contains(&check))
    };
    assert_eq!(is_open("desktop"), [false; 2]);
    assert_eq!(is_open("game"), [cfg!(target_arch = "x86_64"); 2]);
}

#[test]
fn people_are_told_a_line_a_promise_and_the_verdict() {
    if !can_sandbox() {
        return;
    }
    let host = Host::new();
    let ran = host.run(["verify"]).exits(0).in_silence();
    ran.says("nsbox 0.1.0 attacks what the profile `shell` promises\n")
        .says("held     files      host-files         Only what the profile names is visible")
        .says("Nothing is broken: ");
    let profile = host.write("mine.toml", "extends = [\"shell\"]\n\n[network]\nmode = \"host\"\n");
    let ran = host.run(["verify", "--profile", profile.to_str().expect("a name")]).exits(0);
    ran.says("open     reach      network ").says("open: the network is the host's own (").says("mine.toml:4:8)\n");
}

#[test]
fn what_is_opened_by_name_is_open_and_nothing_is_broken() {
    if !can_sandbox() {
        return;
    }
    let host = Host::new();
    project(&host);
    let unfiltered =
        ["i386", "keyrings", "keystrokes", "refused-calls", "set-user-id", "socket-families", "unknown-calls", "x32"];
    let cases: [(&[&str], &[&str]); 11] = [
        (&["--network", "host"], &["network"]),
        (&["--syscalls", "none"], &unfiltered),
        (
            &["--set", "namespaces.nested=\"allow\""],
            &["proc-masks", "refused-calls", "reopening", "unknown-calls", "user-namespaces"],
        ),
        (&["--set", "capabilities.keep=[\"chown\"]"], &["capabilities"]),
        (&["--allow-syscall", "keyctl"], &["keyrings", "refused-calls"]),
        (&["--set", "filesystem.proc=\"existing\""], &["first-process", "host-processes", "proc-masks"]),
        (&["--set", "filesystem.devices=[{ path = \"/dev/other\", optional = true }, \"/dev/fuse\"]"], &["devices"]),
        (&["--set", "syscalls.on-denied=\"kill\""], &[]),
        (&["--terminal", "private"], &[]),
        (&["--user", "root"], &[]),
        (&["--limit", "processes=64", "--limit", "file-size=1K", "--limit", "wall-time=1s"], &[]),
    ];
    for (options, opened) in cases {
        let ran = verify(&host, options).exits(0);
        let report = Report::of(&ran);
        let open: Vec<_> = report.all("open");
        let here = |name: &&&str| cfg!(target_arch = "x86_64") || !matches!(**name, "i386" | "x32");
        assert_eq!(open, opened.iter().filter(here).copied().collect::<Vec<_>>(), "{options:?}: {ran}");
    }
}

/// Takes entries of the plan for these paths away, and all below them.
fn without(plan: &mut Value, paths: &[&str]) {
    let mounts = plan["mounts"].as_array_mut().expect("mounts");
    mounts
        .retain(|mount| !paths.iter().any(|path| mount["destination"].as_str().is_some_and(|at| at.starts_with(path))));
}

fn add(plan: &mut Value, destination: &str, kind: Value) {
    let origin = json!({ "flag": "a test" });
    let mount = json!({ "destination": destination, "kind": kind, "origin": origin });
    plan["mounts"].as_array_mut().expect("mounts").push(mount);
}

fn bind(source: &str, access: &str) -> Value {
    json!({ "bind": { "source": source, "access": access } })
}

fn origin() -> Value {
    json!({ "origin": { "flag": "a test" } })
}

fn unmasked() -> Value {
    json!({ "hidden": [], "read-only": [] })
}

fn unfilter(plan: &mut Value) {
    plan["syscalls"] = json!({ "unfiltered": origin() });
}

/// With the host's processes in sight, and nothing that keeps signals from them.
fn without_pid_namespace(plan: &mut Value) {
    plan["namespaces"]["pid"] = false.into();
    without(plan, &["/proc"]);
    add(plan, "/proc", json!({ "proc": { "source": "existing", "repeatable": false, "masks": unmasked() } }));
    without_landlock(plan);
}

fn without_landlock(plan: &mut Value) {
    plan["protections"]["landlock-scopes"] = "off".into();
}

fn on_the_hosts_network(plan: &mut Value) {
    plan["network"] = json!({ "mode": "host", "origin": { "flag": "a test" } });
    without_landlock(plan);
}

fn keep(plan: &mut Value, capabilities: &[&str]) {
    plan["capabilities"]["keep"] = json!(capabilities);
}

/// A hole in a plan: its check, the options of the claim, and what is done to the plan.
type Hole = (&'static str, &'static [&'static str], fn(&mut Value));

/// One for each check that a plan can break. Not in here, since no plan can: `read-only-locked`, `device-nodes`, `own-binary`,
/// `tmpfs-bounded`, `tracing` and `first-process`, which are attacked without a sandbox below. `groups` and `session-sockets`
/// have tests of their own. For `x32`, no kernel of the usual distributions has an entry point.
const HOLES: &[Hole] = &[
    ("host-files", &[], |plan| {
        without(plan, &["/var/tmp"]);
        add(plan, "/var/tmp", bind("/var/tmp", "read"));
    }),
    ("path-sockets", &[], |plan| {
        without(plan, &["/var/tmp"]);
        add(plan, "/var/tmp", bind("/var/tmp", "read"));
    }),
    ("root-folder", &[], |plan| add(plan, "/extra", json!({ "directory": { "mode": 0o755 } }))),
    ("read-only", &[], |plan| {
        let mounts = plan["mounts"].as_array_mut().expect("mounts");
        let usr = mounts.iter_mut().find(|mount| mount["destination"] == "/usr").expect("/usr");
        usr["kind"]["bind"]["access"] = "write".into();
    }),
    ("nosuid-nodev", &[], |plan| add(plan, "/dev/more", json!({ "device": { "source": "/dev/full" } }))),
    ("devices", &[], |plan| add(plan, "/dev/more", json!({ "device": { "source": "/dev/full" } }))),
    ("set-user-id", &[], unfilter),
    ("proc-masks", &[], |plan| {
        let mounts = plan["mounts"].as_array_mut().expect("mounts");
        let proc = mounts.iter_mut().find(|mount| mount["destination"] == "/proc").expect("/proc");
        proc["kind"]["proc"]["masks"] = unmasked();
    }),
    ("sys-folder", &[], |plan| add(plan, "/sys/kernel", bind("/sys/kernel", "read"))),
    ("islands", &["--profile", "build"], |plan| {
        let mounts = plan["mounts"].as_array_mut().expect("mounts");
        mounts.retain(|mount| mount["kind"] != "hide");
    }),
    // The folder above a hidden file, which is held in its place by a mount of its own.
    ("islands", &["--profile", "build"], |plan| {
        plan["mounts"].as_array_mut().expect("mounts").retain(|mount| mount["kind"] != "pin");
    }),
    ("nothing-stays", &[], |plan| {
        without(plan, &["/var/tmp"]);
        add(plan, "/var/tmp", bind("/var/tmp", "write"));
    }),
    ("host-processes", &[], without_pid_namespace),
    ("signals", &[], without_pid_namespace),
    ("process-limit", &["--limit", "processes=64"], |plan| plan["limits"] = json!([])),
    ("keystrokes", &[], unfilter),
    ("descriptors", &[], |plan| plan["descriptors"] = "inherit".into()),
    ("reopening", &[], without_landlock),
    ("environment", &[], |plan| {
        let variable = json!({ "name": "SECRET", "value": "1234", "origin": { "flag": "a test" } });
        plan["environment"].as_array_mut().expect("variables").push(variable);
    }),
    ("capabilities", &[], |plan| keep(plan, &["chown"])),
    ("no-new-privileges", &["--user", "root"], |plan| keep(plan, &["chown"])),
    ("user-namespaces", &[], |plan| {
        plan["namespaces"]["nested"] = json!({ "allow": origin() });
        plan["protections"]["user-namespace-limit"] = "off".into();
        unfilter(plan);
    }),
    ("keyrings", &[], unfilter),
    ("network", &[], on_the_hosts_network),
    ("abstract-sockets", &[], on_the_hosts_network),
    ("socket-families", &[], unfilter),
    ("ipc", &[], |plan| plan["namespaces"]["ipc"] = false.into()),
    ("host-name", &[], |plan| {
        plan["namespaces"]["uts"] = false.into();
        plan["identity"]["hostname"] = Value::Null;
    }),
    ("refused-calls", &["--syscalls", "strict"], unfilter),
    ("unknown-calls", &[], unfilter),
    #[cfg(target_arch = "x86_64")]
    ("i386", &[], unfilter),
];

/// Holds a sandbox that is made by an edited plan to what the options promise.
fn broken_by(host: &Host, options: &[&str], edit: impl Fn(&mut Value)) -> (Report, Ran) {
    let mut command = host.sandbox(["plan", "--json"].iter().chain(options).chain(&["--", "true"]));
    command.current_dir(host.folder("project"));
    let mut plan: Value = serde_json::from_str(&Ran::of(command).exits(0).stdout).expect("a plan");
    edit(&mut plan);
    let file = host.write("plan.json", plan.to_string());
    let mut command = host.command("bash");
    command.current_dir(host.folder("project")).args(["-c", "exec \"$@\" 3< \"$0\""]).arg(file).arg(host.nsbox());
    command.args(["verify", "--json", "--plan-fd", "3"]).args(options);
    let ran = Ran::of(command);
    (Report::of(&ran), ran)
}

#[test]
fn each_check_finds_the_hole_that_it_is_there_for() {
    if !can_sandbox() || !has_program("bash") {
        return;
    }
    let host = Host::new();
    project(&host);
    // Control: a plan that nobody edited keeps what it promises.
    let (untouched, ran) = broken_by(&host, &["--profile", "build"], |_| {});
    assert_eq!(untouched.all("broken"), [""; 0], "{ran}");
    for (check, options, edit) in HOLES {
        let (report, ran) = broken_by(&host, options, edit);
        if *check == "i386" && report.state(check) == "untried" {
            continue;
        }
        assert_eq!(report.state(check), "broken", "{check}: {ran}");
        assert_eq!(ran.status, 1, "{check}");
        let reached = report.0[*check]["reached"].as_array().expect("what was reached");
        assert!(!reached.is_empty(), "{check}");
    }
    // What was moved away to see whether it could be is back, and nothing is left.
    let left = |folder: &str| std::fs::read_dir(host.home().join(folder)).expect("a folder").count();
    assert_eq!((left("project"), left("project/app"), left("project/.git")), (4, 1, 2));
    assert_eq!(std::fs::read_to_string(host.home().join("project/.env")).expect("a secret"), "PASSWORD=1234\n");
}

#[test]
fn ids_that_can_be_changed_are_found() {
    if !can_sandbox() || !has_program("newuidmap") || !has_program("bash") {
        return;
    }
    let host = Host::new();
    project(&host);
    // Control: what is mapped cannot be become without a capability.
    let lent = ["plan", "--json", "--user", "root", "--set", "identity.subordinate-ids=true", "--", "true"];
    let lent: Value = serde_json::from_str(&host.run(lent).exits(0).stdout).expect("a plan");
    let options = ["--user", "root"];
    let (held, ran) = broken_by(&host, &options, |plan| plan["identity"] = lent["identity"].clone());
    assert_eq!(held.state("groups"), "held", "{ran}");
    let (report, ran) = broken_by(&host, &options, |plan| {
        plan["identity"] = lent["identity"].clone();
        keep(plan, &["setgid", "setuid"]);
    });
    assert_eq!(report.state("groups"), "broken", "{ran}");
}

#[test]
fn a_socket_of_the_session_is_found_unless_it_is_named() {
    if !can_sandbox() || !has_program("bash") {
        return;
    }
    let host = Host::new();
    project(&host);
    let socket = host.folder("agent").join("socket");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    let (uid, gid) = host.user();
    chown(&socket, Some(uid), Some(gid)).expect("the user's socket");
    let path = socket.to_str().expect("a name");
    let with_agent = |options: &[&str]| {
        let mut command = host.sandbox(["verify", "--json"].iter().chain(options));
        command.env("SSH_AUTH_SOCK", path);
        Report::of(&Ran::of(command).exits(0)).state("session-sockets").to_owned()
    };
    assert_eq!(with_agent(&[]), "held");
    assert_eq!(with_agent(&["--read", path]), "open");
    // Where it is not named and yet is there, it is broken.
    let mut plan: Value =
        serde_json::from_str(&host.run(["plan", "--json", "--", "true"]).exits(0).stdout).expect("a plan");
    add(&mut plan, path, bind(path, "read"));
    let file = host.write("plan.json", plan.to_string());
    let mut command = host.command("bash");
    command.env("SSH_AUTH_SOCK", path).args(["-c", "exec \"$@\" 3< \"$0\""]).arg(file).arg(host.nsbox());
    command.args(["verify", "--json", "--plan-fd", "3"]);
    assert_eq!(Report::of(&Ran::of(command).exits(1)).state("session-sockets"), "broken");
}

/// The name of what an attack leaves behind where no sandbox takes it away; gone when this is dropped.
struct Stray(String);

impl Stray {
    fn of(host: &Host) -> Self {
        let home = host.home();
        let folder = home.parent().and_then(std::path::Path::file_name).expect("a scratch folder");
        Self(format!("stray-{}", folder.display()))
    }
}

impl Drop for Stray {
    fn drop(&mut self) {
        for folder in ["/tmp", "/var/tmp", "/dev/shm"] {
            drop(std::fs::remove_file(std::path::Path::new(folder).join(&self.0)));
        }
    }
}

/// A scene for an attack without a sandbox around it, whose bait is this process.
fn scene(host: &Host, program: &str, pid: &str, stray: &Stray) -> String {
    let claim: Value =
        serde_json::from_str(&host.run(["plan", "--json", "--", "true"]).exits(0).stdout).expect("a plan");
    let lure = json!({
        "file": "/nowhere", "socket": "/nowhere", "abstract-name": "nowhere", "ports": [], "shared-file": null,
        "segment": null, "pid": "PID", "address": 0, "length": 8, "session-sockets": [], "stray": stray.0,
        "has-i386": false, "has-x32": false,
    });
    let scene = json!({
        "claim": claim, "program": program, "lure": lure, "outside": ["mnt:[0]", 0, 0], "refused": [], "unknown": [],
    });
    scene.to_string().replace("\"PID\"", pid)
}

/// What an attack reached.
fn reached(ran: &Ran, check: &str) -> Vec<String> {
    let testimony: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error} in {ran}"));
    let checks = testimony["checks"].as_array().expect("checks");
    let seen = checks.iter().find(|seen| seen[0] == check).expect("a check");
    serde_json::from_value(seen[1]["reached"].clone()).expect("what was reached")
}

#[test]
fn what_no_plan_can_open_is_found_without_a_sandbox() {
    if !can_sandbox() || !has_program("unshare") || !has_program("bash") {
        return;
    }
    let host = Host::new();
    // A copy that the user may write.
    let copy = host.write("copy", std::fs::read(host.nsbox()).expect("nsbox"));
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let stray = Stray::of(&host);
    let scene = scene(&host, copy.to_str().expect("a name"), "$decoy", &stray);
    let scene = host.write("scene", scene);
    // In namespaces in which the user is root; the decoy is as much theirs as the attacker is.
    let script = "mount -t tmpfs -o size=0 none /var/tmp; \
                  bash -c 'printf nsbox-bait > /proc/$$/comm; while :; do read -t 1 <> <(:); done' & decoy=$!; \
                  until grep -q nsbox-bait /proc/$decoy/comm; do sleep 0.01; done; \
                  sed \"s/[$]decoy/$decoy/\" \"$0\" | \"$1\" --attack-promises; status=$?; kill $decoy; exit $status";
    let mut command = host.command("unshare");
    command.args(["-Urmpf", "--mount-proc", "bash", "-c", script]).arg(scene).arg(copy);
    let ran = Ran::of(command).exits(0);
    for (check, what) in [
        ("read-only-locked", "could be remounted"),
        ("tmpfs-bounded", "/var/tmp has no bound"),
        ("tracing", "a process outside can be traced"),
        ("first-process", "/proc/1/environ can be read"),
        ("first-process", "pid 1 can be traced"),
        ("own-binary", "/proc/self/exe could be opened for writing"),
        ("no-new-privileges", "no_new_privs is not set"),
        ("capabilities", "CapEff is"),
    ] {
        let reached = reached(&ran, check);
        assert!(reached.iter().any(|told| told.contains(what)), "{check}: {reached:?}");
    }
}

#[test]
fn a_device_node_that_can_be_made_is_found() {
    if !is_root() || !has_program("setpriv") || !can_sandbox() {
        return;
    }
    let host = Host::of(User::Root);
    let stray = Stray::of(&host);
    let scene = host.write("scene", scene(&host, "/nowhere", "1", &stray));
    // In a mount namespace of its own, with this one capability and no other.
    let mut command = Command::new("unshare");
    command.args(["-m", "setpriv", "--bounding-set=-all,+mknod", "--inh-caps=-all", "--no-new-privs"]);
    command.arg(host.nsbox()).arg("--attack-promises").stdin(std::fs::File::open(scene).expect("the scene"));
    let reached = reached(&Ran::of(command).exits(0), "device-nodes");
    assert!(reached.iter().any(|told| told.contains("a character device could be made in /tmp")), "{reached:?}");
}

#[test]
fn nothing_is_attacked_where_there_is_no_sandbox() {
    let host = Host::new();
    host.run(["--attack-promises"]).exits(125).complains("is what `nsbox verify` runs inside a sandbox");
    let own = std::fs::read_link("/proc/self/ns/mnt").expect("a namespace").display().to_string();
    let scene = host.write("scene", scene(&host, "/nowhere", "1", &Stray::of(&host)).replace("mnt:[0]", &own));
    let mut command = host.sandbox(["--attack-promises"]);
    command.stdin(std::fs::File::open(scene).expect("the scene"));
    Ran::of(command).exits(125).complains("this is no sandbox, so nothing was attacked");
}

#[test]
fn what_keeps_it_from_being_verified_is_an_error() {
    let host = Host::new();
    host.run(["verify", "me"]).exits(125).complains("`nsbox verify` takes options only");
    host.run(["verify", "--profile", "none-such"]).exits(125).complains("none-such");
    host.run(["verify", "--read", "/no/such/folder"]).exits(125).complains("does not exist");
}
