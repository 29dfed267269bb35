//! What people read, to the letter.

use super::{diagnostics, failure};
use crate::cli::terminal::{Paint, Target};
use nsbox::error::{Diagnostic, Errno, Excerpt, Fault};
use nsbox::execute::{Failure, Step};

const PLAIN: Target = Target { paint: Paint::Plain, width: None };

fn excerpt(source: &str, line: u32, column: u32, length: u32, text: &str) -> Excerpt {
    Excerpt { source: source.into(), line, column, length, text: text.into() }
}

fn plain(one: Diagnostic) -> String {
    diagnostics([&one], PLAIN)
}

#[test]
fn a_mistake_is_underlined_where_it_stands() {
    let one = Diagnostic::error("unknown key `acess`")
        .at(excerpt("build.toml", 12, 3, 5, "  acess = \"read\""))
        .label("did you mean `access`?");
    let expected = "\
error: unknown key `acess`
  --> build.toml:12:3
   |
12 |   acess = \"read\"
   |   ^^^^^ did you mean `access`?
";
    assert_eq!(plain(one), expected);
}

#[test]
fn a_flag_is_shown_as_it_was_typed() {
    let one = Diagnostic::error("`abc` is no size").at(excerpt("--tmpfs", 1, 6, 3, "/tmp:abc")).hint("a number");
    let expected = "\
error: `abc` is no size
 --> --tmpfs
  |
  | --tmpfs /tmp:abc
  |              ^^^
hint: a number
";
    assert_eq!(plain(one), expected);
}

#[test]
fn tabs_wide_characters_and_escapes_keep_the_underline_in_its_place() {
    let one = Diagnostic::error("no").at(excerpt("a", 1, 6, 3, "\t漢字\u{1b}=bad"));
    let expected = "\
error: no
 --> a:1:6
  |
1 |  漢字\\u{1b}=bad
  |             ^^^
";
    assert_eq!(plain(one), expected);
}

#[test]
fn a_position_behind_the_end_of_a_line_is_marked() {
    let one = Diagnostic::error("unclosed array").at(excerpt("a", 3, 6, 1, "a = ["));
    assert!(plain(one).ends_with("3 | a = [\n  |      ^\n"));
    let one = Diagnostic::error("empty").at(excerpt("a", 1, 1, 1, ""));
    assert!(plain(one).ends_with("1 |\n  | ^\n"));
}

#[test]
fn an_endless_line_is_cut_around_the_mistake() {
    let text = format!("{}bad{}", "x".repeat(9000), "y".repeat(1_000_000));
    let shown = plain(Diagnostic::error("no").at(excerpt("a", 1, 9001, 3, &text)));
    assert!(shown.lines().all(|line| line.len() < 120), "{shown}");
    let mut lines = shown.lines().skip(3);
    let (line, mark) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    assert_eq!(&line[mark.find('^').expect("a mark")..][..3], "bad");
    assert!(line.contains("...x") && line.ends_with("y..."));
}

#[test]
fn a_line_that_is_wider_than_the_terminal_is_cut_around_the_mistake() {
    let text = format!("{}bad{}", "x".repeat(70), "y".repeat(70));
    let one = Diagnostic::error("no").at(excerpt("a", 1, 71, 3, &text));
    let shown = diagnostics([&one], Target { paint: Paint::Plain, width: Some(60) });
    let mut lines = shown.lines().skip(3);
    let (line, mark) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    assert_eq!(line.len(), 60, "{shown}");
    assert_eq!(&line[mark.find('^').expect("a mark")..][..3], "bad");
    // Control: where there is no terminal to wrap it, more is shown.
    assert!(plain(one).lines().any(|line| line.len() > 100));
}

#[test]
fn nothing_of_a_stranger_reaches_the_terminal() {
    let hostile = "a\n\u{1b}[2Jerror: forged";
    let one = Diagnostic::error(hostile).at(excerpt(hostile, 1, 1, 1, hostile)).label(hostile).hint(hostile);
    let shown = plain(one);
    assert!(!shown.contains('\u{1b}'));
    assert!(!shown.lines().skip(1).any(|line| line.starts_with("error")), "{shown}");
}

#[test]
fn long_problems_are_kept_apart_and_short_ones_together() {
    let warning = Diagnostic::warning("one");
    let long = Diagnostic::error("two").hint("three");
    assert_eq!(diagnostics([&warning, &warning], PLAIN), "warning: one\nwarning: one\n");
    assert_eq!(diagnostics([&warning, &long], PLAIN), "warning: one\n\nerror: two\nhint: three\n");
    assert_eq!(diagnostics([&long, &warning], PLAIN), "error: two\nhint: three\n\nwarning: one\n");
}

#[test]
fn a_hint_is_wrapped_on_a_terminal_only() {
    let one = Diagnostic::error("no").hint("this sandbox is confined by the host, and the\nremedy is known");
    assert_eq!(plain(one.clone()), "error: no\nhint: this sandbox is confined by the host, and the remedy is known\n");
    let narrow = diagnostics([&one], Target { paint: Paint::Plain, width: Some(40) });
    let expected = "\
error: no
hint: this sandbox is confined by the
      host, and the remedy is known
";
    assert_eq!(narrow, expected);
}

#[test]
fn a_failure_names_its_step_its_call_and_its_cause() {
    let fault = Fault::of("bind", "/srv/cache on /cache")(Errno(libc::ENOENT)).asked_for_by("build.toml:14:1");
    let shown = failure(&Failure::refused(Step::BuildRoot, fault), Some("create /srv/cache"), PLAIN);
    let expected = "\
error: could not start the sandbox at step `build-root` (init)
  bind /srv/cache on /cache: No such file or directory (ENOENT)
  asked for by build.toml:14:1
hint: create /srv/cache
";
    assert_eq!(shown, expected);
}

#[test]
fn colours_say_nothing_that_words_do_not() {
    let one = Diagnostic::error("no").at(excerpt("a", 1, 1, 1, "x")).label("here").hint("do");
    let coloured = diagnostics([&one], Target { paint: Paint::Colours, width: None });
    assert!(coloured.starts_with("\u{1b}[1m\u{1b}[31merror\u{1b}[0m: no\n"));
    let stripped: String = coloured.split('\u{1b}').map(after_escape).collect();
    assert_eq!(stripped, plain(one));
}

fn after_escape(part: &str) -> &str {
    part.split_once('m').filter(|(start, _)| start.starts_with('[')).map_or(part, |(_, rest)| rest)
}
