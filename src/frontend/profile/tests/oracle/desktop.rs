//! What the keys of `[desktop]` may open, as nsbox-profile(5) has it: of the host's files, of its variables, and by services.

use super::inside::real;
use super::said::{Said, What, name_fits, place};
use crate::host::HostFacts;
use crate::plan::{Bus, MountKind, Plan, ServiceKind, Variable, XServer};
use std::path::{Path, PathBuf};

/// What each key shows of the host's files, read-only.
const READ: [(&str, &str); 7] = [
    (
        "fonts",
        "~/.fonts ~/.fonts.conf ${XDG_DATA_HOME}/fonts ${XDG_CONFIG_HOME}/fontconfig /etc/fonts /usr/local/share/fonts \
         /var/cache/fontconfig",
    ),
    (
        "themes",
        "~/.themes ~/.gtkrc-2.0 ${XDG_DATA_HOME}/themes ${XDG_DATA_HOME}/color-schemes ${XDG_CONFIG_HOME}/gtk-3.0/settings.ini \
         ${XDG_CONFIG_HOME}/gtk-3.0/gtk.css ${XDG_CONFIG_HOME}/kdeglobals /etc/gtk-3.0",
    ),
    ("icons", "~/.icons ${XDG_DATA_HOME}/icons"),
    ("locale", "/etc/locale.conf /etc/locale.alias /etc/localtime /etc/timezone"),
    ("dconf", "${XDG_CONFIG_HOME}/dconf/user /etc/dconf"),
    ("sound", "/etc/alsa /etc/asound.conf /etc/pipewire /etc/pulse ~/.asoundrc ${XDG_CONFIG_HOME}/alsa"),
    ("pipewire", "${XDG_RUNTIME_DIR}/pipewire-0"),
];

/// The variables that each key lets in, or sets; the value of the second kind leads nowhere outside.
const VARIABLES: [(&str, &str); 10] = [
    ("fonts", "FREETYPE_PROPERTIES"),
    ("themes", "GTK_THEME GTK2_RC_FILES QT_* GDK_SCALE GDK_DPI_SCALE XDG_CURRENT_DESKTOP"),
    ("icons", "XCURSOR_*"),
    ("locale", "LANG LANGUAGE LC_* TZ"),
    ("input-method", "GTK_IM_MODULE QT_IM_MODULE QT_IM_MODULES SDL_IM_MODULE XMODIFIERS IBUS_USE_PORTAL"),
    ("accessibility", "QT_ACCESSIBILITY QT_LINUX_ACCESSIBILITY_ALWAYS_ON AT_SPI_BUS_ADDRESS"),
    ("sound", "PULSE_SERVER"),
    ("pipewire", "PIPEWIRE_REMOTE"),
    ("wayland", "WAYLAND_DISPLAY XDG_SESSION_TYPE"),
    ("portals", "GTK_USE_PORTAL"),
];

/// Those that belong to windows, so that they are on where a profile asks for these and says nothing else.
const WITH_WINDOWS: [&str; 6] = ["fonts", "themes", "icons", "locale", "input-method", "accessibility"];

fn is_on(said: &Said, key: &str) -> bool {
    if key == "sound" {
        return ["audio", "microphone", "pipewire"].iter().any(|key| is_on(said, key));
    }
    let name = format!("desktop.{key}");
    let has_windows =
        said.is_set_to("desktop.wayland", true) || ["isolated", "host"].iter().any(|kind| said.is("desktop.x11", kind));
    said.is_set_to(&name, true)
        || said.is(&name, "read")
        || has_windows && WITH_WINDOWS.contains(&key) && !said.has(&name)
}

/// What of the host the keys may show, and at which path.
pub fn shown(said: &Said, facts: &HostFacts) -> Vec<(String, What)> {
    let read = READ.iter().filter(|(key, _)| is_on(said, key)).flat_map(|(_, paths)| paths.split(' '));
    let own = |path| Some((place(path, facts)?, What::Shown { from: None, writable: false }));
    let mut all: Vec<_> = read.filter_map(own).collect();
    if said.is("desktop.x11", "host") {
        // With the host's network, it has another number inside.
        let from = Some("/tmp/.X11-unix/X0".to_owned());
        let at = if said.is("network.mode", "host") { "X1000" } else { "X0" };
        all.push((format!("/tmp/.X11-unix/{at}"), What::Shown { from, writable: false }));
    }
    if is_on(said, "gpu") {
        all.push(("/dev/dri/renderD128".into(), What::Device));
    }
    all
}

