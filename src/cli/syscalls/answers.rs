//! What a filter answers to a system call, in words.

use nsbox::frontend::syscalls::{Calls, inquiry};
use nsbox::plan::{Answer, Comparison, Condition, Conditional, Filter, OnDenied, Origin, Otherwise, Syscalls, Verdict};

/// A policy or a profile that is asked.
#[derive(Debug)]
pub struct Subject {
    /// What a person calls it.
    pub name: String,
    /// What it says of system calls.
    pub syscalls: Syscalls,
    /// Whether it says who asked for what.
    pub has_origins: bool,
}

impl Subject {
    /// The answer to a call of this machine: its number by the native entry point counts, where it has one.
    pub fn answer(&self, name: &str) -> Answer<'_> {
        let Syscalls::Filtered(filter) = &self.syscalls else { return Answer::Allowed };
        inquiry::numbers(name).next().map_or(Answer::Unknown, |(entry, number)| filter.answer(entry, number))
    }

    /// An answer in one word.
    pub fn word(&self, answer: Answer<'_>) -> &'static str {
        match answer {
            Answer::Allowed => "allowed",
            Answer::If(_) => "limited",
            Answer::Refused => self.refusal(Otherwise::Refused),
            Answer::Unknown => "ENOSYS",
        }
    }

    /// An answer in a sentence.
    pub fn sentence(&self, answer: Answer<'_>) -> String {
        match answer {
            Answer::Allowed => "allowed".to_owned(),
            Answer::If(conditional) => {
                format!("allowed {}; else {}", words(conditional), self.refusal(conditional.otherwise))
            }
            Answer::Refused => self.refusal(Otherwise::Refused).to_owned(),
            Answer::Unknown => "ENOSYS, as on a kernel that does not have it".to_owned(),
        }
    }

    /// Who asked for the answer to a call, as far as it was asked for by a word on system calls.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        let Syscalls::Filtered(filter) = &self.syscalls else { return None };
        let said = said_by(filter, name).or_else(|| self.is_the_policys(filter, name).then_some(&filter.origin));
        said.filter(|_| self.has_origins)
    }

    /// Whether the policy alone would answer the same.
    fn is_the_policys(&self, filter: &Filter, name: &str) -> bool {
        filter.policy.parse().is_ok_and(|policy| {
            let alone = Self { name: String::new(), syscalls: inquiry::filter_of(policy), has_origins: false };
            alone.answer(name) == self.answer(name)
        })
    }

    /// What a refused call meets.
    fn refusal(&self, otherwise: Otherwise) -> &'static str {
        let Syscalls::Filtered(filter) = &self.syscalls else { return "" };
        match (filter.on_denied, otherwise) {
            (OnDenied::Kill, _) => "killed",
            (OnDenied::Errno | OnDenied::Log, Otherwise::Refused) => "EPERM",
            (OnDenied::Errno | OnDenied::Log, Otherwise::NoSuchFamily) => "EAFNOSUPPORT",
        }
    }
}

/// The one whose word on a call counts, a denial before what allows it; nobody where neither names it.
fn said_by<'f>(filter: &'f Filter, name: &str) -> Option<&'f Origin> {
    let names = |calls: &str| calls.parse::<Calls>().is_ok_and(|calls| calls.hold(name));
    let said =
        |verdict| filter.exceptions.iter().find(|exception| exception.verdict == verdict && names(&exception.calls));
    said(Verdict::Deny).or_else(|| said(Verdict::Allow)).map(|exception| &exception.origin)
}

/// The conditions of a call in words that go on after "allowed".
pub fn words(conditional: &Conditional) -> String {
    let words = inquiry::words(&conditional.any_of);
    words.map_or_else(|| format!("where {}", exactly(conditional)), str::to_owned)
}

/// The conditions of a call as the filter tests them.
pub fn exactly(conditional: &Conditional) -> String {
    conditional.any_of.iter().map(|set| tests(set)).collect::<Vec<_>>().join(", or ")
}

/// One set of them; what one argument must not be stands together.
fn tests(set: &[Condition]) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut last = None;
    for condition in set {
        let refused = if let Comparison::NotEqual(value) = condition.comparison { Some(value) } else { None };
        let ours = refused.map(|_| condition.argument);
        match (refused, told.last_mut()) {
            (Some(value), Some(before)) if ours == last => *before += &format!(" or {value:#x}"),
            _ => told.push(test(condition)),
        }
        last = ours;
    }
    told.join(" and ")
}

fn test(condition: &Condition) -> String {
    let argument = format!("argument {}", condition.argument + 1);
    match condition.comparison {
        Comparison::Equal(value) => format!("{argument} is {value:#x}"),
        Comparison::NotEqual(value) => format!("{argument} is not {value:#x}"),
        Comparison::AtMost(value) => format!("{argument} is at most {value:#x}"),
        Comparison::MaskedEqual { mask, value: 0 } => format!("{argument} has no bit of {mask:#x}"),
        Comparison::MaskedEqual { mask, value } => format!("{argument} is {value:#x} in the bits {mask:#x}"),
    }
}
