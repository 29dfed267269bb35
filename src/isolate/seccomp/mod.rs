//! The syscall filter: the plan's lists compiled to one program of classic BPF, and its installation.
//!
//! The program asks for the entry point, then finds the answer to the number in a balanced tree over ranges of
//! numbers (`ranges`, `tree`), and where the arguments count, tests them (`arguments`, `flow`). It is written from its end to
//! its beginning (`assembler`). What it costs is its length, at every launch: the kernel checks it, translates it and
//! tries it on every number; so ranges are merged, and returns and equal tests shared.

mod arguments;
mod assembler;
mod flow;
#[cfg(test)]
pub mod interpreter;
mod ranges;
#[cfg(test)]
mod tests;
mod tree;

use crate::error::{Diagnostic, Fault};
use crate::plan::{Architecture, FIRST_OF_X32, Filter, OnDenied, Otherwise};
use crate::sys;
use assembler::{Assembler, EQUAL, Label};
use ranges::{Answer, Range};

/// Where `struct seccomp_data` holds the number and the architecture (linux/seccomp.h).
const NUMBER_OFFSET: u32 = 0;
const ARCHITECTURE_OFFSET: u32 = 4;

/// The word by which the kernel tells an entry point (`AUDIT_ARCH_*`, linux/audit.h).
const fn word_of(architecture: Architecture) -> u32 {
    match architecture {
        Architecture::X86_64 => 0xc000_003e,
        Architecture::Aarch64 => 0xc000_00b7,
        Architecture::X86 => 0x4000_0003,
    }
}

/// A compiled filter.
#[derive(Clone)]
pub struct Program {
    instructions: Vec<libc::sock_filter>,
    /// Whether the kernel logs what is not allowed.
    logs: bool,
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
    let ranges: Vec<_> = filter.tables.iter().map(|table| ranges::of(table, filter.unlisted)).collect();
    if ranges.iter().flatten().any(|range| range.first > FIRST_OF_X32) {
        return Err(fail("answers to numbers of x32"));
    }
    let instructions =
        assemble(filter, &ranges).map_err(|e| fail(&format!("has a condition that cannot be tested: {e}")))?;
    if instructions.len() > libc::BPF_MAXINSNS as usize {
        return Err(fail("is too long for the kernel"));
    }
    Ok(Program { instructions, logs: filter.on_denied == OnDenied::Log })
}

/// Installs the filter on the calling thread, which must have set no_new_privs.
pub fn apply(program: &Program) -> Result<(), Fault> {
    let flags = if program.logs { libc::SECCOMP_FILTER_FLAG_LOG } else { 0 };
    sys::seccomp::set_filter(&program.instructions, flags).map_err(Fault::of("seccomp SECCOMP_SET_MODE_FILTER", ""))
}

/// Writes the program, from its end to its beginning.
fn assemble(filter: &Filter, ranges: &[Vec<Range>]) -> Result<Vec<libc::sock_filter>, seccompiler::BackendError> {
    let mut assembler = Assembler::new();
    let unknown = assembler.answer(libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32);
    let refuse = assembler.answer(refusal(filter.on_denied, Otherwise::Refused));
    let no_such_family = assembler.answer(refusal(filter.on_denied, Otherwise::NoSuchFamily));
    let allow = assembler.answer(libc::SECCOMP_RET_ALLOW);
    let tests = arguments::assemble(&mut assembler, &filter.tables, allow, |otherwise| match otherwise {
        Otherwise::Refused => refuse,
        Otherwise::NoSuchFamily => no_such_family,
    })?;
    // A foreign entry point (i386 on x86_64, if it is not open) answers as a kernel built without it would: to the
    // policy, whose numbers mean something else there, all of it is unknown. Killing would hide from a program that it
    // could fall back.
    let mut start = unknown;
    for ((table, ranges), tests) in filter.tables.iter().zip(ranges).zip(&tests).rev() {
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
        start = assembler.branch(EQUAL, word_of(table.architecture), number, start);
    }
    assembler.load(ARCHITECTURE_OFFSET, start);
    Ok(assembler.finish())
}

/// What the kernel is told to do with a call that is refused.
fn refusal(on_denied: OnDenied, otherwise: Otherwise) -> u32 {
    match (on_denied, otherwise) {
        (OnDenied::Errno | OnDenied::Log, Otherwise::Refused) => libc::SECCOMP_RET_ERRNO | libc::EPERM as u32,
        (OnDenied::Errno | OnDenied::Log, Otherwise::NoSuchFamily) => {
            libc::SECCOMP_RET_ERRNO | libc::EAFNOSUPPORT as u32
        }
        (OnDenied::Kill, _) => libc::SECCOMP_RET_KILL_PROCESS,
    }
}
