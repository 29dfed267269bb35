//! Tests of arguments: seccompiler compiles each set of conditions, and its code is put in place here.

use super::assembler::{Assembler, Label};
use crate::plan::{Comparison, Condition, Conditional, Otherwise, Table};
use seccompiler::{
    BackendError, BpfProgram, SeccompCmpArgLen as Width, SeccompCmpOp as Operator, SeccompCondition, SeccompRule,
};

/// The class of an instruction that jumps, and the part of its code that tells (linux/bpf_common.h).
const CLASS_OF_JUMPS: u16 = libc::BPF_JMP as u16;
const CLASS: u16 = 0x07;
/// A jump without a condition.
const JUMP: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;

/// Writes the tests of each system call of each table, and gives where they begin; equal conditions share theirs,
/// since an argument of 32-bit programs is one whose high half is 0.
pub fn assemble(
    assembler: &mut Assembler,
    tables: &[Table],
    allow: Label,
    refuse: impl Fn(Otherwise) -> Label,
) -> Result<Vec<Vec<Label>>, BackendError> {
    let mut written: Vec<(&Conditional, Label)> = Vec::new();
    let mut labels = Vec::with_capacity(tables.len());
    for table in tables {
        let mut of_table = Vec::with_capacity(table.allow_if.len());
        for one in &table.allow_if {
            let is_same = |earlier: &Conditional| (&earlier.any_of, earlier.otherwise) == (&one.any_of, one.otherwise);
            let label = match written.iter().find(|(earlier, _)| is_same(earlier)) {
                Some((_, label)) => *label,
                None => any_of(assembler, &one.any_of, allow, refuse(one.otherwise))?,
            };
            written.push((one, label));
            of_table.push(label);
        }
        labels.push(of_table);
    }
    Ok(labels)
}

/// Writes the sets of one call, the last first: a set that does not hold leads to the one after it.
fn any_of(
    assembler: &mut Assembler,
    sets: &[Vec<Condition>],
    allow: Label,
    refuse: Label,
) -> Result<Label, BackendError> {
    let mut otherwise = refuse;
    for set in sets.iter().rev() {
        let conditions = set.iter().map(translate).collect::<Result<_, _>>()?;
        otherwise = splice(assembler, SeccompRule::new(conditions)?.into(), allow, otherwise);
    }
    Ok(otherwise)
}

/// Puts a compiled rule in place.
///
/// seccompiler lays a rule out as a part of a longer program: it ends by running into the instruction after it where
/// all conditions hold, and by jumping over that one where one does not. Its unconditional jumps only lead around
/// such instructions, so they are followed here and not written.
fn splice(assembler: &mut Assembler, rule: BpfProgram, holds: Label, fails: Label) -> Label {
    let end = rule.len();
    let mut at = vec![fails; end + 1];
    at[end] = holds;
    for (i, instruction) in rule.iter().enumerate().rev() {
        let target = |offset: usize| at.get(i + 1 + offset).copied().unwrap_or(fails);
        at[i] = match instruction.code {
            JUMP => target(instruction.k as usize),
            code if code & CLASS == CLASS_OF_JUMPS => {
                let (yes, no) = (target(instruction.jt.into()), target(instruction.jf.into()));
                assembler.branch(code, instruction.k, yes, no)
            }
            code => assembler.step(code, instruction.k, target(0)),
        };
    }
    at[0]
}

/// Says a condition in seccompiler's words.
fn translate(condition: &Condition) -> Result<SeccompCondition, BackendError> {
    let width = if condition.low_half_only { Width::Dword } else { Width::Qword };
    let (operator, value) = match condition.comparison {
        Comparison::Equal(value) => (Operator::Eq, value),
        Comparison::NotEqual(value) => (Operator::Ne, value),
        Comparison::AtMost(value) => (Operator::Le, value),
        Comparison::MaskedEqual { mask, value } => (Operator::MaskedEq(mask), value),
    };
    SeccompCondition::new(condition.argument, width, operator, value)
}
