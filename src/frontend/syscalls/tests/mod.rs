//! The lists hold together, and every system call has been decided.

mod answers;
mod fallbacks;
mod selections;

use super::*;
use crate::plan::{Comparison, Condition, Filter, Origin, Syscalls, Table};
use policy::Rules;
use std::collections::BTreeSet;

fn conditional_names() -> impl Iterator<Item = &'static str> {
    policy::DEFAULT.allow_if.iter().chain(policy::STRICT.allow_if).map(|(name, _)| *name)
}

fn unanswered() -> impl Iterator<Item = &'static str> {
    groups::UNANSWERED.iter().flat_map(|group| group.calls).copied()
}

fn selection(policy: Policy) -> Selection {
    Selection::of(policy, Origin::Default("syscalls.policy".into()))
}

fn resolved(selection: &Selection) -> Filter {
    match resolve(selection) {
        Syscalls::Filtered(filter) => filter,
        Syscalls::Unfiltered { .. } => panic!("{selection:?} has a filter"),
    }
}

fn filter(policy: Policy) -> Filter {
    resolved(&selection(policy))
}

/// The native table of a policy.
fn table(policy: Policy) -> Table {
    filter(policy).tables.remove(0)
}

fn number(name: &str) -> u32 {
    name.parse::<syscalls::Sysno>().unwrap().id() as u32
}

#[test]
fn every_name_is_known() {
    let known: BTreeSet<_> = names::all().collect();
    let ours = GROUPS.iter().flat_map(|group| group.calls).copied().chain(conditional_names());
    let misspelt: Vec<_> = ours.chain(unanswered()).filter(|n| !known.contains(n)).collect();
    assert_eq!(misspelt, [""; 0]);
}

#[test]
fn every_system_call_has_been_decided() {
    let mut decided: BTreeSet<_> = GROUPS.iter().flat_map(|group| group.calls).copied().collect();
    decided.extend(conditional_names().chain(unanswered()));
    assert_eq!(names::all().filter(|name| !decided.contains(name)).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn no_name_stands_in_two_groups() {
    let mut seen = BTreeSet::new();
    let names =
        GROUPS.iter().flat_map(|group| group.calls).chain(groups::UNANSWERED.iter().flat_map(|group| group.calls));
    let twice: Vec<_> = names.filter(|name| !seen.insert(**name)).collect();
    assert_eq!(twice, [&""; 0]);
}

#[test]
fn no_policy_has_two_answers_to_a_name() {
    for rules in [&policy::DEFAULT, &policy::STRICT] {
        let calls = |lists: &[&[&'static Group]]| -> Vec<_> {
            lists.iter().copied().flatten().flat_map(|group| group.calls).copied().collect()
        };
        let (allowed, refused) = (calls(rules.allow), calls(rules.refuse));
        assert!(allowed.iter().all(|name| !refused.contains(name)));
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = rules.allow_if.iter().filter(|(name, _)| !seen.insert(*name)).collect();
        assert!(twice.is_empty() && seen.iter().all(|name| !refused.contains(name)), "{twice:?}");
    }
}

#[test]
fn a_denied_group_takes_its_conditional_calls_with_it() {
    let grouped: BTreeSet<_> = GROUPS.iter().flat_map(|group| group.calls).copied().collect();
    assert_eq!(conditional_names().filter(|name| !grouped.contains(name)).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn what_only_32_bit_x86_has_is_known_by_another_name_or_alone_of_its_kind() {
    let twins: BTreeSet<_> = twins::TWINS.iter().flat_map(|(_, twins)| *twins).copied().collect();
    let elsewhere: BTreeSet<_> = names::X86_64.iter().chain(&names::AARCH64[..403]).copied().collect();
    let only_there: BTreeSet<_> = names::X86.into_iter().filter(|name| !elsewhere.contains(name)).collect();
    let alone: Vec<_> = only_there.iter().filter(|name| !twins.contains(*name)).collect();
    let decided: Vec<_> =
        alone.into_iter().filter(|name| !unanswered().any(|unanswered| unanswered == **name)).collect();
    assert_eq!(decided, [&"ipc", &"socketcall"]);
    assert!(twins.iter().all(|name| only_there.contains(name)));
    let known: BTreeSet<_> = names::X86_64.into_iter().collect();
    assert!(twins::TWINS.iter().all(|(name, _)| known.contains(name)));
    assert!(twins::MULTIPLEXERS.iter().flat_map(|(_, work)| *work).all(|name| names::all().any(|n| n == *name)));
}

#[test]
fn group_names_are_words_with_an_at_sign_and_differ() {
    let names: BTreeSet<_> = GROUPS.iter().map(|group| group.name).collect();
    assert_eq!(names.len(), GROUPS.len());
    assert!(names.iter().all(|name| name.starts_with('@')));
}

#[test]
fn every_group_is_used_by_the_default_policy() {
    let Rules { allow, refuse, .. } = policy::DEFAULT;
    let used: BTreeSet<_> = allow.iter().chain(refuse).copied().flatten().map(|group| group.name).collect();
    assert!(GROUPS.iter().all(|group| used.contains(group.name)));
}

#[test]
fn the_lists_are_ascending_and_hold_the_numbers_of_this_architecture() {
    for policy in [Policy::Default, Policy::Strict] {
        let Table { allow, allow_if, refuse, .. } = table(policy);
        assert!(allow.is_sorted() && refuse.is_sorted() && allow_if.is_sorted_by_key(|c| c.number));
        for name in ["execve", "exit_group", "write"] {
            assert!(allow.contains(&number(name)), "{name}");
        }
        for name in ["mount", "setns", "keyctl", "bpf", "io_uring_setup", "kcmp", "chroot"] {
            assert!(refuse.contains(&number(name)), "{name}");
        }
        let clone3 = number("clone3");
        assert!(!allow.contains(&clone3) && !refuse.contains(&clone3));
    }
}

#[test]
fn debugging_is_for_the_default_policy_only() {
    for name in ["ptrace", "process_vm_readv", "process_vm_writev"] {
        assert!(table(Policy::Default).allow.contains(&number(name)));
        assert!(table(Policy::Strict).refuse.contains(&number(name)));
    }
}

#[test]
fn strict_allows_nothing_that_default_does_not() {
    let (default, strict) = (table(Policy::Default), table(Policy::Strict));
    assert!(strict.allow.iter().all(|n| default.allow.contains(n)));
    assert!(default.refuse.iter().all(|n| strict.refuse.contains(n)));
}

#[test]
fn conditions_compare_low_halves_only() {
    let sets =
        policy::DEFAULT.allow_if.iter().chain(policy::STRICT.allow_if).flat_map(|(_, conditions)| conditions.any_of);
    for Condition { low_half_only, comparison, .. } in sets.copied().flatten() {
        assert!(low_half_only);
        if let Comparison::Equal(v) | Comparison::NotEqual(v) | Comparison::MaskedEqual { value: v, .. } = comparison {
            assert!(*v <= u64::from(u32::MAX));
        }
    }
}

#[test]
fn a_policy_is_read_by_its_name_and_a_slip_is_answered() {
    for name in Policy::NAMES {
        assert_eq!(name.parse::<Policy>().unwrap().name(), name);
    }
    assert_eq!("stric".parse::<Policy>().unwrap_err().hint.unwrap(), "did you mean `strict`?");
    assert!("x".parse::<Policy>().unwrap_err().hint.unwrap().starts_with("one of `default`"));
}
