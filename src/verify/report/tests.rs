//! What is judged from what was seen, without a sandbox.

use super::{KEYRING, State, judge};
use crate::verify::bait::Traces;
use crate::verify::checks::CHECKS;
use crate::verify::openings::{Opening, Standing};
use crate::verify::testimony::Seen;

fn judged(name: &str, standing: Standing, seen: &Seen, traces: &Traces) -> State {
    let check = CHECKS.iter().find(|check| check.name == name).expect("a check");
    judge(check, standing, seen, traces)
}

fn tried() -> Seen {
    Seen { tried: 1, ..Seen::default() }
}

fn reached() -> Seen {
    Seen { reached: vec!["a hole".into()], ..tried() }
}

fn broken(what: &str) -> State {
    State::Broken(vec![what.into()])
}

#[test]
fn what_was_reached_is_broken_unless_the_profile_opens_it() {
    let none = Traces::default();
    let by = || vec![Opening { what: "a door".into(), by: "mine.toml:1:1".into() }];
    let of = |standing, seen: &Seen| judged("host-files", standing, seen, &none);
    assert_eq!(of(Standing::Kept, &tried()), State::Held);
    assert_eq!(of(Standing::Kept, &reached()), broken("a hole"));
    assert_eq!(of(Standing::Void("nothing"), &reached()), broken("a hole"));
    assert_eq!(of(Standing::Void("nothing"), &tried()), State::Untried("nothing".into()));
    // Open is open, whatever came of it; where a part is, the rest is held to its word.
    assert_eq!(of(Standing::Open(by()), &reached()), State::Open(by()));
    assert_eq!(of(Standing::Open(by()), &tried()), State::Open(by()));
    assert_eq!(of(Standing::PartlyOpen(by()), &reached()), broken("a hole"));
    assert_eq!(of(Standing::PartlyOpen(by()), &tried()), State::Open(by()));
}

#[test]
fn what_was_not_tried_is_never_held() {
    let none = Traces::default();
    let failed = Seen { untried: Some("its process was ended by SIGSEGV".into()), ..tried() };
    for seen in [Seen::default(), failed.clone()] {
        assert!(matches!(judged("host-files", Standing::Kept, &seen, &none), State::Untried(_)));
    }
    // Nor does it excuse what was reached before.
    let seen = Seen { reached: vec!["a hole".into()], ..failed };
    assert_eq!(judged("host-files", Standing::Kept, &seen, &none), broken("a hole"));
}

#[test]
fn what_the_outside_saw_counts_as_much() {
    let of = |name, traces: &Traces| judged(name, Standing::Kept, &tried(), traces);
    let cases: [(&str, Traces); 6] = [
        ("signals", Traces { signalled: true, ..Traces::default() }),
        ("network", Traces { port: true, ..Traces::default() }),
        ("path-sockets", Traces { socket: true, ..Traces::default() }),
        ("abstract-sockets", Traces { abstract_socket: true, ..Traces::default() }),
        ("reopening", Traces { written: true, ..Traces::default() }),
        ("nothing-stays", Traces { strays: vec!["/tmp/stray".into()], ..Traces::default() }),
    ];
    for (name, traces) in cases {
        assert!(matches!(of(name, &traces), State::Broken(_)), "{name}");
        assert_eq!(of("host-files", &traces), State::Held, "{name}");
    }
}

#[test]
fn only_the_outside_knows_the_bait() {
    let got = |place: &str, text: &str| Seen { got: vec![(place.into(), text.into())], ..tried() };
    let traces =
        Traces { secret: "1234".into(), keyring: Some(42), namespaces: vec!["net:[1]".into()], ..Traces::default() };
    let of = |name, seen: &Seen| judged(name, Standing::Kept, seen, &traces);
    assert_eq!(of("host-files", &got("../secret", "a 1234 b")), broken("../secret"));
    assert_eq!(of("host-files", &got("../secret", "something else")), State::Held);
    assert_eq!(of("keyrings", &got(KEYRING, "42")), broken("the caller's own session keyring"));
    assert_eq!(of("keyrings", &got(KEYRING, "43")), State::Held);
    let seen = |link: &str| Seen { namespaces: vec![link.into()], ..tried() };
    assert_eq!(of("network", &seen("net:[1]")), broken("the caller's own namespace net:[1]"));
    assert_eq!(of("network", &seen("net:[2]")), State::Held);
}
