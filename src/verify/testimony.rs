//! What was seen inside, as it is told to the outside.

use super::checks::CHECKS;
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// The most that one check tells of a kind; where so much is broken, more says nothing.
const TOLD_MAX: usize = 12;

/// What was seen by all checks.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Testimony {
    /// A name of a check, and what it saw.
    pub checks: Vec<(String, Seen)>,
}

/// What a check saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Seen {
    /// How many attacks were tried.
    pub tried: usize,
    /// What an attack reached that no attack should.
    pub reached: Vec<String>,
    /// What was read, and where: only the outside knows whether it is the bait.
    pub got: Vec<(String, String)>,
    /// The namespaces, by kind and number, that should not be the caller's.
    pub namespaces: Vec<String>,
    /// Why something could not be tried.
    pub untried: Option<String>,
}

impl Seen {
    /// Notes that something was tried.
    pub fn tries(&mut self) -> &mut Self {
        self.tried += 1;
        self
    }

    /// Notes that an attack succeeded; what was reached twice is told once.
    pub fn reaches(&mut self, what: impl Display) {
        self.note(what.to_string());
    }

    fn note(&mut self, what: String) {
        if self.reached.len() < TOLD_MAX && !self.reached.contains(&what) {
            self.reached.push(what);
        }
    }

    /// Notes that something was tried and, where that is so, succeeded.
    pub fn expects(&mut self, holds: bool, what: impl Display) {
        self.tries();
        if !holds {
            self.reaches(what);
        }
    }

    /// Notes what was read somewhere.
    pub fn gets(&mut self, place: impl Display, bytes: &[u8]) {
        if self.got.len() < TOLD_MAX {
            let bytes = &bytes[..bytes.len().min(1024)];
            self.got.push((place.to_string(), String::from_utf8_lossy(bytes).into_owned()));
        }
    }

    /// Notes why something could not be tried.
    pub fn cannot(&mut self, why: impl Display) {
        self.untried.get_or_insert_with(|| why.to_string());
    }
}

impl Testimony {
    /// What a check saw, if it has said so.
    pub fn of(&self, name: &str) -> Option<&Seen> {
        self.checks.iter().find(|(known, _)| known == name).map(|(_, seen)| seen)
    }

    /// Whether each is of a check that there is.
    pub fn is_complete(&self) -> bool {
        CHECKS.iter().all(|check| self.of(check.name).is_some())
    }
}
