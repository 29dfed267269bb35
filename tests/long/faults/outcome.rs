//! What came of a launch with a fault in it, and the table that says what is right.

use super::tracer::{Call, Fault, TELL, Traced, trace};
use super::variant::Place;
use nix::errno::Errno;
use std::collections::BTreeSet;

/// What came of a launch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Exit 125 with a message that names the step, and the command never ran.
    Refuses,
    /// The same, but the command had been started, and was ended.
    Stops,
    /// Exit 126 or 127 with a message that the command could not be run.
    CannotRun,
    /// As if nothing had happened: the command's own exit status, and every protection in place.
    Recovers,
    /// Exit 125 with a message of what went wrong before there was a step to name; the command never ran.
    Complains,
    /// The process that was hit is gone, and nsbox with it, without a word of its own; the command never ran.
    Dies,
    /// The command ran without something that `best-effort` names, and a warning says so.
    Warns,
    /// The command was ended from outside, and nsbox says so.
    Ends,
    /// Everything is gone at once, as the monitor is.
    MonitorKilled,
    /// Something that is never right.
    Wrong(String),
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Refuses => "refuses",
            Self::Stops => "stops",
            Self::CannotRun => "cannot-run",
            Self::Recovers => "recovers",
            Self::Complains => "complains",
            Self::Dies => "dies",
            Self::Warns => "warns",
            Self::Ends => "ends",
            Self::MonitorKilled => "monitor-killed",
            Self::Wrong(why) => return write!(f, "WRONG: {why}"),
        })
    }
}

/// A launch, and what it left to be seen.
#[derive(Debug)]
pub struct Run {
    /// The launch itself.
    pub traced: Traced,
    /// Whether the command left its mark.
    was_marked: bool,
    /// What the command said of its protections.
    fingerprint: String,
    /// What was found afterwards.
    leftovers: String,
}

impl Run {
    /// Launches nsbox.
    pub fn of(place: &Place, fault: Option<(Call, Fault)>) -> Self {
        let (streams, terminal) = place.streams();
        let mut traced = trace(&place.host, &place.folder(), &place.words(), streams, fault.clone());
        if let Some(terminal) = terminal {
            traced.stdout = terminal.shown();
        }
        let fingerprint = place.fingerprint(&traced.stdout);
        // Who is killed removes nothing, nor does one whose removing fails: that is the next launch's to do.
        let leaves_it =
            |(call, fault): (Call, Fault)| call.is_of_monitor() && (fault == Fault::Killed || call.removes());
        if traced.was_hit && fault.is_some_and(leaves_it) {
            place.sweep();
        }
        Self { was_marked: place.was_marked(), fingerprint, leftovers: place.leftovers(), traced }
    }

    /// Judges a launch without a fault by another one.
    pub fn without_fault(&self, sound: &Self) -> Outcome {
        let whatever = sound.traced.calls.first().expect("a call");
        self.outcome(sound, whatever, Fault::Fails(Errno::EINVAL))
    }

    /// Judges a launch by one without a fault.
    pub fn outcome(&self, sound: &Self, call: &Call, fault: Fault) -> Outcome {
        let traced = &self.traced;
        let told = traced.complaints.trim().replace('\n', " / ");
        let wrong = |why: &str| Outcome::Wrong(format!("{why}; status {}, {told}", traced.status));
        if !traced.overdue.is_empty() {
            return wrong(&format!("still there after the time: {:?}", traced.overdue));
        }
        if self.leftovers != sound.leftovers {
            return wrong(&format!("left behind: {}", difference(&self.leftovers, &sound.leftovers)));
        }
        let ran = self.was_marked || traced.was_executed;
        let complains = traced.complaints.contains("error: ");
        // What tells of a step comes after that has begun; and who has begun none is said to be at the first.
        let is_between = call.name == TELL || call.step == "begin";
        let step = if is_between { format!("` ({})", call.actor()) } else { format!("at step `{}`", call.step) };
        // Where a process was killed, the step may be that of the one that misses it.
        let names_step = traced.complaints.contains(if fault == Fault::Killed { "at step `" } else { &step });
        match traced.status {
            137 if fault == Fault::Killed && call.is_of_monitor() => Outcome::MonitorKilled,
            0 if !self.was_marked => wrong("success without the command"),
            0 if traced.complaints.contains("warning: ") => Outcome::Warns,
            0 if self.fingerprint != sound.fingerprint => {
                wrong(&format!("not all is as it should be: {}", difference(&self.fingerprint, &sound.fingerprint)))
            }
            0 if traced.complaints != sound.traced.complaints => wrong("a complaint beside a success"),
            0 => Outcome::Recovers,
            125 if complains && names_step && ran => Outcome::Stops,
            125 if complains && names_step => Outcome::Refuses,
            126 | 127 if complains && told.contains("could not run") && !ran => Outcome::CannotRun,
            125 if complains && !ran => Outcome::Complains,
            137 if told.contains("ended from outside") => Outcome::Ends,
            _ if !ran => Outcome::Dies,
            _ => wrong("an end without a word"),
        }
    }
}

/// The lines that only one of two texts has.
fn difference(one: &str, other: &str) -> String {
    let lines = |text| -> BTreeSet<String> { str::lines(text).map(str::to_owned).collect() };
    let (one, other) = (lines(one), lines(other));
    one.symmetric_difference(&other).take(6).cloned().collect::<Vec<_>>().join(" | ")
}
