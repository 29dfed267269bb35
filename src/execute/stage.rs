//! All that can be done, and can fail, before the first process is made.

use super::failure::Failure;
use super::protections::Report;
use super::script::{Progress, Script, Verbosity};
use super::services;
use super::step::{Actor, Step};
use crate::error::{Diagnostic, Errno, Fault};
use crate::host;
use crate::isolate::{descriptors, identity, landlock, limits, mount, pty, seccomp, terminal};
use crate::plan::{self, Capabilities, Capability, Filter, Nested, Plan, Syscalls, Variable};
use crate::sys::privilege;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// A plan that is ready to run.
#[derive(Debug)]
pub struct Staged {
    pub(super) plan: Plan,
    pub(super) layout: mount::Layout,
    /// What there is of the services, if the plan has any.
    pub(super) services: Option<services::Prepared>,
    /// The program that makes the sandboxes of the services.
    pub(super) nsbox: Option<PathBuf>,
    pub(super) filter: Option<seccomp::Program>,
    pub(super) ruleset: landlock::Prepared,
    pub(super) command: Command,
    pub(super) terminal: Option<terminal::Terminal>,
    /// The streams that the sandbox's own terminal stands in for, where it gets one.
    pub(super) streams: Option<pty::Streams>,
    pub(super) open_files: limits::OpenFiles,
    pub(super) map_programs: Option<identity::MapPrograms>,
    /// Whether the payload gives up the caller's supplementary groups, as only a map that was written with privilege lets it.
    pub(super) sheds_groups: bool,
    pub(super) progress: Progress,
    report: Report,
}

/// The command, as exec takes it.
#[derive(Debug)]
pub(super) struct Command {
    /// The files that may be the program, in the order of PATH.
    pub candidates: Vec<CString>,
    /// The program's name and its arguments.
    pub argv: Vec<CString>,
    /// `NAME=VALUE`.
    pub environment: Vec<CString>,
}

/// Where programs are looked up without a PATH (the default of execvp(3), with /usr/local first).
const PATH_DEFAULT: &[u8] = b"/usr/local/bin:/usr/bin:/bin";

/// Stages a plan: parses, looks up and compiles.
///
/// # Errors
/// The fault of the step `stage`, with its remedy.
pub fn stage(plan: Plan) -> Result<Staged, Failure> {
    let progress = Progress::new().map_err(|fault| Failure::refused(Step::Stage, fault))?;
    let mut script = Script::new(Actor::Monitor, progress, Verbosity::Normal);
    script.step(Step::Stage, || prepare(plan, progress)).map_err(super::with_remedy)
}

fn prepare(plan: Plan, progress: Progress) -> Result<Staged, Fault> {
    host::kernel::refuse_older()?;
    let passed = descriptors::find(&plan.descriptors)?;
    refuse_to_real_root(&plan)?;
    descriptors::refuse_ways_out(&plan.descriptors, &passed)?;
    let filter = match &plan.syscalls {
        Syscalls::Unfiltered { .. } => None,
        Syscalls::Filtered(filter) => Some(compile(filter)?),
    };
    let ruleset = landlock::prepare(&plan, &passed)?;
    let report = Report::of(&plan, ruleset.protected());
    let is_private = matches!(plan.terminal, plan::Terminal::Private { .. });
    let terminal = if is_private { None } else { terminal::Terminal::find(&passed)? };
    let console = terminal.as_ref().map(terminal::Terminal::device).transpose()?.flatten();
    let services = services::prepare(&plan)?;
    let sockets = services.as_ref().map(services::Prepared::sockets);
    let layout = mount::Layout::prepare(&plan.root, &plan.mounts, console, sockets)?;
    Ok(Staged {
        layout,
        services,
        nsbox: None,
        command: Command::prepare(&plan)?,
        terminal,
        streams: if is_private { pty::Streams::find(&passed)? } else { None },
        open_files: limits::OpenFiles::read()?,
        map_programs: identity::MapPrograms::prepare(&plan.identity)?,
        sheds_groups: plan.identity.has_ranges() || privilege::may_set_groups(),
        filter,
        ruleset,
        progress,
        report,
        plan,
    })
}

