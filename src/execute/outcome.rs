//! How a run ended: what was seen while it lasted, and what that makes of a signal.

use super::channel::Message;
use super::signals::{Arrived, Sender};

/// How a sandbox ended that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The payload exited with this status.
    Exited(u8),
    /// The payload was ended by this signal.
    Signalled(i32),
    /// Init was ended by this signal, and everything in the sandbox with it.
    Lost(i32),
    /// The payload was ended by this signal, which the terminal had sent.
    Interrupted {
        /// Its number.
        signal: i32,
        /// Whether the payload got it alone, since it was the terminal's foreground in place of nsbox's own job.
        alone: bool,
    },
    /// The payload was ended because its time was up.
    TimedOut,
}

/// What there is to tell when nothing more comes from init.
#[derive(Debug)]
pub(super) struct Watched {
    /// Its last word.
    pub last: Option<Message>,
    /// Whether the payload's time was up.
    pub timed_out: bool,
    /// The signals that were passed on.
    pub passed_on: Passed,
    /// Whether the payload was the one that the terminal talked to.
    pub had_terminal: bool,
    /// The signal for which a sandbox was ended that was not ready yet.
    pub given_up: Option<i32>,
}

/// The signals that were passed on to the payload, by who had sent them: a bit for each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passed {
    of_processes: u64,
    of_terminal: u64,
}

impl Passed {
    /// Notes one.
    pub fn add(&mut self, arrived: Arrived) {
        let set = if arrived.by == Sender::Terminal { &mut self.of_terminal } else { &mut self.of_processes };
        *set |= bit(arrived.signal);
    }
}

fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

impl Watched {
    /// The outcome where a signal has ended the payload.
    pub fn outcome_of(&self, signal: i32) -> Outcome {
        let Passed { of_processes, of_terminal } = self.passed_on;
        let is_key = matches!(signal, libc::SIGINT | libc::SIGQUIT);
        match is_key && (of_terminal & bit(signal) != 0 || self.had_terminal && of_processes & bit(signal) == 0) {
            true => Outcome::Interrupted { signal, alone: of_terminal & bit(signal) == 0 },
            false => Outcome::Signalled(signal),
        }
    }

    /// Whether a signal that has ended the payload had come in by nsbox, or by the terminal in its place.
    pub fn came_through(&self, signal: i32) -> bool {
        let passed_on = self.passed_on.of_processes | self.passed_on.of_terminal;
        passed_on & bit(signal) != 0 || matches!(self.outcome_of(signal), Outcome::Interrupted { .. })
    }
}
