//! From what was tried to what it means, without a look at the host: any host can be a fixture.

use super::desktop::Desktop;
use super::probes::{PROBES, Probe, Serves};
use super::trial::{Launch, Tried};
use crate::error::Fault;
use crate::error::remedy::{Cause, Circumstance, Evidence, Explanation, Settings, diagnose};

/// All that there is to say.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was tried, in the order of the table.
    pub checks: Vec<Check>,
    /// What came of a sandbox under the default profile.
    pub launch: Launch,
    /// The settings under which one was started after that was refused.
    pub works_with: Option<Settings>,
    /// What there is of a session with windows; nothing of it keeps a sandbox from being made.
    pub desktop: Desktop,
    /// What it means: first what keeps every sandbox from being made, last what is only worth knowing.
    pub findings: Vec<Finding>,
}

/// A probe, and what came of it.
#[derive(Debug, Clone)]
pub struct Check {
    /// The probe.
    pub probe: &'static Probe,
    /// What came of it.
    pub state: State,
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It works.
    Works,
    /// It is not there.
    Missing(Fault, Cause),
    /// It is there, and refused.
    Refused(Fault, Cause),
    /// It could not be tried without this probe.
    Untried(&'static str),
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// No sandbox is made under the default profile.
    Blocks,
    /// Something that only some profiles ask for cannot be had.
    Limits,
    /// Nothing is refused.
    Note,
}

/// Something that was found out, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A name that stays the same from version to version.
    pub name: &'static str,
    /// How much it matters.
    pub level: Level,
    /// The probes that it is behind.
    pub probes: Vec<&'static Probe>,
    /// The words for it.
    pub explanation: Explanation,
}

impl PartialEq for Probe {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Probe {}

impl Report {
    /// Whether nsbox works here: a sandbox was started.
    pub fn works(&self) -> bool {
        self.launch == Launch::Started
    }

    /// The report, with what was found of a session.
    #[must_use]
    pub fn with(mut self, mut desktop: Desktop) -> Self {
        self.findings.append(&mut desktop.findings);
        self.findings.sort_by_key(|finding| finding.level);
        Self { desktop, ..self }
    }
}

/// Makes the report of what was tried, on a host with this evidence; `start` starts a sandbox under the default profile with
/// these settings.
pub fn report(tried: Vec<Tried>, evidence: &Evidence, start: &mut dyn FnMut(Settings) -> Launch) -> Report {
    let mut findings: Vec<Finding> = Vec::new();
    let check = |(probe, tried): (&'static Probe, Tried)| {
        let state = match tried {
            Tried::Works => State::Works,
            Tried::Without(name) => State::Untried(name),
            Tried::Refused(fault, profile) => refused(probe, fault, profile, evidence, &mut findings),
        };
        Check { probe, state }
    };
    let checks = PROBES.iter().zip(tried).map(check).collect();
    let launch = start(&[]);
    if let Launch::Failed { message, hint } = &launch
        && findings.iter().all(|finding| finding.level != Level::Blocks)
    {
        findings.push(of_the_launch(message, hint.as_deref()));
    }
    // What works all the same is tried as well.
    let blocking = findings.iter().filter(|finding| finding.level == Level::Blocks);
    let settings = blocking.map(|finding| finding.explanation.settings).find(|settings| !settings.is_empty());
    let works_with = settings.filter(|settings| launch != Launch::Started && start(settings) == Launch::Started);
    findings.extend(Circumstance::of(evidence).map(|circumstance| Finding {
        name: circumstance.name(),
        level: Level::Note,
        probes: Vec::new(),
        explanation: circumstance.explain(evidence),
    }));
    findings.sort_by_key(|finding| finding.level);
    Report { checks, launch, works_with, desktop: Desktop::default(), findings }
}

/// Finds the cause of a refusal, and notes what is to be said of it, once.
fn refused(
    probe: &'static Probe,
    fault: Fault,
    profile: Option<String>,
    evidence: &Evidence,
    findings: &mut Vec<Finding>,
) -> State {
    let evidence = Evidence { apparmor_profile: profile.or(evidence.apparmor_profile.clone()), ..evidence.clone() };
    let errno = fault.errno.0;
    let cause = diagnose(probe.attempt, errno, &evidence);
    let level = if probe.serves == Serves::EverySandbox { Level::Blocks } else { Level::Limits };
    match findings.iter_mut().find(|finding| finding.name == cause.name()) {
        Some(known) => {
            known.probes.push(probe);
            known.level = known.level.min(level);
        }
        None => {
            let explanation = cause.explain(&evidence);
            findings.push(Finding { name: cause.name(), level, probes: vec![probe], explanation });
        }
    }
    match errno {
        libc::ENOENT | libc::ENOSYS | libc::ENODEV | libc::ENODATA | libc::EOPNOTSUPP => State::Missing(fault, cause),
        _ => State::Refused(fault, cause),
    }
}

/// A sandbox that could not be started although each part of it works by itself.
fn of_the_launch(message: &str, hint: Option<&str>) -> Finding {
    let explanation = Explanation {
        means: message.to_owned(),
        works: "",
        remedy: hint.unwrap_or("`nsbox --verbose true` shows how far it comes").to_owned(),
        paste: Vec::new(),
        settings: &[],
    };
    Finding { name: "launch", level: Level::Blocks, probes: Vec::new(), explanation }
}

#[cfg(test)]
mod tests;
