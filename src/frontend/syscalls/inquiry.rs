//! What there is to know of a system call beside the answer to it: its numbers, its group, what stands or falls with it.

use super::conditions;
use super::groups::{self, Group};
use super::names::Calls;
use super::policy::{self, Policy};
use super::selection::{Entries, Selection, resolve};
use super::table::ENTRIES;
use super::twins;
use crate::plan::{Architecture, Condition, Origin, Syscalls};

/// A policy as a profile has it that says nothing else of system calls, but with every entry point of this machine open.
pub fn filter_of(policy: Policy) -> Syscalls {
    let origin = Origin::Default("syscalls.policy".into());
    let foreign = ENTRIES.iter().map(|numbers| numbers.architecture).filter(|it| *it != Architecture::NATIVE);
    let entries = Entries { foreign: foreign.collect(), origin: origin.clone() };
    resolve(&Selection { entries: Some(entries), ..Selection::of(policy, origin) })
}

/// The numbers of a system call by each entry point of this machine, the native one first.
pub fn numbers(name: &str) -> impl Iterator<Item = (Architecture, u32)> {
    ENTRIES.iter().filter_map(move |entry| {
        let number = entry.names.iter().position(|known| *known == name && !name.is_empty())?;
        Some((entry.architecture, number as u32))
    })
}

/// The system call of a number by the native entry point.
pub fn name(number: usize) -> Option<&'static str> {
    ENTRIES[0].names.get(number).copied().filter(|name| !name.is_empty())
}

/// The group that a system call stands in.
pub fn group_of(name: &str) -> Option<&'static Group> {
    groups::ALL.iter().find(|group| group.calls.contains(&name)).copied()
}

/// Why a system call stands in no group, and no policy knows it.
pub fn reason_unanswered(name: &str) -> Option<&'static str> {
    groups::UNANSWERED.iter().find(|unanswered| unanswered.calls.contains(&name)).map(|unanswered| unanswered.reason)
}

/// The names that only 32-bit x86 has for a system call, which stand or fall with it.
pub fn twins_of(name: &str) -> &'static [&'static str] {
    twins::TWINS.iter().find(|(known, _)| *known == name).map_or(&[], |(_, twins)| *twins)
}

/// The system call that this is only another name of.
pub fn twin_of(name: &str) -> Option<&'static str> {
    twins::TWINS.iter().find(|(_, twins)| twins.contains(&name)).map(|(known, _)| *known)
}

/// The system calls that do the work of this one among others, and are denied with it.
pub fn multiplexers_of(name: &'static str) -> impl Iterator<Item = &'static str> {
    let does = move |work: &[&str]| work.iter().any(|call| Calls::One(name).hold(call));
    twins::MULTIPLEXERS.iter().filter(move |(_, work)| does(work)).map(|(multiplexer, _)| *multiplexer)
}

/// Conditions of a filter in words that go on after "allowed"; nothing where no policy has them.
pub fn words(any_of: &[Vec<Condition>]) -> Option<&'static str> {
    let of_policies = policy::DEFAULT.allow_if.iter().chain(policy::STRICT.allow_if).map(|(_, conditions)| conditions);
    let mut known = of_policies.chain([&conditions::NEW_KEYRING]);
    let are_these = |one: &&conditions::Conditions| one.any_of.iter().copied().eq(any_of.iter().map(Vec::as_slice));
    known.find(are_these).map(|one| one.words)
}
