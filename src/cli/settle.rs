//! Which flags and words cannot stand beside each other.

use super::invocation::{Addition, Comparison, Entries, Run, View};
use super::misuse;
use nsbox::error::Diagnostic;
use nsbox::frontend::profile::Request;
use std::ffi::OsString;

/// Lets a run through whose flags do not contradict each other.
pub fn run(run: Run) -> Result<Run, Diagnostic> {
    let Request { profile, settings, descriptors, .. } = &run.request;
    let described = profile.as_ref().map(|_| "--profile").or(settings.first().map(|setting| &*setting.flag));
    let described = described.or(descriptors.first().map(|_| "--keep-fd"));
    match (run.status, run.plan, described) {
        (_, Some(_), Some(flag)) => Err(misuse::beside_a_plan(flag)),
        (Some(number), Some(plan), _) if plan == number => Err(misuse::two_uses("--plan-fd", "--status-fd", number)),
        (Some(number), ..) if descriptors.contains(&number) => {
            Err(misuse::two_uses("--keep-fd", "--status-fd", number))
        }
        _ => Ok(run),
    }
}

/// Lets a comparison through that names two profiles, and none beside them.
pub fn comparison(mut run: Run, view: View) -> Result<Comparison, Diagnostic> {
    let beside = [
        ("--profile", run.request.profile.is_some()),
        ("--plan-fd", run.plan.is_some()),
        ("--steps", view == View::Steps),
    ];
    if let Some((flag, _)) = beside.iter().find(|(_, given)| *given) {
        return Err(misuse::beside_a_diff(flag));
    }
    let words = std::mem::take(&mut run.request.argv);
    let profiles = words.try_into().map_err(|words: Vec<_>| misuse::not_two(&words))?;
    Ok(Comparison { profiles, run, view })
}

/// Lets words through that say what is done with which desktop entries.
pub fn entries(words: Vec<OsString>, profile: Option<OsString>, launcher: bool) -> Result<Entries, Diagnostic> {
    let mut words = words.into_iter();
    let verb = words.next().ok_or_else(misuse::nothing_about_entries)?;
    let mut names: Vec<_> = words.collect();
    if verb == "add" {
        return match (names.pop(), names.is_empty()) {
            (Some(name), true) => Ok(Entries::Add(Addition { name, profile, launcher })),
            (last, _) => Err(misuse::not_one_entry(last.as_deref())),
        };
    }
    let beside = [("--profile", profile.is_some()), ("--command", launcher)];
    if let Some((flag, _)) = beside.iter().find(|(_, given)| *given) {
        return Err(misuse::only_to_add(flag, &verb));
    }
    match (verb.to_str(), names.first()) {
        (Some("list"), None) => Ok(Entries::List),
        (Some("list"), Some(word)) => Err(misuse::list_of(word)),
        (Some("remove"), None) => Err(misuse::no_entry()),
        (Some("remove"), Some(_)) => Ok(Entries::Remove(names)),
        _ => Err(misuse::unknown_about_entries(&verb)),
    }
}
