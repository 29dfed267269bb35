//! The command line of nsbox: what was typed, what is done about it, the exit status.

mod cli;

use cli::{Invocation, Stop};
use std::ffi::OsString;
use std::process::ExitCode;

/// Parsing a profile allocates, and a launch is short.
#[global_allocator]
static ARENA: nsbox::sys::arena::Arena = nsbox::sys::arena::Arena::new();

fn main() -> ExitCode {
    let words = std::env::args_os().skip(1).collect();
    run(words).unwrap_or_else(|stop| stop.report()).into()
}

/// All that nsbox does, as a table of contents.
fn run(words: Vec<OsString>) -> Result<u8, Stop> {
    cli::refuse_privilege()?;
    if cli::is_summoned(&words) {
        return attack();
    }
    if cli::is_filter(&words) {
        return filter(&words);
    }
    match cli::parse(words)? {
        Invocation::Run(run) => cli::run(&run),
        other => answer(other),
    }
}

/// What nsbox says of itself, of profiles and of this host. Apart, and so is the next: a launch would touch the pages of the
/// stack that these need.
#[inline(never)]
fn answer(invocation: Invocation) -> Result<u8, Stop> {
    match invocation {
        Invocation::Run(run) => cli::run(&run),
        Invocation::Diff(comparison) => cli::diff(&comparison),
        Invocation::Plan(run, view) => cli::plan(&run, view).map(success),
        Invocation::Profiles(name) => cli::profiles(name).map(success),
        Invocation::Syscalls(inquiry) => cli::syscalls(&inquiry).map(success),
        Invocation::Desktop(entries) => cli::desktop(&entries).map(success),
        Invocation::Completions(shell) => cli::completions(shell).map(success),
        Invocation::Check(files) => cli::check(&files),
        Invocation::Doctor(view) => cli::doctor(view),
        Invocation::Verify(verification) => cli::verify(&verification),
        Invocation::Help(of, detail) => cli::help(of, detail).map(success),
        Invocation::Version => cli::version().map(success),
        Invocation::Nothing => Err(Stop::NothingAsked),
    }
}

/// What a probe of `nsbox verify` does inside a sandbox.
#[inline(never)]
fn attack() -> Result<u8, Stop> {
    cli::attack().map(success)
}

/// What filters a sound server for a sandbox.
#[inline(never)]
fn filter(words: &[OsString]) -> Result<u8, Stop> {
    cli::filter(words).map(success)
}

/// The exit status of a command of nsbox that did what it was asked.
fn success(_: ()) -> u8 {
    0
}
