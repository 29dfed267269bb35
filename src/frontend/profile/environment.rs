//! How `[environment]` is read and merged: what is let in, what is set, and what is taken back of both.

use super::globs::Name;
use super::merged::Pattern;
use super::reader::{Reader, plain};
use super::text::{Located, Place};
use super::tree::{Node, Value};
use crate::error::{Diagnostic, suggest};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// The variables that nsbox sets for every payload.
const OWN: [&str; 5] = ["HOME", "USER", "LOGNAME", "SHELL", "PWD"];

/// What the layer being read says; applied once it is whole, since `drop` works whatever the order of lines.
#[derive(Default)]
pub struct Layer {
    inherit: Vec<Located<Pattern>>,
    set: BTreeMap<OsString, Located<OsString>>,
    drops: Vec<Located<Pattern>>,
}

/// `environment.inherit`: appended.
pub fn inherit(reader: &mut Reader<'_>, node: &Node) {
    let patterns = patterns(reader, node);
    reader.environment.inherit.extend(patterns);
}

/// `environment.drop`.
pub fn drops(reader: &mut Reader<'_>, node: &Node) {
    let patterns = patterns(reader, node);
    reader.environment.drops.extend(patterns);
}

fn patterns(reader: &mut Reader<'_>, node: &Node) -> Vec<Located<Pattern>> {
    if plain(node).as_deref() == Some("all") {
        return vec![Located { value: Pattern::All, place: node.place.clone() }];
    }
    let mut patterns = Vec::new();
    for item in reader.list(node) {
        let Some(name) = reader.text(item) else { continue };
        let is_assignment = name.value.as_bytes().contains(&b'=');
        if name.value.is_empty() || is_assignment {
            let problem = item.place.error(format!("`{}` cannot be the name of a variable", name.value.display()));
            reader.report(match (is_assignment, item.place.text().is_flag()) {
                (false, _) => problem,
                (true, true) => problem.hint(format!("a variable is set by `--env {}`", name.value.display())),
                (true, false) => problem.hint("values are set in `environment.set`"),
            });
            continue;
        }
        patterns.push(Located { value: Pattern::Glob(name.value), place: name.place });
    }
    patterns
}

/// `environment.set`: merged name by name.
pub fn set(reader: &mut Reader<'_>, node: &Node) {
    let Value::Table(table) = &node.value else { return reader.unfit(node) };
    for (name, value) in table {
        let key = match &name.value {
            Value::Word(word) => word.clone(),
            Value::Text(text) => text.into(),
            _ => continue,
        };
        if key.is_empty() || key.as_bytes().iter().any(|byte| [0, b'='].contains(byte)) {
            let message = format!("`{}` cannot be the name of a variable", key.to_string_lossy().escape_debug());
            reader.report(name.place.error(message));
            continue;
        }
        let value = match &value.value {
            // As in a shell: `~` at the start of a value is the home folder.
            Value::Text(text) => reader.variables.expand(text, &value.place, &mut reader.found),
            _ => reader.text(value).map(|text| text.value),
        };
        if let Some(value) = value {
            let place = name.place.clone();
            reader.environment.set.insert(key, Located { value, place });
        }
    }
}

/// Joins what a layer that has been read whole says to what the layers before it say.
pub fn merge(reader: &mut Reader<'_>) {
    let layer = std::mem::take(&mut reader.environment);
    for Located { value: dropped, place } in &layer.drops {
        if let Some(first) = layer.place_of(dropped) {
            let problem = place.error(format!("{} is named twice in one profile", shown(dropped)));
            reader.report(problem.hint(format!("it is also named at {first}; keep one of the two")));
            continue;
        }
        let inherited = reader.profile.inherit.len();
        reader.profile.inherit.retain(|pattern| pattern.value != *dropped);
        let was_inherited = reader.profile.inherit.len() < inherited;
        let was_set = matches!(dropped, Pattern::Glob(name) if reader.profile.set.remove(name).is_some());
        if !was_inherited && !was_set {
            let problem = unknown(reader, dropped, place);
            reader.report(problem);
        }
    }
    reader.profile.inherit.extend(layer.inherit);
    reader.profile.set.extend(layer.set);
}

impl Layer {
    /// Where this layer lets in, or sets, what it also drops.
    fn place_of(&self, dropped: &Pattern) -> Option<&Place> {
        let inherited = self.inherit.iter().find(|pattern| pattern.value == *dropped).map(|pattern| &pattern.place);
        inherited.or_else(|| match dropped {
            Pattern::Glob(name) => self.set.get(name).map(|value| &value.place),
            Pattern::All => None,
        })
    }
}

/// A `drop` of what no earlier layer names: misspelt, it would let in what was to stay out.
fn unknown(reader: &Reader<'_>, dropped: &Pattern, place: &Place) -> Diagnostic {
    let problem = place.error(format!("{} is neither let in nor set so far, so it cannot be dropped", shown(dropped)));
    let Pattern::Glob(name) = dropped else { return problem };
    let profile = &reader.profile;
    let wider = profile.inherit.iter().find(|pattern| match &pattern.value {
        Pattern::All => true,
        Pattern::Glob(glob) => Name::new(glob).fits(name),
    });
    if let Some(wider) = wider {
        let hint = format!("{} of {} lets it in: drop that, and name those to keep", shown(&wider.value), wider.place);
        return problem.hint(hint);
    }
    let text = |name: &OsStr| name.to_string_lossy().into_owned();
    let globs = profile.inherit.iter().filter_map(|pattern| match &pattern.value {
        Pattern::Glob(glob) => Some(text(glob)),
        Pattern::All => None,
    });
    let known: Vec<String> = globs.chain(profile.set.keys().map(|name| text(name))).collect();
    match suggest::nearest(&text(name), known.iter().map(String::as_str)) {
        Some(near) => problem.label(format!("did you mean `{near}`?")),
        None if OWN.iter().any(|own| name == own) => problem.hint("nsbox sets it itself; `set` gives it another value"),
        None => problem.hint("`drop` names a variable, or a pattern, as the inherited profile does"),
    }
}

fn shown(pattern: &Pattern) -> String {
    match pattern {
        Pattern::All => "`all`".to_owned(),
        Pattern::Glob(glob) => format!("`{}`", glob.display()),
    }
}
