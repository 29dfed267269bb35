//! From a plan to what was seen: the bait is laid, nsbox itself is run under the plan, and what it saw is heard.

use super::bait::{Bait, session_sockets};
use super::expectations::{folders_in_memory, is_served, refused, shown_by, unknown};
use super::inside::whereabouts;
use super::openings::Claim;
use super::report::{Report, report};
use super::scene::{SUMMONS, Scene};
use super::testimony::Testimony;
use crate::error::{Diagnostic, Errno, Fault};
use crate::execute::{self, Failure, Outcome, Verbosity};
use crate::host::HostFacts;
use crate::plan::{Access, Draft, Mount, MountKind, Origin, Plan, Root, RootAccess, WallTime};
use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::{FdFlags, dup, fcntl_setfd};
use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Where nsbox is shown to itself, in a root of its own.
const PLACE: &str = "/.nsbox-verify";
/// How long all attacks together may take, in seconds.
const PATIENCE: u64 = 120;
/// How much the inside can say before anyone listens, in bytes.
const WORDS_MAX: usize = 1 << 20;

/// Why nothing could be verified.
#[derive(Debug)]
pub enum Unverified {
    /// The plan gives nsbox itself no place to be shown.
    NoPlace(Diagnostic),
    /// The sandbox could not be started.
    Launch(Box<Failure>),
    /// The bait could not be laid.
    Bait(Fault),
    /// The inside has not said all that it should; with what it said instead.
    Silent(String),
}

impl From<Failure> for Unverified {
    fn from(failure: Failure) -> Self {
        Self::Launch(Box::new(failure))
    }
}

impl From<Fault> for Unverified {
    fn from(fault: Fault) -> Self {
        Self::Bait(fault)
    }
}

/// Holds a sandbox that is made by `plan` to what `claim` promises; `warn` hears what is weaker here than was asked for.
///
/// The sandbox is that of the plan, with nsbox's own file beside, read-only, which is its command. Processes are made by
/// copying this one, which therefore must have no second thread.
///
/// # Errors
/// Where nothing could be found out.
pub fn examine(
    claim: &Plan,
    plan: &Plan,
    program: &Path,
    facts: &HostFacts,
    warn: &mut dyn FnMut(&[Diagnostic]),
) -> Result<Report, Unverified> {
    let place = place(plan).map_err(Unverified::NoPlace)?;
    let plan = with_program(plan, program, &place).map_err(Unverified::NoPlace)?;
    let bait = Bait::lay(claim, facts)?;
    let sockets = session_sockets(facts);
    let unnamed =
        sockets.iter().filter(|path| shown_by(claim, path).is_none() && !is_served(claim, path)).cloned().collect();
    let (refused, unknown) = (refused(claim), unknown(claim));
    let (lure, outside) = (bait.lure(unnamed), whereabouts());
    let scene = Scene { claim: claim.clone(), program: place, lure, outside, refused, unknown };
    // In the form of `plan --json`, which needs the code for it in any case.
    let written =
        serde_json::to_vec_pretty(&scene).map_err(|_| Fault::of("write", "the scene")(Errno(libc::EINVAL)))?;
    let words = run(plan, program, &bait, &written, warn)?;
    let testimony: Testimony =
        serde_json::from_slice(&words).map_err(|_| Unverified::Silent(String::from_utf8_lossy(&words).into_owned()))?;
    if !testimony.is_complete() {
        return Err(Unverified::Silent("some checks said nothing".into()));
    }
    let traces = bait.look(&folders_in_memory(claim), &written);
    let protections = execute::protections(claim);
    let file = bait.file();
    let reception = execute::ask_reception(claim).and_then(Result::ok);
    let claim = Claim { plan: claim, protections, reception, bait: &file, session_sockets: &sockets };
    Ok(report(&claim, &testimony, &traces))
}

/// Where nsbox can be shown inside: in a root of the sandbox's own, else in a folder in memory.
fn place(plan: &Plan) -> Result<PathBuf, Diagnostic> {
    let in_memory = || folders_in_memory(plan).into_iter().next().map(|folder| folder.join(&PLACE[1..]));
    match &plan.root {
        Root::Tmpfs { .. } | Root::Directory { access: RootAccess::Discard, .. } => Ok(PLACE.into()),
        Root::Directory { source, .. } => in_memory().ok_or_else(|| {
            let message =
                format!("nsbox cannot be shown inside: the root is {}, where nothing is made", source.display());
            Diagnostic::error(message).hint("`--tmpfs /tmp` gives it a place")
        }),
    }
}

