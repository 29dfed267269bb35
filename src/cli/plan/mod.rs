//! `nsbox plan`: what a run would do, without doing it.

mod caller;
mod calls;
mod diff;
mod explain;
mod files;
mod folding;
mod hardware;
mod services;
mod steps;
mod syscalls;

use super::invocation::{Comparison, Run, Verbosity, View};
use super::run::{host_facts, plan, unknown, warn};
use super::stop::Stop;
use super::terminal::Target;
use super::{launcher, layout, output};
use anyhow::Context;
use folding::Folding;
use nsbox::execute;
use std::ffi::OsString;

/// Shows the plan of a run.
///
/// # Errors
/// All that would keep it from being made, and a standard output that cannot be written.
pub fn show(run: &Run, view: View) -> Result<(), Stop> {
    let facts = host_facts()?;
    let (plan, odd) = plan(run, &facts)?;
    warn(run.verbosity, odd.iter());
    let target = Target::output();
    let text = match view {
        View::Json => serde_json::to_string_pretty(&plan).context("could not write the plan as JSON")? + "\n",
        View::Steps => layout::lay_out(&steps::table(), target),
        View::Explanation | View::AppArmor => {
            let folding = if run.verbosity == Verbosity::Verbose { Folding::Unfolded } else { Folding::Folded };
            let caller = caller::Caller {
                groups: launcher::groups(&facts).map_err(unknown)?,
                root: facts.is_real_root,
                protections: Some(execute::protections(&plan)),
                reception: execute::ask_reception(&plan),
            };
            layout::lay_out(&explain::explain(&plan, &caller, folding), target)
        }
    };
    output::print(&text)
}

/// The two profiles allow the same.
const SAME: u8 = 0;
/// They do not.
const DIFFERENT: u8 = 1;

/// Shows what each of two profiles allows and the other does not, and gives the exit status.
///
/// # Errors
/// All that is wrong with one of them, and a standard output that cannot be written.
pub fn diff(comparison: &Comparison) -> Result<u8, Stop> {
    let facts = host_facts()?;
    let plan_under = |profile: &OsString| {
        let mut run = comparison.run.clone();
        // Whatever they run by themselves, it is what they allow that counts.
        run.request.argv = vec!["true".into()];
        run.request.profile = Some(profile.clone());
        let (plan, odd) = plan(&run, &facts)?;
        warn(run.verbosity, odd.iter());
        Ok::<_, Stop>(plan)
    };
    let [first, second] = &comparison.profiles;
    let plans = (plan_under(first)?, plan_under(second)?);
    let found = diff::compare(&plans.0, &plans.1);
    let text = match comparison.view {
        View::Json => serde_json::to_string_pretty(&found).context("could not write the differences as JSON")? + "\n",
        _ => layout::lay_out(&diff::page(&found, [first, second]), Target::output()),
    };
    output::print(&text)?;
    Ok(if found.is_empty() { SAME } else { DIFFERENT })
}
