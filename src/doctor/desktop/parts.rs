//! The table of parts: what of a session a profile can ask for, and where it is missed.

use crate::error::remedy::Settings;

/// A part of a session, and how it is asked for.
#[derive(Debug)]
pub struct Part {
    /// A name that stays the same from version to version.
    pub name: &'static str,
    /// The settings that ask for it, and for nothing else of a desktop.
    pub settings: Settings,
    /// The name of what is found out about it, which stays the same as well.
    pub(super) finding: &'static str,
    /// What the list calls it.
    pub label: &'static str,
    /// What works without it; a sentence without its period.
    pub(super) works: &'static str,
    pub(super) expected: Expected,
    /// What to do where it is there, and refuses.
    pub(super) remedy: &'static str,
}

/// Where a part is missed if it is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// In every session.
    Always,
    /// Where this variable names one.
    WhereNamed(&'static str),
    /// In none: many sessions have no such thing.
    Never,
}

const ENDED: &str = "what served it has ended, or hangs: start it anew, or log in again";

/// Everything that is asked for, in the order of the list.
pub const PARTS: [Part; 10] = [
    Part {
        name: "wayland",
        finding: "desktop-wayland",
        settings: &[("desktop.wayland", "true")],
        label: "Wayland compositor",
        works: "All but `desktop.wayland`",
        expected: Expected::WhereNamed("WAYLAND_DISPLAY"),
        remedy: ENDED,
    },
    Part {
        name: "x11",
        finding: "desktop-x11",
        settings: &[("desktop.x11", "\"host\"")],
        label: "X display",
        works: "All but `desktop.x11` where that is \"host\"",
        expected: Expected::WhereNamed("DISPLAY"),
        remedy: ENDED,
    },
    Part {
        name: "x11-isolated",
        finding: "desktop-x11-isolated",
        settings: &[("desktop.x11", "\"isolated\"")],
        label: "X server for a sandbox",
        works: "All but `desktop.x11` where that is \"isolated\"",
        expected: Expected::Always,
        remedy: ENDED,
    },
    Part {
        name: "session-bus",
        finding: "desktop-session-bus",
        settings: &[("desktop.dbus.session.talk", "[\"org.freedesktop.Notifications\"]")],
        label: "bus of the session",
        works: "All but rules of `desktop.dbus` and portals",
        expected: Expected::Always,
        remedy: ENDED,
    },
    Part {
        name: "system-bus",
        finding: "desktop-system-bus",
        settings: &[("desktop.dbus.system.talk", "[\"org.freedesktop.UPower\"]")],
        label: "bus of the machine",
        works: "All but rules of `desktop.dbus.system`",
        expected: Expected::Never,
        remedy: ENDED,
    },
    Part {
        name: "accessibility",
        finding: "desktop-accessibility",
        settings: &[("desktop.accessibility", "true")],
        label: "bus of screen readers",
        works: "All but `desktop.accessibility`",
        expected: Expected::Never,
        remedy: ENDED,
    },
    Part {
        name: "portals",
        finding: "desktop-portals",
        settings: &[("desktop.portals", "true")],
        label: "portals",
        works: "All but `desktop.portals`",
        expected: Expected::Always,
        remedy: ENDED,
    },
    Part {
        name: "audio",
        finding: "desktop-audio",
        settings: &[("desktop.audio", "true")],
        label: "sound",
        works: "All but `desktop.audio`",
        expected: Expected::Always,
        remedy: ENDED,
    },
    Part {
        name: "pipewire",
        finding: "desktop-pipewire",
        settings: &[("desktop.pipewire", "true")],
        label: "PipeWire's own socket",
        works: "All but `desktop.pipewire`",
        expected: Expected::Never,
        remedy: ENDED,
    },
    Part {
        name: "gpu",
        finding: "desktop-gpu",
        settings: &[("desktop.gpu", "true")],
        label: "graphics card",
        works: "All but `desktop.gpu`: programs draw by the processor",
        expected: Expected::Never,
        remedy: "who sits at the machine may use it, and who is of the group of the node, `render` or `video`",
    },
];
