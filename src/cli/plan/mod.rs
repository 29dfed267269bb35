//! `nsbox plan`: what a run would do, without doing it.

mod explain;
mod files;
mod folding;
mod layout;
mod steps;
mod syscalls;

use super::invocation::{Run, Verbosity, View};
use super::run::{host_facts, plan, warn};
use super::stop::Stop;
use super::terminal::Target;
use super::{launcher, output};
use anyhow::Context;
use folding::Folding;

/// Shows the plan of a run.
///
/// # Errors
/// All that would keep it from being made, and a standard output that cannot be written.
pub fn show(run: &Run, view: View) -> Result<(), Stop> {
    let facts = host_facts()?;
    let (plan, odd) = plan(run, &facts)?;
    warn(run.verbosity, odd.iter());
    let target = Target::of(&std::io::stdout());
    let text = match view {
        View::Json => serde_json::to_string_pretty(&plan).context("could not write the plan as JSON")? + "\n",
        View::Steps => layout::lay_out(&steps::table(), target),
        View::Explanation => {
            let folding = if run.verbosity == Verbosity::Verbose { Folding::Unfolded } else { Folding::Folded };
            let caller = explain::Caller { groups: launcher::groups(&facts), root: facts.is_real_root };
            layout::lay_out(&explain::explain(&plan, &caller, folding), target)
        }
    };
    output::print(&text)
}
