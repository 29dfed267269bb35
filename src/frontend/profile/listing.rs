//! A chain of profiles as one profile, written out: each line says where it comes from, and the whole says the same.
//!
//! Words stay as they were written, variables unexpanded, so that what is listed here means the same elsewhere. What
//! survives the merge is not decided again: the merged profile tells, by its places.

use super::form::Form;
use super::load::Chain;
use super::lower;
use super::merged::{Desktop, Profile, Syscalls};
use super::schema::{Key, keys};
use super::text::Place;
use super::tree::{Node, Table, Value};
use super::{Request, load};
use crate::error::Diagnostics;
use crate::host::HostFacts;
use std::collections::HashSet;
use std::path::Path;

/// A line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// TOML.
    pub text: String,
    /// Where it was written: `base:12`; nothing for what only holds the lines together.
    pub origin: Option<String>,
}

/// Lists what the profile that a request names says, with all that it builds on.
///
/// # Errors
/// As [`load`](super::load), and all that is wrong with what the profiles say.
pub fn list(request: &Request, facts: &HostFacts) -> Result<Vec<Listed>, Diagnostics> {
    list_chain(&load(request, facts)?, facts)
}

/// As [`list`], for a chain that has been read.
pub(super) fn list_chain(chain: &Chain, facts: &HostFacts) -> Result<Vec<Listed>, Diagnostics> {
    let (profile, found) = lower::merge(chain, &Request::default(), facts);
    let (profile, _) = found.or(profile)?;
    let listing = Listing { chain, kept: kept(&profile) };
    let mut lines = vec![Listed::frame(format!("# Merged from {}.", chain.names().join(", ")))];
    for section in sections() {
        lines.extend(listing.section(section));
    }
    Ok(lines)
}

impl Listed {
    fn frame(text: impl Into<String>) -> Self {
        Self { text: text.into(), origin: None }
    }

    fn of(text: String, place: &Place) -> Self {
        Self { text, origin: Some(place.line()) }
    }
}

/// Where a place starts, and in which text.
type Mark = (usize, usize);

fn mark(place: &Place) -> Mark {
    (std::sync::Arc::as_ptr(place.text()) as usize, place.start())
}

/// The places of all that the merge has left of lists and tables; of any other key the last layer counts.
fn kept(profile: &Profile) -> HashSet<Mark> {
    // By name, so that a key that is added is not forgotten here.
    let Profile {
        description: _,
        argv: _,
        directory: _,
        grant_args: _,
        user: _,
        group: _,
        subordinate_ids: _,
        hostname: _,
        root: _,
        entries,
        dropped,
        proc: _,
        dev: _,
        inherit,
        set,
        network: _,
        syscalls,
        keep,
        nested: _,
        ipc: _,
        uts: _,
        cgroup: _,
        clocks,
        terminal: _,
        limits: _,
        wall_time: _,
        best_effort,
        desktop,
    } = profile;
    // What an inherited profile had is gone; what nsbox itself would have must still be dropped.
    let still_dropped = |path: &Path| lower::SYNTHESISED.iter().any(|own| Path::new(own) == path);
    let entries = entries.iter().map(|(_, entry)| &entry.place);
    let dropped = dropped.iter().filter(|(path, _)| still_dropped(path)).map(|(_, place)| place);
    let environment = inherit.iter().map(|item| &item.place).chain(set.values().map(|value| &value.place));
    let Syscalls { policy: _, allow, deny, on_denied: _, architectures } = syscalls;
    let calls = allow.iter().chain(deny).map(|item| &item.place).chain(architectures.iter().map(|list| &list.place));
    let keep = keep.iter().flat_map(|said| said.value.iter().map(|item| &item.place));
    let others = clocks.values().map(|value| &value.place).chain(best_effort.iter().map(|item| &item.place));
    let Desktop { application: _, portals: _, wayland: _, rules, x11: _, optional, switches: _ } = desktop;
    let desktop = rules.iter().map(|rule| &rule.place).chain(optional.iter().map(|part| &part.place));
    let others = others.chain(desktop);
    entries.chain(dropped).chain(environment).chain(calls).chain(others).chain(keep).map(mark).collect()
}

/// The sections in the order of the language; the empty one holds the keys above all of them.
fn sections() -> Vec<&'static str> {
    let mut sections: Vec<_> = keys().map(|key| key.name.rsplit_once('.').map_or("", |(section, _)| section)).collect();
    sections.dedup();
    sections
}

struct Listing<'c> {
    chain: &'c Chain,
    kept: HashSet<Mark>,
}

