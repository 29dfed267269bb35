//! `desktop.portals`: what xdg-desktop-portal offers to programs in sandboxes, one question to the person at a time.

use super::Session;
use crate::frontend::profile::merged::{EntryKind, Network, Part};
use crate::frontend::profile::text::{Located, Place};
use crate::host::FileKind;
use crate::plan::{Access, BusAccess, BusRule, normalise};
use std::path::Path;

/// By which the bus starts the portals where they do not run yet.
const STARTED_BY: &str = "dbus-1/services/org.freedesktop.portal.Desktop.service";
/// Where the document portal shows files, below the runtime folder.
const DOCUMENTS: &str = "doc";
/// Where it shows those of each application, in there.
const BY_APPLICATION: &str = "by-app";

/// What tells programs, in the way of Flatpak's, that they have the host's network: by that they ask for its proxies and for
/// whether it is up.
const NETWORK: &str = "\n[Context]\nshared=network;\n";

/// What may be asked of whom. Not all of `org.freedesktop.portal.*`, as Flatpak has it: where Flatpak itself is installed,
/// its own portal starts programs of an application with all that this may do, which is more than the sandbox.
const RULES: [(BusAccess, &str); 4] = [
    (BusAccess::Call, "org.freedesktop.portal.Desktop=*"),
    (BusAccess::Call, "org.freedesktop.portal.Documents=*"),
    (BusAccess::Broadcast, "org.freedesktop.portal.Desktop=@/org/freedesktop/portal/*"),
    (BusAccess::Broadcast, "org.freedesktop.portal.Documents=@/org/freedesktop/portal/*"),
];

/// Portals that are there.
pub struct Portals {
    /// Which application the program is to them.
    pub application: String,
    /// Who asks for them.
    pub place: Place,
}

/// The portals, if they are asked for and there are any.
pub fn lower(session: &mut Session<'_>) -> Option<Portals> {
    let place = match &session.profile.desktop.portals {
        Some(Located { value: true, place }) => place.clone(),
        _ => return None,
    };
    let application = session.application();
    if !are_installed(session) {
        let hint = "install them: package xdg-desktop-portal, and one for your desktop such as xdg-desktop-portal-gtk";
        session.lacks(Part::Portals, &place, "there are no portals here", hint);
        return None;
    }
    Some(Portals { application, place })
}

/// Whether the bus could start them (XDG Base Directory Specification; D-Bus Specification, "Message Bus Starting Services").
fn are_installed(session: &Session<'_>) -> bool {
    let folders = session.facts.variable("XDG_DATA_DIRS").and_then(|folders| folders.to_str());
    let folders = folders.filter(|folders| !folders.is_empty()).unwrap_or("/usr/local/share:/usr/share");
    let mut folders = folders.split(':').chain(["/usr/share"]).map(Path::new);
    folders.any(|folder| folder.is_absolute() && session.is_there(&folder.join(STARTED_BY), FileKind::File))
}

impl Portals {
    /// The rules for the bus.
    pub fn rules(&self) -> impl Iterator<Item = BusRule> {
        let origin = self.place.origin();
        RULES.into_iter().map(move |(access, name)| BusRule { access, name: name.into(), origin: origin.clone() })
    }

    /// What programs look for, and the files that the person picks for this application.
    pub fn place(&self, session: &mut Session<'_>, runtime: &Path) {
        let has_network = session.profile.network.as_ref().is_some_and(|network| network.value == Network::Host);
        let info = format!("[Application]\nname={}\n{}", self.application, if has_network { NETWORK } else { "" });
        session.entry("/.flatpak-info", EntryKind::File(info), &self.place);
        session.variable("GTK_USE_PORTAL", "1", self.place.origin());
        let shown = session.host_runtime_folder().and_then(|folder| normalise(&folder.join(DOCUMENTS)));
        match shown.filter(|shown| session.is_there(&shown.join(BY_APPLICATION), FileKind::Folder)) {
            Some(shown) => {
                let from = shown.join(BY_APPLICATION).join(&self.application);
                let from = Some(Located { value: from, place: self.place.clone() });
                let kind = EntryKind::Bind { access: Access::Write, from, optional: true, follows: None };
                session.entry(runtime.join(DOCUMENTS), kind.clone(), &self.place);
                // A file that is picked goes by its path on the host, where the runtime folder may be another.
                session.entry(shown, kind, &self.place);
            }
            None => {
                let message = "the document portal does not run in this session";
                let hint = "start it first: `systemctl --user start xdg-document-portal`; no file that is picked is seen inside till then";
                session.found.push(self.place.warning(message).hint(hint));
            }
        }
    }
}
