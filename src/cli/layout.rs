//! Statements on the page: headings, lines under them, and at their ends who asked for it.

use crate::cli::terminal::{Role, Target};
use crate::cli::text::{columns, printable, wrap};

/// A heading and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// A line without an indent.
    pub heading: String,
    /// The lines under it.
    pub lines: Vec<Line>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What stands in front of the text, in a column of its own; may be empty.
    pub label: String,
    /// What is stated.
    pub text: String,
    /// Who asked for it, where somebody did.
    pub origin: Option<String>,
}

/// How wide a page is that no terminal shows.
const WIDTH_DEFAULT: usize = 100;
const INDENT: usize = 2;
const HANGING: usize = 2;

impl Section {
    /// Makes a section.
    pub fn new(heading: impl Into<String>, lines: Vec<Line>) -> Self {
        Self { heading: heading.into(), lines }
    }
}

impl Line {
    /// Makes a statement that nobody asked for.
    pub fn new(text: impl Into<String>) -> Self {
        Self { label: String::new(), text: text.into(), origin: None }
    }

    /// Makes a statement, and says who asked for it.
    pub fn asked(text: impl Into<String>, origin: &nsbox::plan::Origin) -> Self {
        Self { origin: Some(origin.to_string()), ..Self::new(text) }
    }
}

/// Lays sections out, an empty line between two.
pub fn lay_out(sections: &[Section], target: Target) -> String {
    let pages: Vec<_> = sections.iter().map(|section| lay_out_section(section, target)).collect();
    pages.join("\n")
}

fn lay_out_section(section: &Section, target: Target) -> String {
    let label = section.lines.iter().map(|line| columns(&line.label)).max().unwrap_or(0);
    let label = if label == 0 { 0 } else { label + 2 };
    let mut page = String::new();
    for line in wrap(&printable(&section.heading), width(target)) {
        page.push_str(&target.paint.apply(Role::Heading, &line));
        page.push('\n');
    }
    for line in &section.lines {
        page.push_str(&lay_out_line(line, label, target));
    }
    page
}

fn lay_out_line(line: &Line, label: usize, target: Target) -> String {
    let indent = INDENT + label;
    let hanging = " ".repeat(if label == 0 { indent + HANGING } else { indent });
    let room = width(target).saturating_sub(hanging.len()).max(20);
    let mut rows = wrap(&printable(&line.text), room);
    if let Some(origin) = &line.origin {
        let origin = format!("({})", printable(origin));
        let fits = rows.last().is_some_and(|row| columns(row) + 2 + columns(&origin) <= room);
        let painted = target.paint.apply(Role::Aside, &origin);
        match rows.last_mut() {
            Some(row) if fits => *row = format!("{row}  {painted}"),
            _ => rows.push(painted),
        }
    }
    let padding = " ".repeat(label.saturating_sub(columns(&line.label)));
    format!("{}{}{padding}{}\n", " ".repeat(INDENT), line.label, rows.join(&format!("\n{hanging}")))
}

/// How wide a page is there.
pub fn width(target: Target) -> usize {
    target.width.unwrap_or(WIDTH_DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::{Line, Section, lay_out};
    use crate::cli::terminal::{Paint, Target};
    use nsbox::plan::Origin;

    const NARROW: Target = Target { paint: Paint::Plain, width: Some(40) };

    #[test]
    fn long_statements_hang_and_origins_stand_at_their_ends() {
        let origin = Origin::Flag("--read".into());
        let lines =
            vec![Line::asked("/usr", &origin), Line::asked("in /etc: alternatives, ssl, fonts, localtime", &origin)];
        let expected = "\
It can read
  /usr  (--read)
  in /etc: alternatives, ssl, fonts,
    localtime  (--read)
";
        assert_eq!(lay_out(&[Section::new("It can read", lines)], NARROW), expected);
    }

    #[test]
    fn labels_make_a_column() {
        let line = |label: &str, text: &str| Line { label: label.into(), ..Line::new(text) };
        let lines =
            vec![line("exec", "The command takes over"), line("stage", "Whatever can fail early does, and so on")];
        let expected = "\
init
  exec   The command takes over
  stage  Whatever can fail early does,
         and so on
";
        assert_eq!(lay_out(&[Section::new("init", lines)], NARROW), expected);
    }

    #[test]
    fn names_of_files_cannot_act_on_the_terminal() {
        let section = Section::new("It can read", vec![Line::new("/tmp/\u{1b}[31m")]);
        assert_eq!(lay_out(&[section], NARROW), "It can read\n  /tmp/\\u{1b}[31m\n");
    }
}
