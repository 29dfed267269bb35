//! The pages: all groups, one group, one system call.

use super::answers::{Subject, exactly, words};
use crate::cli::layout::{Line, Section};
use crate::cli::text::columns;
use nsbox::frontend::syscalls::{GROUPS, Group, INDISPENSABLE, Policy, inquiry};
use nsbox::plan::{Answer, Architecture, Origin};

/// Of every group, a line: what each subject answers to its calls, and what they do.
pub fn overview(subjects: &[Subject]) -> Vec<Section> {
    let row = |name: &str, cells: &[&str]| {
        let widths = subjects.iter().map(|subject| columns(&subject.name).max("allowed".len()));
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("  {cell:width$}"));
        format!("{name:12}{}", cells.collect::<String>())
    };
    let names: Vec<_> = subjects.iter().map(|subject| &*subject.name).collect();
    let lines = GROUPS.iter().map(|group| {
        let cells: Vec<_> = subjects.iter().map(|subject| of_group(group, subject)).collect();
        labelled(&row(group.name, &cells), group.purpose)
    });
    let meanings = [
        ("limited", "some of its calls are allowed with certain arguments only"),
        ("EPERM", "refused"),
        ("ENOSYS", "unknown, as on a kernel without such calls"),
    ];
    vec![
        Section::new(format!("  {}", row("", &names).trim_end()), lines.collect()),
        Section::new(
            "`nsbox syscalls @debug` says more of one group, `nsbox syscalls ptrace` of one call",
            meanings.map(|(word, meaning)| labelled(word, meaning)).into(),
        ),
    ]
}

/// What a subject answers to the calls of a group that this machine has, in a word.
fn of_group(group: &Group, subject: &Subject) -> &'static str {
    let native = group.calls.iter().filter(|name| is_native(name));
    let mut found: Vec<_> = native.map(|name| subject.word(subject.answer(name))).collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [] => "none",
        [one] => one,
        ["allowed", "limited"] => "limited",
        _ => "mixed",
    }
}

/// One group: its calls, by what they are answered.
pub fn group(group: &Group, subjects: &[Subject]) -> Vec<Section> {
    let here = |name: &&&str| inquiry::numbers(name).next().is_some();
    let elsewhere: Vec<_> = group.calls.iter().filter(|name| !here(name)).copied().collect();
    let mut lines = Vec::new();
    if !elsewhere.is_empty() {
        lines.push(labelled("not on this machine", &elsewhere.join(", ")));
    }
    let mut sections = vec![Section::new(format!("{}: {}", group.name, group.purpose), lines)];
    let answers = subjects
        .iter()
        .flat_map(|subject| by_answer(group, subject).into_iter().map(|line| (subject.name.as_str(), line)));
    for (names, line) in together(answers) {
        match sections.iter_mut().find(|section| section.heading == names) {
            Some(section) => section.lines.push(line),
            None => sections.push(Section::new(names, vec![line])),
        }
    }
    let word = group.name;
    let mut change = Vec::new();
    if [Policy::Default, Policy::Strict].iter().any(|policy| !policy.allows(group)) {
        change.push(labelled(&format!("--allow-syscall {word}"), "opens it as a whole, where the policy does not"));
    }
    change.push(match group.calls.iter().find(|name| INDISPENSABLE.contains(name)) {
        Some(needed) => labelled("", &format!("It cannot be denied as a whole: a launch needs {needed}")),
        None => labelled(&format!("--deny-syscall {word}"), "closes it as a whole, whatever allows it"),
    });
    sections.push(Section::new(TO_CHANGE, change));
    sections
}

/// The calls of a group in lines, one for each answer.
fn by_answer(group: &Group, subject: &Subject) -> Vec<Line> {
    let mut found: Vec<(&str, Vec<String>)> = Vec::new();
    for name in group.calls.iter().filter(|name| inquiry::numbers(name).next().is_some()) {
        let answer = subject.answer(name);
        let word = subject.word(answer);
        let shown = match answer {
            Answer::If(conditional) => format!("{name} ({})", words(conditional)),
            _ => (*name).to_owned(),
        };
        match found.iter_mut().find(|(known, _)| *known == word) {
            Some((_, names)) => names.push(shown),
            None => found.push((word, vec![shown])),
        }
    }
    found.into_iter().map(|(word, names)| labelled(word, &names.join(", "))).collect()
}

