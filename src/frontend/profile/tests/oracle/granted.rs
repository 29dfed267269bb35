//! What the words of a plan's command may open, where the text says that they open anything.

use super::inside::{is_within, real};
use super::said::Said;
use crate::host::{FileKind, HostFacts, Look, Paths};
use crate::plan::Plan;
use std::path::{Path, PathBuf};

/// Files and folders of the host, where their symlinks lead, and whether they may be changed.
pub struct Granted {
    paths: Vec<PathBuf>,
    writable: bool,
}

impl Granted {
    pub fn by(said: &Said, plan: &Plan, facts: &HostFacts) -> Self {
        let writable = said.is("command.grant-args", "write");
        let mut paths = Vec::new();
        if writable || said.is("command.grant-args", "read") {
            let words: Vec<_> = plan.command.argv.iter().skip(1).filter_map(|word| word.to_str()).collect();
            let end = words.iter().position(|word| *word == "--").unwrap_or(words.len());
            let is_word = |(at, word): &(usize, &&str)| *at > end || !word.starts_with('-');
            let words = words.iter().enumerate().filter(is_word).map(|(_, word)| *word);
            paths.extend(words.filter(|word| !word.contains("://")).filter_map(|word| open(word, facts)));
        }
        Self { paths, writable }
    }

    /// Whether this of the host may be seen, or changed, at a path inside: one that leads to it on the host.
    pub fn opens(&self, at: &Path, shown: &Path, writes: bool, paths: &dyn Paths) -> bool {
        let may = (self.writable || !writes) && self.paths.iter().any(|path| is_within(shown, path));
        may && real(paths, at).as_deref() == Some(shown)
    }
}

/// The file or folder that a word names, if it is one that a word may open.
fn open(word: &str, facts: &HostFacts) -> Option<PathBuf> {
    let paths = facts.paths.as_ref();
    let path = real(paths, &facts.working_directory.join(word))?;
    let is_file = match paths.look(&path) {
        Look::Found { kind: FileKind::File, .. } => true,
        Look::Found { kind: FileKind::Folder, .. } => false,
        _ => return None,
    };
    let is_around_home = is_within(&facts.home, &path);
    let is_of_system = ["/proc", "/sys", "/dev", "/run"].iter().any(|folder| is_within(&path, Path::new(folder)));
    (is_file || !is_around_home && !is_of_system).then_some(path)
}
