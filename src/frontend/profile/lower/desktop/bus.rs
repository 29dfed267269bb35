//! `desktop.dbus`: message buses, filtered by xdg-dbus-proxy(1). Without a rule there is no bus at all.

use super::Session;
use super::portals::{self, Portals};
use crate::frontend::profile::lower::walk::real;
use crate::frontend::profile::merged::{EntryKind, Part, Rule};
use crate::frontend::profile::text::{Located, Place};
use crate::host::FileKind;
use crate::plan::{Bus, BusRule, SOCKETS, ServiceKind};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The program that filters.
pub const PROXY: &str = "xdg-dbus-proxy";
/// Where the machine's bus is, unless DBUS_SYSTEM_BUS_ADDRESS says otherwise (D-Bus Specification, "System message bus").
const SYSTEM: &str = "/run/dbus/system_bus_socket";

pub fn lower(session: &mut Session<'_>) {
    let portals = portals::lower(session);
    for bus in [Bus::Session, Bus::System, Bus::Accessibility] {
        let mut rules: Vec<BusRule> = Vec::new();
        let asked = session.profile.desktop.rules.iter().chain(&session.asked.rules);
        let asked = asked.filter(|rule| rule.value.bus == bus);
        let first = asked.clone().map(|rule| rule.place.clone()).next();
        for Located { value: Rule { access, name, .. }, place } in asked {
            // Profiles that build on each other may say the same.
            if !rules.iter().any(|rule| rule.access == *access && rule.name == *name) {
                rules.push(BusRule { access: *access, name: name.clone(), origin: place.origin() });
            }
        }
        let portals = portals.as_ref().filter(|_| bus == Bus::Session);
        rules.extend(portals.iter().flat_map(|portals| portals.rules()));
        let part = match (bus, &first) {
            (Bus::System, _) => Part::SystemBus,
            (Bus::Accessibility, _) => Part::Accessibility,
            (Bus::Session, Some(_)) => Part::SessionBus,
            (Bus::Session, None) => Part::Portals,
        };
        if let Some(place) = first.or(portals.map(|portals| portals.place.clone())) {
            serve(session, (bus, part), rules, portals, &place);
        }
    }
}

fn serve(
    session: &mut Session<'_>,
    (bus, part): (Bus, Part),
    rules: Vec<BusRule>,
    portals: Option<&Portals>,
    place: &Place,
) {
    let Some(socket) = find(session, bus) else {
        let (message, hint) = match bus {
            Bus::Session => (
                "there is no bus of the session here",
                "DBUS_SESSION_BUS_ADDRESS names one by its path; `dbus-run-session -- nsbox ...` starts one (package dbus)",
            ),
            Bus::System => {
                ("there is no bus of the machine here", "package dbus brings it, as a service of the machine")
            }
            Bus::Accessibility => (
                "there is no bus of screen readers here",
                "the first program with a window starts it, where package at-spi2-core is installed",
            ),
        };
        return session.lacks(part, place, message, hint);
    };
    if !session.has_program(PROXY) {
        let message = format!("{PROXY}, which filters the bus, is not installed");
        return session.lacks(part, place, &message, "install it: package xdg-dbus-proxy");
    }
    let application = portals.map(|portals| portals.application.clone());
    let kind = ServiceKind::Bus { bus, socket, rules, application };
    let inside = Path::new(SOCKETS).join(kind.name()).join("bus");
    let address = format!("unix:path={}", inside.display());
    match bus {
        Bus::Session => {
            let runtime = session.runtime_folder(place);
            session.entry(runtime.join("bus"), EntryKind::Symlink(inside), place);
            session.variable("DBUS_SESSION_BUS_ADDRESS", address, place.origin());
            portals.inspect(|portals| portals.place(session, &runtime));
        }
        Bus::System => {
            session.entry(SYSTEM, EntryKind::Symlink(inside), place);
            session.variable("DBUS_SYSTEM_BUS_ADDRESS", address, place.origin());
        }
        Bus::Accessibility => session.variable("AT_SPI_BUS_ADDRESS", address, place.origin()),
    }
    session.serve(kind, place);
}

/// The socket of a bus on the host.
pub fn find(session: &Session<'_>, bus: Bus) -> Option<PathBuf> {
    let runtime = session.host_runtime_folder();
    let (variable, usual) = match bus {
        Bus::Session => ("DBUS_SESSION_BUS_ADDRESS", runtime.map(|folder| folder.join("bus"))),
        Bus::System => ("DBUS_SYSTEM_BUS_ADDRESS", Some(PathBuf::from(SYSTEM))),
        Bus::Accessibility => ("AT_SPI_BUS_ADDRESS", runtime.and_then(|folder| accessibility(session, folder))),
    };
    let named = session.facts.variable(variable).map(path_in);
    let path = named.unwrap_or(usual)?;
    session.is_there(&path, FileKind::Special).then(|| real(session.host, &path))?
}

/// Where the bus of accessibility is: with the number of an X display in its name where it was started on one.
fn accessibility(session: &Session<'_>, runtime: &Path) -> Option<PathBuf> {
    let folder = runtime.join("at-spi");
    let display = session.facts.variable("DISPLAY").and_then(OsStr::to_str).and_then(|name| name.rsplit_once(':'));
    let number = display.map(|(_, screen)| screen.split_once('.').map_or(screen, |(number, _)| number));
    let names = [number.map(|number| format!("bus_{number}")), Some("bus".to_owned()), Some("bus_0".to_owned())];
    let mut paths = names.into_iter().flatten().map(|name| folder.join(name));
    paths.find(|path| session.is_there(path, FileKind::Special))
}

/// The path in a list of addresses of a bus (D-Bus Specification, "Server Addresses"); nothing where none is a path, as an
/// abstract socket belongs to the host's network.
fn path_in(addresses: &OsStr) -> Option<PathBuf> {
    let mut addresses = addresses.as_bytes().split(|byte| *byte == b';');
    let path = addresses.find_map(|address| {
        let pairs = address.strip_prefix(b"unix:")?.split(|byte| *byte == b',');
        pairs.filter_map(|pair| pair.strip_prefix(b"path=")).next()
    })?;
    Some(PathBuf::from(OsStr::from_bytes(&unescape(path)?)))
}

/// Takes `%2f` and the like for the bytes that they stand for.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        (rest, _) = match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).ok()?;
                (after, bytes.push(u8::from_str_radix(digits, 16).ok()?))
            }
            _ => (after, bytes.push(*first)),
        };
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::path_in;
    use std::ffi::OsStr;
    use std::path::Path;

    #[test]
    fn an_address_that_is_a_path_is_found() {
        let path = |addresses: &str| path_in(OsStr::new(addresses));
        assert_eq!(path("unix:path=/run/user/1000/bus").as_deref(), Some(Path::new("/run/user/1000/bus")));
        assert_eq!(path("unix:path=/tmp/a%20b,guid=00ff").as_deref(), Some(Path::new("/tmp/a b")));
        assert_eq!(path("tcp:host=x;unix:guid=1,path=/b").as_deref(), Some(Path::new("/b")));
        assert_eq!([path("unix:abstract=/tmp/x"), path("autolaunch:"), path("unix:path=%zz")], [None, None, None]);
    }
}
