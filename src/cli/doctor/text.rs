//! The report of `nsbox doctor` for people: a short list, what is not well and the remedy, the verdict.

use crate::cli::entries::{entry, paragraph};
use crate::cli::terminal::{Role, Target};
use crate::cli::text::printable;
use nsbox::doctor::desktop::{Desktop, Found, Presence};
use nsbox::doctor::{Check, Finding, Group, Launch, Level, Report, Serves, State};
use nsbox::error::remedy::{Container, Evidence, flags};

/// The columns of the list: the state, then the group.
const STATE: usize = 9;
const GROUP: usize = 13;

pub fn write(report: &Report, evidence: &Evidence, target: Target) -> String {
    let mut text = format!("{}\n\n", target.paint.apply(Role::Heading, &printable(&host(evidence))));
    for row in rows(report) {
        text += &row.write(target);
    }
    for finding in &report.findings {
        text += "\n";
        text += &explain(finding, target);
    }
    text + "\n" + &paragraph(&verdict(report), 0, target)
}

/// What this host is, in one line.
fn host(evidence: &Evidence) -> String {
    let mut words = format!("nsbox {}", env!("CARGO_PKG_VERSION"));
    if let Some((major, minor)) = evidence.kernel {
        words += &format!(" on Linux {major}.{minor}");
    }
    if let Some(container) = evidence.container {
        words += &format!(" in {}", Container::name(container));
    }
    words += &evidence.landlock.map_or(", without Landlock".into(), |version| format!(", Landlock {version}"));
    match evidence.controllers.as_slice() {
        [] => words + ", no cgroup controllers delegated",
        controllers => words + &format!(", cgroup controllers delegated: {}", controllers.join(" ")),
    }
}

/// A line of the list.
struct Row {
    state: &'static str,
    role: Option<Role>,
    group: &'static str,
    text: String,
}

impl Row {
    fn write(&self, target: Target) -> String {
        let state = self.role.map_or_else(|| self.state.to_owned(), |role| target.paint.apply(role, self.state));
        let padding = " ".repeat(STATE - self.state.len());
        let text = paragraph(&self.text, STATE + GROUP, target);
        format!("{state}{padding}{:GROUP$}{}", self.group, text.trim_start())
    }
}

/// The whole list: for each group a line of what is well, and one for each thing that is not.
fn rows(report: &Report) -> Vec<Row> {
    let mut rows = Vec::new();
    for group in Group::ALL {
        let checks: Vec<_> = report.checks.iter().filter(|check| check.probe.group == group).collect();
        let well: Vec<_> =
            checks.iter().filter(|check| check.state == State::Works).map(|check| check.probe.label).collect();
        if !well.is_empty() {
            rows.push(Row { state: "ok", role: None, group: group.name(), text: well.join(", ") });
        }
        rows.extend(refusals(&checks));
    }
    rows.extend(desktop(&report.desktop));
    rows.extend(untried(report));
    rows.extend(sandboxes(report));
    rows
}

/// The refusals of a group, those together that have the same cause.
fn refusals(checks: &[&Check]) -> Vec<Row> {
    let mut rows: Vec<(Row, &'static str, Option<String>)> = Vec::new();
    for check in checks {
        // What is not there needs no call and no error number to be understood.
        let (state, fault, cause) = match &check.state {
            State::Missing(_, cause) => ("missing", None, cause.name()),
            State::Refused(fault, cause) => ("refused", Some(fault.to_string()), cause.name()),
            State::Works | State::Untried(_) => continue,
        };
        let label = check.probe.label;
        match rows.iter_mut().find(|(row, known, _)| row.state == state && *known == cause) {
            Some((row, ..)) => row.text += &format!(", {label}"),
            None => {
                let needed = check.probe.serves == Serves::EverySandbox;
                let role = Some(if needed { Role::Error } else { Role::Warning });
                let row = Row { state, role, group: check.probe.group.name(), text: label.to_owned() };
                rows.push((row, cause, fault));
            }
        }
    }
    let told = |(row, _, fault): (Row, _, Option<String>)| match fault {
        Some(fault) => Row { text: format!("{}: {fault}", row.text), ..row },
        None => row,
    };
    rows.into_iter().map(told).collect()
}

/// What could not be tried, by what it lacked; not what only some profiles ask for.
fn untried(report: &Report) -> Vec<Row> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for check in report.checks.iter().filter(|check| check.probe.serves == Serves::EverySandbox) {
        let State::Untried(without) = check.state else { continue };
        match counts.iter_mut().find(|(known, _)| *known == without) {
            Some((_, count)) => *count += 1,
            None => counts.push((without, 1)),
        }
    }
    let row = |(without, count): (&str, usize)| Row {
        state: "untried",
        role: None,
        group: "the rest",
        text: format!("{count} more, for want of the {}", without.replace('-', " ")),
    };
    counts.into_iter().map(row).collect()
}

