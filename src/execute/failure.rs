//! Why a sandbox could not be started or kept: the step, the cause, the remedy, the exit status.

use super::step::Step;
use crate::error::Fault;
use std::fmt;

/// nsbox itself failed.
pub const EXIT_FAILED: u8 = 125;
/// The command was found, but could not be executed.
pub const EXIT_NOT_EXECUTABLE: u8 = 126;
/// The command was not found.
pub const EXIT_NOT_FOUND: u8 = 127;
/// A signal ended a wait: this, and its number.
const EXIT_SIGNALLED: u8 = 128;

/// The call that is reported where a program is there, but what is to interpret or load it is not.
pub(super) const WITHOUT_INTERPRETER: &str = "execve, without the interpreter of";

/// The call that is reported where a program has 32 bits, and its entry point into the kernel is closed.
pub(super) const OF_32_BITS: &str = "execve, in a sandbox without 32-bit system calls, of";

/// A launch that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The step at which it happened.
    pub step: Step,
    /// What happened.
    pub cause: Cause,
    /// What confined the process that was refused it, which need not be what confines nsbox itself; boxed, since failures are
    /// passed around.
    pub confinement: Option<Box<Confinement>>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The exit status that nsbox ends with: 125, 126 or 127; 128 and its number where a signal was the reason.
    pub exit: u8,
}

/// What confines a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confinement {
    /// Its AppArmor profile.
    pub profile: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A call that the kernel refused.
    Refused(Fault),
    /// A process of the sandbox was killed from outside by this signal.
    Killed(i32),
    /// A process of the sandbox ended in silence.
    Vanished,
}

impl Failure {
    /// A refused call, before its remedy is known.
    pub fn refused(step: Step, fault: Fault) -> Self {
        let exit = match fault.errno.0 {
            _ if !is_of_program(&fault) => EXIT_FAILED,
            libc::ENOENT | libc::ENOTDIR if step == Step::Exec => EXIT_NOT_FOUND,
            _ => EXIT_NOT_EXECUTABLE,
        };
        Self { step, cause: Cause::Refused(fault), confinement: None, hint: None, exit }
    }

    /// A wait that a signal ended.
    pub(super) fn interrupted(step: Step, fault: Fault, signal: i32) -> Self {
        Self { exit: EXIT_SIGNALLED + signal as u8, ..Self::refused(step, fault) }
    }

    /// The signal that came while nsbox waited, and by which it would have ended, where one did.
    pub fn signal(&self) -> Option<i32> {
        self.exit.checked_sub(EXIT_SIGNALLED).map(i32::from)
    }

    /// Whether a security module may be behind it. Under the filter of the sandbox nothing more can be asked.
    pub(super) fn may_be_confined(&self) -> bool {
        let Cause::Refused(fault) = &self.cause else { return false };
        matches!(fault.errno.0, libc::EPERM | libc::EACCES) && self.step < Step::InstallSeccomp
    }

    /// A process that was killed from outside, still on its way.
    pub fn killed(step: Step, signal: i32) -> Self {
        Self { step, cause: Cause::Killed(signal), confinement: None, hint: None, exit: EXIT_FAILED }
    }

    /// A process that ended in silence, still on its way.
    pub fn vanished(step: Step) -> Self {
        Self { step, cause: Cause::Vanished, confinement: None, hint: None, exit: EXIT_FAILED }
    }
}

/// Whether it was the command itself that could not be executed.
fn is_of_program(fault: &Fault) -> bool {
    fault.call.starts_with("execve")
}

impl fmt::Display for Failure {
    /// The message without its remedy, in as many lines as it needs, the first one without an indent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (step, actor) = (self.step, self.step.actor());
        match &self.cause {
            Cause::Refused(fault) if fault.call == WITHOUT_INTERPRETER => {
                write!(f, "could not run `{}`: it is there, but its interpreter or loader is not", fault.subject)
            }
            Cause::Refused(fault) if fault.call == OF_32_BITS => {
                write!(f, "could not run `{}`: it is a 32-bit program, and this sandbox runs none", fault.subject)
            }
            Cause::Refused(fault) if is_of_program(fault) => {
                write!(f, "could not run `{}`: {}", fault.subject, fault.errno)
            }
            Cause::Refused(fault) => {
                write!(f, "could not start the sandbox at step `{step}` ({actor})\n  {fault}")?;
                match &fault.asked_for_by {
                    Some(origin) => write!(f, "\n  asked for by {origin}"),
                    None => Ok(()),
                }
            }
            Cause::Killed(signal) => {
                let name = nix::sys::signal::Signal::try_from(*signal).map_or("a signal", |s| s.as_str());
                write!(f, "the sandbox was killed by {name} at step `{step}` ({actor})")
            }
            Cause::Vanished => write!(f, "the {actor} ended without a word at step `{step}`"),
        }
    }
}

impl std::error::Error for Failure {}
