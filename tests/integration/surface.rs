//! The kernel's surface: what the default and the strict policy answer.

use crate::support::{Host, Ran, has_program};

/// A program that makes a system call by number and prints what came of it.
fn call(numbers: &str) -> String {
    format!(
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n\
         for words in [{numbers}]:\n\
        \x20   ctypes.set_errno(0)\n\
        \x20   r = libc.syscall(*[ctypes.c_ulong(w) for w in words])\n\
        \x20   print(words[0], 'answers', ctypes.get_errno() if r == -1 else 'well')\n"
    )
}

#[test]
#[cfg(target_arch = "x86_64")]
fn what_the_policy_refuses_answers_eperm_and_what_it_does_not_know_enosys() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // keyctl, add_key, bpf, perf_event_open, userfaultfd, io_uring_setup, mount, open_tree, unshare(NEWNS), setns, kcmp
    let refused = "(250,0),(248,0,0,0),(321,0,0,0),(298,0,0,0,0,0),(323,0),(425,1,0),(165,0,0,0,0,0),(428,0,0,1),\
                   (272,0x20000),(308,0,0),(312,0,0,0,0,0)";
    let answers = host.run(["--", "/usr/bin/python3", "-c", &call(refused)]).exits(0);
    assert_eq!(answers.stdout.matches("answers 1\n").count(), 11, "{answers}");
    // clone3, and a number that no kernel has.
    let unknown = host.run(["--", "/usr/bin/python3", "-c", &call("(435,0,0),(999,0)")]).exits(0);
    assert_eq!(unknown.stdout.matches("answers 38\n").count(), 2, "{unknown}");
    // Control: without the filter, keyctl (a get of the session keyring's id) does what it does.
    host.run(["--syscalls", "none", "--", "/usr/bin/python3", "-c", &call("(250,0,0xfffffffffffffffd,1)")])
        .says("250 answers well");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn sockets_of_unusual_families_are_closed() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // AF_VSOCK, AF_ALG, AF_PACKET, AF_NETLINK beyond route; then AF_UNIX, AF_INET, AF_INET6 and route, which work.
    let closed = host.run(["--", "/usr/bin/python3", "-c", &call("(41,40,1,0),(41,38,5,0),(41,17,3,0),(41,16,3,9)")]);
    assert_eq!(closed.stdout.matches("answers well").count(), 0, "{closed}");
    let open = host.run(["--", "/usr/bin/python3", "-c", &call("(41,1,1,0),(41,2,1,0),(41,10,1,0),(41,16,3,0)")]);
    assert_eq!(open.stdout.matches("answers well").count(), 4, "{open}");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn where_keyctl_is_allowed_the_session_keyring_is_a_new_one() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // An outer program joins a keyring (1); the programs it starts ask for the id (0) of theirs (-3).
    let ask = "import ctypes; print(ctypes.CDLL(None).syscall(250, 0, -3, 0))";
    let outer = |start: &[&str]| {
        let script = format!(
            "import ctypes, subprocess, sys\n\
             ctypes.CDLL(None).syscall(250, 1, 0)\n\
             subprocess.run([sys.executable, '-c', {ask:?}])\n\
             sys.stdout.flush()\n\
             subprocess.run(sys.argv[1:] + ['/usr/bin/python3', '-c', {ask:?}])\n"
        );
        let mut command = host.command("/usr/bin/python3");
        command.args(["-c", &script]).args(start);
        let ids: Vec<i64> = Ran::of(command).exits(0).stdout.lines().filter_map(|line| line.parse().ok()).collect();
        assert!(ids.len() == 2 && ids.iter().all(|id| *id > 0), "{ids:?}");
        ids
    };
    let inside = outer(&[host.nsbox().to_str().expect("a name"), "--syscalls", "none", "--"]);
    assert_ne!(inside[0], inside[1]);
    // Control: without a sandbox in between, the keyring is the same.
    let outside = outer(&["/usr/bin/env"]);
    assert_eq!(outside[0], outside[1]);
}

#[test]
fn strict_refuses_to_trace_and_default_allows_it() {
    if !has_program("strace") {
        return;
    }
    let host = Host::new();
    host.run(["--", "strace", "-o", "/dev/null", "true"]).exits(0);
    let strict = host.run(["--syscalls", "strict", "--", "strace", "-o", "/dev/null", "true"]);
    assert_ne!(strict.status, 0, "{strict}");
}

#[test]
fn programs_start_under_every_policy() {
    let host = Host::new();
    for policy in ["default", "strict", "none"] {
        host.script(&["--syscalls", policy], "ls / > /dev/null && id -u && echo ok | cat").exits(0).says("ok");
        let mode = if policy == "none" { "0" } else { "2" };
        host.script(&["--syscalls", policy], "grep Seccomp: /proc/self/status").says(&format!("Seccomp:\t{mode}"));
    }
    if has_program("python3") {
        let threads = "import threading, subprocess\nt = threading.Thread(target=lambda: subprocess.run(['true'], check=True))\nt.start(); t.join(); print('ok')";
        for policy in ["default", "strict"] {
            host.run(["--syscalls", policy, "--", "/usr/bin/python3", "-c", threads]).exits(0).says("ok");
        }
    }
}

#[test]
fn a_process_of_the_sandbox_is_out_of_the_hosts_sight_only_inside() {
    let host = Host::new();
    // Landlock's domain and the pid namespace both say no; that a signal can be sent at all is the control.
    host.script(&[], "sh -c 'kill -0 $PPID' && echo reaches its own").exits(0).says("reaches its own");
    let mut control = host.command("sh");
    control.args(["-c", &format!("kill -0 {}", std::process::id())]);
    Ran::of(control);
    host.script(&[], &format!("kill -0 {}", std::process::id())).exits(1);
}
