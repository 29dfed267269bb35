//! `nsbox doctor`: what this host allows, and the remedy.

mod json;
mod text;

use super::invocation::View;
use super::output;
use super::run::host_facts;
use super::stop::{Stop, tell};
use super::terminal::{Paint, Role, Target};
use anyhow::Context;
use nsbox::doctor::{self, Caller, Launch};
use nsbox::error::Diagnostics;
use nsbox::error::remedy::Settings;
use nsbox::frontend::profile::{self, Request, Setting, SettingValue};
use nsbox::host::{HostFacts, probe};
use nsbox::plan::Plan;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The default profile is refused something here.
const DOES_NOT_WORK: u8 = 1;

/// A profile that opens nothing of a desktop, whatever is installed under its name.
const BARE: Option<&str> = Some("builtin:strict");

/// Examines this host, prints what came of it, and gives the exit status.
///
/// # Errors
/// Where nsbox could not find out.
pub fn show(view: View) -> Result<u8, Stop> {
    let program = std::env::current_exe();
    if view == View::AppArmor {
        let program = program.context("could not find out where nsbox itself is")?;
        let is_roots = std::fs::metadata(&program).is_ok_and(|found| found.uid() == 0);
        return output::print(&doctor::apparmor::profile(&program, is_roots)).map(|()| 0);
    }
    let facts = host_facts()?;
    let evidence = probe::evidence(None);
    // Without /proc it has no name that is known, and no sandbox either.
    let program = program.unwrap_or_else(|_| "/proc/self/exe".into());
    let progress = Progress::new();
    let tried = doctor::examine(&Caller::of(&facts), &mut |probe| progress.tell(probe.tries));
    let report = doctor::report(tried, &evidence, &mut |settings| {
        progress.tell("start a sandbox");
        start(&program, settings, &facts)
    });
    let desktop = doctor::desktop::survey(&facts, &mut |settings| {
        progress.tell("find what a session has for windows");
        lower(BARE, &program, settings, &facts)
    });
    progress.end();
    let report = report.with(desktop);
    output::print(&match view {
        View::Json => json::write(&report, &evidence).context("could not write the report as JSON")?,
        _ => text::write(&report, &evidence, Target::output()),
    })?;
    Ok(if report.works() { 0 } else { DOES_NOT_WORK })
}

/// Starts a sandbox under the default profile: nsbox itself, which every host has, tells its version in there.
fn start(program: &Path, settings: Settings, facts: &HostFacts) -> Launch {
    let plan = match lower(None, program, settings, facts) {
        Ok((plan, _)) => plan,
        Err(found) => {
            let hint = found.iter().find_map(|one| one.hint.clone());
            return Launch::Failed { message: found.to_string(), hint };
        }
    };
    doctor::launch(plan).unwrap_or_else(|fault| Launch::Failed { message: fault.to_string(), hint: None })
}

/// The plan for nsbox itself under a profile, the default one where none is named, and these settings.
fn lower(
    profile: Option<&str>,
    program: &Path,
    settings: Settings,
    facts: &HostFacts,
) -> Result<(Plan, Diagnostics), Diagnostics> {
    let read =
        Setting { flag: "--read".into(), key: "filesystem.read".into(), value: SettingValue::Word(program.into()) };
    let set = settings.iter().map(|(key, value)| Setting {
        flag: "--set".into(),
        key: (*key).into(),
        value: SettingValue::Toml((*value).into()),
    });
    let argv = vec![program.into(), "--version".into()];
    let settings = std::iter::once(read).chain(set).collect();
    let request = Request { profile: profile.map(OsString::from), argv, settings, ..Request::default() };
    let chain = profile::load(&request, facts)?;
    profile::lower(&chain, &request, facts)
}

/// What is being tried, for a person at a terminal; gone when all is done.
struct Progress(Option<Paint>);

impl Progress {
    fn new() -> Self {
        let target = Target::of(&std::io::stderr());
        // What a line is wiped with is an escape sequence too.
        Self((target.paint == Paint::Colours).then_some(target.paint))
    }

    fn tell(&self, tries: &str) {
        if let Some(paint) = self.0 {
            tell(&format!("\r\u{1b}[K{}", paint.apply(Role::Aside, &format!("tries to {tries} ..."))));
        }
    }

    fn end(&self) {
        if self.0.is_some() {
            tell("\r\u{1b}[K");
        }
    }
}
