//! The one table of keys: from it come reading, suggestions, the manual and `--set`.

use super::entries;
use super::merged::{Dev, Network, Proc};
use super::reader::{Choice, Reader, words};
use super::tree::Node;
use super::values;
use crate::frontend::syscalls::Policy;
use crate::plan::Access;
use std::fmt;

/// A key of the profile language.
pub struct Key {
    /// Its dotted name: `filesystem.read`.
    pub name: &'static str,
    /// What its value looks like.
    pub form: Form,
    /// What it says, in one line.
    pub summary: &'static str,
    /// What holds where nobody says it.
    pub default: &'static str,
    /// A line that sets it, as it stands in its section.
    pub example: &'static str,
    /// Applies a value to what earlier profiles said, and thereby knows how the two merge.
    pub(super) apply: fn(&mut Reader<'_>, &Node),
}

/// What the value of a key looks like.
#[derive(Clone, Copy)]
pub enum Form {
    /// A string.
    Text,
    /// One of a few words.
    Choice(fn() -> Vec<&'static str>),
    /// A word for a user or group, or its number.
    Id,
    /// A list of strings, replaced as a whole.
    Words,
    /// A list of profile names.
    Profiles,
    /// A list of paths, or of tables with `path`, `from` and `optional`.
    Binds,
    /// A list of paths.
    Paths,
    /// A list of paths, or of tables with `path`, `size` and `mode`.
    Tmpfs,
    /// A table from path to target.
    Symlinks,
    /// A list of names with `*`, or `"all"`.
    Patterns,
    /// A table from name to value.
    Variables,
}

impl fmt::Display for Form {
    /// Names the form as in "expected a list of paths".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a string",
            Self::Choice(words) => return write!(f, "one of {}", quoted(&words())),
            Self::Id => "`self`, `root`, `nobody` or a number",
            Self::Words => "a list of strings",
            Self::Profiles => "a list of profile names",
            Self::Binds => "a list of paths, or of tables with `path`, `from` and `optional`",
            Self::Paths => "a list of paths",
            Self::Tmpfs => "a list of paths, or of tables with `path`, `size` and `mode`",
            Self::Symlinks => "a table from path to target",
            Self::Patterns => "a list of names, in which `*` stands for anything, or `\"all\"`",
            Self::Variables => "a table from name to value",
        })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}: {})", self.name, self.form)
    }
}

