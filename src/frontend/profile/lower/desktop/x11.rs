//! `desktop.x11`: the X server of the session, or one of the sandbox's own.

use super::{Session, wayland};
use crate::frontend::profile::merged::{EntryKind, Network, Part, X11};
use crate::frontend::profile::text::{Located, Place};
use crate::host::FileKind;
use crate::plan::{Access, DISPLAY_MAX, HostDisplay, SOCKETS, ServiceKind, X11_AUTHORITY, XServer, x11_socket};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The first number for a display inside where the network is the host's: most hosts have none as high.
const FIRST_ON_HOST_NETWORK: u16 = 1000;

pub fn lower(session: &mut Session<'_>) {
    let Some(Located { value, place }) = &session.profile.desktop.x11 else { return };
    match value {
        X11::None => {}
        X11::Host => share(session, place),
        X11::Isolated => isolate(session, place),
    }
}

/// The caller's own server, by its one socket.
fn share(session: &mut Session<'_>, place: &Place) {
    let asked = match display(session) {
        Ok(asked) => asked,
        Err(Unusable { message, hint }) => return session.lacks(Part::X11, place, &message, hint),
    };
    let host = HostDisplay { number: asked.number, authority: authority(session) };
    let display = match is_on_host_network(session) {
        true => free_number(session, FIRST_ON_HOST_NETWORK),
        false => asked.number,
    };
    let from = (display != asked.number).then(|| Located { value: x11_socket(asked.number), place: place.clone() });
    let socket = EntryKind::Bind { access: Access::Read, from, optional: false, follows: None };
    session.entry(x11_socket(display), socket, place);
    let has_authority = host.authority.is_some();
    let name = if display == asked.number { asked.name } else { format!(":{display}{}", asked.screen).into() };
    serve(session, ServiceKind::X11Host { host, display }, name, has_authority, place);
}

/// A server that no other program reaches.
fn isolate(session: &mut Session<'_>, place: &Place) {
    let Some(server) = nested(session, place) else { return };
    // Of a name that no display of the host has, nobody can be misled by which of the two he meets.
    let first = if is_on_host_network(session) { FIRST_ON_HOST_NETWORK } else { 0 };
    let display = free_number(session, first);
    let kind = ServiceKind::X11Isolated { server, display, title: session.application() };
    let socket = Path::new(SOCKETS).join(kind.name()).join(format!("X{display}"));
    session.entry(x11_socket(display), EntryKind::Symlink(socket), place);
    serve(session, kind, format!(":{display}").into(), true, place);
}

fn serve(session: &mut Session<'_>, kind: ServiceKind, display: OsString, has_authority: bool, place: &Place) {
    session.variable("DISPLAY", display, place.origin());
    if has_authority {
        let file = Path::new(SOCKETS).join(kind.name()).join(X11_AUTHORITY);
        session.variable("XAUTHORITY", file, place.origin());
    }
    session.serve(kind, place);
}

/// Of the servers that are installed, the one that fits best where the caller is.
fn nested(session: &mut Session<'_>, place: &Place) -> Option<XServer> {
    let (compositor, parent) = (compositor(session), display(session).ok());
    let is_seen = compositor.is_some() || parent.is_some();
    if let Some(compositor) = compositor.filter(|_| session.has_program("Xwayland")) {
        return Some(XServer::Xwayland { compositor });
    }
    if let Some(parent) = parent.filter(|_| session.has_program("Xephyr")) {
        let parent = HostDisplay { number: parent.number, authority: authority(session) };
        return Some(XServer::Xephyr { parent });
    }
    let hint = "one that shows a window is in package xwayland, for Wayland, or xserver-xephyr, for X11; one that shows \
                none in package xvfb";
    if !session.has_program("Xvfb") {
        session.lacks(Part::X11, place, "there is no X server here that could be the sandbox's own", hint);
        return None;
    }
    session.found.push(match is_seen {
        true => {
            place.warning("windows of X11 are shown nowhere: of the servers that fit only Xvfb is installed").hint(hint)
        }
        false => place
            .warning("windows are shown nowhere: there is neither a Wayland compositor here nor an X display")
            .hint("start nsbox in a session that has one, which WAYLAND_DISPLAY or DISPLAY names"),
    });
    Some(XServer::Xvfb)
}

