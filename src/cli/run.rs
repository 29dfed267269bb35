//! `nsbox COMMAND` and `nsbox run COMMAND`: from words to an exit status.

use super::invocation::{Run, Verbosity};
use super::launcher;
use super::stop::{Stop, tell};
use super::terminal::Target;
use super::{commands, render};
use nsbox::error::suggest::nearest;
use nsbox::error::{Diagnostic, Errno};
use nsbox::execute::{self, EXIT_NOT_FOUND, Failure, Outcome};
use nsbox::frontend::profile::{self, Request};
use nsbox::host::HostFacts;
use nsbox::plan::Plan;

/// The exit status of a command that a signal ended is this and the signal's number.
const SIGNALLED: i32 = 128;

/// The exit status of a command whose time was up, as timeout(1) gives it.
const TIMED_OUT: u8 = 124;

/// Runs a command in a sandbox, and gives the exit status.
///
/// # Errors
/// Whatever kept the command from running.
pub fn run(run: &Run) -> Result<u8, Stop> {
    let facts = host_facts()?;
    let plan = plan(run, &facts)?;
    warn(run.verbosity, launcher::root_warning(&facts).as_ref());
    let staged = execute::stage(plan)?;
    warn(run.verbosity, staged.warnings());
    let steps = match run.verbosity {
        Verbosity::Verbose => execute::Verbosity::Steps,
        Verbosity::Quiet | Verbosity::Normal => execute::Verbosity::Normal,
    };
    match execute::run(&staged, steps).map_err(|failure| suggest(failure, &run.request))? {
        Outcome::Exited(status) => Ok(status),
        Outcome::Signalled(signal) => Ok((SIGNALLED + signal) as u8),
        Outcome::TimedOut => Ok(TIMED_OUT),
        Outcome::Lost(signal) => {
            warn(Verbosity::Normal, &lost(signal));
            Ok((SIGNALLED + signal) as u8)
        }
    }
}

/// Reads what nsbox may know of the host.
///
/// # Errors
/// Where there is no working directory.
pub fn host_facts() -> Result<HostFacts, Stop> {
    let facts = HostFacts::read();
    Ok(facts.map_err(|error| anyhow::anyhow!("could not find out the current folder: {}", Errno::from(error)))?)
}

/// Turns what was asked for into a plan, and tells its warnings.
///
/// # Errors
/// All that is wrong with the profile and the flags.
pub fn plan(run: &Run, facts: &HostFacts) -> Result<Plan, Stop> {
    let chain = profile::load(&run.request, facts)?;
    let (plan, warnings) = profile::lower(&chain, &run.request, facts)?;
    warn(run.verbosity, warnings.iter());
    Ok(plan)
}

/// Tells warnings, unless nobody wants to hear them.
pub fn warn<'a>(verbosity: Verbosity, warnings: impl IntoIterator<Item = &'a Diagnostic>) {
    let mut warnings = warnings.into_iter().peekable();
    if verbosity != Verbosity::Quiet && warnings.peek().is_some() {
        tell(&render::diagnostics(warnings, Target::of(&std::io::stderr())));
    }
}

/// What is said where init was killed from outside.
fn lost(signal: i32) -> [Diagnostic; 1] {
    let name = nix::sys::signal::Signal::try_from(signal).map_or("a signal", |signal| signal.as_str());
    [Diagnostic::warning(format!("the sandbox was ended from outside by {name}, and the command with it"))]
}

/// A command that was not found may have been meant as one of nsbox's own.
fn suggest(mut failure: Failure, request: &Request) -> Failure {
    let typed = request.argv.first().and_then(|word| word.to_str());
    let own = typed.and_then(|word| nearest(word, commands::ALL.iter().map(|command| command.name)));
    if let (EXIT_NOT_FOUND, Some(own)) = (failure.exit, own) {
        let meant = format!("did you mean `nsbox {own}`?");
        failure.hint = Some(failure.hint.map_or_else(|| meant.clone(), |hint| format!("{meant} If not: {hint}")));
    }
    failure
}
