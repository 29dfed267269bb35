//! A launcher for the command line: two lines of sh(1), the second with a mark.

use super::exec::{Plain, plain};

const HEAD: &str = "#!/bin/sh\n";

/// The script that starts a program in its sandbox: `words` are those of the entry `id`, the first of which names a file.
///
/// What the script is given stands where a launcher puts files; at the end, where the entry has no place for them.
pub fn script(nsbox: &str, profile: &str, words: &[String], id: &str) -> String {
    let mut line: Vec<String> = [nsbox, "--profile", profile, "--"].map(quoted).into();
    let mut has_place = false;
    for word in words {
        match plain(word) {
            Plain::Word(word) => line.push(quoted(&word)),
            Plain::Files if !has_place => {
                has_place = true;
                line.push(GIVEN.to_owned());
            }
            Plain::Files | Plain::Nothing => {}
        }
    }
    if !has_place {
        line.push(GIVEN.to_owned());
    }
    format!("{HEAD}exec {}{}", line.join(" "), mark(id))
}

/// What the script is given.
const GIVEN: &str = r#""$@""#;

/// Whether a file is a script that nsbox wrote for this entry.
pub fn is_script_for(id: &str, bytes: &[u8]) -> bool {
    bytes.starts_with(HEAD.as_bytes()) && bytes.ends_with(mark(id).as_bytes())
}

fn mark(id: &str) -> String {
    format!(" # written by nsbox desktop add, for the entry {id}\n")
}

/// A word as sh(1) reads it, whatever is in it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
