//! System calls by name, as far as two filters treat them differently.

use ::syscalls::Sysno;
use nsbox::plan::{Architecture, Condition, Filter, Syscalls, Table, Unlisted};

/// The names of the calls that the first filter lets through and the second does not, or only under other conditions.
///
/// Nothing where one of the two is no filter at all: that is told by itself.
pub fn more_than(first: &Syscalls, second: &Syscalls) -> Vec<String> {
    let (Syscalls::Filtered(first), Syscalls::Filtered(second)) = (first, second) else { return Vec::new() };
    let more = Sysno::iter().filter_map(|call| {
        let number = call.id() as u32;
        match (answer(first, number), answer(second, number)) {
            (Answer::No, _) | (_, Answer::Yes) => None,
            (_, Answer::No) | (Answer::Yes, _) => Some(call.name().to_owned()),
            (Answer::If(one), Answer::If(other)) => {
                (one != other).then(|| format!("{} (under other conditions)", call.name()))
            }
        }
    });
    more.collect()
}

/// Who chose the policy.
pub fn origin(syscalls: &Syscalls) -> Option<String> {
    if let Syscalls::Filtered(filter) = syscalls { Some(filter.origin.to_string()) } else { None }
}

/// What a filter does with a call of the machine's own programs.
enum Answer<'f> {
    No,
    If(&'f [Vec<Condition>]),
    Yes,
}

fn answer(filter: &Filter, number: u32) -> Answer<'_> {
    let Some(Table { allow, allow_if, refuse, .. }) = filter.table(Architecture::NATIVE) else { return Answer::No };
    if let Some(call) = allow_if.iter().find(|call| call.number == number) {
        return Answer::If(&call.any_of);
    }
    let unlisted = filter.unlisted == Unlisted::Allow && !refuse.contains(&number);
    if unlisted || allow.contains(&number) { Answer::Yes } else { Answer::No }
}
