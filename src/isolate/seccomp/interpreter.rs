//! For tests: classic BPF as the kernel runs it for seccomp, and what a filter says without any program.

use super::{Program, refusal, word_of};
use crate::plan::{Answer, Architecture, Comparison, Condition, Conditional, Filter, Otherwise};

/// The call is made.
pub const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;
/// EPERM.
pub const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
/// EAFNOSUPPORT.
pub const NO_SUCH_FAMILY: u32 = libc::SECCOMP_RET_ERRNO | libc::EAFNOSUPPORT as u32;
/// The process ends.
pub const KILLED: u32 = libc::SECCOMP_RET_KILL_PROCESS;
/// ENOSYS.
pub const UNKNOWN: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;

/// A call as the program sees it (`struct seccomp_data`, linux/seccomp.h).
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Which one.
    pub number: u32,
    /// By which entry point, `AUDIT_ARCH_*`.
    pub architecture: u32,
    /// With what.
    pub arguments: [u64; 6],
}

impl Call {
    /// The word at an offset of the structure, of a little-endian machine.
    fn word(&self, offset: u32) -> u32 {
        match offset {
            0 => self.number,
            4 => self.architecture,
            16..64 if offset.is_multiple_of(4) => {
                let argument = self.arguments[(offset as usize - 16) / 8];
                if offset.is_multiple_of(8) { argument as u32 } else { (argument >> 32) as u32 }
            }
            _ => panic!("the program reads at {offset}"),
        }
    }
}

/// Runs a program, and panics on anything that the kernel would not accept.
pub fn run(program: &Program, call: &Call) -> u32 {
    let mut accumulator = 0;
    let mut at = 0;
    loop {
        let libc::sock_filter { code, jt, jf, k } = program.instructions[at];
        at += 1;
        let mut branch = |holds: bool| at += usize::from(if holds { jt } else { jf });
        match code {
            0x20 => accumulator = call.word(k),
            0x54 => accumulator &= k,
            0x05 => at += k as usize,
            0x15 => branch(accumulator == k),
            0x25 => branch(accumulator > k),
            0x35 => branch(accumulator >= k),
            0x45 => branch(accumulator & k != 0),
            0x06 => return k,
            _ => panic!("{code:#x} is no instruction that seccompiler or nsbox write"),
        }
    }
}

/// What a program answers to a call by the native entry point.
pub fn ask(program: &Program, number: u32, arguments: [u64; 6]) -> u32 {
    ask_by(Architecture::NATIVE, program, number, arguments)
}

/// What a program answers to a call by an entry point.
pub fn ask_by(architecture: Architecture, program: &Program, number: u32, arguments: [u64; 6]) -> u32 {
    run(program, &Call { number, architecture: word_of(architecture), arguments })
}

/// What the filter says of a call by an entry point, straight from its lists.
pub fn expected(filter: &Filter, architecture: Architecture, number: u32, arguments: &[u64; 6]) -> u32 {
    match filter.answer(architecture, number) {
        Answer::Allowed => ALLOWED,
        Answer::Refused => refusal(filter.on_denied, Otherwise::Refused),
        Answer::Unknown => UNKNOWN,
        Answer::If(Conditional { any_of, otherwise, .. }) => {
            let fits = any_of.iter().any(|set| set.iter().all(|condition| holds(condition, arguments)));
            if fits { ALLOWED } else { refusal(filter.on_denied, *otherwise) }
        }
    }
}

fn holds(condition: &Condition, arguments: &[u64; 6]) -> bool {
    let width = if condition.low_half_only { u64::from(u32::MAX) } else { u64::MAX };
    let argument = arguments[usize::from(condition.argument)] & width;
    match condition.comparison {
        Comparison::Equal(value) => argument == value & width,
        Comparison::NotEqual(value) => argument != value & width,
        Comparison::AtMost(value) => argument <= value & width,
        Comparison::MaskedEqual { mask, value } => argument & mask == value & mask & width,
    }
}