/// Words in backticks, with commas.
pub fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The key of that dotted name.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Every key that a profile can hold, by section.
pub static KEYS: &[Key] = &[
    Key {
        name: "description",
        form: Form::Text,
        summary: "What the profile is for, in one line; `nsbox profiles` shows it",
        default: "none",
        example: r#"description = "An interactive shell without network""#,
        apply: |reader, node| reader.profile.description = reader.text(node).or(reader.profile.description.take()),
    },
    Key {
        name: "extends",
        form: Form::Profiles,
        summary: "Profiles that this one builds on, merged from left to right, this one last",
        default: "none",
        example: r#"extends = ["base"]"#,
        // The chain has been followed before anything is applied.
        apply: |reader, node| {
            if node.place.text().is_flag() {
                reader.report(node.place.error("`extends` cannot be set by a flag").hint("choose with `--profile`"));
            }
        },
    },
    Key {
        name: "command.argv",
        form: Form::Words,
        summary: "The command and its arguments, used when the command line names none",
        default: "none",
        example: r#"argv = ["bash", "--login"]"#,
        apply: values::argv,
    },
    Key {
        name: "command.directory",
        form: Form::Text,
        summary: "The working directory inside; the home folder, then `/`, where the caller's is not visible",
        default: r#""${PWD}""#,
        example: r#"directory = "/tmp""#,
        apply: values::directory,
    },
    Key {
        name: "identity.user",
        form: Form::Id,
        summary: "Who the payload is inside: `self`, `root`, `nobody` or a user id",
        default: r#""self""#,
        example: r#"user = "root""#,
        apply: |reader, node| reader.profile.user = reader.id(node).or(reader.profile.user.take()),
    },
    Key {
        name: "identity.group",
        form: Form::Id,
        summary: "The payload's group inside: `self`, `root`, `nobody` or a group id",
        default: "`root` or `nobody` where `user` is that, else `self`",
        example: "group = 1000",
        apply: |reader, node| reader.profile.group = reader.id(node).or(reader.profile.group.take()),
    },
    Key {
        name: "identity.hostname",
        form: Form::Text,
        summary: "The host name inside",
        default: r#""nsbox""#,
        example: r#"hostname = "cage""#,
        apply: values::hostname,
    },
    Key {
        name: "filesystem.read",
        form: Form::Binds,
        summary: "Files and folders of the host that are visible and read-only",
        default: "none",
        example: r#"read = ["/usr", { path = "/data", from = "${HOME}/datasets", optional = true }]"#,
        apply: |reader, node| entries::binds(reader, node, Access::Read),
    },
    Key {
        name: "filesystem.write",
        form: Form::Binds,
        summary: "Files and folders of the host that are visible and writable",
        default: "none",
        example: r#"write = ["${PWD}"]"#,
        apply: |reader, node| entries::binds(reader, node, Access::Write),
    },
    Key {
        name: "filesystem.hide",
        form: Form::Paths,
        summary: "Files and folders that look empty, inside a tree that is visible; also by patterns with `*`, `?` and `**`",
        default: "none",
        example: r#"hide = ["${PROJECT}/.env*", "${PROJECT}/**/id_*"]"#,
        apply: entries::hidden,
    },
    Key {
        name: "filesystem.tmpfs",
        form: Form::Tmpfs,
        summary: "Empty writable folders in memory, gone when the sandbox ends",
        default: "none",
        example: r#"tmpfs = ["/tmp", { path = "${HOME}", size = "1G", mode = "0700" }]"#,
        apply: entries::tmpfs,
    },
    Key {
        name: "filesystem.symlinks",
        form: Form::Symlinks,
        summary: "Symlinks to make, each with its target",
        default: "none",
        example: r#"symlinks = { "/etc/mtab" = "/proc/self/mounts" }"#,
        apply: entries::symlinks,
    },
    Key {
        name: "filesystem.drop",
        form: Form::Paths,
        summary: "Takes back what an inherited profile, or nsbox itself, has at these paths",
        default: "none",
        example: r#"drop = ["/opt"]"#,
        apply: entries::drops,
    },
    Key {
        name: "filesystem.proc",
        form: Form::Choice(words::<Proc>),
        summary: "What is at `/proc`: a new procfs that shows the sandbox's processes only, or nothing",
        default: r#""new""#,
        example: r#"proc = "none""#,
        apply: |reader, node| reader.profile.proc = reader.choice(node).or(reader.profile.proc.take()),
    },
    Key {
        name: "filesystem.dev",
        form: Form::Choice(words::<Dev>),
        summary: "What is at `/dev`: null, zero, full, random, urandom, tty, terminals and shared memory, or nothing",
        default: r#""minimal""#,
        example: r#"dev = "none""#,
        apply: |reader, node| reader.profile.dev = reader.choice(node).or(reader.profile.dev.take()),
    },
    Key {
        name: "environment.inherit",
        form: Form::Patterns,
        summary: "The caller's variables that cross over, by name",
        default: "none",
        example: r#"inherit = ["TERM", "LANG", "LC_*"]"#,
        apply: values::inherit,
    },
    Key {
        name: "environment.set",
        form: Form::Variables,
        summary: "Variables with their values; they win over inherited ones and over HOME, USER, LOGNAME, SHELL and PWD",
        default: "none",
        example: r#"set = { PATH = "/usr/local/bin:/usr/bin:/bin" }"#,
        apply: values::set,
    },
    Key {
        name: "network.mode",
        form: Form::Choice(words::<Network>),
        summary: "What the payload can reach: its own loopback only, or the host's network",
        default: r#""none""#,
        example: r#"mode = "host""#,
        apply: |reader, node| reader.profile.network = reader.choice(node).or(reader.profile.network.take()),
    },
    Key {
        name: "syscalls.policy",
        form: Form::Choice(words::<Policy>),
        summary: "Which system calls the kernel answers",
        default: r#""default""#,
        example: r#"policy = "strict""#,
        apply: |reader, node| reader.profile.syscalls = reader.choice(node).or(reader.profile.syscalls.take()),
    },
];

impl Choice for Proc {
    const WORDS: &'static [(&'static str, Self)] = &[("new", Self::New), ("none", Self::None)];
}

impl Choice for Dev {
    const WORDS: &'static [(&'static str, Self)] = &[("minimal", Self::Minimal), ("none", Self::None)];
}

impl Choice for Network {
    const WORDS: &'static [(&'static str, Self)] = &[("none", Self::None), ("host", Self::Host)];
}

impl Choice for Policy {
    const WORDS: &'static [(&'static str, Self)] =
        &[("default", Self::Default), ("strict", Self::Strict), ("none", Self::None)];
}
