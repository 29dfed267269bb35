//! The short forms that flags have, turned into the same trees that profiles are read into.

use super::form::Form;
use super::schema::{is_section, key, keys};
use super::text::{Place, Text};
use super::tree::{self, Node, Table, Value};
use super::{Setting, SettingValue};
use crate::error::{Diagnostic, Diagnostics, suggest};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// Turns a flag into a layer like a profile's.
pub fn layer(setting: &Setting) -> Result<Table, Diagnostics> {
    match &setting.value {
        // The two are one line of TOML, so that `--set` reads exactly what a profile does.
        SettingValue::Toml(value) => {
            let line = format!("{}={value}", setting.key);
            tree::parse(&Text::flag(Arc::clone(&setting.flag), line))
                .map_err(|found| found.into_iter().map(|problem| with_example(problem, &setting.key)).collect())
        }
        SettingValue::Word(word) => {
            let text = Text::flag(Arc::clone(&setting.flag), word.to_string_lossy());
            let word = Word { word, place: Place::whole(&text) };
            match key(&setting.key) {
                Some(known) => Ok(nested(&setting.key, short_form(known.form, word)?)),
                None if is_section(&setting.key) => Ok(nested(&setting.key, in_section(&setting.key, word)?)),
                None => Err(unknown(setting, &text).into()),
            }
        }
    }
}

/// A syntax error after `--set`, with what the key's value looks like.
fn with_example(problem: Diagnostic, name: &str) -> Diagnostic {
    let Some(known) = key(name).filter(|_| problem.hint.is_none()) else { return problem };
    problem.hint(format!("the value is TOML, as in `{}`", known.shown_in(true)))
}

/// A word of a flag, or a part of one.
#[derive(Clone)]
struct Word<'a> {
    word: &'a OsStr,
    place: Place,
}

impl<'a> Word<'a> {
    /// The two sides of the first such byte.
    fn split(&self, separator: u8) -> Option<(Word<'a>, Word<'a>)> {
        let bytes = self.word.as_bytes();
        let at = bytes.iter().position(|byte| *byte == separator)?;
        let (left, right) = (OsStr::from_bytes(&bytes[..at]), OsStr::from_bytes(&bytes[at + 1..]));
        // The text shows bytes that are not UTF-8 by a sign of another length.
        let shown = left.to_string_lossy().len();
        let end = shown + 1 + right.to_string_lossy().len();
        let left = Word { word: left, place: self.place.part(0..shown) };
        Some((left, Word { word: right, place: self.place.part(shown + 1..end) }))
    }

    fn node(&self) -> Node {
        Node { value: Value::Word(self.word.to_owned()), place: self.place.clone() }
    }
}

/// What a flag's word means for a key of that form.
fn short_form(form: Form, word: Word<'_>) -> Result<Node, Diagnostic> {
    let place = word.place.clone();
    let value = match form {
        Form::Text
        | Form::Choice(_)
        | Form::Id
        | Form::Root
        | Form::Boolean
        | Form::Count
        | Form::Size
        | Form::Span => {
            return Ok(word.node());
        }
        Form::Patterns if word.word == "all" => return Ok(word.node()),
        Form::Words
        | Form::Names
        | Form::Profiles
        | Form::Paths
        | Form::Devices
        | Form::Patterns
        | Form::Capabilities
        | Form::Choices(_)
        | Form::Calls => Value::List(vec![word.node()]),
        Form::Binds => match word.split(b':') {
            Some((_, inside)) if inside.word.as_bytes().contains(&b':') => {
                let hint = "a path with a colon in it is written as `--set 'filesystem.read=[\"/a:b\"]'`";
                return Err(place.error("more than `PATH` or `PATH:INSIDE`").hint(hint));
            }
            Some((source, inside)) => list_of_table([("path", inside), ("from", source)]),
            None => Value::List(vec![word.node()]),
        },
        Form::Tmpfs => match word.split(b':') {
            Some((path, size)) => list_of_table([("path", path), ("size", size)]),
            None => Value::List(vec![word.node()]),
        },
        Form::Symlinks | Form::Files | Form::Variables | Form::Clocks => match word.split(b'=') {
            Some((name, value)) => Value::Table(vec![(name.node(), value.node())]),
            None => {
                let expected = match form {
                    Form::Symlinks => "LINK=TARGET",
                    Form::Files => "PATH=TEXT",
                    Form::Clocks => "CLOCK=OFFSET",
                    _ => "NAME=VALUE",
                };
                return Err(place.error(format!("expected `{expected}`, found no `=`")));
            }
        },
    };
    Ok(Node { value, place })
}

/// What a flag's word means for a section: one of its keys, and the short form of that.
fn in_section(section: &str, word: Word<'_>) -> Result<Node, Diagnostic> {
    let Some((name, value)) = word.split(b'=') else {
        return Err(word.place.error("expected `NAME=VALUE`, found no `=`"));
    };
    let text = name.word.to_string_lossy().into_owned();
    let value = match key(&format!("{section}.{text}")) {
        Some(known) => short_form(known.form, value)?,
        // The reader says what is wrong with the name.
        None => value.node(),
    };
    let name = Node { value: Value::Text(text), place: name.place };
    Ok(Node { value: Value::Table(vec![(name, value)]), place: word.place })
}

fn list_of_table(fields: [(&str, Word<'_>); 2]) -> Value {
    let place = fields[0].1.place.clone();
    let name = |name: &str, place: &Place| Node { value: Value::Text(name.to_owned()), place: place.clone() };
    let table = fields.iter().map(|(key, word)| (name(key, &word.place), word.node())).collect();
    Value::List(vec![Node { value: Value::Table(table), place }])
}

/// A value under its dotted key.
fn nested(key: &str, node: Node) -> Table {
    let place = node.place.clone();
    let mut names = key.rsplit('.').map(|name| Node { value: Value::Text(name.to_owned()), place: place.clone() });
    let mut table = Vec::from_iter(names.next().map(|last| (last, node)));
    for name in names {
        table = vec![(name, Node { value: Value::Table(table), place: place.clone() })];
    }
    table
}

fn unknown(setting: &Setting, text: &Arc<Text>) -> Diagnostic {
    let problem = Place::whole(text).error(format!("unknown key `{}`", setting.key));
    match suggest::nearest(&setting.key, keys().map(|key| key.name)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem,
    }
}
