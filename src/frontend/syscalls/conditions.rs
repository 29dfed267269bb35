//! The arguments under which a system call is allowed, and the attack that each condition stops.
//!
//! The kernel takes most of these arguments as 32 bits wide, so only the low half is compared: what a caller writes
//! above must neither evade a refusal nor spoil what is allowed.

use crate::plan::{Comparison, Condition};

/// The arguments with which a system call is allowed.
#[derive(Debug)]
pub struct Conditions {
    /// The same in words, as they go on after "allowed".
    pub words: &'static str,
    /// Sets of conditions, one of which must hold as a whole; without any set, the call is refused.
    pub any_of: &'static [&'static [Condition]],
}

/// Every flag of clone(2) that makes a namespace (linux/sched.h).
const NEW_NAMESPACES: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32;
/// What unshare(2) takes beside namespaces: parts of the process that threads share.
const UNSHARED_PARTS: u32 = (libc::CLONE_FILES
    | libc::CLONE_FS
    | libc::CLONE_SYSVSEM
    | libc::CLONE_THREAD
    | libc::CLONE_SIGHAND
    | libc::CLONE_VM) as u32;
/// Persona flags without an effect on safety (linux/personality.h): PER_LINUX32, UNAME26, ADDR_NO_RANDOMIZE.
const HARMLESS_PERSONAS: u32 = 0x0000_0008 | 0x0002_0000 | 0x0004_0000;
/// What personality(2) takes to mean "only tell me".
const PERSONALITY_QUERY: u64 = 0xffff_ffff;
/// The requests that put keystrokes into a terminal and choose its line discipline (asm-generic/ioctls.h). C libraries
/// differ in the type of these constants; to the kernel they are 32 bits.
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541c;
const TIOCSETD: u64 = 0x5423;
/// BTRFS_IOC_SNAP_CREATE, its second version, and the second version of BTRFS_IOC_SNAP_DESTROY, which also takes a number for a
/// name (linux/btrfs.h).
const BTRFS_SNAP_CREATE: u64 = 0x5000_9401;
const BTRFS_SNAP_CREATE_V2: u64 = 0x5000_9417;
const BTRFS_SNAP_DESTROY_V2: u64 = 0x5000_943f;
/// PR_SET_MM and PR_SCHED_CORE (linux/prctl.h).
const PR_SET_MM: u64 = 35;
const PR_SCHED_CORE: u64 = 62;
/// KEYCTL_JOIN_SESSION_KEYRING (linux/keyctl.h).
const JOIN_SESSION_KEYRING: u64 = 1;
/// NETLINK_ROUTE (linux/netlink.h): addresses and routes, what `getifaddrs` asks for.
const NETLINK_ROUTE: u64 = 0;
/// The bit in which the internet's two families differ, AF_INET being 2 and AF_INET6 10.
const INET6_BIT: u32 = (libc::AF_INET ^ libc::AF_INET6) as u32;
/// The bits of a type that streams (1), datagrams (2) and raw sockets (3) have none of: DCCP comes by its type alone, and SCTP
/// by that of sequenced packets, once it is loaded.
const UNUSUAL_TYPES: u32 = 0xc;
/// All bits of a protocol but those of 0 to 63, where TCP, UDP and ICMP of both families are, and of 256 to 319, where MPTCP
/// is (linux/in.h). SCTP, UDP-Lite and L2TP have others: modules that the kernel loads for anybody who asks.
const UNUSUAL_PROTOCOLS: u32 = !0x13f;
/// IPPROTO_SMC, beside MPTCP.
const SMC: u64 = 256;

/// `ioctl` without keystrokes into the caller's terminal (CVE-2017-5226), with bits above the 32nd too (CVE-2019-10063);
/// without line disciplines: a terminal loads them as modules for anybody (CVE-2017-2636), and the caller's would
/// be left deaf and dumb; and without what btrfs does to a volume as a whole: a snapshot of it shows what a mount hides in it,
/// and older kernels take one of the whole volume for whoever owns any file in it.
pub const NO_TRICKS: Conditions = Conditions {
    words: "without keystrokes for the terminal, line disciplines and snapshots by btrfs",
    any_of: &[&[
        not(1, TIOCSTI),
        not(1, TIOCLINUX),
        not(1, TIOCSETD),
        not(1, BTRFS_SNAP_CREATE),
        not(1, BTRFS_SNAP_CREATE_V2),
        not(1, BTRFS_SNAP_DESTROY_V2),
    ]],
};

/// `prctl` without moving what others read of a process in /proc, its program and its arguments; and without
/// a claim to whole cores of the processor, which keeps their other halves idle for everybody else.
pub const NO_FORGERY: Conditions =
    Conditions { words: "without PR_SET_MM and PR_SCHED_CORE", any_of: &[&[not(0, PR_SET_MM), not(0, PR_SCHED_CORE)]] };

