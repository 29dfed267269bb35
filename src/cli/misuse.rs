//! What to say about a command line that cannot be read.

use super::commands::{self, Command, Operands};
use super::elsewhere;
use super::flags::{Flag, Use};
use super::text::quoted;
use nsbox::error::Diagnostic;
use nsbox::error::suggest::nearest;
use std::ffi::{OsStr, OsString};

/// What can be done with desktop entries.
const ENTRIES: &str = "`nsbox desktop add NAME`, `nsbox desktop list` or `nsbox desktop remove NAME`";
/// How two profiles are compared.
const DIFF: &str = "`nsbox plan --diff shell ./build.toml`";

/// A long option that the command does not have.
pub fn unknown_flag(command: &Command, name: &str) -> Diagnostic {
    let problem = Diagnostic::error(format!("unknown option `--{name}`"));
    if let Some(owner) = owner(command, name) {
        return problem.hint(format!("`--{name}` is an option of `nsbox {}`", owner.name));
    }
    if let Some(here) = elsewhere::here(name).filter(|_| command.operands == Operands::Command) {
        return problem.hint(here);
    }
    problem.hint(match nearest(name, command.flags().map(|flag| &flag.name[2..])) {
        Some(meant) => format!("did you mean `--{meant}`?"),
        None => see_help(command),
    })
}

/// A letter that the command does not have; `whole` is the word it was found in, if that has more letters.
pub fn unknown_letter(command: &Command, letter: char, whole: Option<&OsStr>) -> Diagnostic {
    let problem = Diagnostic::error(format!("unknown option `-{letter}`"));
    let name = whole.and_then(OsStr::to_str).map(|word| word.split('=').next().unwrap_or(word)[1..].to_owned());
    let meant = name.as_deref().and_then(|name| nearest(name, command.flags().map(|flag| &flag.name[2..])));
    problem.hint(meant.map_or_else(|| see_help(command), |meant| format!("did you mean `--{meant}`?")))
}

/// A flag whose value is missing.
pub fn no_value(flag: &Flag) -> Diagnostic {
    Diagnostic::error(format!("`{}` needs a value", flag.name)).hint(usage(flag))
}

/// A flag that is followed by another option where its value should be.
pub fn option_for_value(flag: &Flag, word: &OsStr) -> Diagnostic {
    let word = word.to_string_lossy();
    Diagnostic::error(format!("`{}` needs a value, and `{word}` looks like an option", flag.name)).hint(format!(
        "{}; a value that begins with a dash is written `{}={word}`",
        usage(flag),
        flag.name
    ))
}

/// A `--set` without an equals sign, or one that is no text.
pub fn no_assignment(word: &OsStr) -> Diagnostic {
    Diagnostic::error(format!("`{}` is no assignment to a key of the profile", word.to_string_lossy()))
        .hint("`--set KEY=VALUE`, as in `--set 'filesystem.read=[\"/srv\"]'`")
}

/// A second word after a command that takes one.
pub fn unexpected_word(command: &Command, word: &OsStr) -> Diagnostic {
    let word = word.to_string_lossy();
    Diagnostic::error(format!("`nsbox {}` takes one name, and `{word}` is a second", command.name))
        .hint(format!("to run a command called `{}`: `nsbox run {0} ...`", command.name))
}

/// A word after a command that takes none.
pub fn no_word(command: &Command, word: &OsStr) -> Diagnostic {
    let word = word.to_string_lossy();
    Diagnostic::error(format!("`nsbox {}` takes options only, and `{word}` is none", command.name))
        .hint(format!("to run a command called `{0}`: `nsbox run {0} ...`", command.name))
}

/// A value that is not the number of a descriptor, or of one that has its use already.
pub fn no_descriptor(flag: &Flag, word: &OsStr, what_for: Use) -> Diagnostic {
    let (range, taken) = if what_for.allows(0) { (", 0 or", "1 and 2") } else { ("", "0, 1 and 2") };
    let (name, word) = (flag.name, word.display());
    Diagnostic::error(format!("`{name}` takes the number of an open descriptor{range} from 3 up, not `{word}`"))
        .hint(format!("{taken} are the command's own; a shell opens another with `3< FILE` or `3> FILE`"))
}

/// A flag that says something about the sandbox, beside a plan that says all of it.
pub fn beside_a_plan(flag: &str) -> Diagnostic {
    Diagnostic::error(format!("`--plan-fd` brings the whole sandbox, so `{flag}` cannot stand beside it"))
        .hint(format!("say it where the plan is made: `nsbox plan --json {flag} ...`"))
}

/// A flag that has no meaning where two profiles are compared.
pub fn beside_a_diff(flag: &str) -> Diagnostic {
    if flag == "--steps" {
        return Diagnostic::error("`--diff` and `--steps` show two different things").hint("name one of them");
    }
    Diagnostic::error(format!("`--diff` names its own profiles, so `{flag}` cannot stand beside it")).hint(DIFF)
}

