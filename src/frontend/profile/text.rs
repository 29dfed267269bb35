//! Where words stand: the text of a profile or a flag, and a place in it.

use crate::error::{Diagnostic, Excerpt};
use crate::plan::Origin;
use std::ffi::OsString;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A text that settings come from: a profile, the words of one flag, or those of the command.
#[derive(PartialEq, Eq)]
pub struct Text {
    name: Arc<str>,
    kind: Kind,
    content: String,
    /// Where each line starts, so that a place finds its line without reading the text again.
    lines: Vec<usize>,
}

/// What a text is to the person.
#[derive(PartialEq, Eq)]
enum Kind {
    Profile,
    Flag,
    /// The words of the command, and where each starts.
    Command(Vec<usize>),
}

impl Text {
    /// A profile, by the name the person knows it by.
    pub fn profile(name: impl Into<Arc<str>>, content: impl Into<String>) -> Arc<Self> {
        Self::new(name.into(), Kind::Profile, content.into())
    }

    /// A flag, dashes included, and the words that follow it.
    pub fn flag(flag: impl Into<Arc<str>>, content: impl Into<String>) -> Arc<Self> {
        Self::new(flag.into(), Kind::Flag, content.into())
    }

    /// A command, its words in one line.
    pub fn command(argv: &[OsString]) -> Arc<Self> {
        let (mut line, mut starts) = (String::new(), Vec::with_capacity(argv.len()));
        for word in argv {
            starts.push(line.len());
            line += &word.to_string_lossy().replace('\n', " ");
            line.push(' ');
        }
        Self::new("command".into(), Kind::Command(starts), line)
    }

    fn new(name: Arc<str>, kind: Kind, content: String) -> Arc<Self> {
        let lines = std::iter::once(0).chain(content.match_indices('\n').map(|(end, _)| end + 1)).collect();
        Arc::new(Self { name, kind, content, lines })
    }

    /// The name the person knows it by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a flag rather than a file.
    pub fn is_flag(&self) -> bool {
        self.kind == Kind::Flag
    }

    /// What it says.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// Line and column of a byte, both from 1.
    fn locate(&self, offset: usize) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let column = self.content.get(self.lines[line - 1]..offset).map_or(0, |before| before.chars().count());
        (line as u32, column as u32 + 1)
    }

    /// Where a line, counted from 1, starts and ends.
    fn line(&self, number: u32) -> Range<usize> {
        let number = number as usize;
        let end = self.lines.get(number).map_or(self.content.len(), |next| next - 1);
        self.lines[number - 1]..end
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({})", self.name)
    }
}

/// A stretch of a [`Text`].
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    text: Arc<Text>,
    start: usize,
    end: usize,
}

impl Place {
    /// The stretch between two byte offsets.
    pub fn new(text: &Arc<Text>, span: Range<usize>) -> Self {
        let end = span.end.min(text.content.len());
        Self { text: Arc::clone(text), start: span.start.min(end), end }
    }

    /// The whole of a text.
    pub fn whole(text: &Arc<Text>) -> Self {
        Self::new(text, 0..text.content.len())
    }

    /// A word of a command, the program being number 0; the whole of any other text.
    pub fn word(text: &Arc<Text>, number: usize) -> Self {
        let Kind::Command(starts) = &text.kind else { return Self::whole(text) };
        let next = starts.get(number + 1).copied().unwrap_or(text.content.len());
        Self::new(text, starts[number]..next - 1)
    }

    /// The first stretch inside this one that reads `words`; this one itself where none does, as with escapes.
    pub fn of(&self, words: &str) -> Self {
        let inside = self.text.content.get(self.start..self.end).and_then(|text| text.find(words));
        inside.map_or_else(|| self.clone(), |at| self.part(at..at + words.len()))
    }

    /// A part of this stretch, counted from its start.
    pub fn part(&self, part: Range<usize>) -> Self {
        Self::new(&self.text, self.start + part.start..self.start + part.end)
    }

    /// The text it is in.
    pub fn text(&self) -> &Arc<Text> {
        &self.text
    }

    /// What stands there.
    pub fn words(&self) -> &str {
        self.text.content.get(self.start..self.end).unwrap_or_default()
    }

    /// The text's name and the line: `base:12`.
    pub fn line(&self) -> String {
        format!("{}:{}", self.text.name, self.text.locate(self.start).0)
    }

    /// Where it starts, in bytes.
    pub fn start(&self) -> usize {
        self.start
    }

    /// The line that shows it.
    pub fn excerpt(&self) -> Excerpt {
        let (line, column) = self.text.locate(self.start);
        let whole = self.text.line(line);
        let shown = self.text.content.get(self.start..self.end.min(whole.end).max(self.start));
        Excerpt {
            source: self.text.name.to_string(),
            line,
            column,
            length: shown.map_or(0, |shown| shown.trim_end().chars().count()).max(1) as u32,
            text: self.text.content[whole].trim_end_matches('\r').to_owned(),
        }
    }

    /// Who asked for what stands here.
    pub fn origin(&self) -> Origin {
        match &self.text.kind {
            Kind::Flag => Origin::Flag(Arc::clone(&self.text.name)),
            Kind::Command(starts) => {
                Origin::Argument(starts.partition_point(|start| *start <= self.start).saturating_sub(1) as u32)
            }
            Kind::Profile => {
                let (line, column) = self.text.locate(self.start);
                Origin::Profile { file: Arc::clone(&self.text.name), line, column }
            }
        }
    }

    /// A note about what stands here.
    pub fn note(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::note(message).at(self.excerpt())
    }

    /// A warning about what stands here.
    pub fn warning(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(message).at(self.excerpt())
    }

    /// An error about what stands here.
    pub fn error(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(message).at(self.excerpt())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin().fmt(f)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}..{}", self.text.name, self.start, self.end)
    }
}

/// A value, and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub place: Place,
}