/// `clone` without a new namespace: a new user namespace opens to anybody the parts of the kernel made for root.
///
/// A time namespace cannot be asked for here: its flag is a part of the exit signal.
pub const NO_NEW_NAMESPACE: Conditions =
    Conditions { words: "without a new namespace", any_of: &[&[without(0, NEW_NAMESPACES)]] };

/// `unshare` of what threads share and of nothing else, so that a namespace flag to come is refused as well.
pub const UNSHARE_NO_NAMESPACE: Conditions =
    Conditions { words: "for what threads share, without a new namespace", any_of: &[&[without(0, !UNSHARED_PARTS)]] };

/// What the internet is used by.
const INTERNET: &[Condition] = &[
    is_but_for(0, INET6_BIT, libc::AF_INET as u64),
    without(1, UNUSUAL_TYPES),
    without(2, UNUSUAL_PROTOCOLS),
    not(2, SMC),
];

/// Sockets of the usual families with their usual protocols, and netlink for routes; others reach the host (vsock) or are
/// seldom-used kernel code.
pub const USUAL_SOCKETS: Conditions = Conditions {
    words: "for the families unix, inet and inet6 with their usual protocols, and netlink for routes",
    any_of: &[&[is(0, libc::AF_UNIX as u64)], &[is(0, libc::AF_NETLINK as u64), is(2, NETLINK_ROUTE)], INTERNET],
};

/// Sockets without netlink: asynchronous loops of most languages start with a pair or a loopback socket, so no less.
pub const PLAIN_SOCKETS: Conditions = Conditions {
    words: "for the families unix, inet and inet6 with their usual protocols",
    any_of: &[&[is(0, libc::AF_UNIX as u64)], INTERNET],
};

/// No arguments at all: `socketcall` of 32-bit x86 makes sockets too, of a family that it keeps behind a pointer.
pub const NEVER: Conditions = Conditions { words: "never", any_of: &[] };

/// Personas that debuggers and `setarch` want; the others weaken memory protection or emulate systems long gone.
pub const HARMLESS_PERSONALITY: Conditions = Conditions {
    words: "to ask, and for harmless personas",
    any_of: &[&[without(0, !HARMLESS_PERSONAS)], &[is(0, PERSONALITY_QUERY)]],
};

/// `chmod` and `fchmod` without the set-user-id bit. Inside it means nothing; but in a writable folder of the host such a
/// file would run as the caller, who may be root, for everybody else on the machine.
pub const NO_SET_USER_ID: Conditions =
    Conditions { words: "without the set-user-id bit", any_of: &[&[without(1, libc::S_ISUID)]] };

/// The same of `fchmodat` and `fchmodat2`.
pub const NO_SET_USER_ID_AT: Conditions =
    Conditions { words: "without the set-user-id bit", any_of: &[&[without(2, libc::S_ISUID)]] };

/// `keyctl` that begins a new session keyring, as those do who make a sandbox, and does nothing else: every key of the caller's
/// own keyring can be read by its number, once that is linked into a keyring of the reader's.
pub const NEW_KEYRING: Conditions =
    Conditions { words: "to begin a session keyring", any_of: &[&[is(0, JOIN_SESSION_KEYRING)]] };

/// Asking for the persona, and the usual one.
pub const USUAL_PERSONALITY: Conditions =
    Conditions { words: "to ask, and for the usual persona", any_of: &[&[is(0, 0)], &[is(0, PERSONALITY_QUERY)]] };

/// `seccomp` without a listener: filters of a program's own stay, a supervisor in user space goes.
pub const NO_LISTENER: Conditions =
    Conditions { words: "without a listener", any_of: &[&[without(1, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER as u32)]] };

/// The low half of the argument has this value.
const fn is(argument: u8, value: u64) -> Condition {
    Condition { argument, low_half_only: true, comparison: Comparison::Equal(value) }
}

/// The low half of the argument has another value.
const fn not(argument: u8, value: u64) -> Condition {
    Condition { argument, low_half_only: true, comparison: Comparison::NotEqual(value) }
}

/// The low half of the argument has this value in all bits but these.
const fn is_but_for(argument: u8, bits: u32, value: u64) -> Condition {
    let comparison = Comparison::MaskedEqual { mask: !bits as u64, value: value & !bits as u64 };
    Condition { argument, low_half_only: true, comparison }
}

/// The low half of the argument has none of these bits.
const fn without(argument: u8, bits: u32) -> Condition {
    let comparison = Comparison::MaskedEqual { mask: bits as u64, value: 0 };
    Condition { argument, low_half_only: true, comparison }
}
