//! The payload: gives up everything that the plan does not grant it, step by step, and becomes the command.

use super::channel::Channel;
use super::failure::{Failure, WITHOUT_INTERPRETER};
use super::init::give_up;
use super::program;
use super::script::{Script, Verbosity};
use super::signals::CallerSignals;
use super::stage::Staged;
use super::start::Starter;
use super::step::{Actor, Step};
use crate::error::Fault;
use crate::isolate::{capabilities, descriptors, identity, landlock, limits, pty, seccomp};
use crate::plan::{Architecture, Namespaces, Plan, Syscalls};
use crate::sys::{clone, keyring};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, execve, getpid, setpgid};
use rustix::fs::{Access, CWD, Mode, OFlags, ResolveFlags, openat2};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Signal, set_parent_process_death_signal};
use std::convert::Infallible;
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};

/// The number of keyctl for 32-bit x86 (asm/unistd_32.h).
const KEYCTL_OF_X86: u32 = 288;

/// What init hands the payload over.
#[derive(Debug)]
pub(super) struct Entry<'s> {
    /// The caller's umask.
    pub umask: Mode,
    /// What holds the payload back until init is sealed.
    pub gate: Gate,
    /// The line on which the start of the command is told.
    pub starter: Option<&'s Starter>,
    /// The programs' side of the sandbox's own terminal.
    pub terminal: Option<OwnedFd>,
    /// Whether it has the privilege still that init had when it built the root.
    pub is_privileged: bool,
}

/// Plays the payload's script to its end: the command takes over, or the process ends.
pub(super) fn play(
    staged: &Staged,
    channel: &Channel,
    caller: &CallerSignals,
    entry: Entry<'_>,
    verbosity: Verbosity,
) -> ! {
    let Err(failure) = script(staged, channel, caller, entry, verbosity);
    give_up(channel, failure)
}

fn script(
    staged: &Staged,
    channel: &Channel,
    caller: &CallerSignals,
    entry: Entry<'_>,
    verbosity: Verbosity,
) -> Result<Infallible, Failure> {
    let Entry { umask, gate, starter, terminal, is_privileged } = entry;
    let plan = &staged.plan;
    let mut script = Script::new(Actor::Payload, staged.progress, verbosity);
    if !plan.capabilities.keep.is_empty() {
        script.step(Step::EnterUserNamespace, || {
            // The kernel bounds all users of a namespace together by the limit that its maker had.
            limits::apply_to_processes(&plan.limits)?;
            identity::enter_user_namespace().and_then(|()| gate.announce())
        })?;
    }
    script.step(Step::PayloadAwaitRelease, || await_release(gate, &plan.namespaces))?;
    if is_privileged {
        // Else init has done it for both.
        script.step(Step::AssumeIdentity, || identity::assume(&plan.identity, staged.sheds_groups))?;
    }
    script.step(Step::TakeSession, || take_session(staged, terminal))?;
    script.step(Step::EnterDirectory, || enter_directory(plan))?;
    script.step(Step::RestoreSignals, || caller.restore())?;
    script.step(Step::RestoreUmask, || Ok(rustix::process::umask(umask)))?;
    script.step(Step::SetLimits, || staged.open_files.restore().and_then(|()| limits::apply(&plan.limits)))?;
    if allows_keyctl(&plan.syscalls) {
        let fault = Fault::of("keyctl KEYCTL_JOIN_SESSION_KEYRING", "");
        script.step(Step::NewKeyring, || keyring::join_new_session().map_err(fault))?;
    }
    if is_privileged {
        let keep = &plan.capabilities.keep;
        script.step(Step::LockPrivileges, || {
            // Else init has done it for both.
            if !keep.is_empty() {
                capabilities::bound(keep)?;
            }
            capabilities::lock(keep, plan.identity.uid == 0)
        })?;
        script.step(Step::DropCapabilities, || capabilities::drop_all_but(keep))?;
    }
    script.step(Step::NoNewPrivileges, no_new_privileges)?;
    if !staged.ruleset.is_empty() {
        script.step(Step::RestrictLandlock, || landlock::apply(&staged.ruleset))?;
    }
    script.step(Step::CloseDescriptors, || {
        let mut needed = vec![channel.as_fd()];
        needed.extend(starter.map(Starter::as_fd));
        descriptors::apply(&plan.descriptors, &needed)
    })?;
    if program::none_of_32_bits(&plan.syscalls) {
        script.step(Step::CheckProgram, || program::refuse_32_bits(&staged.command))?;
    }
    if let Some(filter) = &staged.filter {
        script.step(Step::InstallSeccomp, || seccomp::apply(filter))?;
    }
    script.step(Step::Exec, || {
        starter.map_or(Ok(()), Starter::announce)?;
        exec(staged)
    })
}

/// What holds the payload back until init is sealed.
#[derive(Debug)]
pub(super) struct Gate(Option<OwnedFd>);

/// Init's side of the gate.
#[derive(Debug)]
pub(super) struct GateKeeper(OwnedFd);

impl Gate {
    /// A gate that its keeper must open.
    pub fn closed() -> Result<(GateKeeper, Self), Fault> {
        let (keeper, gate) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
            .map_err(Fault::of("socketpair", ""))?;
        Ok((GateKeeper(keeper), Self(Some(gate))))
    }

