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
/// KEYCTL_JOIN_SESSION_KEYRING (linux/keyctl.h).
const JOIN_SESSION_KEYRING: u64 = 1;
/// NETLINK_ROUTE (linux/netlink.h): addresses and routes, what `getifaddrs` asks for.
const NETLINK_ROUTE: u64 = 0;

/// `ioctl` without keystrokes into the caller's terminal (CVE-2017-5226), with bits above the 32nd too (CVE-2019-10063),
/// and without line disciplines: a terminal loads them as modules for anybody (CVE-2017-2636), and the caller's would
/// be left deaf and dumb.
pub const NO_TERMINAL_TRICKS: Conditions = Conditions {
    words: "without keystrokes for the terminal and line disciplines",
    any_of: &[&[not(1, TIOCSTI), not(1, TIOCLINUX), not(1, TIOCSETD)]],
};

/// `clone` without a new namespace: a new user namespace opens to anybody the parts of the kernel made for root.
///
/// A time namespace cannot be asked for here: its flag is a part of the exit signal.
pub const NO_NEW_NAMESPACE: Conditions =
    Conditions { words: "without a new namespace", any_of: &[&[without(0, NEW_NAMESPACES)]] };

/// `unshare` of what threads share and of nothing else, so that a namespace flag to come is refused as well.
pub const UNSHARE_NO_NAMESPACE: Conditions =
    Conditions { words: "for what threads share, without a new namespace", any_of: &[&[without(0, !UNSHARED_PARTS)]] };

/// Sockets of the usual families, and netlink for routes; others reach the host (vsock) or are seldom-used kernel code.
pub const USUAL_SOCKETS: Conditions = Conditions {
    words: "for the families unix, inet and inet6, and netlink for routes",
    any_of: &[
        &[is(0, libc::AF_UNIX as u64)],
        &[is(0, libc::AF_INET as u64)],
        &[is(0, libc::AF_INET6 as u64)],
        &[is(0, libc::AF_NETLINK as u64), is(2, NETLINK_ROUTE)],
    ],
};

/// Sockets without netlink: asynchronous loops of most languages start with a pair or a loopback socket, so no less.
pub const PLAIN_SOCKETS: Conditions = Conditions {
    words: "for the families unix, inet and inet6",
    any_of: &[&[is(0, libc::AF_UNIX as u64)], &[is(0, libc::AF_INET as u64)], &[is(0, libc::AF_INET6 as u64)]],
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

/// The low half of the argument has none of these bits.
const fn without(argument: u8, bits: u32) -> Condition {
    let comparison = Comparison::MaskedEqual { mask: bits as u64, value: 0 };
    Condition { argument, low_half_only: true, comparison }
}
