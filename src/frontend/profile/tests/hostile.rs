//! Text that nobody wrote to be a profile: an error with its place or a plan, the same each time, and soon.

use super::fixture::{Host, rendered};
use super::oracle::{host, judge, session};
use crate::frontend::profile::shelf::EMBEDDED;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// What nsbox makes of a text; a plan is held to the text.
fn outcome(host: &Host, text: &str) -> Result<String, TestCaseError> {
    Ok(match host.lower(text, &[], &["bash"]) {
        Ok((plan, odd)) => {
            prop_assert_eq!(judge(text, host, &plan), Ok(()), "{}", text);
            format!("{plan:?}\n{}", rendered(&odd))
        }
        Err(found) => {
            prop_assert!(found.has_errors());
            prop_assert!(found.iter().any(|one| one.excerpt.is_some()), "{}", rendered(&found));
            rendered(&found)
        }
    })
}

const WORDS: [&str; 36] = [
    "extends",
    "filesystem",
    "read",
    "write",
    "hide",
    "tmpfs",
    "root",
    "files",
    "environment",
    "set",
    "inherit",
    "syscalls",
    "allow",
    "limits",
    "wall-time",
    "path",
    "from",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ".",
    "\n",
    "\n[filesystem]\n",
    "\"",
    "'/srv'",
    "'${PWD}'",
    "'/srv/**/e'",
    "'${'",
    "'base'",
    "1",
    "0x1",
    "true",
    "2026-01-01",
];

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // The same ones each time: others are for tests/fuzz, which has the same rules.
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(200)
    })]

    #[test]
    fn any_bytes_are_a_profile_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let host = Host::new().file("/home/ann/work/bytes.toml", &bytes);
        // Text that extends them is at fault where they are, in the bytes or where they are named.
        outcome(&host, "extends = ['./bytes.toml']\n")?;
    }

    #[test]
    fn words_in_any_order_are_a_profile_or_an_error(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..30)) {
        let (host, text) = (Host::new(), words.join(" "));
        prop_assert_eq!(outcome(&host, &text)?, outcome(&host, &text)?);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // The same ones each time: others are for tests/fuzz, which has the same rules.
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(60)
    })]

    #[test]
    fn a_changed_profile_is_a_profile_or_an_error(
        profile in prop::sample::select(&EMBEDDED[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, prop::sample::select(&WORDS[..])), 1..5),
    ) {
        let mut letters: Vec<char> = profile.1.chars().collect();
        for (index, length, word) in changes {
            let at = index.index(letters.len() + 1);
            letters.splice(at..(at + length).min(letters.len()), word.chars());
        }
        let text: String = letters.into_iter().collect();
        prop_assert_eq!(outcome(&host(), &text)?, outcome(&host(), &text)?);
        outcome(&session(), &text)?;
    }
}

/// Paths of a tree with links in it; of those to a folder that holds them the rules know too little.
const PATHS: [&str; 15] = [
    "/srv",
    "/srv/alias",
    "/srv/alias/d",
    "/srv/t",
    "/srv/t/beside",
    "/srv/t/beside/e",
    "/srv/t/d",
    "/srv/t/d/e",
    "/srv/t/d/out",
    "/srv/t/d/secret",
    "/srv/t/file",
    "/srv/t/plain",
    "/srv/u",
    "/srv/u/back",
    "/srv/u/back/e",
];

/// Those that hold no links: an entry leads through a link that is hidden, which the rules do not know.
const HIDDEN: [&str; 6] =
    ["/srv/t/beside/e", "/srv/t/d/e", "/srv/t/d/secret", "/srv/t/file", "/srv/t/plain", "/srv/u/v"];

/// An entry, and the list that it stands in.
fn entry() -> impl Strategy<Value = (&'static str, String)> {
    let path = || prop::sample::select(&PATHS[..]);
    let shown = (prop::sample::select(vec!["read", "write", "tmpfs"]), path(), prop::option::weighted(0.3, path()));
    let shown = shown.prop_map(|(list, path, from)| match from.filter(|_| list != "tmpfs") {
        Some(from) => (list, format!("{{ path = '{path}', from = '{from}' }}")),
        None => (list, format!("'{path}'")),
    });
    prop_oneof![4 => shown, 1 => prop::sample::select(&HIDDEN[..]).prop_map(|path| ("hide", format!("'{path}'")))]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // The same ones each time: others are for tests/fuzz, which has the same rules.
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(400)
    })]

    #[test]
    fn entries_show_what_they_say_wherever_links_lead(entries in prop::collection::vec(entry(), 1..6)) {
        let mut text = "[filesystem]\n".to_owned();
        for list in ["read", "write", "hide", "tmpfs"] {
            let named: Vec<_> = entries.iter().filter(|(of, _)| *of == list).map(|(_, entry)| entry.as_str()).collect();
            text += &format!("{list} = [{}]\n", named.join(", "));
        }
        outcome(&host(), &text)?;
    }
}

