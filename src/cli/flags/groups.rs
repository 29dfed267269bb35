//! Every flag, in groups, in the order of the help.

use super::Repeated::{Adds, Replaces};
use super::{Flag, Group, Meaning, Use, key, switch};
use crate::cli::invocation::{Verbosity, View};

/// Which profile, and any key of it.
pub const PROFILE: Group = Group {
    heading: "Profile",
    flags: &[
        Flag {
            name: "--profile",
            short: None,
            value: Some("NAME|FILE"),
            meaning: Meaning::Profile,
            help: "Chooses the profile [default: shell]",
            more: "A bare name is an installed profile (`nsbox profiles` lists them), never a file of the current \
                   folder. A word with a slash is a file. A word like `shell.toml` is the file of that name if there \
                   is one here, else the installed profile.",
        },
        Flag {
            name: "--set",
            short: None,
            value: Some("KEY=VALUE"),
            meaning: Meaning::Set,
            help: "Sets any key of the profile, as a dotted TOML key",
            more: "The value is TOML, so a string is quoted: --set 'identity.hostname=\"box\"'. Lists append to what the \
                   profile says.",
        },
    ],
};

/// What can be seen and changed.
pub const FILES: Group = Group {
    heading: "Files",
    flags: &[
        key(
            "--read",
            "PATH[:INSIDE]",
            ("filesystem.read", Adds),
            "Shows a file or folder, read-only",
            "With `:INSIDE` it appears at that path inside instead of its own. What is not named by the profile or a \
             flag is not there.",
        ),
        key(
            "--write",
            "PATH[:INSIDE]",
            ("filesystem.write", Adds),
            "Shows a file or folder, and lets the command change it",
            "What is written there is written on the host, and stays.",
        ),
        key(
            "--hide",
            "PATH",
            ("filesystem.hide", Adds),
            "Makes a file or folder inside a visible one look empty",
            "A pattern, in quotes, hides all that fits when the sandbox starts: './**/.env*'.",
        ),
        key(
            "--tmpfs",
            "PATH[:SIZE]",
            ("filesystem.tmpfs", Adds),
            "Puts an empty folder in memory there",
            "Writable, and gone when the command ends. The size is in bytes or with a unit, such as 64M or 1G; \
             without one, all such folders share a bound of half the memory.",
        ),
        key(
            "--symlink",
            "LINK=TARGET",
            ("filesystem.symlinks", Adds),
            "Makes a symbolic link inside",
            "In the order of the profile's table: the link first, then what it points to.",
        ),
        key(
            "--device",
            "PATH",
            ("filesystem.devices", Adds),
            "Lets the command use a device of the host",
            "As far as its permissions let you use it. In a profile, an entry may be optional.",
        ),
        key(
            "--grant-args",
            "ACCESS",
            ("command.grant-args", Replaces),
            "Shows the files that the command's arguments name: none, read or write",
            "Each argument that is the path of a file or folder is opened as by --read or --write. Options, URLs and \
             words that name nothing are left alone.",
        ),
        key("--drop", "PATH", ("filesystem.drop", Adds), "Takes back an entry that the profile has for a path", ""),
    ],
};

/// What the command is given.
pub const COMMAND: Group = Group {
    heading: "Command",
    flags: &[
        key(
            "--directory",
            "DIR",
            ("command.directory", Replaces),
            "Starts the command in this folder inside",
            "Without it, in the current folder if that is visible inside, else in the home folder.",
        ),
        key("--env", "NAME=VALUE", ("environment.set", Adds), "Sets a variable of the command's environment", ""),
        key(
            "--inherit-env",
            "GLOB",
            ("environment.inherit", Adds),
            "Lets variables of the caller's environment in",
            "By name, or by a pattern such as 'LC_*'. No other variable crosses over.",
        ),
        key(
            "--user",
            "USER",
            ("identity.user", Replaces),
            "Chooses who the command is inside: self, root, nobody or a uid",
            "Whoever it is inside, on the host it acts as the caller, and root inside is root of nothing outside.",
        ),
        key(
            "--group",
            "GROUP",
            ("identity.group", Replaces),
            "Chooses its group inside: self, root, nobody or a gid",
            "",
        ),
        key("--hostname", "NAME", ("identity.hostname", Replaces), "Chooses the host name inside", ""),
        key(
            "--terminal",
            "MODE",
            ("terminal.mode", Replaces),
            "Chooses the terminal: shared or private",
            "`shared` is yours, under job control; `private` is one of the sandbox's own: keystrokes and output are passed \
             on, and yours is out of the command's reach.",
        ),
        Flag {
            name: "--keep-fd",
            short: None,
            value: Some("N"),
            meaning: Meaning::Descriptor(Use::Keep),
            help: "Passes the open descriptor N on to the command",
            more: "Beside 0, 1 and 2 no descriptor crosses over that is not named here. An open folder is refused: \
                   every path of the host leads on from it.",
        },
    ],
};

