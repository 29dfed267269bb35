//! The keys of `[desktop]`: what of the caller's session a program with windows may use.

use super::Key;
use crate::frontend::profile::desktop;
use crate::frontend::profile::form::Form;
use crate::frontend::profile::merged::{Part, X11};
use crate::frontend::profile::reader::words;
use crate::plan::{Bus, BusAccess};

/// `[desktop]`.
pub static DESKTOP: &[Key] = &[
    Key {
        name: "desktop.application",
        form: Form::Text,
        default: "`org.nsbox.` and the name of the command",
        example: r#"application = "org.example.Viewer""#,
        apply: |reader, node| {
            reader.profile.desktop.application = reader.text(node).or(reader.profile.desktop.application.take());
        },
    },
    Key {
        name: "desktop.wayland",
        form: Form::Boolean,
        default: "false",
        example: "wayland = true",
        apply: |reader, node| {
            reader.profile.desktop.wayland = reader.boolean(node).or(reader.profile.desktop.wayland.take());
        },
    },
    Key {
        name: "desktop.home",
        form: Form::Text,
        default: "none",
        example: r#"home = "viewer""#,
        apply: desktop::home,
    },
    Key {
        name: "desktop.shared",
        form: Form::Paths,
        default: "none",
        example: r#"shared = [{ path = "~/Downloads", optional = true }]"#,
        apply: desktop::shared,
    },
    Key {
        name: "desktop.optional",
        form: Form::Choices(words::<Part>),
        default: "none",
        example: r#"optional = ["session-bus"]"#,
        apply: desktop::optional,
    },
    Key {
        name: "desktop.portals",
        form: Form::Boolean,
        default: "false",
        example: "portals = true",
        apply: |reader, node| {
            reader.profile.desktop.portals = reader.boolean(node).or(reader.profile.desktop.portals.take());
        },
    },
    Key {
        name: "desktop.x11",
        form: Form::Choice(words::<X11>),
        default: r#""none""#,
        example: r#"x11 = "isolated""#,
        apply: |reader, node| reader.profile.desktop.x11 = reader.choice(node).or(reader.profile.desktop.x11.take()),
    },
    Key {
        name: "desktop.dbus.session.see",
        form: Form::Names,
        default: "none",
        example: r#"see = ["org.freedesktop.Notifications"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::Session, BusAccess::See),
    },
    Key {
        name: "desktop.dbus.session.talk",
        form: Form::Names,
        default: "none",
        example: r#"talk = ["org.freedesktop.Notifications"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::Session, BusAccess::Talk),
    },
    Key {
        name: "desktop.dbus.session.own",
        form: Form::Names,
        default: "none",
        example: r#"own = ["org.mpris.MediaPlayer2.player.*"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::Session, BusAccess::Own),
    },
    Key {
        name: "desktop.dbus.session.call",
        form: Form::Names,
        default: "none",
        example: r#"call = ["org.example.Server=org.example.Server.Read@/*"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::Session, BusAccess::Call),
    },
    Key {
        name: "desktop.dbus.session.broadcast",
        form: Form::Names,
        default: "none",
        example: r#"broadcast = ["org.example.Server=org.example.Server.Changed@/*"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::Session, BusAccess::Broadcast),
    },
    Key {
        name: "desktop.dbus.system.see",
        form: Form::Names,
        default: "none",
        example: r#"see = ["org.freedesktop.UPower"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::System, BusAccess::See),
    },
    Key {
        name: "desktop.dbus.system.talk",
        form: Form::Names,
        default: "none",
        example: r#"talk = ["org.freedesktop.UPower"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::System, BusAccess::Talk),
    },
    Key {
        name: "desktop.dbus.system.own",
        form: Form::Names,
        default: "none",
        example: r#"own = ["org.example.Daemon"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::System, BusAccess::Own),
    },
    Key {
        name: "desktop.dbus.system.call",
        form: Form::Names,
        default: "none",
        example: r#"call = ["org.freedesktop.UPower=org.freedesktop.DBus.Properties.Get@/*"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::System, BusAccess::Call),
    },
    Key {
        name: "desktop.dbus.system.broadcast",
        form: Form::Names,
        default: "none",
        example: r#"broadcast = ["org.freedesktop.login1=org.freedesktop.login1.Manager.PrepareForSleep@/*"]"#,
        apply: |reader, node| desktop::bus_rules(reader, node, Bus::System, BusAccess::Broadcast),
    },
];
