//! The news of children, one at a time: waitid(2), real-time signals included, for which the crates have no name.

use crate::error::Errno;

/// What a child has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It exited with this status.
    Exited(i32),
    /// It was ended by this signal.
    Killed(i32),
    /// It was stopped by this signal.
    Stopped(i32),
    /// It was continued.
    Continued,
}

/// Looks at one child that has news, without taking them: until then the kernel keeps what is known of it. Nothing
/// where no child has any.
///
/// `int waitid(P_ALL, 0, siginfo_t *infop, WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT);`
///
/// # Errors
/// As waitid(2).
pub fn look() -> Result<Option<(i32, News)>, Errno> {
    // SAFETY: siginfo_t is plain data for which zero is a value, the one that says "no child".
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let options = libc::WEXITED | libc::WSTOPPED | libc::WCONTINUED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: the call only writes to `info`.
    while unsafe { libc::waitid(libc::P_ALL, 0, &raw mut info, options) } != 0 {
        match Errno::last() {
            Errno(libc::ECHILD) => return Ok(None),
            Errno(libc::EINTR) => {}
            errno => return Err(errno),
        }
    }
    // SAFETY: these are the fields that waitid fills in, or else has left zero.
    let (pid, status) = unsafe { (info.si_pid(), info.si_status()) };
    let news = match info.si_code {
        libc::CLD_EXITED => News::Exited(status),
        libc::CLD_KILLED | libc::CLD_DUMPED => News::Killed(status),
        libc::CLD_CONTINUED => News::Continued,
        _ => News::Stopped(status),
    };
    Ok((pid != 0).then_some((pid, news)))
}

/// Takes the news that were looked at and no others: with the stop of a child that has been killed since, its end
/// would go unnoticed. A child that has ended is gone then.
///
/// `int waitid(P_PID, pid, siginfo_t *infop, WSTOPPED, WCONTINUED or WEXITED | WNOHANG);`
///
/// # Errors
/// As waitid(2).
pub fn take(pid: i32, news: News) -> Result<(), Errno> {
    let kind = match news {
        News::Stopped(_) => libc::WSTOPPED,
        News::Continued => libc::WCONTINUED,
        News::Exited(_) | News::Killed(_) => libc::WEXITED,
    };
    // SAFETY: siginfo_t is plain data for which zero is a value.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the call only writes to `info`.
    while unsafe { libc::waitid(libc::P_PID, pid as libc::id_t, &raw mut info, kind | libc::WNOHANG) } != 0 {
        match Errno::last() {
            // A child that has ended since it stopped or was continued has no such news to give any more.
            Errno(libc::ECHILD) => return Ok(()),
            Errno(libc::EINTR) => {}
            errno => return Err(errno),
        }
    }
    Ok(())
}
