//! The report of `nsbox verify` for people: a line a promise, what is open or broken in full, the verdict.

use crate::cli::entries::{entry, paragraph};
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
    for verified in &report.checks {
        text += &details(verified, target);
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
    let promise = paragraph(verified.check.promise, STATE + GROUP + NAME, target);
    format!("{shown}{padding}{group:GROUP$}{:NAME$}{}", verified.check.name, promise.trim_start())
}

/// What opens a promise, what was reached in spite of it, or why it could not be tried.
fn details(verified: &Verified, target: Target) -> String {
    let name = verified.check.name;
    match &verified.state {
        State::Held => String::new(),
        State::Open(openings) => {
            let openings = openings.iter().map(|opening| format!("{} ({})", opening.what, opening.by));
            "\n".to_owned() + &entry(Role::Warning, "open", &lines(name, openings), target)
        }
        State::Broken(reached) => {
            let tries = format!("tried to {}; reached", verified.check.tries);
            let reached = std::iter::once(tries).chain(reached.iter().map(|what| format!("  {what}")));
            "\n".to_owned() + &entry(Role::Error, "broken", &lines(name, reached), target)
        }
        State::Untried(why) => "\n".to_owned() + &entry(Role::Aside, "untried", &lines(name, [why.clone()]), target),
    }
}

/// The first line behind the name, the others below it.
fn lines(name: &str, lines: impl IntoIterator<Item = String>) -> String {
    format!("{name}: {}", lines.into_iter().collect::<Vec<_>>().join("\n"))
}

fn verdict(report: &Report, target: Target) -> String {
    let counts = [("held", "held"), ("open", "open"), ("broken", "broken"), ("untried", "untried")];
    let counts: Vec<_> = counts
        .iter()
        .map(|(state, word)| (report.count(state), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
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
