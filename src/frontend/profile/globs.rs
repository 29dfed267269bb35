//! Patterns for names, and for paths: `*` stands for any run of characters, `?` for one, `**` for folders in between.
//!
//! Pure text; what a pattern means on a host is found elsewhere. As `[` is common in names, it means nothing but in
//! `[*]` and `[?]`, which stand for these two characters themselves.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// How many folders a `**` may stand for, one in the other.
pub const DEPTH_MAX: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Byte(u8),
    One,
    Any,
}

/// A pattern for one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(Vec<Token>);

impl Name {
    /// Reads a pattern.
    pub fn new(pattern: &OsStr) -> Self {
        let mut tokens = Vec::with_capacity(pattern.len());
        let mut rest = pattern.as_bytes();
        while let [first, after @ ..] = rest {
            let (token, after) = match (first, after) {
                (b'[', [quoted @ (b'*' | b'?'), b']', after @ ..]) => (Token::Byte(*quoted), after),
                (b'*', _) => (Token::Any, after),
                (b'?', _) => (Token::One, after),
                (byte, _) => (Token::Byte(*byte), after),
            };
            tokens.push(token);
            rest = after;
        }
        Self(tokens)
    }

    /// The name itself, if the pattern stands for no other.
    fn literal(&self) -> Option<OsString> {
        let byte = |token: &Token| if let Token::Byte(byte) = token { Some(*byte) } else { None };
        self.0.iter().map(byte).collect::<Option<Vec<u8>>>().map(OsString::from_vec)
    }

    /// Whether a name fits.
    pub fn fits(&self, name: &OsStr) -> bool {
        let name = name.as_bytes();
        let (mut token, mut at) = (0, 0);
        // Where to go on after the last `*`, and from where in the name: what follows one takes the earliest place.
        let mut star = None;
        loop {
            let step = match self.0.get(token) {
                Some(Token::Any) => {
                    star = Some((token + 1, at));
                    token += 1;
                    continue;
                }
                Some(Token::Byte(byte)) if name.get(at) == Some(byte) => Some(1),
                Some(Token::One) if at < name.len() => Some(character(&name[at..])),
                None if at == name.len() => return true,
                _ => None,
            };
            match (step, star) {
                (Some(length), _) => (token, at) = (token + 1, at + length),
                (None, Some((after, from))) if from < name.len() => {
                    star = Some((after, from + 1));
                    (token, at) = (after, from + 1);
                }
                _ => return false,
            }
        }
    }
}

/// The length of the character that starts here; 1 where none does.
fn character(bytes: &[u8]) -> usize {
    (1..=4).find(|length| bytes.get(..*length).is_some_and(|start| str::from_utf8(start).is_ok())).unwrap_or(1)
}

/// Whether there is a character that may stand for others; without one, a pattern is what it stands for.
fn has_wildcard(pattern: &OsStr) -> bool {
    pattern.as_bytes().iter().any(|byte| matches!(byte, b'*' | b'?'))
}

/// Writes text so that a pattern takes it as it is.
pub fn quote(text: &OsStr) -> Cow<'_, OsStr> {
    if !has_wildcard(text) {
        return text.into();
    }
    let quoted = text.as_bytes().iter().flat_map(|byte| match byte {
        b'*' | b'?' => vec![b'[', *byte, b']'],
        byte => vec![*byte],
    });
    OsString::from_vec(quoted.collect()).into()
}

/// One component of a [`Glob`].
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// This name.
    Literal(OsString),
    /// A name that fits.
    Fits(Name),
    /// Up to [`DEPTH_MAX`] folders, one in the other.
    Folders,
}

/// What a path with or without wildcards stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// This path alone.
    Path(PathBuf),
    /// Whatever fits.
    Glob(Glob),
}

/// A pattern for paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    /// The folder below which everything that fits is.
    pub start: PathBuf,
    parts: Vec<Part>,
}

/// Where in the pattern a path has come: the part that is next, and for [`Part::Folders`] how many it has taken.
pub type Progress = BTreeSet<(usize, usize)>;

/// Reads an absolute, normalised path with wildcards.
pub fn read(pattern: &Path) -> Meaning {
    let names = pattern.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name),
        _ => None,
    });
    let mut start = PathBuf::from("/");
    let mut parts: Vec<Part> = Vec::new();
    for name in names {
        let part = if !has_wildcard(name) {
            Part::Literal(name.to_owned())
        } else if name == "**" {
            Part::Folders
        } else {
            let pattern = Name::new(name);
            pattern.literal().map_or(Part::Fits(pattern), Part::Literal)
        };
        match part {
            Part::Literal(name) if parts.is_empty() => start.push(name),
            // Two in a row are one.
            Part::Folders if parts.last() == Some(&Part::Folders) => {}
            part => parts.push(part),
        }
    }
    if parts.last() == Some(&Part::Folders) {
        parts.push(Part::Fits(Name(vec![Token::Any])));
    }
    if parts.is_empty() { Meaning::Path(start) } else { Meaning::Glob(Glob { start, parts }) }
}

