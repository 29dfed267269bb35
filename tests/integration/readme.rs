//! The README's examples, run: every line after a `$ ` in a `console` block, and what the README says it prints.

use crate::support::Host;
use crate::support::examples::examples;
use std::fs;
use std::path::Path;

/// The lines of the README's consoles.
fn consoles(text: &str) -> impl Iterator<Item = &str> {
    let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines)
}

/// The profiles of the README: `toml` blocks that open with a comment that names their file.
fn profiles(text: &str) -> Vec<(&str, &str)> {
    let blocks = text.split("```toml\n# ").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.filter_map(|block| block.split_once('\n')).collect()
}

#[test]
fn every_example_of_the_readme_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("a README");
    let (examples, profiles) = (examples(consoles(&readme)), profiles(&readme));
    assert!(examples.len() >= 4 && !profiles.is_empty(), "the README has examples");
    let host = Host::new();
    for (name, text) in profiles {
        host.write(&format!("project/{name}"), text);
    }
    host.write("project/notes.txt", "remember the milk\n");
    for example in &examples {
        example.prints_what_is_shown(&host, "project");
    }
}

#[test]
fn the_readme_opens_with_the_two_commands_and_they_are_the_real_ones() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("a README");
    let opening: String = readme.lines().take(30).collect::<Vec<_>>().join("\n");
    assert!(opening.contains("cargo run --release -- --profile profiles/shell.toml bash"));
    assert!(opening.contains("tests/run"));
    assert!(fs::read_to_string(root.join(".ci/run")).expect("a CI script").contains("tests/run"));
}
