//! The kernel's surface: what the promise names, one by one, and the other entrance.

use crate::support::{Host, Ran, User, has, has_program, is_root};
use nsbox::plan::{Answer, Architecture, Plan, Syscalls};
use syscalls::Sysno;

/// What is promised to be refused, whatever its arguments.
#[rustfmt::skip]
const REFUSED: [Sysno; 46] = [
    Sysno::mount, Sysno::umount2, Sysno::open_tree, Sysno::move_mount, Sysno::fsopen, Sysno::fsconfig, Sysno::fsmount,
    Sysno::fspick, Sysno::mount_setattr, Sysno::pivot_root, Sysno::chroot, Sysno::setns, Sysno::keyctl, Sysno::add_key,
    Sysno::request_key, Sysno::bpf, Sysno::perf_event_open, Sysno::userfaultfd, Sysno::io_uring_setup,
    Sysno::io_uring_enter, Sysno::io_uring_register, Sysno::kexec_load, Sysno::kexec_file_load, Sysno::init_module,
    Sysno::finit_module, Sysno::delete_module, Sysno::create_module, Sysno::query_module, Sysno::get_kernel_syms,
    Sysno::open_by_handle_at, Sysno::quotactl, Sysno::quotactl_fd, Sysno::swapon, Sysno::swapoff,
    Sysno::acct, Sysno::reboot, Sysno::syslog, Sysno::settimeofday, Sysno::clock_settime, Sysno::kcmp, Sysno::lookup_dcookie, Sysno::vhangup, Sysno::iopl, Sysno::ioperm, Sysno::sethostname, Sysno::setdomainname,
];

/// Makes calls with arguments of -1, by which none of them can do anything, in a session of its own without a terminal.
const CALL: &str = "
import ctypes, os, sys
call = ctypes.CDLL(None, use_errno=True).syscall
for number in map(int, sys.argv[1:]):
    ctypes.set_errno(0)
    result = call(number, *[ctypes.c_long(-1)] * 6)
    print(number, 'answers', ctypes.get_errno() if result == -1 else 0)
";

#[test]
#[cfg(target_arch = "x86_64")]
fn what_the_promise_names_is_refused_by_the_plan_and_by_the_kernel() {
    if !has_program("python3") {
        return;
    }
    let numbers: Vec<String> = REFUSED.iter().map(|call| call.id().to_string()).collect();
    let program = ["/usr/bin/python3", "-c", CALL];
    let words = || program.into_iter().chain(numbers.iter().map(String::as_str));
    let host = Host::new();
    for profile in ["shell", "strict"] {
        let options = ["--profile", profile, "--"];
        let plan = host.run(["plan", "--json"].into_iter().chain(options).chain(["true"])).exits(0).stdout;
        let plan: Plan = serde_json::from_str(&plan).expect("a plan");
        let Syscalls::Filtered(filter) = &plan.syscalls else { panic!("{profile} filters nothing") };
        let answer = |call: &Sysno| filter.answer(Architecture::NATIVE, call.id() as u32);
        let open: Vec<_> = REFUSED.iter().filter(|call| !matches!(answer(call), Answer::Refused)).collect();
        assert!(open.is_empty(), "{profile}: {open:?}");
        let answers = host.run(options.into_iter().chain(words())).exits(0);
        assert_eq!(answers.stdout.matches("answers 1\n").count(), REFUSED.len(), "{profile}: {answers}");
    }
    if !is_root() {
        return;
    }
    // Control: to root outside none of them is refused; what comes of them are complaints about -1, or that they are gone.
    let root = Host::of(User::Root);
    let mut control = root.command("setsid");
    control.arg("--wait").args(words());
    let ran = Ran::of(control).exits(0);
    for (call, line) in REFUSED.iter().zip(ran.stdout.lines()) {
        assert!(!line.ends_with("answers 1"), "{}: {line}: even root is refused here", call.name());
    }
}

