//! The README's examples, run: every line after a `$ ` in a `console` block, and what the README says it prints.

use crate::support::{Host, Ran};
use std::fs;
use std::path::Path;

/// A command of the README, with the lines that it shows below.
#[derive(Debug)]
struct Example {
    command: String,
    shown: Vec<String>,
}

fn examples(text: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut in_console = false;
    for line in text.lines() {
        match line {
            "```console" => in_console = true,
            "```" => in_console = false,
            _ if !in_console => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => found.push(Example { command: command.to_owned(), shown: Vec::new() }),
                None => {
                    let example = found.last_mut().expect("output comes after a command");
                    example.shown.push(line.to_owned());
                }
            },
        }
    }
    found
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
    let (examples, profiles) = (examples(&readme), profiles(&readme));
    assert!(examples.len() >= 4 && !profiles.is_empty(), "the README has examples");
    let host = Host::new();
    for (name, text) in profiles {
        host.write(&format!("project/{name}"), text);
    }
    host.write("project/notes.txt", "remember the milk\n");
    for example in &examples {
        // A person has nsbox in the PATH, and their terminal shows both streams as one.
        let script = format!("nsbox() {{ {} \"$@\"; }}; exec 2>&1; {}", host.nsbox().display(), example.command);
        let mut command = host.command("bash");
        command.args(["-c", &script]).current_dir(host.home().join("project"));
        let ran = Ran::of(command);
        let printed: Vec<&str> = ran.stdout.lines().map(str::trim_end).collect();
        let mut rest = printed.as_slice();
        for shown in &example.shown {
            // `...` stands for what differs between machines.
            if shown.trim() == "..." {
                continue;
            }
            let wanted = shown.trim_end();
            let at = rest.iter().position(|line| *line == wanted);
            let at = at.unwrap_or_else(|| panic!("`{}` does not print {wanted:?}: {ran}", example.command));
            rest = &rest[at + 1..];
        }
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
