//! `--status-fd`: what a program that starts nsbox is told.

use crate::support::older::{has_scopes, has_truncate_rule, is_of_kernel};
use crate::support::{Host, Ran, has_program, shell, wait_until};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;

/// Runs nsbox with these words, its status going to a file; gives what it wrote.
fn told(host: &Host, words: &str) -> (Ran, Vec<Value>) {
    let ran = shell(host, &format!("nsbox --status-fd 3 {words} 3>status"));
    (ran, lines(host))
}

fn lines(host: &Host) -> Vec<Value> {
    let text = fs::read_to_string(host.home().join("status")).unwrap_or_default();
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
    let lines: Vec<Value> = lines.filter(|line: &Value| !line["message"].as_str().is_some_and(is_of_kernel)).collect();
    assert!(lines.iter().all(|line| line["version"] == 1), "{lines:?}");
    lines
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["event"].as_str()).collect()
}

#[test]
fn a_run_tells_of_its_start_and_of_its_end() {
    let host = Host::new();
    let (ran, lines) = told(&host, "sh -c 'exit 7'");
    ran.exits(7).in_silence();
    assert_eq!(events(&lines), ["started", "exited"]);
    assert_eq!((&lines[1]["status"], &lines[1]["signal"]), (&7.into(), &Value::Null));
    let (ran, lines) = told(&host, "sh -c 'kill -TERM $$'");
    ran.exits(143);
    assert_eq!((&lines[1]["status"], &lines[1]["signal"]), (&Value::Null, &15.into()));
    // However short the command, its start comes first, and once.
    for _ in 0..20 {
        let (_, lines) = told(&host, "true");
        assert_eq!(events(&lines), ["started", "exited"]);
    }
}

#[test]
fn the_pids_and_namespaces_are_those_of_the_running_command() {
    let host = Host::new();
    let script = format!("exec {} --status-fd 3 sleep 60 3>status", host.nsbox().display());
    let mut command = host.command("bash");
    let mut nsbox = command.args(["-c", &script]).stderr(Stdio::null()).spawn().expect("nsbox");
    wait_until("the start", || !lines(&host).is_empty());
    let started = &lines(&host)[0];
    let name = |pid: &Value| fs::read_to_string(format!("/proc/{pid}/comm")).expect("a process").trim().to_owned();
    assert_eq!(started["nsbox"], nsbox.id());
    assert_eq!((name(&started["init"]), name(&started["payload"])), ("nsbox-init".into(), "sleep".into()));
    let namespaces = started["namespaces"].as_object().expect("namespaces");
    assert_eq!(namespaces.len(), 7);
    for (kind, inode) in namespaces {
        let path = |pid: &str| fs::metadata(format!("/proc/{pid}/ns/{kind}")).expect("a namespace").ino();
        assert_eq!(*inode, path(&started["payload"].to_string()), "{kind}");
        // Control: none of them is the host's.
        assert_ne!(*inode, path("self"), "{kind}");
    }
    nsbox.kill().expect("the end of nsbox");
    nsbox.wait().expect("the end of nsbox");
    assert_eq!(events(&lines(&host)), ["started"], "a monitor that is killed says nothing more");
}

#[test]
fn what_is_enforced_is_told() {
    let host = Host::new();
    host.write("in", "");
    let told = |words: &str| told(&host, words).1[0]["protections"].clone();
    let scopes = if has_scopes() { "enforced" } else { "missing" };
    let all = |reopening: &str| {
        serde_json::json!({
            "landlock-scopes": scopes, "landlock-execution": "enforced", "landlock-reopening": reopening,
            "user-namespace-limit": "enforced",
        })
    };
    // The test's own streams are pipes.
    assert_eq!(told("true"), all("unneeded"));
    assert_eq!(told("true <in"), all(if has_truncate_rule() { "enforced" } else { "missing" }));
    let nested = serde_json::json!({
        "landlock-scopes": scopes, "landlock-execution": "off", "landlock-reopening": "off",
        "user-namespace-limit": "off",
    });
    assert_eq!(told("--set 'namespaces.nested=\"allow\"' true <in"), nested);
}

#[test]
fn what_is_left_out_is_told_to_programs_and_not_by_a_plain_launch() {
    let host = Host::new();
    host.write("quiet.toml", "extends = [\"shell\"]\n[desktop]\naudio = true\noptional = [\"audio\"]\n");
    let (ran, lines) = told(&host, "--profile ./quiet.toml true");
    ran.exits(0).in_silence();
    assert_eq!(events(&lines), ["note", "started", "exited"]);
    assert_eq!(lines[0]["message"], "there is no sound server here; it is left out");
    assert_eq!(lines[0]["source"], "./quiet.toml:3:9");
}

