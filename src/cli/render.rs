//! Diagnostics and failures as text for people; the only place where either becomes one.

use super::terminal::{Paint, Role, Target};
use super::text::{columns, printable, printable_source, wrap};
use nsbox::error::{Diagnostic, Excerpt, Severity};
use std::fmt::Display;

/// The most columns of a source line that are shown; a longer one is cut around what is underlined.
const SOURCE_MAX: usize = 110;
/// The fewest, however narrow the terminal.
const SOURCE_MIN: usize = 30;
/// How much of a cut line stands before what is underlined.
const SOURCE_BEFORE: usize = 40;

/// Renders diagnostics, with an empty line between two unless both are a single line.
pub fn diagnostics<'a>(all: impl IntoIterator<Item = &'a Diagnostic>, target: Target) -> String {
    let blocks: Vec<_> = all.into_iter().map(|one| diagnostic(one, target)).collect();
    let is_line = |block: &str| block.lines().count() == 1;
    let mut text = String::new();
    for (i, block) in blocks.iter().enumerate() {
        if i > 0 && !(is_line(block) && is_line(&blocks[i - 1])) {
            text.push('\n');
        }
        text.push_str(block);
    }
    text
}

fn diagnostic(one: &Diagnostic, target: Target) -> String {
    let (role, word) = match one.severity {
        Severity::Error => (Role::Error, "error"),
        Severity::Warning => (Role::Warning, "warning"),
        Severity::Note => (Role::Hint, "note"),
    };
    let mut text = headline(role, word, &printable(&one.message), target.paint);
    if let Some(excerpt) = &one.excerpt {
        text.push_str(&source(excerpt, one.label.as_deref(), role, target));
    }
    if let Some(hint) = &one.hint {
        text.push_str(&remedy(hint, target));
    }
    text
}

/// Renders an error that is told in lines of its own, and its remedy.
pub fn failure(error: &impl Display, hint: Option<&str>, target: Target) -> String {
    let told = error.to_string();
    let lines: Vec<_> = told.lines().map(printable).collect();
    let mut text = headline(Role::Error, "error", &lines.join("\n"), target.paint);
    if let Some(hint) = hint {
        text.push_str(&remedy(hint, target));
    }
    text
}

fn headline(role: Role, word: &str, message: &str, paint: Paint) -> String {
    format!("{}: {message}\n", paint.apply(role, word))
}

/// A hint, wrapped where there is a terminal; elsewhere it stays one line, for those who search it.
fn remedy(hint: &str, target: Target) -> String {
    const INDENT: &str = "      ";
    // Some hints come broken into lines, for a width that nobody has.
    let hint = printable(&hint.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
    let lines = target.width.map_or_else(|| vec![hint.clone()], |width| wrap(&hint, width - INDENT.len()));
    format!("{}: {}\n", target.paint.apply(Role::Hint, "hint"), lines.join(&format!("\n{INDENT}")))
}

/// The line that a diagnostic is about, with the words in question underlined.
fn source(excerpt: &Excerpt, label: Option<&str>, role: Role, target: Target) -> String {
    let paint = target.paint;
    let frame = |text: &str| paint.apply(Role::Frame, text);
    let name = printable(&excerpt.source);
    // What stands on the command line has no line number, and is shown as it was typed.
    let (number, typed) = match excerpt.is_typed() {
        true => (String::new(), format!("{name} ")),
        false => (excerpt.line.to_string(), String::new()),
    };
    let place = printable(&excerpt.place()).into_owned();
    let margin = " ".repeat(number.len().max(1));
    let number = if number.is_empty() { margin.clone() } else { frame(&number) };
    let framed = columns(&margin) + " | ".len() + columns(&typed);
    let shown = Shown::of(excerpt, target.width.map_or(SOURCE_MAX, |width| width.saturating_sub(framed)));
    let before = " ".repeat(columns(&typed) + shown.before);
    let label = label.map(|label| format!(" {}", printable(label))).unwrap_or_default();
    let mark = paint.apply(role, &format!("{}{label}", "^".repeat(shown.length)));
    let bar = frame("|");
    let line = format!("{number} {bar} {typed}{}", shown.line);
    format!("{margin}{} {place}\n{margin} {bar}\n{}\n{margin} {bar} {before}{mark}\n", frame("-->"), line.trim_end())
}

/// A source line as it is shown: harmless, cut if it is long, and measured in columns.
struct Shown {
    line: String,
    before: usize,
    length: usize,
}

impl Shown {
    /// The line, as far as that many columns can show it.
    fn of(excerpt: &Excerpt, room: usize) -> Self {
        let room = room.clamp(SOURCE_MIN, SOURCE_MAX);
        let start = (excerpt.column as usize).saturating_sub(1);
        let characters = |from: usize, count: usize| {
            let part: String = excerpt.text.chars().skip(from).take(count).collect();
            printable_source(&part)
        };
        let before = characters(0, start);
        let marked = characters(start, excerpt.length as usize);
        let after = characters(start + excerpt.length as usize, usize::MAX);
        let before = if columns(&before) + columns(&marked) + columns(&after) > room {
            last_columns(&before, SOURCE_BEFORE.min(room / 2))
        } else {
            before
        };
        let marked = first_columns(&marked, room - columns(&before));
        let after = first_columns(&after, room - columns(&before) - columns(&marked));
        Self {
            line: format!("{before}{marked}{after}"),
            before: columns(&before).max(missing(excerpt, start)),
            // A position behind the end of the line has nothing to stand under, but is still marked.
            length: columns(&marked).max(1),
        }
    }
}

/// Where the mark belongs if the line ends before it.
fn missing(excerpt: &Excerpt, start: usize) -> usize {
    let length = excerpt.text.chars().count();
    if start > length && start <= SOURCE_MAX { start } else { 0 }
}

/// As much of the start of a text as fits, and a sign that more was there.
fn first_columns(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if columns(&kept) + 3 > limit {
            kept.pop();
            break;
        }
    }
    kept + "..."
}

/// As much of the end of a text as fits, and a sign that more was there.
fn last_columns(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    let tail: String = text.chars().rev().take(limit - 3).collect();
    let tail: String = tail.chars().rev().collect();
    format!("...{tail}")
}

#[cfg(test)]
mod tests;