/// Whether abstract sockets of the host have the names inside that they have outside. Clients of X look for an abstract
/// socket of the display's name first, and give up where Landlock closes that: so inside the display has another name.
fn is_on_host_network(session: &Session<'_>) -> bool {
    matches!(&session.profile.network, Some(Located { value: Network::Host, .. }))
}

/// The first number, from one on, that no display of the host has.
fn free_number(session: &Session<'_>, first: u16) -> u16 {
    (first..DISPLAY_MAX)
        .find(|number| !session.is_there(&x11_socket(*number), FileKind::Special))
        .unwrap_or(DISPLAY_MAX)
}

/// The socket of the caller's Wayland compositor, where the session names one: one that is merely there may be another's.
fn compositor(session: &Session<'_>) -> Option<PathBuf> {
    session.facts.variable("WAYLAND_DISPLAY").filter(|name| !name.is_empty())?;
    wayland::find(session).ok()
}

/// The caller's Xauthority file, where it has one (Xau(3)).
fn authority(session: &Session<'_>) -> Option<PathBuf> {
    let named = session.facts.variable("XAUTHORITY").filter(|name| !name.is_empty()).map(PathBuf::from);
    let path = named.unwrap_or_else(|| session.facts.home.join(".Xauthority"));
    path.is_absolute().then(|| session.find(&path, FileKind::File))?
}

/// A display of this host, as the caller names it.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    name: OsString,
    number: u16,
    /// `.N`, where it names one of its screens.
    screen: String,
}

/// Why the caller's display is none that could be passed.
struct Unusable {
    message: String,
    hint: &'static str,
}

fn display(session: &Session<'_>) -> Result<Asked, Unusable> {
    let Some(name) = session.facts.variable("DISPLAY").filter(|name| !name.is_empty()) else {
        let hint = "start nsbox in a session that has one; `x11 = \"isolated\"` needs none";
        return Err(Unusable { message: "there is no X display here: DISPLAY is not set".into(), hint });
    };
    let Some(asked) = local(name) else {
        let message = format!("the display `{}` is reached over the network, as that of another host", name.display());
        let hint = "only a display of this host, such as `:0`, has a socket to be passed; for ssh's, `x11 = \"isolated\"` \
                    has a server of its own";
        return Err(Unusable { message, hint });
    };
    let socket = x11_socket(asked.number);
    if session.is_there(&socket, FileKind::Special) {
        return Ok(asked);
    }
    let message = format!("there is no X display `{}` here: `{}` does not exist", name.display(), socket.display());
    Err(Unusable { message, hint: "DISPLAY may be of a session that has ended" })
}

/// A display by its name, where that is one of this host (X(7), "Display Names").
fn local(name: &OsStr) -> Option<Asked> {
    let text = name.to_str()?;
    let numbers = text.strip_prefix("unix:").or(text.strip_prefix(':'))?;
    let (number, screen) = numbers.split_at(numbers.find('.').unwrap_or(numbers.len()));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = is_number(number) && screen.strip_prefix('.').is_none_or(is_number);
    let number = number.parse().ok().filter(|number| is_whole && *number <= DISPLAY_MAX)?;
    Some(Asked { name: name.to_owned(), number, screen: screen.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::local;
    use std::ffi::OsStr;

    #[test]
    fn the_name_of_a_display_of_this_host_is_told_from_others() {
        let read = |name: &str| local(OsStr::new(name)).map(|asked| (asked.number, asked.screen));
        assert_eq!(read(":0"), Some((0, String::new())));
        assert_eq!(read(":10.2"), Some((10, ".2".into())));
        assert_eq!(read("unix:59535.0"), Some((59535, ".0".into())));
        for other in ["", ":", ":.0", ":0.", ":+1", ":0.+1", ":0.0.0", ":59536", ":99999", "host:0", "localhost:10.0"] {
            assert_eq!(read(other), None, "{other}");
        }
        for other in ["::0", "host::0", "unix:", "unix", "0", "/tmp/.X11-unix/X0", "tcp/localhost:10", ": 1", ":0 "] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