/// The plan, with nsbox as its command.
fn with_program(plan: &Plan, program: &Path, place: &Path) -> Result<Plan, Diagnostic> {
    let mut draft = Draft::from(plan.clone());
    let origin = || Origin::Default("verify".into());
    let kind = MountKind::Bind { source: program.to_owned(), access: Access::Read };
    draft.mounts.push(Mount { destination: place.to_owned(), kind, origin: origin() });
    draft.command.argv = vec![place.into(), SUMMONS.into()];
    draft.wall_time = Some(WallTime { seconds: PATIENCE, origin: origin() });
    Plan::try_from(draft).map_err(|found| Diagnostic::error(format!("nsbox cannot be shown inside: {found}")))
}

/// Runs it, and gives what it said. Its streams are files of the host that must not be opened again for more: one to read, one
/// to write.
fn run(
    plan: Plan,
    program: &Path,
    bait: &Bait,
    scene: &[u8],
    warn: &mut dyn FnMut(&[Diagnostic]),
) -> Result<Vec<u8>, Unverified> {
    let (input, errors) = (bait.folder().join("scene"), bait.folder().join("errors"));
    make(&input, scene)?;
    make(&errors, bait.secret().as_bytes())?;
    let (listen, speak) = pipe_with(PipeFlags::CLOEXEC).map_err(Fault::of("pipe2", ""))?;
    // Less room than that is enough for all but the worst.
    fcntl_setpipe_size(&speak, WORDS_MAX).ok();
    let streams =
        Streams::replace(&open(&input, OFlags::RDONLY)?, &speak, &open(&errors, OFlags::WRONLY | OFlags::APPEND)?)?;
    drop(speak);
    let staged = execute::stage(plan);
    let staged = match staged {
        Ok(staged) => staged.served_by(program),
        Err(failure) => {
            streams.put_back()?;
            return Err(failure.into());
        }
    };
    let warnings = staged.warnings();
    let outcome = execute::run(&staged, Verbosity::Normal, None);
    streams.put_back()?;
    warn(&warnings);
    let outcome = outcome?;
    let mut words = Vec::new();
    File::from(listen).read_to_end(&mut words).map_err(Fault::of("read", "what the inside says"))?;
    if outcome != Outcome::Exited(0) {
        let said = std::fs::read_to_string(&errors).unwrap_or_default();
        let said = said.strip_prefix(bait.secret()).unwrap_or_default().trim().to_owned();
        return Err(Unverified::Silent(format!("{outcome:?} {said}")));
    }
    Ok(words)
}

fn make(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let file = open(path, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)?;
    File::from(file).write_all(bytes).map_err(Fault::of("write to", path.display()))
}

fn open(path: &Path, flags: OFlags) -> Result<OwnedFd, Fault> {
    let mode = Mode::from_raw_mode(0o600);
    openat(CWD, path, flags | OFlags::CLOEXEC, mode).map_err(Fault::of("open", path.display()))
}

/// This process's own standard streams, while others stand in for them.
struct Streams([OwnedFd; 3]);

impl Streams {
    fn replace(input: &OwnedFd, output: &OwnedFd, errors: &OwnedFd) -> Result<Self, Fault> {
        let copy = |stream: &dyn std::os::fd::AsFd| {
            let copied = dup(stream.as_fd()).and_then(|copied| fcntl_setfd(&copied, FdFlags::CLOEXEC).map(|()| copied));
            copied.map_err(Fault::of("dup", "a standard stream"))
        };
        let own = Self([copy(&std::io::stdin())?, copy(&std::io::stdout())?, copy(&std::io::stderr())?]);
        set(input, output, errors)?;
        Ok(own)
    }

    fn put_back(self) -> Result<(), Fault> {
        set(&self.0[0], &self.0[1], &self.0[2])
    }
}

fn set(input: &OwnedFd, output: &OwnedFd, errors: &OwnedFd) -> Result<(), Fault> {
    let set = dup2_stdin(input).and_then(|()| dup2_stdout(output)).and_then(|()| dup2_stderr(errors));
    set.map_err(Fault::of("dup2", "a standard stream"))
}
