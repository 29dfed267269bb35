//! Entries that open the home folder or one that it is in: a profile must not do so by accident, a person may on purpose.

use super::layout::Host;
use super::root::{self, Chosen};
use crate::error::{Diagnostic, Diagnostics};
use crate::frontend::profile::entries::FOLLOWING;
use crate::frontend::profile::home::Home;
use crate::frontend::profile::merged::{Entry, EntryKind, Profile};
use crate::frontend::profile::text::Place;
use crate::host::HostFacts;
use crate::plan::{Access, PathMap, RootAccess, in_walk_order};
use std::path::{Path, PathBuf};

/// An entry that opens something of the host.
struct Opening<'e> {
    inside: &'e Path,
    source: &'e Path,
    place: &'e Place,
    access: Access,
    follows: Option<&'static str>,
}

impl Opening<'_> {
    fn is_by_hand(&self) -> bool {
        self.place.text().is_flag()
    }

    /// Whether it may open what its writer did not have in mind, or what a person should think twice about.
    fn is_suspect(&self) -> bool {
        if self.is_by_hand() { self.access == Access::Write } else { self.follows.is_some() }
    }

    /// Who wrote what, for a folder that is the home folder or has it inside.
    fn judge(&self, folder: &str) -> Diagnostic {
        let flag = if self.access == Access::Write { "--write" } else { "--read" };
        if self.is_by_hand() {
            let message = format!("`{}` lets the command change {folder}", self.place.text().name());
            let warning = Diagnostic::warning(message).at(self.place.excerpt());
            return warning.hint(
                "what it writes there may run outside later (shell start-up files, `~/.ssh`, `~/.config`), and your \
                 keys are in it; open a project in it instead",
            );
        }
        let cause = self.follows.unwrap_or_default();
        if !FOLLOWING.contains(&cause) {
            let problem = self.place.error(format!("`{cause}` opens {folder}"));
            return problem
                .hint("name a folder in it, such as `~/Downloads`; `desktop.home` keeps a home for the program");
        }
        let problem = self.place.error(format!("from here, `{cause}` opens {folder}"));
        if self.inside == Path::new("/") {
            return problem.hint("`cd` into a project first");
        }
        let inside = if self.inside == self.source { String::new() } else { format!(":{}", self.inside.display()) };
        problem.hint(format!(
            "`cd` into a project first; to open this all the same, name it: `{flag} {}{inside}`",
            self.source.display()
        ))
    }
}

/// Takes out what follows the caller to the home folder, and says so; warns once of what is written by hand.
pub fn refuse(profile: &mut Profile, host: &Host<'_>, facts: &HostFacts) -> Diagnostics {
    let mut found = Diagnostics::default();
    let mut suspects: Vec<Opening<'_>> = openings(&profile.entries).filter(Opening::is_suspect).collect();
    suspects.sort_unstable_by(|a, b| in_walk_order(a.inside, b.inside));
    suspects.extend(root::chosen(profile).map(opening_of_root).filter(Opening::is_suspect));
    if suspects.is_empty() {
        return found;
    }
    let home = Home::of(facts, host);
    let (mut is_warned, mut refused) = (false, Vec::new());
    for opening in suspects.iter().filter(|opening| home.is_within(opening.source, host)) {
        if !opening.is_by_hand() {
            refused.push(opening.inside.to_owned());
        } else if std::mem::replace(&mut is_warned, true) {
            continue;
        }
        let folder = match home.is_at(opening.source, host) {
            true => "your whole home folder".to_owned(),
            false => format!("`{}`, which your home folder is in", opening.source.display()),
        };
        found.push(opening.judge(&folder));
    }
    take_out(profile, &refused);
    found
}

/// Takes entries out, and with them the patterns that would have nothing to lock.
fn take_out(profile: &mut Profile, refused: &[PathBuf]) {
    for path in refused {
        if profile.entries.remove(path).is_none() {
            profile.root = None;
        }
    }
    let is_in_one = |path: &Path| refused.iter().any(|refused| path.starts_with(refused));
    let locks =
        profile.entries.iter().filter(|(path, entry)| matches!(entry.kind, EntryKind::ReadGlob(_)) && is_in_one(path));
    let locks: Vec<PathBuf> = locks.map(|(path, _)| path.to_owned()).collect();
    for path in locks {
        profile.entries.remove(&path);
    }
}

/// The root, where it is a folder of the host.
fn opening_of_root((root, folder): Chosen<'_>) -> Opening<'_> {
    let access = if folder.access == RootAccess::Write { Access::Write } else { Access::Read };
    Opening { inside: Path::new("/"), source: &folder.path, place: &root.place, access, follows: folder.follows }
}

fn openings(entries: &PathMap<Entry>) -> impl Iterator<Item = Opening<'_>> {
    entries.iter().filter_map(|(inside, entry)| {
        let EntryKind::Bind { access, from, follows, .. } = &entry.kind else { return None };
        let (source, place) = from.as_ref().map_or((inside, &entry.place), |from| (from.value.as_path(), &from.place));
        Some(Opening { inside, source, place, access: *access, follows: *follows })
    })
}
