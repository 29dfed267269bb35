//! The search for a number's answer: a balanced tree whose leaves are ranges with a few exceptions.

use super::assembler::{AT_LEAST, Assembler, EQUAL, Label};
use super::ranges::{Answer, Range};

/// How many exceptions a leaf may have. They are tried one after the other, so that more would make the way longer;
/// fewer make the program longer, because an exception costs one comparison and a range two.
const EXCEPTIONS: usize = 3;

/// A leaf of the tree: a range in which single numbers are answered differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The lowest number.
    first: u32,
    /// The answer to all but the exceptions.
    answer: Answer,
    /// The single numbers among them, and their answers.
    exceptions: Vec<Range>,
}

/// Gathers ranges into cells: after an exception the same answer goes on.
pub fn cells(ranges: &[Range]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = vec![];
    let mut rest = ranges;
    while let Some((range, mut following)) = rest.split_first() {
        let mut cell = Cell { first: range.first, answer: range.answer, exceptions: vec![] };
        while let Some(run) = exceptions(&cell, following) {
            cell.exceptions.extend_from_slice(&following[..run]);
            following = &following[run + 1..];
        }
        cells.push(cell);
        rest = following;
    }
    cells
}

/// How many of the following ranges are single numbers, after which the cell's answer comes again; if they fit in.
fn exceptions(cell: &Cell, following: &[Range]) -> Option<usize> {
    let room = EXCEPTIONS - cell.exceptions.len();
    let run = following.iter().take(room + 1).position(|range| range.answer == cell.answer)?;
    // One range's first is the last number of the range before it, plus one.
    let single = |pair: &[Range]| pair[1].first - pair[0].first == 1;
    following[..=run].windows(2).all(single).then_some(run)
}

/// Writes the tree over the cells, of which there is at least one, and gives its root.
pub fn assemble(assembler: &mut Assembler, cells: &[Cell], label_of: &impl Fn(Answer) -> Label) -> Label {
    if let [cell] = cells {
        let rest = label_of(cell.answer);
        let test = |no, exception: &Range| assembler.branch(EQUAL, exception.first, label_of(exception.answer), no);
        return cell.exceptions.iter().rev().fold(rest, test);
    }
    let (below, above) = cells.split_at(cells.len() / 2);
    let yes = assemble(assembler, above, label_of);
    let no = assemble(assembler, below, label_of);
    assembler.branch(AT_LEAST, above[0].first, yes, no)
}
