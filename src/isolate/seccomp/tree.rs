//! The search for a number's answer: a balanced tree whose leaves are ranges with a few exceptions.

use super::assembler::{AT_LEAST, Assembler, EQUAL, Label};
use super::ranges::{Answer, Range};

/// How many exceptions a leaf may have. They are tried one after the other, so that more would make the way longer;
/// fewer make the program longer, because an exception costs one comparison and a range two.
const EXCEPTIONS: usize = 2;

/// A leaf of the tree: a range in which single numbers are answered differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The range, of which the first says where the leaf begins and what it answers.
    range: Range,
    /// What follows it within the leaf: the exceptions, and between them ranges that answer as the first.
    following: &'a [Range],
}

impl<'a> Cell<'a> {
    /// The single numbers that are answered differently.
    fn exceptions(&self) -> impl DoubleEndedIterator<Item = &'a Range> {
        let usual = self.range.answer;
        self.following.iter().filter(move |range| range.answer != usual)
    }
}

/// Gathers ranges into cells: after the exceptions the same answer goes on.
pub fn cells(ranges: &[Range]) -> Vec<Cell<'_>> {
    let mut cells = Vec::with_capacity(ranges.len());
    let mut rest = ranges;
    while let Some((&range, following)) = rest.split_first() {
        let (inside, after) = following.split_at(extent(range, following));
        cells.push(Cell { range, following: inside });
        rest = after;
    }
    cells
}

/// How many of the following ranges belong to the cell that begins with `range`.
fn extent(range: Range, following: &[Range]) -> usize {
    let (mut extent, mut exceptions) = (0, 0);
    for (i, pair) in following.windows(2).enumerate() {
        if pair[0].answer == range.answer {
            continue;
        }
        exceptions += 1;
        // A range's first number is one more than the last of the range before it.
        let single = pair[1].first - pair[0].first == 1;
        if !single || exceptions > EXCEPTIONS {
            break;
        }
        if pair[1].answer == range.answer {
            extent = i + 2;
        }
    }
    extent
}

/// Writes the tree over the cells, of which there is at least one, and gives its root.
pub fn assemble(assembler: &mut Assembler, cells: &[Cell], label_of: &impl Fn(Answer) -> Label) -> Label {
    if let [cell] = cells {
        let test = |no, exception: &Range| assembler.branch(EQUAL, exception.first, label_of(exception.answer), no);
        return cell.exceptions().rev().fold(label_of(cell.range.answer), test);
    }
    let (below, above) = cells.split_at(cells.len() / 2);
    let yes = assemble(assembler, above, label_of);
    let no = assemble(assembler, below, label_of);
    assembler.branch(AT_LEAST, above[0].range.first, yes, no)
}
