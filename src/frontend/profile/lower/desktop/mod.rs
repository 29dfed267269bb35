//! `[desktop]`: each key yields mounts, variables and services of the plan, and nothing else.

mod audio;
mod bus;
mod devices;
mod look;
mod portals;
mod wayland;
mod x11;

use super::layout::{Host, Layout};
use crate::error::{Diagnostic, Diagnostics};
use crate::frontend::profile::Request;
use crate::frontend::profile::expand::Variables;
use crate::frontend::profile::merged::{Entry, EntryKind, Part, Profile, Rule, Switch, X11};
use crate::frontend::profile::text::{Located, Place};
use crate::host::{FileKind, HostFacts, Look};
use crate::plan::{
    Access, Bus, BusAccess, MountKind, Origin, PathMap, SOCKETS, Service, ServiceKind, Variable, is_application,
};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// How much of a command's name the name of an application takes, in characters.
const NAME_MAX: usize = 60;

/// What the keys of the section ask for.
#[derive(Debug, Default)]
pub struct Asked {
    /// What stands at which path, where no other entry says otherwise.
    entries: PathMap<Entry>,
    /// What is in the environment, unless the profile sets it.
    pub variables: Vec<Variable>,
    /// What serves the payload while it runs.
    pub services: Vec<Service>,
    /// Who asks for the first of these.
    pub sockets: Option<Place>,
    /// What may be done on message buses, beyond the rules of the profile.
    rules: Vec<Located<Rule>>,
}

/// What lowering of the section knows.
struct Session<'a> {
    profile: &'a Profile,
    request: &'a Request,
    host: &'a Host<'a>,
    facts: &'a HostFacts,
    found: &'a mut Diagnostics,
    asked: Asked,
}

/// Lowers the section.
pub fn lower(
    profile: &Profile,
    request: &Request,
    host: &Host<'_>,
    facts: &HostFacts,
    found: &mut Diagnostics,
) -> Asked {
    let mut session = Session { profile, request, host, facts, found, asked: Asked::default() };
    audio::lower(&mut session);
    devices::lower(&mut session);
    look::lower(&mut session);
    bus::lower(&mut session);
    x11::lower(&mut session);
    wayland::lower(&mut session);
    session.miss_windows();
    session.asked
}

/// Adds the folder of the sockets, for who asks for the first of them.
pub fn place(layout: &mut Layout<'_>, sockets: Option<&Place>) {
    if let Some(place) = sockets {
        layout.put_entry(SOCKETS.into(), MountKind::Sockets, place.origin(), place.clone());
    }
}

impl Asked {
    /// Adds the entries to those of the profile, which win.
    pub fn add_entries(&self, profile: &mut Profile) {
        for (path, entry) in self.entries.iter() {
            if !profile.dropped.contains(path) {
                profile.entries.insert_if_absent(path.to_owned(), entry.clone());
            }
        }
    }
}

/// The key that lets the program open windows, if one does.
fn has_windows(profile: &Profile) -> Option<&Place> {
    let wayland = profile.desktop.wayland.as_ref().filter(|wayland| wayland.value).map(|wayland| &wayland.place);
    let x11 = || profile.desktop.x11.as_ref().filter(|x11| x11.value != X11::None).map(|x11| &x11.place);
    wayland.or_else(x11)
}

