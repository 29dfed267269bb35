//! Text as a terminal shows it: harmless, measured in columns, wrapped.

use std::borrow::Cow;
use std::ffi::OsStr;
use unicode_width::UnicodeWidthStr;

/// Makes text harmless: what would act on a terminal, or reorder what stands there, is shown as an escape instead.
///
/// Names of files and lines of profiles come from strangers, and must neither colour, move nor forge what nsbox says.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if acts(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// Makes a line of a source harmless; tabs become one space each, so that columns keep their places.
pub fn printable_source(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    printable(&spaced).into_owned()
}

/// Whether a character does something, rather than show something.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // direction
            | '\u{2028}' | '\u{2029}' // ends of lines
            | '\u{feff}')
}

/// How many columns a text takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// Breaks a text at its spaces into lines of at most `width` columns; a longer word stands alone, and whole.
///
/// An arrow stays with what stands on its sides.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.replace(ARROW, ARROW_HELD).split(' ') {
        let word = word.replace(ARROW_HELD, ARROW);
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(&word) <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

const ARROW: &str = " -> ";
/// An arrow without a space to break at, in a character that no printable text has.
const ARROW_HELD: &str = "\u{1}";

/// A word as a shell would want it typed.
pub fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,~".contains(c);
    match text.strip_prefix('~') {
        _ if text.is_empty() => "''".to_owned(),
        None if text.chars().all(plain) => text.into_owned(),
        _ if text.chars().any(acts) || word.to_str().is_none() => ansi_quoted(word),
        _ => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// A word with bytes that only `$'...'` can say.
fn ansi_quoted(word: &OsStr) -> String {
    use std::os::unix::ffi::OsStrExt;
    let mut quoted = "$'".to_owned();
    for chunk in word.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => quoted.extend(['\\', c]),
                '\n' => quoted.push_str("\\n"),
                '\t' => quoted.push_str("\\t"),
                c if acts(c) => quoted += &format!("\\u{:04x}", u32::from(c)),
                c => quoted.push(c),
            }
        }
        for byte in chunk.invalid() {
            quoted += &format!("\\x{byte:02x}");
        }
    }
    quoted.push('\'');
    quoted
}

/// A span of time as people write it.
pub fn span(seconds: i64) -> String {
    let mut rest = seconds.unsigned_abs();
    let mut text = if seconds < 0 { "-".to_owned() } else { String::new() };
    for (unit, length) in [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)] {
        if rest >= length {
            text += &format!("{}{unit}", rest / length);
            rest %= length;
        }
    }
    if seconds == 0 { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{columns, printable, quoted, wrap};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn nothing_that_acts_on_a_terminal_gets_through() {
        assert_eq!(printable("plain ünïcode 漢字"), "plain ünïcode 漢字");
        assert_eq!(printable("\u{1b}[2J\r\nerror"), r"\u{1b}[2J\r\nerror");
        assert_eq!(printable("\u{9b}31m"), r"\u{9b}31m");
        assert_eq!(printable("safe\u{202e}txt.exe"), r"safe\u{202e}txt.exe");
    }

    #[test]
    fn wide_and_combining_characters_are_measured() {
        assert_eq!(columns("abc"), 3);
        assert_eq!(columns("漢字"), 4);
        assert_eq!(columns("e\u{301}"), 1);
    }

    #[test]
    fn wrapping_breaks_between_words_only() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("/a/very/long/path x", 5), ["/a/very/long/path", "x"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("a, b -> c", 7), ["a,", "b -> c"]);
    }

    #[test]
    fn words_are_quoted_as_a_shell_reads_them() {
        let cases: [(&[u8], &str); 7] = [
            (b"bash", "bash"),
            (b"", "''"),
            (b"id; hostname", "'id; hostname'"),
            (b"it's", r"'it'\''s'"),
            (b"~", "'~'"),
            (b"a\nb", r"$'a\nb'"),
            (b"caf\xe9", r"$'caf\xe9'"),
        ];
        for (word, expected) in cases {
            assert_eq!(quoted(OsStr::from_bytes(word)), expected);
        }
    }
}
