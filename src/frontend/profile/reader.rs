//! Holds a tree of values against the table of keys, and applies what fits; what does not is reported, all at once.

use super::calls;
use super::environment;
use super::expand::{Quote, Variables};
use super::form::{Form, quoted};
use super::globs;
use super::merged::{Entry, Id, Profile};
use super::schema::{Key, is_section, key, keys, keys_of};
use super::text::{Located, Place};
use super::tree::{Node, Table, Value};
use crate::error::{Diagnostic, Diagnostics, suggest};
use crate::host::HostFacts;
use crate::plan::{PATH_MAX, PathMap, is_normal, normalise};
use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Display;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A value that is one of a few words.
pub trait Choice: Copy + 'static {
    /// The words and what they mean.
    const WORDS: &'static [(&'static str, Self)];
}

/// The words of a [`Choice`].
pub fn words<T: Choice>() -> Vec<&'static str> {
    T::WORDS.iter().map(|(word, _)| *word).collect()
}

/// Applies one layer after the other to a merged profile.
pub struct Reader<'a> {
    /// What all layers so far say.
    pub profile: Profile,
    /// The host and the caller.
    pub facts: &'a HostFacts,
    /// What stands for something else in a string.
    pub variables: Variables<'a>,
    /// All that is wrong.
    pub found: Diagnostics,
    /// The entries of the layer being read; applied once it is whole, since `drop` works whatever the order of lines.
    pub entries: PathMap<Entry>,
    /// What the layer being read drops.
    pub drops: PathMap<Place>,
    /// The variables of the layer being read.
    pub environment: environment::Layer,
    /// What the layer being read says of system calls, for the same reason.
    pub calls: calls::Layer,
    /// Whether the layer being read has a folder of the host as its root.
    pub has_new_root: bool,
    /// The key being read.
    key: Option<&'static Key>,
}

impl<'a> Reader<'a> {
    /// A reader of layers for this caller.
    pub fn new(facts: &'a HostFacts) -> Self {
        Self {
            profile: Profile::default(),
            facts,
            variables: Variables::new(facts),
            found: Diagnostics::default(),
            entries: PathMap::default(),
            drops: PathMap::default(),
            environment: environment::Layer::default(),
            calls: calls::Layer::default(),
            has_new_root: false,
            key: None,
        }
    }

    /// Applies a profile, or the words of a flag.
    pub fn apply(&mut self, layer: &Table) {
        self.walk("", layer);
        super::entries::merge(self);
        environment::merge(self);
        calls::merge(self);
    }

    /// What is wrong with a layer by itself, where those before it are not known.
    pub fn look_over(layer: &Table, facts: &HostFacts) -> Diagnostics {
        let mut reader = Reader::new(facts);
        reader.walk("", layer);
        reader.found
    }

