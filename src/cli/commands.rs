//! The table of nsbox's own commands: which flags each takes, and what its other words are.

use super::flags::{
    ABOUT, COMMAND, DIAGNOSIS, ENTRY, EVENTS, FILES, Flag, Group, LIMITS, MESSAGES, PROFILE, PROGRAMS, REACH, REPORT,
    VIEW,
};

/// One of nsbox's own commands.
#[derive(Debug)]
pub struct Command {
    /// The first word of the command line; any other first word is a command to run.
    pub name: &'static str,
    /// What it does.
    pub verb: Verb,
    /// The flags it takes.
    pub groups: &'static [&'static Group],
    /// What its other words are.
    pub operands: Operands,
    /// How it is typed.
    pub usage: &'static str,
    /// One line of help: a sentence in the third person without its period.
    pub help: &'static str,
    /// What the long help adds to that line.
    pub more: &'static str,
}

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Runs a command.
    Run,
    /// Shows what a run would do.
    Plan,
    /// Lists profiles.
    Profiles,
    /// Validates profiles.
    Check,
    /// Shows what is answered to system calls.
    Syscalls,
    /// Says what this host allows.
    Doctor,
    /// Attacks the promises from inside.
    Verify,
    /// Makes entries of the desktop start their programs in a sandbox.
    Desktop,
    /// Prints what makes a shell complete command lines.
    Completions,
}

/// What the words that are no options mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operands {
    /// The first one and all after it are a command and its arguments, whatever they look like.
    Command,
    /// Each is a file; at least one.
    Files,
    /// The first one says what is done with desktop entries, and the rest names them.
    Entries,
    /// The only one is the name of a shell.
    Shell,
    /// There are none.
    Nothing,
    /// The only one is a profile, as after `--profile`; there may be none.
    Profile,
    /// The only one is a system call or a group of them; there may be none.
    Calls,
}

/// What can be done with desktop entries.
pub const ENTRY_VERBS: [&str; 3] = ["add", "list", "remove"];

/// Every command, in the order of the help.
pub const ALL: &[Command] = &[
    Command {
        name: "run",
        verb: Verb::Run,
        groups: &[&PROFILE, &FILES, &COMMAND, &REACH, &LIMITS, &MESSAGES, &PROGRAMS, &EVENTS, &ABOUT],
        operands: Operands::Command,
        usage: "nsbox run [OPTIONS] [--] [COMMAND [ARG]...]",
        help: "Runs a command in a sandbox; this word can be left out",
        more: "Useful where the command to run has the name of one of nsbox's own.",
    },
    Command {
        name: "plan",
        verb: Verb::Plan,
        groups: &[&VIEW, &PROFILE, &FILES, &COMMAND, &REACH, &LIMITS, &MESSAGES, &PROGRAMS, &ABOUT],
        operands: Operands::Command,
        usage: "nsbox plan [OPTIONS] [--] [COMMAND [ARG]...]\n       nsbox plan --diff [OPTIONS] PROFILE PROFILE",
        help: "Shows what a run would do, without doing it",
        more: "Takes the options and the command of a run, and says what the command could see, change and reach, \
               and which line of which profile, or which flag, says so.",
    },
    Command {
        name: "profiles",
        verb: Verb::Profiles,
        groups: &[&ABOUT],
        operands: Operands::Profile,
        usage: "nsbox profiles [NAME|FILE]",
        help: "Lists the profiles, or all that one of them says",
        more: "With a name, prints that profile merged with those that it builds on, and where each line of it comes \
               from. What is printed is a profile itself, and says the same.",
    },
    Command {
        name: "check",
        verb: Verb::Check,
        groups: &[&ABOUT],
        operands: Operands::Files,
        usage: "nsbox check FILE...",
        help: "Checks profiles, and says all that is wrong with them",
        more: "Exits with 0 if every file is a valid profile, and with 1 if one is not.",
    },
    Command {
        name: "syscalls",
        verb: Verb::Syscalls,
        groups: &[&PROFILE, &ABOUT],
        operands: Operands::Calls,
        usage: "nsbox syscalls [OPTIONS] [NAME|NUMBER|@GROUP]",
        help: "Shows what each policy answers to system calls",
        more: "Without a name, lists the groups. With an option, says what that profile answers as well, as its filter \
               has it.",
    },
    Command {
        name: "doctor",
        verb: Verb::Doctor,
        groups: &[&DIAGNOSIS, &ABOUT],
        operands: Operands::Nothing,
        usage: "nsbox doctor [--json|--apparmor]",
        help: "Says whether nsbox works on this host, and what to do where not",
        more: "Tries each thing that a sandbox needs once, then starts one under the profile `shell`. What is refused is \
               explained, with the line that mends it. Exits with 0 if the sandbox was started, and with 1 if not.",
    },
    Command {
        name: "verify",
        verb: Verb::Verify,
        groups: &[&REPORT, &PROFILE, &FILES, &COMMAND, &REACH, &LIMITS, &MESSAGES, &PROGRAMS, &ABOUT],
        operands: Operands::Nothing,
        usage: "nsbox verify [OPTIONS]",
        help: "Attacks what a profile promises from inside its sandbox, and says what holds",
        more: "Takes the options of a run, and runs nsbox itself in that sandbox. What the profile opens on purpose is \
               named with the line that says so. With --plan-fd, the sandbox is that of the plan, and it is held to what \
               the profile promises. Exits with 0 if nothing is broken, and with 1 if something is.",
    },
    Command {
        name: "desktop",
        verb: Verb::Desktop,
        groups: &[&ENTRY, &ABOUT],
        operands: Operands::Entries,
        usage: "nsbox desktop add [--profile NAME|FILE] [--command] NAME|FILE\n       nsbox desktop list\n       \
                nsbox desktop remove NAME...",
        help: "Makes the menus of the desktop start a program in a sandbox",
        more: "`add` writes an entry of your own that takes the place of the program's, and differs in what it starts; \
               `list` shows the entries that were written so, and `remove` takes them back. NAME is that of the \
               entry's file, such as firefox-esr or org.gnome.Evince; a word with a slash is a file.",
    },
    Command {
        name: "completions",
        verb: Verb::Completions,
        groups: &[&ABOUT],
        operands: Operands::Shell,
        usage: "nsbox completions bash|zsh|fish",
        help: "Prints what makes a shell complete the words of nsbox",
        more: "For bash, put it into ~/.local/share/bash-completion/completions/nsbox; for zsh, into a file _nsbox in a \
               folder of fpath; for fish, into ~/.config/fish/completions/nsbox.fish. Or read it where the shell \
               starts, as in: source <(nsbox completions bash).",
    },
];

/// The command that a command line without one means.
pub const IMPLIED: &Command = &ALL[0];

/// Finds a command by its name.
pub fn named(name: &str) -> Option<&'static Command> {
    ALL.iter().find(|command| command.name == name)
}

impl Command {
    /// Its flags, in the order of the help.
    pub fn flags(&self) -> impl Iterator<Item = &'static Flag> + use<> {
        self.groups.iter().flat_map(|group| group.flags)
    }
}
