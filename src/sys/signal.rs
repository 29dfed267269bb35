//! Signal dispositions, those from before Rust's own start-up included, and the signal that guards terminals.

use crate::error::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the caller of this program ignored SIGPIPE.
static PIPE_IGNORED: AtomicBool = AtomicBool::new(false);

/// Rust ignores SIGPIPE before `main`, so what the caller had chosen must be read before that.
extern "C" fn remember_pipe() {
    PIPE_IGNORED.store(is_ignored(libc::SIGPIPE), Ordering::Relaxed);
}

// SAFETY: the C library calls the functions of this section once, before main; ours takes nothing, allocates nothing
// and makes one system call.
#[used]
#[unsafe(link_section = ".init_array")]
static AT_START: extern "C" fn() = remember_pipe;

/// Whether a signal is ignored now.
///
/// `int sigaction(int signum, NULL, struct sigaction *oldact);`
pub fn is_ignored(signal: i32) -> bool {
    // SAFETY: sigaction is plain data for which zero is a value; the call only writes to it.
    let mut current: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a null new action changes nothing.
    let known = unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut current) } == 0;
    known && current.sa_sigaction == libc::SIG_IGN
}

/// Whether SIGPIPE was ignored when this program was executed.
pub fn pipe_was_ignored() -> bool {
    PIPE_IGNORED.load(Ordering::Relaxed)
}

/// Ignores a signal, or gives it its default effect again.
///
/// `int sigaction(int signum, const struct sigaction *act, NULL);`
///
/// # Errors
/// EINVAL where there is no such signal.
pub fn set_ignored(signal: i32, ignored: bool) -> Result<(), Errno> {
    // SAFETY: as above; an empty mask and no flags are values.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = if ignored { libc::SIG_IGN } else { libc::SIG_DFL };
    // SAFETY: neither disposition is a function, so no code of ours runs in a handler.
    let result = unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(Errno::last()) }
}

/// Changes a terminal. From the background that stops the caller by SIGTTOU, unless it is blocked (tcsetpgrp(3)).
///
/// # Errors
/// As the change, and as sigprocmask(2).
pub fn without_stopping<T>(change: impl FnOnce() -> nix::Result<T>) -> nix::Result<T> {
    let mut blocked = SigSet::empty();
    blocked.add(Signal::SIGTTOU);
    let mut before = SigSet::empty();
    pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut before))?;
    let result = change();
    pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
    result
}
