//! `nsbox syscalls`: what is answered to system calls, by the policies and by a profile.
//!
//! Each answer is read from the very filter that a run would compile; nothing here knows a policy.

mod answers;
mod pages;

use super::invocation::{Inquiry, Run};
use super::run::{host_facts, plan, warn};
use super::stop::Stop;
use super::terminal::Target;
use super::{layout, output};
use answers::Subject;
use nsbox::error::Diagnostic;
use nsbox::frontend::profile::Request;
use nsbox::frontend::syscalls::{Calls, Policy, inquiry};
use std::ffi::OsStr;

/// Shows what is answered to one system call, to a group of them, or to all groups.
///
/// # Errors
/// Where there is no such call or group, where the profile has mistakes, and where standard output cannot be written.
pub fn show(inquiry: &Inquiry) -> Result<(), Stop> {
    let asked = inquiry.calls.as_deref().map(named).transpose()?;
    let mut subjects: Vec<Subject> = [Policy::Default, Policy::Strict].map(of_policy).into();
    if inquiry.request.profile.is_some() || !inquiry.request.settings.is_empty() {
        subjects.push(of_profile(&inquiry.request)?);
    }
    let sections = match asked {
        None => pages::overview(&subjects),
        Some(Calls::Group(group)) => pages::group(group, &subjects),
        Some(Calls::One(name)) => pages::call(name, &subjects),
    };
    output::print(&layout::lay_out(&sections, Target::output()))
}

fn of_policy(policy: Policy) -> Subject {
    Subject { name: policy.name().to_owned(), syscalls: inquiry::filter_of(policy), has_origins: false }
}

/// The profile as a run would have it.
fn of_profile(request: &Request) -> Result<Subject, Stop> {
    let facts = host_facts()?;
    // Whatever it runs by itself, it is what it allows that counts.
    let run = Run { request: Request { argv: vec!["true".into()], ..request.clone() }, ..Run::default() };
    let (plan, odd) = plan(&run, &facts)?;
    warn(run.verbosity, odd.iter());
    let profile = request.profile.as_deref().unwrap_or(OsStr::new("shell")).to_string_lossy();
    let name =
        if request.settings.is_empty() { format!("profile {profile}") } else { format!("profile {profile} and --set") };
    Ok(Subject { name, syscalls: plan.syscalls.clone(), has_origins: true })
}

/// The calls that a word names; a number, as the kernel logs it, is one by the native entry point.
fn named(word: &OsStr) -> Result<Calls, Diagnostic> {
    let word = word.to_string_lossy();
    if let Ok(number) = word.parse() {
        let none = || Diagnostic::error(format!("no system call of this machine has the number {number}"));
        return inquiry::name(number).map(Calls::One).ok_or_else(none);
    }
    word.parse().map_err(|problem: Diagnostic| match problem.label.clone() {
        Some(label) => problem.hint(label),
        None => problem,
    })
}

#[cfg(test)]
mod tests;