/// What can be reached beyond files.
pub const REACH: Group = Group {
    heading: "Network and system calls",
    flags: &[
        key(
            "--network",
            "MODE",
            ("network.mode", Replaces),
            "Chooses what can be reached over the network: none or host",
            "`none` is a loopback interface of the sandbox's own, and nothing else; `host` is the host's network as \
             it is, its local services included.",
        ),
        key(
            "--syscalls",
            "POLICY",
            ("syscalls.policy", Replaces),
            "Chooses the policy for system calls: default, strict or none",
            "",
        ),
        key(
            "--allow-syscall",
            "NAME",
            ("syscalls.allow", Adds),
            "Allows a system call, or a @group, beyond the policy",
            "What the policy allows under conditions is then allowed without them. `nsbox-profile(5)` lists the groups.",
        ),
        key(
            "--deny-syscall",
            "NAME",
            ("syscalls.deny", Adds),
            "Denies a system call, or a @group, whatever allows it",
            "",
        ),
    ],
};

/// What it may use up.
pub const LIMITS: Group = Group {
    heading: "Limits",
    flags: &[key(
        "--limit",
        "NAME=VALUE",
        ("limits", Adds),
        "Limits processes, open-files, file-size, wall-time and more",
        "For example processes=512, open-files=1024, file-size=1G or wall-time=10m; also core-size, address-space, \
         stack-size, locked-memory and cpu-time. A command whose wall time is up gets SIGTERM, then SIGKILL five \
         seconds later, and nsbox exits with 124.",
    )],
};

/// The same as the text, in a form that stays the same.
const JSON: Flag = switch("--json", None, Meaning::Show(View::Json), "Prints JSON, for programs", "");

/// What `verify` shows.
pub const REPORT: Group = Group { heading: "View", flags: &[JSON] };

/// What `doctor` shows.
pub const DIAGNOSIS: Group = Group {
    heading: "View",
    flags: &[
        JSON,
        switch(
            "--apparmor",
            None,
            Meaning::Show(View::AppArmor),
            "Prints an AppArmor profile for nsbox where it is installed",
            "With it, nsbox works where Ubuntu restricts user namespaces: nsbox doctor --apparmor | sudo tee \
             /etc/apparmor.d/nsbox && sudo apparmor_parser -r /etc/apparmor.d/nsbox",
        ),
    ],
};

/// What `plan` shows.
pub const VIEW: Group = Group {
    heading: "View",
    flags: &[
        JSON,
        switch(
            "--diff",
            None,
            Meaning::Diff,
            "Compares two profiles instead: plan --diff PROFILE PROFILE",
            "Says what holds under one of them and not under the other, with the lines that say so. Options that come \
             before the two apply to both. Exits with 0 if they allow the same, and with 1 if not.",
        ),
        switch(
            "--steps",
            None,
            Meaning::Show(View::Steps),
            "Prints the steps of a launch in their order, each with its reason",
            "",
        ),
    ],
};

/// What `desktop add` writes.
pub const ENTRY: Group = Group {
    heading: "Adding",
    flags: &[
        Flag {
            name: "--profile",
            short: None,
            value: Some("NAME|FILE"),
            meaning: Meaning::Profile,
            help: "Chooses the profile that the program starts under",
            more: "Without it, an entry that was added before keeps its profile, and any other has the one that suits its \
                   categories: browser, viewer, game, or else desktop.",
        },
        switch(
            "--command",
            None,
            Meaning::Launcher,
            "Also writes a launcher into ~/.local/bin, named after the program",
            "It is a script of two lines, and for shells whose PATH has that folder before the program's own.",
        ),
    ],
};

/// How much nsbox says.
pub const MESSAGES: Group = Group {
    heading: "Messages",
    flags: &[
        switch("--quiet", Some('q'), Meaning::Say(Verbosity::Quiet), "Says nothing but errors", ""),
        switch(
            "--verbose",
            Some('v'),
            Meaning::Say(Verbosity::Verbose),
            "Says more: a line for each step of a launch, each entry of a plan by itself",
            "",
        ),
    ],
};

/// What programs say that plan before they run.
pub const PROGRAMS: Group = Group {
    heading: "For programs",
    flags: &[Flag {
        name: "--plan-fd",
        short: None,
        value: Some("N"),
        meaning: Meaning::Descriptor(Use::Plan),
        help: "Takes the whole plan from descriptor N instead",
        more: "As `nsbox plan --json` prints it. No other option that changes the sandbox can stand beside it. A command on the command line takes the \
                   place of the plan's own.",
    }],
};

/// What programs want to know of a run.
pub const EVENTS: Group = Group {
    heading: "For programs",
    flags: &[Flag {
        name: "--status-fd",
        short: None,
        value: Some("N"),
        meaning: Meaning::Descriptor(Use::Status),
        help: "Writes what becomes of the run to descriptor N, as lines of JSON",
        more: "A line when the command has taken over, with the pids and namespaces, and one when it has ended or \
               could not be started. nsbox(1) describes them. The descriptor does not cross over to the command.",
    }],
};

/// About nsbox itself.
pub const ABOUT: Group = Group {
    heading: "About",
    flags: &[
        switch("--help", Some('h'), Meaning::Help, "Prints this help; -h in short, --help in full", ""),
        switch("--version", Some('V'), Meaning::Version, "Prints the version", ""),
    ],
};
