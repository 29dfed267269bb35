//! Classic BPF written backwards: what is jumped to is there before the jump, so that every distance is known at once.
//!
//! A conditional jump reaches 255 instructions. Where a target lies further off, it is brought near: an answer is
//! repeated, anything else gets an unconditional jump to it, and later jumps use what was brought.

use libc::sock_filter;

/// Whether the value equals the operand.
pub const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
/// Whether the value is at least the operand.
pub const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
const JUMP: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;

/// How far a target may be when a branch to it is about to be written: the other target may yet need one instruction.
const REACH: usize = u8::MAX as usize - 1;

/// More than the shipped policies need, so that they never move in memory.
const USUAL_LENGTH: usize = 128;

/// Something that can be jumped to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label(usize);

/// A program in the making, its last instruction first.
pub struct Assembler {
    reversed: Vec<sock_filter>,
    /// Where each label's nearest copy is, as an index into `reversed`.
    places: Vec<usize>,
}

impl Assembler {
    /// Begins a program.
    pub fn new() -> Self {
        Self { reversed: Vec::with_capacity(USUAL_LENGTH), places: Vec::with_capacity(USUAL_LENGTH) }
    }

    /// Writes the end of the program's way: the filter's answer.
    pub fn answer(&mut self, action: u32) -> Label {
        self.push(RETURN, action, 0, 0)
    }

    /// Writes the load of a word of `struct seccomp_data`, after which the program goes on at `next`.
    pub fn load(&mut self, offset: u32, next: Label) -> Label {
        self.step(LOAD, offset, next)
    }

    /// Writes any instruction that does not jump, after which the program goes on at `next`.
    pub fn step(&mut self, code: u16, operand: u32, next: Label) -> Label {
        if self.distance(next) != 0 {
            self.bring_near(next);
        }
        self.push(code, operand, 0, 0)
    }

    /// Writes a branch: to `yes` where the comparison holds, else to `no`.
    pub fn branch(&mut self, comparison: u16, operand: u32, yes: Label, no: Label) -> Label {
        for target in [yes, no] {
            if self.distance(target) > REACH {
                self.bring_near(target);
            }
        }
        // Both fit, as the loop has seen to it.
        let (yes, no) = (self.distance(yes) as u8, self.distance(no) as u8);
        self.push(comparison, operand, yes, no)
    }

    /// The finished program, its first instruction first.
    pub fn finish(mut self) -> Vec<sock_filter> {
        self.reversed.reverse();
        self.reversed
    }

    /// How many instructions lie between the next one to be written and the label.
    fn distance(&self, label: Label) -> usize {
        self.reversed.len() - 1 - self.places[label.0]
    }

    fn bring_near(&mut self, label: Label) {
        let place = self.places[label.0];
        let copy = match self.reversed[place] {
            answer if answer.code == RETURN => answer,
            _ => sock_filter { code: JUMP, jt: 0, jf: 0, k: self.distance(label) as u32 },
        };
        self.places[label.0] = self.reversed.len();
        self.reversed.push(copy);
    }

    fn push(&mut self, code: u16, k: u32, jt: u8, jf: u8) -> Label {
        self.places.push(self.reversed.len());
        self.reversed.push(sock_filter { code, jt, jf, k });
        Label(self.places.len() - 1)
    }
}