/// One system call.
pub fn call(name: &'static str, subjects: &[Subject]) -> Vec<Section> {
    let answers = subjects.iter().map(|subject| {
        let answer = subject.answer(name);
        let origin = subject.origin(name).map(Origin::to_string);
        let tested = if let Answer::If(conditional) = answer { Some(exactly(conditional)) } else { None };
        (subject.name.as_str(), (Line { origin, ..Line::new(subject.sentence(answer)) }, tested))
    });
    let lines = together(answers).into_iter().flat_map(|(names, (line, tested))| {
        let tested = tested.map(|test| labelled("", &format!("that is, {test}")));
        [Some(Line { label: names, ..line }), tested].into_iter().flatten()
    });
    vec![
        Section::new(name, identity(name)),
        Section::new("What is answered", lines.collect()),
        Section::new(TO_CHANGE, changes(name, subjects)),
    ]
}

/// What a call is: its numbers, its group, its other names.
fn identity(name: &'static str) -> Vec<Line> {
    let mut lines: Vec<_> = inquiry::numbers(name).map(|(entry, number)| number_of(entry, number)).collect();
    if lines.is_empty() {
        lines.push(labelled("number", "none on this machine"));
    }
    if let Some(group) = inquiry::group_of(name) {
        lines.push(labelled("group", &format!("{}: {}", group.name, group.purpose)));
    }
    if let Some(reason) = inquiry::reason_unanswered(name) {
        lines.push(labelled("group", &format!("none: {reason}")));
    }
    let twins = inquiry::twins_of(name);
    if !twins.is_empty() && Architecture::NATIVE.also_runs(Architecture::X86) {
        lines.push(labelled("with it", &format!("its other names in 32-bit programs: {}", twins.join(", "))));
    }
    if let Some(twin) = inquiry::twin_of(name) {
        lines.push(labelled("with it", &format!("{twin}, whose other name in 32-bit programs this is")));
    }
    lines
}

fn number_of(entry: Architecture, number: u32) -> Line {
    match entry {
        Architecture::NATIVE => labelled("number", &number.to_string()),
        _ => labelled("32-bit", &format!("{number}, where `syscalls.architectures` lets such programs in")),
    }
}

/// What opens or closes a call.
fn changes(name: &'static str, subjects: &[Subject]) -> Vec<Line> {
    let mut lines = Vec::new();
    let answers: Vec<_> = subjects.iter().map(|subject| subject.answer(name)).collect();
    if answers.iter().any(|answer| *answer != Answer::Allowed) {
        let limited = answers.iter().any(|answer| matches!(answer, Answer::If(_)));
        let how = if limited { "allows it with any arguments" } else { "allows it" };
        lines.push(labelled(&format!("--allow-syscall {name}"), how));
    }
    if INDISPENSABLE.contains(&name) {
        lines.push(labelled("", "It cannot be denied: no command could be started"));
        return lines;
    }
    let with_it: Vec<_> = inquiry::multiplexers_of(name)
        .filter(|other| *other != name && inquiry::numbers(other).next().is_some())
        .collect();
    let mut deny = "refuses it, whatever allows it".to_owned();
    if !with_it.is_empty() {
        deny += &format!(", and with it {}, by which it could be made", with_it.join(" and "));
    }
    lines.push(labelled(&format!("--deny-syscall {name}"), &deny));
    if let Some(group) = inquiry::group_of(name).filter(|group| group.calls.len() > 1) {
        let others = format!("but not the others of its group, which {} closes with it", group.name);
        let is_whole = !group.calls.iter().any(|name| INDISPENSABLE.contains(name));
        lines.extend(is_whole.then(|| labelled("", &others)));
    }
    lines
}

/// Subjects that say the same, under their joined names.
fn together<'s, T: PartialEq>(all: impl Iterator<Item = (&'s str, T)>) -> Vec<(String, T)> {
    let mut found: Vec<(String, T)> = Vec::new();
    for (name, said) in all {
        match found.iter_mut().find(|(_, known)| *known == said) {
            Some((names, _)) => names.extend([", ", name]),
            None => found.push((name.to_owned(), said)),
        }
    }
    found
}

fn is_native(name: &str) -> bool {
    inquiry::numbers(name).any(|(entry, _)| entry == Architecture::NATIVE)
}

fn labelled(label: &str, text: &str) -> Line {
    Line { label: label.to_owned(), ..Line::new(text) }
}

const TO_CHANGE: &str = "To change it, by an option or by `syscalls.allow` and `syscalls.deny` of a profile";
