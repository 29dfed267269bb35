//! A profile's text as a tree of values, each with its place; knows TOML, but no key.

use super::text::{Place, Text};
use crate::error::{Diagnostic, Diagnostics};
use std::ffi::OsString;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The largest profile that is read, in bytes; a text beyond it is no profile.
pub const SIZE_MAX: usize = 1 << 20;
/// The longest line of a profile, in bytes: what is said of a place in it has the whole line.
const LINE_MAX: usize = 64 << 10;
/// How many syntax errors of one text are reported: the first few explain the rest.
const SYNTAX_ERRORS_MAX: usize = 10;

/// The longest text, in bytes, of which more than the first syntax error is told: there may be as many as lines.
const RECOVERED_MAX: usize = 16 << 10;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// The values that a profile or a flag can hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string of a profile, in which variables are expanded.
    Text(String),
    /// A word of a flag, taken as it is, since the shell has expanded it already.
    Word(OsString),
    /// An integer: its digits and their radix, since `0o700` and `700` differ as permissions.
    Integer(String, u32),
    /// A number with a fraction.
    Float,
    /// `true` or `false`.
    Boolean(bool),
    /// A date or a time.
    Datetime,
    /// `[...]`.
    List(Vec<Node>),
    /// `{...}`, or a section.
    Table(Table),
}

/// Keys and their values, in the order of the text.
pub type Table = Vec<(Node, Node)>;

impl Value {
    /// The word for it in messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Word(_) => "a string",
            Self::Integer(..) | Self::Float => "a number",
            Self::Boolean(_) => "a boolean",
            Self::Datetime => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Reads the bytes of a profile; all syntax errors are reported at once.
pub fn read(name: &str, bytes: Vec<u8>) -> Result<(Arc<Text>, Table), Diagnostics> {
    let text = decode(name, bytes)?;
    let table = parse(&text)?;
    Ok((text, table))
}

/// Holds the bytes of a profile to be plain text.
fn decode(name: &str, bytes: Vec<u8>) -> Result<Arc<Text>, Diagnostic> {
    if bytes.len() > SIZE_MAX {
        let message = format!("`{name}` is larger than 1 MiB, so it cannot be a profile");
        return Err(Diagnostic::error(message));
    }
    // A byte order mark or a NUL would make other programs, and people, read another profile than nsbox does.
    let bad = |text: String, at: usize, message: &str, hint: &str| {
        let text = Text::profile(name, text);
        Err(Place::new(&text, at..at + 1).error(message).hint(hint))
    };
    match String::from_utf8(bytes) {
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("byte {} is not UTF-8", at + 1);
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            bad(text, at, &message, "a profile is a text file in UTF-8")
        }
        Ok(text) if text.starts_with('\u{feff}') => {
            bad(text, 0, "the file starts with a byte order mark", "save it as UTF-8 without one")
        }
        Ok(text) => match text.find('\0') {
            Some(at) => bad(text, at, "the file contains a NUL byte", "a profile is a text file in UTF-8"),
            None if text.len() <= LINE_MAX => Ok(Text::profile(name, text)),
            None => match text.lines().enumerate().find(|(_, line)| line.len() > LINE_MAX) {
                Some((before, line)) => Err(too_long(name, before + 1, line.len())),
                None => Ok(Text::profile(name, text)),
            },
        },
    }
}

/// A line that nobody can read, shown as little as possible.
fn too_long(name: &str, number: usize, length: usize) -> Diagnostic {
    Diagnostic::error(format!("line {number} of `{name}` has {length} bytes, where {LINE_MAX} are the most"))
        .hint("lists may be broken into lines, and so may strings between three quotes")
}

/// Parses a text as TOML.
pub fn parse(text: &Arc<Text>) -> Result<Table, Diagnostics> {
    let first = match DeTable::parse(text.content()) {
        Ok(table) => return Ok(grow_table(text, table.into_inner())),
        Err(first) => first,
    };
    let mut errors = match text.content().len() {
        ..=RECOVERED_MAX => DeTable::parse_recoverable(text.content()).1,
        _ => vec![first],
    };
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    let mut found = Diagnostics::default();
    let mut last = None;
    // The parser may stumble over one slip several times: one report a line.
    for error in errors {
        if found.iter().count() == SYNTAX_ERRORS_MAX {
            break;
        }
        let diagnostic = syntax_error(text, &error);
        let line = diagnostic.excerpt.as_ref().map(|excerpt| excerpt.line);
        if line != last {
            found.push(diagnostic);
        }
        last = line;
    }
    Err(found)
}

fn syntax_error(text: &Arc<Text>, error: &toml::de::Error) -> Diagnostic {
    let message = error.message();
    let place = Place::new(text, error.span().unwrap_or(0..0));
    if message.contains("recursion depth") {
        return place.error("values are nested too deeply");
    }
    if message == "duplicate key" {
        let word = text.content().get(error.span().unwrap_or(0..0)).unwrap_or_default();
        let hint = "a key or section stands in a profile once; join the two";
        return place.error(format!("`{word}` is here for the second time")).hint(hint);
    }
    // What begins like `true`, `nan` or `inf` is taken for a slip in that.
    let is_bare = message.starts_with("string values must be quoted")
        || message.starts_with("invalid") && place.words().starts_with(|first: char| first.is_ascii_alphabetic());
    if is_bare { unquoted(&place) } else { place.error(message) }
}

/// A word where a value should be, as a shell or YAML would have it.
fn unquoted(place: &Place) -> Diagnostic {
    let problem = place.error("only numbers, `true` and `false` stand without quotes");
    match place.words() {
        "" => place.error("a value is missing"),
        "yes" | "on" | "True" | "TRUE" => problem.label("did you mean `true`?"),
        "no" | "off" | "False" | "FALSE" => problem.label("did you mean `false`?"),
        word if word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./~".contains(&byte)) => {
            problem.label(format!("did you mean `\"{word}\"`?"))
        }
        _ => problem,
    }
}

fn grow_table(text: &Arc<Text>, table: DeTable<'_>) -> Table {
    let mut entries: Table = table
        .into_iter()
        .map(|(key, value)| {
            let key = Node { place: Place::new(text, key.span()), value: Value::Text(key.into_inner().into_owned()) };
            (key, grow(text, value))
        })
        .collect();
    entries.sort_unstable_by_key(|(key, _)| key.place.start());
    entries
}

fn grow(text: &Arc<Text>, node: Spanned<DeValue<'_>>) -> Node {
    let span: Range<usize> = node.span();
    let value = match node.into_inner() {
        DeValue::String(string) => Value::Text(string.into_owned()),
        DeValue::Integer(integer) => Value::Integer(integer.as_str().to_owned(), integer.radix()),
        DeValue::Float(_) => Value::Float,
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(_) => Value::Datetime,
        DeValue::Array(items) => Value::List(items.into_iter().map(|item| grow(text, item)).collect()),
        DeValue::Table(table) => Value::Table(grow_table(text, table)),
    };
    Node { value, place: Place::new(text, span) }
}
