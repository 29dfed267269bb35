//! `nsbox profiles`: the profiles that can be named.

use super::output;
use super::run::host_facts;
use super::stop::Stop;
use super::terminal::{Role, Target};
use super::text::{columns, printable, wrap};
use nsbox::frontend::profile::{self, Available};

/// How wide a list is that no terminal shows.
const WIDTH_DEFAULT: usize = 100;

/// Lists names, descriptions and places.
///
/// # Errors
/// Where standard output cannot be written.
pub fn show() -> Result<(), Stop> {
    let available = profile::available(&host_facts()?);
    output::print(&list(&available, Target::of(&std::io::stdout())))
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
