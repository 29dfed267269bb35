//! Which profile suits which kind of program.

/// A profile, and what it is made for.
struct Preference {
    profile: &'static str,
    /// Categories of entries (Desktop Menu Specification 1.1, "Registered Categories").
    categories: &'static [&'static str],
    /// Whether a program under it can do something with an address: where there is no network, only with a file.
    takes_uris: bool,
}

/// The first one that fits and is installed counts.
const TABLE: &[Preference] = &[
    Preference { profile: "browser", categories: &["WebBrowser"], takes_uris: true },
    Preference { profile: "electron", categories: &["Chat", "InstantMessaging", "VideoConference"], takes_uris: true },
    Preference { profile: "game", categories: &["Game"], takes_uris: true },
    Preference { profile: "player", categories: &["AudioVideo", "Audio", "Video"], takes_uris: false },
    Preference { profile: VIEWER, categories: &["Viewer", "Office"], takes_uris: false },
];

/// The profile of what opens files, where nothing else fits: under the fallback it would open none.
const VIEWER: &str = "viewer";
/// The profile of an entry that nothing else fits.
pub const FALLBACK: &str = "desktop";

/// The profile for an entry of these categories, of those that are there; `opens` says whether it opens files.
pub fn preferred(categories: &[String], opens: bool, is_there: impl Fn(&str) -> bool) -> &'static str {
    let fits = |row: &&Preference| row.categories.iter().any(|fit| categories.iter().any(|own| own == fit));
    let fitting = TABLE.iter().filter(fits).map(|row| row.profile);
    let mut all = fitting.chain(opens.then_some(VIEWER)).filter(|profile| is_there(profile));
    all.next().unwrap_or(FALLBACK)
}

/// Whether a program under a profile of that name can do something with an address.
pub fn takes_uris(profile: &str) -> bool {
    TABLE.iter().find(|row| row.profile == profile).is_none_or(|row| row.takes_uris)
}

#[cfg(test)]
mod tests {
    use super::{preferred, takes_uris};

    #[test]
    fn the_first_profile_that_fits_and_is_there_is_preferred() {
        let categories = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let all = |_: &str| true;
        assert_eq!(preferred(&categories(&["GNOME", "Office", "Viewer"]), true, all), "viewer");
        assert_eq!(preferred(&categories(&["Network", "WebBrowser"]), true, all), "browser");
        assert_eq!(preferred(&categories(&["Network", "InstantMessaging"]), true, all), "electron");
        assert_eq!(preferred(&categories(&["AudioVideo", "Player", "Viewer"]), true, all), "player");
        assert_eq!(preferred(&categories(&["Game", "Office"]), true, |profile| profile != "game"), "viewer");
        assert_eq!(preferred(&categories(&["Network", "WebBrowser"]), true, |_| false), "desktop");
    }

    #[test]
    fn what_opens_files_is_preferred_to_see_them() {
        assert_eq!(preferred(&[], true, |_| true), "viewer");
        assert_eq!(preferred(&[], false, |_| true), "desktop");
        assert_eq!(preferred(&[], true, |profile| profile != "viewer"), "desktop");
    }

    #[test]
    fn only_where_there_is_no_network_addresses_are_no_use() {
        assert!(["viewer", "player"].into_iter().all(|profile| !takes_uris(profile)));
        assert!(["browser", "electron", "desktop", "mine"].into_iter().all(takes_uris));
    }
}
