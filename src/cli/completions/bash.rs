//! The script for bash(1).

use super::{Offer, Shell, calls, fill, flags, names, quoted, with_operands};
use crate::cli::commands::{self, Operands};

pub fn script() -> String {
    let own = names(commands::ALL);
    let joined = |names: &mut dyn Iterator<Item = &'static str>| names.collect::<Vec<_>>().join(" | ");
    let shells = Shell::ALL.map(|(name, _)| name).join(" ");
    let holes = [
        ("FLAGS", own.iter().map(|name| flags_of(name)).collect::<Vec<_>>().join("\n")),
        (
            "VALUES",
            flags().iter().filter_map(|(flag, _)| value(flag.name, Offer::of(flag)?)).collect::<Vec<_>>().join("\n"),
        ),
        ("VALUED", joined(&mut flags().iter().filter(|(flag, _)| flag.value.is_some()).map(|(flag, _)| flag.name))),
        ("COMMANDS", own.join(" | ")),
        ("NAMES", own.join(" ")),
        ("PROFILES", joined(&mut with_operands(Operands::Profile))),
        ("FILES", joined(&mut with_operands(Operands::Files))),
        ("SHELLS", joined(&mut with_operands(Operands::Shell))),
        ("ENTRIES", joined(&mut with_operands(Operands::Entries))),
        ("VERBS", commands::ENTRY_VERBS.join(" ")),
        ("CALLS", joined(&mut with_operands(Operands::Calls))),
        ("CALLNAMES", calls().collect::<Vec<_>>().join(" ")),
        ("SHELLNAMES", shells),
    ];
    fill(include_str!("frame.bash"), &holes)
}

fn flags_of(command: &str) -> String {
    let all = flags();
    let names = all.iter().filter(|(_, owners)| owners.contains(&command)).flat_map(|(flag, _)| {
        let letter = flag.short.map(|letter| format!("-{letter}"));
        [Some(flag.name.to_owned()), letter].into_iter().flatten()
    });
    format!("    {command}) echo {} ;;", quoted(&names.collect::<Vec<_>>().join(" ")))
}

/// The branch that offers values for a flag; none where there is nothing to offer.
fn value(flag: &str, offer: Offer) -> Option<String> {
    let act = match offer {
        Offer::Nothing => return None,
        Offer::Words(words) => format!("_nsbox_offer {} \"$2\"", quoted(&words.join(" "))),
        Offer::Beginnings(words) => format!("compopt -o nospace && _nsbox_offer {} \"$2\"", quoted(&words.join(" "))),
        Offer::Files => "_nsbox_files -f \"$2\"".to_owned(),
        Offer::Folders => "_nsbox_files -d \"$2\"".to_owned(),
        Offer::Profiles => "_nsbox_profiles \"$2\"".to_owned(),
        Offer::Variables => "mapfile -t COMPREPLY < <(compgen -e -- \"$2\")".to_owned(),
    };
    Some(format!("    {flag}) {act} ;;"))
}
