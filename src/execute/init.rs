//! Init: the first process of the sandbox. It builds the root, seals itself, and reaps until the payload ends.

use super::channel::{Channel, Message};
use super::failure::{Confinement, Failure};
use super::payload::{self, Entry, Gate};
use super::reap::reap;
use super::relay::Handover;
use super::script::{Script, Verbosity};
use super::signals::CallerSignals;
use super::stage::Staged;
use super::start::Starter;
use super::step::{Actor, Step};
use crate::error::{Errno, Fault};
use crate::host;
use crate::isolate::{capabilities, clocks, identity, mount, network, pty};
use crate::plan::{Enforcement, Init, Network, Plan, Terminal};
use crate::sys::{arguments, clone};
use rustix::process::{DumpableBehavior, Signal, set_dumpable_behavior, set_parent_process_death_signal};
use std::convert::Infallible;
use std::os::fd::OwnedFd;
use std::path::Path;

/// What init is called by those who see it.
const NAME: &std::ffi::CStr = c"nsbox-init";

/// Lines to the monitor beside the channel, where there is something to be said on them.
#[derive(Debug)]
pub(super) struct Lines {
    /// For the payload to tell of its start.
    pub starter: Option<Starter>,
    /// For the sandbox's own terminal.
    pub handover: Option<Handover>,
}

/// Plays init's script to its end, which is the end of the process.
pub(super) fn play(
    staged: &Staged,
    channel: &Channel,
    caller: &CallerSignals,
    lines: Lines,
    verbosity: Verbosity,
) -> ! {
    let Err(failure) = script(staged, channel, caller, lines, verbosity);
    give_up(channel, failure)
}

/// Reports a failure and ends. If nobody hears it any more, nobody has to.
pub(super) fn give_up(channel: &Channel, mut failure: Failure) -> ! {
    let exit = failure.exit;
    if failure.may_be_confined() {
        failure.confinement = host::probe::apparmor_profile().map(|profile| Box::new(Confinement { profile }));
    }
    drop(channel.send(&Message::Failed(failure)));
    clone::exit_now(exit.into())
}

fn script(
    staged: &Staged,
    channel: &Channel,
    caller: &CallerSignals,
    lines: Lines,
    verbosity: Verbosity,
) -> Result<Infallible, Failure> {
    let Lines { starter, handover } = lines;
    let Staged { plan, layout, .. } = staged;
    let mut script = Script::new(Actor::Init, staged.progress, verbosity);
    let payload_is_init = plan.namespaces.init == Init::Payload;

    script.step(Step::DieWithMonitor, die_with_monitor)?;
    script.step(Step::BringUpLoopback, || network::apply(&plan.network))?;
    script.step(Step::SetHostname, || identity::set_hostname(&plan.identity))?;
    script.step(Step::MakeMountsPrivate, mount::make_private)?;
    let keeps = !plan.capabilities.keep.is_empty();
    if !keeps {
        script.step(Step::BoundCapabilities, || capabilities::bound(&[]))?;
    }
    script.step(Step::InitAwaitRelease, || await_release(channel))?;
    if !plan.namespaces.time.is_empty() {
        script.step(Step::SetClocks, || clocks::apply(&plan.namespaces.time))?;
    }
    let umask = rustix::process::umask(rustix::fs::Mode::empty());
    let sources = script.step(Step::OpenSources, || {
        staged.open_files.make_room(layout.descriptors())?;
        layout.open_sources()
    })?;
    let root = script.step(Step::BuildRoot, || layout.build_root(sources))?;
    let proc = layout.proc().unwrap_or(Path::new("/proc"));
    let mount_namespaces = match staged.report().user_namespace_limit == Enforcement::Enforced {
        true => script.step(Step::LimitUserNamespaces, || identity::limit_namespaces(proc, keeps))?,
        false => None,
    };
    if opens_ports(plan, layout) {
        script.step(Step::OpenPorts, || network::open_ports(proc, plan.identity.gid))?;
    }
    script.step(Step::LockRoot, || {
        layout.lock_root(root)?;
        mount_namespaces.map_or(Ok(()), identity::MountNamespaces::end)
    })?;
    script.step(Step::PivotRoot, mount::pivot_root)?;
    script.step(Step::DetachOldRoot, mount::detach_old_root)?;
    let terminal = match &plan.terminal {
        Terminal::Private { .. } => script.step(Step::OpenTerminal, || open_terminal(staged, handover))?,
        Terminal::Shared { .. } => None,
    };
    let entry = Entry { umask, gate: Gate::open(), starter: starter.as_ref(), terminal: None, is_privileged: true };
    if payload_is_init {
        payload::play(staged, channel, caller, Entry { terminal, ..entry }, verbosity);
    }
    if staged.spawns_payload() {
        script.step(Step::SealInit, seal)?;
        script.step(Step::DropInitCapabilities, || give_up_privilege(staged))?;
        let payload = script.step(Step::SpawnPayload, || {
            let entry = Entry { is_privileged: false, ..entry };
            clone::vfork(|| payload::play(staged, channel, caller, entry, verbosity)).map_err(Fault::of("vfork", ""))
        })?;
        drop(starter);
        return script.step(Step::Reap, || reap(staged, channel, payload, None));
    }
    // Init holds the programs' side of the terminal too: with nobody there, the other side would be hung up for good.
    let (gate, payload, terminal) = script.step(Step::ForkPayload, || {
        let (keeper, gate) = Gate::closed()?;
        match clone::fork().map_err(Fault::of("fork", ""))? {
            None => {
                drop(keeper);
                payload::play(staged, channel, caller, Entry { gate, terminal, ..entry }, verbosity)
            }
            Some(pid) => Ok((keeper, pid, terminal)),
        }
    })?;
    // Or the monitor would never see the payload's copy of it close.
    drop(starter);
    if keeps {
        script.step(Step::WritePayloadMaps, || {
            gate.hear(payload)?;
            identity::write_inner_maps(proc, payload, &plan.identity)
        })?;
    }
    script.step(Step::SealInit, seal)?;
    script.step(Step::DropInitCapabilities, || give_up_privilege(staged))?;
    script.step(Step::ReleasePayload, || gate.release())?;
    script.step(Step::Reap, || reap(staged, channel, payload, terminal.as_ref()))
}

