//! What may be refused, end its process or change it for good, tried in a child of its own: fork(2), syscall(2).

use super::clone;
use crate::error::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, WaitOptions, waitpid};
use std::fs::File;
use std::io::{Read, Write};

/// How long a child may take, in seconds; far above what any needs.
const PATIENCE: u32 = 20;

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was made, and gave this.
    Value(i64),
    /// It failed.
    Failed(Errno),
    /// It ended its process by this signal.
    Killed(i32),
}

impl Answer {
    /// Whether it failed with this error.
    pub fn is(self, errno: i32) -> bool {
        self == Self::Failed(Errno(errno))
    }

    /// Whether a filter, or whoever else must permit it, refused it: by EPERM, or by the end of its process.
    pub fn is_refused(self) -> bool {
        self.is(libc::EPERM) || self == Self::Killed(libc::SIGSYS)
    }
}

/// How a child ended that left no word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A signal ended it.
    Killed(i32),
    /// It could not be made, or heard.
    Failed(Errno),
}

/// Does something in a child, and gives what that has to say.
///
/// # Errors
/// Where the child could not be made, or was ended.
pub fn apart(act: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, Ended> {
    let failed = |errno: Errno| Ended::Failed(errno);
    let (ours, theirs) = pipe_with(PipeFlags::CLOEXEC).map_err(|errno| failed(errno.into()))?;
    let Some(pid) = clone::fork().map_err(failed)? else {
        drop(ours);
        nix::unistd::alarm::set(PATIENCE);
        let said = act();
        clone::exit_now(i32::from(File::from(theirs).write_all(&said).is_err()));
    };
    drop(theirs);
    let mut said = Vec::new();
    let heard = File::from(ours).read_to_end(&mut said);
    let status = loop {
        match waitpid(Pid::from_raw(pid), WaitOptions::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(failed(errno.into())),
            Ok(status) => break status.and_then(|(_, status)| status.terminating_signal()),
        }
    };
    match (status, heard) {
        (Some(signal), _) => Err(Ended::Killed(signal)),
        (None, Err(error)) => Err(failed(error.into())),
        (None, Ok(_)) => Ok(said),
    }
}

/// Makes a system call in a child, whatever it may do to its process.
///
/// `long syscall(long number, ...);`
pub fn call(number: libc::c_long, arguments: [usize; 6]) -> Answer {
    let [a, b, c, d, e, f] = arguments;
    answer(|| {
        // SAFETY: in a child with memory of its own, which does nothing after it but say what came of it. Whatever the
        // call does to that memory, no other process sees.
        let value = unsafe { libc::syscall(number, a, b, c, d, e, f) };
        if value == -1 { -i64::from(Errno::last().0) } else { value }
    })
}

/// Makes a system call without arguments by the entry point of 32-bit x86; the kernel may know none.
#[cfg(target_arch = "x86_64")]
pub fn call_of_32_bits(number: u32, arguments: [u32; 3]) -> Answer {
    answer(|| {
        let value: i32;
        let [first, second, third] = arguments;
        // SAFETY: in a child, as above. The kernel keeps all registers but eax (and r8 to r11, by older kernels); rbx,
        // which the compiler keeps for itself, is put back.
        unsafe {
            std::arch::asm!(
                "xchg {first:r}, rbx",
                "int 0x80",
                "xchg {first:r}, rbx",
                first = inout(reg) u64::from(first) => _,
                inlateout("eax") number as i32 => value,
                in("ecx") second,
                in("edx") third,
                in("esi") 0, in("edi") 0,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _,
            );
        }
        i64::from(value)
    })
}

/// Hears a child that makes a call: its value, or its error number below zero, as the kernel gives it.
fn answer(call: impl FnOnce() -> i64) -> Answer {
    match apart(|| call().to_ne_bytes().to_vec()) {
        // A call that makes a process is answered twice.
        Ok(said) => match said.first_chunk().map(|bytes| i64::from_ne_bytes(*bytes)) {
            Some(failed @ -4095..=-1) => Answer::Failed(Errno(-failed as i32)),
            Some(value) => Answer::Value(value),
            None => Answer::Failed(Errno(libc::EPROTO)),
        },
        Err(Ended::Killed(signal)) => Answer::Killed(signal),
        Err(Ended::Failed(errno)) => Answer::Failed(errno),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Ended, apart, call};
    use crate::error::Errno;

    #[test]
    fn a_call_says_what_came_of_it_and_a_child_how_it_ended() {
        let none = [usize::MAX, 0, 0, 0, 0, 0];
        assert_eq!(call(libc::SYS_close, none), Answer::Failed(Errno(libc::EBADF)));
        assert!(matches!(call(libc::SYS_getpid, none), Answer::Value(pid) if pid != i64::from(std::process::id())));
        assert_eq!(apart(|| b"a word".to_vec()), Ok(b"a word".to_vec()));
        let signal = libc::SIGKILL;
        let suicide = || {
            let own = nix::unistd::getpid();
            nix::sys::signal::kill(own, nix::sys::signal::Signal::SIGKILL).map_or(Vec::new(), |()| Vec::new())
        };
        assert_eq!(apart(suicide), Err(Ended::Killed(signal)));
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn the_other_entry_point_takes_its_arguments() {
        use super::call_of_32_bits;
        // close of what is not open, by the number that it has there.
        let answer = call_of_32_bits(6, [u32::MAX, 0, 0]);
        assert!(answer.is(libc::EBADF) || answer.is(libc::ENOSYS) || matches!(answer, Answer::Killed(_)), "{answer:?}");
    }
}