/// A program of 64 bits that asks by the entrance of 32-bit ones: getpid (20), unshare (310, CLONE_NEWUSER), ioctl (54,
/// TIOCSTI), mount (21), and a socket of AF_VSOCK (359).
#[cfg(target_arch = "x86_64")]
const BY_THE_OTHER_ENTRANCE: &str = r#"
#include <stdio.h>
#include <sys/mman.h>
static int ask(int number, int a, int b, int c) {
    int answer;
    __asm__ volatile("int $0x80" : "=a"(answer) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(0), "D"(0) : "memory", "r8", "r9", "r10", "r11");
    return answer;
}
int main(void) {
    int pid = ask(20, 0, 0, 0);
    printf("pid %s\n", pid > 0 ? "told" : "untold");
    printf("unshare %s\n", ask(310, 0x10000000, 0, 0) == 0 ? "made" : "refused");
    printf("socket %s\n", ask(359, 1, 1, 0) >= 0 ? "made" : "refused");
    fflush(stdout);
    return 0;
}
"#;

#[test]
#[cfg(target_arch = "x86_64")]
fn the_entrance_of_32_bit_programs_is_closed_to_those_of_64_bits_too() {
    if !has_program("gcc") {
        return;
    }
    let host = Host::new();
    let source = host.write("entrance.c", BY_THE_OTHER_ENTRANCE);
    let program = host.folder("bin").join("entrance").display().to_string();
    let mut compiler = host.command("gcc");
    compiler.args(["-o", &program]).arg(source);
    Ran::of(compiler).exits(0);
    // Control: outside it answers, if this kernel has it.
    let control = Ran::of(host.command(&program));
    if !has("the entrance of 32-bit programs", control.stdout.contains("pid told")) {
        return;
    }
    control.exits(0).says("unshare made\nsocket made\n");
    for options in
        [&["--profile", "shell"][..], &["--profile", "strict"], &["--syscalls", "none", "--deny-syscall", "getpgid"]]
    {
        let ran = host.run(options.iter().copied().chain(["--read", &program, "--", &program]));
        ran.never_says("made").never_says("pid told");
    }
    // Where it is opened, under the same policy.
    let x86 = "syscalls.architectures=[\"native\", \"x86\"]";
    host.run(["--set", x86, "--read", &program, "--", &program])
        .exits(0)
        .says("pid told\nunshare refused\nsocket made\n");
}

#[test]
fn a_file_cannot_be_opened_by_a_handle_that_was_taken_outside() {
    if !(is_root() && has_program("python3") && cfg!(target_arch = "x86_64")) {
        return;
    }
    // name_to_handle_at (303) outside; open_by_handle_at (304) by it, on the only mount of that file system that is there.
    let host = Host::of(User::Root);
    let secret = host.write("data/secret", "root's own").display().to_string();
    let shown = host.write("shown/file", "shown").display().to_string();
    let script = format!(
        "
import ctypes, os, sys
call = ctypes.CDLL(None, use_errno=True).syscall
handle = ctypes.create_string_buffer(136)
if len(sys.argv) == 1:
    ctypes.memmove(handle, (128).to_bytes(4, 'little'), 4)
    assert call(303, -100, b'{secret}', handle, ctypes.byref(ctypes.c_int()), 0) == 0
    print(handle.raw.hex())
else:
    ctypes.memmove(handle, bytes.fromhex(sys.argv[1]), 136)
    file = call(304, os.open('{shown}', 0), handle, 0)
    print(os.read(file, 64) if file >= 0 else os.strerror(ctypes.get_errno()))
"
    );
    let outside = |words: &[&str]| {
        let mut command = host.command("/usr/bin/python3");
        command.args(["-c", &script]).args(words);
        Ran::of(command).exits(0).stdout
    };
    let handle = outside(&[]);
    let handle = handle.trim();
    let inside = |options: &[&str]| {
        let words = ["--quiet", "--read", &shown];
        let program = ["--", "/usr/bin/python3", "-c", &script, handle];
        host.run(words.iter().chain(options).chain(&program).copied()).exits(0).says("Operation not permitted")
    };
    inside(&[]);
    inside(&["--profile", "shell", "--syscalls", "none"]);
    // Control: root outside opens it so.
    assert!(outside(&[handle]).contains("root's own"));
}
