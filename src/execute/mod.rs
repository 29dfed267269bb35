//! A plan, run: everything that can fail early in [`stage`], then three processes and their scripts.
//!
//! `monitor` stays outside and supervises, `init` builds the sandbox and reaps in it, `payload` becomes the command.
//! What each does, in which order and why, is the table in [`step`]; the scripts play it, one line a step.

mod channel;
mod failure;
mod init;
mod monitor;
mod outcome;
mod payload;
mod program;
mod protections;
mod reap;
mod relay;
mod rest;
mod script;
mod services;
mod signals;
mod stage;
mod start;
pub mod step;
mod supervise;

pub use failure::{Cause, Confinement, EXIT_FAILED, EXIT_NOT_EXECUTABLE, EXIT_NOT_FOUND, Failure};
pub use monitor::run;
pub use outcome::Outcome;
pub use protections::{Report, protections};
pub use script::Verbosity;
pub use services::ask_reception;
pub use signals::end_self;
pub use stage::{Staged, stage};
pub use start::{Listener, Started};
pub use step::{Actor, Step};

/// Adds to a failure what the person can do about it, as far as the evidence on this host tells.
fn with_remedy(mut failure: Failure) -> Failure {
    if let Cause::Refused(fault) = &failure.cause {
        let program = (failure.step == Step::Exec).then_some(fault.subject.as_ref());
        let mut evidence = crate::host::probe::evidence(program);
        if let Some(confinement) = &failure.confinement {
            evidence.apparmor_profile = Some(confinement.profile.clone());
        }
        failure.hint = crate::error::remedy::find(failure.step.name(), fault, &evidence);
    }
    failure
}
