//! The report of `nsbox verify` for people: a line a promise, what is open or broken in full, the verdict.

use crate::cli::entries::paragraph;
use crate::cli::terminal::{Role, Target};
use crate::cli::text::printable;
use nsbox::verify::{Report, State, Verified};

/// The columns of the list: the state, the group, the name.
const STATE: usize = 9;
const GROUP: usize = 11;
const NAME: usize = 19;

pub fn write(report: &Report, profile: &str, target: Target) -> String {
    let headline = format!("nsbox {} attacks what the profile `{profile}` promises", env!("CARGO_PKG_VERSION"));
    let mut text = format!("{}\n\n", target.paint.apply(Role::Heading, &printable(&headline)));
    let mut last = None;
    for verified in &report.checks {
        // The name of a group stands at its first line only.
        let group = Some(verified.check.group.name()).filter(|group| last.replace(*group) != Some(*group));
        text += &row(verified, group.unwrap_or_default(), target);
    }
    text + "\n" + &verdict(report, target)
}

fn row(verified: &Verified, group: &str, target: Target) -> String {
    let role = match verified.state {
        State::Held => None,
        State::Open(_) => Some(Role::Warning),
        State::Broken(_) => Some(Role::Error),
        State::Untried(_) => Some(Role::Aside),
    };
    let state = verified.state.name();
    let shown = role.map_or_else(|| state.to_owned(), |role| target.paint.apply(role, state));
    let padding = " ".repeat(STATE - state.len());
    let indent = STATE + GROUP + NAME;
    let promise = paragraph(verified.check.promise, indent, target);
    let mut text = format!("{shown}{padding}{group:GROUP$}{:NAME$}{}", verified.check.name, promise.trim_start());
    for line in details(verified) {
        text += &paragraph(&line, indent, target);
    }
    text
}

/// What opens a promise, what was reached in spite of it, or why it could not be tried.
fn details(verified: &Verified) -> Vec<String> {
    match &verified.state {
        State::Held => Vec::new(),
        State::Open(openings) => {
            openings.iter().map(|opening| format!("open: {} ({})", opening.what, opening.by)).collect()
        }
        State::Broken(reached) => {
            let tried = format!("tried to {}", verified.check.tries);
            std::iter::once(tried).chain(reached.iter().map(|what| format!("reached: {what}"))).collect()
        }
        State::Untried(why) => vec![format!("not tried: {why}")],
    }
}

fn verdict(report: &Report, target: Target) -> String {
    let counts = ["held", "open", "broken", "untried"].map(|state| (report.count(state), state));
    let counts: Vec<_> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(n, state)| format!("{n} {state}")).collect();
    let counts = counts.join(", ");
    if report.holds() {
        return paragraph(&format!("Nothing is broken: {counts}."), 0, target);
    }
    let told = format!(
        "What nsbox promises does not hold here: {counts}. Please report what is broken, in private, through the \
         security advisories of nsbox's repository, as SECURITY.md says; `nsbox verify --json` has all of it."
    );
    paragraph(&told, 0, target)
}