/// Opens the sandbox's own terminal, where it stands in for one of the caller's, in a session that is not the caller's.
fn open_terminal(staged: &Staged, handover: Option<Handover>) -> Result<Option<OwnedFd>, Fault> {
    let opened = handover.zip(staged.streams.as_ref());
    let terminal = opened.map(|(handover, streams)| handover.give(pty::open(streams)?)).transpose()?;
    pty::lead_session(terminal.as_ref())?;
    Ok(terminal)
}

/// Whether root inside would miss the ports of a network that it has for itself.
fn opens_ports(plan: &Plan, layout: &mount::Layout) -> bool {
    let as_root = plan.identity.uid == 0 || !plan.capabilities.keep.is_empty();
    as_root && matches!(plan.network, Network::None { .. }) && layout.proc().is_some()
}

/// Dies with the monitor from here on. Should that have died before, the channel tells, since in a new pid namespace `getppid`
/// cannot.
fn die_with_monitor() -> Result<(), Fault> {
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(Fault::of("prctl PR_SET_PDEATHSIG", ""))
}

/// Waits for the monitor's word that the ids are mapped.
fn await_release(channel: &Channel) -> Result<(), Fault> {
    match channel.receive()? {
        Some(Message::Release) => Ok(()),
        Some(_) => Err(Fault::of("wait for", "the release")(Errno(libc::EPROTO))),
        None => clone::exit_now(super::EXIT_FAILED.into()),
    }
}

/// Makes init, and whatever it makes from here on, one that has no privilege and can get none. A payload that was forked has its
/// own still.
fn give_up_privilege(staged: &Staged) -> Result<(), Fault> {
    identity::assume(&staged.plan.identity, staged.sheds_groups)?;
    capabilities::lock(&[], false)?;
    capabilities::drop_all()
}

/// Closes init to those inside: its memory, descriptors and executable by not being dumpable, its arguments and
/// environment by having none.
fn seal() -> Result<(), Fault> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(Fault::of("prctl PR_SET_DUMPABLE", ""))?;
    rustix::thread::set_name(NAME).map_err(Fault::of("prctl PR_SET_NAME", ""))?;
    if arguments::overwrite(NAME) { Ok(()) } else { Err(Fault::of("overwrite", "the arguments")(Errno(libc::EFAULT))) }
}
