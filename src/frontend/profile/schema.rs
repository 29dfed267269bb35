//! The one table of keys: from it come reading, suggestions, the manual and `--set`.

use super::calls;
use super::entries;
use super::environment;
use super::form::Form;
use super::merged::{Dev, Nested, Network, Proc, Programs, Protection, Terminal};
use super::reader::{Choice, Reader, words};
use super::tree::Node;
use super::values;
use crate::frontend::syscalls::Policy;
use crate::plan::{Access, OnDenied, Resource, RootAccess};
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

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}: {})", self.name, self.form)
    }
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
        name: "identity.subordinate-ids",
        form: Form::Boolean,
        summary: "Whether the ids that /etc/subuid and /etc/subgid lend to the caller exist inside",
        default: "false",
        example: "subordinate-ids = true",
        apply: |reader, node| {
            reader.profile.subordinate_ids = reader.boolean(node).or(reader.profile.subordinate_ids.take());
        },
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
        name: "namespaces.ipc",
        form: Form::Boolean,
        summary: "Whether System V and POSIX IPC are the sandbox's own",
        default: "true",
        example: "ipc = true",
        apply: |reader, node| reader.profile.ipc = reader.boolean(node).or(reader.profile.ipc.take()),
    },
    Key {
        name: "namespaces.uts",
        form: Form::Boolean,
        summary: "Whether the host name is the sandbox's own",
        default: "true",
        example: "uts = true",
        apply: |reader, node| reader.profile.uts = reader.boolean(node).or(reader.profile.uts.take()),
    },
    Key {
        name: "namespaces.cgroup",
        form: Form::Boolean,
        summary: "Whether the view of cgroups is the sandbox's own",
        default: "true",
        example: "cgroup = true",
        apply: |reader, node| reader.profile.cgroup = reader.boolean(node).or(reader.profile.cgroup.take()),
    },
    Key {
        name: "namespaces.nested",
        form: Form::Choice(words::<Nested>),
        summary: "Whether the payload may make user namespaces, and so sandboxes of its own",
        default: r#""deny""#,
        example: r#"nested = "allow""#,
        apply: |reader, node| reader.profile.nested = reader.choice(node).or(reader.profile.nested.take()),
    },
    Key {
        name: "namespaces.time",
        form: Form::Clocks,
        summary: "How far two clocks are set forward inside; a time namespace is made only for this",
        default: "none",
        example: r#"time = { boottime = "7d", monotonic = "1h30m" }"#,
        apply: values::clocks,
    },
    Key {
        name: "filesystem.root",
        form: Form::Root,
        summary: "What `/` is: nsbox's own root of nothing, or a folder of the host, such as an unpacked image",
        default: r#""tmpfs""#,
        example: r#"root = { directory = "/srv/debian", access = "discard" }"#,
        apply: entries::root,
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
        name: "filesystem.devices",
        form: Form::Devices,
        summary: "Devices of the host that can be used as such",
        default: "none",
        example: r#"devices = ["/dev/fuse", { path = "/dev/kvm", optional = true }]"#,
        apply: entries::devices,
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
        name: "filesystem.files",
        form: Form::Files,
        summary: "Small files to make, each with its text; read-only but in a `tmpfs`",
        default: "none",
        example: r#"files = { "/etc/machine" = "sandbox" }"#,
        apply: entries::files,
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
        summary: "What is at `/proc`: a new procfs that shows the sandbox's processes only, the host's, or nothing",
        default: r#""new""#,
        example: r#"proc = "none""#,
        apply: |reader, node| reader.profile.proc = reader.choice(node).or(reader.profile.proc.take()),
    },
    Key {
        name: "filesystem.dev",
        form: Form::Choice(words::<Dev>),
        summary: "What is at `/dev`: null, zero and the like with terminals and shared memory, the host's devices, or nothing",
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
        apply: environment::inherit,
    },
    Key {
        name: "environment.set",
        form: Form::Variables,
        summary: "Variables with their values; they win over inherited ones and over HOME, USER, LOGNAME, SHELL and PWD",
        default: "none",
        example: r#"set = { PATH = "/usr/local/bin:/usr/bin:/bin" }"#,
        apply: environment::set,
    },
    Key {
        name: "environment.drop",
        form: Form::Patterns,
        summary: "Takes back what an inherited profile lets in or sets, by the same name or pattern",
        default: "none",
        example: r#"drop = ["LC_*", "EDITOR"]"#,
        apply: environment::drops,
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
        apply: |reader, node| {
            reader.profile.syscalls.policy = reader.choice(node).or(reader.profile.syscalls.policy.take());
        },
    },
    Key {
        name: "syscalls.allow",
        form: Form::Calls,
        summary: "System calls, and groups of them, that are allowed beyond the policy",
        default: "none",
        example: r#"allow = ["perf_event_open", "@keyring"]"#,
        apply: calls::allow,
    },
    Key {
        name: "syscalls.deny",
        form: Form::Calls,
        summary: "System calls, and groups of them, that are denied, whoever allows them",
        default: "none",
        example: r#"deny = ["ptrace", "@network"]"#,
        apply: calls::deny,
    },
    Key {
        name: "syscalls.drop",
        form: Form::Calls,
        summary: "Takes back what an inherited profile allows or denies by these words",
        default: "none",
        example: r#"drop = ["ptrace"]"#,
        apply: calls::drops,
    },
    Key {
        name: "syscalls.on-denied",
        form: Form::Choice(words::<OnDenied>),
        summary: "What happens to a call that is refused: it fails, it ends the process, or it fails and is logged",
        default: r#""errno""#,
        example: r#"on-denied = "kill""#,
        apply: |reader, node| {
            reader.profile.syscalls.on_denied = reader.choice(node).or(reader.profile.syscalls.on_denied.take());
        },
    },
    Key {
        name: "syscalls.architectures",
        form: Form::Choices(words::<Programs>),
        summary: "Whose programs run: the machine's own, and with `x86` also those of 32 bits",
        default: r#"["native"]"#,
        example: r#"architectures = ["native", "x86"]"#,
        apply: calls::architectures,
    },
    Key {
        name: "capabilities.keep",
        form: Form::Capabilities,
        summary: "What the payload keeps of root's powers, over its own ids only",
        default: "chown, dac-override, fowner, fsetid, setgid and setuid for root with subordinate ids, else none",
        example: r#"keep = ["chown", "setuid", "setgid"]"#,
        apply: values::keep,
    },
    Key {
        name: "limits.processes",
        form: Form::Count,
        summary: "How many processes and threads there may be in the sandbox",
        default: "the caller's limit",
        example: "processes = 512",
        apply: |reader, node| values::limit(reader, node, Resource::Processes),
    },
    Key {
        name: "limits.open-files",
        form: Form::Count,
        summary: "How many files one process may have open",
        default: "the caller's limit",
        example: "open-files = 1024",
        apply: |reader, node| values::limit(reader, node, Resource::OpenFiles),
    },
    Key {
        name: "limits.file-size",
        form: Form::Size,
        summary: "How large a file may become that the command writes",
        default: "the caller's limit",
        example: r#"file-size = "1G""#,
        apply: |reader, node| values::limit(reader, node, Resource::FileSize),
    },
    Key {
        name: "limits.wall-time",
        form: Form::Span,
        summary: "How long the command may run, before it is ended and nsbox exits with 124",
        default: "no limit",
        example: r#"wall-time = "10m""#,
        apply: values::wall_time,
    },
    Key {
        name: "terminal.mode",
        form: Form::Choice(words::<Terminal>),
        summary: "Which terminal the payload talks to: the caller's, or one of the sandbox's own",
        default: r#""shared""#,
        example: r#"mode = "private""#,
        apply: |reader, node| reader.profile.terminal = reader.choice(node).or(reader.profile.terminal.take()),
    },
    Key {
        name: "protections.best-effort",
        form: Form::Choices(words::<Protection>),
        summary: "Protections that may be missing where the kernel has none, with a warning",
        default: "none",
        example: r#"best-effort = ["landlock-scopes"]"#,
        apply: values::best_effort,
    },
];

