//! The script for zsh(1).

use super::{Offer, Shell, calls, fill, flags, names, quoted, with_operands};
use crate::cli::commands::{self, Operands};
use crate::cli::flags::{Flag, Meaning, Repeated, Use};

pub fn script() -> String {
    let own = names(commands::ALL);
    let joined = |operands| with_operands(operands).collect::<Vec<_>>().join("|");
    let described = commands::ALL
        .iter()
        .map(|command| format!("        {}", quoted(&format!("{}:{}", command.name, command.help))));
    let holes = [
        ("OWN", described.collect::<Vec<_>>().join("\n")),
        ("COMMANDS", own.join("|")),
        ("FLAGS", own.iter().map(|name| flags_of(name)).collect::<Vec<_>>().join("\n")),
        ("PROFILES", joined(Operands::Profile)),
        ("FILES", joined(Operands::Files)),
        ("SHELLS", joined(Operands::Shell)),
        ("ENTRIES", joined(Operands::Entries)),
        ("VERBS", commands::ENTRY_VERBS.join(" ")),
        ("CALLS", joined(Operands::Calls)),
        ("CALLNAMES", calls().collect::<Vec<_>>().join(" ")),
        ("SHELLNAMES", Shell::ALL.map(|(name, _)| name).join(" ")),
    ];
    fill(include_str!("frame.zsh"), &holes)
}

fn flags_of(command: &str) -> String {
    let all = flags();
    let specs = all.iter().filter(|(_, owners)| owners.contains(&command)).flat_map(|(flag, _)| specs(flag));
    let lines: Vec<_> = specs.map(|spec| format!("            {}", quoted(&spec))).collect();
    format!("        ({command}) flags=(\n{}\n        ) ;;", lines.join("\n"))
}

/// What _arguments is told of a flag, and of its letter.
fn specs(flag: &Flag) -> Vec<String> {
    // What can be said more than once is offered again.
    let again = match flag.meaning {
        Meaning::Key(_, Repeated::Adds) | Meaning::Set | Meaning::Descriptor(Use::Keep) => "*",
        _ => "",
    };
    let help = flag.help.replace('[', "(").replace(']', ")");
    let value = Offer::of(flag).map(|offer| format!(":{}:{}", label(flag), action(offer))).unwrap_or_default();
    let sign = if value.is_empty() { "" } else { "=" };
    let long = format!("{again}{}{sign}[{help}]{value}", flag.name);
    let short = flag.short.map(|letter| format!("{again}-{letter}[{help}]{value}"));
    [Some(long), short].into_iter().flatten().collect()
}

/// What is due, in a word that has no meaning to _arguments.
fn label(flag: &Flag) -> String {
    flag.value.unwrap_or_default().split(['[', '|']).next().unwrap_or_default().to_lowercase()
}

fn action(offer: Offer) -> String {
    match offer {
        Offer::Nothing => " ".to_owned(),
        Offer::Words(words) => format!("({})", words.join(" ")),
        Offer::Beginnings(words) => format!("compadd -S \"\" - {}", words.join(" ")),
        Offer::Files => "_files".to_owned(),
        Offer::Folders => "_files -/".to_owned(),
        Offer::Profiles => "_nsbox_profiles".to_owned(),
        Offer::Variables => "_parameters -g \"*export*\"".to_owned(),
    }
}
