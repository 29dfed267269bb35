//! The kernel's surface: what the default and the strict policy answer.

use crate::support::{Host, Ran, has, has_program, is_root, wait_until};
use std::io::Write;

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
fn snapshots_seldom_used_protocols_and_forgeries_are_refused() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // BTRFS_IOC_SNAP_CREATE and its second version, which what is no btrfs answers with ENOTTY; SCTP and sequenced packets;
    // PR_SET_MM, asked for its size (14), which needs no right of its own.
    let asked = "(16,0,0x50009401,0),(16,0,0x0000000150009417,0),(41,2,1,132),(41,2,5,0),(157,35,14,1,0,0)";
    let answers =
        |policy: &str| host.run(["--syscalls", policy, "--", "/usr/bin/python3", "-c", &call(asked)]).exits(0).stdout;
    let refused = "16 answers 1\n16 answers 1\n41 answers 97\n41 answers 97\n157 answers 1\n";
    assert_eq!(answers("default"), refused);
    assert_eq!(answers("strict"), refused);
    // Control: what the kernel has to say.
    let open = answers("none");
    assert!(open.starts_with("16 answers 25\n16 answers 25\n") && !open.ends_with("157 answers 1\n"), "{open}");
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

#[test]
#[cfg(target_arch = "x86_64")]
fn what_is_denied_answers_eperm_or_kills_and_what_is_allowed_is_made() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // getpgid; keyctl, which gets the id of the session keyring; clone3.
    let python = ["--", "/usr/bin/python3", "-c", &call("(121,0),(250,0,0xfffffffffffffffd,1),(435,0,0)")];
    let with = |options: &[&'static str]| host.run(options.iter().copied().chain(python));
    let kill = "syscalls.on-denied=\"kill\"";
    with(&[]).exits(0).says("121 answers well\n250 answers 1\n435 answers 38\n");
    with(&["--deny-syscall", "getpgid", "--allow-syscall", "@keyring"])
        .exits(0)
        .says("121 answers 1\n250 answers well\n435 answers 38\n");
    with(&["--allow-syscall", "keyctl", "--deny-syscall", "@keyring"]).exits(0).says("250 answers 1\n");
    with(&["--deny-syscall", "getpgid", "--set", kill]).exits(159).never_says("121");
    with(&["--set", kill]).exits(159).never_says("250");
    // What is unknown does not kill: of clone3 alone, all is well.
    host.run(["--set", kill, "--", "/usr/bin/python3", "-c", &call("(435,0,0)")]).exits(0).says("435 answers 38\n");
    with(&["--syscalls", "none", "--deny-syscall", "getpgid"])
        .exits(0)
        .says("121 answers 1\n250 answers well\n435 answers 22\n");
}

