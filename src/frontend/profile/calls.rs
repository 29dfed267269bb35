//! How the lists of `[syscalls]` are read, and how they merge: each appends, and `drop` takes back.

use super::merged::Programs;
use super::reader::{Reader, plain};
use super::text::Located;
use super::tree::Node;
use crate::error::{Diagnostic, suggest};
use crate::frontend::syscalls::Calls;
use crate::plan::Architecture;

/// What one profile or flag says, applied once it is whole, since `drop` works whatever the order of lines.
#[derive(Debug, Default)]
pub struct Layer {
    allow: Vec<Located<Calls>>,
    deny: Vec<Located<Calls>>,
    drop: Vec<Located<String>>,
}

/// `syscalls.allow`.
pub fn allow(reader: &mut Reader<'_>, node: &Node) {
    let calls = read(reader, node);
    reader.calls.allow.extend(calls);
}

/// `syscalls.deny`.
pub fn deny(reader: &mut Reader<'_>, node: &Node) {
    let calls = read(reader, node);
    reader.calls.deny.extend(calls);
}

/// `syscalls.drop`.
pub fn drops(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        match plain(item) {
            Some(word) => reader.calls.drop.push(Located { value: word.into_owned(), place: item.place.clone() }),
            None => reader.wrong_type("a string", item),
        }
    }
}

/// `syscalls.architectures`: replaced as a whole; the native one is always among them.
pub fn architectures(reader: &mut Reader<'_>, node: &Node) {
    let items = reader.list(node);
    let mut named = Vec::with_capacity(items.len());
    for item in items {
        match reader.choice_of::<Programs>(item, "`native` or `x86`") {
            Some(programs) => named.push(programs),
            None => return,
        }
    }
    let native = Architecture::NATIVE;
    let mut foreign = named.iter().filter(|programs| programs.value == Programs::X86).peekable();
    if let Some(first) = foreign.peek().filter(|_| !native.also_runs(Architecture::X86)) {
        let problem = first.place.error(format!("this is {}, which runs no programs of x86", native.name()));
        return reader.report(problem);
    }
    let foreign: Vec<_> = foreign.map(|_| Architecture::X86).collect();
    if foreign.len() == named.len() {
        let problem = node.place.error("`native` is missing from the architectures");
        return reader.report(problem.hint("every launch begins with native system calls: `[\"native\", \"x86\"]`"));
    }
    reader.profile.syscalls.architectures = Some(Located { value: foreign, place: node.place.clone() });
}

/// Joins what a layer says to what the layers before it say.
pub fn merge(reader: &mut Reader<'_>) {
    let Layer { allow, deny, drop } = std::mem::take(&mut reader.calls);
    let said = &mut reader.profile.syscalls;
    let mut problems = Vec::new();
    // Of two that are dropped in one profile, neither may depend on the other.
    let inherited: Vec<Calls> = said.allow.iter().chain(&said.deny).map(|calls| calls.value).collect();
    for dropped in &drop {
        match inherited.iter().any(|calls| calls.word() == dropped.value) {
            true => [&mut said.allow, &mut said.deny].into_iter().for_each(|list| {
                list.retain(|calls| calls.value.word() != dropped.value);
            }),
            false => problems.push(not_inherited(dropped, &inherited)),
        }
    }
    for (known, added) in [(&mut said.allow, allow), (&mut said.deny, deny)] {
        for calls in added {
            // Said once is said: a list has as many as there are names, however often it has each.
            if known.iter().all(|known| known.value != calls.value) {
                known.push(calls);
            }
        }
    }
    problems.into_iter().for_each(|problem| reader.report(problem));
}

/// The names and groups of a list; each unknown one is reported.
fn read(reader: &mut Reader<'_>, node: &Node) -> Vec<Located<Calls>> {
    let mut calls = Vec::new();
    for item in reader.list(node) {
        // To find what each wrong word may have meant takes long.
        if reader.found.is_full() {
            break;
        }
        match plain(item).map(|word| word.parse::<Calls>()) {
            Some(Ok(value)) => calls.push(Located { value, place: item.place.clone() }),
            Some(Err(problem)) => reader.report(problem.at(item.place.excerpt())),
            None => reader.wrong_type("a string", item),
        }
    }
    calls
}

/// A misspelt `drop` would leave open, or closed, what was to be otherwise.
fn not_inherited(dropped: &Located<String>, inherited: &[Calls]) -> Diagnostic {
    let word = &dropped.value;
    let problem = dropped.place.error(format!("`{word}` is in no inherited list, so it cannot be dropped"));
    if let Some(group) = inherited.iter().find(|calls| calls.hold(word)) {
        let group = group.word();
        return problem.hint(format!("it is inherited with `{group}`: drop that, and name those that are to stay"));
    }
    let mut words: Vec<_> = inherited.iter().map(|calls| calls.word()).collect();
    words.dedup();
    match suggest::nearest(word, words.iter().copied()) {
        Some(near) => problem.label(format!("did you mean `{near}`?")),
        None if words.is_empty() => problem.hint("no earlier profile allows or denies anything by name"),
        None => problem.hint(format!("inherited are {}", super::form::quoted(&words))),
    }
}
