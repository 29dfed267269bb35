//! Attacks on the surface of the kernel: calls that must be refused, with arguments that do nothing should one be made.

use super::Inside;
use crate::sys::attempt::{Answer, call};
use crate::verify::testimony::Seen;

/// No descriptor, no address, no process, no known flag: the kernel has an error for it wherever it is an argument.
const NOTHING: usize = usize::MAX;

pub fn refused_calls(inside: &Inside, seen: &mut Seen) {
    for refused in &inside.scene.refused {
        let answer = call(refused.number as libc::c_long, arguments(&refused.name));
        let held = answer.is_refused() || answer.is(libc::ENOSYS);
        seen.expects(held, format_args!("{}, which {}", refused.name, told(answer)));
    }
}

/// Arguments with which a call does nothing.
fn arguments(name: &str) -> [usize; 6] {
    match name {
        // To attach to a process that is not there, rather than ask to be traced.
        "ptrace" => [0x4206, i32::MAX as usize, 0, 0, 0, 0],
        // Without its magic numbers.
        "reboot" => [0; 6],
        // Of which more than none would be removed: a module without a name.
        "delete_module" => [0, NOTHING, 0, 0, 0, 0],
        // To read the size of the log, rather than clear or close it.
        "syslog" => [10, 0, 0, 0, 0, 0],
        // Level 4 is none.
        "iopl" => [4, 0, 0, 0, 0, 0],
        "acct" | "swapon" | "swapoff" | "pivot_root" => [1, 1, 0, 0, 0, 0],
        // vhangup takes none, and needs a capability over the machine, which no sandbox can give.
        _ => [NOTHING; 6],
    }
}

fn told(answer: Answer) -> String {
    match answer {
        Answer::Value(value) => format!("was made, and gave {value}"),
        Answer::Failed(errno) => format!("the kernel itself answers: {errno}"),
        Answer::Killed(signal) => format!("ended its process by signal {signal}"),
    }
}

pub fn unknown_calls(inside: &Inside, seen: &mut Seen) {
    for unknown in &inside.scene.unknown {
        let answer = call(unknown.number as libc::c_long, [NOTHING; 6]);
        seen.expects(answer.is(libc::ENOSYS), format_args!("{}, which {}", unknown.name, told(answer)));
    }
}

#[cfg(target_arch = "x86_64")]
pub fn i386(inside: &Inside, seen: &mut Seen) {
    use crate::plan::{Architecture, Syscalls};
    use crate::sys::attempt::call_of_32_bits;
    if !inside.scene.lure.has_i386 {
        return seen.cannot("this kernel has no entry point for programs of 32 bits");
    }
    let is_open = match &inside.claim().syscalls {
        Syscalls::Unfiltered { .. } => true,
        Syscalls::Filtered(filter) => filter.table(Architecture::X86).is_some(),
    };
    if is_open {
        // keyctl, unshare of a user namespace, and a setting of the clock, by the numbers that they have there.
        for (name, number, first) in [("keyctl", 288, 0), ("unshare", 310, 0x1000_0000), ("stime", 25, u32::MAX)] {
            let answer = call_of_32_bits(number, [first, u32::MAX, 0]);
            let held = answer.is_refused() || answer.is(libc::ENOSYS);
            seen.expects(held, format_args!("{name} of 32 bits, which {}", told(answer)));
        }
        return;
    }
    // getpid, uname, and keyctl.
    for number in [20, 122, 288] {
        let answer = call_of_32_bits(number, [0; 3]);
        let held =
            !matches!(answer, Answer::Value(_)) && (answer.is(libc::ENOSYS) || matches!(answer, Answer::Killed(_)));
        seen.expects(held, format_args!("call {number} of 32 bits, which {}", told(answer)));
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub fn i386(_: &Inside, seen: &mut Seen) {
    seen.cannot("this machine has no such entry point");
}

pub fn x32(inside: &Inside, seen: &mut Seen) {
    if !inside.scene.lure.has_x32 {
        return seen.cannot("this kernel has no entry point for x32");
    }
    // getpid.
    let answer = call(libc::c_long::from(crate::plan::FIRST_OF_X32 as i32) + 39, [0; 6]);
    seen.expects(answer.is(libc::ENOSYS), format_args!("a call of x32, which {}", told(answer)));
}
