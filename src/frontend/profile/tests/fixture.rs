//! A host in memory, and what nsbox says and plans on it, as plain text; built of public parts only, since tests/fuzz uses it too.

use crate::error::{Diagnostics, Errno, Severity};
use crate::frontend::profile::{Request, Setting, SettingValue, Shelf, Unread, load_from, lower};
use crate::host::{FileKind, HostFacts, Listed, Look, Paths};
use crate::plan::{Access, MountKind, Origin, Plan, ProcSource};
use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Folder,
    File(Vec<u8>),
    Special,
    Socket,
    Link(PathBuf),
    Forbidden,
    /// A folder whose names cannot be listed; whether what is in it can be looked at.
    Unlisted {
        searchable: bool,
    },
}

/// A host: its files, its profiles, its caller.
#[derive(Debug, Clone)]
pub struct Host {
    nodes: BTreeMap<PathBuf, Node>,
    /// What belongs to somebody else than the caller.
    foreign: BTreeMap<PathBuf, u32>,
    pub uid: u32,
    pub user: &'static str,
    pub home: &'static str,
    pub working_directory: &'static str,
    pub environment: Vec<(&'static str, &'static str)>,
    /// What could not be looked at.
    pub trouble: Option<(PathBuf, Errno)>,
}

impl Host {
    /// Ann's machine, with the usual links into /usr, and Ann in a folder of her home.
    pub fn new() -> Self {
        let host = Self {
            nodes: BTreeMap::new(),
            foreign: BTreeMap::new(),
            uid: 1000,
            user: "ann",
            home: "/home/ann",
            working_directory: "/home/ann/work",
            environment: vec![("TERM", "xterm"), ("LANG", "C.UTF-8"), ("LC_TIME", "de_DE"), ("SECRET", "hush")],
            trouble: None,
        };
        host.folder("/home/ann/work")
            .folder("/tmp")
            .folder("/usr/lib")
            .folder("/usr/share/zoneinfo")
            .file("/usr/bin/bash", "")
            .file("/usr/share/zoneinfo/UTC", "")
            .folder("/etc/alternatives")
            .file("/etc/ld.so.cache", "")
            .link("/etc/localtime", "/usr/share/zoneinfo/UTC")
            .link("/bin", "usr/bin")
            .link("/lib", "usr/lib")
            .folder("/proc/sys")
            .file("/proc/keys", "")
            .special("/dev/null")
            .special("/dev/tty")
    }

    /// Adds a folder, and those above it.
    pub fn folder(self, path: &str) -> Self {
        self.node(path, Node::Folder)
    }