/// What a session has: a line of what is there, one for each thing that does not answer, one of what is missed, and one of what
/// need not be there. Of a host without a session one line says it all.
fn desktop(desktop: &Desktop) -> Vec<Row> {
    if desktop.found.is_empty() {
        return Vec::new();
    }
    let row = |state, role, text| Row { state, role, group: "desktop", text };
    let all = |presence: &Presence| {
        let same = desktop.found.iter().filter(|found| found.presence == *presence);
        same.map(named).collect::<Vec<_>>().join(", ")
    };
    let there = all(&Presence::There);
    if !desktop.has_session {
        let none = "no session with windows here".to_owned();
        return vec![row(
            "none",
            None,
            if there.is_empty() { none } else { format!("{none}; what needs none: {there}") },
        )];
    }
    let refused = desktop.found.iter().filter_map(|found| match &found.presence {
        Presence::Refused(fault) => Some(row("refused", Some(Role::Warning), format!("{}: {fault}", named(found)))),
        _ => None,
    });
    let rest = [("missing", Some(Role::Warning), all(&Presence::Missing)), ("none", None, all(&Presence::None))];
    let rows = std::iter::once(row("ok", None, there)).chain(refused);
    rows.chain(rest.map(|(state, role, text)| row(state, role, text))).filter(|row| !row.text.is_empty()).collect()
}

/// A part by its name, with what it is here.
fn named(found: &Found) -> String {
    let label = found.part.label;
    if found.details.is_empty() { label.to_owned() } else { format!("{label} ({})", found.details.join(", ")) }
}

fn sandboxes(report: &Report) -> Vec<Row> {
    let row = |state, role, text| Row { state, role, group: "a sandbox", text };
    match &report.launch {
        Launch::Started => vec![row("ok", None, "started under the profile `shell`, and ended".into())],
        Launch::Failed { .. } => {
            let mut rows = vec![row("refused", Some(Role::Error), "under the profile `shell`".into())];
            if let Some(settings) = report.works_with {
                rows.push(row("ok", None, format!("started with {}", flags(settings))));
            }
            rows
        }
    }
}

/// What a finding means, what works, and what to paste, each line of which stays whole.
fn explain(finding: &Finding, target: Target) -> String {
    let (role, word) = match finding.level {
        Level::Blocks => (Role::Error, "error"),
        Level::Limits => (Role::Warning, "missing"),
        Level::Note => (Role::Hint, "note"),
    };
    let told = &finding.explanation;
    let mut text = entry(role, word, &told.means, target);
    match serves(finding) {
        _ if !told.works.is_empty() => text += &entry(Role::Aside, "works", told.works, target),
        Some(only) => text += &entry(Role::Aside, "works", &format!("All but {only}"), target),
        None => {}
    }
    let colon = if told.paste.is_empty() { "" } else { ":" };
    text += &entry(Role::Hint, "hint", &format!("{}{colon}", told.remedy), target);
    for line in &told.paste {
        text += &format!("    {}\n", printable(line));
    }
    text
}

/// What is asked for by those profiles that miss something here.
fn serves(finding: &Finding) -> Option<String> {
    let mut all: Vec<&str> = Vec::new();
    for probe in &finding.probes {
        match probe.serves {
            Serves::Only(what) if !all.contains(&what) => all.push(what),
            Serves::Only(_) => {}
            Serves::EverySandbox => return None,
        }
    }
    (!all.is_empty()).then(|| all.join(", "))
}

fn verdict(report: &Report) -> String {
    let is_limited = report.findings.iter().any(|finding| finding.level == Level::Limits);
    match (report.works(), report.works_with) {
        (true, _) if is_limited => "nsbox works here. What is missing is asked for by some profiles only.".into(),
        (true, _) => "nsbox works here.".into(),
        (false, Some(settings)) => {
            format!("nsbox does not work here as it is; it does with {}.", flags(settings))
        }
        (false, None) => "nsbox does not work here yet: what is marked as an error stands in the way.".into(),
    }
}

#[cfg(test)]
mod tests;