#[test]
fn a_denial_of_what_a_launch_needs_is_an_error_before_it() {
    let host = Host::new();
    host.run(["--deny-syscall", "write", "--", "true"]).exits(125).complains("`write` cannot be denied");
    host.run(["--deny-syscall", "ptrce", "--", "true"]).exits(125).complains("did you mean `ptrace`?");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_name_that_this_kernel_lacks_is_no_mistake_and_a_misspelt_one_is() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // query_module has left the kernel; socketcall is for 32-bit programs alone. The last is getpid.
    let script = call("(178,0,0,0,0,0),(39,)");
    let words = ["--allow-syscall", "query_module", "--deny-syscall", "socketcall"];
    host.run(words.into_iter().chain(["--", "/usr/bin/python3", "-c", &script]))
        .exits(0)
        .says("178 answers 38\n39 answers well\n");
    // Control: without a word on it, the filter answers before the kernel could.
    host.run(["--", "/usr/bin/python3", "-c", &script]).exits(0).says("178 answers 1\n39 answers well\n");
    host.run(["--allow-syscall", "query_modul", "--", "true"]).exits(125).complains("did you mean `query_module`?");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn refusals_are_logged_by_the_kernel_where_that_was_asked_for() {
    let audited = || {
        let told = std::process::Command::new("dmesg").output().expect("dmesg");
        String::from_utf8_lossy(&told.stdout).into_owned()
    };
    if !(has_program("python3") && has_program("dmesg") && is_root()) {
        return;
    }
    if !audited().contains("audit: type=") {
        // Nothing that could be installed would change this: an audit daemon takes the lines, or the log is out of reach.
        writeln!(std::io::stderr(), "SKIPPED: the kernel's log tells of no audits here").expect("standard error");
        return;
    }
    let host = Host::new();
    // A copy has a name of its own in the log; the call is lookup_dcookie.
    let run = |name: &str, options: &[&str]| {
        let place = format!("/usr/bin/python3:/tmp/{name}");
        let script = call("(212,0,0,0)");
        let words = ["--read", &place, "--", &format!("/tmp/{name}"), "-c", &script].map(str::to_owned);
        host.run(options.iter().map(|option| (*option).to_owned()).chain(words)).exits(0).says("212 answers 1");
    };
    run("silent", &[]);
    wait_until("a line on the refused call", || {
        run("logged", &["--set", "syscalls.on-denied=\"log\""]);
        let log = audited();
        log.lines().any(|line| line.contains("exe=\"/tmp/logged\"") && line.contains("syscall=212 "))
    });
    assert!(!audited().contains("exe=\"/tmp/silent\""));
}

/// A 32-bit program: what it needs to be one, then what the policy must refuse it.
#[cfg(target_arch = "x86_64")]
const OF_32_BITS: &str = r#"
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static volatile int handled;
static void handle(int signal) { handled = signal; }
static void *thread(void *argument) { return argument; }
static void ask(const char *what, long a, long b, long c, long d) {
    long result = syscall(a, b, c, d);
    printf("%s answers %d\n", what, result == -1 ? errno : 0);
}
int main(void) {
    pthread_t started;
    struct stat about;
    struct timespec moment = {0, 1000};
    int status = 0;
    int threads = pthread_create(&started, NULL, thread, NULL) || pthread_join(started, NULL);
    signal(SIGUSR1, handle);
    kill(getpid(), SIGUSR1);
    pid_t child = fork();
    if (child == 0) _exit(7);
    waitpid(child, &status, 0);
    int works = !threads && handled == SIGUSR1 && WEXITSTATUS(status) == 7 && stat("/usr", &about) == 0 &&
                readdir(opendir("/")) && nanosleep(&moment, NULL) == 0 && clock_gettime(CLOCK_REALTIME, &moment) == 0;
    printf("%zu bits %s\n", sizeof(void *) * 8, works ? "work" : "fail");
    ask("unix socket", SYS_socket, 1, 1, 0);
    ask("vsock socket", SYS_socket, 40, 1, 0);
    ask("socketcall", SYS_socketcall, 1, (long)(long[]){1, 1, 0}, 0);
    ask("unshare", SYS_unshare, 0x10000000, 0, 0);
    ask("TIOCSTI", SYS_ioctl, 0, 0x5412, (long)"x");
    ask("keyctl", SYS_keyctl, 0, -3, 0);
    ask("getpgid", SYS_getpgid, 0, 0, 0);
    ask("clone3", SYS_clone3, 0, 0, 0);
    return 0;
}
"#;

#[test]
#[cfg(target_arch = "x86_64")]
fn programs_of_32_bits_run_where_they_are_let_in_and_under_the_same_policy() {
    let host = Host::new();
    let source = host.write("program.c", OF_32_BITS);
    let program = host.folder("bin").join("program");
    let mut compiler = host.command("gcc");
    compiler.args(["-m32", "-static", "-pthread", "-o"]).args([&program, &source]);
    if !has("a C compiler for 32-bit programs", has_program("gcc") && Ran::of(compiler).status == 0) {
        return;
    }
    let program = program.display().to_string();
    let with = |options: &[&'static str]| {
        let shown = ["--read", &program, "--", &program].map(str::to_owned);
        host.run(options.iter().map(|option| (*option).to_owned()).chain(shown))
    };
    let x86 = "syscalls.architectures=[\"native\", \"x86\"]";
    let answers = "32 bits work\nunix socket answers 0\nvsock socket answers 97\nsocketcall answers 1\nunshare answers 1\n\
                   TIOCSTI answers 1\nkeyctl answers 1\ngetpgid answers 0\nclone3 answers 38\n";
    for policy in ["default", "strict"] {
        with(&["--set", x86, "--syscalls", policy]).exits(0).says(answers);
    }
    with(&["--set", x86, "--deny-syscall", "getpgid", "--allow-syscall", "socketcall"])
        .exits(0)
        .says("socketcall answers 0\n")
        .says("getpgid answers 1\n");
    with(&["--set", x86, "--set", "syscalls.on-denied=\"kill\""]).exits(159);
    // Control: where they are not let in, one is refused with what to do about it, and a child comes to nothing.
    with(&[]).exits(126).complains("it is a 32-bit program").complains("syscalls.architectures").never_says("32 bits");
    let child = host.script(&["--read", &program], &format!("{program}; echo status $?"));
    child.says("status ").never_says("status 0").never_says("32 bits");
    // Nor does a policy that only denies leave the entrance open beside it; without any, it is.
    with(&["--syscalls", "none", "--deny-syscall", "getpgid"]).exits(126);
    with(&["--syscalls", "none", "--deny-syscall", "getpgid", "--set", x86]).exits(0).says("getpgid answers 1\n");
    with(&["--syscalls", "none"]).exits(0).says("getpgid answers 0\n").never_says("answers 38");
}
