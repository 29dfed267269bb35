//! `nsbox doctor` and the errors of a run, under conditions that are made real: both name the same cause and remedy.

use crate::support::{Host, Ran, User, can_make_user_namespaces, has, has_program, is_root};
use serde_json::Value;
use std::process::Command;

/// The words of a finding, as the report for programs has them.
struct Finding(Value);

impl Finding {
    fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_default()
    }

    fn level(&self) -> &str {
        self.text("level")
    }
}

/// The report for programs; with the exit status that it must have.
fn json(mut command: Command, status: i32) -> Value {
    command.args(["doctor", "--json"]);
    let ran = Ran::of(command).exits(status).in_silence();
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error} in {ran}"))
}

fn finding(report: &Value, name: &str) -> Finding {
    let all = report["findings"].as_array().expect("findings");
    let found = all.iter().find(|finding| finding["name"] == name);
    Finding(found.unwrap_or_else(|| panic!("no finding {name} in {all:#?}")).clone())
}

/// The state of a check.
fn state<'r>(report: &'r Value, name: &str) -> &'r str {
    let all = report["checks"].as_array().expect("checks");
    let found = all.iter().find(|check| check["name"] == name).expect(name);
    found["state"].as_str().expect("a state")
}

/// That this cause keeps every sandbox from being made, and that an error of a run has the same words for it.
fn blocks(name: &str, command: &dyn Fn() -> Command) -> Value {
    let report = json(command(), 1);
    assert_eq!(report["works"], false);
    let finding = finding(&report, name);
    assert_eq!(finding.level(), "blocks", "{report:#}");
    let mut run = command();
    run.args(["--profile", "shell", "true"]);
    Ran::of(run).exits(125).complains(finding.text("means")).complains(finding.text("remedy"));
    report
}

/// nsbox, started by a program with these arguments.
fn within(host: &Host, program: &str, arguments: &[&str]) -> Command {
    let mut command = host.command(program);
    command.args(arguments).arg(host.nsbox());
    command
}