impl Listing<'_> {
    /// A section: its keys, and then its tables, each under a heading of its own.
    fn section(&self, section: &str) -> Vec<Listed> {
        let of_section = |key: &&Key| key.name.rsplit_once('.').map_or("", |(section, _)| section) == section;
        let keys = keys().filter(of_section);
        let (mut lines, mut tables) = (Vec::new(), Vec::new());
        for key in keys {
            match key.form {
                Form::Profiles => {}
                Form::Symlinks | Form::Files | Form::Variables | Form::Clocks => tables.extend(self.table(key)),
                // An empty list is more than none: it takes away what root has by default.
                Form::Capabilities => {
                    let list = self.list(key);
                    lines.extend(if list.is_empty() { self.single(key).into_iter().collect() } else { list });
                }
                Form::Binds
                | Form::Paths
                | Form::Devices
                | Form::Tmpfs
                | Form::Patterns
                | Form::Choices(_)
                | Form::Names
                | Form::Calls => {
                    lines.extend(self.list(key));
                }
                Form::Text
                | Form::Choice(_)
                | Form::Id
                | Form::Words
                | Form::Root
                | Form::Boolean
                | Form::Count
                | Form::Size
                | Form::Span => lines.extend(self.single(key)),
            }
        }
        if !lines.is_empty() && !section.is_empty() {
            lines.splice(0..0, [Listed::frame(""), Listed::frame(format!("[{section}]"))]);
        }
        lines.extend(tables);
        lines
    }

    /// A key of which the last layer that says it counts.
    fn single(&self, key: &Key) -> Option<Listed> {
        let (_, value) = self.said(key).last()?;
        Some(Listed::of(format!("{} = {}", word(key), toml(value)), &value.place))
    }

    /// A list: an item a line.
    fn list(&self, key: &Key) -> Vec<Listed> {
        let mut items = Vec::new();
        for (_, value) in self.said(key) {
            match &value.value {
                // Of a list that is replaced as a whole, it is the whole that has survived.
                Value::List(nodes) if self.keeps(value) => items.extend(nodes.iter().map(listed)),
                Value::List(nodes) => items.extend(nodes.iter().flat_map(|item| self.item(item))),
                // `inherit = "all"` says more than any list.
                _ if self.keeps(value) => {
                    return vec![Listed::of(format!("{} = {}", word(key), toml(value)), &value.place)];
                }
                _ => {}
            }
        }
        if items.is_empty() {
            return Vec::new();
        }
        let lines = items.into_iter().map(|(text, place)| Listed::of(format!("    {text},"), place));
        let open = Listed::frame(format!("{} = [", word(key)));
        std::iter::once(open).chain(lines).chain([Listed::frame("]")]).collect()
    }

    /// What has survived of an item of a list: the whole, or of an entry with several paths one for each.
    fn item<'n>(&self, item: &'n Node) -> Vec<(String, &'n Place)> {
        let paths = match &item.value {
            Value::Table(fields) => find(fields, "path").map(|(_, path)| (fields, &path.value)),
            _ => None,
        };
        match paths {
            Some((fields, Value::List(paths))) => {
                let with = |path| table_with(fields, |name, value| toml(if name == "path" { path } else { value }));
                paths.iter().filter(|path| self.keeps(path)).map(|path| (with(path), &path.place)).collect()
            }
            _ if self.keeps(item) => vec![listed(item)],
            _ => Vec::new(),
        }
    }

    /// A table: an entry a line, under its own heading.
    fn table(&self, key: &Key) -> Vec<Listed> {
        let mut lines = Vec::new();
        for (_, value) in self.said(key) {
            let Value::Table(entries) = &value.value else { continue };
            let kept = entries.iter().filter(|(name, value)| self.keeps(name) || self.keeps(value));
            lines.extend(
                kept.map(|(name, value)| Listed::of(format!("{} = {}", toml_key(name), toml(value)), &name.place)),
            );
        }
        if !lines.is_empty() {
            lines.splice(0..0, [Listed::frame(""), Listed::frame(format!("[{}]", key.name))]);
        }
        lines
    }

    /// What the layers say of a key, in their order.
    fn said(&self, key: &Key) -> impl Iterator<Item = &(Node, Node)> {
        self.chain.layers.iter().filter_map(|layer| find(layer, key.name))
    }

    /// Whether an item has survived: its own place, or that of the path in it.
    fn keeps(&self, item: &Node) -> bool {
        let path = match &item.value {
            Value::Table(fields) => find(fields, "path").map(|(_, value)| value),
            _ => Some(item),
        };
        path.is_some_and(|path| self.kept.contains(&mark(&path.place)))
    }
}

/// The entry of a dotted key.
fn find<'t>(table: &'t Table, key: &str) -> Option<&'t (Node, Node)> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let entry = table.iter().find(|(name, _)| matches!(&name.value, Value::Text(text) if text == first))?;
    match (rest, &entry.1.value) {
        (None, _) => Some(entry),
        (Some(rest), Value::Table(inner)) => find(inner, rest),
        _ => None,
    }
}

/// The last word of a key's name.
fn word(key: &Key) -> &'static str {
    key.name.rsplit('.').next().unwrap_or(key.name)
}

/// A value as it was written, lists and tables on one line.
fn toml(node: &Node) -> String {
    match &node.value {
        Value::List(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Table(fields) => table_with(fields, |_, value| toml(value)),
        _ => node.place.words().to_owned(),
    }
}

/// A table on one line, each value as `text` gives it.
fn table_with(fields: &Table, text: impl Fn(&str, &Node) -> String) -> String {
    let field = |(name, value): &(Node, Node)| format!("{} = {}", toml_key(name), text(toml_key(name), value));
    format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
}

/// A value with where it was written.
fn listed(node: &Node) -> (String, &Place) {
    (toml(node), &node.place)
}

fn toml_key(name: &Node) -> &str {
    name.place.words()
}
