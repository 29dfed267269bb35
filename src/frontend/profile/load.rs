//! Finds the chain of profiles that a request names, and reads it; decides nothing about what they say.

use super::Request;
use super::expand;
use super::reader::{self, Reader};
use super::shelf::{EMBEDDED, LiveShelf, Shelf, Unread};
use super::text::{Place, Text};
use super::tree::{self, Node, SIZE_MAX, Table, Value};
use crate::error::{Diagnostic, Diagnostics, suggest};
use crate::host::HostFacts;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The profile of a request that names none.
const DEFAULT: &str = "shell";
/// What stands before the name of a profile that is to be the built-in one, as are all that it builds on, whatever is installed.
const BUILT_IN: &str = "builtin:";
/// How many profiles may build on each other.
const DEPTH_MAX: usize = 16;
/// How many profiles a chain may name, the same one twice counted twice: each is opened.
const NAMED_MAX: usize = 100;
/// Where profiles for all users of a machine are.
const SYSTEM_FOLDER: &str = "/etc/nsbox/profiles";

/// The profiles of a request, read: what is built on comes first, the one that was named last.
#[derive(Debug)]
pub struct Chain {
    pub(super) layers: Vec<Table>,
    names: Vec<String>,
}

impl Chain {
    /// The names of the profiles in it, as messages show them, in the order they apply.
    pub fn names(&self) -> &[String] {
        &self.names
    }
}

/// A profile that can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Available {
    /// The word after `--profile`.
    pub name: String,
    /// What it says of itself; empty if nothing.
    pub description: String,
    /// The file it comes from, or `built in`.
    pub place: String,
}

/// Where a profile is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Home {
    File(PathBuf),
    Embedded(&'static str),
}

/// Finds and reads the profiles of a request.
///
/// # Errors
/// All that stops the chain from being read: what is missing, no text, no TOML, or builds on itself.
pub fn load(request: &Request, facts: &HostFacts) -> Result<Chain, Diagnostics> {
    let word = request.profile.as_deref().unwrap_or(OsStr::new(DEFAULT));
    load_from(&LiveShelf, word, facts)
}

/// As [`load`], from any shelf, of the profile that a word after `--profile` names.
///
/// # Errors
/// As [`load`].
pub fn load_from(shelf: &dyn Shelf, word: &OsStr, facts: &HostFacts) -> Result<Chain, Diagnostics> {
    let mut loader = Loader::new(shelf, facts);
    let opened = match word.to_str().and_then(|word| word.strip_prefix(BUILT_IN)) {
        Some(name) => {
            loader.folders.clear();
            loader.one_installed(name)?
        }
        None => loader.named(word)?,
    };
    loader.follow(opened)
}

/// As [`load`], from the file at that path, whatever its name.
pub(super) fn load_file(shelf: &dyn Shelf, path: &Path, facts: &HostFacts) -> Result<Chain, Diagnostics> {
    let loader = Loader::new(shelf, facts);
    let name = path.display().to_string();
    let opened = loader.file(path, &name).map_err(|problem| match loader.installed(&name) {
        _ if name.contains('/') => problem,
        Ok(Some(Opened { home: Home::File(installed), .. })) => {
            problem.hint(format!("the installed one is `{}`", installed.display()))
        }
        Ok(Some(_)) => problem.hint(format!("`nsbox profiles {name}` prints the one that is built in")),
        Ok(None) | Err(_) => problem,
    })?;
    loader.follow(opened)
}

/// The profiles that can be named on this host, by name.
pub fn available(facts: &HostFacts) -> Vec<Available> {
    available_from(&LiveShelf, facts)
}

pub(super) fn available_from(shelf: &dyn Shelf, facts: &HostFacts) -> Vec<Available> {
    let loader = Loader::new(shelf, facts);
    let mut all: Vec<Available> = Vec::new();
    for name in loader.names() {
        let Ok(Some(opened)) = loader.installed(&name) else { continue };
        let place = match &opened.home {
            Home::File(path) => path.display().to_string(),
            Home::Embedded(_) => "built in".to_owned(),
        };
        let description = tree::read(&opened.name, opened.bytes).map(|(_, table)| description(&table));
        all.push(Available { name, description: description.unwrap_or_default(), place });
    }
    all
}

fn description(table: &Table) -> String {
    top(table, "description").and_then(reader::plain).unwrap_or_default().into_owned()
}

fn top<'t>(table: &'t Table, key: &str) -> Option<&'t Node> {
    table.iter().find(|(name, _)| matches!(&name.value, Value::Text(text) if text == key)).map(|(_, value)| value)
}

/// A profile whose bytes have been read.
struct Opened {
    home: Home,
    name: String,
    bytes: Vec<u8>,
}

struct Loader<'a> {
    shelf: &'a dyn Shelf,
    facts: &'a HostFacts,
    /// Where profiles are installed that go before the built-in ones.
    folders: Vec<PathBuf>,
    /// The profiles being read, each built on by the one before.
    open: Vec<Home>,
    /// The profiles that are part of the chain already; one that two others build on applies once, before both.
    done: Vec<Home>,
    layers: Vec<Table>,
    names: Vec<String>,
    /// How many have been named so far, and how many bytes have been read of them.
    named: usize,
    size: usize,
    found: Diagnostics,
}

