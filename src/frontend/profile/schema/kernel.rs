//! The keys of what the kernel lets it reach and do: namespaces, network, system calls, capabilities, limits, protections.

use super::Key;
use crate::frontend::profile::form::Form;
use crate::frontend::profile::merged::{Nested, Network, Programs, Protection, Terminal};
use crate::frontend::profile::reader::{Choice, words};
use crate::frontend::profile::{calls, values};
use crate::frontend::syscalls::Policy;
use crate::plan::{OnDenied, Resource};

/// `[namespaces]`.
pub static NAMESPACES: &[Key] = &[
    Key {
        name: "namespaces.ipc",
        form: Form::Boolean,
        default: "true",
        example: "ipc = true",
        apply: |reader, node| reader.profile.ipc = reader.boolean(node).or(reader.profile.ipc.take()),
    },
    Key {
        name: "namespaces.uts",
        form: Form::Boolean,
        default: "true",
        example: "uts = true",
        apply: |reader, node| reader.profile.uts = reader.boolean(node).or(reader.profile.uts.take()),
    },
    Key {
        name: "namespaces.cgroup",
        form: Form::Boolean,
        default: "true",
        example: "cgroup = true",
        apply: |reader, node| reader.profile.cgroup = reader.boolean(node).or(reader.profile.cgroup.take()),
    },
    Key {
        name: "namespaces.nested",
        form: Form::Choice(words::<Nested>),
        default: r#""deny""#,
        example: r#"nested = "allow""#,
        apply: |reader, node| reader.profile.nested = reader.choice(node).or(reader.profile.nested.take()),
    },
    Key {
        name: "namespaces.time",
        form: Form::Clocks,
        default: "none",
        example: r#"time = { boottime = "7d", monotonic = "1h30m" }"#,
        apply: values::clocks,
    },
];

/// `[network]`.
pub static NETWORK: &[Key] = &[Key {
    name: "network.mode",
    form: Form::Choice(words::<Network>),
    default: r#""none""#,
    example: r#"mode = "host""#,
    apply: |reader, node| reader.profile.network = reader.choice(node).or(reader.profile.network.take()),
}];

/// `[syscalls]`.
pub static SYSCALLS: &[Key] = &[
    Key {
        name: "syscalls.policy",
        form: Form::Choice(words::<Policy>),
        default: r#""default""#,
        example: r#"policy = "strict""#,
        apply: |reader, node| {
            reader.profile.syscalls.policy = reader.choice(node).or(reader.profile.syscalls.policy.take());
        },
    },
    Key {
        name: "syscalls.allow",
        form: Form::Calls,
        default: "none",
        example: r#"allow = ["perf_event_open", "@keyring"]"#,
        apply: calls::allow,
    },
    Key {
        name: "syscalls.deny",
        form: Form::Calls,
        default: "none",
        example: r#"deny = ["ptrace", "@network"]"#,
        apply: calls::deny,
    },
    Key {
        name: "syscalls.drop",
        form: Form::Calls,
        default: "none",
        example: r#"drop = ["ptrace"]"#,
        apply: calls::drops,
    },
    Key {
        name: "syscalls.on-denied",
        form: Form::Choice(words::<OnDenied>),
        default: r#""errno""#,
        example: r#"on-denied = "kill""#,
        apply: |reader, node| {
            reader.profile.syscalls.on_denied = reader.choice(node).or(reader.profile.syscalls.on_denied.take());
        },
    },
    Key {
        name: "syscalls.architectures",
        form: Form::Choices(words::<Programs>),
        default: r#"["native"]"#,
        example: r#"architectures = ["native", "x86"]"#,
        apply: calls::architectures,
    },
];

/// `[capabilities]`.
pub static CAPABILITIES: &[Key] = &[Key {
    name: "capabilities.keep",
    form: Form::Capabilities,
    default: "chown, dac-override, fowner, fsetid, setgid and setuid for root with subordinate ids, else none",
    example: r#"keep = ["chown", "setuid", "setgid"]"#,
    apply: values::keep,
}];

