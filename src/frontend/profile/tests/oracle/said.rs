//! What a profile's text says, read with a plain TOML parser and none of nsbox's own code; what the built-in ones hold is data.

use crate::frontend::profile::EMBEDDED;
use crate::host::HostFacts;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use toml::{Table, Value};

/// What stands at a path, or at what fits a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// This of the host, by the name that it is called by; whether it may be changed.
    Shown {
        from: Option<String>,
        writable: bool,
    },
    Device,
    Tmpfs,
    Hidden,
    HiddenPattern,
    LockedPattern,
    /// A symlink, or a file with this text.
    Made(String),
}

/// All that a chain of profiles says.
#[derive(Debug, Default)]
pub struct Said {
    pub entries: BTreeMap<String, What>,
    /// The folder that is the root, and the access to it.
    pub root: Option<(String, String)>,
    pub inherit: Vec<String>,
    pub set: BTreeMap<String, String>,
    /// Rules of message buses: the bus, what they allow, with whom.
    pub rules: BTreeSet<(String, String, String)>,
    /// Whether a profile has a section for the desktop.
    pub has_desktop: bool,
    /// Lists of words, by dotted key: `syscalls.allow`. What takes something back is not looked at.
    lists: BTreeMap<String, Vec<String>>,
    /// Other values, by dotted key.
    values: BTreeMap<String, Value>,
}

impl Said {
    /// What this text says, and before it the built-in profiles that it extends.
    pub fn read(text: &str, facts: &HostFacts) -> Self {
        let mut said = Self::default();
        said.add(text, facts, &mut BTreeSet::new());
        said
    }

    /// Whether a key has this word as its value.
    pub fn is(&self, key: &str, word: &str) -> bool {
        self.values.get(key).and_then(Value::as_str) == Some(word)
    }

    /// Whether a key is this boolean.
    pub fn is_set_to(&self, key: &str, value: bool) -> bool {
        self.values.get(key).and_then(Value::as_bool) == Some(value)
    }

