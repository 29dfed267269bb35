//! How something is tried: in a process of its own, which does it, says what came of it, and ends.

use super::probes::{Ids, PROBES, Probe};
use crate::error::{Errno, Fault};
use crate::execute::{self, Outcome, Verbosity};
use crate::host::{self, HostFacts, subordinate};
use crate::isolate::identity::{self, MapPrograms};
use crate::plan::{IdRange, Identity, Origin, Plan};
use crate::sys::clone::{Side, exit_now, in_namespaces};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{dup2_stderr, dup2_stdin, dup2_stdout};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, set_parent_process_death_signal, waitid};
use std::fs::OpenOptions;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// How long a probe may take, in milliseconds; far above what any needs.
const PATIENCE: u16 = 10_000;
/// How long the launch of a sandbox may.
const LAUNCH_PATIENCE: u16 = 30_000;
/// What a process can say at the end.
const WORDS_MAX: usize = 8192;

/// Who tries.
#[derive(Debug)]
pub struct Caller {
    uid: u32,
    gid: u32,
    /// The ranges of user ids that are lent to the caller.
    pub(super) lent_users: Vec<(u32, u32)>,
    /// Those of group ids.
    pub(super) lent_groups: Vec<(u32, u32)>,
}

impl Caller {
    /// The caller of these facts.
    pub fn of(facts: &HostFacts) -> Self {
        let lent = |file: &str| {
            subordinate::lent(&facts.paths.read(Path::new(file)).unwrap_or_default(), &facts.user, facts.uid)
        };
        Self { uid: facts.uid, gid: facts.gid, lent_users: lent("/etc/subuid"), lent_groups: lent("/etc/subgid") }
    }

    /// The caller with no ids beside.
    pub(super) fn alone(&self) -> Identity {
        let own = |id| vec![IdRange { inside: id, outside: id, count: 1 }];
        Identity {
            uid: self.uid,
            gid: self.gid,
            uid_map: own(self.uid),
            gid_map: own(self.gid),
            hostname: None,
            origin: Origin::Default("identity".into()),
        }
    }

    /// The caller as root, with the first of the ids that are lent.
    pub(super) fn with_lent_ids(&self) -> Identity {
        let map = |own, lent: &[(u32, u32)]| {
            let first = lent.first().map_or((0, 1), |range| *range);
            vec![IdRange { inside: 0, outside: own, count: 1 }, IdRange { inside: 1, outside: first.0, count: first.1 }]
        };
        let (uid_map, gid_map) = (map(self.uid, &self.lent_users), map(self.gid, &self.lent_groups));
        Identity { uid: 0, gid: 0, uid_map, gid_map, ..self.alone() }
    }
}

/// What came of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It works.
    Works,
    /// It was refused, to a process under this AppArmor profile, if it was confined at all.
    Refused(Fault, Option<String>),
    /// It could not be tried without this probe.
    Without(&'static str),
}

/// Tries every probe of the table, after telling which.
///
/// Processes are made by copying this one, which therefore must have no second thread.
pub fn examine(caller: &Caller, tell: &mut dyn FnMut(&Probe)) -> Vec<Tried> {
    let mut all: Vec<Tried> = Vec::with_capacity(PROBES.len());
    for probe in PROBES {
        let works = |name: &&&'static str| {
            let known = PROBES.iter().zip(&all).find(|(known, _)| known.name == **name);
            known.is_some_and(|(_, tried)| *tried == Tried::Works)
        };
        let missing = probe.after.iter().find(|name| !works(name));
        all.push(match missing {
            Some(name) => Tried::Without(name),
            None => {
                tell(probe);
                attempt(probe, caller).unwrap_or_else(|fault| Tried::Refused(fault, None))
            }
        });
    }
    all
}

/// Tries one.
fn attempt(probe: &Probe, caller: &Caller) -> Result<Tried, Fault> {
    let (ours, theirs) = pair()?;
    match in_namespaces(probe.namespaces as u64).map_err(Fault::of("clone", "of new namespaces"))? {
        Side::Child => {
            drop(ours);
            let done = await_release(&theirs).and_then(|()| (probe.act)(caller));
            say(&theirs, &done.err().map(|fault| words_of(&fault, host::probe::apparmor_profile())).unwrap_or_default())
        }
        Side::Parent { pid, pidfd } => {
            drop(theirs);
            let end = map(probe.ids, pid, caller)
                .and_then(|()| rustix::io::write(&ours, &[0]).map_err(Fault::of("write to", "the process")))
                .and_then(|_| hear(&ours, PATIENCE));
            reap(&pidfd);
            let words = end?;
            Ok(if words.is_empty() { Tried::Works } else { refusal_of(&words) })
        }
    }
}

/// Maps the ids of a process that has just been made.
fn map(ids: Ids, pid: i32, caller: &Caller) -> Result<(), Fault> {
    match ids {
        Ids::Unmapped => Ok(()),
        Ids::Own => identity::write_maps(pid, &caller.alone(), None, false),
        Ids::Lent => {
            let identity = caller.with_lent_ids();
            identity::write_maps(pid, &identity, MapPrograms::prepare(&identity)?.as_ref(), true)
        }
    }
}

