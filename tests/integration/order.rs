//! The order of a launch, told by nsbox itself and by the kernel.

use crate::support::{Host, Ran, has_program};
use nsbox::execute::{Actor, Step};
use std::fs;

/// Steps that neither a default launch has need of nor one that keeps a capability.
const SELDOM: [Step; 5] =
    [Step::StartServices, Step::NameSandbox, Step::SetClocks, Step::OpenTerminal, Step::NewKeyring];

/// Steps of a payload that is forked, since it keeps capabilities.
const OF_FORKED: [Step; 8] = [
    Step::OpenPorts,
    Step::ForkPayload,
    Step::WritePayloadMaps,
    Step::ReleasePayload,
    Step::EnterUserNamespace,
    Step::AssumeIdentity,
    Step::LockPrivileges,
    Step::DropCapabilities,
];

#[test]
fn every_process_takes_the_steps_of_the_table_in_their_order() {
    let host = Host::new();
    let forked = ["--set", "capabilities.keep=[\"chown\"]"];
    for (options, others) in [(&[][..], &OF_FORKED[..]), (&forked, &[Step::SpawnPayload, Step::BoundCapabilities])] {
        let told = host.run(["--verbose"].iter().chain(options).chain(&["--", "true"])).exits(0);
        for actor in Actor::ALL {
            let taken: Vec<_> =
                told.stderr.lines().filter_map(|line| line.strip_prefix(&format!("nsbox: {actor}: "))).collect();
            let is_taken = |step: &&Step| ![&SELDOM, others, &[Step::Stage]].concat().contains(step);
            let table = Step::ALL.iter().filter(|step| step.actor() == actor).filter(is_taken);
            assert_eq!(taken, table.map(|step| step.name()).collect::<Vec<_>>(), "{actor}: {told}");
        }
    }
}

/// The lines of a trace, each with the process that made the call.
fn trace(host: &Host, inject: &[&str], arguments: &[&str]) -> (Ran, Vec<(u32, String)>) {
    let file = host.write("trace", "");
    let mut command = host.command("strace");
    command.args(["-f", "-s", "256", "-o"]).arg(&file).args(inject).arg(host.nsbox()).args(arguments);
    let ran = Ran::of(command);
    let lines = fs::read_to_string(&file).expect("a trace");
    let calls = lines.lines().filter_map(|line| {
        let (pid, call) = line.split_once(' ')?;
        Some((pid.parse().ok()?, call.trim_start().to_owned()))
    });
    (ran, calls.collect())
}

#[test]
fn the_kernel_sees_the_dangerous_calls_in_the_right_order() {
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    let (ran, calls) = trace(&host, &[], &["--", "true"]);
    ran.exits(0);
    let at = |process: Option<u32>, what: &str| {
        let found = calls.iter().position(|(pid, call)| process.is_none_or(|p| p == *pid) && call.contains(what));
        found.unwrap_or_else(|| panic!("{what} is never called"))
    };
    let clone = at(None, "CLONE_NEWUSER");
    let monitor = calls[clone].0;
    let init = calls[at(None, "pivot_root(")].0;
    let payload = calls[at(None, "seccomp(")].0;
    assert!(monitor != init && init != payload);
    // Init and payload run side by side, as do monitor and init until that is let go; within one process, and across the
    // handshakes, order is fixed.
    let before_maps = [
        (monitor, "CLONE_NEWUSER"),
        (init, "PR_SET_PDEATHSIG"),
        (init, "SIOCSIFFLAGS"),
        (init, "sethostname("),
        (init, "MS_REC|MS_PRIVATE"),
        (init, "PR_CAPBSET_DROP"),
        (init, "mount(\"tmpfs\", \"/\""),
    ];
    let expected = [
        (monitor, "CLONE_NEWUSER"),
        (monitor, "/setgroups"),
        (monitor, "/uid_map"),
        (monitor, "/gid_map"),
        (init, "mount(\"tmpfs\", \"/\""),
        (init, "MS_BIND"),
        (init, "sys/user/max_user_namespaces"),
        (init, "MOUNT_ATTR_RDONLY"),
        (init, "pivot_root("),
        (init, "MNT_DETACH"),
        (init, "PR_SET_DUMPABLE, SUID_DUMP_DISABLE"),
        (init, "PR_SET_SECUREBITS"),
        (init, "capset("),
        (init, "CLONE_VM|CLONE_VFORK"),
        (payload, "setpgid("),
        (payload, "chdir("),
        (payload, "PR_SET_NO_NEW_PRIVS"),
        (payload, "landlock_restrict_self("),
        (payload, "close_range("),
        (payload, "seccomp("),
        (payload, "execve("),
    ];
    for chain in [&before_maps[..], &expected] {
        let order: Vec<usize> = chain.iter().map(|(pid, what)| at(Some(*pid), what)).collect();
        for (pair, positions) in chain.windows(2).zip(order.windows(2)) {
            assert!(positions[0] < positions[1], "{:?} must come before {:?}", pair[0], pair[1]);
        }
    }
}

