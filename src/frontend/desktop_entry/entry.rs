//! The lines of a desktop entry, each kept as it was written.

use super::escape::{items, unescape};
use crate::error::{Diagnostic, Diagnostics, Excerpt};
use std::ops::Range;
use std::rc::Rc;

/// The group that says what the entry is.
pub(super) const MAIN: &str = "Desktop Entry";
/// The largest entry that is read, in bytes: with a hundred translations some have 100 KiB.
pub const SIZE_MAX: usize = 1 << 20;

/// A desktop entry that can be read.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What messages call it.
    name: String,
    pub(super) lines: Vec<Line>,
}

/// A line as it was written, its end included.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub text: String,
    /// What it says; nothing where it is empty, a comment or the head of a group.
    pub pair: Option<Pair>,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    /// The group that it stands in.
    pub group: Rc<str>,
    /// The key, with its locale if it has one: `Name[de]`.
    pub key: String,
    /// Where in the line the value stands, escapes and all.
    pub value: Range<usize>,
}

impl Pair {
    /// Whether it sets this key, for any locale: some launchers read a translation of every key.
    pub fn sets(&self, key: &str) -> bool {
        self.key.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
    }
}

impl Line {
    /// The value as it is written.
    pub fn written<'l>(&'l self, pair: &Pair) -> &'l str {
        &self.text[pair.value.clone()]
    }
}

impl Entry {
    /// Reads an entry, which messages call by that name.
    ///
    /// # Errors
    /// Every line that is none of a desktop entry, or that none of them begins the main group.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Diagnostics> {
        let mut found = Diagnostics::default();
        if bytes.len() > SIZE_MAX {
            found.push(Diagnostic::error(format!("`{name}` is larger than any desktop entry")));
            return Err(found);
        }
        let mut reader = Reader { name, group: None, has_main: false };
        let mut lines = Vec::new();
        for (number, bytes) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            match reader.line(number, bytes) {
                Ok(line) => lines.push(line),
                Err(problem) => found.push(problem),
            }
        }
        if !reader.has_main && !found.has_errors() {
            let problem = Diagnostic::error(format!("`{name}` is no desktop entry: it has no group `[{MAIN}]`"));
            found.push(problem.hint("name a file of a folder `applications`, or the entry by its name"));
        }
        found.or(Self { name: name.to_owned(), lines }).map(|(entry, _)| entry)
    }

    /// What a key of the main group says; the last one counts, as for launchers.
    pub fn value(&self, key: &str) -> Option<String> {
        self.find(key).map(|(_, written)| unescape(written))
    }

    /// The items of a list in the main group.
    pub fn items(&self, key: &str) -> Vec<String> {
        self.find(key).map(|(_, written)| items(written)).unwrap_or_default()
    }

    /// The place of a key of the main group, for a message.
    pub(super) fn place(&self, key: &str) -> Option<Excerpt> {
        self.find(key).map(|(at, _)| self.excerpt(at))
    }

    /// The line of that number, from 0, with its value marked.
    pub(super) fn excerpt(&self, at: usize) -> Excerpt {
        let line = &self.lines[at];
        let marked = line.pair.as_ref().map_or(0..line.text.len(), |pair| pair.value.clone());
        excerpt(&self.name, at + 1, &line.text, marked)
    }

    /// What messages call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn find(&self, key: &str) -> Option<(usize, &str)> {
        let pairs = self.lines.iter().enumerate().filter_map(|(at, line)| Some((at, line, line.pair.as_ref()?)));
        let mut own = pairs.filter(|(_, _, pair)| &*pair.group == MAIN && pair.key == key);
        own.next_back().map(|(at, line, pair)| (at, line.written(pair)))
    }
}

/// What has been read so far.
struct Reader<'n> {
    name: &'n str,
    group: Option<Rc<str>>,
    has_main: bool,
}

impl Reader<'_> {
    fn line(&mut self, number: usize, bytes: &[u8]) -> Result<Line, Diagnostic> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            let shown = String::from_utf8_lossy(bytes);
            let problem = Diagnostic::error("this line is not in UTF-8");
            return Err(problem.at(excerpt(self.name, number, &shown, 0..shown.len())));
        };
        let said = text.trim_end_matches(['\n', '\r']);
        let start = said.len() - said.trim_start().len();
        let trimmed = said.trim();
        let pair = if trimmed.is_empty() || trimmed.starts_with('#') {
            None
        } else if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            self.group = Some(name.into());
            self.has_main |= name == MAIN;
            None
        } else {
            let problem = |message| {
                Diagnostic::error(message).at(excerpt(self.name, number, text, start..said.len())).hint(
                    "a line is `Key=Value`, the head of a group such as `[Desktop Entry]`, or a comment behind `#`",
                )
            };
            let equals = said.find('=').filter(|equals| !said[start..*equals].trim().is_empty());
            let equals = equals.ok_or_else(|| problem("this line says nothing that a desktop entry can say"))?;
            let group = self.group.clone().ok_or_else(|| problem("a key in front of every group"))?;
            let rest = &said[equals + 1..];
            let value = said.len() - rest.trim_start_matches([' ', '\t']).len()..said.len();
            Some(Pair { group, key: said[start..equals].trim_end().to_owned(), value })
        };
        Ok(Line { text: text.to_owned(), pair })
    }
}

/// A part of a line, by its bytes, as messages show it.
fn excerpt(name: &str, number: usize, text: &str, marked: Range<usize>) -> Excerpt {
    let characters = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let text = text.trim_end_matches(['\n', '\r']);
    let marked = marked.start.min(text.len())..marked.end.min(text.len());
    Excerpt {
        source: name.to_owned(),
        line: u32::try_from(number).unwrap_or(u32::MAX),
        column: characters(&text[..marked.start]) + 1,
        length: characters(&text[marked]).max(1),
        text: text.to_owned(),
    }
}
