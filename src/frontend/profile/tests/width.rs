//! No plan is wider than its text: profiles of all kinds of entries, nested and through symlinks, held to rules of their own.

use super::fixture::{asked, rendered};
use super::oracle::{host, judge};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const PLACES: [&str; 30] = [
    "/srv",
    "/srv/t",
    "/srv/t/plain",
    "/srv/t/d",
    "/srv/t/d/secret",
    "/srv/t/d/e",
    "/srv/t/d/e/deep",
    "/srv/t/beside",
    "/srv/t/beside/secret",
    "/srv/t/beside/e",
    "/srv/t/d/up/plain",
    "/srv/t/d/out",
    "/srv/t/file",
    "/srv/u",
    "/srv/u/back",
    "/srv/u/back/e",
    "/srv/u/other",
    "/srv/u/v",
    "/srv/alias",
    "/srv/alias/d",
    "/srv/alias/d/e/deep",
    "~",
    "${PWD}",
    "${PROJECT}/a",
    "${PWD}/.env",
    "${PWD}/a/b",
    "${HOME}/.ssh",
    "/etc",
    "/bin",
    "/new/place",
];

const PATTERNS: [&str; 8] = [
    "/srv/t/**/sec*",
    "/srv/*/d",
    "/srv/alias/*/e",
    "/srv/u/back/?*",
    "${PWD}/**/.env*",
    "${PWD}/*/b",
    "~/.*",
    "/srv/t/d/*",
];

/// One entry: the list that it stands in, and itself.
fn entry() -> impl Strategy<Value = (&'static str, String)> {
    let place = || prop::sample::select(&PLACES[..]);
    let plain = |list: &'static str| place().prop_map(move |path| (list, format!("'{path}'")));
    let moved = |list: &'static str| {
        (place(), place()).prop_map(move |(path, from)| (list, format!("{{ path = '{path}', from = '{from}' }}")))
    };
    let several = |list: &'static str| {
        (place(), place()).prop_map(move |(one, other)| (list, format!("{{ path = ['{one}', '{other}'] }}")))
    };
    let optional = place().prop_map(|path| ("read", format!("{{ path = '{path}', optional = true }}")));
    let pattern =
        |list: &'static str| prop::sample::select(&PATTERNS[..]).prop_map(move |path| (list, format!("'{path}'")));
    prop_oneof![
        4 => plain("read"),
        4 => plain("write"),
        4 => plain("hide"),
        1 => plain("tmpfs"),
        2 => moved("read"),
        1 => moved("write"),
        1 => optional,
        1 => several("read"),
        1 => several("write"),
        1 => several("tmpfs"),
        2 => pattern("hide"),
        3 => pattern("read"),
    ]
}

/// A profile of a few entries, most of which agree with each other.
fn profile() -> impl Strategy<Value = String> {
    let more = prop::sample::subsequence(
        vec![
            "[network]\nmode = 'host'\n",
            "[namespaces]\nipc = false\n",
            "[environment]\ninherit = ['LC_*', 'SEC?ET']\nset = { A = '${USER}' }\n",
            "[syscalls]\npolicy = 'none'\n",
            "[capabilities]\nkeep = ['chown']\n",
            "[terminal]\nmode = 'private'\n",
            "[limits]\nopen-files = 10\n",
            "[protections]\nbest-effort = ['landlock-scopes']\n",
        ],
        0..4,
    );
    let extends = prop::sample::select(vec!["", "extends = ['base']\n", "extends = ['shell', 'project']\n"]);
    (extends, prop::collection::vec(entry(), 1..7), more).prop_map(|(extends, entries, more)| {
        let list = |name: &str| {
            let items: Vec<&str> = entries.iter().filter(|(list, _)| *list == name).map(|(_, item)| &**item).collect();
            format!("{name} = [{}]\n", items.join(", "))
        };
        let lists: String = ["read", "write", "hide", "tmpfs"].map(list).concat();
        format!("{extends}[filesystem]\n{lists}{}", more.concat())
    })
}