impl Session<'_> {
    /// The place of what opens a part of the desktop, if something does: its own key, or, for what belongs to a working look,
    /// that of the windows.
    fn opened(&self, switch: Switch) -> Option<Place> {
        match self.profile.desktop.switches.get(&switch) {
            Some(said) => said.value.then(|| said.place.clone()),
            None if switch.comes_with_windows() => has_windows(self.profile).cloned(),
            None => None,
        }
    }

    /// Whether a profile says something of a part of the desktop, rather than that it comes with windows.
    fn is_said(&self, switch: Switch) -> bool {
        self.profile.desktop.switches.contains_key(&switch)
    }

    /// A service that a key asks for.
    fn serve(&mut self, kind: ServiceKind, place: &Place) {
        self.asked.services.push(Service { kind, origin: place.origin() });
        self.asked.sockets.get_or_insert_with(|| place.clone());
    }

    /// Something that may be done on a bus.
    fn rule(&mut self, bus: Bus, access: BusAccess, name: String, place: &Place) {
        self.asked.rules.push(Located { value: Rule { bus, access, name }, place: place.clone() });
    }

    /// Shows what there is of these paths, written as in a profile; read-only.
    fn read(&mut self, paths: &[&str], place: &Place) {
        let variables = Variables::new(self.facts);
        for path in paths {
            if let Some(path) = variables.expand(path, place, self.found) {
                self.read_at(path, place);
            }
        }
    }

    /// Shows what there is at a path; read-only.
    fn read_at(&mut self, path: impl Into<PathBuf>, place: &Place) {
        let kind = EntryKind::Bind { access: Access::Read, from: None, optional: true, follows: None };
        self.entry(path, kind, place);
    }

    /// Shows something of the host at another path; read-only, which keeps nobody from talking to a socket.
    fn read_from(&mut self, path: PathBuf, from: PathBuf, place: &Place) {
        let from = Some(Located { value: from, place: place.clone() });
        self.entry(path, EntryKind::Bind { access: Access::Read, from, optional: false, follows: None }, place);
    }

    /// The names in a folder of the host; none where there is no such folder.
    fn names_in(&self, folder: &Path) -> Vec<OsString> {
        let listed = self.host.is_folder(folder).then(|| self.host.list(folder)).flatten();
        listed.into_iter().flatten().map(|listed| listed.name).collect()
    }

    /// Something that a key asks for.
    fn entry(&mut self, path: impl Into<PathBuf>, kind: EntryKind, place: &Place) {
        self.asked.entries.insert_if_absent(path.into(), Entry { kind, place: place.clone() });
    }

    /// What the program is to the services of the session: the application that the profile names, else one of the command's
    /// name.
    fn application(&mut self) -> String {
        if let Some(named) = &self.profile.desktop.application {
            match named.value.to_str().filter(|name| is_application(name)) {
                Some(name) => return name.to_owned(),
                None => {
                    let message = format!("`{}` cannot be the name of an application", named.value.display());
                    let hint = "as in `org.example.Viewer`: three or more words of letters, digits and `_`, with dots; in the last one also `-`";
                    self.found.push(named.place.error(message).hint(hint));
                }
            }
        }
        let command = self.request.argv.first().or(self.profile.argv.as_ref().and_then(|argv| argv.first()));
        let name = command.and_then(|word| Path::new(word).file_name()).map(|name| name.to_string_lossy());
        let fit = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let word: String = name.as_deref().unwrap_or_default().chars().take(NAME_MAX).map(fit).collect();
        let starts_well = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if starts_well { format!("org.nsbox.{word}") } else { format!("org.nsbox._{word}") }
    }

    fn variable(&mut self, name: &str, value: impl Into<OsString>, origin: Origin) {
        self.asked.variables.push(Variable { name: name.into(), value: value.into(), origin });
    }

    /// The runtime folder inside, which programs of a session expect, and which is the sandbox's own.
    fn runtime_folder(&mut self, place: &Place) -> PathBuf {
        let folder = Path::new("/run/user").join(self.facts.uid.to_string());
        self.entry(&folder, EntryKind::Tmpfs { size: None, mode: 0o700 }, place);
        if !self.asked.variables.iter().any(|variable| variable.name == "XDG_RUNTIME_DIR") {
            self.variable("XDG_RUNTIME_DIR", &folder, place.origin());
        }
        folder
    }

    /// The caller's runtime folder on the host, where it has one.
    fn host_runtime_folder(&self) -> Option<&Path> {
        self.facts.variable("XDG_RUNTIME_DIR").map(Path::new).filter(|path| path.is_absolute())
    }

    /// Whether something stands at a path of the host, its symlinks followed.
    fn is_there(&self, path: &Path, kind: FileKind) -> bool {
        self.find(path, kind).is_some()
    }

    /// Where a path of the host leads if something of this kind stands there; free of symlinks.
    fn find(&self, path: &Path, kind: FileKind) -> Option<PathBuf> {
        let real = super::walk::real(self.host, path)?;
        let is_it = matches!(self.host.look(&real), Look::Found { kind: found, .. } if found == kind);
        is_it.then_some(real)
    }

    /// Whether a program is in one of the folders of PATH.
    fn has_program(&self, name: &str) -> bool {
        let path = self.facts.variable("PATH").unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin"));
        let mut folders =
            path.as_bytes().split(|byte| *byte == b':').map(|folder| Path::new(OsStr::from_bytes(folder)));
        folders.any(|folder| folder.is_absolute() && self.is_there(&folder.join(name), FileKind::File))
    }

    /// Reports that windows are asked for, and each thing that could show any is left out: a program that needs one fails.
    fn miss_windows(&mut self) {
        use ServiceKind::{Wayland, X11Host, X11Isolated};
        let shows = |service: &Service| matches!(service.kind, Wayland { .. } | X11Host { .. } | X11Isolated { .. });
        if let Some(place) = has_windows(self.profile)
            && !self.found.has_errors()
            && !self.asked.services.iter().any(shows)
        {
            let problem =
                place.warning("no window can be shown here: there is neither a compositor nor an X server for it");
            self.found.push(problem.hint("`nsbox plan` says what each lacks, and what to do about it"));
        }
    }

    /// Reports what this host lacks: a note where the profile says that the part may be missing.
    fn lacks(&mut self, part: Part, place: &Place, message: &str, hint: &str) {
        let may = self.profile.desktop.optional.iter().any(|optional| optional.value == part);
        let problem = if may { place.note(format!("{message}; it is left out")) } else { place.error(message) };
        let problem: Diagnostic = problem.hint(hint);
        self.found.push(problem);
    }
}
