//! `desktop.wayland`: the session's Wayland compositor.

use super::Session;
use crate::frontend::profile::lower::walk::real;
use crate::frontend::profile::merged::{EntryKind, Part};
use crate::host::FileKind;
use crate::plan::{SOCKETS, Service, ServiceKind, WAYLAND_SOCKET};
use std::path::{Path, PathBuf};

/// What a compositor is called where WAYLAND_DISPLAY does not say (wl_display_connect(3)).
const DEFAULT: &str = "wayland-0";

pub fn lower(session: &mut Session<'_>) {
    let Some(asked) = session.profile.desktop.wayland.as_ref().filter(|asked| asked.value) else { return };
    let place = &asked.place;
    let socket = match find(session) {
        Ok(socket) => socket,
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
    session.asked.services.push(Service { kind, origin: place.origin() });
}

/// The compositor's socket on the host, free of symlinks; else what is missing.
fn find(session: &Session<'_>) -> Result<PathBuf, String> {
    let named = session.facts.variable("WAYLAND_DISPLAY");
    let name = Path::new(named.unwrap_or(DEFAULT.as_ref()));
    let path = match session.host_runtime_folder() {
        _ if name.is_absolute() => name.to_owned(),
        Some(folder) => folder.join(name),
        None => {
            return Err("there is no Wayland compositor here: XDG_RUNTIME_DIR names no folder for its socket".into());
        }
    };
    let socket = if session.is_there(&path, FileKind::Special) { real(session.host, &path) } else { None };
    socket.ok_or_else(|| {
        let told = if named.is_some() { "as WAYLAND_DISPLAY has it" } else { "where WAYLAND_DISPLAY is not set" };
        format!("there is no Wayland compositor here: `{}`, {told}, is no socket", path.display())
    })
}