/// Words of a command, most of which name something.
const WORDS: [&str; 22] = [
    ".",
    "..",
    ".env",
    "a/.env",
    "a/b",
    "./a/../.git/hooks",
    "../.ssh/id_rsa",
    "/srv",
    "/srv/t/plain",
    "/srv/t/d",
    "/srv/t/d/up/plain",
    "/srv/t/d/up/../u/v",
    "/srv/t/d/out",
    "/srv/t/beside/e",
    "/srv/t/file",
    "/srv/alias/d/secret",
    "/srv/u/back/e/deep",
    "/etc/shadow",
    "/etc/resolv.conf",
    "file:///srv/t/plain",
    "--",
    "-x",
];

/// A command, and what a profile says of its words.
fn command() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    let words = prop::collection::vec(prop::sample::select(&WORDS[..]), 0..3);
    let said = prop::sample::select(vec!["none", "read", "write", "read", "write"]);
    (said, words).prop_map(|(said, words)| (said, [vec!["open"], words].concat()))
}

#[test]
fn what_no_text_says_is_found_in_a_plan() {
    let host = host();
    let write = "[filesystem]\nwrite = ['/srv']\n";
    let wrong = |text: &str, of: &str| judge(text, &host, &host.plan(of)).expect_err(of);
    assert_eq!(judge(write, &host, &host.plan(write)), Ok(()));
    assert!(wrong("[filesystem]\nread = ['/srv']\n", write).contains("no entry names /srv"));
    assert!(wrong(&format!("{write}hide = ['/srv/u/v']\n"), write).contains("`/srv/u/v` is hidden"));
    assert!(wrong(&format!("{write}hide = ['/srv/**/dee?']\n"), write).contains("HiddenPattern"));
    assert!(wrong(&format!("{write}read = ['/srv/*/d']\n"), write).contains("LockedPattern"));
    assert!(wrong(&format!("{write}read = ['/srv/u']\n"), write).contains("nearest are /srv/u "));
    assert!(wrong(&format!("{write}tmpfs = ['/srv/u']\n"), write).contains("nearest are /srv/u Tmpfs"));
    let granted = |said: &str| format!("[command]\ngrant-args = '{said}'\n");
    let (plan, _) = host.lower(&granted("write"), &[], &["open", "/srv/t/plain"]).expect("a plan");
    let judged = |text: &str| judge(text, &host, &plan).map_err(|why| why.split(" for").next().map(str::to_owned));
    assert_eq!(judged(&granted("write")), Ok(()));
    for less in ["", &granted("none"), &granted("read")] {
        assert_eq!(judged(less), Err(Some("no entry names /srv/t/plain".into())));
    }
    assert!(judged(&format!("{}[filesystem]\nhide = ['/srv/t']\n", granted("write"))).is_err());
    assert!(judged(&format!("{}[filesystem]\nread = ['/srv/**/pl*']\n", granted("write"))).is_err());
    assert!(wrong("", "[network]\nmode = 'host'\n").contains("no entry names /run/systemd/resolve"));
    assert!(wrong("", "[syscalls]\npolicy = 'none'\n").contains("no filter"));
    assert!(wrong("", "[environment]\ninherit = ['SECRET']\n").contains("SECRET=hush"));
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        // The same ones each time: others are for tests/fuzz, which has the same rules.
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(300)
    })]

    #[test]
    fn no_plan_is_wider_than_its_text(text in profile(), (said, argv) in command()) {
        let host = host();
        let text = format!("{text}[command]\ngrant-args = '{said}'\n");
        match host.lower(&text, &[], &argv) {
            Ok((plan, _)) => {
                prop_assert_eq!(judge(&text, &host, &plan), Ok(()), "{}{:?}\n{}", text, argv, asked(&plan));
            }
            Err(found) => prop_assert!(found.has_errors(), "{}", rendered(&found)),
        }
    }
}
