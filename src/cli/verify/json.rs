//! The report of `nsbox verify` for programs, as nsbox(1) describes it.

use nsbox::verify::{Report, State, Verified};
use serde_json::{Value, json};

/// The version of this format: within one, fields may be added, and none goes or changes.
const VERSION: u32 = 1;

pub fn write(report: &Report, profile: &str) -> serde_json::Result<String> {
    let whole = json!({
        "version": VERSION,
        "nsbox": env!("CARGO_PKG_VERSION"),
        "profile": profile,
        "holds": report.holds(),
        "checks": report.checks.iter().map(check).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

fn check(verified: &Verified) -> Value {
    let (openings, reached, untried) = match &verified.state {
        State::Held => (None, None, None),
        State::Open(openings) => (Some(openings), None, None),
        State::Broken(reached) => (None, Some(reached), None),
        State::Untried(why) => (None, None, Some(why)),
    };
    let opening = |opening: &nsbox::verify::Opening| json!({ "what": opening.what, "by": opening.by });
    json!({
        "name": verified.check.name,
        "group": verified.check.group.name(),
        "promise": verified.check.promise,
        "tries": verified.check.tries,
        "state": verified.state.name(),
        "opened": openings.map(|all| all.iter().map(opening).collect::<Vec<_>>()),
        "reached": reached,
        "untried": untried,
    })
}
