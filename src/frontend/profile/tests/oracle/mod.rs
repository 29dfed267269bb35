//! Whether a plan shows and grants no more than the text of its profile says: told by rules of its own, which share no code
//! with the reader and with lowering. tests/fuzz uses it too.

mod desktop;
mod granted;
mod inside;
mod said;

use super::fixture::Host;
use crate::host::{FileKind, HostFacts, Look};
use crate::plan::{
    Access, Demand, Descriptors, Init, MountKind, Nested, Network, Plan, Root, RootAccess, Syscalls, Terminal,
};
use granted::Granted;
use inside::{Inside, Seen, is_within, real};
use said::{Said, What, expand, fits, name_fits, source};
use std::path::{Path, PathBuf};

/// Ann's project with secrets in it, and a tree with symlinks in it, beside and upwards.
pub fn host() -> Host {
    Host::new()
        .folder("/home/ann/work/.git/hooks")
        .file("/home/ann/work/.env", "")
        .file("/home/ann/work/a/.env", "")
        .file("/home/ann/work/a/b/id_rsa", "")
        .file("/home/ann/.ssh/id_rsa", "")
        .file("/srv/t/plain", "")
        .file("/srv/t/d/secret", "")
        .file("/srv/t/d/e/deep", "")
        .link("/srv/t/beside", "d")
        .link("/srv/t/d/up", "..")
        .link("/srv/t/d/out", "/srv/u/other")
        .link("/srv/t/file", "d/secret")
        .link("/srv/u/back", "../t/d")
        .link("/srv/alias", "t")
        .file("/srv/u/other", "")
        .file("/srv/u/v/w", "")
        .special("/dev/fuse")
        .file("/run/systemd/resolve/stub-resolv.conf", "")
        .link("/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf")
        .file("/etc/shadow", "")
        .file("/etc/ssl/certs/all", "")
}

/// The same with a session of Ann's: sockets, programs, a card, and settings beside what is to stay closed.
pub fn session() -> Host {
    let mut host = host()
        .socket("/run/user/1000/wayland-0")
        .socket("/run/user/1000/bus")
        .socket("/run/user/1000/at-spi/bus_0")
        .socket("/run/user/1000/pipewire-0")
        .socket("/run/user/1000/pulse/native")
        .socket("/run/dbus/system_bus_socket")
        .socket("/tmp/.X11-unix/X0")
        .special("/dev/dri/renderD128")
        .file("/usr/bin/xdg-dbus-proxy", "")
        .file("/usr/bin/Xwayland", "")
        .file("/usr/bin/Xephyr", "")
        .file("/usr/bin/Xvfb", "")
        .file("/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service", "")
        .folder("/run/user/1000/doc/by-app")
        .folder("/home/ann/Downloads")
        .file("/home/ann/.mozilla/cookies", "")
        .file("/home/ann/.Xauthority", "")
        .file("/home/ann/.fonts/own.ttf", "")
        .file("/home/ann/.icons/own/index", "")
        .file("/home/ann/.config/gtk-3.0/settings.ini", "")
        .file("/home/ann/.config/gtk-3.0/bookmarks", "")
        .file("/home/ann/.config/pulse/cookie", "")
        .file("/home/ann/.config/dconf/user", "")
        .file("/etc/fonts/fonts.conf", "");
    host.environment.extend([
        ("XDG_RUNTIME_DIR", "/run/user/1000"),
        ("WAYLAND_DISPLAY", "wayland-0"),
        ("DISPLAY", ":0"),
        ("XDG_SESSION_TYPE", "wayland"),
        ("GTK_THEME", "Adwaita"),
    ]);
    host
}

/// Holds the plan that a profile of this text gave on this host to the text.
///
/// # Errors
/// What the plan has and the text does not say.
pub fn judge(text: &str, host: &Host, plan: &Plan) -> Result<(), String> {
    let facts = host.facts();
    let said = Said::read(text, &facts);
    let scene = Scene::new(&said, plan, &facts);
    scene.judge_sources()?;
    for path in scene.candidates(host) {
        scene.judge_path(&path)?;
    }
    scene.judge_islands()?;
    judge_environment(&said, plan, &facts)?;
    desktop::judge_services(&said, plan, &facts)?;
    judge_grants(&said, plan, &facts)
}

/// An entry of the text, and where it stands inside.
struct Located<'a> {
    /// As it is written.
    path: &'a str,
    what: &'a What,
    at: PathBuf,
}

struct Scene<'a> {
    said: &'a Said,
    granted: Granted,
    inside: Inside<'a>,
    entries: Vec<Located<'a>>,
    /// What a key of the desktop may show beside.
    desktop: Vec<(PathBuf, What)>,
    patterns: Vec<(String, &'a What)>,
}