/// Whether a key lets a variable in, or sets it.
pub fn opens(said: &Said, variable: &Variable, plan: &Plan, facts: &HostFacts) -> bool {
    let (name, value) = (variable.name.to_string_lossy(), variable.value.to_string_lossy());
    let has_x11 = ["isolated", "host"].iter().any(|kind| said.is("desktop.x11", kind));
    let serves =
        |wanted: Bus| plan.services.iter().any(|one| matches!(one.kind, ServiceKind::Bus { bus, .. } if bus == wanted));
    let is_asked = VARIABLES
        .iter()
        .any(|(key, names)| is_on(said, key) && names.split(' ').any(|pattern| name_fits(pattern, &name)));
    match &*name {
        "DISPLAY" => has_x11 && value.starts_with(':'),
        "XAUTHORITY" => has_x11 && value.starts_with("/run/nsbox/x11/"),
        "WAYLAND_DISPLAY" => is_asked && value.starts_with("/run/nsbox/wayland/"),
        "PULSE_SERVER" => is_asked && value == "unix:/run/nsbox/sound/native",
        "DBUS_SESSION_BUS_ADDRESS" => serves(Bus::Session) && value == "unix:path=/run/nsbox/session-bus/bus",
        "DBUS_SYSTEM_BUS_ADDRESS" => serves(Bus::System) && value == "unix:path=/run/nsbox/system-bus/bus",
        "AT_SPI_BUS_ADDRESS" => is_asked && value == "unix:path=/run/nsbox/accessibility-bus/bus",
        "XDG_RUNTIME_DIR" => said.has_desktop && value == format!("/run/user/{}", facts.uid),
        _ => is_asked,
    }
}

/// Every service is one that a key asks for, by what this host has: never a bus without what filters it, nor a rule that nobody
/// wrote.
pub fn judge_services(said: &Said, plan: &Plan, facts: &HostFacts) -> Result<(), String> {
    let is_there = |path: &str| real(facts.paths.as_ref(), Path::new(path)).is_some();
    let in_runtime = |name: &str| facts.variable("XDG_RUNTIME_DIR").map(|folder| Path::new(folder).join(name));
    let is_compositor = |socket: &Path| in_runtime("wayland-0").as_deref() == Some(socket);
    for service in &plan.services {
        let is_asked = match &service.kind {
            ServiceKind::Wayland { socket, .. } => is_on(said, "wayland") && is_compositor(socket),
            ServiceKind::Sound { socket, cookie, microphone } => {
                let known = place("${XDG_CONFIG_HOME}/pulse/cookie", facts).map(PathBuf::from);
                let may = *microphone == is_on(said, "microphone") && (is_on(said, "audio") || *microphone);
                let leads = in_runtime("pulse/native").as_ref() == Some(socket);
                may && leads && (cookie.is_none() || *cookie == known)
            }
            ServiceKind::X11Host { host, .. } => said.is("desktop.x11", "host") && host.number == 0,
            ServiceKind::X11Isolated { server, .. } => {
                let leads = match server {
                    XServer::Xwayland { compositor } => is_compositor(compositor),
                    XServer::Xephyr { parent } => parent.number == 0,
                    XServer::Xvfb => true,
                };
                leads && said.is("desktop.x11", "isolated") && is_there(&format!("/usr/bin/{}", server.program()))
            }
            ServiceKind::Bus { bus, rules, application, socket } => {
                let own = match bus {
                    Bus::Session => in_runtime("bus"),
                    Bus::System => Some("/run/dbus/system_bus_socket".into()),
                    Bus::Accessibility => in_runtime("at-spi/bus_0"),
                };
                let asked = rules.iter().all(|rule| is_rule_asked(said, *bus, rule.access.word(), &rule.name));
                let is_known = application.is_none() || is_on(said, "portals");
                asked && is_known && is_there("/usr/bin/xdg-dbus-proxy") && own.as_ref() == Some(socket)
            }
        };
        if !is_asked {
            return Err(format!("nobody asked for the service {:?}", service.kind));
        }
    }
    let homes = place("${XDG_DATA_HOME}/nsbox/homes", facts).unwrap_or_default();
    let mut kept = plan.mounts.iter().filter_map(|mount| match &mount.kind {
        MountKind::Kept { source } => source.strip_prefix(&homes).map_or(Some(source.as_path()), Some),
        _ => None,
    });
    match kept.find(|home| home.to_str().is_none_or(|name| !said.is("desktop.home", name))) {
        Some(home) => Err(format!("nobody asked for the home {}", home.display())),
        None => Ok(()),
    }
}

fn is_rule_asked(said: &Said, bus: Bus, access: &str, name: &str) -> bool {
    let section = match bus {
        Bus::Session => "session",
        Bus::System => "system",
        Bus::Accessibility => {
            return is_on(said, "accessibility") && access == "call" && name.starts_with("org.a11y.atspi.Registry=");
        }
    };
    let portal = |below: &str| name.strip_prefix("org.freedesktop.portal.").is_some_and(|rest| rest.starts_with(below));
    let of_portals = ["Desktop=", "Documents="].into_iter().any(portal) && ["call", "broadcast"].contains(&access);
    let of_methods = ["IBus", "Fcitx"].into_iter().any(portal) && access == "talk";
    said.rules.contains(&(section.into(), access.into(), name.into()))
        || bus == Bus::Session && (of_portals && is_on(said, "portals") || of_methods && is_on(said, "input-method"))
}