    /// Adds a file with that text.
    pub fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        self.node(path, Node::File(text.as_ref().to_vec()))
    }

    /// Adds a device.
    pub fn special(self, path: &str) -> Self {
        self.node(path, Node::Special)
    }

    /// Adds a socket.
    pub fn socket(self, path: &str) -> Self {
        self.node(path, Node::Socket)
    }

    /// Adds a symlink.
    pub fn link(self, path: &str, target: &str) -> Self {
        self.node(path, Node::Link(target.into()))
    }

    /// Adds something that the caller may not look at.
    pub fn forbidden(self, path: &str) -> Self {
        self.node(path, Node::Forbidden)
    }

    /// Adds a folder that the caller cannot list, and can look into only if it is searchable.
    pub fn unlisted(self, path: &str, searchable: bool) -> Self {
        self.node(path, Node::Unlisted { searchable })
    }

    /// Takes away what stands at a path.
    pub fn without(mut self, path: &str) -> Self {
        self.nodes.remove(Path::new(path)).expect("something to take away");
        self
    }

    /// Gives what stands at a path to another user.
    pub fn owned(mut self, path: &str, uid: u32) -> Self {
        self.foreign.insert(path.into(), uid);
        self
    }

    fn node(mut self, path: &str, node: Node) -> Self {
        for above in Path::new(path).ancestors().skip(1) {
            self.nodes.entry(above.to_owned()).or_insert(Node::Folder);
        }
        self.nodes.insert(path.into(), node);
        self
    }

    /// Every path at which something stands.
    pub fn all(&self) -> impl Iterator<Item = &Path> {
        self.nodes.keys().map(PathBuf::as_path)
    }

    /// The facts of this host.
    pub fn facts(&self) -> HostFacts {
        let group = self.user;
        HostFacts {
            uid: self.uid,
            gid: self.uid,
            is_real_root: self.uid == 0,
            user: self.user.into(),
            group: LazyCell::new(Box::new(|| group.into())),
            home: self.home.into(),
            shell: "/bin/bash".into(),
            working_directory: self.working_directory.into(),
            memory: 8 << 30,
            environment: self.environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            paths: Box::new(self.clone()),
        }
    }

    /// The path itself, the symlinks above it followed, as lstat(2) does; nothing for what is no folder above it.
    fn real(&self, path: &Path, depth: usize) -> Option<PathBuf> {
        assert!(depth < 100, "the fixture's own walk is endless at {}", path.display());
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else { return Some(path.to_owned()) };
        let above = self.real(above, depth + 1)?;
        let above = match self.nodes.get(&above)? {
            Node::Link(target) => {
                let mut end = above.parent()?.to_owned();
                for component in target.components() {
                    match component {
                        Component::ParentDir => drop(end.pop()),
                        component => end.push(component),
                    }
                }
                self.real(&end, depth + 1)?
            }
            Node::Folder | Node::Unlisted { .. } => above,
            _ => return None,
        };
        Some(above.join(name))
    }

    /// The plan for `bash` under a profile of that text, without flags.
    pub fn plan(&self, profile: &str) -> Plan {
        self.plan_with(profile, &[])
    }

    /// As [`Host::plan`], with flags.
    #[track_caller]
    pub fn plan_with(&self, profile: &str, flags: &[(&str, &str, &str)]) -> Plan {
        match self.lower(profile, flags, &["bash"]) {
            Ok((plan, warnings)) => {
                assert!(warnings.is_empty(), "{}", rendered(&warnings));
                plan
            }
            Err(found) => panic!("{}", rendered(&found)),
        }
    }

    /// What nsbox says against a profile of that text, without flags.
    pub fn problems(&self, profile: &str) -> String {
        self.problems_with(profile, &[])
    }

    /// As [`Host::problems`], with flags.
    #[track_caller]
    pub fn problems_with(&self, profile: &str, flags: &[(&str, &str, &str)]) -> String {
        match self.lower(profile, flags, &["bash"]) {
            Ok((plan, _)) => panic!("nothing is wrong: {plan:#?}"),
            Err(found) => rendered(&found),
        }
    }

    /// Reads and lowers a profile in the file `test.toml`; flags are their name, their key, and their word or, for
    /// `--set`, their TOML.
    pub fn lower(
        &self,
        profile: &str,
        flags: &[(&str, &str, &str)],
        argv: &[&str],
    ) -> Result<(Plan, Diagnostics), Diagnostics> {
        let host = self.clone().file(&format!("{}/test.toml", self.working_directory), profile);
        let facts = host.facts();
        let setting = |(flag, key, value): &(&str, &str, &str)| Setting {
            flag: (*flag).into(),
            key: (*key).into(),
            value: match *flag {
                "--set" => SettingValue::Toml((*value).into()),
                _ => SettingValue::Word(value.into()),
            },
        };
        let request = Request {
            profile: Some("test.toml".into()),
            settings: flags.iter().map(setting).collect(),
            argv: argv.iter().map(OsString::from).collect(),
            ..Request::default()
        };
        let chain = load_from(&host, OsStr::new("test.toml"), &facts)?;
        lower(&chain, &request, &facts)
    }
}

impl Paths for Host {
    fn look(&self, path: &Path) -> Look {
        let Some(real) = self.real(path, 0) else { return Look::Missing };
        let is_closed = |folder| matches!(self.nodes.get(folder), Some(Node::Unlisted { searchable: false }));
        if real.parent().is_some_and(is_closed) {
            return Look::Forbidden;
        }
        let inode = self.nodes.keys().position(|known| *known == real).unwrap_or_default() as u64;
        let found = |kind| Look::Found { kind, device: 1, inode };
        match self.nodes.get(&real) {
            None => Look::Missing,
            Some(Node::Forbidden) => Look::Forbidden,
            Some(Node::Link(target)) => Look::Symlink(target.clone()),
            Some(Node::Folder | Node::Unlisted { .. }) => found(FileKind::Folder),
            Some(Node::File(_)) => found(FileKind::File),
            Some(Node::Special) => found(FileKind::Device),
            Some(Node::Socket) => found(FileKind::Special),
        }
    }

    fn owner(&self, path: &Path) -> Option<u32> {
        self.nodes.get(path)?;
        Some(self.foreign.get(path).copied().unwrap_or(self.uid))
    }

    fn list(&self, folder: &Path) -> Option<Vec<Listed>> {
        if !matches!(self.nodes.get(folder), Some(Node::Folder)) {
            return None;
        }
        let inside = self.nodes.iter().filter(|(path, _)| path.parent() == Some(folder));
        let listed = inside.filter_map(|(path, node)| {
            let is_folder = matches!(node, Node::Folder | Node::Unlisted { .. });
            Some(Listed { name: path.file_name()?.to_owned(), is_folder })
        });
        Some(listed.collect())
    }