/// `[limits]`.
pub static LIMITS: &[Key] = &[
    Key {
        name: "limits.processes",
        form: Form::Count,
        default: "the caller's limit",
        example: "processes = 512",
        apply: |reader, node| values::limit(reader, node, Resource::Processes),
    },
    Key {
        name: "limits.open-files",
        form: Form::Count,
        default: "the caller's limit",
        example: "open-files = 1024",
        apply: |reader, node| values::limit(reader, node, Resource::OpenFiles),
    },
    Key {
        name: "limits.file-size",
        form: Form::Size,
        default: "the caller's limit",
        example: r#"file-size = "1G""#,
        apply: |reader, node| values::limit(reader, node, Resource::FileSize),
    },
    Key {
        name: "limits.core-size",
        form: Form::Size,
        default: "0",
        example: r#"core-size = "100M""#,
        apply: |reader, node| values::limit(reader, node, Resource::CoreSize),
    },
    Key {
        name: "limits.address-space",
        form: Form::Size,
        default: "the caller's limit",
        example: r#"address-space = "4G""#,
        apply: |reader, node| values::limit(reader, node, Resource::AddressSpace),
    },
    Key {
        name: "limits.stack-size",
        form: Form::Size,
        default: "the caller's limit",
        example: r#"stack-size = "8M""#,
        apply: |reader, node| values::limit(reader, node, Resource::StackSize),
    },
    Key {
        name: "limits.locked-memory",
        form: Form::Size,
        default: "the caller's limit",
        example: r#"locked-memory = "64K""#,
        apply: |reader, node| values::limit(reader, node, Resource::LockedMemory),
    },
    Key {
        name: "limits.cpu-time",
        form: Form::Span,
        default: "the caller's limit",
        example: r#"cpu-time = "5m""#,
        apply: |reader, node| values::limit(reader, node, Resource::CpuTime),
    },
    Key {
        name: "limits.wall-time",
        form: Form::Span,
        default: "no limit",
        example: r#"wall-time = "10m""#,
        apply: values::wall_time,
    },
];

/// `[terminal]`.
pub static TERMINAL: &[Key] = &[Key {
    name: "terminal.mode",
    form: Form::Choice(words::<Terminal>),
    default: r#""shared""#,
    example: r#"mode = "private""#,
    apply: |reader, node| reader.profile.terminal = reader.choice(node).or(reader.profile.terminal.take()),
}];

/// `[protections]`.
pub static PROTECTIONS: &[Key] = &[Key {
    name: "protections.best-effort",
    form: Form::Choices(words::<Protection>),
    default: "none",
    example: r#"best-effort = ["landlock-scopes"]"#,
    apply: values::best_effort,
}];

impl Choice for Nested {
    const WORDS: &'static [(&'static str, Self)] = &[("deny", Self::Deny), ("allow", Self::Allow)];
}

impl Choice for Network {
    const WORDS: &'static [(&'static str, Self)] = &[("none", Self::None), ("host", Self::Host)];
}

impl Choice for Policy {
    const WORDS: &'static [(&'static str, Self)] =
        &[("default", Self::Default), ("strict", Self::Strict), ("none", Self::None)];
}

impl Choice for OnDenied {
    const WORDS: &'static [(&'static str, Self)] = &[("errno", Self::Errno), ("kill", Self::Kill), ("log", Self::Log)];
}

impl Choice for Programs {
    const WORDS: &'static [(&'static str, Self)] = &[("native", Self::Native), ("x86", Self::X86)];
}

impl Choice for Terminal {
    const WORDS: &'static [(&'static str, Self)] = &[("shared", Self::Shared), ("private", Self::Private)];
}

impl Choice for Protection {
    const WORDS: &'static [(&'static str, Self)] =
        &[("landlock-scopes", Self::LandlockScopes), ("user-namespace-limit", Self::UserNamespaceLimit)];
}
