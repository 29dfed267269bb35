//! What a caller may have open or set when it starts nsbox, and what of it could be a way out.

use crate::support::pty::{leave, outer_shell};
use crate::support::{Host, Ran, has, has_program};

/// Makes an io_uring with a thread of its own (io_uring_setup, IORING_SETUP_SQPOLL), puts it under a number and goes on with
/// other words.
const MAKE_RING: &str = "
import ctypes, os, struct, sys
call = ctypes.CDLL(None, use_errno=True).syscall
parameters = ctypes.create_string_buffer(120)
struct.pack_into('I', parameters, 8, 2)
ring = call(425, 8, parameters)
if ring < 0: sys.exit(77)
os.dup2(ring, int(sys.argv[1]))
os.set_inheritable(int(sys.argv[1]), True)
os.execvp(sys.argv[2], sys.argv[2:])
";

/// Maps the queue of an io_uring, by which its thread is told what to do without a system call.
const USE_RING: &str = "
import mmap, sys
mmap.mmap(int(sys.argv[1]), 4096, mmap.MAP_SHARED)
print('has a ring')
";

#[test]
fn an_io_uring_of_the_callers_does_not_cross_over() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let with_ring = |number: &str, words: &[&str]| {
        let mut command = host.command("/usr/bin/python3");
        command.args(["-c", MAKE_RING, number]).args(words).args(["/usr/bin/python3", "-c", USE_RING, number]);
        Ran::of(command)
    };
    // Control: without nsbox in between, its queue is there for the next program.
    let outside = with_ring("0", &["env"]);
    if !has("io_uring", outside.status != 77) {
        return;
    }
    outside.exits(0).says("has a ring");
    let nsbox = host.nsbox().display().to_string();
    with_ring("0", &[&nsbox, "--"]).exits(125).complains("descriptor 0, an io_uring").never_says("has a ring");
    with_ring("1", &[&nsbox, "--"]).exits(125).complains("descriptor 1, an io_uring");
    with_ring("5", &[&nsbox, "--keep-fd", "5", "--"]).exits(125).complains("descriptor 5, an io_uring");
    // One that is not named is closed.
    with_ring("5", &[&nsbox, "--"]).exits(1).complains("Bad file descriptor");
}

#[test]
fn a_working_directory_outside_is_not_the_commands() {
    let host = Host::new();
    host.write("project/secret", "the host's own");
    let home = host.home().display().to_string();
    let look = "cat secret ./secret /proc/self/cwd/secret ../project/secret; ls . .. /proc/self/cwd/..; \
                cat \"$OLDPWD/secret\"; cd -";
    let in_project = |words: &[&str]| {
        let mut command = host.command(words[0]);
        command.args(&words[1..]).args(["sh", "-c", look]).current_dir(host.home().join("project"));
        command.env("OLDPWD", host.home().join("project"));
        Ran::of(command)
    };
    let nsbox = host.nsbox().display().to_string();
    let strict = [&nsbox[..], "--profile", "strict", "--"];
    for words in [&[&nsbox[..], "--"][..], &strict] {
        in_project(words).never_says("the host's own").never_says("project").never_says("secret");
    }
    // Control: without nsbox it is where the command starts.
    in_project(&["env"]).says("the host's own");
    // Nor is one that a descriptor would lead to (CVE-2024-21626): the caller has the folder open as 7.
    for place in ["/proc/self/fd/7", "/proc/self/fd/7/project", "/proc/self/fd/../cwd", "/proc/1/cwd", "/dev/fd/7"] {
        let mut command = host.command("bash");
        let words = format!("exec 7< {home}; {nsbox} --directory {place} -- sh -c 'cat secret project/secret; ls'");
        command.args(["-c", &words]);
        let ran = Ran::of(command);
        ran.never_says("the host's own").never_says("project");
    }
    // Nor where a symlink that an earlier run has left in the project leads there.
    std::os::unix::fs::symlink("/proc/self/fd/7", host.home().join("project/sub")).expect("a planted link");
    let mut planted = host.command("bash");
    let words = format!(
        "exec 7< {home}; {nsbox} --write {home}/project --directory {home}/project/sub -- sh -c 'cat project/secret'"
    );
    planted.args(["-c", &words]);
    Ran::of(planted).exits(125).complains("at step `enter-directory`").never_says("the host's own");
    // Nor is a program that is not shown: by name, by a planted symlink, where no rule of Landlock stands in the way.
    let outside = host.home().join("outside").display().to_string();
    std::fs::create_dir(&outside).expect("a folder that is not shown");
    std::fs::copy("/bin/echo", format!("{outside}/speak")).expect("a program that is not shown");
    std::os::unix::fs::symlink("/proc/self/fd/7/speak", host.home().join("project/run")).expect("a planted link");
    let speak = |words: &str| {
        let mut command = host.command("bash");
        command.args(["-c", &format!("exec 7< {outside}; {words} spoken from outside")]);
        Ran::of(command)
    };
    for options in ["", "--set namespaces.nested='\"allow\"'"] {
        for program in ["/proc/self/fd/7/speak", &format!("{home}/project/run")] {
            speak(&format!("{nsbox} --write {home}/project {options} -- {program}")).exits(127).never_says("spoken");
        }
    }
    speak("/proc/self/fd/7/speak").exits(0).says("spoken from outside");
    speak(&format!("{home}/project/run")).exits(0).says("spoken from outside");
    // Control: without nsbox the descriptor leads there.
    let mut control = host.command("bash");
    control.args(["-c", &format!("exec 7< {home}; cd /proc/self/fd/7 && cat project/secret")]);
    Ran::of(control).exits(0).says("the host's own");
}