    /// Whether a key has a value.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key) || self.lists.contains_key(key)
    }

    /// The words of a list.
    pub fn list(&self, key: &str) -> &[String] {
        self.lists.get(key).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, text: &str, facts: &HostFacts, done: &mut BTreeSet<String>) {
        let Ok(table) = text.parse::<Table>() else { return };
        for name in table.get("extends").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            let embedded = EMBEDDED.iter().find(|(known, _)| *known == name);
            if let Some((_, text)) = embedded.filter(|_| done.insert(name.to_owned())) {
                self.add(text, facts, done);
            }
        }
        let none = Table::new();
        let section = |name: &str| table.get(name).and_then(Value::as_table).unwrap_or(&none).clone();
        self.add_files(&section("filesystem"), facts);
        self.has_desktop |= table.contains_key("desktop");
        self.add_desktop(&section("desktop"), facts);
        let environment = section("environment");
        self.inherit.extend(words(environment.get("inherit")));
        if environment.get("inherit").and_then(Value::as_str) == Some("all") {
            self.inherit.push("*".into());
        }
        for (name, value) in environment.get("set").and_then(Value::as_table).unwrap_or(&none) {
            self.set.insert(name.clone(), value.as_str().unwrap_or_default().to_owned());
        }
        for (section, keys) in &table {
            for (key, value) in keys.as_table().unwrap_or(&none) {
                let key = format!("{section}.{key}");
                match value {
                    Value::Array(_) => self.lists.entry(key).or_default().extend(words(Some(value))),
                    value => drop(self.values.insert(key, value.clone())),
                }
            }
        }
    }

    fn add_desktop(&mut self, section: &Table, facts: &HostFacts) {
        for written in items(section.get("shared")).iter().flat_map(paths) {
            let shown = What::Shown { from: None, writable: true };
            self.entries.extend(place(written, facts).map(|path| (path, shown)));
        }
        let none = Table::new();
        for (bus, rules) in section.get("dbus").and_then(Value::as_table).unwrap_or(&none) {
            for (access, names) in rules.as_table().unwrap_or(&none) {
                let names = words(Some(names)).filter_map(|name| expand(&name, facts));
                self.rules.extend(names.map(|name| (bus.clone(), access.clone(), name)));
            }
        }
    }

    fn add_files(&mut self, section: &Table, facts: &HostFacts) {
        let mut added = BTreeMap::new();
        let mut add = |path: Option<String>, what| path.map(|path| added.insert(path, what));
        for (key, writable) in [("read", false), ("write", true)] {
            for item in items(section.get(key)) {
                let from = item.get("from").and_then(Value::as_str);
                for written in paths(item) {
                    let is_pattern = key == "read" && item.is_str() && written.contains(['*', '?']);
                    match place(written, facts).filter(|_| is_pattern).and_then(|path| as_pattern(&path)) {
                        Some(pattern) => drop(add(Some(pattern), What::LockedPattern)),
                        None => {
                            let from = from.and_then(|from| place(from, facts));
                            let path = place(written, facts).map(|path| if is_pattern { literal(&path) } else { path });
                            add(path, What::Shown { from, writable });
                        }
                    }
                }
            }
        }
        for item in items(section.get("hide")) {
            let Some(path) = item.as_str().and_then(|path| place(path, facts)) else { continue };
            match as_pattern(&path) {
                Some(pattern) => drop(add(Some(pattern), What::HiddenPattern)),
                None => drop(add(Some(literal(&path)), What::Hidden)),
            }
        }
        for (key, what) in [("tmpfs", What::Tmpfs), ("devices", What::Device)] {
            for item in items(section.get(key)) {
                for path in paths(item) {
                    add(place(path, facts), what.clone());
                }
            }
        }
        for key in ["symlinks", "files"] {
            for (path, text) in section.get(key).and_then(Value::as_table).into_iter().flatten() {
                add(place(path, facts), What::Made(text.as_str().unwrap_or_default().to_owned()));
            }
        }
        for dropped in items(section.get("drop")).iter().filter_map(|item| place(item.as_str()?, facts)) {
            self.entries.remove(&as_pattern(&dropped).unwrap_or_else(|| literal(&dropped)));
        }
        if let Some(root) = section.get("root") {
            let word = |key: &str| root.get(key).and_then(Value::as_str);
            self.root = word("directory").and_then(|path| place(path, facts)).map(|path| {
                self.entries.clear();
                (path, word("access").unwrap_or("read").to_owned())
            });
        }
        self.entries.extend(added);
    }
}

fn items(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn words(list: Option<&Value>) -> impl Iterator<Item = String> {
    items(list).iter().filter_map(|item| Some(item.as_str()?.to_owned()))
}

/// The path that an item is or has, or all of them.
fn paths(item: &Value) -> Vec<&str> {
    let path = item.get("path").unwrap_or(item);
    path.as_str().into_iter().chain(items(Some(path)).iter().filter_map(Value::as_str)).collect()
}

/// The pattern, if there is a wildcard in it that is not in brackets.
fn as_pattern(path: &str) -> Option<String> {
    path.replace("[*]", "").replace("[?]", "").contains(['*', '?']).then(|| path.to_owned())
}

fn literal(path: &str) -> String {
    path.replace("[*]", "*").replace("[?]", "?")
}

/// What a string stands for; nothing where a variable is unknown.
pub fn expand(text: &str, facts: &HostFacts) -> Option<String> {
    let home = facts.home.to_str()?;
    let xdg = |name: &str, below: &str| match facts.variable(name).and_then(|value| value.to_str()) {
        Some(set) if set.starts_with('/') => Some(set.to_owned()),
        _ if below.is_empty() => None,
        _ => Some(format!("{home}/{below}")),
    };
    let mut parts = text.split('$');
    let mut expanded = parts.next()?.to_owned();
    while let Some(part) = parts.next() {
        if part.is_empty() {
            // Two in a row are one.
            expanded += "$";
            expanded += parts.next()?;
            continue;
        }
        let (name, rest) = part.strip_prefix('{')?.split_once('}')?;
        expanded += &match name {
            "HOME" => home.to_owned(),
            "USER" => facts.user.clone(),
            "UID" => facts.uid.to_string(),
            "GID" => facts.gid.to_string(),
            // On the hosts of these tests the caller is where the project begins, and the repository is in it.
            "PWD" | "PROJECT" => facts.working_directory.to_str()?.to_owned(),
            "GIT_COMMON_DIR" => format!("{}/.git", facts.working_directory.to_str()?),
            "XDG_CONFIG_HOME" => xdg(name, ".config")?,
            // On those hosts nothing else is said of it.
            "XDG_DOWNLOAD_DIR" => format!("{home}/Downloads"),
            "XDG_CACHE_HOME" => xdg(name, ".cache")?,
            "XDG_DATA_HOME" => xdg(name, ".local/share")?,
            "XDG_STATE_HOME" => xdg(name, ".local/state")?,
            "XDG_RUNTIME_DIR" => xdg(name, "")?,
            _ => return None,
        };
        expanded += rest;
    }
    Some(expanded)
}

/// The absolute path that a string stands for, without anything in it that means nothing.
pub fn place(text: &str, facts: &HostFacts) -> Option<String> {
    let expanded = match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            format!("{}{}", facts.home.to_str()?, expand(rest, facts)?)
        }
        _ => expand(text, facts)?,
    };
    let mut names: Vec<&str> = Vec::new();
    for name in expanded.strip_prefix('/')?.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    Some(format!("/{}", names.join("/")))
}

