//! Tests of arguments: seccompiler compiles each set of conditions, and its code is put in place here.

use super::assembler::{Assembler, Label};
use super::flow::{self, Piece};
use crate::plan::{Comparison, Condition, Conditional, Otherwise, Table};
use seccompiler::{
    BackendError, BpfProgram, SeccompCmpArgLen as Width, SeccompCmpOp as Operator, SeccompCondition, SeccompRule,
};

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

/// Writes the sets of one call: a set that does not hold leads to the one after it, the last to `refuse`.
fn any_of(
    assembler: &mut Assembler,
    sets: &[Vec<Condition>],
    allow: Label,
    refuse: Label,
) -> Result<Label, BackendError> {
    // Each set ends by running into the instruction after it where it holds, and by jumping over that one where not.
    let mut code = BpfProgram::new();
    for set in sets {
        let conditions = set.iter().map(translate).collect::<Result<_, _>>()?;
        code.extend(BpfProgram::from(SeccompRule::new(conditions)?));
        code.push(flow::HOLDS);
    }
    Ok(place(assembler, &flow::pieces(&code), allow, refuse))
}

/// Writes pieces from the last to the first; what runs past their end leads to `refuse`.
fn place(assembler: &mut Assembler, pieces: &[Option<Piece>], allow: Label, refuse: Label) -> Label {
    let mut at = vec![refuse; pieces.len() + 1];
    for (i, piece) in pieces.iter().enumerate().rev() {
        at[i] = match *piece {
            None => continue,
            Some(Piece::Holds) => allow,
            Some(Piece::GoOn(next)) => at[next],
            Some(Piece::Step { code, operand, next }) => assembler.step(code, operand, at[next]),
            Some(Piece::Branch { code, operand, yes, no }) => assembler.branch(code, operand, at[yes], at[no]),
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