/// A line of `[desktop]`, or none.
const LINES: [&[&str]; 13] = [
    &["wayland = true", "wayland = false"],
    &["x11 = 'none'", "x11 = 'isolated'", "x11 = 'host'"],
    &["audio = true"],
    &["microphone = true", "pipewire = true"],
    &["gpu = true"],
    &["fonts = false", "fonts = true"],
    &["themes = false", "icons = true"],
    &["dconf = 'read'"],
    &["accessibility = true", "input-method = true"],
    &["portals = true"],
    &["home = 'own'", "shared = ['/srv/t/d']"],
    &["dbus.session.talk = ['org.a.A']", "dbus.session.own = ['org.a.A.*']"],
    &["dbus.system.see = ['org.b.B']"],
];
/// What else a profile may say that stands in the way of it, or beside it.
const BESIDE: [&str; 6] = [
    "",
    "[network]\nmode = 'host'\n",
    "[filesystem]\nread = ['/run']\n",
    "[filesystem]\nhide = ['~/.fonts/own.ttf', '/run/user/1000/pulse']\n",
    "[filesystem]\nwrite = ['~/.config']\n",
    "[filesystem]\ntmpfs = ['/home/ann']\n",
];
const PARENTS: [&str; 8] = ["", "base", "desktop", "viewer", "browser", "electron", "game", "shell"];
/// What of a session may be missing.
const OF_SESSION: [&str; 12] = [
    "/run/user/1000/wayland-0",
    "/run/user/1000/bus",
    "/run/user/1000/at-spi/bus_0",
    "/run/user/1000/pipewire-0",
    "/run/user/1000/pulse/native",
    "/run/dbus/system_bus_socket",
    "/tmp/.X11-unix/X0",
    "/dev/dri/renderD128",
    "/usr/bin/xdg-dbus-proxy",
    "/usr/bin/Xwayland",
    "/usr/bin/Xephyr",
    "/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service",
];
const OPTIONAL: &str = "optional = ['session-bus', 'system-bus', 'portals', 'wayland', 'x11', 'audio', 'pipewire', 'gpu', 'accessibility']";

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(60)
    })]

    #[test]
    fn of_a_session_nothing_is_opened_but_what_the_keys_of_the_desktop_say(
        lines in prop::collection::vec(any::<Option<prop::sample::Index>>(), LINES.len()),
        parent in prop::sample::select(&PARENTS[..]),
        beside in prop::sample::select(&BESIDE[..]),
        missing in prop::sample::subsequence(&OF_SESSION[..], 0..=OF_SESSION.len()),
        is_optional in prop::bool::weighted(0.8),
    ) {
        let said = LINES.iter().zip(lines).filter_map(|(line, index)| Some(line[index?.index(line.len())]));
        let keys: Vec<&str> = said.chain(is_optional.then_some(OPTIONAL)).collect();
        let extends = if parent.is_empty() { String::new() } else { format!("extends = ['{parent}']\n") };
        let text = format!("{extends}[desktop]\n{}\n{beside}", keys.join("\n"));
        let host = missing.into_iter().fold(session(), |host, path| host.without(path));
        outcome(&host, &text)?;
    }
}

/// A text of as many of these as an eighth of the longest profile holds.
fn many(before: &str, item: impl Fn(usize) -> String, after: &str) -> String {
    let mut text = before.to_owned();
    for number in 0.. {
        let item = item(number);
        if text.len() + item.len() + after.len() > 1 << 17 {
            break;
        }
        text += &item;
    }
    text + after
}

/// At full length each took minutes, or more memory than a machine has.
#[test]
fn however_much_is_wrong_it_is_told_in_bounds() {
    let slashes = "/a".repeat(60_000);
    let texts = [
        many("filesystem = { ", |number| format!("k{number} = 1, "), "}\n"),
        many("[filesystem]\n", |number| format!("k{number} = 1\n"), ""),
        many("[filesystem]\ntmpfs = [", |number| format!("'/q{number}', "), "]\n"),
        many("[syscalls]\nallow = [", |_| "'reed',\n".to_owned(), "]\n"),
        many("", |_| "=\n".to_owned(), ""),
        format!("{} = 1\n", "k".repeat(16_000)),
        format!(
            "[filesystem]\ntmpfs = [\"\"\"{}\"\"\"]\n",
            slashes.replace("/a/a/a/a/a/a/a/a", "/a/a/a/a/a/a/a/a\\\n")
        ),
        format!("[environment]\nset = {{ A = \"\"\"{}\"\"\" }}\n", "${x}\n".repeat(20_000)),
    ];
    for text in texts {
        let told = Host::new().problems(&text);
        assert!(told.len() < 4 << 20, "{} bytes", told.len());
    }
}

#[test]
fn a_chain_has_a_bound_however_its_profiles_name_each_other() {
    let many_times = "extends = [".to_owned() + &"'./one.toml', ".repeat(60_000) + "]\n";
    let host = Host::new().file("/home/ann/work/one.toml", "");
    assert!(host.problems(&many_times.replace(", ", ",\n")).contains("more than 100 profiles are built on"));
    let text = "#\n".repeat(200_000);
    let names: Vec<String> = (0..9).map(|number| format!("'./{number}.toml'")).collect();
    let host = (0..9).fold(Host::new(), |host, number| host.file(&format!("/home/ann/work/{number}.toml"), &text));
    assert!(host.problems(&format!("extends = [{}]\n", names.join(", "))).contains("hold more than 1 MiB"));
    // Control: a hundred small ones are none too many.
    let names: Vec<String> = (0..100).map(|number| format!("'./{number}.toml'")).collect();
    let host = (0..100).fold(Host::new(), |host, number| host.file(&format!("/home/ann/work/{number}.toml"), ""));
    host.plan(&format!("extends = [{}]\n", names.join(", ")));
}

#[test]
fn of_two_entries_for_one_place_none_is_passed_over() {
    // The link leads to where another entry shows something else, and with less access.
    let said =
        host().problems("[filesystem]\nread = [{ path = '/srv/t/d', from = '/srv/u' }]\nwrite = ['/srv/t/beside']\n");
    assert!(
        said.contains("`/srv/t/d` is something else already\n  hint: it is asked for by test.toml:3:10\n"),
        "{said}"
    );
}