/// What came of a whole sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launch {
    /// It was started, and ended well.
    Started,
    /// It was not.
    Failed {
        /// What was wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

/// Starts a sandbox, whose command should do nothing that lasts: its streams are /dev/null.
///
/// # Errors
/// Where no process could be made for it.
pub fn launch(plan: Plan) -> Result<Launch, Fault> {
    let (ours, theirs) = pair()?;
    match in_namespaces(0).map_err(Fault::of("clone", ""))? {
        Side::Child => {
            drop(ours);
            say(&theirs, &await_release(&theirs).map_or_else(|fault| vec![fault.to_string()], |()| run(plan)))
        }
        Side::Parent { pidfd, .. } => {
            drop(theirs);
            rustix::io::write(&ours, &[0]).map_err(Fault::of("write to", "the process"))?;
            let end = hear(&ours, LAUNCH_PATIENCE);
            reap(&pidfd);
            let mut words = end?.into_iter();
            Ok(match words.next() {
                None => Launch::Started,
                Some(message) => Launch::Failed { message, hint: words.next() },
            })
        }
    }
}

/// Runs a plan, and gives what was wrong with it in words.
fn run(plan: Plan) -> Vec<String> {
    let quiet = OpenOptions::new().read(true).write(true).open("/dev/null").map_err(Errno::from).and_then(|null| {
        dup2_stdin(&null)?;
        dup2_stdout(&null)?;
        Ok(dup2_stderr(&null)?)
    });
    if let Err(errno) = quiet {
        return vec![format!("/dev/null cannot be opened: {errno}")];
    }
    match execute::stage(plan).and_then(|staged| execute::run(&staged, Verbosity::Normal, None)) {
        Ok(Outcome::Exited(0)) => Vec::new(),
        Ok(outcome) => vec![format!("the command in the sandbox did not end well: {outcome:?}")],
        Err(failure) => std::iter::once(failure.to_string()).chain(failure.hint).collect(),
    }
}

/// Both ends of a line to a process.
fn pair() -> Result<(OwnedFd, OwnedFd), Fault> {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .map_err(Fault::of("socketpair", ""))
}

/// Dies with who tries, then waits for the word that all is ready.
fn await_release(line: &OwnedFd) -> Result<(), Fault> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(Fault::of("prctl PR_SET_PDEATHSIG", ""))?;
    match rustix::io::read(line, &mut [0]) {
        Ok(1) => Ok(()),
        _ => exit_now(1),
    }
}

/// Says what was wrong, if anything was, and ends.
fn say(line: &OwnedFd, words: &[String]) -> ! {
    let mut text = words.join("\0").into_bytes();
    text.truncate(WORDS_MAX - 1);
    text.insert(0, u8::from(!words.is_empty()));
    exit_now(i32::from(rustix::io::write(line, &text).is_err()))
}

/// Hears what a process says; one that says nothing has failed.
fn hear(line: &OwnedFd, patience: u16) -> Result<Vec<String>, Fault> {
    let fault = |errno: Errno| Fault::of("wait for", "the process that tries it")(errno);
    let mut watched = [PollFd::new(line.as_fd(), PollFlags::POLLIN)];
    match poll(&mut watched, PollTimeout::from(patience)) {
        Ok(0) => return Err(fault(Errno(libc::ETIMEDOUT))),
        Ok(_) => {}
        Err(errno) => return Err(fault(errno.into())),
    }
    let mut text = vec![0; WORDS_MAX];
    match rustix::io::read(line, &mut text[..]) {
        Ok(0) => Err(fault(Errno(libc::EPIPE))),
        Ok(1) if text[0] == 0 => Ok(Vec::new()),
        Ok(length) => Ok(String::from_utf8_lossy(&text[1..length]).split('\0').map(str::to_owned).collect()),
        Err(errno) => Err(fault(errno.into())),
    }
}

/// Ends a process, where it has not ended by itself.
fn reap(pidfd: &OwnedFd) {
    let _: rustix::io::Result<()> = pidfd_send_signal(pidfd, Signal::KILL);
    while matches!(waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED), Err(rustix::io::Errno::INTR)) {}
}

/// A fault, and the AppArmor profile that it was met under, in words.
fn words_of(fault: &Fault, profile: Option<String>) -> Vec<String> {
    vec![fault.errno.0.to_string(), fault.call.to_string(), fault.subject.clone(), profile.unwrap_or_default()]
}

fn refusal_of(words: &[String]) -> Tried {
    let word = |index: usize| words.get(index).cloned().unwrap_or_default();
    let errno = Errno(word(0).parse().unwrap_or(libc::EPROTO));
    let fault = Fault { call: word(1).into(), subject: word(2), errno, asked_for_by: None };
    Tried::Refused(fault, Some(word(3)).filter(|profile| !profile.is_empty()))
}
