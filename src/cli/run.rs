//! `nsbox COMMAND` and `nsbox run COMMAND`: from words to an exit status.

use super::invocation::{Run, Verbosity};
use super::launcher;
use super::status::Status;
use super::stop::{Stop, tell};
use super::terminal::Target;
use super::text::span;
use super::{commands, render};
use nsbox::error::suggest::nearest;
use nsbox::error::{Diagnostic, Diagnostics, Errno, Fault, Severity};
use nsbox::execute::{self, EXIT_NOT_FOUND, Failure, Listener, Outcome, Started, Step};
use nsbox::frontend::profile::{self, Request};
use nsbox::frontend::serialised;
use nsbox::host::HostFacts;
use nsbox::plan::{Plan, WallTime};
use nsbox::sys::descriptors;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::mem::ManuallyDrop;

/// The exit status of a command that a signal ended is this and the signal's number.
const SIGNALLED: i32 = 128;

/// The exit status of a command whose time was up, as timeout(1) gives it.
pub const TIMED_OUT: u8 = 124;

/// The file of this program, wherever that is, or was.
const OWN_FILE: &str = "/proc/self/exe";

/// Runs a command in a sandbox, and gives the exit status.
///
/// # Errors
/// Whatever kept the command from running.
pub fn run(run: &Run) -> Result<u8, Stop> {
    let mut status = Status::open(run.status)?;
    let end = launch(run, &mut status);
    status.ended(&end);
    if let Ok(Outcome::Interrupted { signal, alone }) = end {
        execute::end_self(signal, alone).map_err(|fault| Failure::refused(Step::Supervise, fault))?;
    }
    end.map(|outcome| match outcome {
        Outcome::Exited(status) => status,
        Outcome::TimedOut => TIMED_OUT,
        Outcome::Signalled(signal) | Outcome::Interrupted { signal, .. } | Outcome::Lost(signal) => {
            (SIGNALLED + signal) as u8
        }
    })
}

/// Runs a command to its end, and tells of it on the way.
fn launch(run: &Run, status: &mut Status) -> Result<Outcome, Stop> {
    let facts = host_facts()?;
    let (plan, odd) = plan(run, &facts)?;
    let mut tell = |warnings: &mut dyn Iterator<Item = &Diagnostic>| {
        let warnings: Vec<_> = warnings.collect();
        status.warn(warnings.iter().copied());
        let is_told = |one: &&Diagnostic| one.severity > Severity::Note || run.verbosity == Verbosity::Verbose;
        warn(run.verbosity, warnings.into_iter().filter(is_told));
    };
    tell(&mut odd.iter());
    tell(&mut launcher::root_warning(&facts).iter());
    let wall_time = plan.wall_time.clone();
    // Nsbox ends with the command: to take all that apart would only keep the caller waiting.
    let staged = ManuallyDrop::new(execute::stage(plan)?.served_by(OWN_FILE));
    tell(&mut staged.warnings().iter());
    let steps = match run.verbosity {
        Verbosity::Verbose => execute::Verbosity::Steps,
        Verbosity::Quiet | Verbosity::Normal => execute::Verbosity::Normal,
    };
    let is_wanted = status.is_wanted();
    let report = staged.report();
    let mut started = |started: &Started| status.started(started, report);
    let listener: Option<Listener<'_>> = if is_wanted { Some(&mut started) } else { None };
    let end = execute::run(&staged, steps, listener).map_err(|failure| suggest(failure, &run.request))?;
    match end {
        Outcome::Lost(signal) => conclude(&lost(signal)),
        Outcome::TimedOut => wall_time.as_ref().map(time_is_up).iter().for_each(conclude),
        Outcome::Exited(_) | Outcome::Signalled(_) | Outcome::Interrupted { .. } => {}
    }
    Ok(end)
}

/// Reads what nsbox may know of the host.
///
/// # Errors
/// As [`HostFacts::read`].
pub fn host_facts() -> Result<HostFacts, Stop> {
    HostFacts::read().map_err(unknown)
}

/// What is said where something of the host that nsbox needs to know cannot be found out.
pub fn unknown(fault: Fault) -> Stop {
    anyhow::anyhow!("could not {fault}").into()
}

/// Turns what was asked for into a plan, with what is odd about it.
///
/// # Errors
/// All that is wrong with the profile and the flags.
pub fn plan(run: &Run, facts: &HostFacts) -> Result<(Plan, Diagnostics), Stop> {
    if let Some(number) = run.plan {
        let written = plan_from(number)?;
        let plan = serialised::read(&format!("descriptor {number}"), &written, &run.request.argv)?;
        return Ok((plan, Diagnostics::default()));
    }
    // As with what is staged: a launch is over before it would be worth taking apart.
    let chain = ManuallyDrop::new(profile::load(&run.request, facts)?);
    Ok(profile::lower(&chain, &run.request, facts)?)
}

/// What a descriptor holds to its end, but no more than a plan may.
fn plan_from(number: i32) -> Result<Vec<u8>, Diagnostic> {
    let read = |source: &mut dyn Read| {
        let mut written = Vec::new();
        source.take(serialised::SIZE_MAX as u64 + 1).read_to_end(&mut written).map(|_| written).map_err(Errno::from)
    };
    let written = match number {
        0 => read(&mut std::io::stdin().lock()),
        _ => descriptors::take(number).and_then(|descriptor| read(&mut File::from(descriptor))),
    };
    written.map_err(|errno| {
        Diagnostic::error(format!("no plan can be read from descriptor {number}: {errno}"))
            .hint(format!("it must be a file or a pipe; a shell opens one with `{number}< FILE`"))
    })
}

/// Tells warnings and notes, unless nobody wants to hear them.
pub fn warn<'a>(verbosity: Verbosity, warnings: impl IntoIterator<Item = &'a Diagnostic>) {
    let mut warnings = warnings.into_iter().peekable();
    if verbosity != Verbosity::Quiet && warnings.peek().is_some() {
        tell(&render::diagnostics(warnings, Target::of(&std::io::stderr())));
    }
}

/// Tells how a command was ended. On a terminal that begins a line of its own, since the command may have left off within one.
fn conclude(end: &Diagnostic) {
    if std::io::stderr().is_terminal() {
        tell("\n");
    }
    warn(Verbosity::Normal, [end]);
}

/// What is said where init was killed from outside.
fn lost(signal: i32) -> Diagnostic {
    let name = nix::sys::signal::Signal::try_from(signal).map_or("a signal", |signal| signal.as_str());
    Diagnostic::warning(format!("the sandbox was ended from outside by {name}, and the command with it"))
}

/// What is said where the command's time was up.
fn time_is_up(bound: &WallTime) -> Diagnostic {
    let message = format!("the command's time was up after {}, so it was ended", span(bound.seconds as i64));
    Diagnostic::error(message).hint(format!("`limits.wall-time` is set by {}", bound.origin))
}

/// A command that was not found may have been meant as one of nsbox's own.
fn suggest(mut failure: Failure, request: &Request) -> Failure {
    let typed = request.argv.first().and_then(|word| word.to_str());
    let own = typed.and_then(|word| match word {
        "help" => Some("--help"),
        "version" => Some("--version"),
        _ => nearest(word, commands::ALL.iter().map(|command| command.name)),
    });
    if let (EXIT_NOT_FOUND, Some(own)) = (failure.exit, own) {
        let meant = format!("did you mean `nsbox {own}`?");
        failure.hint = Some(failure.hint.map_or_else(|| meant.clone(), |hint| format!("{meant} If not: {hint}")));
    }
    failure
}
