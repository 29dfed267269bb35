//! The filter as ranges: neighbouring numbers with the same answer are one.

use crate::plan::Filter;

/// What the filter answers; the stricter come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// EPERM.
    Refuse,
    /// ENOSYS.
    Unknown,
    /// What the conditions of this index of the filter's `allow_if` say.
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

/// Gives the ranges of a filter, which cover every number from 0 up; neighbours differ.
///
/// Should two lists hold the same number, which no valid plan does, the stricter answer is given.
pub fn of(filter: &Filter) -> Vec<Range> {
    let mut answers: Vec<(u32, Answer)> = filter.allow.iter().map(|n| (*n, Answer::Allow)).collect();
    answers.extend(filter.refuse.iter().map(|n| (*n, Answer::Refuse)));
    answers.extend(filter.allow_if.iter().enumerate().map(|(i, c)| (c.number, Answer::Test(first_like(filter, i)))));
    answers.sort_unstable();
    answers.dedup_by_key(|(number, _)| *number);

    let mut ranges = vec![];
    let mut next = 0;
    for (number, answer) in answers {
        if number > next {
            extend(&mut ranges, next, Answer::Unknown);
        }
        extend(&mut ranges, number, answer);
        next = number.saturating_add(1);
    }
    extend(&mut ranges, next, Answer::Unknown);
    ranges
}

/// Opens a range at `first`, unless the one before it answers the same.
fn extend(ranges: &mut Vec<Range>, first: u32, answer: Answer) {
    if ranges.last().is_none_or(|last| last.answer != answer) {
        ranges.push(Range { first, answer });
    }
}

/// The first system call whose conditions are those of number `index`: one test serves both.
fn first_like(filter: &Filter, index: usize) -> usize {
    let sets = &filter.allow_if[index].any_of;
    filter.allow_if.iter().position(|other| other.any_of == *sets).unwrap_or(index)
}
