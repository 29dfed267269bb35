//! A bus, filtered: xdg-dbus-proxy(1) in a sandbox that sees the bus and nothing else.

use super::companion::{Companion, option};
use crate::error::Fault;
use crate::plan::{Bus, BusRule};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The profile that it runs under.
const PROFILE: &str = "dbus-proxy";

pub fn start(
    folder: &Path,
    bus: Bus,
    socket: &Path,
    rules: &[BusRule],
    application: Option<&str>,
) -> Result<Companion, Fault> {
    let mut options = vec![option("--profile", PROFILE), option("--read", socket), option("--write", folder)];
    if let Some(name) = application {
        // What portals look for in the root of whoever talks to them (Flatpak's metadata format).
        let text = format!("[Application]\\nname={name}\\n\\n[Instance]\\ninstance-id={}\\n", std::process::id());
        options.push(option("--set", format!("filesystem.files={{ \"/.flatpak-info\" = \"{text}\" }}")));
    }
    let words = |number: i32| {
        let mut words = vec![option("--fd", number.to_string()), address(socket), folder.join("bus").into_os_string()];
        words.push("--filter".into());
        if bus == Bus::Accessibility {
            // Programs have no other names there, and a screen reader is to be seen; none is to be talked to by that.
            words.push("--sloppy-names".into());
        }
        words.extend(rules.iter().map(|rule| option(&format!("--{}", rule.access.word()), &rule.name)));
        words
    };
    Companion::start(folder, &options, "xdg-dbus-proxy", &words)
}

/// A path as the address of a bus: what is not plain is escaped (D-Bus Specification, "Server Addresses").
fn address(path: &Path) -> OsString {
    let mut address = "unix:path=".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'-' | b'_' | b'/' | b'\\' | b'.' | b'*' => address.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
            _ => address.push_str(&format!("%{byte:02x}")),
        }
    }
    address.into()
}

#[cfg(test)]
mod tests {
    use super::address;
    use std::path::Path;

    #[test]
    fn an_address_is_escaped() {
        assert_eq!(address(Path::new("/run/user/1/bus")), "unix:path=/run/user/1/bus");
        assert_eq!(address(Path::new("/tmp/a b,c;d")), "unix:path=/tmp/a%20b%2cc%3bd");
    }
}