    /// Adds to what is wrong.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    fn walk(&mut self, section: &str, table: &Table) {
        for (word, value) in table {
            if self.found.is_full() {
                break;
            }
            let Value::Text(word_text) = &word.value else { continue };
            let name = if section.is_empty() { word_text.clone() } else { [section, ".", word_text].concat() };
            if let Some(key) = key(&name) {
                self.key = Some(key);
                (key.apply)(self, value);
            } else if is_section(&name) {
                match &value.value {
                    Value::Table(inner) => self.walk(&name, inner),
                    other => {
                        let message = format!("`{name}` is a section, not {}", other.kind());
                        let hint = format!("its keys are {}", quoted(&keys_of(&name)));
                        self.report(value.place.error(message).hint(hint));
                    }
                }
            } else {
                self.report(unknown(section, word_text, &word.place));
            }
        }
    }

    /// Reports a value of the wrong type.
    pub fn wrong_type(&mut self, expected: impl Display, node: &Node) {
        self.report(node.place.error(format!("expected {expected}, found {}", node.value.kind())));
    }

    /// Reports a value that does not fit the key being read.
    pub fn unfit(&mut self, node: &Node) {
        let problem = node.place.error(format!("expected {}, found {}", self.form(), node.value.kind()));
        let example = self.key.map(|key| key.shown_in(node.place.text().is_flag()));
        self.report(match example {
            Some(example) => problem.hint(format!("as in `{example}`")),
            None => problem,
        });
    }

    /// What the value of the key being read looks like.
    fn form(&self) -> Form {
        self.key.map_or(Form::Text, |key| key.form)
    }

    /// A string, its variables expanded.
    pub fn text(&mut self, node: &Node) -> Option<Located<OsString>> {
        let value = match &node.value {
            Value::Text(text) => self.variables.expand_words(text, &node.place, &mut self.found)?,
            Value::Word(word) => word.clone(),
            Value::Integer(..) | Value::Float | Value::Boolean(_) => {
                let problem = node.place.error(format!("expected a string, found {}", node.value.kind()));
                self.report(problem.hint(format!("in quotes it is one: `\"{}\"`", node.place.words())));
                return None;
            }
            _ => {
                self.wrong_type("a string", node);
                return None;
            }
        };
        if value.as_bytes().contains(&0) {
            self.report(node.place.error("a NUL byte inside a string"));
            return None;
        }
        Some(Located { value, place: node.place.clone() })
    }

    /// A path: absolute and normalised, in a flag relative to the working directory.
    pub fn path(&mut self, node: &Node) -> Option<Located<PathBuf>> {
        self.path_by(node, |text| text.into())
    }

    /// As [`Reader::path`], with wildcards; what variables stand for has none.
    pub fn pattern(&mut self, node: &Node) -> Option<Located<PathBuf>> {
        self.path_by(node, globs::quote)
    }

    fn path_by(&mut self, node: &Node, quote: Quote) -> Option<Located<PathBuf>> {
        let (value, literal) = match &node.value {
            Value::Text(text) => (self.variables.expand_quoting(text, quote, &node.place, &mut self.found)?, false),
            Value::Word(word) => (word.clone(), true),
            _ => {
                self.wrong_type("a path", node);
                return None;
            }
        };
        let problem = if value.is_empty() {
            node.place.error("an empty path")
        } else if value.as_bytes().contains(&0) {
            node.place.error("a NUL byte inside a path")
        } else {
            let path = if literal { self.in_working_directory(Path::new(&value), quote) } else { value.into() };
            // Most are written as they are meant, and need no copy.
            let normal = if is_normal(&path) { Ok(path) } else { normalise(&path).ok_or(path) };
            match normal {
                Ok(path) if path.as_os_str().len() > PATH_MAX => {
                    let length = path.as_os_str().len();
                    node.place.error(format!("a path of {length} bytes, where {PATH_MAX} are the most"))
                }
                Ok(path) => return Some(Located { value: path, place: node.place.clone() }),
                Err(path) => relative(&path, &node.place),
            }
        };
        self.report(problem);
        None
    }

    /// What a flag's path means: the shell leaves `--read=~/x` as it is, and knows the working directory.
    fn in_working_directory(&self, path: &Path, quote: Quote) -> PathBuf {
        let join = |folder: &Path, path: &Path| Path::new(&quote(folder.as_os_str())).join(path);
        match path.strip_prefix("~") {
            Ok(below) => join(&self.facts.home, below),
            Err(_) => join(&self.facts.working_directory, path),
        }
    }

    /// One of a few words.
    pub fn choice<T: Choice>(&mut self, node: &Node) -> Option<Located<T>> {
        self.choice_of(node, self.form())
    }

    /// One of a few words, which make up a part of the key's value.
    pub fn choice_of<T: Choice>(&mut self, node: &Node, form: impl Display) -> Option<Located<T>> {
        let Some(word) = plain(node) else {
            self.wrong_type(form, node);
            return None;
        };
        if let Some((_, value)) = T::WORDS.iter().find(|(known, _)| *known == word) {
            return Some(Located { value: *value, place: node.place.clone() });
        }
        let problem = node.place.error(format!("`{word}` is not {form}"));
        self.report(match suggest::nearest(&word, words::<T>()) {
            Some(near) => problem.label(format!("did you mean `{near}`?")),
            None => problem,
        });
        None
    }

    /// `true` or `false`; a flag's word may say so too.
    pub fn boolean(&mut self, node: &Node) -> Option<Located<bool>> {
        let value = match (&node.value, plain(node).as_deref()) {
            (Value::Boolean(value), _) => *value,
            (Value::Word(_), Some("true")) => true,
            (Value::Word(_), Some("false")) => false,
            _ => {
                self.unfit(node);
                return None;
            }
        };
        Some(Located { value, place: node.place.clone() })
    }

    /// A user or group: a word or a number.
    pub fn id(&mut self, node: &Node) -> Option<Located<Id>> {
        let located = |value| Some(Located { value, place: node.place.clone() });
        let word = match &node.value {
            Value::Integer(digits, 10) => Cow::Borrowed(digits.as_str()),
            _ => match plain(node) {
                Some(word) => word,
                None => {
                    self.unfit(node);
                    return None;
                }
            },
        };
        match &*word {
            "self" => return located(Id::Caller),
            "root" => return located(Id::Root),
            "nobody" => return located(Id::Nobody),
            _ => {}
        }
        // The last number means "no change" to the kernel (setresuid(2)).
        if let Some(number) = word.parse::<u32>().ok().filter(|number| *number != u32::MAX) {
            return located(Id::Number(number));
        }
        let problem = node.place.error(format!("`{word}` is not {}", self.form()));
        self.report(match suggest::nearest(&word, ["self", "root", "nobody"]) {
            Some(near) => problem.label(format!("did you mean `{near}`?")),
            None if [self.facts.user.as_str(), self.facts.group.as_str()].contains(&&*word) => {
                problem.label("that is `self`")
            }
            None if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) => {
                problem.hint("ids go up to 4294967294")
            }
            None => problem.hint("others are named by number, since their names mean nothing inside"),
        });
        None
    }

    /// The items of a list.
    pub fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match &node.value {
            Value::List(items) => items,
            _ => {
                self.unfit(node);
                &[]
            }
        }
    }

    /// A table's values in the order of `names`; other names in it are reported.
    pub fn fields<'n, const N: usize>(&mut self, table: &'n Table, names: [&str; N]) -> [Option<&'n Node>; N] {
        let mut fields = [None; N];
        let key = self.key.map_or("", |key| key.name);
        for (word, value) in table {
            let Value::Text(text) = &word.value else { continue };
            match names.iter().position(|name| name == text) {
                Some(i) => fields[i] = Some(value),
                None => {
                    let problem = word.place.error(format!("unknown key `{text}` in `{key}`"));
                    self.report(match suggest::nearest(text, names) {
                        Some(near) => problem.label(format!("did you mean `{near}`?")),
                        None => problem.hint(format!("known here are {}", quoted(&names))),
                    });
                }
            }
        }
        fields
    }
}

