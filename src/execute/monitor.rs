//! The monitor: makes init, writes its maps, lets it go, and stands between it and the caller until it ends.

use super::channel::{Channel, Message};
use super::failure::{Cause, Failure};
use super::init::Lines;
use super::outcome::{Outcome, Watched};
use super::relay::{Handover, Relay};
use super::script::{Script, Verbosity};
use super::signals::{CallerSignals, Queue, stop_self};
use super::stage::Staged;
use super::start::{Listener, StartLine, Starter, has_executed};
use super::step::{Actor, Step};
use super::supervise::Supervisor;
use super::{init, services, with_remedy};
use crate::error::{Errno, Fault};
use crate::isolate::identity;
use crate::plan::{Init, Namespaces, Network};
use crate::sys::clone::{Side, in_namespaces};
use crate::sys::signal;
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, waitid};
use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// Runs a staged plan to its end.
///
/// Meanwhile the signals that this process would get are passed on to the payload, and its standard streams are the
/// payload's. Init is made by copying this process, which therefore must have no second thread.
///
/// The listener hears of the command once, when it has taken over.
///
/// # Errors
/// The failure of the step that could not be taken, with its remedy; the command did not run.
pub fn run(staged: &Staged, verbosity: Verbosity, listener: Option<Listener<'_>>) -> Result<Outcome, Failure> {
    script(staged, verbosity, listener).map_err(with_remedy)
}

fn script(staged: &Staged, verbosity: Verbosity, listener: Option<Listener<'_>>) -> Result<Outcome, Failure> {
    let mut script = Script::new(Actor::Monitor, staged.progress, verbosity);
    let services = match &staged.services {
        Some(prepared) => {
            let nsbox = staged.nsbox.as_deref();
            match script.step(Step::StartServices, || services::start(&staged.plan, nsbox, prepared))? {
                services::Started::All(running) => Some(running),
                services::Started::Interrupted { signal, fault } => {
                    return Err(Failure::interrupted(Step::StartServices, fault, signal));
                }
            }
        }
        None => None,
    };
    let (init, start, relay) = script.step(Step::CloneInit, || InitProcess::make(staged, verbosity, listener))?;
    let Staged { plan, map_programs, sheds_groups, .. } = staged;
    if let Some(services) = &services {
        script.step(Step::NameSandbox, || services.announce(plan, init.pid))?;
    }
    script
        .step(Step::WriteIdMaps, || {
            let write = || identity::write_maps(init.pid, &plan.identity, map_programs.as_ref(), *sheds_groups);
            // A program that looks up names may wait for a server that is gone.
            if map_programs.is_some() { init.caller.meanwhile(write) } else { write() }
        })
        .and_then(|()| script.step(Step::ReleaseInit, || init.channel.send(&Message::Release)))
        .map_err(|failure| init.explain(failure))?;
    let watched = script.step(Step::Supervise, || Supervisor::new(staged, &init, start, relay).watch())?;
    let (timed_out, given_up) = (watched.timed_out, watched.given_up.map(|signal| watched.outcome_of(signal)));
    match (init.judge(watched, staged), given_up) {
        (Ok(_) | Err(Failure { cause: Cause::Killed(_) | Cause::Vanished, .. }), _) if timed_out => {
            Ok(Outcome::TimedOut)
        }
        (Err(Failure { cause: Cause::Killed(_), .. }), Some(outcome)) => Ok(outcome),
        (result, _) => result,
    }
}

/// Init, as the monitor knows it. When this is dropped, init is gone, and with it all that was in the sandbox.
#[derive(Debug)]
pub(super) struct InitProcess {
    pid: i32,
    pidfd: OwnedFd,
    pub(super) channel: Channel,
    /// What the caller and the terminal want of the payload.
    pub(super) signals: Queue,
    caller: CallerSignals,
    ended: Cell<Option<WaitIdStatus>>,
    /// Whether the payload is init itself, and nobody stands between the two who would know whether the command began.
    is_payload: bool,
    /// Whether such a payload had executed the command when it ended, as far as that could be seen.
    began: Cell<Option<bool>>,
}

impl InitProcess {
    /// Clones init, which plays its script and never comes back from it; with a line to its payload where somebody wants to
    /// hear of its start, and one for the sandbox's own terminal where it gets one.
    fn make<'s, 'l>(
        staged: &'s Staged,
        verbosity: Verbosity,
        listener: Option<Listener<'l>>,
    ) -> Result<(Self, Option<StartLine<'l>>, Option<Relay<'s>>), Fault> {
        let (ours, theirs) = Channel::pair()?;
        let (line, starter) = listener.is_some().then(Starter::pair).transpose()?.unzip();
        let (side, handover) = staged.streams.is_some().then(Handover::pair).transpose()?.unzip();
        let caller = CallerSignals::take_over()?;
        // Before anyone can take the terminal: from here on nothing fails that would leave it untended.
        let signals = Queue::of_forwarded()?;
        let flags = flags(&staged.plan.namespaces, &staged.plan.network);
        match in_namespaces(flags).map_err(Fault::of("clone", "of new namespaces"))? {
            Side::Child => {
                // Or init would hold the monitor's end open, and never see it close.
                drop(ours);
                drop(side);
                init::play(staged, &theirs, &caller, Lines { starter, handover }, verbosity)
            }
            Side::Parent { pid, pidfd } => {
                let is_payload = staged.plan.namespaces.init == Init::Payload;
                let (ended, began) = (Cell::default(), Cell::default());
                let init = Self { pid, pidfd, channel: ours, signals, caller, ended, is_payload, began };
                let start = line.zip(listener).map(|(line, listener)| StartLine::watch(line, pid, listener));
                let relay = staged.streams.as_ref().zip(side).map(|(streams, side)| Relay::new(streams, side));
                Ok((init, start.transpose()?, relay))
            }
        }
    }