    /// Tells the keeper that this process is in its own user namespace.
    fn announce(&self) -> Result<(), Fault> {
        let Some(gate) = &self.0 else { return Ok(()) };
        send_byte(gate)
    }

    /// No gate, for a payload that is init itself.
    pub fn open() -> Self {
        Self(None)
    }
}

impl GateKeeper {
    /// Waits until the payload is in its own user namespace. One that fails there leaves word of it, for which init must
    /// wait: its own end would be the payload's.
    pub fn hear(&self, payload: i32) -> Result<(), Fault> {
        if wait_for_byte(&self.0)? {
            return Ok(());
        }
        waitpid(Pid::from_raw(payload), None).map_err(Fault::of("waitpid", payload))?;
        clone::exit_now(super::EXIT_FAILED.into())
    }

    /// Opens the gate.
    pub fn release(self) -> Result<(), Fault> {
        send_byte(&self.0)
    }
}

fn await_release(gate: Gate, namespaces: &Namespaces) -> Result<(), Fault> {
    let Some(reader) = gate.0 else { return Ok(()) };
    if !namespaces.pid {
        // No pid namespace whose end would end this process as well.
        set_parent_process_death_signal(Some(Signal::KILL)).map_err(Fault::of("prctl PR_SET_PDEATHSIG", ""))?;
    }
    match wait_for_byte(&reader)? {
        true => Ok(()),
        false => clone::exit_now(super::EXIT_FAILED.into()),
    }
}

fn send_byte(gate: &OwnedFd) -> Result<(), Fault> {
    let written = rustix::io::retry_on_intr(|| rustix::io::write(gate, &[0]));
    written.map(drop).map_err(Fault::of("write to", "the gate"))
}

/// Waits for a byte, or for the end of the process that should have sent it.
fn wait_for_byte(gate: &OwnedFd) -> Result<bool, Fault> {
    loop {
        match rustix::io::read(gate, &mut [0]) {
            Ok(length) => return Ok(length > 0),
            Err(rustix::io::Errno::CONNRESET) => return Ok(false),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(Fault::of("read from", "the gate")(errno)),
        }
    }
}

fn take_session(staged: &Staged, own: Option<OwnedFd>) -> Result<(), Fault> {
    setpgid(Pid::from_raw(0), Pid::from_raw(0)).map_err(Fault::of("setpgid", ""))?;
    if let Some((programs, streams)) = own.as_ref().zip(staged.streams.as_ref()) {
        return pty::adopt(programs, streams);
    }
    let Some(terminal) = &staged.terminal else { return Ok(()) };
    terminal.reopen_streams()?;
    if terminal.is_interactive() { terminal.give_to(getpid().as_raw()) } else { Ok(()) }
}

/// Enters the working directory, by no link of procfs: what the caller left open is open here still, and what `/proc/self/fd`
/// says of it leads to the host (CVE-2024-21626), also where a symlink in a writable folder leads there.
fn enter_directory(plan: &Plan) -> Result<(), Fault> {
    let directory = &plan.command.directory;
    let fault = |errno| Fault::of("chdir", directory.display())(errno).asked_for_by(&plan.command.directory_origin);
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat2(CWD, directory, flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS).map_err(fault)?;
    rustix::process::fchdir(&folder).map_err(fault)
}

fn allows_keyctl(syscalls: &Syscalls) -> bool {
    match syscalls {
        Syscalls::Unfiltered { .. } => true,
        Syscalls::Filtered(filter) => {
            filter.lets_through(Architecture::NATIVE, libc::SYS_keyctl as u32)
                || filter.lets_through(Architecture::X86, KEYCTL_OF_X86)
        }
    }
}

fn no_new_privileges() -> Result<(), Fault> {
    rustix::thread::set_no_new_privs(true).map_err(Fault::of("prctl PR_SET_NO_NEW_PRIVS", ""))
}

/// Tries the places where the program may be, as execvp(3) does: the first that is there and executable, else the
/// reason that says most.
fn exec(staged: &Staged) -> Result<Infallible, Fault> {
    let command = &staged.command;
    let mut reason = nix::errno::Errno::ENOENT;
    let mut call = "execve";
    for candidate in &command.candidates {
        let Err(errno) = execve(candidate, &command.argv, &command.environment);
        match errno {
            // What is there and yet is not: the interpreter that its first line or its header names.
            nix::errno::Errno::ENOENT if rustix::fs::access(candidate.as_c_str(), Access::EXISTS).is_ok() => {
                call = WITHOUT_INTERPRETER;
                break;
            }
            nix::errno::Errno::ENOENT | nix::errno::Errno::ENOTDIR => {}
            nix::errno::Errno::ENOEXEC => {
                let Err(errno) = execve(c"/bin/sh", &script_words(candidate, &command.argv), &command.environment);
                reason = errno;
                break;
            }
            errno => reason = errno,
        }
    }
    let program = command.argv.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    Err(Fault::of(call, program)(reason))
}

/// A text without an interpreter line is a shell script.
fn script_words(file: &CString, argv: &[CString]) -> Vec<CString> {
    [c"sh".to_owned(), file.clone()].into_iter().chain(argv.iter().skip(1).cloned()).collect()
}
