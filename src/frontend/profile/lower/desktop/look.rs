//! What makes a program look as others do: the person's fonts, themes and icons, their language, their way to type.

use super::Session;
use super::bus::{PROXY, find};
use crate::frontend::profile::globs::Name;
use crate::frontend::profile::merged::Switch;
use crate::frontend::profile::text::Place;
use crate::plan::{Bus, BusAccess};
use std::ffi::OsStr;
use std::path::Path;

/// What one key opens, all of it for reading, and where it is there.
struct Part {
    switch: Switch,
    read: &'static [&'static str],
    /// The variables that cross over, as patterns.
    variables: &'static [&'static str],
}

/// Of the folders of GTK single files: its `bookmarks` names folders of the person's.
const PARTS: [Part; 7] = [
    Part {
        switch: Switch::Fonts,
        read: &[
            "~/.fonts",
            "~/.fonts.conf",
            "${XDG_DATA_HOME}/fonts",
            "${XDG_CONFIG_HOME}/fontconfig",
            "/etc/fonts",
            "/usr/local/share/fonts",
            "/var/cache/fontconfig",
        ],
        variables: &["FREETYPE_PROPERTIES"],
    },
    Part {
        switch: Switch::Themes,
        read: &[
            "~/.themes",
            "~/.gtkrc-2.0",
            "${XDG_DATA_HOME}/themes",
            "${XDG_DATA_HOME}/color-schemes",
            "${XDG_CONFIG_HOME}/gtk-3.0/settings.ini",
            "${XDG_CONFIG_HOME}/gtk-3.0/gtk.css",
            "${XDG_CONFIG_HOME}/gtk-3.0/colors.css",
            "${XDG_CONFIG_HOME}/gtk-4.0/settings.ini",
            "${XDG_CONFIG_HOME}/gtk-4.0/gtk.css",
            "${XDG_CONFIG_HOME}/gtk-4.0/colors.css",
            "${XDG_CONFIG_HOME}/Kvantum",
            "${XDG_CONFIG_HOME}/qt5ct",
            "${XDG_CONFIG_HOME}/qt6ct",
            "${XDG_CONFIG_HOME}/kdeglobals",
            "/etc/gtk-2.0",
            "/etc/gtk-3.0",
            "/etc/gtk-4.0",
            "/etc/xdg/kdeglobals",
        ],
        variables: &[
            "GTK_THEME",
            "GTK2_RC_FILES",
            "QT_QPA_PLATFORMTHEME",
            "QT_STYLE_OVERRIDE",
            "GDK_SCALE",
            "GDK_DPI_SCALE",
            "QT_SCALE_FACTOR",
            "QT_SCREEN_SCALE_FACTORS",
            "QT_AUTO_SCREEN_SCALE_FACTOR",
            "QT_ENABLE_HIGHDPI_SCALING",
            "QT_FONT_DPI",
            "XDG_CURRENT_DESKTOP",
        ],
    },
    Part {
        switch: Switch::Icons,
        read: &["~/.icons", "${XDG_DATA_HOME}/icons"],
        variables: &["XCURSOR_THEME", "XCURSOR_SIZE", "XCURSOR_PATH"],
    },
    Part {
        switch: Switch::Locale,
        read: &["/etc/locale.conf", "/etc/locale.alias", "/etc/localtime", "/etc/timezone"],
        variables: &["LANG", "LANGUAGE", "LC_*", "TZ"],
    },
    Part {
        switch: Switch::InputMethod,
        read: &[],
        variables: &["GTK_IM_MODULE", "QT_IM_MODULE", "QT_IM_MODULES", "SDL_IM_MODULE", "XMODIFIERS"],
    },
    Part {
        switch: Switch::Accessibility,
        read: &[],
        variables: &["QT_ACCESSIBILITY", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON"],
    },
    Part {
        switch: Switch::Dconf,
        read: &["${XDG_CONFIG_HOME}/dconf/user", "/etc/dconf"],
        variables: &["DCONF_PROFILE"],
    },
];

/// The names by which input methods serve programs that they are to be protected from.
const INPUT_METHODS: [&str; 3] =
    ["org.freedesktop.portal.IBus", "org.freedesktop.portal.Fcitx", "org.freedesktop.portal.Fcitx5"];

/// What a program must call so that a screen reader finds its windows: to say that it is there, to ask what is listened for, and
/// to tell of keys. What other programs show cannot be asked for by any of these.
const REGISTRY: [&str; 7] = [
    "Socket.Embed@/org/a11y/atspi/accessible/root",
    "Socket.Unembed@/org/a11y/atspi/accessible/root",
    "Registry.GetRegisteredEvents@/org/a11y/atspi/registry",
    "DeviceEventController.GetKeystrokeListeners@/org/a11y/atspi/registry/deviceeventcontroller",
    "DeviceEventController.GetDeviceEventListeners@/org/a11y/atspi/registry/deviceeventcontroller",
    "DeviceEventController.NotifyListenersSync@/org/a11y/atspi/registry/deviceeventcontroller",
    "DeviceEventController.NotifyListenersAsync@/org/a11y/atspi/registry/deviceeventcontroller",
];

pub fn lower(session: &mut Session<'_>) {
    let mut is_any_in_xdg = false;
    for part in &PARTS {
        let Some(place) = session.opened(part.switch) else { continue };
        session.read(part.read, &place);
        inherit(session, part.variables, &place);
        if part.read.iter().any(|path| path.starts_with("${XDG_")) && !is_any_in_xdg {
            is_any_in_xdg = true;
            inherit_folders(session, &place);
        }
        match part.switch {
            Switch::InputMethod => ask_for_input_methods(session, &place),
            Switch::Accessibility => ask_for_registry(session, &place),
            // There it keeps what it must know of changes.
            Switch::Dconf => drop(session.runtime_folder(&place)),
            _ => {}
        }
    }
}

fn inherit(session: &mut Session<'_>, patterns: &[&str], place: &Place) {
    let patterns: Vec<Name> = patterns.iter().map(|pattern| Name::new(OsStr::new(pattern))).collect();
    for (name, value) in &session.facts.environment {
        if patterns.iter().any(|pattern| pattern.fits(name)) {
            session.variable(&name.to_string_lossy(), value, place.origin());
        }
    }
}

/// Lets the program know where the folders of settings and data are, if the caller has them elsewhere in the home folder;
/// outside of that nothing of the program's own could be written.
fn inherit_folders(session: &mut Session<'_>, place: &Place) {
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        let set = session.facts.variable(name).filter(|set| Path::new(set).starts_with(&session.facts.home));
        if let Some(set) = set {
            session.variable(name, set, place.origin());
        }
    }
}

/// An input method is reached over the bus of the session: one that is there anyway, or that the key itself asks for.
fn ask_for_input_methods(session: &mut Session<'_>, place: &Place) {
    let is_there = session.profile.desktop.rules.iter().any(|rule| rule.value.bus == Bus::Session);
    if !is_there && !session.is_said(Switch::InputMethod) {
        return;
    }
    for name in INPUT_METHODS {
        session.rule(Bus::Session, BusAccess::Talk, name.to_owned(), place);
    }
    session.variable("IBUS_USE_PORTAL", "1", place.origin());
}

/// A screen reader has a bus of its own, where there is one: who did not ask for it need not hear that there is none.
fn ask_for_registry(session: &mut Session<'_>, place: &Place) {
    let is_there = session.has_program(PROXY) && find(session, Bus::Accessibility).is_some();
    if !is_there && !session.is_said(Switch::Accessibility) {
        return;
    }
    for method in REGISTRY {
        let rule = format!("org.a11y.atspi.Registry=org.a11y.atspi.{method}");
        session.rule(Bus::Accessibility, BusAccess::Call, rule, place);
    }
}
