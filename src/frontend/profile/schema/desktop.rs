//! The keys of `[desktop]`: what of the caller's session a program with windows may use.

use super::Key;
use crate::frontend::profile::desktop;
use crate::frontend::profile::form::Form;
use crate::frontend::profile::merged::{Part, X11};
use crate::frontend::profile::reader::{Reader, words};
use crate::frontend::profile::tree::Node;
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
    rules("desktop.dbus.session.see", r#"see = ["org.freedesktop.Notifications"]"#, |reader, node| {
        desktop::bus_rules(reader, node, Bus::Session, BusAccess::See)
    }),
    rules("desktop.dbus.session.talk", r#"talk = ["org.freedesktop.Notifications"]"#, |reader, node| {
        desktop::bus_rules(reader, node, Bus::Session, BusAccess::Talk)
    }),
    rules("desktop.dbus.session.own", r#"own = ["org.mpris.MediaPlayer2.player.*"]"#, |reader, node| {
        desktop::bus_rules(reader, node, Bus::Session, BusAccess::Own)
    }),
    rules(
        "desktop.dbus.session.call",
        r#"call = ["org.example.Server=org.example.Server.Read@/*"]"#,
        |reader, node| desktop::bus_rules(reader, node, Bus::Session, BusAccess::Call),
    ),
    rules(
        "desktop.dbus.session.broadcast",
        r#"broadcast = ["org.example.Server=org.example.Server.Changed@/*"]"#,
        |reader, node| desktop::bus_rules(reader, node, Bus::Session, BusAccess::Broadcast),
    ),
    rules("desktop.dbus.system.see", r#"see = ["org.freedesktop.UPower"]"#, |reader, node| {
        desktop::bus_rules(reader, node, Bus::System, BusAccess::See)
    }),
    rules("desktop.dbus.system.talk", r#"talk = ["org.freedesktop.UPower"]"#, |reader, node| {
        desktop::bus_rules(reader, node, Bus::System, BusAccess::Talk)
    }),
    rules("desktop.dbus.system.own", r#"own = ["org.example.Daemon"]"#, |reader, node| {
        desktop::bus_rules(reader, node, Bus::System, BusAccess::Own)
    }),
    rules(
        "desktop.dbus.system.call",
        r#"call = ["org.freedesktop.UPower=org.freedesktop.DBus.Properties.Get@/*"]"#,
        |reader, node| desktop::bus_rules(reader, node, Bus::System, BusAccess::Call),
    ),
    rules(
        "desktop.dbus.system.broadcast",
        r#"broadcast = ["org.freedesktop.login1=org.freedesktop.login1.Manager.PrepareForSleep@/*"]"#,
        |reader, node| desktop::bus_rules(reader, node, Bus::System, BusAccess::Broadcast),
    ),
];

/// A list of rules of a bus.
const fn rules(name: &'static str, example: &'static str, apply: fn(&mut Reader<'_>, &Node)) -> Key {
    Key { name, form: Form::Names, default: "none", example, apply }
}