impl<'a> Scene<'a> {
    fn new(said: &'a Said, plan: &'a Plan, facts: &'a HostFacts) -> Self {
        let inside = Inside { plan, paths: facts.paths.as_ref() };
        let (mut entries, mut patterns) = (Vec::new(), Vec::new());
        for (path, what) in &said.entries {
            if matches!(what, What::HiddenPattern | What::LockedPattern) {
                patterns.extend(settled(&inside, path).map(|path| (path, what)));
            } else if source(path, what).is_none_or(|source| real(inside.paths, &source).is_some()) {
                let led = inside.follow(Path::new(path)).map(|(at, _)| at);
                // What it leads to on the host is opened with it, be a link on the way hidden or not; but not where there is
                // something of the sandbox's own in the place of a link.
                let is_own = |above: &Path| match above.to_str().and_then(|above| said.entries.get(above)) {
                    Some(What::Tmpfs | What::Made(_)) => matches!(inside.paths.look(above), Look::Symlink(_)),
                    Some(What::Shown { from: Some(from), .. }) => Path::new(from) != above,
                    _ => false,
                };
                let is_like_host = matches!(what, What::Shown { from: None, .. } | What::Device)
                    && !Path::new(path).ancestors().skip(1).any(is_own);
                let opened = real(inside.paths, Path::new(path)).filter(|at| is_like_host && Some(at) != led.as_ref());
                entries.extend(led.into_iter().chain(opened).map(|at| Located { path, what, at }));
            }
        }
        let granted = Granted::by(said, plan, facts);
        let desktop = desktop::shown(said, facts).into_iter();
        let desktop =
            desktop.map(|(path, what)| (inside.follow(Path::new(&path)).map_or(path.into(), |led| led.0), what));
        Self { said, granted, desktop: desktop.collect(), inside, entries, patterns }
    }

