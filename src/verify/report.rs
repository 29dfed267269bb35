//! From what was promised and what both sides saw to what holds, without a look at the host.

use super::bait::Traces;
use super::checks::{CHECKS, Check};
use super::openings::{Claim, Opening, Standing};
use super::testimony::{Seen, Testimony};

/// All that there is to say.
#[derive(Debug, Clone)]
pub struct Report {
    /// Each check, in the order of the table, and what came of it.
    pub checks: Vec<Verified>,
}

/// A check, and what came of it.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The check.
    pub check: &'static Check,
    /// What came of it.
    pub state: State,
}

/// What became of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Every attack failed.
    Held,
    /// The profile opens it, by these.
    Open(Vec<Opening>),
    /// An attack reached this.
    Broken(Vec<String>),
    /// It could not be tried, for this reason.
    Untried(String),
}

impl State {
    /// What the list calls it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Open(_) => "open",
            Self::Broken(_) => "broken",
            Self::Untried(_) => "untried",
        }
    }
}

impl Report {
    /// How many checks came out so.
    pub fn count(&self, state: &str) -> usize {
        self.checks.iter().filter(|verified| verified.state.name() == state).count()
    }

    /// Whether nothing is broken.
    pub fn holds(&self) -> bool {
        self.count("broken") == 0
    }
}

/// Judges every check of the table.
pub fn report(claim: &Claim<'_>, testimony: &Testimony, traces: &Traces) -> Report {
    let checks = CHECKS.iter().map(|check| {
        let state = match testimony.of(check.name) {
            None => State::Untried("nothing was heard of it".into()),
            Some(seen) => judge(check, (check.standing)(claim), seen, traces),
        };
        Verified { check, state }
    });
    Report { checks: checks.collect() }
}

fn judge(check: &Check, standing: Standing, seen: &Seen, traces: &Traces) -> State {
    let reached = reached(check, seen, traces);
    match standing {
        // Whatever came of the attack: that it failed this time closes nothing.
        Standing::Open(openings) => State::Open(openings),
        _ if !reached.is_empty() => State::Broken(reached),
        Standing::PartlyOpen(openings) => State::Open(openings),
        Standing::Void(why) => State::Untried(why.to_owned()),
        Standing::Kept => match &seen.untried {
            Some(why) => State::Untried(why.clone()),
            None if seen.tried == 0 => State::Untried("no attack could be tried".into()),
            None => State::Held,
        },
    }
}

/// What was reached, as either side saw it.
fn reached(check: &Check, seen: &Seen, traces: &Traces) -> Vec<String> {
    let mut reached = seen.reached.clone();
    let baited = seen.got.iter().filter(|(_, text)| !traces.secret.is_empty() && text.contains(&traces.secret));
    reached.extend(baited.map(|(place, _)| place.clone()));
    let own = seen.namespaces.iter().filter(|namespace| traces.namespaces.contains(namespace));
    reached.extend(own.map(|namespace| format!("the caller's own namespace {namespace}")));
    let outside: &[(bool, &str)] = match check.name {
        "signals" => &[(traces.signalled, "a process outside got the signal")],
        "network" => &[(traces.port, "a port of the host's loopback was connected to")],
        "path-sockets" => &[(traces.socket, "a socket of the host was connected to")],
        "abstract-sockets" => &[(traces.abstract_socket, "an abstract socket of the host was connected to")],
        "reopening" => &[(traces.written, "a file that was given for reading was written to")],
        _ => &[],
    };
    reached.extend(outside.iter().filter(|(is_so, _)| *is_so).map(|(_, what)| (*what).to_owned()));
    if check.name == "nothing-stays" {
        reached.extend(traces.strays.iter().map(|path| format!("{} on the host", path.display())));
    }
    if let ("keyrings", Some(own)) = (check.name, traces.keyring) {
        let known = seen.got.iter().filter(|(place, text)| place == KEYRING && *text == own.to_string());
        reached.extend(known.map(|_| "the caller's own session keyring".to_owned()));
    }
    reached
}

/// Where the number of the session keyring is said to be got from.
pub const KEYRING: &str = "the session keyring";

#[cfg(test)]
mod tests;
