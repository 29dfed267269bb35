//! `desktop.wayland`: the session's Wayland compositor.

use super::Session;
use crate::frontend::profile::merged::{EntryKind, Part};
use crate::host::FileKind;
use crate::plan::{SOCKETS, ServiceKind, WAYLAND_SOCKET, XServer};
use std::path::{Path, PathBuf};

/// What a compositor is called where WAYLAND_DISPLAY does not say (wl_display_connect(3)).
const DEFAULT: &str = "wayland-0";

pub fn lower(session: &mut Session<'_>) {
    let Some(asked) = session.profile.desktop.wayland.as_ref().filter(|asked| asked.value) else { return };
    let place = &asked.place;
    let socket = match find(session) {
        Ok(socket) => socket,
        // A session of X11 lacks nothing.
        Err(_) if is_optional(session) && session.facts.variable("WAYLAND_DISPLAY").is_none() && shows(session) => {
            return;
        }
        Err(message) => {
            let hint = "start nsbox in a session of Wayland, whose compositor WAYLAND_DISPLAY names; an X server is opened by \
                        `x11`";
            return session.lacks(Part::Wayland, place, &message, hint);
        }
    };
    let kind = ServiceKind::Wayland { socket, application: session.application() };
    let inside = Path::new(SOCKETS).join(kind.name()).join(WAYLAND_SOCKET);
    let runtime = session.runtime_folder(place);
    session.entry(runtime.join(WAYLAND_SOCKET), EntryKind::Symlink(inside.clone()), place);
    session.variable("WAYLAND_DISPLAY", inside, place.origin());
    if session.facts.variable("XDG_SESSION_TYPE").is_some_and(|kind| kind == "wayland") {
        session.variable("XDG_SESSION_TYPE", "wayland", place.origin());
    }
    session.serve(kind, place);
}

/// Whether the profile says that there may be no compositor.
fn is_optional(session: &Session<'_>) -> bool {
    session.profile.desktop.optional.iter().any(|optional| optional.value == Part::Wayland)
}

/// Whether windows are shown by an X server that the caller can see.
fn shows(session: &Session<'_>) -> bool {
    session.asked.services.iter().any(|service| match &service.kind {
        ServiceKind::X11Host { .. } => true,
        ServiceKind::X11Isolated { server, .. } => *server != XServer::Xvfb,
        _ => false,
    })
}

/// The compositor's socket on the host, free of symlinks; else what is missing.
pub fn find(session: &Session<'_>) -> Result<PathBuf, String> {
    let named = session.facts.variable("WAYLAND_DISPLAY");
    let name = Path::new(named.unwrap_or(DEFAULT.as_ref()));
    let path = match session.host_runtime_folder() {
        _ if name.is_absolute() => name.to_owned(),
        Some(folder) => folder.join(name),
        None => {
            return Err("there is no Wayland compositor here: XDG_RUNTIME_DIR names no folder for its socket".into());
        }
    };
    session.find(&path, FileKind::Special).ok_or_else(|| {
        let told = if named.is_some() { "as WAYLAND_DISPLAY has it" } else { "where WAYLAND_DISPLAY is not set" };
        format!("there is no Wayland compositor here: `{}`, {told}, is no socket", path.display())
    })
}