#[test]
fn a_socket_that_is_a_stream_gives_no_hold_on_the_process_at_its_other_end() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // SO_PEERPIDFD (77) gives a pidfd of whoever made the socket: the program outside. By it: signal 0 (pidfd_send_signal),
    // a copy of its descriptor (pidfd_getfd), its namespaces (setns), its environment by its pid of fdinfo.
    let inside = "
import ctypes, os, re, socket, struct
call = ctypes.CDLL(None, use_errno=True).syscall
end = socket.socket(fileno=0)
try: pidfd = struct.unpack('i', end.getsockopt(socket.SOL_SOCKET, 77, 4))[0]
except OSError as error: print('no pidfd:', error.strerror); raise SystemExit(7)
def act(name, *words): print(name, 'done' if call(*words) >= 0 else 'refused', flush=True)
act('signal', 424, pidfd, 0, 0, 0)
act('copy', 438, pidfd, 0, 0)
act('enter', 308, pidfd, 0x08000000)
pid = int(re.search('Pid:\\t(-?[0-9]+)', open(f'/proc/self/fdinfo/{pidfd}').read())[1])
print('number', 'known' if pid > 0 else 'unknown')
";
    // The one outside lets itself be traced by anybody of its user, as every program does.
    let outside = "
import socket, subprocess, sys
ours, theirs = socket.socketpair()
sys.exit(subprocess.run(sys.argv[1:], stdin=theirs).returncode)
";
    let with_socket = |words: &[&str]| {
        let mut command = host.command("/usr/bin/python3");
        command.args(["-c", outside]).args(words).args(["/usr/bin/python3", "-c", inside]);
        Ran::of(command)
    };
    let nsbox = host.nsbox().display().to_string();
    let control = with_socket(&["env"]);
    if !has("SO_PEERPIDFD (Linux 6.5)", control.status != 7) {
        return;
    }
    // Control: without nsbox in between it is signalled, and its number known.
    control.exits(0).says("signal done").says("number known");
    with_socket(&[&nsbox, "--"]).exits(0).says("signal refused\ncopy refused\nenter refused\nnumber unknown");
    // By the namespaces alone, without a filter.
    with_socket(&[&nsbox, "--syscalls", "none", "--"])
        .exits(0)
        .says("signal refused\ncopy refused\nenter refused\nnumber unknown");
}

#[test]
fn keys_that_are_pushed_into_the_terminal_do_not_reach_the_shell_outside() {
    let takes_keys = std::fs::read_to_string("/proc/sys/dev/tty/legacy_tiocsti").is_ok_and(|set| set.trim() == "1");
    if !has_program("python3") || !has("TIOCSTI (dev.tty.legacy_tiocsti = 1)", takes_keys) {
        return;
    }
    let host = Host::new();
    // By each stream and by the terminal's own name, with and without high bits (TIOCSTI is 0x5412; ioctl 16).
    host.write(
        "push.py",
        "
import ctypes, os
call = ctypes.CDLL(None, use_errno=True).syscall
ends = [0, 1, 2]
try: ends.append(os.open('/dev/tty', os.O_RDWR))
except OSError: pass
for end in ends:
    for request in [0x5412, 0x5412 | 1 << 32, 0x5412 | 1 << 63]:
        if any(call(16, end, ctypes.c_ulong(request), ctypes.c_char_p(bytes([key]))) for key in b\"echo pu''shed\\n\"): continue
print('all is tried')
",
    );
    let nsbox = host.nsbox().display().to_string();
    let push = |words: &str| {
        let mut session = outer_shell(&host);
        session.types(&format!("{words} /usr/bin/python3 ./push.py\n"));
        session.shows("all is tried");
        // Not before the shell listens: a private terminal would take them for its own.
        session.shows("outer> ");
        session.types("\necho do''ne\n");
        let shown = session.shows("\r\ndone");
        session.shows("outer> ");
        leave(session);
        shown.contains("\r\npushed")
    };
    let inside = |options: &str| push(&format!("{nsbox} --read . --directory . {options} --"));
    assert!(!inside("") && !inside("--syscalls strict") && !inside("--terminal private"));
    // The kernel keeps them in a terminal of the sandbox's own.
    assert!(!inside("--terminal private --syscalls none"));
    // Control: without the filter, or without nsbox, the shell outside runs what was pushed.
    assert!(inside("--syscalls none") && push("env"));
}
