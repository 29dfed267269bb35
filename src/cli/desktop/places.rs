//! Where desktop entries are, and by which names they are known.

use nsbox::error::Diagnostic;
use nsbox::error::suggest::nearest;
use nsbox::host::HostFacts;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where data of all users is, where no variable says so (XDG Base Directory Specification 0.8).
const DATA_DIRS: &str = "/usr/local/share:/usr/share";
/// How the name of an entry's file ends.
const END: &str = ".desktop";
/// How many folders deep entries are looked for.
const DEPTH_MAX: usize = 4;

/// The folders of entries and launchers.
#[derive(Debug)]
pub struct Places {
    /// The person's own entries, which come before all others.
    pub own: PathBuf,
    /// The other entries; the first one of a name counts.
    pub shared: Vec<PathBuf>,
    /// The person's own programs.
    pub programs: PathBuf,
}

impl Places {
    /// Those of this caller.
    ///
    /// # Errors
    /// Where there is no home folder.
    pub fn of(facts: &HostFacts) -> Result<Self, Diagnostic> {
        if !facts.home.is_dir() {
            return Err(Diagnostic::error(format!("there is no home folder `{}`", facts.home.display()))
                .hint("set HOME to the folder that your files are in"));
        }
        let own = facts.variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let own = own.unwrap_or_else(|| facts.home.join(".local/share")).join("applications");
        let dirs = facts.variable("XDG_DATA_DIRS").filter(|dirs| !dirs.is_empty());
        let dirs = std::env::split_paths(dirs.unwrap_or(OsStr::new(DATA_DIRS)));
        let shared = dirs.filter(|dir| dir.is_absolute()).map(|dir| dir.join("applications"));
        let shared = shared.filter(|folder| *folder != own).collect();
        Ok(Self { own, shared, programs: facts.home.join(".local/bin") })
    }

    /// The id that a word means, and the file, where the word names one that is not the person's own entry.
    ///
    /// # Errors
    /// Where the word can be neither.
    pub fn named(&self, word: &OsStr, facts: &HostFacts) -> Result<(String, Option<PathBuf>), Diagnostic> {
        let shown = word.display();
        let text =
            word.to_str().ok_or_else(|| Diagnostic::error(format!("`{shown}` is no name of a desktop entry")))?;
        if !text.contains('/') {
            let id = text.strip_suffix(END).unwrap_or(text);
            return is_id(id).then(|| (id.to_owned(), None)).ok_or_else(|| {
                Diagnostic::error(format!("`{shown}` is no name of a desktop entry"))
                    .hint("it is the name of the entry's file, as in `firefox-esr`")
            });
        }
        let path: PathBuf = facts.working_directory.join(text).components().collect();
        let folders = [&self.own].into_iter().chain(&self.shared);
        let below = folders.filter_map(|folder| path.strip_prefix(folder).ok()).next();
        let name = below.or(path.file_name().map(Path::new)).and_then(Path::to_str).unwrap_or_default();
        let id = name.strip_suffix(END).map(|name| name.replace('/', "-")).filter(|id| is_id(id));
        let id = id.ok_or_else(|| {
            Diagnostic::error(format!("`{shown}` is no file of a desktop entry")).hint("its name ends in `.desktop`")
        })?;
        Ok((id, Some(path).filter(|path| !path.starts_with(&self.own))))
    }

    /// The entry of that id that all users share.
    pub fn find(&self, id: &str) -> Option<PathBuf> {
        self.shared.iter().find_map(|folder| files(folder, id).into_iter().next())
    }

    /// The person's own files that have this id, but for the one that nsbox would write.
    pub fn others_of(&self, id: &str) -> Option<PathBuf> {
        files(&self.own, id).into_iter().find(|path| *path != self.own.join(file_name(id)))
    }

    /// An entry that is not there.
    pub fn missing(&self, id: &str) -> Diagnostic {
        let problem = Diagnostic::error(format!("no desktop entry `{id}`"));
        let mut ids: Vec<String> = self.shared.iter().flat_map(|folder| ids(folder, DEPTH_MAX)).collect();
        ids.sort();
        match nearest_id(id, &ids) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => {
                let looked: Vec<_> = self.shared.iter().map(|folder| format!("`{}`", folder.display())).collect();
                problem.hint(format!("there is none in {}; a word with a slash names a file", looked.join(", ")))
            }
        }
    }
}