    /// Every path at which something of the host may be seen.
    fn candidates(&self, host: &Host) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = host.all().map(Path::to_owned).collect();
        for mount in &self.inside.plan.mounts {
            let MountKind::Bind { source, .. } = &mount.kind else { continue };
            let within = host.all().filter_map(|path| path.strip_prefix(source).ok());
            all.extend(within.filter(|_| *source != mount.destination).map(|rest| mount.destination.join(rest)));
        }
        if let Root::Directory { source, .. } = &self.inside.plan.root {
            all.extend(host.all().filter_map(|path| Some(Path::new("/").join(path.strip_prefix(source).ok()?))));
        }
        all.extend(self.said.entries.keys().map(PathBuf::from));
        all.sort();
        all.dedup();
        all
    }

    /// Every mount of something of the host is one that an entry names, with the access that it names.
    fn judge_sources(&self) -> Result<(), String> {
        for mount in &self.inside.plan.mounts {
            let (shown, writes) = match &mount.kind {
                MountKind::Bind { source, access } => (source, *access == Access::Write),
                MountKind::Device { source } => (source, false),
                MountKind::File { contents, .. } => {
                    let own = ["/etc/passwd", "/etc/group", "/etc/hostname", "/etc/hosts"].map(Path::new);
                    let is_named = self.entries.iter().any(|entry| *entry.what == What::Made(contents.clone()));
                    let is_info = mount.destination == Path::new("/.flatpak-info");
                    if is_info && self.said.is_set_to("desktop.portals", true) {
                        continue;
                    }
                    if !is_named && !own.contains(&mount.destination.as_path()) {
                        return Err(format!("the text names no file {}", mount.destination.display()));
                    }
                    continue;
                }
                _ => continue,
            };
            let names_it = |entry: &Located<'_>| {
                let may_write = matches!(entry.what, What::Shown { writable: true, .. });
                let named = source(entry.path, entry.what).and_then(|named| real(self.inside.paths, &named));
                named.as_deref() == Some(shown) && (may_write || !writes)
            };
            let is_granted = self.granted.opens(&mount.destination, shown, writes, self.inside.paths)
                || !writes && self.is_of_desktop(&mount.destination, shown);
            if !is_granted && !self.entries.iter().any(names_it) && !self.is_own(&mount.destination, shown) {
                return Err(format!("no entry names {} for {}", shown.display(), mount.destination.display()));
            }
        }
        Ok(())
    }

    /// What nsbox shows of the host by itself, or for a key that is no entry.
    fn is_own(&self, path: &Path, shown: &Path) -> bool {
        let is_device = ["full", "null", "random", "tty", "urandom", "zero"].iter().any(|name| path.ends_with(name));
        let dev = self.said.is("filesystem.dev", "host") || is_device && path.parent() == Some(Path::new("/dev"));
        let dev = dev && !self.said.is("filesystem.dev", "none") && shown.starts_with("/dev");
        let conf = Path::new("/etc/resolv.conf");
        let led = real(self.inside.paths, conf);
        let resolver = led.is_some_and(|led| {
            led == shown || led.starts_with("/run/systemd") && shown.starts_with("/run/systemd/resolve")
        });
        dev || resolver && self.said.is("network.mode", "host")
    }

    /// Whether a key of the desktop shows this, and nothing nearer hides it.
    fn is_of_desktop(&self, at: &Path, shown: &Path) -> bool {
        self.desktop.iter().any(|(opened, what)| {
            let named = opened.to_str().and_then(|path| source(path, what));
            let named = named.and_then(|named| real(self.inside.paths, &named));
            let rest = at.strip_prefix(opened).ok();
            let is_it =
                named.zip(rest).is_some_and(|(named, rest)| named.join(rest).components().eq(shown.components()));
            let is_hidden = |entry: &Located<'_>| {
                *entry.what == What::Hidden && is_within(at, &entry.at) && is_within(&entry.at, opened)
            };
            is_it && !self.entries.iter().any(is_hidden)
        })
    }

    /// What is seen at a path is what the most specific entry says.
    fn judge_path(&self, path: &Path) -> Result<(), String> {
        let Some((at, Seen::Host { path: shown, kind, writable })) = self.inside.follow(path) else { return Ok(()) };
        let is_of_desktop = (!writable || kind == FileKind::Device) && self.is_of_desktop(&at, &shown);
        if is_of_desktop || self.is_own(&at, &shown) {
            return Ok(());
        }
        let wrong = |why: &str| {
            let can = if writable { "changed" } else { "seen" };
            Err(format!("{} can be {can} at {} (by {}): {why}", shown.display(), at.display(), path.display()))
        };
        let over: Vec<&Located<'_>> = self.entries.iter().filter(|entry| is_within(&at, &entry.at)).collect();
        let is_granted = self.granted.opens(&at, &shown, writable, self.inside.paths);
        let length = over.iter().map(|entry| entry.at.as_os_str().len()).max();
        if length.is_none() && !is_granted {
            return match &self.said.root {
                Some((root, access)) => {
                    let root = real(self.inside.paths, Path::new(root));
                    let same = root.is_some_and(|root| root.join(at.strip_prefix("/").unwrap_or(&at)) == shown);
                    if same && (!writable || access == "write") { Ok(()) } else { wrong("the root is another") }
                }
                None => wrong("no entry names it"),
            };
        }
        let mut nearest: Vec<&Located<'_>> =
            over.into_iter().filter(|entry| Some(entry.at.as_os_str().len()) == length).collect();
        if let Some(cover) = nearest.iter().find(|entry| matches!(entry.what, What::Hidden)) {
            return wrong(&format!("`{}` is hidden", cover.path));
        }
        if nearest.iter().any(|entry| Path::new(entry.path) == entry.at) {
            nearest.retain(|entry| Path::new(entry.path) == entry.at);
        }
        let allows = |entry: &&Located<'_>| {
            let may_write = matches!(entry.what, What::Shown { writable: true, .. });
            let named = source(entry.path, entry.what).and_then(|named| real(self.inside.paths, &named));
            let rest = at.strip_prefix(&entry.at).unwrap_or(&at);
            let is_it = named.is_some_and(|named| named.join(rest).components().eq(shown.components()));
            is_it && (may_write || !writable || kind == FileKind::Device && *entry.what == What::Device)
        };
        if !is_granted && !nearest.iter().any(allows) {
            let told: Vec<_> = nearest.iter().map(|entry| format!("{} {:?}", entry.path, entry.what)).collect();
            return wrong(&format!("nearest are {}", told.join(", ")));
        }
        for above in at.ancestors() {
            // An entry at what fits, or below it, is more specific than the pattern.
            if nearest.iter().any(|entry| entry.at.starts_with(above)) {
                break;
            }
            let fitting = self.patterns.iter().find(|(pattern, what)| {
                fits(pattern, &above.to_string_lossy()) && (writable || **what == What::HiddenPattern)
            });
            if let Some((pattern, what)) = fitting {
                return wrong(&format!("{what:?} `{pattern}`"));
            }
        }
        Ok(())
    }

    /// No folder between a writable tree and what is closed in it can be moved away.
    fn judge_islands(&self) -> Result<(), String> {
        let mounts = &self.inside.plan.mounts;
        for mount in mounts {
            let closes = matches!(
                mount.kind,
                MountKind::Hide | MountKind::ReadOnly | MountKind::Bind { access: Access::Read, .. }
            );
            let Some(parent) = mount.destination.parent().filter(|_| closes) else { continue };
            let tree = match self.inside.top(parent) {
                Some((_, tree)) if matches!(tree.kind, MountKind::Bind { access: Access::Write, .. }) => {
                    &tree.destination
                }
                None if matches!(self.inside.plan.root, Root::Directory { access: RootAccess::Write, .. }) => {
                    Path::new("/")
                }
                _ => continue,
            };
            for between in parent.ancestors().take_while(|above| *above != tree) {
                if !mounts.iter().any(|mount| mount.destination == between) {
                    return Err(format!(
                        "{} can be moved away, with {}",
                        between.display(),
                        mount.destination.display()
                    ));
                }
            }
        }
        Ok(())
    }
}