#[test]
fn a_source_that_is_exchanged_while_the_sandbox_is_made_is_refused() {
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    host.write("outside/file", "the host's own");
    for by_symlink in [true, false] {
        let data = host.folder(if by_symlink { "data" } else { "other" });
        let words = ["--read", data.to_str().expect("a name"), "--", "sh", "-c", "echo the command ran"];
        // Between the look-up and the opening of sources there is one clone, which strace holds up.
        let mut command = host.command("strace");
        command
            .args(["-f", "-o", "/dev/null", "-e", "inject=clone3:delay_enter=3000000"])
            .arg(host.nsbox())
            .args(words);
        let launch = std::thread::spawn(move || Ran::of(command));
        std::thread::sleep(std::time::Duration::from_millis(1500));
        fs::remove_dir(&data).expect("the folder goes");
        let outside = host.home().join("outside");
        if by_symlink {
            std::os::unix::fs::symlink(&outside, &data).expect("a symlink in its place");
        } else {
            fs::rename(&outside, &data).expect("another folder in its place");
        }
        launch
            .join()
            .expect("a launch")
            .exits(125)
            .complains("check that nobody exchanged")
            .never_says("the command ran");
    }
}

#[test]
fn where_clone3_is_not_to_be_had_clone_does_it() {
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    for errno in ["ENOSYS", "EPERM"] {
        let inject = format!("inject=clone3:error={errno}:when=1");
        let (ran, calls) = trace(&host, &["-e", &inject], &["--", "sh", "-c", "echo well"]);
        ran.exits(0).says("well");
        assert!(calls.iter().any(|(_, call)| call.starts_with("clone3(") && call.contains("INJECTED")));
        assert!(calls.iter().any(|(_, call)| call.starts_with("clone(") && call.contains("CLONE_NEWUSER")));
    }
}

#[test]
fn a_step_that_fails_stops_the_launch_and_is_named() {
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    let cases = [
        ("sethostname", "set-hostname", "init"),
        ("pivot_root", "pivot-root", "init"),
        ("umount2", "detach-old-root", "init"),
        ("mount_setattr", "lock-root", "init"),
        ("setpgid", "take-session", "payload"),
        ("close_range", "close-descriptors", "payload"),
        ("landlock_restrict_self", "restrict-landlock", "payload"),
        ("seccomp", "install-seccomp", "payload"),
    ];
    for (call, step, actor) in cases {
        let inject = format!("inject={call}:error=ENOMEM");
        let (ran, calls) = trace(&host, &["-e", &inject], &["--", "sh", "-c", "echo the command ran"]);
        assert!(calls.iter().any(|(_, line)| line.contains("INJECTED")), "{call} was never called");
        ran.exits(125)
            .complains(&format!("at step `{step}` ({actor})"))
            .complains("ENOMEM")
            .never_says("the command ran");
    }
    // Control: where nothing fails it runs.
    trace(&host, &[], &["--", "sh", "-c", "echo the command ran"]).0.exits(0).says("the command ran");
}
