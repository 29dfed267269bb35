//! The rules of the house, held by a test: layers, unsafe code, words that must not be there.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module with the modules it may import; what is not listed is a mistake.
const LAYERS: [(&str, &[&str]); 10] = [
    ("sys", &["error"]),
    ("error", &[]),
    ("plan", &["error"]),
    ("host", &["error", "sys"]),
    ("isolate", &["error", "sys", "plan"]),
    ("sound", &["error"]),
    ("execute", &["error", "sys", "plan", "host", "isolate", "sound"]),
    ("frontend", &["error", "plan", "host"]),
    ("doctor", &["error", "sys", "plan", "host", "isolate", "execute"]),
    ("verify", &["error", "sys", "plan", "host", "execute"]),
];

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    assert!(!found.is_empty(), "{} has sources", folder.display());
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            // Tests stand beside what they test, and may look at all of it.
            continue;
        } else if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((path.clone(), fs::read_to_string(&path).expect("a source")));
        }
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn modules_import_only_from_layers_below_their_own() {
    for (module, below) in LAYERS {
        for (path, text) in sources(&src().join(module)) {
            for rest in text.split("crate::").skip(1) {
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let names =
                    if name.is_empty() { rest.trim_start_matches('{').split(',').collect() } else { vec![&*name] };
                for name in names {
                    let name = name.split("::").next().unwrap_or_default().trim();
                    let allowed = name == module || below.contains(&name) || name.is_empty();
                    assert!(allowed, "{} imports {name}, which is not below {module}", path.display());
                }
            }
        }
    }
}

#[test]
fn kernel_features_do_not_know_each_other() {
    let isolate = src().join("isolate");
    for (path, text) in sources(&isolate) {
        let own = path.strip_prefix(&isolate).expect("a module").iter().next().expect("a name");
        let own = Path::new(own).file_stem().expect("a name").to_string_lossy().into_owned();
        for rest in text.split("crate::isolate::").skip(1) {
            let other: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
            assert_eq!(other, own, "{}", path.display());
        }
    }
}

#[test]
fn unsafe_code_lives_in_sys_alone_and_every_block_has_its_reason() {
    for (path, text) in sources(&src()) {
        let in_sys = path.starts_with(src().join("sys"));
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let has_unsafe = code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe");
            assert!(in_sys || !has_unsafe, "{}:{}: {line}", path.display(), number + 1);
        }
    }
}

#[test]
fn only_the_command_line_prints_and_exits() {
    for (path, text) in sources(&src()) {
        let at_the_edge = path.starts_with(src().join("cli")) || path == src().join("main.rs");
        for word in ["println!", "eprintln!", "process::exit"] {
            assert!(at_the_edge || !text.contains(word), "{word} in {}", path.display());
        }
    }
}

#[test]
fn every_module_says_in_its_first_line_what_it_knows() {
    for (path, text) in sources(&src()) {
        assert!(text.starts_with("//! "), "{}", path.display());
    }
}

#[test]
fn every_source_file_fits_the_page_it_should_be_read_on() {
    // The limit is soft; a file that is longer is named here with its reason.
    let longer = ["frontend/syscalls/policy.rs", "frontend/syscalls/groups.rs"];
    for (path, text) in sources(&src()) {
        let known = longer.iter().any(|name| path.ends_with(name));
        assert!(known || text.lines().count() <= 420, "{} has {} lines", path.display(), text.lines().count());
    }
}
