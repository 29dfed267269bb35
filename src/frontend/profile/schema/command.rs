//! The keys of what runs: the profile's own, `[command]`, `[identity]` and `[environment]`.

use super::Key;
use crate::frontend::profile::form::Form;
use crate::frontend::profile::merged::GrantArgs;
use crate::frontend::profile::reader::{Choice, words};
use crate::frontend::profile::{environment, values};
use crate::plan::Access;

/// What stands at the top, above every section.
pub static PROFILE: &[Key] = &[
    Key {
        name: "description",
        form: Form::Text,
        default: "none",
        example: r#"description = "An interactive shell without network""#,
        apply: |reader, node| reader.profile.description = reader.text(node).or(reader.profile.description.take()),
    },
    Key {
        name: "extends",
        form: Form::Profiles,
        default: "none",
        example: r#"extends = ["base"]"#,
        // The chain has been followed before anything is applied.
        apply: |reader, node| {
            if node.place.text().is_flag() {
                reader.report(node.place.error("`extends` cannot be set by a flag").hint("choose with `--profile`"));
            }
        },
    },
];

/// `[command]`.
pub static COMMAND: &[Key] = &[
    Key {
        name: "command.argv",
        form: Form::Words,
        default: "none",
        example: r#"argv = ["bash", "--login"]"#,
        apply: values::argv,
    },
    Key {
        name: "command.directory",
        form: Form::Text,
        default: r#""${PWD}""#,
        example: r#"directory = "/tmp""#,
        apply: values::directory,
    },
    Key {
        name: "command.grant-args",
        form: Form::Choice(words::<GrantArgs>),
        default: r#""none""#,
        example: r#"grant-args = "read""#,
        apply: |reader, node| reader.profile.grant_args = reader.choice(node).or(reader.profile.grant_args.take()),
    },
];

impl Choice for GrantArgs {
    const WORDS: &'static [(&'static str, Self)] =
        &[("none", Self::None), ("read", Self::As(Access::Read)), ("write", Self::As(Access::Write))];
}

/// `[identity]`.
pub static IDENTITY: &[Key] = &[
    Key {
        name: "identity.user",
        form: Form::Id,
        default: r#""self""#,
        example: r#"user = "root""#,
        apply: |reader, node| reader.profile.user = reader.id(node).or(reader.profile.user.take()),
    },
    Key {
        name: "identity.group",
        form: Form::Id,
        default: "`root` or `nobody` where `user` is that, else `self`",
        example: "group = 1000",
        apply: |reader, node| reader.profile.group = reader.id(node).or(reader.profile.group.take()),
    },
    Key {
        name: "identity.subordinate-ids",
        form: Form::Boolean,
        default: "false",
        example: "subordinate-ids = true",
        apply: |reader, node| {
            reader.profile.subordinate_ids = reader.boolean(node).or(reader.profile.subordinate_ids.take());
        },
    },
    Key {
        name: "identity.hostname",
        form: Form::Text,
        default: r#""nsbox""#,
        example: r#"hostname = "cage""#,
        apply: values::hostname,
    },
];

/// `[environment]`.
pub static ENVIRONMENT: &[Key] = &[
    Key {
        name: "environment.inherit",
        form: Form::Patterns,
        default: "none",
        example: r#"inherit = ["TERM", "LANG", "LC_*"]"#,
        apply: environment::inherit,
    },
    Key {
        name: "environment.set",
        form: Form::Variables,
        default: "none",
        example: r#"set = { PATH = "/usr/local/bin:/usr/bin:/bin" }"#,
        apply: environment::set,
    },
    Key {
        name: "environment.drop",
        form: Form::Patterns,
        default: "none",
        example: r#"drop = ["LC_*", "EDITOR"]"#,
        apply: environment::drops,
    },
];
