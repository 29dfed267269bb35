//! What nsbox writes: the entry, and the launcher, as they would be now.

use super::places::{Places, nearest_id};
use super::written::text;
use anyhow::Context;
use nsbox::error::{Diagnostic, Diagnostics};
use nsbox::frontend::desktop_entry::{Command, Confinement, Entry, Marks, SIZE_MAX, script, takes_uris};
use nsbox::frontend::profile::{self, LiveShelf, Offer, Shelf, Unread};
use nsbox::host::HostFacts;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Programs whose name says nothing about what they run: a launcher so named would be in the way of everything else.
const INTERPRETERS: &[&str] = &[
    "sh", "bash", "dash", "zsh", "fish", "python", "perl", "ruby", "node", "java", "lua", "php", "wine", "mono", "gjs",
    "xdg-open", "sudo", "pkexec",
];

/// Who writes.
pub struct Author<'a> {
    facts: &'a HostFacts,
    places: &'a Places,
    /// The file of nsbox.
    file: PathBuf,
}

impl<'a> Author<'a> {
    /// This nsbox.
    ///
    /// # Errors
    /// Where it cannot find itself.
    pub fn new(places: &'a Places, facts: &'a HostFacts) -> anyhow::Result<Self> {
        let file = std::env::current_exe().and_then(|path| path.canonicalize());
        Ok(Self { facts, places, file: file.context("could not find out where nsbox itself is")? })
    }

    /// The entry that starts under these marks' profile.
    ///
    /// # Errors
    /// All that is wrong with the profile.
    pub fn entry(&self, source: &Entry, marks: &Marks) -> Result<String, Diagnostics> {
        let chain = profile::examine(OsStr::new(&marks.profile), self.facts)?;
        // One that builds on a viewer is a viewer.
        let names = chain.names().iter().filter_map(|name| Path::new(name).file_stem()?.to_str());
        let as_files = !names.into_iter().all(takes_uris);
        Ok(source.confined(&Confinement { nsbox: self.nsbox()?, as_files, marks: marks.clone() }))
    }

    /// What a profile offers.
    ///
    /// # Errors
    /// All that is wrong with the profile.
    pub fn offer(&self, profile: &str) -> Result<Offer, Diagnostics> {
        Ok(Offer::of(&profile::examine(OsStr::new(profile), self.facts)?, self.facts))
    }

    /// The launcher for the command line that does the same.
    ///
    /// # Errors
    /// Where there is no such program.
    pub fn launcher(&self, id: &str, command: &Command, profile: &str) -> Result<String, Diagnostic> {
        let named = command.program();
        let program = match named.components().count() {
            // By its path: the launcher itself has its name.
            1 => self.search(named, Some(&self.places.programs)).ok_or_else(|| {
                Diagnostic::error(format!("there is no program `{}` for a launcher to start", named.display()))
                    .hint("no folder of PATH has it; leave out `--command`")
            })?,
            _ => named.to_owned(),
        };
        let mut words = command.words.clone();
        words[command.program] = text(&program)?;
        Ok(script(&self.nsbox()?, profile, &words, id))
    }

    /// Where the launcher of a program is.
    ///
    /// # Errors
    /// Where one of that name would hide something else.
    pub fn place_of_launcher(&self, command: &Command) -> Result<PathBuf, Diagnostic> {
        let name = command.program().file_name().unwrap_or_default();
        let shown = name.display();
        // Some have their version in the name: python3.11.
        let unversioned = name.to_str().map(|name| name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'));
        if unversioned.is_some_and(|name| INTERPRETERS.contains(&name)) {
            return Err(Diagnostic::error(format!(
                "a launcher named `{shown}` would hide that program from everything else"
            ))
            .hint(format!("the entry runs something by `{shown}`; leave out `--command`")));
        }
        if name == "nsbox" || self.file.file_name() == Some(name) {
            return Err(Diagnostic::error(format!("a launcher named `{shown}` would hide nsbox itself"))
                .hint("leave out `--command`"));
        }
        Ok(self.places.programs.join(name))
    }

    /// What a word of a command line means, as an entry can say it from wherever it is started.
    ///
    /// # Errors
    /// Where it is a file that will not be there then.
    pub fn profile(&self, word: &OsStr) -> Result<String, Diagnostic> {
        let word = text(Path::new(word))?;
        let path: PathBuf = self.facts.working_directory.join(&word).components().collect();
        let bare = word.strip_suffix(".toml");
        match (word.contains('/'), bare) {
            (false, None) => Ok(word),
            (false, Some(bare)) if !path.exists() => Ok(bare.to_owned()),
            _ if path.exists() && !path.is_file() => {
                Err(Diagnostic::error(format!("`{word}` is no file that a menu could start a program with later"))
                    .hint("write the profile into a file, and name that"))
            }
            _ => text(&path),
        }
    }

    /// nsbox as a launcher finds it: by its name where a program of that name is this one, else by its path.
    ///
    /// A desktop may have another PATH than a shell, without the folders of the home, so there the path is right.
    fn nsbox(&self) -> Result<String, Diagnostic> {
        let found = self.search(Path::new("nsbox"), None).filter(|path| !path.starts_with(&self.facts.home));
        match found.and_then(|path| path.canonicalize().ok()) {
            Some(path) if path == self.file => Ok("nsbox".to_owned()),
            _ => text(&self.file),
        }
    }

    /// What a name means to a shell, one folder of PATH left out.
    pub fn search(&self, name: &Path, but: Option<&Path>) -> Option<PathBuf> {
        let folders = std::env::split_paths(self.facts.variable("PATH").unwrap_or_default());
        let folders = folders.filter(|folder| folder.is_absolute() && Some(folder.as_path()) != but);
        let is_program = |path: &PathBuf| {
            let allowed = rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
            allowed && path.is_file()
        };
        folders.map(|folder| folder.join(name)).find(is_program)
    }
}

/// Reads an entry that somebody else has written.
///
/// # Errors
/// Where it cannot be read, or is none.
pub fn read(path: &Path) -> Result<Entry, Diagnostics> {
    let name = text(path)?;
    let bytes = LiveShelf.read(path, SIZE_MAX).map_err(|unread| match unread {
        Unread::Missing => Diagnostic::error(format!("there is no file `{name}`")),
        Unread::Folder => Diagnostic::error(format!("`{name}` is a folder")).hint("name the file of an entry"),
        Unread::Refused(why) => Diagnostic::error(format!("could not read `{name}`: {why}")),
    })?;
    Entry::read(&name, &bytes)
}

/// An entry that nsbox has not written.
pub fn unwritten(id: &str, ids: &[String]) -> Diagnostic {
    let problem = Diagnostic::error(format!("nsbox has written no desktop entry `{id}`"));
    match nearest_id(id, ids) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint("`nsbox desktop list` shows those that it has written"),
    }
}