impl<'a> Loader<'a> {
    fn new(shelf: &'a dyn Shelf, facts: &'a HostFacts) -> Self {
        let own = expand::xdg_folder("XDG_CONFIG_HOME", facts).unwrap_or_else(|| facts.home.join(".config"));
        let folders = vec![own.join("nsbox/profiles"), PathBuf::from(SYSTEM_FOLDER)];
        let (open, done, layers, names) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (named, size, found) = (0, 0, Diagnostics::default());
        Self { shelf, facts, folders, open, done, layers, names, named, size, found }
    }

    /// Reads the whole chain that ends in `last`.
    fn follow(mut self, last: Opened) -> Result<Chain, Diagnostics> {
        self.read(last);
        if self.found.has_errors() {
            // What is wrong with the words that could be read need not wait.
            self.found.extend(self.layers.iter().flat_map(|layer| Reader::look_over(layer, self.facts)).collect());
            return Err(self.found);
        }
        Ok(Chain { layers: self.layers, names: self.names })
    }

    /// The profile that a word of the command line names.
    fn named(&self, word: &OsStr) -> Result<Opened, Diagnostic> {
        if word.as_bytes().contains(&b'/') {
            return self.file(Path::new(word), &word.display().to_string());
        }
        let Some(name) = word.to_str() else {
            return Err(Diagnostic::error(format!("no profile `{}`", word.display())));
        };
        match name.strip_suffix(".toml") {
            Some(bare) => self.file_or_installed(name, bare),
            None => self.one_installed(name),
        }
    }

    /// `NAME.toml`: the file of that name here, else the installed profile NAME; never a silent choice between two.
    fn file_or_installed(&self, file: &str, bare: &str) -> Result<Opened, Diagnostic> {
        let here = match self.shelf.read(&self.facts.working_directory.join(file), SIZE_MAX) {
            Err(Unread::Missing) => None,
            _ => Some(self.file(Path::new(file), file)?),
        };
        match (here, self.installed(bare)) {
            (Some(here), Ok(Some(installed))) if here.bytes != installed.bytes => {
                let message = format!("`{file}` is a file here, and `{bare}` is an installed profile that differs");
                Err(Diagnostic::error(message)
                    .hint(format!("write `--profile ./{file}` for the file, or `--profile {bare}`")))
            }
            (Some(here), _) => Ok(here),
            (None, Ok(None)) => Err(self.missing(format!("no file `{file}` here, and no profile `{bare}`"), bare)),
            (None, Ok(Some(installed))) => Ok(installed),
            (None, Err(problem)) => Err(problem),
        }
    }

    /// The file at a path, which is taken from the working directory.
    fn file(&self, path: &Path, name: &str) -> Result<Opened, Diagnostic> {
        let path = self.facts.working_directory.join(path);
        let bytes = self.shelf.read(&path, SIZE_MAX).map_err(|unread| match unread {
            Unread::Missing => Diagnostic::error(format!("no profile at `{name}`: there is no such file")),
            other => refused(name, &other),
        })?;
        Ok(Opened { home: Home::File(path), name: name.to_owned(), bytes })
    }

    /// The installed profile of that name, which must be there.
    fn one_installed(&self, name: &str) -> Result<Opened, Diagnostic> {
        self.installed(name)?.ok_or_else(|| self.missing(format!("no profile `{name}`"), name))
    }

    /// The installed profile of that name: the person's own, the machine's, or the embedded one.
    fn installed(&self, name: &str) -> Result<Option<Opened>, Diagnostic> {
        for folder in &self.folders {
            let path = folder.join(format!("{name}.toml"));
            let shown = path.display().to_string();
            match self.shelf.read(&path, SIZE_MAX) {
                Ok(bytes) => return Ok(Some(Opened { home: Home::File(path), name: shown, bytes })),
                Err(Unread::Missing) => {}
                // Not passed over: the next one of this name may be wider.
                Err(other) => return Err(refused(&shown, &other)),
            }
        }
        let embedded = EMBEDDED.iter().find(|(known, _)| *known == name);
        Ok(embedded.map(|(name, text)| Opened {
            home: Home::Embedded(name),
            name: (*name).to_owned(),
            bytes: text.as_bytes().to_vec(),
        }))
    }

    fn missing(&self, message: String, name: &str) -> Diagnostic {
        let names = self.names();
        let problem = Diagnostic::error(message);
        let file = format!("{name}.toml");
        if self.open.is_empty() && self.shelf.read(&self.facts.working_directory.join(&file), SIZE_MAX).is_ok() {
            return problem.hint(format!("the file here is `./{file}`"));
        }
        match suggest::nearest(name, names.iter().map(String::as_str)) {
            Some(near) => problem.hint(format!("did you mean `{near}`? A file is named with a slash")),
            None => problem.hint(format!("there are {}; a file is named with a slash", names.join(", "))),
        }
    }