/// A comparison of other than two.
pub fn not_two(words: &[OsString]) -> Diagnostic {
    let (count, [first, second, rest @ ..]) = (words.len(), words) else {
        let is = if words.is_empty() { "none is" } else { "1 is" };
        return Diagnostic::error(format!("`--diff` compares two profiles, and {is} named")).hint(DIFF);
    };
    let rest: Vec<_> = rest.iter().map(|word| quoted(word)).collect();
    let problem = Diagnostic::error(format!("`--diff` compares two profiles, and {count} words follow"));
    match rest[0].starts_with('-') {
        true => problem.hint(format!(
            "options come before the two: `nsbox plan --diff {} {} {}`",
            rest.join(" "),
            quoted(first),
            quoted(second)
        )),
        false => problem.hint(DIFF),
    }
}

/// Two flags that name one descriptor for two uses.
pub fn two_uses(one: &str, other: &str, number: i32) -> Diagnostic {
    Diagnostic::error(format!("`{one} {number}` and `{other} {number}` name the same descriptor"))
        .hint("open one for each")
}

/// A shell that is missing, or none that is known.
pub fn no_shell(word: Option<&OsStr>) -> Diagnostic {
    let problem = match word {
        None => Diagnostic::error("no shell to complete for"),
        Some(word) => Diagnostic::error(format!("nothing is known of the shell `{}`", word.display())),
    };
    problem.hint("`nsbox completions bash`, `zsh` or `fish`")
}

/// A `desktop` that does not say what to do.
pub fn nothing_about_entries() -> Diagnostic {
    Diagnostic::error("nothing to do with desktop entries").hint(ENTRIES)
}

/// A `desktop` with a word that nothing is done by.
pub fn unknown_about_entries(word: &OsStr) -> Diagnostic {
    let word = word.to_string_lossy();
    let problem = Diagnostic::error(format!("`nsbox desktop` has no command `{word}`"));
    match nearest(&word, commands::ENTRY_VERBS) {
        Some(meant) => problem.hint(format!("did you mean `nsbox desktop {meant}`?")),
        None => problem.hint(format!("{ENTRIES}; a command called `desktop` is run by `nsbox run desktop ...`")),
    }
}

/// A `desktop add` of none, or of more than one, the last of which this is.
pub fn not_one_entry(last: Option<&OsStr>) -> Diagnostic {
    let problem = match last {
        None => Diagnostic::error("no desktop entry to add"),
        Some(word) => {
            Diagnostic::error(format!("`nsbox desktop add` takes one name, and `{}` is another", word.display()))
        }
    };
    problem.hint("name an entry, as in `nsbox desktop add firefox-esr`, or its file: `nsbox desktop add ./x.desktop`")
}

/// A `desktop list` of something.
pub fn list_of(word: &OsStr) -> Diagnostic {
    Diagnostic::error(format!("`nsbox desktop list` takes no name, and was given `{}`", word.display()))
        .hint("it lists every entry that nsbox has written")
}

/// A `desktop remove` of nothing.
pub fn no_entry() -> Diagnostic {
    Diagnostic::error("no desktop entry to remove").hint("`nsbox desktop list` shows those that nsbox has written")
}

/// A flag of `desktop add` beside another word.
pub fn only_to_add(flag: &str, word: &OsStr) -> Diagnostic {
    Diagnostic::error(format!("`{flag}` is an option of `nsbox desktop add`, not of `{}`", word.display()))
        .hint(format!("`nsbox desktop add {flag} ...`"))
}

/// A `check` of nothing.
pub fn no_file() -> Diagnostic {
    Diagnostic::error("no profile to check").hint("name its file: `nsbox check ./build.toml`")
}

/// A switch with a value.
pub fn value_for_switch(name: &str, value: &OsStr) -> Diagnostic {
    Diagnostic::error(format!("`{name}` takes no value, and was given `{}`", value.display()))
        .hint(format!("write `{name}` alone"))
}

/// What the option parser itself refuses.
pub fn unreadable(error: &lexopt::Error) -> Diagnostic {
    match error {
        lexopt::Error::UnexpectedValue { option, value } => value_for_switch(option, value),
        other => Diagnostic::error(other.to_string()),
    }
}

/// The command that has this flag, where the one that was named has not.
fn owner(command: &Command, name: &str) -> Option<&'static Command> {
    let has = |other: &&Command| other.flags().any(|flag| flag.name[2..] == *name);
    commands::ALL.iter().find(has).filter(|owner| owner.name != command.name)
}

fn usage(flag: &Flag) -> String {
    format!("`{} {}`", flag.name, flag.value.unwrap_or_default())
}

fn see_help(command: &Command) -> String {
    let words = if command.name == commands::IMPLIED.name { String::new() } else { format!("{} ", command.name) };
    format!("`nsbox {words}-h` lists the options")
}