/// A pattern whose folders before the first wildcard are where they lead inside.
fn settled(inside: &Inside<'_>, pattern: &str) -> Option<String> {
    let names: Vec<&str> = pattern.trim_start_matches('/').split('/').collect();
    let plain =
        names.iter().take_while(|name| !name.replace("[*]", "").replace("[?]", "").contains(['*', '?'])).count();
    let start = names[..plain].join("/").replace("[*]", "*").replace("[?]", "?");
    let (led, _) = inside.follow(&Path::new("/").join(start))?;
    let quoted = led.to_str()?.replace('*', "[*]").replace('?', "[?]");
    Some(format!("{}/{}", quoted.trim_end_matches('/'), names[plain..].join("/")))
}

fn judge_environment(said: &Said, plan: &Plan, facts: &HostFacts) -> Result<(), String> {
    for variable in &plan.environment {
        let (name, value) = (variable.name.to_string_lossy(), variable.value.to_string_lossy());
        let is_set = said
            .set
            .get(&*name)
            .is_some_and(|set| set.starts_with('~') || expand(set, facts).as_deref() == Some(&value));
        let is_inherited = facts.variable(&name).is_some_and(|own| own == variable.value)
            && said.inherit.iter().any(|pattern| name_fits(pattern, &name));
        let is_own = ["HOME", "USER", "LOGNAME", "SHELL", "PWD"].contains(&&*name);
        if !is_set && !is_inherited && !is_own && !desktop::opens(said, variable, plan, facts) {
            return Err(format!("nobody asked for the variable {name}={value}"));
        }
    }
    Ok(())
}

/// What is not in files: each is closed unless a key opens it.
fn judge_grants(said: &Said, plan: &Plan, facts: &HostFacts) -> Result<(), String> {
    let namespaces = &plan.namespaces;
    let has_filter = matches!(plan.syscalls, Syscalls::Filtered(_));
    let unsaid = [
        ("the host's network", matches!(plan.network, Network::Host { .. }) && !said.is("network.mode", "host")),
        ("no filter", !has_filter && !said.is("syscalls.policy", "none")),
        ("the host's ipc", !namespaces.ipc && !said.is_set_to("namespaces.ipc", false)),
        ("the host's name", !namespaces.uts && !said.is_set_to("namespaces.uts", false)),
        ("the host's cgroups", !namespaces.cgroup && !said.is_set_to("namespaces.cgroup", false)),
        ("the host's processes", !namespaces.pid || namespaces.init != Init::Own),
        ("nesting", namespaces.nested != Nested::Deny && !said.is("namespaces.nested", "allow")),
        ("clocks", !namespaces.time.is_empty() && !said.has("namespaces.time")),
        ("descriptors", plan.descriptors != Descriptors::Only(Vec::new())),
        (
            "a private terminal",
            matches!(plan.terminal, Terminal::Private { .. }) != said.is("terminal.mode", "private"),
        ),
        ("many ids", plan.identity.has_ranges() && !said.is_set_to("identity.subordinate-ids", true)),
        ("another's id", plan.identity.uid_map.iter().all(|range| range.outside != facts.uid)),
        (
            "capabilities",
            !plan.capabilities.keep.is_empty() && !plan.identity.has_ranges() && !said.has("capabilities.keep"),
        ),
        ("no scopes", is_weaker(plan.protections.landlock_scopes, said, "landlock-scopes")),
        (
            "user namespaces",
            namespaces.nested == Nested::Deny
                && is_weaker(plan.protections.user_namespace_limit, said, "user-namespace-limit"),
        ),
        ("a limit", plan.limits.iter().any(|limit| limit.value != 0 && !says_limits(said))),
        ("a core dump", !said.has("limits.core-size") && plan.limits.iter().all(|limit| limit.value != 0)),
    ];
    match unsaid.iter().find(|(_, is_there)| *is_there) {
        Some((what, _)) => Err(format!("nobody asked for {what}")),
        None => Ok(()),
    }
}

fn is_weaker(demand: Demand, said: &Said, name: &str) -> bool {
    demand != Demand::Required && !said.list("protections.best-effort").iter().any(|named| named == name)
}

fn says_limits(said: &Said) -> bool {
    ["address-space", "core-size", "cpu-time", "file-size", "locked-memory", "open-files", "processes", "stack-size"]
        .iter()
        .any(|key| said.has(&format!("limits.{key}")))
}
