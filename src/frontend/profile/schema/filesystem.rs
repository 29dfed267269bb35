//! The keys of `[filesystem]`: what can be seen and changed.

use super::Key;
use crate::frontend::profile::entries;
use crate::frontend::profile::form::Form;
use crate::frontend::profile::merged::{Dev, Proc};
use crate::frontend::profile::reader::{Choice, words};
use crate::plan::{Access, RootAccess};

/// `[filesystem]`.
pub static FILESYSTEM: &[Key] = &[
    Key {
        name: "filesystem.root",
        form: Form::Root,
        default: r#""tmpfs""#,
        example: r#"root = { directory = "/srv/debian", access = "discard" }"#,
        apply: entries::root,
    },
    Key {
        name: "filesystem.read",
        form: Form::Binds,
        default: "none",
        example: r#"read = ["/usr", { path = "/data", from = "${HOME}/datasets", optional = true }]"#,
        apply: |reader, node| entries::binds(reader, node, Access::Read),
    },
    Key {
        name: "filesystem.write",
        form: Form::Binds,
        default: "none",
        example: r#"write = ["${PWD}"]"#,
        apply: |reader, node| entries::binds(reader, node, Access::Write),
    },
    Key {
        name: "filesystem.hide",
        form: Form::Paths,
        default: "none",
        example: r#"hide = ["${PROJECT}/.env*", "${PROJECT}/**/id_*"]"#,
        apply: entries::hidden,
    },
    Key {
        name: "filesystem.tmpfs",
        form: Form::Tmpfs,
        default: "none",
        example: r#"tmpfs = ["/tmp", { path = "${HOME}", size = "1G", mode = "0700" }]"#,
        apply: entries::tmpfs,
    },
    Key {
        name: "filesystem.devices",
        form: Form::Devices,
        default: "none",
        example: r#"devices = ["/dev/fuse", { path = "/dev/kvm", optional = true }]"#,
        apply: entries::devices,
    },
    Key {
        name: "filesystem.symlinks",
        form: Form::Symlinks,
        default: "none",
        example: r#"symlinks = { "/etc/mtab" = "/proc/self/mounts" }"#,
        apply: entries::symlinks,
    },
    Key {
        name: "filesystem.files",
        form: Form::Files,
        default: "none",
        example: r#"files = { "/etc/machine" = "sandbox" }"#,
        apply: entries::files,
    },
    Key {
        name: "filesystem.drop",
        form: Form::Paths,
        default: "none",
        example: r#"drop = ["/opt"]"#,
        apply: entries::drops,
    },
    Key {
        name: "filesystem.proc",
        form: Form::Choice(words::<Proc>),
        default: r#""new""#,
        example: r#"proc = "none""#,
        apply: |reader, node| reader.profile.proc = reader.choice(node).or(reader.profile.proc.take()),
    },
    Key {
        name: "filesystem.dev",
        form: Form::Choice(words::<Dev>),
        default: r#""minimal""#,
        example: r#"dev = "none""#,
        apply: |reader, node| reader.profile.dev = reader.choice(node).or(reader.profile.dev.take()),
    },
];

impl Choice for RootAccess {
    const WORDS: &'static [(&'static str, Self)] =
        &[("read", Self::Read), ("write", Self::Write), ("discard", Self::Discard)];
}

impl Choice for Proc {
    const WORDS: &'static [(&'static str, Self)] =
        &[("new", Self::New), ("existing", Self::Existing), ("none", Self::None)];
}

impl Choice for Dev {
    const WORDS: &'static [(&'static str, Self)] =
        &[("minimal", Self::Minimal), ("host", Self::Host), ("none", Self::None)];
}