    /// The names of all installed profiles.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect();
        for folder in &self.folders {
            let files = self.facts.paths.list(folder).unwrap_or_default();
            names.extend(files.iter().filter_map(|file| Some(file.name.to_str()?.strip_suffix(".toml")?.to_owned())));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Reads a profile after all that it builds on.
    fn read(&mut self, opened: Opened) {
        let Opened { home, name, bytes } = opened;
        self.size += bytes.len();
        let (text, table) = match tree::read(&name, bytes) {
            Ok(read) => read,
            Err(found) => return self.found.extend(found),
        };
        self.open.push(home);
        if let Some(extends) = top(&table, "extends") {
            self.extend(extends, &text);
        }
        if let Some(home) = self.open.pop() {
            self.done.push(home);
        }
        self.layers.push(table);
        self.names.push(name);
    }

    fn extend(&mut self, extends: &Node, text: &Text) {
        let Value::List(items) = &extends.value else {
            let message = format!("expected a list of profile names, found {}", extends.value.kind());
            let problem = extends.place.error(message);
            return self.found.push(match reader::plain(extends) {
                Some(name) => problem.hint(format!("write `extends = [\"{name}\"]`")),
                None => problem,
            });
        };
        for item in items {
            let Value::Text(name) = &item.value else {
                let message = format!("expected the name of a profile, found {}", item.value.kind());
                self.found.push(item.place.error(message));
                continue;
            };
            if let Some(problem) = self.excess(&item.place) {
                return self.found.push(problem);
            }
            match self.parent(name, &item.place, text) {
                Ok(Some(opened)) => self.read(opened),
                Ok(None) => {}
                Err(problem) => self.found.push(problem),
            }
        }
    }

    /// A chain that is longer than any that somebody wrote, and that would take as much time and memory as it likes.
    fn excess(&mut self, place: &Place) -> Option<Diagnostic> {
        self.named += 1;
        let problem = match () {
            () if self.named > NAMED_MAX => place.error(format!("more than {NAMED_MAX} profiles are built on")),
            () if self.size > SIZE_MAX => place.error("the profiles that are built on hold more than 1 MiB"),
            () => return None,
        };
        Some(problem.hint("let one of them say what several of these say"))
    }

    /// The profile that an `extends` entry names; nothing where it is in the chain already.
    fn parent(&self, name: &str, place: &Place, text: &Text) -> Result<Option<Opened>, Diagnostic> {
        let at = |mut problem: Diagnostic| {
            problem.excerpt = problem.excerpt.or_else(|| Some(Box::new(place.excerpt())));
            problem
        };
        let opened = if name.contains('/') {
            let Some(Home::File(extending)) = self.open.last() else {
                return Err(place.error("a built-in profile builds on no file"));
            };
            let path = extending.parent().unwrap_or(Path::new("/")).join(name);
            let shown = beside(text.name(), name);
            self.file(&path, &shown.display().to_string()).map_err(at)?
        } else if let Some(bare) = name.strip_suffix(".toml") {
            let hint = format!("write `./{name}` for the file beside this one, or `{bare}` for the installed profile");
            return Err(place.error(format!("`{name}` names neither a file nor a profile")).hint(hint));
        } else {
            self.one_installed(name).map_err(at)?
        };
        let same = |home: &&Home| self.same(home, &opened.home);
        if self.open.iter().any(|home| same(&home)) {
            return Err(place
                .error(format!("`{name}` builds on this profile, so this one cannot build on it"))
                .label("a loop"));
        }
        if self.open.len() >= DEPTH_MAX {
            let problem = place.error(format!("more than {DEPTH_MAX} profiles build on each other"));
            return Err(problem.hint("let one of them say what several of these say"));
        }
        Ok((!self.done.iter().any(|home| same(&home))).then_some(opened))
    }

    /// Whether two profiles are one, whatever the paths to it.
    fn same(&self, a: &Home, b: &Home) -> bool {
        match (a, b) {
            (Home::File(a), Home::File(b)) => {
                let plain = |path: &Path| crate::plan::normalise(path).unwrap_or_else(|| path.to_owned());
                plain(a) == plain(b)
            }
            (a, b) => a == b,
        }
    }
}

/// The name of a file as another one beside it writes it, in the words of the person who named that one.
fn beside(name: &str, written: &str) -> PathBuf {
    match Path::new(name).parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.join(written.strip_prefix("./").unwrap_or(written)),
        _ => written.into(),
    }
}

fn refused(name: &str, unread: &Unread) -> Diagnostic {
    match unread {
        Unread::Missing => Diagnostic::error(format!("no profile at `{name}`")),
        Unread::Folder => Diagnostic::error(format!("`{name}` is a folder, not a profile"))
            .hint("name the file in it, as in `FOLDER/NAME.toml`"),
        Unread::Refused(why) => Diagnostic::error(format!("cannot read the profile `{name}`: {why}")),
    }
}