#[test]
fn a_command_whose_time_is_up_is_told_apart() {
    let host = Host::new();
    let (ran, lines) = told(&host, "--limit wall-time=1s sleep 60");
    ran.exits(124).complains("the command's time was up after 1s").complains("set by --limit");
    assert_eq!(events(&lines), ["started", "timed-out"]);
}

#[test]
fn what_never_ran_was_never_started() {
    let host = Host::new();
    let (ran, lines) = told(&host, "no-such-program");
    let message = ran.exits(127).stderr;
    assert_eq!(events(&lines), ["failed"]);
    assert_eq!((&lines[0]["step"], &lines[0]["exit"]), (&"exec".into(), &127.into()));
    assert!(message.contains(lines[0]["message"].as_str().expect("a message")), "{message} is not {lines:?}");
    host.write("text", "no program");
    let (_, lines) = told(&host, "--read . ./text");
    assert_eq!(events(&lines), ["failed"]);
    assert_eq!(lines[0]["exit"], 126);
    // What is wrong with the profile has no step.
    let (_, lines) = told(&host, "--read /no/such true");
    assert_eq!(events(&lines), ["failed"]);
    assert_eq!((&lines[0]["step"], &lines[0]["exit"]), (&Value::Null, &125.into()));
    assert_eq!(lines[0]["message"], "--read: `/no/such` does not exist");
    assert_eq!(lines[0]["hint"], "create it first, since nothing is ever created on the host");
}

/// The pid of a payload that has not executed anything yet: a copy of nsbox, whose parent calls itself init.
fn payload_on_its_way() -> Option<i32> {
    let field = |pid: &str, name: &str| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        Some(status.lines().find_map(|line| line.strip_prefix(name))?.trim().to_owned())
    };
    let pids = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut waiting = pids.filter(|pid| {
        let parent = || field(&field(pid, "PPid:")?, "Name:");
        field(pid, "Name:").as_deref() == Some("status-probe") && parent().as_deref() == Some("nsbox-init")
    });
    waiting.next()?.parse().ok()
}

#[test]
fn what_is_killed_on_its_way_to_exec_was_never_started() {
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    // Under a name of its own, so that no other test's payload is taken for this one's.
    fs::hard_link(host.nsbox(), host.home().join("status-probe")).expect("a second name");
    // Held for a while where it would become the command.
    let hold = "strace -f -qq -o /dev/null -e trace=execve -P /usr/bin/true -e inject=execve:delay_enter=5000000";
    let mut command = host.command("bash");
    // One that is forked, since strace cannot look into the memory of a sealed init, in which others are on their way.
    let forked = "--set 'capabilities.keep=[\"chown\"]'";
    command
        .args(["-c", &format!("exec {hold} ./status-probe -v {forked} --status-fd 3 /usr/bin/true 3>status 2>told")]);
    let mut nsbox = command.spawn().expect("nsbox");
    let mut payload = None;
    wait_until("a payload", || {
        payload = payload_on_its_way();
        payload.is_some()
    });
    let told = || fs::read_to_string(host.home().join("told")).unwrap_or_default();
    wait_until("its last step", || told().contains("payload: exec"));
    // It has announced itself, and all that is missing is exec.
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(lines(&host).is_empty(), "nothing is told of a start that may still fail");
    let payload = nix::unistd::Pid::from_raw(payload.expect("a payload"));
    nix::sys::signal::kill(payload, nix::sys::signal::Signal::SIGKILL).expect("a payload to kill");
    assert_eq!(nsbox.wait().expect("the end of nsbox").code(), Some(125));
    let lines = lines(&host);
    assert_eq!(events(&lines), ["failed"]);
    assert_eq!(lines[0]["step"], "exec");
}

#[test]
fn a_reader_that_is_gone_keeps_nothing_from_running() {
    let host = Host::new();
    let script = "exec 3> >(exec true); wait $!; nsbox --status-fd 3 sh -c 'echo ran; exit 4'";
    shell(&host, script).exits(4).says("ran").in_silence();
}

#[test]
fn the_descriptor_does_not_cross_over() {
    let host = Host::new();
    let (ran, lines) = told(&host, "sh -c 'echo forged >&3'");
    ran.exits(2).complains("3: Bad file descriptor");
    assert_eq!(events(&lines), ["started", "exited"]);
}

#[test]
fn a_descriptor_that_cannot_be_written_is_an_error_before_anything_runs() {
    let host = Host::new();
    let refused = |script: &str, why: &str| {
        shell(&host, script).exits(125).never_says("ran").complains(why);
    };
    refused("exec 3>&-; nsbox --status-fd 3 echo ran", "`--status-fd 3`: descriptor 3 is not open\n");
    refused("nsbox --status-fd 3 echo ran 3</dev/null", "`--status-fd 3`: descriptor 3 is not open for writing");
}
