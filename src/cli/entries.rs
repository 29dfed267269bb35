//! Pieces of a report for people: paragraphs, and entries that a word leads.

use super::terminal::{Role, Target};
use super::text::{printable, wrap};

/// No text is made narrower than this, in columns.
const WIDTH_MIN: usize = 25;

/// A text behind a word that says what it is.
pub fn entry(role: Role, word: &str, text: &str, target: Target) -> String {
    let indent = word.len() + 2;
    let lines: Vec<_> = text.lines().map(|line| paragraph(line, indent, target)).collect();
    format!("{}: {}", target.paint.apply(role, word), lines.concat().trim_start())
}

/// A text in lines, each behind an indent; where no terminal shows it, the text stays one line.
pub fn paragraph(text: &str, indent: usize, target: Target) -> String {
    let text = printable(text);
    let lines = match target.width {
        Some(width) => wrap(&text, width.saturating_sub(indent).max(WIDTH_MIN)),
        None => vec![text.into_owned()],
    };
    lines.iter().map(|line| format!("{}{line}\n", " ".repeat(indent))).collect()
}
