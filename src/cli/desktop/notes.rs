//! What a person should know of a program under a profile, before it disappoints them.

use super::list::line;
use crate::cli::layout::Line;
use nsbox::frontend::desktop_entry::Entry;
use nsbox::frontend::profile::Offer;

/// The categories of programs that are mostly no use without a network, or without sound (Desktop Menu Specification 1.1).
const NETWORK: &[&str] = &["Network"];
const SOUND: &[&str] = &["AudioVideo", "Audio", "Video"];

/// What the program will miss.
pub fn notes(source: &Entry, offer: &Offer) -> Vec<Line> {
    let categories = source.items("Categories");
    let of = |known: &[&'static str]| known.iter().copied().find(|known| categories.iter().any(|own| own == known));
    let mut notes = Vec::new();
    if let Some(variable) = offer.follows {
        notes.push(format!(
            "what `{variable}` opens depends on the folder that the program is started in, which for menus is your home \
             folder; that one it does not open, and then the program does not start"
        ));
    }
    if source.opens() && !offer.arguments {
        notes.push(
            "a file that it is opened with it sees only where the profile shows it, since `command.grant-args` is `none`"
                .into(),
        );
    }
    if let Some(category) = of(NETWORK).filter(|_| !offer.network) {
        notes
            .push(format!("it has no network, though its category is `{category}`; `--profile` names another profile"));
    }
    if let Some(category) = of(SOUND).filter(|_| !offer.sound) {
        notes.push(format!("it has no sound, though its category is `{category}`; `--profile` names another profile"));
    }
    notes.into_iter().map(|note| line("note", note)).collect()
}
