//! The lists hold together, and every system call has been decided.

mod answers;

use super::*;
use crate::plan::{Comparison, Condition};
use policy::Rules;
use std::collections::BTreeSet;

/// Every number and name of the known architectures.
fn known() -> impl Iterator<Item = (usize, &'static str)> {
    let x86_64 = (0..1024).filter_map(|n| Some((n, syscalls::x86_64::Sysno::new(n)?.name())));
    let aarch64 = (0..1024).filter_map(|n| Some((n, syscalls::aarch64::Sysno::new(n)?.name())));
    x86_64.chain(aarch64)
}

fn conditional_names() -> impl Iterator<Item = &'static str> {
    policy::DEFAULT.allow_if.iter().chain(policy::STRICT.allow_if).map(|(name, _)| *name)
}

fn filter(policy: Policy) -> Filter {
    match resolve(policy, Origin::Default("syscalls.policy".into())) {
        Syscalls::Filtered(filter) => filter,
        Syscalls::Unfiltered => panic!("{policy:?} has a filter"),
    }
}

fn number(name: &str) -> u32 {
    name.parse::<syscalls::Sysno>().unwrap().id() as u32
}

#[test]
fn every_name_is_known() {
    let known: BTreeSet<_> = known().map(|(_, name)| name).collect();
    let ours = GROUPS.iter().flat_map(|group| group.calls).copied().chain(conditional_names());
    let misspelt: Vec<_> = ours.chain(groups::UNANSWERED.iter().copied()).filter(|n| !known.contains(n)).collect();
    assert_eq!(misspelt, [""; 0]);
}

#[test]
fn every_system_call_has_been_decided() {
    let mut decided: BTreeSet<_> = GROUPS.iter().flat_map(|group| group.calls).copied().collect();
    decided.extend(conditional_names().chain(groups::UNANSWERED.iter().copied()));
    // The calls of 32-bit architectures for times after 2038, which the crate's tables name on others too.
    let for_32_bits = 403..=423;
    let open: Vec<_> = known().filter(|(n, name)| !for_32_bits.contains(n) && !decided.contains(name)).collect();
    assert_eq!(open, []);
}

#[test]
fn no_name_stands_in_two_groups() {
    let mut seen = BTreeSet::new();
    let names = GROUPS.iter().flat_map(|group| group.calls).chain(groups::UNANSWERED);
    let twice: Vec<_> = names.filter(|name| !seen.insert(**name)).collect();
    assert_eq!(twice, [&""; 0]);
}

#[test]
fn no_policy_has_two_answers_to_a_name() {
    for rules in [&policy::DEFAULT, &policy::STRICT] {
        let mut seen = BTreeSet::new();
        let grouped = rules.allow.iter().chain(rules.refuse).copied().flatten().flat_map(|group| group.calls);
        let all = grouped.copied().chain(rules.allow_if.iter().map(|(name, _)| *name));
        assert_eq!(all.filter(|name| !seen.insert(*name)).collect::<Vec<_>>(), [""; 0]);
    }
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
        let Filter { allow, allow_if, refuse, .. } = filter(policy);
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
        assert!(filter(Policy::Default).allow.contains(&number(name)));
        assert!(filter(Policy::Strict).refuse.contains(&number(name)));
    }
}

#[test]
fn strict_allows_nothing_that_default_does_not() {
    let (default, strict) = (filter(Policy::Default), filter(Policy::Strict));
    assert!(strict.allow.iter().all(|n| default.allow.contains(n)));
    assert!(default.refuse.iter().all(|n| strict.refuse.contains(n)));
}

#[test]
fn conditions_compare_low_halves_only() {
    let sets = policy::DEFAULT.allow_if.iter().chain(policy::STRICT.allow_if).flat_map(|(_, sets)| *sets);
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
