//! What is offered, from the tables.

use super::{Offer, Shell, flags, script};
use crate::cli::commands;

fn offer(flag: &str) -> Option<Offer> {
    let all = flags();
    let (flag, _) = all.iter().find(|(known, _)| known.name == flag).expect("a flag");
    Offer::of(flag)
}

#[test]
fn values_are_offered_as_the_keys_know_them() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    assert_eq!(offer("--network"), Some(Offer::Words(words(&["none", "host"]))));
    assert_eq!(offer("--syscalls"), Some(Offer::Words(words(&["default", "strict", "none"]))));
    let Some(Offer::Words(calls)) = offer("--deny-syscall") else { panic!("calls") };
    assert!(["@debug", "ptrace"].iter().all(|call| calls.contains(&(*call).to_owned())), "{calls:?}");
    assert_eq!(offer("--write"), Some(Offer::Files));
    assert_eq!(offer("--directory"), Some(Offer::Folders));
    assert_eq!(offer("--profile"), Some(Offer::Profiles));
    assert_eq!(offer("--keep-fd"), Some(Offer::Nothing));
    assert_eq!(offer("--quiet"), None);
    let Some(Offer::Beginnings(keys)) = offer("--set") else { panic!("keys") };
    assert!(keys.contains(&"network.mode=".into()) && !keys.contains(&"extends=".into()), "{keys:?}");
    let Some(Offer::Beginnings(limits)) = offer("--limit") else { panic!("limits") };
    assert!(limits.contains(&"processes=".into()), "{limits:?}");
}

#[test]
fn every_flag_and_every_command_is_in_every_script_and_no_hole_is_left() {
    for (name, shell) in Shell::ALL {
        let script = script(shell);
        for (flag, _) in flags() {
            let written = if shell == Shell::Fish { format!(" -l {} ", &flag.name[2..]) } else { flag.name.to_owned() };
            assert!(script.contains(&written), "{} in {name}", flag.name);
        }
        assert!(commands::ALL.iter().all(|command| script.contains(command.name)), "{name}");
        let is_hole = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
        let hole = script.split('@').find(|word| is_hole(word));
        assert_eq!(hole, None, "{name}");
    }
}
