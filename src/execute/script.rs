//! How a script plays its steps: in the table's order, by the right actor, each reported by its name.

use super::failure::Failure;
use super::step::{Actor, Step};
use crate::error::Fault;
use crate::sys::page::SharedBytes;
use rustix::io::{retry_on_intr, write};
use std::sync::atomic::Ordering;

/// What the person wants to read while a sandbox is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    /// Nothing but errors and warnings.
    #[default]
    Normal,
    /// A line a step, on standard error.
    Steps,
}

/// How far each process has come, where all of them can see it.
#[derive(Debug, Clone, Copy)]
pub struct Progress(SharedBytes);

impl Progress {
    /// Nothing done yet.
    ///
    /// # Errors
    /// As mmap(2).
    pub fn new() -> Result<Self, Fault> {
        SharedBytes::map().map(Self).map_err(Fault::of("mmap", "the progress page"))
    }

    fn mark(self, step: Step) {
        self.0.byte(step.actor() as usize).store(step as u8 + 1, Ordering::Relaxed);
    }

    /// The last step that an actor has begun.
    pub fn of(self, actor: Actor) -> Option<Step> {
        let mark = self.0.byte(actor as usize).load(Ordering::Relaxed);
        Step::ALL.get(usize::from(mark).checked_sub(1)?).copied()
    }
}

/// One actor's way through the table.
#[derive(Debug)]
pub struct Script {
    actor: Actor,
    last: Option<Step>,
    progress: Progress,
    verbosity: Verbosity,
}

impl Script {
    /// The script of an actor that has taken no step yet.
    pub fn new(actor: Actor, progress: Progress, verbosity: Verbosity) -> Self {
        Self { actor, last: None, progress, verbosity }
    }

    /// Takes a step. One of another actor, or one that the table puts before the last one taken, is refused: the
    /// table and the scripts cannot drift apart.
    ///
    /// # Errors
    /// The step's own fault, under its name.
    pub fn step<T>(&mut self, step: Step, act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Failure> {
        self.begin(step).and_then(|()| act()).map_err(|fault| Failure::refused(step, fault))
    }

    /// What all steps begin with; apart, so that it is there once and not once a step.
    fn begin(&mut self, step: Step) -> Result<(), Fault> {
        if step.actor() != self.actor || self.last.is_some_and(|last| last >= step) {
            return Err(Fault::of("keep the order of steps", step)(nix::errno::Errno::EPROTO));
        }
        self.last = Some(step);
        self.progress.mark(step);
        if self.verbosity == Verbosity::Steps {
            // In one call, or the lines of the three processes would run into each other; and past the language's own lock,
            // which a payload that is killed here would never give back to init. Whoever closed standard error wants none.
            let line = format!("nsbox: {}: {step}\n", self.actor);
            retry_on_intr(|| write(std::io::stderr(), line.as_bytes())).ok();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Progress, Script, Verbosity};
    use crate::execute::step::{Actor, Step};

    fn script(actor: Actor) -> Script {
        Script::new(actor, Progress::new().expect("a page"), Verbosity::Normal)
    }

    #[test]
    fn a_step_of_another_actor_is_refused() {
        let mut ran = false;
        let result = script(Actor::Init).step(Step::Exec, || {
            ran = true;
            Ok(())
        });
        assert!(result.is_err() && !ran);
    }

    #[test]
    fn an_earlier_step_and_the_same_step_again_are_refused() {
        let mut script = script(Actor::Init);
        script.step(Step::PivotRoot, || Ok(())).expect("the first step");
        assert!(script.step(Step::BuildRoot, || Ok(())).is_err());
        assert!(script.step(Step::PivotRoot, || Ok(())).is_err());
        script.step(Step::Reap, || Ok(())).expect("a later step");
    }

    #[test]
    fn progress_is_the_last_step_begun() {
        let progress = Progress::new().expect("a page");
        assert_eq!(progress.of(Actor::Payload), None);
        let mut script = Script::new(Actor::Payload, progress, Verbosity::Normal);
        script.step(Step::Exec, || Ok(())).expect("a step");
        assert_eq!(progress.of(Actor::Payload), Some(Step::Exec));
        assert_eq!(progress.of(Actor::Init), None);
    }
}
