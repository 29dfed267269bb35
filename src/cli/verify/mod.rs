//! `nsbox verify`: what a profile promises, attacked from inside; and nsbox as the one who attacks.

mod json;
mod text;

use super::invocation::{Run, Verbosity, Verification, View};
use super::run::{host_facts, plan, warn};
use super::stop::Stop;
use super::terminal::Target;
use super::{launcher, output};
use anyhow::{Context, anyhow};
use nsbox::verify::{self, SUMMONS, Unverified};
use std::ffi::OsString;
use std::io::Read;

/// Something that the profile promises does not hold.
const BROKEN: u8 = 1;

/// Attacks the promises of a profile, prints what came of it, and gives the exit status.
///
/// # Errors
/// All that is wrong with the profile, and whatever kept the sandbox from being made.
pub fn show(verification: &Verification) -> Result<u8, Stop> {
    let Verification { run, view } = verification;
    let facts = host_facts()?;
    let mut claimed = run.clone();
    // Whatever it runs by itself, it is what it allows that counts.
    claimed.request.argv = vec!["true".into()];
    claimed.plan = None;
    let (claim, odd) = plan(&claimed, &facts)?;
    warn(run.verbosity, odd.iter());
    warn(run.verbosity, launcher::root_warning(&facts).iter());
    let made = match run.plan {
        Some(_) => {
            // The rest of the request is the claim's.
            let descriptor = Run { request: Default::default(), ..run.clone() };
            plan(&descriptor, &facts)?.0
        }
        None => claim.clone(),
    };
    let program = std::env::current_exe().and_then(|path| path.canonicalize());
    let program = program.context("could not find out where nsbox itself is")?;
    let quiet = run.verbosity == Verbosity::Quiet;
    let mut told = |warnings: &[_]| warn(if quiet { Verbosity::Quiet } else { Verbosity::Normal }, warnings);
    let report = verify::examine(&claim, &made, &program, &facts, &mut told)?;
    let name = run.request.profile.clone().unwrap_or_else(|| OsString::from("shell"));
    let name = name.to_string_lossy();
    output::print(&match view {
        View::Json => json::write(&report, &name).context("could not write the report as JSON")?,
        _ => text::write(&report, &name, Target::output()),
    })?;
    Ok(if report.holds() { 0 } else { BROKEN })
}

impl From<Unverified> for Stop {
    fn from(unverified: Unverified) -> Self {
        match unverified {
            Unverified::NoPlace(diagnostic) => diagnostic.into(),
            Unverified::Launch(failure) => Self::Failure(failure),
            Unverified::Bait(fault) => anyhow!("could not lay out what a hole would reach: {fault}").into(),
            Unverified::Silent(said) => anyhow!("the sandbox ended before everything was tried: {said}").into(),
        }
    }
}

/// Whether nsbox is its own payload.
pub fn is_summoned(words: &[OsString]) -> bool {
    words.first().is_some_and(|word| word == SUMMONS)
}

/// Attacks the promises of the scene on standard input, and says what was seen on standard output.
///
/// # Errors
/// Where there is no scene, or no sandbox.
pub fn attack() -> Result<(), Stop> {
    let mut written = Vec::new();
    // A reader of streams would be made a second time for all of a plan.
    let scene =
        std::io::stdin().lock().read_to_end(&mut written).map_or(None, |_| serde_json::from_slice(&written).ok());
    let scene = scene.ok_or_else(|| anyhow!("`{SUMMONS}` is what `nsbox verify` runs inside a sandbox"))?;
    let testimony = verify::play(scene).ok_or_else(|| anyhow!("this is no sandbox, so nothing was attacked"))?;
    output::print(&serde_json::to_string(&testimony).context("could not write what was seen")?)
}
