//! What this host has of a session with windows: every part that a profile can ask for is asked for by itself, so that what is
//! told is what a run would say. Where there is no session, as on a server, nothing is missed.

mod parts;
mod reach;

use super::report::{Finding, Level};
use crate::error::remedy::{Explanation, Settings};
use crate::error::{Diagnostic, Diagnostics, Fault, Severity};
use crate::host::HostFacts;
use crate::host::wayland::Reception;
use crate::plan::Plan;
use parts::Expected;
pub use parts::{PARTS, Part};

/// What there is of a session.
#[derive(Debug, Clone, Default)]
pub struct Desktop {
    /// Whether windows can be shown here, or somebody says so.
    pub has_session: bool,
    /// What came of each part, in the order of the table.
    pub found: Vec<Found>,
    /// What is missed, and what is worth knowing; none where there is no session.
    pub findings: Vec<Finding>,
}

/// A part, and what came of it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The part.
    pub part: &'static Part,
    /// What it is here: a socket, a display, a program.
    pub details: Vec<String>,
    /// What came of it.
    pub presence: Presence,
    /// The name of the finding that says more.
    pub finding: Option<&'static str>,
}

/// What came of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is there, and answers.
    There,
    /// It is there, and does not answer.
    Refused(Fault),
    /// It is not there, and is missed.
    Missing,
    /// It is not there, which is no fault.
    None,
}

/// What lowering makes of settings: a plan and what is odd about it, or what is wrong.
pub type Asked = Result<(Plan, Diagnostics), Diagnostics>;

/// Looks at every part; `ask` lowers settings.
pub fn survey(facts: &HostFacts, ask: &mut dyn FnMut(Settings) -> Asked) -> Desktop {
    let mut desktop = Desktop::default();
    for part in &PARTS {
        let found = desktop.look(part, facts, ask(part.settings));
        desktop.found.push(found);
    }
    desktop.has_session = desktop
        .found
        .iter()
        .any(|found| matches!(found.part.expected, Expected::WhereNamed(_)) && found.presence != Presence::None);
    if !desktop.has_session {
        desktop.findings.clear();
        desktop.found.iter_mut().for_each(Found::is_not_missed);
    }
    desktop
}

impl Desktop {
    fn look(&mut self, part: &'static Part, facts: &HostFacts, asked: Asked) -> Found {
        match asked {
            Ok((plan, odd)) => self.reach(part, &plan, odd),
            Err(wrong) => {
                let wrong = wrong.into_iter().find(|one| one.severity == Severity::Error);
                let missed = wrong.filter(|wrong| self.is_missed(part, facts, wrong));
                let finding = missed.map(|wrong| self.note(part, Level::Limits, part.works, wrong));
                let presence = if finding.is_some() { Presence::Missing } else { Presence::None };
                Found { part, details: Vec::new(), presence, finding }
            }
        }
    }

    /// Tries what is there, and notes what is odd about it, or why it does not answer.
    fn reach(&mut self, part: &'static Part, plan: &Plan, odd: Diagnostics) -> Found {
        let mut details = reach::details(plan);
        match reach::reach(plan) {
            Ok(reception) => {
                details.extend(reception.as_ref().map(|taken| reach::contexts(taken).to_owned()));
                let powers = reception.as_ref().and_then(Reception::powers);
                let odd = odd.into_iter().chain(powers.map(reach::no_contexts));
                let noted: Vec<_> = odd.map(|one| self.note(part, Level::Note, "", one)).collect();
                Found { part, details, presence: Presence::There, finding: noted.first().copied() }
            }
            Err(fault) => {
                let refused = Diagnostic::error(format!("could not {fault}")).hint(part.remedy);
                let finding = Some(self.note(part, Level::Limits, part.works, refused));
                Found { part, details, presence: Presence::Refused(fault), finding }
            }
        }
    }

    /// Whether a part that is not there, for this reason, should be.
    fn is_missed(&self, part: &Part, facts: &HostFacts, wrong: &Diagnostic) -> bool {
        match part.expected {
            Expected::Always => true,
            Expected::WhereNamed(variable) => facts.variable(variable).is_some_and(|value| !value.is_empty()),
            // But what others lack for the same reason is missed with them.
            Expected::Never => self.known(&wrong.message).is_some(),
        }
    }

    /// The finding that says this already.
    fn known(&self, means: &str) -> Option<&'static str> {
        self.findings.iter().find(|finding| finding.explanation.means == means).map(|finding| finding.name)
    }

    /// Notes what is to be said of a part, once, and gives the name of it.
    fn note(&mut self, part: &Part, level: Level, works: &'static str, said: Diagnostic) -> &'static str {
        if let Some(known) = self.known(&said.message) {
            return known;
        }
        let remedy = said.hint.unwrap_or_default();
        let explanation = Explanation { means: said.message, works, remedy, paste: Vec::new(), settings: &[] };
        self.findings.push(Finding { name: part.finding, level, probes: Vec::new(), explanation });
        part.finding
    }
}

impl Found {
    /// Takes what is not there for what need not be.
    fn is_not_missed(&mut self) {
        self.finding = None;
        if self.presence == Presence::Missing {
            self.presence = Presence::None;
        }
    }
}

#[cfg(test)]
mod tests;
