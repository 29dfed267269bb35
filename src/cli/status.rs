//! `--status-fd`: what becomes of a run, as lines of JSON for the program that started it.

use super::stop::Stop;
use nsbox::error::{Diagnostic, Errno, Severity};
use nsbox::execute::{Outcome, Report, Started};
use nsbox::sys::descriptors;
use rustix::fs::{OFlags, fcntl_getfl};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;

/// The version of the lines; within one, fields and events may be added, and none changes or goes.
const VERSION: u32 = 1;

/// Where the lines go, if anywhere.
#[derive(Debug)]
pub struct Status(Option<File>);

#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    #[serde(flatten)]
    event: Event<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event<'a> {
    Warning {
        message: &'a str,
        source: Option<String>,
    },
    Note {
        message: &'a str,
        source: Option<String>,
    },
    Started {
        nsbox: i32,
        init: i32,
        payload: i32,
        namespaces: &'a BTreeMap<&'static str, u64>,
        protections: Report,
    },
    Exited {
        /// The exit status of the command, unless a signal ended it.
        status: Option<u8>,
        /// That signal.
        signal: Option<i32>,
    },
    /// The command's time was up.
    TimedOut {
        /// The exit status of nsbox.
        exit: u8,
    },
    Failed {
        /// The exit status of nsbox.
        exit: u8,
        /// The step of the launch, if one had begun.
        step: Option<&'static str>,
        message: String,
        hint: Option<&'a str>,
    },
}

impl Status {
    /// Takes the descriptor of that number, so that it crosses over to nobody.
    ///
    /// # Errors
    /// Where the caller has not opened it for writing.
    pub fn open(number: Option<i32>) -> Result<Self, Diagnostic> {
        let Some(number) = number else { return Ok(Self(None)) };
        let refused = |what: &str| {
            Diagnostic::error(format!("`--status-fd {number}`: descriptor {number} is not open{what}"))
                .hint(format!("open it where nsbox is started; a shell does so with `{number}> FILE`"))
        };
        let descriptor = descriptors::take(number).map_err(|_: Errno| refused(""))?;
        match fcntl_getfl(&descriptor) {
            Ok(flags) if flags.intersects(OFlags::WRONLY | OFlags::RDWR) => Ok(Self(Some(descriptor.into()))),
            _ => Err(refused(" for writing")),
        }
    }

    /// Tells of what is weaker than it could be, and of what is left out.
    pub fn warn<'a>(&mut self, warnings: impl IntoIterator<Item = &'a Diagnostic>) {
        for warning in warnings {
            let place = warning.excerpt.as_ref().map(|at| at.place());
            let message = &warning.message;
            self.tell(match warning.severity {
                Severity::Note => Event::Note { message, source: place },
                Severity::Warning | Severity::Error => Event::Warning { message, source: place },
            });
        }
    }

    /// Tells that the command has taken over, and what holds of the protections that may be missing.
    pub fn started(&mut self, started: &Started, protections: Report) {
        let Started { nsbox, init, payload, namespaces } = started;
        self.tell(Event::Started { nsbox: *nsbox, init: *init, payload: *payload, namespaces, protections });
    }

    /// Tells how it ended, or why it never began.
    pub fn ended(&mut self, end: &Result<Outcome, Stop>) {
        self.tell(match end {
            Ok(Outcome::Exited(status)) => Event::Exited { status: Some(*status), signal: None },
            Ok(Outcome::Signalled(signal) | Outcome::Interrupted { signal, .. } | Outcome::Lost(signal)) => {
                Event::Exited { status: None, signal: Some(*signal) }
            }
            Ok(Outcome::TimedOut) => Event::TimedOut { exit: super::run::TIMED_OUT },
            Err(stop) => {
                Event::Failed { exit: stop.exit(), step: stop.step(), message: stop.message(), hint: stop.hint() }
            }
        });
    }

    /// Whether anybody asked for it.
    pub fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// Writes a line, in one piece; whoever does not read it any more need not.
    fn tell(&mut self, event: Event<'_>) {
        let Some(file) = &mut self.0 else { return };
        if let Ok(mut line) = serde_json::to_string(&Line { version: VERSION, event }) {
            line.push('\n');
            drop(file.write_all(line.as_bytes()));
        }
    }
}