/// The id that was probably meant: people know the program, and an id may be the name of its maker backwards.
pub fn nearest_id<'i>(id: &str, ids: &'i [String]) -> Option<&'i str> {
    let ids = || ids.iter().map(String::as_str);
    let last = |id: &str| id.rsplit('.').next().unwrap_or_default().to_lowercase();
    let word = last(id);
    let same = ids().find(|known| known.eq_ignore_ascii_case(id)).or_else(|| ids().find(|known| last(known) == word));
    same.or_else(|| nearest(id, ids())).or_else(|| {
        let words: Vec<_> = ids().map(last).collect();
        let near = nearest(&word, words.iter().map(String::as_str))?;
        ids().find(|known| last(known) == near)
    })
}

/// The name of the file of an entry.
pub fn file_name(id: &str) -> String {
    format!("{id}{END}")
}

/// The id of an entry in the outermost folder by the name of its file.
pub fn id_of(name: &OsStr) -> Option<&str> {
    name.to_str()?.strip_suffix(END).filter(|id| is_id(id))
}

/// Whether a word can be an id: a name of a file, of which nothing acts on a terminal or ends a line.
fn is_id(word: &str) -> bool {
    !word.is_empty() && !word.starts_with(['.', '-']) && !word.contains('/') && !word.contains(char::is_control)
}

/// The files in a folder that have this id: a dash may stand for the slash behind a folder.
fn files(folder: &Path, id: &str) -> Vec<PathBuf> {
    let whole = folder.join(file_name(id));
    let mut found: Vec<_> = Some(whole).filter(|path| path.symlink_metadata().is_ok()).into_iter().collect();
    for (at, _) in id.match_indices('-').filter(|(at, _)| is_id(&id[..*at]) && is_id(&id[at + 1..])) {
        let inner = folder.join(&id[..at]);
        if inner.is_dir() {
            found.extend(files(&inner, &id[at + 1..]));
        }
    }
    found
}

/// The ids of all entries in a folder, and in those that it holds.
fn ids(folder: &Path, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if let Some(id) = id_of(&name) {
            found.push(id.to_owned());
        } else if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let inner = ids(&entry.path(), depth - 1).into_iter();
            found
                .extend(name.to_str().into_iter().flat_map(|name| inner.clone().map(move |id| format!("{name}-{id}"))));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Places, files, ids, nearest_id};

    #[test]
    fn a_dash_may_stand_for_a_folder_and_for_no_folder_above() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("apps/kde4")).expect("folders");
        for name in ["apps/kde4/kon-sole.desktop", "apps/kde4-kon-sole.desktop", "x.desktop"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        let apps = folder.path().join("apps");
        assert_eq!(
            files(&apps, "kde4-kon-sole"),
            ["kde4-kon-sole.desktop", "kde4/kon-sole.desktop"].map(|f| apps.join(f))
        );
        assert!(files(&apps, "..-x").is_empty());
        assert_eq!(ids(&apps, 4), ["kde4-kon-sole", "kde4-kon-sole"]);
        let places = Places { own: folder.path().join("own"), shared: vec![apps.clone()], programs: "/".into() };
        assert_eq!(places.find("kde4-kon-sole"), Some(apps.join("kde4-kon-sole.desktop")));
    }

    #[test]
    fn a_program_is_found_behind_the_name_of_its_maker() {
        let ids = ["org.gnome.Evince", "firefox-esr", "org.gnome.TextEditor"].map(str::to_owned);
        assert_eq!(nearest_id("evince", &ids), Some("org.gnome.Evince"));
        assert_eq!(nearest_id("texteditro", &ids), Some("org.gnome.TextEditor"));
        assert_eq!(nearest_id("firefox", &ids), Some("firefox-esr"));
        assert_eq!(nearest_id("Firefox-ESR", &ids), Some("firefox-esr"));
        assert_eq!(nearest_id("blender", &ids), None);
    }
}
