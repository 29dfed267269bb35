//! The policies, compiled: what the program answers, and that the kernel agrees.

use super::filter;
use crate::frontend::syscalls::policy::DEFAULT;
use crate::frontend::syscalls::table::{Answer, answer as answer_to};
use crate::frontend::syscalls::{Policy, names};
use crate::isolate::seccomp::interpreter::{ALLOWED, Call, NO_SUCH_FAMILY, REFUSED, UNKNOWN, ask, expected, run};
use crate::isolate::seccomp::{Program, apply, compile};
use crate::plan::{Architecture, Conditional, Filter, Otherwise, Table};
use crate::sys;
use nix::errno::Errno;
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// `AUDIT_ARCH_I386`, linux/audit.h.
const I386: u32 = 0x4000_0003;
/// `__X32_SYSCALL_BIT`, asm/unistd.h.
const X32: u32 = 0x4000_0000;
/// Requests to a terminal, asm-generic/ioctls.h.
const TIOCSTI: u64 = 0x5412;
const TIOCGWINSZ: u64 = 0x5413;
const TIOCLINUX: u64 = 0x541c;
const TIOCSETD: u64 = 0x5423;
/// What btrfs does to volumes, linux/btrfs.h: the two snapshots, the removal by number, and three that harm nobody.
const BTRFS_SNAPSHOTS: [u64; 3] = [0x5000_9401, 0x5000_9417, 0x5000_943f];
const BTRFS_OTHERS: [u64; 3] = [0x5000_940e, 0x5000_940f, 0x5000_9418];
/// Bits that no kernel looks at in an argument of 32 bits.
const HIGH: u64 = 0xdead_beef_0000_0000;

fn program(policy: Policy) -> Program {
    compile(&filter(policy)).unwrap()
}

/// Asks for the answer to a call with these first arguments.
fn answer<const N: usize>(program: &Program, number: libc::c_long, first: [u64; N]) -> u32 {
    let mut arguments = [0; 6];
    arguments[..N].copy_from_slice(&first);
    ask(program, number as u32, arguments)
}

