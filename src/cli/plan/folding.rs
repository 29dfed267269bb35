//! Many entries in few lines: those that came from one file and lie in one folder stand together.

use super::layout::Line;
use nsbox::plan::Origin;
use std::path::{Path, PathBuf};

/// Whether entries share lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folding {
    /// Entries of one folder and one source in one line.
    Folded,
    /// Each for itself, with its own origin.
    Unfolded,
}

/// Something at a path, to be listed.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Where it is inside.
    pub path: &'a Path,
    /// What is added to the path: ` -> usr/bin`; may be empty.
    pub note: String,
    /// Who asked for it.
    pub origin: &'a Origin,
}

/// Words of one origin that share a line.
struct Fold<'a> {
    folder: PathBuf,
    entries: Vec<Entry<'a>>,
}

/// Lists entries in their order, a fold standing where its first entry does.
pub fn list(entries: Vec<Entry<'_>>, folding: Folding) -> Vec<Line> {
    if folding == Folding::Unfolded {
        return entries.iter().map(|entry| Line::asked(full(entry), entry.origin)).collect();
    }
    let mut folds: Vec<Fold> = Vec::new();
    for entry in entries {
        let folder = entry.path.parent().unwrap_or(entry.path);
        let same = |fold: &&mut Fold| fold.folder == folder && source(fold.entries[0].origin) == source(entry.origin);
        match folds.iter_mut().find(same) {
            Some(fold) => fold.entries.push(entry),
            None => folds.push(Fold { folder: folder.to_owned(), entries: vec![entry] }),
        }
    }
    folds.iter().map(Fold::line).collect()
}

/// Joins words that came from one source in one line each.
pub fn join<'a>(words: impl IntoIterator<Item = (String, &'a Origin)>, folding: Folding) -> Vec<Line> {
    let mut lines: Vec<(Vec<String>, Vec<&Origin>)> = Vec::new();
    for (word, origin) in words {
        let same = |line: &&mut (Vec<String>, Vec<&Origin>)| source(line.1[0]) == source(origin);
        match lines.iter_mut().find(same).filter(|_| folding == Folding::Folded) {
            Some((words, origins)) => {
                words.push(word);
                origins.push(origin);
            }
            None => lines.push((vec![word], vec![origin])),
        }
    }
    lines
        .into_iter()
        .map(|(words, origins)| Line { origin: Some(span(&origins)), ..Line::new(words.join(", ")) })
        .collect()
}

impl Fold<'_> {
    fn line(&self) -> Line {
        let together = self.entries.len() > 1 && self.folder != Path::new("/");
        let words: Vec<_> = self.entries.iter().map(if together { last } else { full }).collect();
        let start = if together { format!("in {}: ", self.folder.display()) } else { String::new() };
        let origins: Vec<_> = self.entries.iter().map(|entry| entry.origin).collect();
        Line { origin: Some(span(&origins)), ..Line::new(start + &words.join(", ")) }
    }
}

fn full(entry: &Entry) -> String {
    format!("{}{}", entry.path.display(), entry.note)
}

fn last(entry: &Entry) -> String {
    format!("{}{}", entry.path.file_name().unwrap_or_default().display(), entry.note)
}

/// What entries must have in common to share a line.
fn source(origin: &Origin) -> (u8, &str) {
    match origin {
        Origin::Profile { file, .. } => (0, file),
        Origin::Flag(flag) => (1, flag),
        Origin::Default(key) => (2, key),
        Origin::Argument(_) => (3, ""),
    }
}

/// One name for origins of one source: the lines of a file from the first to the last.
fn span(origins: &[&Origin]) -> String {
    let lines = || {
        origins.iter().filter_map(|origin| match origin {
            Origin::Profile { line, .. } => Some(*line),
            _ => None,
        })
    };
    match (origins, lines().min(), lines().max()) {
        ([Origin::Profile { file, .. }, _, ..], Some(first), Some(last)) if first == last => format!("{file}:{first}"),
        ([Origin::Profile { file, .. }, _, ..], Some(first), Some(last)) => format!("{file}:{first}-{last}"),
        ([Origin::Argument(_), _, ..], ..) => "arguments of the command".to_owned(),
        ([origin, ..], ..) => origin.to_string(),
        ([], ..) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Folding, join, list};
    use crate::cli::plan::layout::Line;
    use nsbox::plan::Origin;
    use std::path::Path;

    fn at(line: u32) -> Origin {
        Origin::Profile { file: "base".into(), line, column: 3 }
    }

    fn told(lines: &[Line]) -> Vec<String> {
        lines.iter().map(|line| format!("{} ({})", line.text, line.origin.as_deref().unwrap_or(""))).collect()
    }

    #[test]
    fn entries_of_a_folder_and_a_source_share_a_line() {
        let (first, second, flag) = (at(4), at(9), Origin::Flag("--read".into()));
        let paths =
            [("/usr", &first), ("/etc/ssl", &first), ("/etc/fonts", &second), ("/etc/x", &flag), ("/opt", &second)];
        let entries =
            || paths.map(|(path, origin)| Entry { path: Path::new(path), note: String::new(), origin }).into();
        assert_eq!(
            told(&list(entries(), Folding::Folded)),
            ["/usr, /opt (base:4-9)", "in /etc: ssl, fonts (base:4-9)", "/etc/x (--read)"]
        );
        assert_eq!(told(&list(entries(), Folding::Unfolded))[1], "/etc/ssl (base:4:3)");
    }

    #[test]
    fn words_of_one_source_share_a_line() {
        let (first, second) = (at(4), at(4));
        let words = || [("A=1".to_owned(), &first), ("B=2".to_owned(), &second)];
        assert_eq!(told(&join(words(), Folding::Folded)), ["A=1, B=2 (base:4)"]);
        assert_eq!(told(&join(words(), Folding::Unfolded)), ["A=1 (base:4:3)", "B=2 (base:4:3)"]);
    }
}
