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
    Preference { profile: "viewer", categories: &["Viewer", "Office"], takes_uris: false },
    Preference { profile: "game", categories: &["Game"], takes_uris: true },
];

/// The profile of an entry that nothing else fits.
pub const FALLBACK: &str = "desktop";

/// The profile for an entry of these categories, of those that are there.
pub fn preferred(categories: &[String], is_there: impl Fn(&str) -> bool) -> &'static str {
    let fits = |row: &&Preference| row.categories.iter().any(|fit| categories.iter().any(|own| own == fit));
    let mut rows = TABLE.iter().filter(fits).filter(|row| is_there(row.profile));
    rows.next().map_or(FALLBACK, |row| row.profile)
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
        assert_eq!(preferred(&categories(&["GNOME", "Office", "Viewer"]), all), "viewer");
        assert_eq!(preferred(&categories(&["Network", "WebBrowser"]), all), "browser");
        assert_eq!(preferred(&categories(&["Game", "Office"]), |profile| profile != "viewer"), "game");
        assert_eq!(preferred(&categories(&["Network", "WebBrowser"]), |_| false), "desktop");
        assert_eq!(preferred(&[], all), "desktop");
    }

    #[test]
    fn only_a_viewer_takes_no_addresses() {
        assert!(!takes_uris("viewer"));
        assert!(["browser", "desktop", "mine"].into_iter().all(takes_uris));
    }
}
