//! `nsbox plan --diff A B`: what holds under one profile and not under the other, in the words of `plan`.

use super::caller::Caller;
use super::calls;
use super::explain;
use super::layout::{Line, Section};
use crate::cli::text::quoted;
use nsbox::plan::Plan;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashSet;
use std::ffi::OsStr;

/// What is said under one heading of one side alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    about: String,
    first: Vec<Statement>,
    second: Vec<Statement>,
}

/// A line of an explanation, for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Statement {
    text: String,
    origin: Option<String>,
}

/// Finds what the explanations of two plans do not have in common; nothing where they allow the same.
pub fn compare(first: &Plan, second: &Plan) -> Vec<Difference> {
    // Who starts them is the same for both.
    let told = |plan: &Plan| explain::statements(plan, &Caller::default());
    let mut found: Vec<_> =
        told(first).into_iter().zip(told(second)).map(|(one, other)| one_section(one, other)).collect();
    found.push(named_calls(first, second));
    found.retain(|difference| !difference.first.is_empty() || !difference.second.is_empty());
    if found.is_empty() && without_origins(first) != without_origins(second) {
        // Honest where the page is silent: modes, contents of files.
        let text = "They differ in details that this page does not tell; `plan --json` has all of them".to_owned();
        let statement = vec![Statement { text, origin: None }];
        found.push(Difference { about: "Details".into(), first: statement.clone(), second: statement });
    }
    found
}

fn one_section(one: Section, other: Section) -> Difference {
    let texts = |section: &Section| section.lines.iter().map(|line| line.text.clone()).collect::<HashSet<_>>();
    let (in_one, in_other) = (texts(&one), texts(&other));
    let alone = |lines: Vec<Line>, beside: &HashSet<String>| {
        let alone = lines.into_iter().filter(|line| !beside.contains(&line.text) && line.text != explain::NOTHING);
        alone.map(|line| Statement { text: line.text, origin: line.origin }).collect()
    };
    Difference { about: one.heading, first: alone(one.lines, &in_other), second: alone(other.lines, &in_one) }
}

/// The system calls that one filter lets through and the other does not.
fn named_calls(first: &Plan, second: &Plan) -> Difference {
    let only = |plan: &Plan, beside: &Plan| {
        let names = calls::more_than(&plan.syscalls, &beside.syscalls);
        let text = (!names.is_empty()).then(|| names.join(", "));
        text.map(|text| Statement { text, origin: calls::origin(&plan.syscalls) }).into_iter().collect()
    };
    Difference {
        about: "System calls that are answered".into(),
        first: only(first, second),
        second: only(second, first),
    }
}

/// All of a plan but who asked for what, and the command, which is no part of what is allowed.
fn without_origins(plan: &Plan) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !name.ends_with("origin") && name != "argv");
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    // By way of the text, which `plan --json` needs the code for in any case.
    let text = serde_json::to_vec_pretty(plan);
    let mut value = text.and_then(|text| serde_json::from_slice(&text)).unwrap_or_default();
    strip(&mut value);
    value
}

/// The page for people; the profiles go by the words that named them.
pub fn page(found: &[Difference], names: [&OsStr; 2]) -> Vec<Section> {
    let [one, other] = names.map(quoted);
    if found.is_empty() {
        return vec![Section::new(format!("{one} and {other} allow the same"), Vec::new())];
    }
    let legend =
        |label: &str, name: &str| Line { label: label.into(), ..Line::new(format!("holds under {name} alone")) };
    let mut sections = vec![Section::new(
        format!("What differs between {one} and {other}"),
        vec![legend("-", &one), legend("+", &other)],
    )];
    sections.extend(found.iter().map(|difference| {
        let marked = |label: &'static str, statements: &[Statement]| {
            let statements = statements.iter().cloned();
            statements
                .map(move |said| Line { label: label.into(), text: said.text, origin: said.origin })
                .collect::<Vec<_>>()
        };
        let lines = [marked("-", &difference.first), marked("+", &difference.second)].concat();
        Section::new(difference.about.clone(), lines)
    }));
    sections
}