#[test]
fn the_answer_to_every_number_is_the_filters() {
    let tried = [0, 1, 2, 8, 10, 16, 0x5412, 0x541c, 0x5423, 0x1000_0000, 0x0002_0000, 0xffff_ffff];
    for policy in [Policy::Default, Policy::Strict] {
        let filter = filter(policy);
        let program = compile(&filter).unwrap();
        for number in (0..1100).chain([0x3fff_ffff, 0x4000_0000, 0x4000_0001, 0x7fff_ffff, 0x8000_0000, u32::MAX]) {
            for value in tried.into_iter().flat_map(|value| [value, value | HIGH]) {
                for arguments in [[value; 6], [value, 0, 0, 0, 0, 0], [0, value, 0, 0, 0, 0], [16, 0, value, 0, 0, 0]] {
                    let answer = ask(&program, number, arguments);
                    assert_eq!(
                        answer,
                        expected(&filter, Architecture::NATIVE, number, &arguments),
                        "{number} {arguments:x?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_default_filter_is_short() {
    for policy in [Policy::Default, Policy::Strict] {
        let length = program(policy).len();
        println!("{policy:?}: {length} instructions");
        // At 96 and 108 today; the design allows 120, which every launch would pay for.
        assert!(length <= 110, "{policy:?} has {length} instructions");
    }
}

#[test]
fn the_default_filter_is_short_on_aarch64() {
    let origin = filter(Policy::Default).origin;
    let architecture = Architecture::Aarch64;
    let mut table = Table { architecture, allow: vec![], allow_if: vec![], refuse: vec![], origin };
    for (number, name) in (0..).zip(names::AARCH64) {
        match answer_to(&DEFAULT, name) {
            Answer::Unknown => {}
            Answer::Allow => table.allow.push(number),
            Answer::AllowIf(index) => {
                let conditions = Policy::Default.conditions(index);
                let any_of = conditions.any_of.iter().map(|set| set.to_vec()).collect();
                table.allow_if.push(Conditional { number, any_of, otherwise: Otherwise::Refused });
            }
            Answer::Refuse => table.refuse.push(number),
        }
    }
    assert!(table.allow.len() > 200 && table.allow_if.len() == 10);
    let length = compile(&Filter { tables: vec![table], ..filter(Policy::Default) }).unwrap().len();
    println!("aarch64: {length} instructions");
    assert!(length <= 100);
}

#[test]
fn entry_points_of_other_architectures_are_closed() {
    let program = program(Policy::Default);
    for number in 0..1100 {
        let i386 = Call { number, architecture: I386, arguments: [0; 6] };
        assert_eq!(run(&program, &i386), UNKNOWN);
        assert_eq!(ask(&program, number | X32, [0; 6]), UNKNOWN);
    }
}

#[test]
fn keystrokes_line_disciplines_and_snapshots_are_refused_with_any_high_bits() {
    let program = program(Policy::Default);
    for request in [TIOCSTI, TIOCLINUX, TIOCSETD].into_iter().chain(BTRFS_SNAPSHOTS) {
        for evasion in [0, HIGH, 1 << 32, 1 << 63] {
            assert_eq!(answer(&program, libc::SYS_ioctl, [0, request | evasion]), REFUSED);
        }
    }
    for request in BTRFS_OTHERS.into_iter().chain([TIOCGWINSZ]) {
        assert_eq!(answer(&program, libc::SYS_ioctl, [0, request]), ALLOWED);
    }
}

#[test]
fn no_process_moves_what_others_read_of_it_or_claims_a_whole_core() {
    let [default, strict] = [Policy::Default, Policy::Strict].map(program);
    // PR_SET_MM and PR_SCHED_CORE; then PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_SET_VMA and PR_SET_PTRACER.
    for program in [default, strict] {
        for (option, expected) in [(35, REFUSED), (62, REFUSED), (35 | HIGH, REFUSED), (15, ALLOWED), (38, ALLOWED)]
            .into_iter()
            .chain([(0x5356_4d41, ALLOWED), (0x5961_6d61, ALLOWED)])
        {
            assert_eq!(answer(&program, libc::SYS_prctl, [option]), expected, "{option:#x}");
        }
    }
}

#[test]
fn the_internet_is_used_by_its_usual_protocols() {
    let flags = (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) as u64;
    let (stream, datagram, raw, packets, dccp) = (1, 2, 3, 5, 6);
    let usual = [
        (stream, 0),
        (datagram, 0),
        (stream, libc::IPPROTO_TCP),
        (datagram, libc::IPPROTO_UDP),
        (datagram, libc::IPPROTO_ICMP),
        (datagram, libc::IPPROTO_ICMPV6),
        (raw, libc::IPPROTO_ICMP),
        (stream, libc::IPPROTO_MPTCP),
    ];
    let (l2tp, smc) = (115, 256);
    let unusual = [
        (packets, 0),
        (dccp, 0),
        (dccp, libc::IPPROTO_DCCP),
        (stream, libc::IPPROTO_SCTP),
        (datagram, libc::IPPROTO_UDPLITE),
        (datagram, l2tp),
        (stream, smc),
    ];
    for program in [Policy::Default, Policy::Strict].map(program) {
        for family in [libc::AF_INET, libc::AF_INET6].map(|family| family as u64) {
            let ask =
                |(of_type, protocol)| answer(&program, libc::SYS_socket, [family, of_type | flags, protocol as u64]);
            assert_eq!(usual.map(ask), [ALLOWED; 8]);
            assert_eq!(unusual.map(ask), [NO_SUCH_FAMILY; 7]);
        }
        // Packets in sequence are an ordinary thing between processes.
        assert_eq!(answer(&program, libc::SYS_socketpair, [libc::AF_UNIX as u64, packets, 0]), ALLOWED);
    }
}

#[test]
fn new_namespaces_are_refused_and_threads_are_not() {
    let program = program(Policy::Default);
    let flags = [
        libc::CLONE_NEWNS,
        libc::CLONE_NEWCGROUP,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWNET,
    ];
    for flag in flags.map(|flag| flag as u64) {
        for number in [libc::SYS_clone, libc::SYS_unshare] {
            assert_eq!(answer(&program, number, [flag]), REFUSED);
            assert_eq!(answer(&program, number, [flag | HIGH | libc::CLONE_FS as u64]), REFUSED);
        }
    }
    // CLONE_NEWTIME to unshare; to clone it is a signal's number.
    assert_eq!(answer(&program, libc::SYS_unshare, [0x80]), REFUSED);
    // A bit that unshare has no use for today, and that a kernel to come may make a namespace of.
    assert_eq!(answer(&program, libc::SYS_unshare, [0x0010_0000]), REFUSED);
    assert_eq!(answer(&program, libc::SYS_unshare, [(libc::CLONE_FS | libc::CLONE_FILES) as u64]), ALLOWED);
    // What pthread_create, fork and posix_spawn of the C library pass.
    for flags in [0x003d_0f00, 0x0120_0011, 0x4111] {
        assert_eq!(answer(&program, libc::SYS_clone, [flags]), ALLOWED);
    }
    assert_eq!(answer(&program, libc::SYS_clone3, []), UNKNOWN);
}

#[test]
fn only_usual_socket_families_open() {
    let [default, strict] = [Policy::Default, Policy::Strict].map(program);
    for family in 0..64_u64 {
        let usual = matches!(family as i32, libc::AF_UNIX | libc::AF_INET | libc::AF_INET6);
        let route = family as i32 == libc::AF_NETLINK;
        for high in [0, HIGH] {
            let kernel_netlink = [family | high, libc::SOCK_RAW as u64, libc::NETLINK_NETFILTER as u64 | high];
            let plain = [family | high, libc::SOCK_RAW as u64, high];
            let passes = |allowed| if allowed { ALLOWED } else { NO_SUCH_FAMILY };
            assert_eq!(answer(&default, libc::SYS_socket, plain), passes(usual || route));
            assert_eq!(answer(&default, libc::SYS_socket, kernel_netlink), passes(usual));
            assert_eq!(answer(&strict, libc::SYS_socket, plain), passes(usual));
        }
    }
}

/// Runs a closure on a thread that the policy's filter binds; the other threads of the tests go on without.
fn filtered<T: Send + 'static>(policy: Policy, closure: impl FnOnce() -> T + Send + 'static) -> T {
    let bound = move || {
        nix::sys::prctl::set_no_new_privs().unwrap();
        apply(&program(policy)).unwrap();
        closure()
    };
    std::thread::spawn(bound).join().unwrap()
}

#[test]
fn the_kernel_takes_the_filters_and_answers_by_them() {
    for policy in [Policy::Default, Policy::Strict] {
        filtered(policy, || {
            assert_eq!(sys::seccomp::call_without_arguments(libc::SYS_keyctl), Err(Errno::EPERM));
            assert_eq!(sys::seccomp::call_without_arguments(libc::SYS_userfaultfd), Err(Errno::EPERM));
            assert_eq!(sys::seccomp::call_without_arguments(libc::SYS_clone3), Err(Errno::ENOSYS));
            assert_eq!(sys::seccomp::call_without_arguments(600), Err(Errno::ENOSYS));
            assert_eq!(sys::seccomp::call_without_arguments(libc::SYS_getpid), Ok(std::process::id().into()));
        });
    }
}

#[test]
fn threads_and_programs_still_start() {
    for policy in [Policy::Default, Policy::Strict] {
        let output = filtered(policy, || {
            std::thread::spawn(|| std::process::Command::new("sh").args(["-c", "echo $((6 * 7)) | cat"]).output())
                .join()
                .unwrap()
                .unwrap()
        });
        assert_eq!(output.stdout, b"42\n", "{policy:?}: {output:?}");
    }
}

#[test]
fn a_filter_needs_no_new_privs_or_root() {
    let without = std::thread::spawn(|| {
        let powerless = capabilities(None)
            .and_then(|own| set_capabilities(None, CapabilitySets { effective: CapabilitySet::empty(), ..own }));
        let powerless = powerless.is_ok();
        (powerless, apply(&program(Policy::Default)))
    });
    let (powerless, answer) = without.join().unwrap();
    assert!(powerless);
    assert_eq!(answer.unwrap_err().to_string(), "seccomp SECCOMP_SET_MODE_FILTER: Permission denied (EACCES)");
}
