//! `desktop.audio` and `desktop.microphone`: the sound server, filtered; `desktop.pipewire`: PipeWire's own socket, as it is.

use super::Session;
use crate::frontend::profile::expand::xdg_folder;
use crate::frontend::profile::lower::walk::real;
use crate::frontend::profile::merged::{EntryKind, Part, Switch};
use crate::frontend::profile::text::{Located, Place};
use crate::host::FileKind;
use crate::plan::{SOCKETS, SOUND_SOCKET, ServiceKind};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The name of PipeWire's socket (pipewire(1)).
const PIPEWIRE: &str = "pipewire-0";
/// The folder of PulseAudio in a runtime folder (pulse-client.conf(5)).
const PULSE: &str = "pulse";

/// What the libraries of both, and ALSA's, which lead to them, are set by.
const SETTINGS: [&str; 6] =
    ["/etc/alsa", "/etc/asound.conf", "/etc/pipewire", "/etc/pulse", "~/.asoundrc", "${XDG_CONFIG_HOME}/alsa"];

pub fn lower(session: &mut Session<'_>) {
    let microphone = session.opened(Switch::Microphone);
    if let (Some(place), Some(Located { value: false, .. })) =
        (&microphone, session.profile.desktop.switches.get(&Switch::Audio))
    {
        let problem = place.error("nothing is recorded where `desktop.audio` is false");
        return session.found.push(problem.hint("leave one of the two out: the microphone comes with sound"));
    }
    let records = microphone.is_some();
    let audio = session.opened(Switch::Audio).or(microphone);
    if let Some(place) = &audio {
        sound(session, records, place);
    }
    let direct = session.opened(Switch::Pipewire);
    if let Some(place) = &direct {
        own_socket(session, place);
    }
    if let Some(place) = audio.or(direct) {
        session.read(&SETTINGS, &place);
    }
}

/// Sound by PulseAudio's protocol, which PipeWire has as well, filtered.
fn sound(session: &mut Session<'_>, microphone: bool, place: &Place) {
    let Some(socket) = pulse(session) else {
        let (message, hint) = match pipewire(session) {
            Some(_) => (
                "there is no socket of PulseAudio here, and PipeWire's own cannot be filtered",
                "install package pipewire-pulse, and log in again; `desktop.pipewire = true` opens PipeWire's own, \
                 microphone and cameras included",
            ),
            None => (
                "there is no sound server here",
                "install a sound server, and log in again: package pipewire-pulse or pulseaudio",
            ),
        };
        return session.lacks(Part::Audio, place, message, hint);
    };
    let kind = ServiceKind::Sound { socket, cookie: cookie(session), microphone };
    let inside = Path::new(SOCKETS).join(kind.name()).join(SOUND_SOCKET);
    let runtime = session.runtime_folder(place);
    session.variable("PULSE_SERVER", format!("unix:{}", inside.display()), place.origin());
    session.entry(runtime.join(PULSE).join(SOUND_SOCKET), EntryKind::Symlink(inside), place);
    session.serve(kind, place);
}

/// PipeWire's own socket, as it is.
fn own_socket(session: &mut Session<'_>, place: &Place) {
    let Some(socket) = pipewire(session) else {
        let message = "there is no socket of PipeWire here";
        return session.lacks(Part::Pipewire, place, message, "install package pipewire, and log in again");
    };
    let runtime = session.runtime_folder(place);
    session.read_from(runtime.join(PIPEWIRE), socket, place);
    session.variable("PIPEWIRE_REMOTE", PIPEWIRE, place.origin());
}

/// PipeWire's socket on the host.
fn pipewire(session: &Session<'_>) -> Option<PathBuf> {
    let folder = absolute(session, "PIPEWIRE_RUNTIME_DIR");
    let folder = folder.or_else(|| session.host_runtime_folder().map(Path::to_owned));
    let name = session.facts.variable("PIPEWIRE_REMOTE").filter(|name| !name.is_empty());
    let name = Path::new(name.unwrap_or(OsStr::new(PIPEWIRE)));
    socket(session, if name.is_absolute() { name.to_owned() } else { folder?.join(name) })
}

/// PulseAudio's.
fn pulse(session: &Session<'_>) -> Option<PathBuf> {
    if let Some(servers) = session.facts.variable("PULSE_SERVER").filter(|servers| !servers.is_empty()) {
        return path_in(servers).and_then(|path| socket(session, path));
    }
    let folder = absolute(session, "PULSE_RUNTIME_PATH");
    let folder = folder.or_else(|| session.host_runtime_folder().map(|folder| folder.join(PULSE)))?;
    socket(session, folder.join(SOUND_SOCKET))
}

/// PulseAudio's cookie: the first that is there of where its library looks.
fn cookie(session: &Session<'_>) -> Option<PathBuf> {
    let home = &session.facts.home;
    let config = xdg_folder("XDG_CONFIG_HOME", session.facts);
    let usual = [config.map(|folder| folder.join("pulse/cookie")), Some(home.join(".pulse-cookie"))];
    let known = std::iter::once(absolute(session, "PULSE_COOKIE")).chain(usual).flatten();
    let mut known = known.filter(|path| session.is_there(path, FileKind::File));
    known.find_map(|path| real(session.host, &path))
}

fn absolute(session: &Session<'_>, variable: &str) -> Option<PathBuf> {
    session.facts.variable(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn socket(session: &Session<'_>, path: PathBuf) -> Option<PathBuf> {
    session.is_there(&path, FileKind::Special).then(|| real(session.host, &path))?
}

/// The path in a list of servers, each perhaps with the machine it is for (pulse-client.conf(5), "default-server"); nothing
/// where none is a path, since what is reached over the network is the network's affair.
fn path_in(servers: &OsStr) -> Option<PathBuf> {
    let servers = servers.as_bytes().split(|byte| *byte == b' ');
    let without_machine = |server: &'_ [u8]| match server.strip_prefix(b"{") {
        Some(rest) => rest.iter().position(|byte| *byte == b'}').map(|end| rest[end + 1..].to_vec()),
        None => Some(server.to_vec()),
    };
    let mut paths = servers.filter_map(without_machine).map(|server| {
        let path = server.strip_prefix(b"unix:").unwrap_or(&server);
        PathBuf::from(OsStr::from_bytes(path))
    });
    paths.find(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::path_in;
    use std::ffi::OsStr;
    use std::path::Path;

    #[test]
    fn a_server_that_is_a_path_is_found() {
        let path = |servers: &str| path_in(OsStr::new(servers));
        assert_eq!(path("unix:/run/pulse").as_deref(), Some(Path::new("/run/pulse")));
        assert_eq!(path("tcp:host:4713 {0123abcd}unix:/run/a").as_deref(), Some(Path::new("/run/a")));
        assert_eq!(path("/tmp/pulse").as_deref(), Some(Path::new("/tmp/pulse")));
        assert_eq!([path("host"), path("{0123abcd"), path("unix:relative")], [None, None, None]);
    }
}
