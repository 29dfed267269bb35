//! What programs fall back from, and on which error: EPERM, where a caller understands ENOSYS alone, breaks it for good.

use super::filter;
use crate::frontend::syscalls::{Policy, names};
use crate::plan::{Answer, Architecture};
use std::collections::BTreeSet;

/// Calls that libraries try first, and do without where the answer is ENOSYS and nothing else. None may be refused.
const ONLY_ON_ENOSYS: &[(&str, &str)] = &[
    (
        "clone3",
        "pthread_create and posix_spawn of glibc, which then clone; EPERM broke every thread (moby issue 42680)",
    ),
    ("faccessat2", "faccessat of glibc and musl; EPERM broke `test -r` (systemd pull request 16739)"),
    ("fchmodat2", "fchmodat of glibc and musl with AT_SYMLINK_NOFOLLOW, which then goes by /proc/self/fd"),
    ("openat2", "systemd, crun, tar and cap-std, the last two of which have learnt EPERM only lately"),
    ("close_range", "closefrom and posix_spawn of glibc, CPython and systemd, which then read /proc/self/fd"),
    ("statx", "stat of musl and of 32-bit glibc, Rust's fs::metadata, coreutils"),
    ("copy_file_range", "cp of coreutils and older versions of Rust's fs::copy, which then read and write"),
    ("execveat", "fexecve of glibc and musl, which then goes by /proc/self/fd"),
    ("getrandom", "OpenSSL, CPython and glibc's arc4random, which then read /dev/urandom"),
    ("memfd_create", "Wayland's libraries and systemd, which then make a file in the runtime directory"),
    ("renameat2", "mv of coreutils and renameat2 of older glibc, which then link or rename"),
    ("preadv2", "preadv2 of glibc, which then reads without flags"),
    ("pwritev2", "pwritev2 of glibc, which then writes without flags"),
    ("epoll_pwait2", "systemd and libevent, which then wait in milliseconds"),
    ("membarrier", "liburcu, Java and .NET, which then interrupt each thread by themselves"),
    ("rseq", "the start of every thread of glibc"),
    ("set_robust_list", "the start of every thread of glibc"),
    ("futex_waitv", "Wine, which then waits for descriptors"),
    ("futex_wait", "what follows futex in new libraries"),
    ("futex_wake", "what follows futex in new libraries"),
    ("futex_requeue", "what follows futex in new libraries"),
    ("pidfd_open", "systemd, glib and Go's os package, which then use process ids"),
    ("pidfd_send_signal", "systemd, glib and Go's os package, which then use process ids"),
    ("mlock2", "mlock2 of glibc"),
    ("pkey_alloc", "V8 and glibc, which then go without keys"),
    ("memfd_secret", "libraries for secrets, which then lock ordinary memory"),
    ("mseal", "the loader of glibc, and V8"),
    ("map_shadow_stack", "makecontext of glibc where shadow stacks are on"),
    ("cachestat", "tools that ask what is cached, which then use mincore"),
    ("landlock_create_ruleset", "the landlock libraries, to which ENOSYS means that the kernel has none"),
    ("lsm_list_modules", "systemd and security tools, which then read /sys"),
    ("statmount", "libmount, which then reads /proc/self/mountinfo"),
    ("listmount", "libmount, which then reads /proc/self/mountinfo"),
    ("getxattrat", "new versions of attr, tar and coreutils"),
    ("setxattrat", "new versions of attr, tar and coreutils"),
    ("file_getattr", "new versions of xfsprogs, which then use ioctl"),
    ("sched_setattr", "util-linux and Chromium"),
    ("get_mempolicy", "numa_available of libnuma, by which databases and MPI decide"),
    ("io_setup", "libaio in InnoDB, QEMU and nginx, which then use threads"),
    ("modify_ldt", "Wine"),
];

