//! What the words of a command line mean, as data.

use super::completions::Shell;
use nsbox::frontend::profile::Request;
use std::ffi::OsString;
use std::path::PathBuf;

/// What nsbox was asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invocation {
    /// Run a command in a sandbox.
    Run(Run),
    /// Show what such a run would do.
    Plan(Run, View),
    /// Show what two profiles do not have in common.
    Diff(Comparison),
    /// List the profiles that can be named, or what one of them says with all that it builds on.
    Profiles(Option<OsString>),
    /// Show what is answered to system calls.
    Syscalls(Inquiry),
    /// Say what this host allows.
    Doctor(View),
    /// Attack the promises of such a run from inside.
    Verify(Verification),
    /// Make entries of the desktop start their programs in a sandbox.
    Desktop(Entries),
    /// Print what makes this shell complete command lines.
    Completions(Shell),
    /// Validate these profiles.
    Check(Vec<PathBuf>),
    /// Print the help of nsbox, or of one of its commands.
    Help(Option<&'static str>, Detail),
    /// Print the version.
    Version,
    /// Nothing: not one word was given.
    Nothing,
}

/// A command line that runs a command, or would.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The profile, the flags that stand for its keys, and the command.
    pub request: Request,
    /// The descriptor that a whole plan is read from, instead of all but the command of the request.
    pub plan: Option<i32>,
    /// How much nsbox says on the way.
    pub verbosity: Verbosity,
    /// The descriptor to which it says the same for programs.
    pub status: Option<i32>,
}

/// Two profiles to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The profiles, as they were named.
    pub profiles: [OsString; 2],
    /// What applies to both.
    pub run: Run,
    /// For people, or for programs.
    pub view: View,
}

/// A sandbox whose promises are attacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// What is promised, and, where a plan is read, what is made instead.
    pub run: Run,
    /// For people, or for programs.
    pub view: View,
}

/// What is done with desktop entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entries {
    /// Write one.
    Add(Addition),
    /// Show those that nsbox has written.
    List,
    /// Take these back.
    Remove(Vec<OsString>),
}

/// A desktop entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The entry of the program, as it was named.
    pub name: OsString,
    /// The profile, if any was named.
    pub profile: Option<OsString>,
    /// Whether a launcher for the command line is written too.
    pub launcher: bool,
}

/// A question about system calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// The name or number of one, or a group; without a word, about all groups.
    pub calls: Option<OsString>,
    /// The profile whose answers are wanted beside those of the policies, if any is named.
    pub request: Request,
}

/// How much nsbox says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors.
    Quiet,
    /// Errors and warnings.
    #[default]
    Normal,
    /// Every step, every entry.
    Verbose,
}

/// What `plan` and `doctor` show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// An explanation for people.
    #[default]
    Explanation,
    /// The same for programs.
    Json,
    /// The steps of a launch, and why each is there.
    Steps,
    /// A profile for AppArmor.
    AppArmor,
}

/// How much of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// A line a flag.
    Short,
    /// All there is to say.
    Long,
}
