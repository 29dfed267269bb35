//! A bus, filtered: xdg-dbus-proxy(1) in a sandbox that sees the bus and nothing else.

use super::companion::Companion;
use super::options::{option, shown};
use crate::error::Fault;
use crate::plan::{Bus, BusRule};
use std::path::Path;

/// The profile that it runs under, which nobody's own of that name can replace.
const PROFILE: &str = "builtin:dbus-proxy";

/// Where it sees the bus, and the folder for its own socket: short, since the path of a socket may have no more than 107 bytes
/// (unix(7)), and xdg-dbus-proxy cuts a longer one.
const BUS: &str = "/run/bus";
const SERVED: &str = "/run/served";

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
    (bus, socket): (Bus, &Path),
    rules: &[BusRule],
    application: Option<Application<'_>>,
) -> Result<Companion, Fault> {
    let mut options = vec![option("--profile", PROFILE), shown("read", BUS, socket)?, shown("write", SERVED, folder)?];
    if let Some(application) = application {
        let text = application.info().replace('\n', "\\n");
        options.push(option("--set", format!("filesystem.files={{ \"/.flatpak-info\" = \"{text}\" }}")));
    }
    let words = |number: i32| {
        let [address, served] = [format!("unix:path={BUS}"), format!("{SERVED}/bus")];
        let mut words = vec![option("--fd", number.to_string()), address.into(), served.into()];
        words.push("--filter".into());
        if bus == Bus::Accessibility {
            // Programs have no other names there, and a screen reader is to be seen; none is to be talked to by that.
            words.push("--sloppy-names".into());
        }
        words.extend(rules.iter().map(|rule| option(&format!("--{}", rule.access.word()), &rule.name)));
        words
    };
    Companion::start(nsbox, &options, "xdg-dbus-proxy", &words)
}

#[cfg(test)]
mod tests {
    use super::Application;

    #[test]
    fn portals_are_told_of_the_application_the_instance_and_the_network() {
        let info = |has_network| Application { name: "org.example.Viewer", instance: "nsbox-7", has_network }.info();
        let application = "[Application]\nname=org.example.Viewer\n\n";
        let instance = "[Instance]\ninstance-id=nsbox-7\n";
        assert_eq!(info(false), format!("{application}{instance}"));
        assert_eq!(info(true), format!("{application}[Context]\nshared=network;\n\n{instance}"));
    }
}
