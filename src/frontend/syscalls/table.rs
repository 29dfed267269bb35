//! Names turned into numbers while nsbox itself is compiled: a launch pays nothing for what a policy says.

use super::groups::Group;
use super::names;
use super::policy::{self, Policy, Rules};
use crate::plan::Architecture;

/// What is answered to one number.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// Nothing is said of it.
    Unknown,
    /// Allowed.
    Allow,
    /// Allowed under the conditions at this place of [`Rules::allow_if`]; not the conditions themselves, or these tables
    /// would be full of addresses that every launch has to set right.
    AllowIf(u8),
    /// Refused.
    Refuse,
}

/// An architecture's system calls by number: what they are called, and what each policy answers to them.
#[derive(Debug)]
pub struct Numbers {
    /// Whose numbers these are.
    pub architecture: Architecture,
    /// The names; empty where there is no call.
    pub names: &'static [&'static str],
    default: &'static [Answer],
    strict: &'static [Answer],
}

impl Numbers {
    /// What a policy answers to each number; nothing where it has no filter.
    pub fn answers(&self, policy: Policy) -> Option<&'static [Answer]> {
        match policy {
            Policy::Default => Some(self.default),
            Policy::Strict => Some(self.strict),
            Policy::None => None,
        }
    }
}

macro_rules! numbers {
    ($architecture:expr, $names:path) => {
        Numbers {
            architecture: $architecture,
            names: &$names,
            default: {
                static ANSWERS: [Answer; $names.len()] = answers(&policy::DEFAULT, &$names);
                &ANSWERS
            },
            strict: {
                static ANSWERS: [Answer; $names.len()] = answers(&policy::STRICT, &$names);
                &ANSWERS
            },
        }
    };
}

/// What programs on this machine can come in by, the native entry point first.
#[cfg(target_arch = "x86_64")]
pub static ENTRIES: &[Numbers] =
    &[numbers!(Architecture::X86_64, names::X86_64), numbers!(Architecture::X86, names::X86)];
/// What programs on this machine can come in by.
#[cfg(target_arch = "aarch64")]
pub static ENTRIES: &[Numbers] = &[numbers!(Architecture::Aarch64, names::AARCH64)];

/// What a policy answers to each number.
const fn answers<const N: usize>(rules: &Rules, names: &[&str; N]) -> [Answer; N] {
    let mut answers = [Answer::Unknown; N];
    let mut number = 0;
    while number < N {
        if !names[number].is_empty() {
            answers[number] = answer(rules, names[number]);
        }
        number += 1;
    }
    answers
}

/// What a policy answers to a name; the stricter answer, where the rules hold it twice.
pub const fn answer(rules: &Rules, name: &str) -> Answer {
    if any_holds(rules.refuse, name) {
        return Answer::Refuse;
    }
    let mut i = 0;
    while i < rules.allow_if.len() {
        if same(rules.allow_if[i].0, name) {
            return Answer::AllowIf(i as u8);
        }
        i += 1;
    }
    if any_holds(rules.allow, name) { Answer::Allow } else { Answer::Unknown }
}

const fn any_holds(lists: &[&[&Group]], name: &str) -> bool {
    let mut list = 0;
    while list < lists.len() {
        let mut group = 0;
        while group < lists[list].len() {
            if holds(lists[list][group].calls, name) {
                return true;
            }
            group += 1;
        }
        list += 1;
    }
    false
}

const fn holds(names: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < names.len() {
        if same(names[i], name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Compares two words; `==` cannot be used while the table is made.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
