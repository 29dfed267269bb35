//! Where text goes: whether it may be coloured there, and how wide it may be.

use std::io::IsTerminal;
use std::os::fd::AsFd;

/// Colours, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Escape sequences, as a terminal understands them.
    Colours,
    /// Plain text.
    Plain,
}

/// What a piece of text is, and so how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What stopped nsbox.
    Error,
    /// What it goes on in spite of.
    Warning,
    /// What to do about it.
    Hint,
    /// The frame around an excerpt of a source.
    Frame,
    /// A headline.
    Heading,
    /// What is there for those who look twice.
    Aside,
}

/// A stream that text goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Whether it may be coloured.
    pub paint: Paint,
    /// How many columns there are, where there is a terminal to ask.
    pub width: Option<usize>,
}

/// Lines longer than this are hard to read, however wide the terminal.
const WIDTH_MAX: usize = 120;
/// Below this, wrapping does more harm than good.
const WIDTH_MIN: usize = 40;

impl Target {
    /// Finds out about a stream of this process.
    pub fn of(stream: &(impl AsFd + IsTerminal)) -> Self {
        if !stream.is_terminal() {
            return Self { paint: Paint::Plain, width: None };
        }
        let columns = rustix::termios::tcgetwinsize(stream).map_or(0, |size| usize::from(size.ws_col));
        let width = if columns == 0 { 80 } else { columns.clamp(WIDTH_MIN, WIDTH_MAX) };
        Self { paint: Paint::wanted(|name| std::env::var_os(name)), width: Some(width) }
    }
}

impl Target {
    /// Standard output; where that is a pipe, as to a pager, with the width of the terminal that standard error shows.
    pub fn output() -> Self {
        let (output, error) = (Self::of(&std::io::stdout()), Self::of(&std::io::stderr()));
        Self { width: output.width.or(error.width), ..output }
    }
}

impl Paint {
    /// Whether a terminal's user wants colours (no-color.org), and it can show them.
    fn wanted(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Self {
        let refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = variable("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        if refused || dumb { Self::Plain } else { Self::Colours }
    }

    /// A text in the look of its role.
    pub fn apply(self, role: Role, text: &str) -> String {
        if self == Self::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("{}{text}\u{1b}[0m", role.look())
    }
}

impl Role {
    /// What a terminal takes for this look (console_codes(4)).
    const fn look(self) -> &'static str {
        match self {
            Self::Error => "\u{1b}[1m\u{1b}[31m",
            Self::Warning => "\u{1b}[1m\u{1b}[33m",
            Self::Hint => "\u{1b}[1m\u{1b}[36m",
            Self::Frame => "\u{1b}[1m\u{1b}[34m",
            Self::Heading => "\u{1b}[1m",
            Self::Aside => "\u{1b}[2m",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Paint, Role};

    fn wanted(term: &str, no_color: Option<&str>) -> Paint {
        Paint::wanted(|name| match name {
            "TERM" => Some(term.into()),
            "NO_COLOR" => no_color.map(Into::into),
            _ => None,
        })
    }

    #[test]
    fn a_terminal_is_coloured_unless_someone_objects() {
        assert_eq!(wanted("xterm", None), Paint::Colours);
        assert_eq!(wanted("xterm", Some("")), Paint::Colours, "an empty NO_COLOR says nothing");
        assert_eq!(wanted("xterm", Some("1")), Paint::Plain);
        assert_eq!(wanted("dumb", None), Paint::Plain);
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(Paint::Plain.apply(Role::Error, "error"), "error");
        assert_eq!(Paint::Colours.apply(Role::Error, "error"), "\u{1b}[1m\u{1b}[31merror\u{1b}[0m");
    }
}
