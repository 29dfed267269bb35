//! The script for fish(1).

use super::{Offer, Shell, calls, fill, flags, names, with_operands};
use crate::cli::commands::{self, Operands};
use crate::cli::flags::Flag;

pub fn script() -> String {
    let joined = |operands| with_operands(operands).collect::<Vec<_>>().join(" ");
    let valued: Vec<_> = flags().iter().filter(|(flag, _)| flag.value.is_some()).map(|(flag, _)| flag.name).collect();
    let own = commands::ALL.iter().map(|command| {
        format!("complete -c nsbox -n __nsbox_is_first -a {} -d {}", command.name, quoted(command.help))
    });
    let holes = [
        ("VALUED", valued.join(" ")),
        ("COMMANDS", names(commands::ALL).join(" ")),
        ("RUNNERS", joined(Operands::Command)),
        ("PROFILES", joined(Operands::Profile)),
        ("FILES", joined(Operands::Files)),
        ("SHELLS", joined(Operands::Shell)),
        ("ENTRIES", joined(Operands::Entries)),
        ("VERBS", commands::ENTRY_VERBS.join(" ")),
        ("CALLS", joined(Operands::Calls)),
        ("CALLNAMES", calls().collect::<Vec<_>>().join(" ")),
        ("SHELLNAMES", Shell::ALL.map(|(name, _)| name).join(" ")),
        ("OWN", own.collect::<Vec<_>>().join("\n")),
        ("FLAGS", flags().iter().map(|(flag, owners)| line(flag, owners)).collect::<Vec<_>>().join("\n")),
    ];
    fill(include_str!("frame.fish"), &holes)
}

fn line(flag: &Flag, owners: &[&str]) -> String {
    let letter = flag.short.map(|letter| format!(" -s {letter}")).unwrap_or_default();
    let value = Offer::of(flag).map(|offer| format!(" {}", value(&offer))).unwrap_or_default();
    let condition = quoted(&format!("__nsbox_in {}", owners.join(" ")));
    format!("complete -c nsbox -n {condition} -l {}{letter}{value} -d {}", &flag.name[2..], quoted(flag.help))
}

fn value(offer: &Offer) -> String {
    match offer {
        Offer::Nothing => "-x".to_owned(),
        Offer::Words(words) | Offer::Beginnings(words) => format!("-x -a {}", quoted(&words.join(" "))),
        Offer::Files => "-r -F".to_owned(),
        Offer::Folders => "-x -a '(__fish_complete_directories)'".to_owned(),
        Offer::Profiles => "-x -a '(__nsbox_profiles)'".to_owned(),
        Offer::Variables => "-x -a '(set -nx)'".to_owned(),
    }
}

/// A text in single quotes, as fish reads it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}
