//! Attacks on what is promised of identity and privilege.

use super::{Inside, aside, compare_namespace};
use crate::plan::Capabilities;
use crate::sys::attempt::{Answer, call};
use crate::verify::report::KEYRING;
use crate::verify::testimony::Seen;
use rustix::thread::{
    CapabilitiesSecureBits as Bits, CapabilitySet, CapabilitySets, capabilities_secure_bits, no_new_privs,
    set_capabilities, set_capabilities_secure_bits,
};

/// The sets of capabilities, as /proc/PID/status names them.
const SETS: [&str; 5] = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];
/// The bits that are locked where no capability is kept (capabilities(7)).
const LOCKED: Bits = Bits::NO_ROOT_LOCKED
    .union(Bits::NO_SETUID_FIXUP_LOCKED)
    .union(Bits::KEEP_CAPS_LOCKED)
    .union(Bits::NO_CAP_AMBIENT_RAISE_LOCKED);

/// A line of /proc/self/status.
fn status(name: &str) -> Option<String> {
    let all = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.map(|line| line.trim().to_owned())
}

pub fn capabilities(_: &Inside, seen: &mut Seen) {
    for set in SETS {
        match status(set) {
            Some(bits) => seen.expects(bits.bytes().all(|byte| byte == b'0'), format_args!("{set} is {bits}")),
            None => seen.cannot("there is no /proc inside to read"),
        }
    }
    for capability in 0..=40 {
        let raised = call(libc::SYS_prctl, [libc::PR_CAPBSET_READ as usize, capability, 0, 0, 0, 0]);
        seen.expects(raised != Answer::Value(1), format_args!("capability {capability} is in the bounding set"));
    }
    aside(seen, |seen| {
        let all = CapabilitySet::all();
        let again = set_capabilities(None, CapabilitySets { effective: all, permitted: all, inheritable: all });
        seen.expects(again.is_err(), "capabilities can be had back");
    });
    compare_namespace(seen, "user");
}

pub fn no_new_privileges(_: &Inside, seen: &mut Seen) {
    seen.expects(no_new_privs() == Ok(true), "no_new_privs is not set");
    let bits = capabilities_secure_bits().unwrap_or(Bits::empty());
    seen.expects(bits.contains(LOCKED), format_args!("the secure bits are {bits:?}"));
    aside(seen, |seen| {
        seen.tries();
        let cleared = set_capabilities_secure_bits(Bits::empty()).is_ok();
        if cleared {
            seen.reaches("the secure bits can be cleared");
        }
    });
}

pub fn groups(inside: &Inside, seen: &mut Seen) {
    let cleared = call(libc::SYS_setgroups, [0; 6]);
    seen.expects(!matches!(cleared, Answer::Value(_)), "the supplementary groups can be dropped");
    let identity = &inside.claim().identity;
    let Capabilities { keep, .. } = &inside.claim().capabilities;
    if identity.has_ranges() && keep.is_empty() {
        let groups = status("Groups").unwrap_or_default();
        // As the launch leaves them: none, or what cannot be told from the group itself.
        let known = groups.split_ascii_whitespace().all(|group| group == identity.gid.to_string());
        seen.expects(known, format_args!("the groups {groups} were kept"));
    }
    for (number, own, what) in [(libc::SYS_setuid, identity.uid, "user"), (libc::SYS_setgid, identity.gid, "group")] {
        for id in [0, 1, 65534].into_iter().filter(|id| *id != own) {
            let changed = call(number, [id as usize, 0, 0, 0, 0, 0]);
            seen.expects(!matches!(changed, Answer::Value(_)), format_args!("{what} {id} can be become"));
        }
    }
}

/// Each kind of namespace, by its flag of clone(2).
const NAMESPACES: [(&str, i32); 8] = [
    ("user", libc::CLONE_NEWUSER),
    ("mount", libc::CLONE_NEWNS),
    ("pid", libc::CLONE_NEWPID),
    ("network", libc::CLONE_NEWNET),
    ("IPC", libc::CLONE_NEWIPC),
    ("UTS", libc::CLONE_NEWUTS),
    ("cgroup", libc::CLONE_NEWCGROUP),
    ("time", 0x80),
];

pub fn namespaces(_: &Inside, seen: &mut Seen) {
    for (name, flag) in NAMESPACES {
        let unshared = call(libc::SYS_unshare, [flag as usize, 0, 0, 0, 0, 0]);
        seen.expects(!matches!(unshared, Answer::Value(_)), format_args!("unshare makes a new {name} namespace"));
        // For clone(2) that flag is part of the signal.
        let cloned = match flag {
            0x80 => None,
            flag => Some(call(libc::SYS_clone, [(flag | libc::SIGCHLD) as usize, 0, 0, 0, 0, 0])),
        };
        seen.expects(!matches!(cloned, Some(Answer::Value(_))), format_args!("clone makes a new {name} namespace"));
        // In numbers, since the call reads them: flags first, the signal fifth, of eight.
        let mut arguments = [0u64; 8];
        (arguments[0], arguments[4]) = (flag as u64, libc::SIGCHLD as u64);
        let place = arguments.as_ptr() as usize;
        let cloned = call(libc::SYS_clone3, [place, size_of_val(&arguments), 0, 0, 0, 0]);
        seen.expects(!matches!(cloned, Answer::Value(_)), format_args!("clone3 makes a new {name} namespace"));
    }
}

pub fn keyrings(_: &Inside, seen: &mut Seen) {
    let get = libc::KEYCTL_GET_KEYRING_ID as usize;
    seen.tries();
    if let Answer::Value(id) = call(libc::SYS_keyctl, [get, libc::KEY_SPEC_SESSION_KEYRING as usize, 0, 0, 0, 0]) {
        seen.gets(KEYRING, id.to_string().as_bytes());
    }
    let user = call(libc::SYS_keyctl, [get, libc::KEY_SPEC_USER_KEYRING as usize, 0, 0, 0, 0]);
    seen.expects(!matches!(user, Answer::Value(_)), "the user's keyring can be found");
}
