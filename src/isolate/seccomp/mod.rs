//! The syscall filter: the plan's lists compiled to one program of classic BPF, and its installation.
//!
//! The program asks for the architecture, then finds the answer to the number in a balanced tree over ranges of
//! numbers (`ranges`, `tree`), and where the arguments count, tests them (`arguments`). It is written from its end to
//! its beginning (`assembler`). What it costs is its length, at every launch: the kernel checks it, translates it and
//! tries it on every number; so ranges are merged, and returns and equal tests shared.

mod arguments;
mod assembler;
#[cfg(test)]
pub mod interpreter;
mod ranges;
#[cfg(test)]
mod tests;
mod tree;

use crate::error::{Diagnostic, Fault};
use crate::plan::Filter;
use crate::sys;
use assembler::{Assembler, EQUAL, Label};
use ranges::{Answer, Range};

/// The architecture whose numbers the plan holds (`AUDIT_ARCH_*`, linux/audit.h).
const NATIVE: u32 = if cfg!(target_arch = "x86_64") {
    0xc000_003e
} else if cfg!(target_arch = "aarch64") {
    0xc000_00b7
} else {
    panic!("nsbox does not know this architecture's system calls")
};
/// Where `struct seccomp_data` holds the number and the architecture (linux/seccomp.h).
const NUMBER_OFFSET: u32 = 0;
const ARCHITECTURE_OFFSET: u32 = 4;
/// The first number of x32, which shares its architecture with x86_64 (`__X32_SYSCALL_BIT`, asm/unistd.h).
const FIRST_OF_X32: u32 = 0x4000_0000;

/// A compiled filter.
#[derive(Clone)]
pub struct Program {
    instructions: Vec<libc::sock_filter>,
}

impl Program {
    /// How many instructions it has; never none, and never more than the kernel takes.
    #[expect(clippy::len_without_is_empty, reason = "a filter always answers something")]
    pub fn len(&self) -> usize {
        self.instructions.len()
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Program({} instructions)", self.len())
    }
}

/// Compiles a filter; fails only on one that no validated plan holds, or that is too long for the kernel.
pub fn compile(filter: &Filter) -> Result<Program, Diagnostic> {
    let fail = |what: &str| {
        Diagnostic::error(format!("the syscall policy `{}` {what}", filter.policy))
            .hint(format!("asked for by {}", filter.origin))
    };
    let ranges = ranges::of(filter);
    if ranges.last().is_some_and(|last| last.first > FIRST_OF_X32) {
        return Err(fail("answers to numbers of x32"));
    }
    let program =
        assemble(filter, &ranges).map_err(|e| fail(&format!("has a condition that cannot be tested: {e}")))?;
    if program.len() > libc::BPF_MAXINSNS as usize {
        return Err(fail("is too long for the kernel"));
    }
    Ok(program)
}

/// Installs the filter on the calling thread, which must have set no_new_privs.
pub fn apply(program: &Program) -> Result<(), Fault> {
    sys::seccomp::set_filter(&program.instructions).map_err(Fault::of("seccomp SECCOMP_SET_MODE_FILTER", ""))
}

/// Writes the program, from its end to its beginning.
fn assemble(filter: &Filter, ranges: &[Range]) -> Result<Program, seccompiler::BackendError> {
    let mut assembler = Assembler::new();
    let unknown = assembler.answer(libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32);
    let refuse = assembler.answer(libc::SECCOMP_RET_ERRNO | libc::EPERM as u32);
    let allow = assembler.answer(libc::SECCOMP_RET_ALLOW);
    let tests = arguments::assemble(&mut assembler, &filter.allow_if, allow, refuse)?;
    let label_of = |answer: Answer| -> Label {
        match answer {
            Answer::Unknown => unknown,
            Answer::Refuse => refuse,
            Answer::Allow => allow,
            Answer::Test(index) => tests[index],
        }
    };
    let root = tree::assemble(&mut assembler, &tree::cells(ranges), &label_of);
    let number = assembler.load(NUMBER_OFFSET, root);
    // A foreign entry point (i386 on x86_64) answers as a kernel built without it would: to the policy, whose numbers
    // mean something else there, all of it is unknown. Killing would hide from a program that it could fall back.
    // x32 needs no test of its own: its numbers lie in the last range, beyond every known one.
    let start = assembler.branch(EQUAL, NATIVE, number, unknown);
    assembler.load(ARCHITECTURE_OFFSET, start);
    Ok(Program { instructions: assembler.finish() })
}
