//! The promises of SECURITY.md: tests of those that no other module holds, and that the page names tests that there are.

mod files;
mod inherited;
mod kernel;
mod privilege;
mod processes;
mod reach;

use std::fs;
use std::path::Path;

/// A row of the page's tables: a promise, and the tests that hold it.
struct Promise<'p> {
    words: &'p str,
    tests: Vec<&'p str>,
}

/// The promises of the page, each with what stands between backticks in its last column.
fn promises(page: &str) -> Vec<Promise<'_>> {
    let (_, rest) = page.split_once("\n## What nsbox promises\n").expect("the promises");
    let (tables, _) = rest.split_once("\n### What a machine may be unable to show\n").expect("their end");
    let rows = tables.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.filter(|row| !row.starts_with("promise |"))
        .map(|row| {
            let cells: Vec<&str> = row.split(" | ").collect();
            let [words, _, tests] = cells[..] else { panic!("not three cells: {row}") };
            Promise { words, tests: tests.split('`').skip(1).step_by(2).collect() }
        })
        .collect()
}

/// The text of a test, from its attribute to the end of its body; nothing where there is no such test.
fn test(name: &str) -> Option<String> {
    let (module, function) = name.rsplit_once("::")?;
    let path = module.replace("::", "/");
    let path = if path.starts_with("long/") { path } else { format!("integration/{path}") };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path);
    let source =
        fs::read_to_string(file.with_extension("rs")).or_else(|_| fs::read_to_string(file.join("mod.rs"))).ok()?;
    let (before, after) = source.split_once(&format!("\nfn {function}() {{\n"))?;
    // Attributes stand between the empty line above and the name.
    let attributes = before.rsplit("\n\n").next()?;
    attributes.contains("#[test]").then(|| after.split("\n}\n").next().unwrap_or(after).to_owned())
}

#[test]
fn every_promise_names_tests_that_there_are_and_one_at_least_has_a_control() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md")).expect("the page");
    let promises = promises(&page);
    assert!(promises.len() >= 30, "{} promises are read", promises.len());
    let mut wrong = Vec::new();
    for promise in &promises {
        let found: Vec<_> = promise.tests.iter().map(|name| (name, test(name))).collect();
        wrong.extend(found.iter().filter(|(_, text)| text.is_none()).map(|(name, _)| format!("there is no {name}")));
        if !found.iter().flat_map(|(_, text)| text).any(|text| text.to_lowercase().contains("control")) {
            wrong.push(format!("nothing shows what happens without: {}", promise.words));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_test_of_the_promises_is_named_by_the_page() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md")).expect("the page");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/promises");
    for file in fs::read_dir(folder).expect("the tests").flatten().filter(|file| file.file_name() != "mod.rs") {
        let source = fs::read_to_string(file.path()).expect("a source");
        let module = file.path().file_stem().expect("a name").to_string_lossy().into_owned();
        for part in source.split("#[test]\n").skip(1) {
            let (_, rest) = part.split_once("fn ").expect("a function");
            let name = format!("promises::{module}::{}", rest.split('(').next().unwrap_or_default());
            assert!(page.contains(&format!("`{name}`")), "SECURITY.md does not name {name}");
        }
    }
}