/// The word in a string, nothing in it being expanded.
pub fn plain(node: &Node) -> Option<Cow<'_, str>> {
    match &node.value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Word(word) => Some(word.to_string_lossy()),
        _ => None,
    }
}

fn relative(path: &Path, place: &Place) -> Diagnostic {
    let hint = if path.as_os_str().as_bytes().starts_with(b"~") {
        "`~` is the caller's own home folder; that of others is written out".to_owned()
    } else {
        let below = path.strip_prefix(".").unwrap_or(path);
        format!("for one below the working directory, write `{}`", Path::new("${PWD}").join(below).display())
    };
    place.error(format!("`{}` is a relative path", path.display())).hint(hint)
}

/// An unknown key or section, and what may have been meant.
fn unknown(section: &str, word: &str, place: &Place) -> Diagnostic {
    let problem = match section {
        "" => place.error(format!("unknown key `{word}`")),
        _ => place.error(format!("unknown key `{word}` in `[{section}]`")),
    };
    let here = keys_of(section);
    // The same word in another section is nearer to what was meant than another word in this one.
    let sections = keys().filter_map(|key| key.name.rsplit_once('.')).filter(|(_, last)| *last == word);
    let homes: Vec<String> = sections.map(|(home, _)| format!("`[{home}]`")).collect();
    if !homes.is_empty() {
        return problem.hint(format!("`{word}` belongs in {}", homes.join(" or ")));
    }
    match suggest::nearest(word, here.iter().copied()) {
        Some(near) => problem.label(format!("did you mean `{near}`?")),
        None => problem.hint(format!("known here are {}", quoted(&here))),
    }
}