/// Whether a path is what a pattern stands for: `*` and `?` in a name, `**` for up to four folders.
pub fn fits(pattern: &str, path: &str) -> bool {
    let split = |text: &str| text.trim_start_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    names_fit(&split(pattern), &split(path))
}

fn names_fit(pattern: &[String], names: &[String]) -> bool {
    match (pattern, names) {
        ([], names) => names.is_empty(),
        ([first, second, rest @ ..], names) if first == "**" && second == "**" => {
            names_fit(&[std::slice::from_ref(first), rest].concat(), names)
        }
        ([first], names) if first == "**" => (1..=5).contains(&names.len()),
        ([first, rest @ ..], names) if first == "**" => {
            (0..=names.len().min(4)).any(|taken| names_fit(rest, &names[taken..]))
        }
        ([first, rest @ ..], [name, names @ ..]) => name_fits(first, name) && names_fit(rest, names),
        (_, []) => false,
    }
}

/// Whether a name fits a pattern for names.
pub fn name_fits(pattern: &str, name: &str) -> bool {
    // `[*]` and `[?]` are these characters themselves: characters of no name take their place.
    let pattern: Vec<char> = pattern.replace("[*]", "\u{1}").replace("[?]", "\u{2}").chars().collect();
    let name: Vec<char> = name.chars().collect();
    // By how far each has come; every `*` may take one more character, or end.
    let mut reached = BTreeSet::from([0]);
    let skip_stars = |reached: &mut BTreeSet<usize>| {
        for (at, token) in pattern.iter().enumerate() {
            if *token == '*' && reached.contains(&at) {
                reached.insert(at + 1);
            }
        }
    };
    skip_stars(&mut reached);
    for letter in name {
        let mut next = BTreeSet::new();
        for at in reached {
            match pattern.get(at) {
                Some('*') => drop(next.insert(at)),
                Some('?') => drop(next.insert(at + 1)),
                Some(wanted)
                    if *wanted == letter
                        || (*wanted, letter) == ('\u{1}', '*')
                        || (*wanted, letter) == ('\u{2}', '?') =>
                {
                    next.insert(at + 1);
                }
                _ => {}
            }
        }
        skip_stars(&mut next);
        reached = next;
    }
    reached.contains(&pattern.len())
}

/// A path of the host that an entry shows.
pub fn source(path: &str, what: &What) -> Option<PathBuf> {
    match what {
        What::Shown { from: Some(from), .. } => Some(from.into()),
        What::Shown { from: None, .. } | What::Device => Some(path.into()),
        _ => None,
    }
}
