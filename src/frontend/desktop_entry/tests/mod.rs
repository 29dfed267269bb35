//! Entries as distributions ship them, shortened, and what becomes of them.

mod confining;
mod reading;
mod samples;

use super::{Confinement, Entry, Marks};

/// Reads a sample that is sound.
fn read(text: &str) -> Entry {
    Entry::read("x.desktop", text.as_bytes()).unwrap_or_else(|found| panic!("{found}"))
}

/// Reads a sample, confines it, and gives the lines that differ: those that were, and those that are.
fn changed(text: &str, by: &Confinement) -> (Vec<String>, Vec<String>) {
    let confined = read(text).confined(by);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(text), lines(&confined));
    let kept = |line: &&String| old.contains(line) && new.contains(line);
    let (mut before, mut after) = (old.clone(), new.clone());
    before.retain(|line| !new.contains(line));
    after.retain(|line| !old.contains(line));
    // What is kept is kept in its order, and nothing is said twice that was said once.
    assert!(old.iter().filter(kept).eq(new.iter().filter(kept)), "{confined}");
    (before, after)
}

/// The profile `desktop`, and nothing made beside the entry.
fn desktop() -> Confinement {
    let marks =
        Marks { profile: "desktop".into(), source: "/usr/share/applications/x.desktop".into(), ..Marks::default() };
    Confinement { nsbox: "nsbox".into(), as_files: false, marks }
}