    fn read(&self, file: &Path) -> Option<String> {
        match self.nodes.get(&self.real(file, 0)?)? {
            Node::File(text) => String::from_utf8(text.clone()).ok(),
            _ => None,
        }
    }

    fn trouble(&self) -> Option<&(PathBuf, Errno)> {
        self.trouble.as_ref()
    }
}

impl Shelf for Host {
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, Unread> {
        let path = crate::plan::normalise(path).expect("an absolute path");
        match self.nodes.get(&path) {
            None => Err(Unread::Missing),
            Some(Node::File(text)) => Ok(text[..text.len().min(limit + 1)].to_vec()),
            Some(Node::Folder) => Err(Unread::Folder),
            Some(_) => Err(Unread::Refused("Permission denied (EACCES)".into())),
        }
    }
}

/// Diagnostics as text: place, the underlined words, message, and below it label and hint.
pub fn rendered(found: &Diagnostics) -> String {
    let mut text = String::new();
    for diagnostic in found.iter() {
        text += match diagnostic.severity {
            Severity::Note => "note: ",
            Severity::Warning => "warning: ",
            Severity::Error => "",
        };
        if let Some(at) = &diagnostic.excerpt {
            let underlined: String = at.text.chars().skip(at.column as usize - 1).take(at.length as usize).collect();
            text += &format!("{}:{}:{} {underlined} : ", at.source, at.line, at.column);
        }
        text += &format!("{}\n", diagnostic.message);
        for (name, words) in [("label", &diagnostic.label), ("hint", &diagnostic.hint)] {
            if let Some(words) = words {
                text += &format!("  {name}: {words}\n");
            }
        }
    }
    text
}

/// The mounts that somebody asked for, one a line.
pub fn asked(plan: &Plan) -> String {
    let asked = plan.mounts.iter().filter(|mount| !matches!(mount.origin, Origin::Default(_)));
    asked.map(|mount| line(&mount.destination, &mount.kind)).collect()
}

/// The mounts that nsbox itself adds, one a line.
pub fn added(plan: &Plan) -> String {
    let added = plan.mounts.iter().filter(|mount| matches!(mount.origin, Origin::Default(_)));
    added.map(|mount| line(&mount.destination, &mount.kind)).collect()
}

fn line(destination: &Path, kind: &MountKind) -> String {
    let path = destination.display();
    match kind {
        MountKind::Bind { source, access } => {
            let access = if *access == Access::Read { "read" } else { "write" };
            let from = if source == destination { String::new() } else { format!(" from {}", source.display()) };
            format!("{access} {path}{from}\n")
        }
        MountKind::Device { source } => format!("device {path} from {}\n", source.display()),
        MountKind::Tmpfs { size: None, mode } => format!("tmpfs {path} {mode:04o}\n"),
        MountKind::Tmpfs { size: Some(size), mode } => format!("tmpfs {path} {mode:04o} {size}\n"),
        MountKind::Directory { mode } => format!("folder {path} {mode:04o}\n"),
        MountKind::Symlink { target } => format!("link {path} -> {}\n", target.display()),
        MountKind::File { .. } => format!("file {path}\n"),
        MountKind::Proc { source, masks, .. } => {
            let kind = if *source == ProcSource::New { "" } else { "existing " };
            let (hidden, locked) = (masks.hidden.join(" "), masks.read_only.join(" "));
            format!("{kind}proc {path}\nhidden in {path}: {hidden}\nlocked in {path}: {locked}\n")
        }
        MountKind::Devpts => format!("devpts {path}\n"),
        MountKind::Console => format!("console {path}\n"),
        MountKind::Kept { source } => format!("kept {path} from {}\n", source.display()),
        MountKind::Sockets => format!("sockets {path}\n"),
        MountKind::Hide => format!("hide {path}\n"),
        MountKind::ReadOnly => format!("lock {path}\n"),
        MountKind::Pin => format!("pin {path}\n"),
    }
}

/// The payload's environment, one variable a line.
pub fn environment(plan: &Plan) -> String {
    plan.environment.iter().map(|v| format!("{}={}\n", v.name.display(), v.value.display())).collect()
}

/// The text of a synthesised file.
#[track_caller]
pub fn contents<'p>(plan: &'p Plan, path: &str) -> &'p str {
    let file = plan.mounts.iter().find(|mount| mount.destination == Path::new(path));
    match file.map(|mount| &mount.kind) {
        Some(MountKind::File { contents, .. }) => contents,
        other => panic!("{path} is {other:?}"),
    }
}
