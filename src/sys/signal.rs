//! Signals by their numbers, real-time ones included, for which the crates have no name; their dispositions, those from
//! before Rust's own start-up included; and the signal that guards terminals.

use crate::error::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use std::os::fd::{AsRawFd, BorrowedFd};
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

/// These signals as a set; what is no signal for a program to use is left out.
///
/// `int sigaddset(sigset_t *set, int signum);`
pub fn set_of(signals: impl IntoIterator<Item = i32>) -> SigSet {
    // SAFETY: sigset_t is plain data for which zero is a value.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the call only writes to `set`.
    unsafe { libc::sigemptyset(&raw mut set) };
    for signal in signals {
        // SAFETY: as above; a number out of range is refused.
        unsafe { libc::sigaddset(&raw mut set, signal) };
    }
    // SAFETY: the set was made empty before anything was added to it.
    unsafe { SigSet::from_sigset_t_unchecked(set) }
}

/// Whether a signal is one of a set.
///
/// `int sigismember(const sigset_t *set, int signum);`
pub fn has(set: &SigSet, signal: i32) -> bool {
    let set: &libc::sigset_t = set.as_ref();
    // SAFETY: the call only reads the set; a number out of range is refused.
    unsafe { libc::sigismember(set, signal) == 1 }
}

/// Sends a signal to a process, or with a negative number to a process group.
///
/// `int kill(pid_t pid, int sig);`
///
/// # Errors
/// As kill(2).
pub fn send(pid: i32, signal: i32) -> Result<(), Errno> {
    // SAFETY: takes two numbers.
    if unsafe { libc::kill(pid, signal) } == 0 { Ok(()) } else { Err(Errno::last()) }
}

/// Sends a signal to the process that a descriptor stands for.
///
/// `int pidfd_send_signal(int pidfd, int sig, NULL, 0);`
///
/// # Errors
/// As pidfd_send_signal(2).
pub fn send_by(pidfd: BorrowedFd<'_>, signal: i32) -> Result<(), Errno> {
    let nothing: *const libc::siginfo_t = std::ptr::null();
    // SAFETY: the descriptor is open, and without a siginfo_t the kernel fills one in as kill(2) does.
    let result = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal, nothing, 0u32) };
    if result == 0 { Ok(()) } else { Err(Errno::last()) }
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
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&blocked), Some(&mut before))?;
    let result = change();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
    result
}