/// What real root must not be granted. In a user namespace inside, procfs can be mounted without its masks, and real root owns
/// the files in it; and the file capabilities that it sets are those of the host's own root, for everybody there.
fn refuse_to_real_root(plan: &Plan) -> Result<(), Fault> {
    let Capabilities { keep, origin } = &plan.capabilities;
    let (call, origin) = match &plan.namespaces.nested {
        Nested::Allow { origin } => ("allow nesting to", origin),
        Nested::Deny if keep.contains(&Capability::SETFCAP) => ("leave the capability setfcap to", origin),
        Nested::Deny => return Ok(()),
    };
    match host::is_real_root() {
        true => Err(Fault::of(call, "real root")(Errno(libc::EPERM)).asked_for_by(origin)),
        false => Ok(()),
    }
}

/// Compiles the filter; a plan that was validated has none that cannot be.
fn compile(filter: &Filter) -> Result<seccomp::Program, Fault> {
    seccomp::compile(filter).map_err(|diagnostic| {
        Fault::of("compile the filter:", diagnostic.message)(Errno(libc::EINVAL)).asked_for_by(&filter.origin)
    })
}

impl Staged {
    /// Says which program nsbox is, by its path. It makes the sandboxes of the services that the plan asks for; a plan that asks
    /// for any does not run without.
    #[must_use]
    pub fn served_by(self, nsbox: impl Into<PathBuf>) -> Self {
        Self { nsbox: Some(nsbox.into()), ..self }
    }

    /// What is weaker here than was asked for, as far as the plan accepts it.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let mut missing = self.report.missing(&self.plan);
        let weakness = self.services.as_ref().and_then(services::Prepared::weakness);
        missing.extend(weakness.map(Diagnostic::warning));
        missing
    }

    /// Whether init makes the payload only when it has given up everything, and lends it its memory meanwhile: where the payload
    /// keeps no capabilities, ends with init by their pid namespace, and cannot be stopped on its way by the keys of a terminal,
    /// which init could not pass on.
    pub(super) fn spawns_payload(&self) -> bool {
        let is_at_terminal =
            self.streams.is_some() || self.terminal.as_ref().is_some_and(terminal::Terminal::is_interactive);
        self.plan.capabilities.keep.is_empty() && self.plan.namespaces.pid && !is_at_terminal
    }

    /// Which protections hold.
    pub fn report(&self) -> Report {
        self.report
    }
}

impl Command {
    fn prepare(plan: &Plan) -> Result<Self, Fault> {
        let program = plan.command.argv.first().map(|word| word.as_bytes()).unwrap_or_default();
        let candidates = if program.contains(&b'/') {
            vec![c_string(program)?]
        } else {
            let path = plan.environment.iter().find(|v| v.name == "PATH").map(|v| v.value.as_bytes());
            let folders = path.unwrap_or(PATH_DEFAULT).split(|byte| *byte == b':');
            // An empty folder in PATH means the working directory; a program is never taken from there by its bare
            // name, since strangers' folders are what people start sandboxes in.
            let folders = folders.filter(|folder| folder.starts_with(b"/"));
            folders.map(|folder| c_string(&[folder, b"/", program].concat())).collect::<Result<_, _>>()?
        };
        let word = |word: &std::ffi::OsString| c_string(word.as_bytes());
        let variable = |v: &Variable| c_string(&[v.name.as_bytes(), b"=", v.value.as_bytes()].concat());
        Ok(Self {
            candidates,
            argv: plan.command.argv.iter().map(word).collect::<Result<_, _>>()?,
            environment: plan.environment.iter().map(variable).collect::<Result<_, _>>()?,
        })
    }
}

/// A plan has no NUL in any word; this says so should one come by.
fn c_string(bytes: &[u8]) -> Result<CString, Fault> {
    let subject = || OsStr::from_bytes(bytes).display().to_string();
    CString::new(bytes).map_err(|_| Fault::of("pass on", subject())(Errno(libc::EINVAL)))
}
