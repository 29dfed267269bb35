//! The nearest known word to a misspelt one.

/// A word that is longer, in characters, is no slip of the finger; and comparing takes as much as both words multiplied.
const WORD_MAX: usize = 300;

/// Gives the candidate nearest to `word`, or nothing if none is near enough to be what was meant.
///
/// A candidate that begins with the word, as no other one does, is what was meant. Else the nearest is:
/// distance is the number of single-character edits, an exchange of neighbours counting as one; at most a third of
/// the word may differ.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let mut begun = candidates.iter().filter(|candidate| length >= 3 && candidate.starts_with(word));
    if let (Some(only), None) = (begun.next(), begun.next()) {
        return Some(only);
    }
    if length > WORD_MAX {
        return None;
    }
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        // Each character more is one edit at least.
        .filter(|candidate| candidate.len() <= 4 * (length + limit))
        .map(|c| (distance(word, c), c))
        .filter(|(d, _)| *d <= limit)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// The optimal string alignment distance between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            rows[i][j] = substitution.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            let exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if exchanged {
                rows[i][j] = rows[i][j].min(rows[i - 2][j - 2] + 1);
            }
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        let keys = ["access", "extends", "environment"];
        assert_eq!(nearest("acess", keys), Some("access"));
        assert_eq!(nearest("extneds", keys), Some("extends"));
        assert_eq!(nearest("colour", keys), None);
    }

    #[test]
    fn what_is_longer_than_any_word_is_not_compared() {
        let long = "x".repeat(1 << 20);
        assert_eq!(nearest(&long, ["x"]), None);
        assert_eq!(nearest("extends", [&*long, "extend"]), Some("extend"));
        assert_eq!(nearest(&long[1..], [&*long]), Some(&*long), "but by its beginning");
    }

    #[test]
    fn the_beginning_of_one_word_alone_finds_it() {
        let flags = ["network", "set", "status-fd", "steps"];
        assert_eq!(nearest("net", flags), Some("network"), "and not `set`");
        assert_eq!(nearest("stat", flags), Some("status-fd"));
        assert_eq!(nearest("sta", ["status", "start"]), None, "of two");
    }
}
