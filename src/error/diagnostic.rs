//! A problem in a profile, a flag or a plan: what is wrong, where it stands, and what to write instead.

use std::fmt;

/// How bad a [`Diagnostic`] is, and so who is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// All is as was asked for: what is not here was said to be optional. Told where somebody looks at a profile or asks for more
    /// (`plan`, `check`, `verify`, `--verbose`), and not by each launch.
    Note,
    /// The run goes on, but weaker, wider or of less use than was asked for. Told by each launch, unless that is `--quiet`.
    Warning,
    /// What was asked for cannot be had: nothing is started.
    Error,
}

/// The line of a source that a diagnostic is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The name the person knows the source by: a file name as given, or `--set`.
    pub source: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// How many characters are underlined; at least 1.
    pub length: u32,
    /// The whole line, without its end.
    pub text: String,
}

impl Excerpt {
    /// Whether it stands on the command line, which has no line numbers.
    pub fn is_typed(&self) -> bool {
        self.source.starts_with("--")
    }

    /// Where it stands: `build.toml:3:1`, or `--set`.
    pub fn place(&self) -> String {
        match self.is_typed() {
            true => self.source.clone(),
            false => format!("{}:{}:{}", self.source, self.line, self.column),
        }
    }
}

/// One problem, as data; `cli::render` turns it into text.
///
/// Messages are in sentence case, without a final period, with paths and keys in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// Where it stands, if it stands in a text; boxed, since most of the program passes diagnostics around.
    pub excerpt: Option<Box<Excerpt>>,
    /// A few words beside the underline.
    pub label: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Makes an error without a position.
    pub fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), excerpt: None, label: None, hint: None }
    }

    /// Makes a warning without a position.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Makes a note without a position.
    pub fn note(message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(message) }
    }

    /// Says where the problem stands.
    pub fn at(mut self, excerpt: impl Into<Option<Excerpt>>) -> Self {
        self.excerpt = excerpt.into().map(Box::new);
        self
    }

    /// Adds the words beside the underline.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds the remedy.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// How many problems are told: nobody reads more, and a hostile text can have any number.
const TOLD_MAX: usize = 100;

/// Everything found wrong at once, in the order it was found; the first hundred, and then that there is more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.0.len() < TOLD_MAX {
            return self.0.push(diagnostic);
        }
        // What stops the run stops it, told or not.
        match self.0.get_mut(TOLD_MAX) {
            Some(more) => more.severity = more.severity.max(diagnostic.severity),
            None => self
                .0
                .push(Diagnostic { severity: diagnostic.severity, ..Diagnostic::error("there is more than this") }),
        }
    }

    /// Whether no further one would be told, and one stops the run: then nothing more need be looked for.
    pub fn is_full(&self) -> bool {
        self.0.len() > TOLD_MAX && self.has_errors()
    }

    /// Adds all of another collection.
    pub fn extend(&mut self, others: Diagnostics) {
        others.0.into_iter().for_each(|other| self.push(other));
    }

    /// Whether any of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The diagnostics, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Gives `value` if nothing here is an error, and everything found otherwise.
    pub fn or<T>(self, value: T) -> Result<(T, Diagnostics), Diagnostics> {
        if self.has_errors() { Err(self) } else { Ok((value, self)) }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<T: IntoIterator<Item = Diagnostic>>(all: T) -> Self {
        let mut found = Self::default();
        all.into_iter().for_each(|one| found.push(one));
        found
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Diagnostics {
    /// One plain line each, for logs and library callers; the command line renders them in full.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, d) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            if let Some(excerpt) = &d.excerpt {
                write!(f, "{}: ", excerpt.place())?;
            }
            f.write_str(&d.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics};

    #[test]
    fn beyond_a_hundred_problems_it_is_told_that_there_are_more_and_none_is_forgotten() {
        let mut found: Diagnostics = (0..1000).map(|number| Diagnostic::warning(number.to_string())).collect();
        assert_eq!(found.iter().count(), 101);
        assert!(!found.has_errors());
        found.push(Diagnostic::error("this one stops the run"));
        assert!(found.has_errors());
        assert_eq!(found.to_string().lines().last(), Some("there is more than this"));
    }
}