/// nsbox, started by root in a mount namespace that this script prepares; the words after it are nsbox's.
fn prepared(host: &Host, script: &str) -> Command {
    let mut command = Command::new("unshare");
    let user = host.command("id");
    command.env_clear().envs(user.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir("/").args(["-mpf", "--mount-proc", "sh", "-c"]);
    let (uid, gid) = host.user();
    command.arg(format!("{script}; exec setpriv --reuid={uid} --regid={gid} --clear-groups \"$@\"")).arg("sh");
    command.arg(host.nsbox());
    command
}

#[test]
fn where_sandboxes_can_be_made_it_says_so_and_has_made_one() {
    if !has("user namespaces of its own", can_make_user_namespaces()) {
        return;
    }
    let host = Host::new();
    let ran = host.run(["doctor"]).exits(0).in_silence();
    ran.says("started under the profile `shell`").says("nsbox works here.");
    let report = json(host.sandbox::<&str>([]), 0);
    assert_eq!(report["version"], 1);
    assert_eq!(report["works"], true);
    assert_eq!(report["sandbox"]["state"], "ok");
    for check in report["checks"].as_array().expect("checks") {
        assert!(check["state"] == "ok" || check["only-for"].is_string(), "{check:#}");
    }
}

#[test]
fn even_as_root_it_changes_nothing_outside_of_what_it_tries() {
    if !is_root() {
        return;
    }
    let host = Host::of(User::Root);
    // In namespaces of its own, lest a mistake of ours change the machine.
    let look = "uname -n; cat /proc/self/mountinfo; cat /proc/sys/user/max_user_namespaces; ps -e -o comm=; ls -A";
    let script = format!(
        "look() {{ {look}; }}; look > /dev/shm/$$-before; \"$@\"; look > /dev/shm/$$-after; \
         cmp /dev/shm/$$-before /dev/shm/$$-after; same=$?; rm /dev/shm/$$-*; exit $same"
    );
    let mut command = within(&host, "unshare", &["-mpuif", "--mount-proc", "sh", "-c", &script, "sh"]);
    command.arg("doctor");
    Ran::of(command).exits(0).says("nsbox works here.");
}

#[test]
fn user_namespaces_switched_off() {
    if !has_program("unshare") || !has("user namespaces of its own", can_make_user_namespaces()) {
        return;
    }
    let host = Host::new();
    for (kind, cause) in [("user", "user-namespaces-off"), ("mnt", "namespaces-off")] {
        let script = format!("echo 0 > /proc/sys/user/max_{kind}_namespaces; exec \"$@\"");
        let report = blocks(cause, &|| within(&host, "unshare", &["-Ur", "sh", "-c", &script, "sh"]));
        assert_eq!(state(&report, if kind == "user" { "user-namespace" } else { "mount-namespace" }), "refused");
        assert_eq!(state(&report, "proc"), "untried");
        assert!(finding(&report, cause).text("means").contains(&format!("user.max_{kind}_namespaces = 0")));
    }
}

#[test]
fn inside_a_chroot() {
    if !is_root() || !has_program("chroot") {
        return;
    }
    let host = Host::new();
    let (uid, gid) = host.user();
    let folder = host.folder("root");
    let script = format!(
        "cd {}; for name in usr proc dev tmp etc; do mkdir $name; mount --rbind /$name $name; done; \
         for name in bin lib lib64; do ln -s usr/$name $name; done; \
         exec chroot --userspec={uid}:{gid} . \"$@\"",
        folder.display()
    );
    let command = || {
        let mut command = Command::new("unshare");
        command.env_clear().env("HOME", "/tmp").env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        command.args(["-m", "sh", "-c", &script.replace("mkdir $name", "mkdir -p $name").replace("ln -s", "ln -sfn")]);
        command.arg("sh").arg(host.nsbox());
        command
    };
    blocks("chroot", &command);
}

#[test]
fn inside_bubblewrap_that_lets_none_be_made() {
    if !has_program("bwrap") || !has("user namespaces of its own", can_make_user_namespaces()) {
        return;
    }
    let host = Host::new();
    let cage = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"];
    let closed = [&["--unshare-user", "--disable-userns"], cage.as_slice()].concat();
    blocks("outer-sandbox", &|| within(&host, "bwrap", &closed));
    // Control: in one that does not say so, all is well.
    let report = json(within(&host, "bwrap", &cage), 0);
    assert_eq!(finding(&report, "no-newuidmap").level(), "limits");
}

#[test]
fn with_a_masked_proc_it_finds_the_way_around() {
    if !is_root() {
        return;
    }
    let host = Host::new();
    let script =
        "mount --bind /dev/null /proc/keys; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys";
    let report = blocks("masked-proc", &|| prepared(&host, script));
    assert_eq!(state(&report, "proc"), "refused");
    assert_eq!(state(&report, "namespace-limit"), "refused");
    let settings: Vec<_> =
        report["works-with"].as_array().expect("settings").iter().filter_map(Value::as_str).collect();
    let mut command = prepared(&host, script);
    command.args(settings.iter().flat_map(|setting| ["--set", setting]));
    command.args(["echo", "it ran"]);
    Ran::of(command).exits(0).says("it ran");
}

/// A filter of the kind that containers put around: clone3 is hidden, new namespaces and mounts are refused.
const FILTER: &str = "\
import ctypes, os, struct, sys
libc, LOAD, EQUAL, ANY, RETURN = ctypes.CDLL(None), 0x20, 0x15, 0x45, 0x06
ERRNO, ALLOW = 0x50000, 0x7fff0000
code = [(LOAD, 0, 0, 0), (EQUAL, 0, 1, 435), (RETURN, 0, 0, ERRNO | 38), (EQUAL, 0, 4, 56), (LOAD, 0, 0, 16)]
code += [(ANY, 0, 1, 0x7e020000), (RETURN, 0, 0, ERRNO | 1), (RETURN, 0, 0, ALLOW)]
for number in (165, 166, 272, 308, 155, 250, 248, 249, 428, 429, 430, 431, 432, 442):
    code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | 1)]
