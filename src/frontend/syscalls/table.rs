//! Names turned into numbers of the native architecture, while nsbox itself is compiled: a launch pays nothing for it.

use super::conditions::AnyOf;
use super::groups::Group;
use super::policy::Rules;
use syscalls::Sysno;

/// One more than the highest number of the native architecture.
pub const SIZE: usize = Sysno::last().id() as usize + 1;

/// What a policy answers to one number.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// Nothing is said of it.
    Unknown,
    /// Allowed.
    Allow,
    /// Allowed under conditions.
    AllowIf(AnyOf),
    /// Refused.
    Refuse,
}

/// What a policy answers to each number.
pub const fn answers(rules: &Rules) -> [Answer; SIZE] {
    let mut answers = [Answer::Unknown; SIZE];
    let mut number = 0;
    while number < SIZE {
        if let Some(call) = Sysno::new(number) {
            answers[number] = answer(rules, call.name());
        }
        number += 1;
    }
    answers
}

/// What a policy answers to a name; the stricter answer, should the rules ever hold it twice.
pub const fn answer(rules: &Rules, name: &str) -> Answer {
    if any_holds(rules.refuse, name) {
        return Answer::Refuse;
    }
    let mut i = 0;
    while i < rules.allow_if.len() {
        if same(rules.allow_if[i].0, name) {
            return Answer::AllowIf(rules.allow_if[i].1);
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
