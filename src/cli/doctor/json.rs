//! The report of `nsbox doctor` for programs, as nsbox(1) describes it.

use nsbox::doctor::desktop::{Found, Presence};
use nsbox::doctor::{Check, Finding, Launch, Level, Report, Serves, State};
use nsbox::error::remedy::{Container, Evidence};
use serde_json::{Value, json};

/// The version of this format: within one, fields may be added, and none goes or changes.
const VERSION: u32 = 1;

pub fn write(report: &Report, evidence: &Evidence) -> serde_json::Result<String> {
    let (state, error, hint) = match &report.launch {
        Launch::Started => ("ok", None, None),
        Launch::Failed { message, hint } => ("refused", Some(message), hint.as_ref()),
    };
    let works_with = report
        .works_with
        .map(|settings| settings.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>());
    let whole = json!({
        "version": VERSION,
        "works": report.works(),
        "works-with": works_with,
        "host": {
            "nsbox": env!("CARGO_PKG_VERSION"),
            "kernel": evidence.kernel.map(|(major, minor)| format!("{major}.{minor}")),
            "landlock": evidence.landlock,
            "container": evidence.container.map(Container::name),
            "cgroup-controllers": evidence.controllers,
        },
        "checks": report.checks.iter().map(check).collect::<Vec<_>>(),
        "desktop": {
            "session": report.desktop.has_session,
            "parts": report.desktop.found.iter().map(part).collect::<Vec<_>>(),
        },
        "sandbox": { "state": state, "error": error, "hint": hint },
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

fn check(check: &Check) -> Value {
    let (state, fault, cause, without) = match &check.state {
        State::Works => ("ok", None, None, None),
        State::Missing(fault, cause) => ("missing", Some(fault), Some(cause.name()), None),
        State::Refused(fault, cause) => ("refused", Some(fault), Some(cause.name()), None),
        State::Untried(without) => ("untried", None, None, Some(*without)),
    };
    let only_for = match check.probe.serves {
        Serves::EverySandbox => None,
        Serves::Only(what) => Some(what),
    };
    json!({
        "name": check.probe.name,
        "group": check.probe.group.name(),
        "tries": check.probe.tries,
        "only-for": only_for,
        "state": state,
        "error": fault.map(ToString::to_string),
        "finding": cause,
        "without": without,
    })
}

fn part(found: &Found) -> Value {
    let (state, fault) = match &found.presence {
        Presence::There => ("ok", None),
        Presence::Refused(fault) => ("refused", Some(fault)),
        Presence::Missing => ("missing", None),
        Presence::None => ("none", None),
    };
    json!({
        "name": found.part.name,
        "settings": found.part.settings.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>(),
        "state": state,
        "details": found.details,
        "error": fault.map(ToString::to_string),
        "finding": found.finding,
    })
}

fn finding(finding: &Finding) -> Value {
    let level = match finding.level {
        Level::Blocks => "blocks",
        Level::Limits => "limits",
        Level::Note => "note",
    };
    let told = &finding.explanation;
    json!({
        "name": finding.name,
        "level": level,
        "checks": finding.probes.iter().map(|probe| probe.name).collect::<Vec<_>>(),
        "means": told.means,
        "works": Some(told.works).filter(|works| !works.is_empty()),
        "remedy": told.remedy,
        "paste": told.paste,
    })
}
