//! A child that ends with this process: fork(2), setsid(2), PR_SET_PDEATHSIG of prctl(2), execve(2).

use super::signal;
use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};
use rustix::process::{Signal, getppid, set_parent_process_death_signal, setsid};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Starts a command that the kernel kills when this process ends, and that no key of its terminal reaches. This process must
/// have no second thread, as the signal follows the end of the thread that makes the child. No signal is blocked in it, and
/// SIGTERM ends it, whatever holds for this process.
///
/// # Errors
/// As fork(2) and execve(2).
pub fn spawn(command: &mut Command) -> std::io::Result<Child> {
    let parent = rustix::process::getpid();
    let tie = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // It may have ended before that was set.
        if getppid() != Some(parent) {
            return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
        }
        setsid()?;
        signal::set_ignored(libc::SIGTERM, false).map_err(|errno| std::io::Error::from_raw_os_error(errno.0))?;
        sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
        Ok(())
    };
    // SAFETY: between fork and exec it makes a few system calls and touches no memory of others.
    unsafe { command.pre_exec(tie) };
    command.spawn()
}
