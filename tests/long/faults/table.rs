//! The table of what is right: `outcomes.txt`.

use super::outcome::Outcome;
use super::tracer::{Call, Fault};

/// The table, as it is checked in.
const TEXT: &str = include_str!("outcomes.txt");

/// A row: who, step, call and fault, each a list or `*`, and the outcomes that are right.
struct Row {
    fields: [Vec<String>; 4],
    right: Vec<String>,
    text: String,
}

/// All rows; the first that fits is the one that counts.
pub struct Table(Vec<Row>);

impl Table {
    /// Reads it.
    pub fn read() -> Self {
        let lines = TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(Row::read).collect())
    }

    /// Holds an outcome against the table.
    ///
    /// # Errors
    /// What would have been right.
    pub fn judge(&self, call: &Call, fault: Fault, outcome: &Outcome) -> Result<(), String> {
        let place = [call.who.to_string(), call.step.clone(), call.name.to_owned(), fault.to_string()];
        let fits =
            |row: &&Row| row.fields.iter().zip(&place).all(|(field, is)| field.iter().any(|f| f == "*" || f == is));
        let row = self.0.iter().find(fits).expect("the last row fits everything");
        let found = outcome.to_string();
        if row.right.contains(&found) { Ok(()) } else { Err(format!("the table has `{}`", row.text)) }
    }
}

impl Row {
    fn read(line: &str) -> Self {
        let row = line.split("  #").next().unwrap_or_default();
        let words: Vec<Vec<String>> =
            row.split_ascii_whitespace().map(|word| word.split(',').map(str::to_owned).collect()).collect();
        let [who, step, call, fault, right] = words.try_into().unwrap_or_else(|_| panic!("five columns: {line}"));
        Self { fields: [who, step, call, fault], right, text: row.trim().to_owned() }
    }
}