impl Glob {
    /// The progress at [`Glob::start`].
    pub fn begin(&self) -> Progress {
        let mut progress = Progress::new();
        self.reach(0, 0, &mut progress);
        progress
    }

    /// Whether a path is complete with one more name, and how far it comes if that is a folder.
    pub fn advance(&self, progress: &Progress, name: &OsStr) -> (bool, Progress) {
        let mut next = Progress::new();
        for (part, taken) in progress {
            match &self.parts[*part] {
                Part::Folders if *taken < DEPTH_MAX => self.reach(*part, taken + 1, &mut next),
                Part::Literal(literal) if literal == name => self.reach(part + 1, 0, &mut next),
                Part::Fits(pattern) if pattern.fits(name) => self.reach(part + 1, 0, &mut next),
                _ => {}
            }
        }
        let is_complete = next.remove(&(self.parts.len(), 0));
        (is_complete, next)
    }

    /// The only names that lead on, if they are known without looking for others.
    pub fn only_names(&self, progress: &Progress) -> Option<Vec<OsString>> {
        let name = |(part, _): &(usize, usize)| match &self.parts[*part] {
            Part::Literal(name) => Some(name.clone()),
            Part::Fits(_) | Part::Folders => None,
        };
        progress.iter().map(name).collect()
    }

    fn reach(&self, part: usize, taken: usize, progress: &mut Progress) {
        progress.insert((part, taken));
        if self.parts.get(part) == Some(&Part::Folders) {
            // It may also stand for no further folder.
            progress.insert((part + 1, 0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Name, quote, read};
    use std::ffi::OsStr;
    use std::path::{Path, PathBuf};

    #[test]
    fn a_star_stands_for_any_run_of_characters_and_a_question_mark_for_one() {
        let cases = [
            ("LANG", "LANG", true),
            ("LANG", "LANGUAGE", false),
            ("LC_*", "LC_ALL", true),
            ("LC_*", "LC_", true),
            ("LC_*", "XLC_ALL", false),
            ("*", "ANY", true),
            ("*", ".hidden", true),
            ("*_PROXY", "HTTP_PROXY", true),
            ("*_PROXY", "HTTP_PROXY_", false),
            ("A*B*C", "AxBxBxC", true),
            ("A*B*C", "AxCxB", false),
            ("AB*BA", "ABA", false),
            ("**", "x", true),
            ("?", "ä", true),
            ("?", "", false),
            ("?", "ab", false),
            ("a?c*", "abc", true),
            ("*?", "", false),
            ("[*]", "*", true),
            ("[*]", "x", false),
            ("a[?]b", "a?b", true),
            ("[id].tsx", "[id].tsx", true),
            ("[[*]]", "[*]", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(Name::new(OsStr::new(pattern)).fits(OsStr::new(name)), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_are_tried_in_no_time() {
        let pattern = Name::new(OsStr::new(&"a*".repeat(50)));
        assert!(!pattern.fits(OsStr::new(&("a".repeat(49) + &"b".repeat(200)))));
    }

    /// Whether a pattern stands for a path, all of whose folders are there.
    fn fits(pattern: &str, path: &str) -> bool {
        let glob = match read(Path::new(pattern)) {
            Meaning::Path(literal) => return literal == Path::new(path),
            Meaning::Glob(glob) => glob,
        };
        let Ok(below) = Path::new(path).strip_prefix(&glob.start) else { return false };
        let names: Vec<&OsStr> = below.iter().collect();
        let mut progress = glob.begin();
        names.iter().enumerate().any(|(i, name)| {
            let (is_complete, next) = glob.advance(&progress, name);
            progress = next;
            is_complete && i + 1 == names.len()
        })
    }

    #[test]
    fn two_stars_stand_for_up_to_four_folders() {
        let cases = [
            ("/p/**/id_*", "/p/id_a", true),
            ("/p/**/id_*", "/p/a/b/c/d/id_a", true),
            ("/p/**/id_*", "/p/a/b/c/d/e/id_a", false),
            ("/p/**/id_*", "/q/id_a", false),
            ("/p/*/x", "/p/x", false),
            ("/p/*/x", "/p/a/x", true),
            ("/p/*/x", "/p/a/b/x", false),
            ("/p/**/a/**/b", "/p/a/b", true),
            ("/p/**/a/**/b", "/p/1/2/a/3/b", true),
            ("/p/**/a/**/b", "/p/1/2/3/b", false),
            ("/p/**/**/x", "/p/1/2/3/4/x", true),
            ("/p/**/**/x", "/p/1/2/3/4/5/x", false),
            ("/p/**", "/p/a", true),
            ("/p/**", "/p/a/b/c/d/e", true),
            ("/p/a**b/x", "/p/a-b/x", true),
            ("/p/a**b/x", "/p/a/b/x", false),
            ("/*", "/p", true),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_quoted_stands_for_itself() {
        for name in ["/a*b", "/what?", "/[*]", "/[[?]]*", "/[id]", "/plain"] {
            let quoted = PathBuf::from(quote(OsStr::new(name)).into_owned());
            assert_eq!(read(&quoted), Meaning::Path(name.into()), "{}", quoted.display());
        }
    }
}