impl Choice for RootAccess {
    const WORDS: &'static [(&'static str, Self)] =
        &[("read", Self::Read), ("write", Self::Write), ("discard", Self::Discard)];
}

impl Choice for Nested {
    const WORDS: &'static [(&'static str, Self)] = &[("deny", Self::Deny), ("allow", Self::Allow)];
}

impl Choice for Terminal {
    const WORDS: &'static [(&'static str, Self)] = &[("shared", Self::Shared), ("private", Self::Private)];
}

impl Choice for Protection {
    const WORDS: &'static [(&'static str, Self)] =
        &[("landlock-scopes", Self::LandlockScopes), ("user-namespace-limit", Self::UserNamespaceLimit)];
}

impl Choice for Programs {
    const WORDS: &'static [(&'static str, Self)] = &[("native", Self::Native), ("x86", Self::X86)];
}

impl Choice for Proc {
    const WORDS: &'static [(&'static str, Self)] =
        &[("new", Self::New), ("existing", Self::Existing), ("none", Self::None)];
}

impl Choice for Dev {
    const WORDS: &'static [(&'static str, Self)] =
        &[("minimal", Self::Minimal), ("host", Self::Host), ("none", Self::None)];
}

impl Choice for Network {
    const WORDS: &'static [(&'static str, Self)] = &[("none", Self::None), ("host", Self::Host)];
}

impl Choice for OnDenied {
    const WORDS: &'static [(&'static str, Self)] = &[("errno", Self::Errno), ("kill", Self::Kill), ("log", Self::Log)];
}

impl Choice for Policy {
    const WORDS: &'static [(&'static str, Self)] =
        &[("default", Self::Default), ("strict", Self::Strict), ("none", Self::None)];
}
