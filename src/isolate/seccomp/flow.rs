//! What seccompiler wrote, as a graph without what need not be run.
//!
//! It loads an argument anew for each condition, and masks it before it compares with 0. Where the word is loaded already,
//! the load is left out; a mask and its comparison become the one instruction that the kernel has for both.

use seccompiler::sock_filter;

/// The class of an instruction that jumps, and the part of its code that tells (linux/bpf_common.h).
const CLASS_OF_JUMPS: u16 = libc::BPF_JMP as u16;
const CLASS: u16 = 0x07;
/// A jump without a condition.
const JUMP: u16 = (libc::BPF_JMP | libc::BPF_JA) as u16;
/// The load of a word of `struct seccomp_data`.
const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
/// Whether the value has any of the operand's bits.
const HAS_ANY: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// What stands after the instructions of a set of conditions, and is reached where all of them hold.
pub const HOLDS: sock_filter = sock_filter { code: RETURN, jt: 0, jf: 0, k: 0 };

/// An instruction, and where the program goes on; places are indices into the code, its length being the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// Nothing but going on there.
    GoOn(usize),
    /// A comparison.
    Branch { code: u16, operand: u32, yes: usize, no: usize },
    /// Any instruction that does not jump.
    Step { code: u16, operand: u32, next: usize },
    /// [`HOLDS`].
    Holds,
}

/// Gives the piece at each place; nothing for what is never reached.
pub fn pieces(code: &[sock_filter]) -> Vec<Option<Piece>> {
    // The offset of the word that is loaded when a place is reached, if that is known; all jumps lead forward.
    let mut loaded: Vec<Option<Option<u32>>> = vec![None; code.len() + 1];
    loaded[0] = Some(None);
    let mut pieces = Vec::with_capacity(code.len());
    for at in 0..code.len() {
        pieces.push(loaded[at].map(|before| {
            let (piece, after) = piece(code, at, before);
            for target in piece.targets() {
                loaded[target] = Some(loaded[target].map_or(after, |known| known.filter(|_| known == after)));
            }
            piece
        }));
    }
    pieces
}

/// The piece at a place, and what is loaded after it.
fn piece(code: &[sock_filter], at: usize, loaded: Option<u32>) -> (Piece, Option<u32>) {
    let sock_filter { code: kind, jt, jf, k: operand } = code[at];
    let target = |at: usize, offset: usize| (at + 1 + offset).min(code.len());
    let branch = |at: usize, kind, operand, yes: u8, no: u8| Piece::Branch {
        code: kind,
        operand,
        yes: target(at, yes.into()),
        no: target(at, no.into()),
    };
    match (kind, code.get(at + 1)) {
        (RETURN, _) => (Piece::Holds, loaded),
        (JUMP, _) => (Piece::GoOn(target(at, operand as usize)), loaded),
        (kind, _) if kind & CLASS == CLASS_OF_JUMPS => (branch(at, kind, operand, jt, jf), loaded),
        (LOAD, _) if loaded == Some(operand) => (Piece::GoOn(at + 1), loaded),
        (LOAD, _) => (Piece::Step { code: LOAD, operand, next: at + 1 }, Some(operand)),
        // The value itself stays what it was.
        (AND, Some(&sock_filter { code: EQUAL, jt, jf, k: 0 })) => (branch(at + 1, HAS_ANY, operand, jf, jt), loaded),
        _ => (Piece::Step { code: kind, operand, next: at + 1 }, None),
    }
}

impl Piece {
    /// Where the program may go on.
    fn targets(self) -> impl Iterator<Item = usize> {
        let (one, other) = match self {
            Self::GoOn(next) | Self::Step { next, .. } => (Some(next), None),
            Self::Branch { yes, no, .. } => (Some(yes), Some(no)),
            Self::Holds => (None, None),
        };
        one.into_iter().chain(other)
    }
}