code = b''.join(struct.pack('HBBI', *line) for line in code + [(RETURN, 0, 0, ALLOW)])
memory = ctypes.create_string_buffer(code)
program = struct.pack('HxxxxxxQ', len(code) // 8, ctypes.addressof(memory))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
";

#[test]
fn under_a_filter_like_that_of_a_container() {
    // The numbers of calls are those of x86_64.
    if !cfg!(target_arch = "x86_64") || !has_program("python3") {
        return;
    }
    let host = Host::new();
    let report = blocks("outer-filter", &|| within(&host, "python3", &["-c", FILTER]));
    assert_eq!(state(&report, "keyring"), "refused");
    assert_eq!(state(&report, "seccomp"), "ok");
}

#[test]
fn without_the_programs_or_the_ids_for_other_users() {
    if !is_root() || !has_program("newuidmap") || !has("user namespaces of its own", can_make_user_namespaces()) {
        return;
    }
    let host = Host::new();
    let empty = host.write("empty", "").display().to_string();
    for (covered, cause, words) in [
        (["/usr/bin/newuidmap", "/usr/bin/newgidmap"], "no-newuidmap", "apt install uidmap"),
        (["/etc/subuid", "/etc/subgid"], "no-subordinate-ids", "usermod --add-subuids"),
    ] {
        let script = covered.map(|file| format!("mount --bind {empty} {file}")).join("; ");
        let report = json(prepared(&host, &script), 0);
        let finding = finding(&report, cause);
        assert_eq!(finding.level(), "limits");
        assert!(finding.0["paste"][0].as_str().is_some_and(|line| line.contains(words)), "{report:#}");
        let mut run = prepared(&host, &script);
        run.args(["--user", "root", "--set", "identity.subordinate-ids=true", "true"]);
        Ran::of(run).exits(125).complains(words).complains("`nsbox doctor` says more");
    }
}

#[test]
fn without_terminals_of_the_host() {
    if !is_root() || !has("user namespaces of its own", can_make_user_namespaces()) {
        return;
    }
    let host = Host::new();
    let script = "while umount /dev/pts 2>/dev/null; do :; done; test ! -e /dev/pts/ptmx";
    let report = json(prepared(&host, script), 0);
    assert_eq!(state(&report, "devpts"), "ok");
    let mut run = prepared(&host, script);
    run.args(["--profile", "shell", "test", "-c", "/dev/pts/ptmx"]);
    Ran::of(run).exits(0);
}

#[test]
fn without_proc() {
    if !is_root() {
        return;
    }
    let host = Host::new();
    blocks("no-proc", &|| prepared(&host, "while umount -l /proc 2>/dev/null; do :; done"));
    // One of another pid namespace is as good as none: what was mounted last goes, the machine's own stays.
    blocks("no-proc", &|| prepared(&host, "umount -l /proc"));
}

#[test]
fn real_root_is_told_what_is_weaker() {
    if !is_root() {
        return;
    }
    let host = Host::of(User::Root);
    let report = json(host.sandbox::<&str>([]), 0);
    assert_eq!(finding(&report, "real-root").level(), "note");
}

#[test]
fn the_apparmor_profile_names_the_file_it_was_printed_by() {
    let host = Host::new();
    let ran = host.run(["doctor", "--apparmor"]).exits(0).in_silence();
    let nsbox = host.nsbox().display().to_string();
    ran.says(&format!("profile nsbox {nsbox} flags=(unconfined) {{\n  userns,\n"));
}

#[test]
fn it_takes_no_words() {
    let host = Host::new();
    host.run(["doctor", "me"]).exits(125).complains("`nsbox doctor` takes options only");
}
