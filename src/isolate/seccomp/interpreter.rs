//! Classic BPF as the kernel runs it for seccomp, for the tests: what a program answers to a call.

/// A call as the program sees it (`struct seccomp_data`, linux/seccomp.h).
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub number: u32,
    pub architecture: u32,
    pub arguments: [u64; 6],
}

impl Call {
    /// The word at an offset of the structure, of a little-endian machine.
    fn word(&self, offset: u32) -> u32 {
        match offset {
            0 => self.number,
            4 => self.architecture,
            16..64 if offset.is_multiple_of(4) => {
                let argument = self.arguments[(offset as usize - 16) / 8];
                if offset.is_multiple_of(8) { argument as u32 } else { (argument >> 32) as u32 }
            }
            _ => panic!("the program reads at {offset}"),
        }
    }
}

/// Runs a program, and panics on anything that the kernel would not accept.
pub fn run(program: &[libc::sock_filter], call: &Call) -> u32 {
    let mut accumulator = 0;
    let mut at = 0;
    loop {
        let libc::sock_filter { code, jt, jf, k } = program[at];
        at += 1;
        let mut branch = |holds: bool| at += usize::from(if holds { jt } else { jf });
        match code {
            0x20 => accumulator = call.word(k),
            0x54 => accumulator &= k,
            0x05 => at += k as usize,
            0x15 => branch(accumulator == k),
            0x25 => branch(accumulator > k),
            0x35 => branch(accumulator >= k),
            0x06 => return k,
            _ => panic!("{code:#x} is no instruction that seccompiler or nsbox write"),
        }
    }
}
