//! System calls by name, as far as two filters treat them differently.

use ::syscalls::Sysno;
use nsbox::plan::{Answer, Architecture, Syscalls};

/// The names of the calls that the first filter lets through and the second does not, or only under other conditions.
///
/// Nothing where one of the two is no filter at all: that is told by itself.
pub fn more_than(first: &Syscalls, second: &Syscalls) -> Vec<String> {
    let (Syscalls::Filtered(first), Syscalls::Filtered(second)) = (first, second) else { return Vec::new() };
    let more = Sysno::iter().filter_map(|call| {
        let number = call.id() as u32;
        match (first.answer(Architecture::NATIVE, number), second.answer(Architecture::NATIVE, number)) {
            (Answer::Refused | Answer::Unknown, _) | (_, Answer::Allowed) => None,
            (_, Answer::Refused | Answer::Unknown) | (Answer::Allowed, _) => Some(call.name().to_owned()),
            (Answer::If(one), Answer::If(other)) => {
                (one.any_of != other.any_of).then(|| format!("{} (under other conditions)", call.name()))
            }
        }
    });
    more.collect()
}

/// Who chose the policy.
pub fn origin(syscalls: &Syscalls) -> Option<String> {
    if let Syscalls::Filtered(filter) = syscalls { Some(filter.origin.to_string()) } else { None }
}
