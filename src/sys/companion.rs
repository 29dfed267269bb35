//! A child that ends with this process: fork(2), setsid(2), PR_SET_PDEATHSIG of prctl(2), execve(2).

use rustix::process::{Signal, getppid, set_parent_process_death_signal, setsid};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Starts a command that the kernel kills when this process ends, and that no key of its terminal reaches. This process must
/// have no second thread, as the signal follows the end of the thread that makes the child.
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
        Ok(())
    };
    // SAFETY: between fork and exec it makes three system calls and touches no memory of others.
    unsafe { command.pre_exec(tie) };
    command.spawn()
}
