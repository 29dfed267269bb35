//! System calls by name, as far as two filters treat them differently.

use nsbox::plan::{Filter, Syscalls};
use std::collections::BTreeMap;
use syscalls::Sysno;

/// The names of the calls that the first filter lets through and the second does not, or only under other conditions.
///
/// Nothing where one of the two is no filter at all: that is told by itself.
pub fn more_than(first: &Syscalls, second: &Syscalls) -> Vec<String> {
    let (Syscalls::Filtered(first), Syscalls::Filtered(second)) = (first, second) else { return Vec::new() };
    let (first, second) = (answered(first), answered(second));
    let more = first.into_iter().filter_map(|(number, condition)| {
        let name = || Sysno::new(number as usize).map_or_else(|| number.to_string(), |call| call.name().to_owned());
        match second.get(&number) {
            None => Some(name()),
            Some(other) if *other == condition || other.is_empty() => None,
            Some(_) => Some(format!("{} (under other conditions)", name())),
        }
    });
    more.collect()
}

/// Who chose the policy.
pub fn origin(syscalls: &Syscalls) -> Option<String> {
    if let Syscalls::Filtered(filter) = syscalls { Some(filter.origin.to_string()) } else { None }
}

/// The calls that are let through, each with its condition in words of the plan; an empty one where there is none.
fn answered(filter: &Filter) -> BTreeMap<u32, String> {
    let plain = filter.allow.iter().map(|number| (*number, String::new()));
    let conditional = filter.allow_if.iter().map(|call| (call.number, format!("{:?}", call.any_of)));
    plain.chain(conditional).collect()
}