/// Calls that a policy refuses and some callers do without, with what makes EPERM as good an answer as ENOSYS.
const ON_EPERM_TOO: &[(&str, &str)] = &[
    (
        "io_uring_setup",
        "libuv, liburing and QEMU go on after any error; `kernel.io_uring_disabled` answers EPERM as well",
    ),
    ("io_uring_enter", "comes after io_uring_setup"),
    ("io_uring_register", "comes after io_uring_setup"),
    ("name_to_handle_at", "systemd names EPERM and seccomp in is_name_to_handle_at_fatal_error"),
    ("kcmp", "systemd's same_fd takes ENOSYS, EACCES and EPERM for the same"),
    ("keyctl", "systemd and pam_keyinit go on; docker's filter has answered EPERM for ten years"),
    ("add_key", "as keyctl"),
    ("request_key", "as keyctl"),
    ("process_madvise", "jemalloc stops asking on EPERM, EINVAL, ENOSYS and EBADF"),
    ("process_mrelease", "out-of-memory daemons, which have killed the process before"),
    ("fanotify_init", "file indexers fall back to inotify, since kernels before 5.13 answer EPERM to ordinary users"),
    ("fanotify_mark", "comes after fanotify_init"),
    ("process_vm_readv", "MPI libraries and crash handlers, to whom Yama answers EPERM"),
    ("process_vm_writev", "as process_vm_readv"),
    ("lookup_dcookie", "nobody: it left the kernel in 6.8"),
    ("create_module", "nobody: it left the kernel in 2.6"),
    ("get_kernel_syms", "nobody: it left the kernel in 2.6"),
    ("query_module", "nobody: it left the kernel in 2.6"),
    ("socketcall", "musl comes to it only after ENOSYS to socket, and glibc of 32 bits has nothing else to try"),
];

/// Calls to which the kernel itself answers EPERM, since they need a capability or a permission that few have: whoever makes
/// them is prepared for it.
#[rustfmt::skip]
const EPERM_OF_THE_KERNEL: &[&str] = &[
    "mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "chroot", "setns", "init_module", "finit_module", "delete_module", "reboot",
    "kexec_load", "kexec_file_load", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "settimeofday",
    "clock_settime", "clock_settime64", "stime", "iopl", "ioperm", "syslog", "sethostname", "setdomainname", "bpf",
    "perf_event_open", "userfaultfd", "open_by_handle_at", "vhangup", "ptrace", "pidfd_getfd",
];

/// What a policy answers to a name, by whichever entry point has it.
fn answers(policy: Policy, name: &str) -> Vec<&'static str> {
    let super::Syscalls::Filtered(filter) = crate::frontend::syscalls::inquiry::filter_of(policy) else {
        panic!("a filter")
    };
    let known: [(Architecture, &[&str]); 2] = [(Architecture::NATIVE, own_names()), (Architecture::X86, &names::X86)];
    let numbers = known.into_iter().filter_map(|(entry, names)| {
        filter.table(entry)?;
        Some((entry, names.iter().position(|known| *known == name)? as u32))
    });
    numbers
        .map(|(entry, number)| match filter.answer(entry, number) {
            Answer::Allowed | Answer::If(_) => "allowed",
            Answer::Refused => "EPERM",
            Answer::Unknown => "ENOSYS",
        })
        .collect()
}

fn own_names() -> &'static [&'static str] {
    match Architecture::NATIVE {
        Architecture::Aarch64 => &names::AARCH64,
        _ => &names::X86_64,
    }
}

#[test]
fn nothing_is_refused_that_is_done_without_on_enosys_alone() {
    for policy in [Policy::Default, Policy::Strict] {
        for (name, who) in ONLY_ON_ENOSYS {
            assert!(!answers(policy, name).contains(&"EPERM"), "{policy:?} refuses {name}, tried by {who}");
        }
    }
    // Control: a call that is refused is seen to be.
    assert_eq!(answers(Policy::Strict, "ptrace")[0], "EPERM");
    assert_eq!(answers(Policy::Default, "clone3")[0], "ENOSYS");
}

#[test]
fn of_every_call_that_is_refused_it_is_known_who_takes_eperm() {
    let mut known: BTreeSet<_> = ON_EPERM_TOO.iter().map(|(name, _)| *name).collect();
    known.extend(EPERM_OF_THE_KERNEL);
    let refused =
        |name: &&str| [Policy::Default, Policy::Strict].iter().any(|policy| answers(*policy, name).contains(&"EPERM"));
    let names: BTreeSet<_> = names::all().collect();
    let refused: BTreeSet<_> = names.into_iter().filter(refused).collect();
    let unexplained: Vec<_> = refused.difference(&known).collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
    assert!(known.iter().all(|name| !ONLY_ON_ENOSYS.iter().any(|(other, _)| name == other)));
    // Nor is anything explained that is not refused, where this machine has it.
    let idle: Vec<_> = known.difference(&refused).filter(|name| !answers(Policy::Default, name).is_empty()).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn sockets_that_are_closed_look_like_those_of_a_kernel_without_the_family() {
    let table = filter(Policy::Default).tables.remove(0);
    let family = |number| table.allow_if.iter().find(|call| call.number == number).map(|call| call.otherwise);
    for name in ["socket", "socketpair"] {
        assert_eq!(family(super::number(name)), Some(crate::plan::Otherwise::NoSuchFamily), "{name}");
    }
}
