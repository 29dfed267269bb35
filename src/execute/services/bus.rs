//! A bus, filtered: xdg-dbus-proxy(1) in a sandbox that sees the bus and nothing else.

use super::companion::{Companion, option};
use crate::error::Fault;
use crate::plan::BusRule;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The profile that it runs under, which nobody's own of that name can replace.
const PROFILE: &str = "builtin:dbus-proxy";

/// What portals are told of the payload.
#[derive(Debug, Clone, Copy)]
pub struct Application<'a> {
    /// Which application it is.
    pub name: &'a str,
    /// Which of its sandboxes.
    pub instance: &'a str,
    /// Whether it may know of the host's network.
    pub has_network: bool,
}

impl Application<'_> {
    /// What portals look for in the root of whoever talks to them, which is the proxy (Flatpak's documentation, "flatpak
    /// metadata").
    fn info(self) -> String {
        let network = if self.has_network { "[Context]\nshared=network;\n\n" } else { "" };
        format!("[Application]\nname={}\n\n{network}[Instance]\ninstance-id={}\n", self.name, self.instance)
    }
}

/// Starts it, with its socket in `folder`.
///
/// # Errors
/// As [`Companion::start`].
pub fn start(
    nsbox: &Path,
    folder: &Path,
    bus: &Path,
    rules: &[BusRule],
    application: Option<Application<'_>>,
) -> Result<Companion, Fault> {
    let mut options = vec![option("--profile", PROFILE), option("--read", bus), option("--write", folder)];
    if let Some(application) = application {
        let text = application.info().replace('\n', "\\n");
        options.push(option("--set", format!("filesystem.files={{ \"/.flatpak-info\" = \"{text}\" }}")));
    }
    let words = |number: i32| {
        let mut words = vec![option("--fd", number.to_string()), address(bus), folder.join("bus").into_os_string()];
        words.push("--filter".into());
        words.extend(rules.iter().map(|rule| option(&format!("--{}", rule.access.word()), &rule.name)));
        words
    };
    Companion::start(nsbox, &options, "xdg-dbus-proxy", &words)
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
    use super::{Application, address};
    use std::path::Path;

    #[test]
    fn portals_are_told_of_the_application_the_instance_and_the_network() {
        let info = |has_network| Application { name: "org.example.Viewer", instance: "nsbox-7", has_network }.info();
        let application = "[Application]\nname=org.example.Viewer\n\n";
        let instance = "[Instance]\ninstance-id=nsbox-7\n";
        assert_eq!(info(false), format!("{application}{instance}"));
        assert_eq!(info(true), format!("{application}[Context]\nshared=network;\n\n{instance}"));
    }

    #[test]
    fn an_address_is_escaped() {
        assert_eq!(address(Path::new("/run/user/1/bus")), "unix:path=/run/user/1/bus");
        assert_eq!(address(Path::new("/tmp/a b,c;d")), "unix:path=/tmp/a%20b%2cc%3bd");
    }
}
