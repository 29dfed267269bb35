//! The numbers of one entry point as ranges: neighbours with the same answer are one.

use crate::plan::{FIRST_OF_X32, Table, Unlisted};

/// What the filter answers; the stricter come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// EPERM.
    Refuse,
    /// ENOSYS.
    Unknown,
    /// What the conditions of this index of the table's `allow_if` say.
    Test(usize),
    /// The call is made.
    Allow,
}

/// The numbers from `first` to the next range's first, or to the last of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The lowest number.
    pub first: u32,
    /// What all of them are answered.
    pub answer: Answer,
}

/// Gives the ranges of a table, which cover every number from 0 up; neighbours differ.
///
/// Should two lists hold the same number, which no valid plan does, the stricter answer is given.
pub fn of(table: &Table, unlisted: Unlisted) -> Vec<Range> {
    let size = table.allow.len() + table.refuse.len() + table.allow_if.len();
    let mut answers: Vec<(u32, Answer)> = Vec::with_capacity(size + 1);
    answers.extend(table.allow.iter().map(|n| (*n, Answer::Allow)));
    answers.extend(table.refuse.iter().map(|n| (*n, Answer::Refuse)));
    answers.extend(table.allow_if.iter().enumerate().map(|(i, c)| (c.number, Answer::Test(i))));
    // The stable sort finds that these are three sorted runs.
    answers.sort();
    answers.dedup_by_key(|(number, _)| *number);

    let unlisted = match unlisted {
        Unlisted::Unknown => Answer::Unknown,
        Unlisted::Allow => Answer::Allow,
    };
    let mut ranges = Vec::with_capacity(size / 2);
    let mut next = 0;
    for (number, answer) in answers {
        if number > next {
            extend(&mut ranges, next, unlisted);
        }
        extend(&mut ranges, number, answer);
        next = number.saturating_add(1);
    }
    extend(&mut ranges, next, unlisted);
    // The numbers of x32 mean what the table knows by others, so that they would lead around it.
    extend(&mut ranges, next.max(FIRST_OF_X32), Answer::Unknown);
    ranges
}

/// Opens a range at `first`, unless the one before it answers the same.
fn extend(ranges: &mut Vec<Range>, first: u32, answer: Answer) {
    if ranges.last().is_none_or(|last| last.answer != answer) {
        ranges.push(Range { first, answer });
    }
}
