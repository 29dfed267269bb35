//! `nsbox profiles`: the profiles that can be named, and what each says.

use super::output;
use super::run::host_facts;
use super::stop::Stop;
use super::terminal::{Role, Target};
use super::text::{columns, printable, wrap};
use nsbox::frontend::profile::{self, Available, Listed, Request};
use std::ffi::OsString;

/// How wide a list is that no terminal shows.
const WIDTH_DEFAULT: usize = 100;

/// Lists names, descriptions and places; or, where one is named, what that profile says.
///
/// # Errors
/// Where the profile has mistakes, or standard output cannot be written.
pub fn show(name: Option<OsString>) -> Result<(), Stop> {
    let (facts, target) = (host_facts()?, Target::output());
    if name.is_none() {
        return output::print(&list(&profile::available(&facts), target));
    }
    let listed = profile::list(&Request { profile: name, ..Request::default() }, &facts)?;
    output::print(&write_out(&listed, target))
}

/// The lines of a profile, each with its origin in a comment.
fn write_out(listed: &[Listed], target: Target) -> String {
    let mut text = String::new();
    for line in listed {
        // A program reads the very words; a terminal must not obey them.
        text += &if target.width.is_some() { printable_lines(&line.text) } else { line.text.clone() };
        if let Some(origin) = &line.origin {
            text += &format!("  {}", target.paint.apply(Role::Aside, &format!("# {}", printable(origin))));
        }
        text.push('\n');
    }
    text
}

fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

fn list(available: &[Available], target: Target) -> String {
    let label = available.iter().map(|one| columns(&one.name)).max().unwrap_or(0) + 2;
    let indent = format!("\n{}", " ".repeat(label));
    let room = target.width.unwrap_or(WIDTH_DEFAULT).saturating_sub(label).max(20);
    let mut text = String::new();
    for one in available {
        let description = if one.description.is_empty() { "No description" } else { &one.description };
        let mut rows = wrap(&printable(description), room);
        rows.push(target.paint.apply(Role::Aside, &printable(&one.place)));
        let name = printable(&one.name);
        let padding = " ".repeat(label.saturating_sub(columns(&name)));
        text += &format!("{}{padding}{}\n", target.paint.apply(Role::Heading, &name), rows.join(&indent));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::list;
    use crate::cli::terminal::{Paint, Target};
    use nsbox::frontend::profile::Available;

    #[test]
    fn a_profile_is_told_with_its_purpose_and_its_place() {
        let one = |name: &str, description: &str, place: &str| Available {
            name: name.into(),
            description: description.into(),
            place: place.into(),
        };
        let available = [
            one("mine", "", "/home/ann/.config/nsbox/profiles/mine.toml"),
            one("shell", "An interactive shell without a network", "built in"),
        ];
        let expected = "\
mine   No description
       /home/ann/.config/nsbox/profiles/mine.toml
shell  An interactive shell without a
       network
       built in
";
        assert_eq!(list(&available, Target { paint: Paint::Plain, width: Some(40) }), expected);
    }
}
