//! Variables in a profile's strings: `~`, `${HOME}` and the like, and `$$` for a dollar sign.

use super::text::Place;
use super::{project, user_folders};
use crate::error::{Diagnostics, suggest};
use crate::host::HostFacts;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The variables that a profile may use, beside the XDG folders.
const PLAIN: [&str; 7] = ["HOME", "USER", "UID", "GID", "PWD", "PROJECT", "GIT_COMMON_DIR"];
/// The XDG folders and where they are below the home folder if unset (XDG Base Directory Specification 0.8).
const XDG: [(&str, &str); 4] = [
    ("XDG_CONFIG_HOME", ".config"),
    ("XDG_CACHE_HOME", ".cache"),
    ("XDG_DATA_HOME", ".local/share"),
    ("XDG_STATE_HOME", ".local/state"),
];
/// The one XDG folder without a place to fall back on.
const XDG_RUNTIME: &str = "XDG_RUNTIME_DIR";

/// How the value of a variable is written into a text.
pub type Quote = fn(&OsStr) -> Cow<'_, OsStr>;

/// The variables of a caller; what has to be sought on the host is sought where it is used, and once.
pub struct Variables<'a> {
    facts: &'a HostFacts,
    project: OnceCell<PathBuf>,
    common_folder: OnceCell<PathBuf>,
}

impl<'a> Variables<'a> {
    /// Those of this caller.
    pub fn new(facts: &'a HostFacts) -> Self {
        Self { facts, project: OnceCell::new(), common_folder: OnceCell::new() }
    }

    /// Expands a path or a value that may hold one: variables, and `~` at the start.
    pub fn expand(&self, text: &str, place: &Place, found: &mut Diagnostics) -> Option<OsString> {
        self.expand_quoting(text, |text| text.into(), place, found)
    }

    /// As [`Variables::expand`], for a text in which some characters have a meaning that they have not in values.
    pub fn expand_quoting(&self, text: &str, quote: Quote, place: &Place, found: &mut Diagnostics) -> Option<OsString> {
        let Some(below) = below_home(text) else { return self.expand_inner(text, quote, place, found) };
        let mut expanded = quote(self.facts.home.as_os_str()).into_owned();
        expanded.push(self.expand_inner(below, quote, place, found)?);
        Some(expanded)
    }

    /// Expands the variables in a string; each bad one is reported, and then there is no result.
    pub fn expand_words(&self, text: &str, place: &Place, found: &mut Diagnostics) -> Option<OsString> {
        self.expand_inner(text, |text| text.into(), place, found)
    }

    fn expand_inner(&self, text: &str, quote: Quote, place: &Place, found: &mut Diagnostics) -> Option<OsString> {
        // A variable is mostly as long as its name.
        let mut expanded = OsString::with_capacity(text.len());
        let mut rest = text;
        let mut good = true;
        while let Some(dollar) = rest.find('$') {
            expanded.push(&rest[..dollar]);
            let after = &rest[dollar + 1..];
            if let Some(after) = after.strip_prefix('$') {
                expanded.push("$");
                rest = after;
            } else if let Some((name, after)) = after.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
                match self.variable(name) {
                    Ok(value) => expanded.push(quote(&value)),
                    Err((what, hint)) => {
                        let written = format!("${{{name}}}");
                        found.push(place.of(&written).error(format!("`{written}` {what}")).hint(hint));
                        good = false;
                    }
                }
                rest = after;
            } else {
                let hint = "`${NAME}` stands for a variable, and `$$` for a dollar sign";
                let at = place.of(&rest[dollar..]).part(0..1);
                found.push(at.error("a `$` that starts no variable").hint(hint));
                good = false;
                rest = after;
            }
        }
        expanded.push(rest);
        good.then_some(expanded)
    }

    /// The value of a variable, or what is wrong with it and what to write instead.
    fn variable(&self, name: &str) -> Result<Cow<'_, OsStr>, (&'static str, String)> {
        let facts = self.facts;
        fn path<'p, E>(path: &'p Path) -> Result<Cow<'p, OsStr>, E> {
            Ok(path.as_os_str().into())
        }
        let project = || self.project.get_or_init(|| project::folder(facts));
        match name {
            "HOME" => path(&facts.home),
            "PWD" => path(&facts.working_directory),
            "PROJECT" => path(project()),
            "GIT_COMMON_DIR" => path(self.common_folder.get_or_init(|| project::common_folder(project(), facts))),
            "USER" => Ok(OsStr::new(&facts.user).into()),
            "UID" => Ok(OsString::from(facts.uid.to_string()).into()),
            "GID" => Ok(OsString::from(facts.gid.to_string()).into()),
            _ if user_folders::names().any(|known| known == name) => user_folders::folder(name, facts)
                .map(|folder| folder.into_os_string().into())
                .ok_or_else(|| ("is your home folder, which says that there is none", user_folders::remedy(name))),
            _ if is_known(name) => xdg_folder(name, facts)
                .map(|folder| folder.into_os_string().into())
                .ok_or_else(|| ("is not set", format!("set {name} to an absolute path, or leave out what needs it"))),
            _ => Err((
                "is no variable of a profile",
                match suggest::nearest(name, known()) {
                    Some(near) => format!("did you mean `${{{near}}}`?"),
                    None => format!("the variables are {}", known().collect::<Vec<_>>().join(", ")),
                },
            )),
        }
    }
}

/// What follows a `~` that stands for the home folder.
fn below_home(text: &str) -> Option<&str> {
    text.strip_prefix('~').filter(|below| below.is_empty() || below.starts_with('/'))
}

/// The folder of an XDG variable: its value where that is an absolute path, else its place below the home folder.
pub fn xdg_folder(name: &str, facts: &HostFacts) -> Option<PathBuf> {
    // The specification: a relative path in one of these is invalid and to be ignored.
    let set = facts.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let below = || XDG.iter().find(|(known, _)| *known == name).map(|(_, below)| facts.home.join(below));
    set.or_else(below)
}

fn is_known(name: &str) -> bool {
    known().any(|known| known == name)
}

fn known() -> impl Iterator<Item = &'static str> {
    PLAIN.into_iter().chain(XDG.into_iter().map(|(name, _)| name)).chain([XDG_RUNTIME]).chain(user_folders::names())
}