    /// Sends init itself a signal.
    pub(super) fn signal(&self, signal: i32) -> Result<(), Fault> {
        match signal::send_by(self.pidfd.as_fd(), signal) {
            Ok(()) | Err(Errno(libc::ESRCH)) => Ok(()),
            Err(errno) => Err(Fault::of("pidfd_send_signal", "init")(errno)),
        }
    }

    /// Whether a signal would end a command that had begun and nothing more.
    pub(super) fn would_end(&self, signal: i32) -> bool {
        self.caller.would_end(signal)
    }

    /// Ends init, where it is not ending by itself, and waits for that.
    pub(super) fn end(&self) {
        if self.signal(libc::SIGKILL).is_ok() {
            drop(self.wait());
        }
    }

    /// Stops nsbox as its payload has stopped, with its whole job or alone, until somebody continues it, or the payload moves
    /// on without: it may have been continued from inside, or killed. Says whether it was somebody.
    pub(super) fn stop_alike(&self, with_group: bool) -> Result<bool, Fault> {
        self.channel.rouse(true)?;
        // What came before that has roused nobody.
        if !self.channel.has_news()? {
            stop_self(with_group)?;
        }
        self.channel.rouse(false)?;
        Ok(!self.channel.has_news()?)
    }

    /// Waits for the end of init, which is the end of all in its pid namespace.
    fn wait(&self) -> Result<WaitIdStatus, Fault> {
        loop {
            if let Some(status) = self.ended.get() {
                return Ok(status);
            }
            let init = || WaitId::PidFd(self.pidfd.as_fd());
            if self.is_payload && waitid(init(), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).is_ok() {
                self.began.set(has_executed(Path::new("/proc"), self.pid));
            }
            match waitid(init(), WaitIdOptions::EXITED) {
                Ok(Some(status)) => {
                    self.ended.set(Some(status));
                    return Ok(status);
                }
                Ok(None) | Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(Fault::of("waitid", "init")(errno)),
            }
        }
    }

    /// A failure to reach init is init's own failure, where it has left word of one.
    fn explain(&self, failure: Failure) -> Failure {
        let killed = self.signal(libc::SIGKILL).and_then(|()| self.wait());
        match killed.and_then(|_| self.channel.receive()) {
            Ok(Some(Message::Failed(cause))) => cause,
            _ => failure,
        }
    }

    /// Makes an outcome of the last word that was heard, or of the way in which init ended without one.
    fn judge(&self, watched: Watched, staged: &Staged) -> Result<Outcome, Failure> {
        let status = self.wait().map_err(|fault| Failure::refused(Step::Supervise, fault))?;
        match watched.last {
            Some(Message::Exited(status)) => return Ok(Outcome::Exited(status)),
            Some(Message::Signalled(signal)) => return Ok(watched.outcome_of(signal)),
            Some(Message::Failed(failure)) => return Err(failure),
            // Who sent it meant the command, and need not know how far that was on its way.
            Some(Message::NeverStarted(signal)) if watched.came_through(signal) => {
                return Ok(watched.outcome_of(signal));
            }
            Some(Message::NeverStarted(signal)) => {
                let step = staged.progress.of(Actor::Payload).unwrap_or(Step::PayloadAwaitRelease);
                return Err(Failure::killed(step, signal));
            }
            _ => {}
        }
        let payload = staged.progress.of(Actor::Payload);
        let began = payload == Some(Step::Exec) && self.began.get().unwrap_or(true);
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) if self.is_payload && began => Ok(Outcome::Exited(code as u8)),
            (_, Some(signal)) if began => {
                Ok(if self.is_payload { Outcome::Signalled(signal) } else { Outcome::Lost(signal) })
            }
            (_, signal) => {
                let own = payload.filter(|_| self.is_payload).or_else(|| staged.progress.of(Actor::Init));
                let step = own.unwrap_or(Step::InitAwaitRelease);
                Err(signal.map_or(Failure::vanished(step), |signal| Failure::killed(step, signal)))
            }
        }
    }
}

impl AsFd for InitProcess {
    /// Readable when it has ended (pidfd_open(2)).
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

impl Drop for InitProcess {
    fn drop(&mut self) {
        self.end();
        drop(self.caller.give_back());
    }
}

/// The namespaces of a plan, as flags of clone(2).
fn flags(namespaces: &Namespaces, network: &Network) -> u64 {
    let asked = [
        (true, libc::CLONE_NEWUSER),
        (true, libc::CLONE_NEWNS),
        (namespaces.pid, libc::CLONE_NEWPID),
        (namespaces.ipc, libc::CLONE_NEWIPC),
        (namespaces.uts, libc::CLONE_NEWUTS),
        (namespaces.cgroup, libc::CLONE_NEWCGROUP),
        (matches!(network, Network::None { .. }), libc::CLONE_NEWNET),
    ];
    asked.iter().filter(|(new, _)| *new).fold(0, |flags, (_, flag)| flags | *flag as u64)
}
