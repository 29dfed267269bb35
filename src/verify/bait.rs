//! What a hole would reach, laid out on the host before the sandbox is made and looked at after: files, sockets, ports, shared
//! memory, and a process, all of this process's own and all gone with it.

use super::expectations::shown_by;
use super::scene::Lure;
use crate::error::{Errno, Fault};
use crate::host::HostFacts;
use crate::plan::{Architecture, Plan};
use crate::sys::attempt::{self, Answer};
use crate::sys::clone::{Side, exit_now, in_namespaces};
use crate::sys::shared_memory::Segment;
use nix::sys::signal::{SigSet, Signal as NixSignal};
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, set_parent_process_death_signal, waitid};
use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};

/// The bit of SIGURG in a mask of /proc/PID/status (signal(7)): nobody is hurt by that signal.
const URGENT: u64 = 1 << (libc::SIGURG - 1);

/// The bait, and what tells that it was taken.
#[derive(Debug)]
pub struct Bait {
    secret: String,
    folder: Folder,
    process: Decoy,
    ports: Vec<TcpListener>,
    socket: UnixListener,
    abstract_socket: UnixListener,
    shared_file: Option<SharedFile>,
    segment: Option<Segment>,
    /// A descriptor that is open to whatever is executed, and that nobody has named.
    descriptor: OwnedFd,
    keyring: Option<i64>,
    namespaces: Vec<String>,
    stray: String,
}

/// What was seen of the bait, from the outside, after the sandbox has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// What the bait says.
    pub secret: String,
    /// The process has got a signal, or is gone.
    pub signalled: bool,
    /// Somebody connected to a port.
    pub port: bool,
    /// To the socket in the folder.
    pub socket: bool,
    /// To the abstract one.
    pub abstract_socket: bool,
    /// A stream that was given for reading says something else now.
    pub written: bool,
    /// Files of the host that were left by the inside.
    pub strays: Vec<PathBuf>,
    /// The caller's session keyring.
    pub keyring: Option<i64>,
    /// The caller's namespaces, by kind and number.
    pub namespaces: Vec<String>,
}

impl Bait {
    /// Lays it out where the plan shows nothing, if there is such a place.
    ///
    /// # Errors
    /// As the calls that make it.
    pub fn lay(plan: &Plan, facts: &HostFacts) -> Result<Self, Fault> {
        let secret = random().map_err(Fault::of("read", "/dev/urandom"))?;
        let name = random().map_err(Fault::of("read", "/dev/urandom"))?;
        let folder = Folder::make(plan, facts, &name)?;
        let file = folder.0.join("secret");
        write(&file, secret.as_bytes())?;
        let socket = folder.0.join("socket");
        let listen = |path: &Path| UnixListener::bind(path).map_err(Fault::of("bind", path.display()));
        let abstract_name = format!("nsbox-verify-{name}");
        let address =
            SocketAddr::from_abstract_name(&abstract_name).map_err(Fault::of("bind", "an abstract socket"))?;
        let ports = ["127.0.0.1:0", "[::1]:0"].iter().filter_map(|address| TcpListener::bind(address).ok());
        Ok(Self {
            process: Decoy::make(&secret, &name)?,
            ports: ports.collect(),
            socket: listen(&socket)?,
            abstract_socket: UnixListener::bind_addr(&address).map_err(Fault::of("bind", "an abstract socket"))?,
            shared_file: SharedFile::make(&name, &secret),
            segment: Segment::holding(secret.as_bytes()).ok(),
            // Without the flag that closes it on exec, as programs leave theirs.
            descriptor: openat(CWD, &file, OFlags::RDONLY, Mode::empty()).map_err(Fault::of("open", file.display()))?,
            keyring: crate::sys::keyring::session(),
            namespaces: namespaces(Path::new("/proc/self/ns")),
            stray: format!("nsbox-stray-{name}"),
            secret,
            folder,
        })
    }

    /// What the inside is told of it.
    pub fn lure(&self, session_sockets: Vec<PathBuf>) -> Lure {
        let name = self.abstract_socket.local_addr().ok();
        let name = name.as_ref().and_then(SocketAddrExt::as_abstract_name).unwrap_or_default();
        Lure {
            file: self.file(),
            socket: self.folder.0.join("socket"),
            abstract_name: String::from_utf8_lossy(name).into_owned(),
            ports: self.ports.iter().filter_map(|port| port.local_addr().ok()).collect(),
            shared_file: self.shared_file.as_ref().map(|file| file.0.clone()),
            segment: self.segment.as_ref().map(Segment::id),
            pid: self.process.pid,
            address: self.process.address as u64,
            length: self.secret.len(),
            session_sockets,
            stray: self.stray.clone(),
            has_i386: has_i386(),
            has_x32: has_x32(),
        }
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        self.folder.0.join("secret")
    }

    /// The folder that it lies in, for streams that are files of the host.
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// What it says.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The number of the descriptor that is not to cross over.
    pub fn descriptor(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }

    /// Looks at it afterwards; the inside may have left files in these folders.
    pub fn look(&self, folders: &[PathBuf], scene: &[u8]) -> Traces {
        let came = |listening: std::io::Result<()>, accepted: bool| listening.is_ok() && accepted;
        let at_port = |port: &TcpListener| came(port.set_nonblocking(true), port.accept().is_ok());
        let at_socket = |socket: &UnixListener| came(socket.set_nonblocking(true), socket.accept().is_ok());
        // What was left where it should not be is not left there for good.
        let strays = folders.iter().map(|folder| folder.join(&self.stray));
        let strays = strays.filter(|path| path.exists()).inspect(|path| drop(std::fs::remove_file(path)));
        Traces {
            secret: self.secret.clone(),
            signalled: self.process.was_signalled(),
            port: self.ports.iter().any(at_port),
            socket: at_socket(&self.socket),
            abstract_socket: at_socket(&self.abstract_socket),
            written: std::fs::read(self.folder.0.join("scene")).is_ok_and(|now| now != scene),
            strays: strays.collect(),
            keyring: self.keyring,
            namespaces: self.namespaces.clone(),
        }
    }
}

/// Sixteen bytes that nobody guesses, as text.
fn random() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = openat(CWD, path, flags, Mode::from_raw_mode(0o600)).map_err(Fault::of("create", path.display()))?;
    File::from(file).write_all(bytes).map_err(Fault::of("write to", path.display()))
}

/// The namespaces of a process, as `kind:[number]`.
pub fn namespaces(folder: &Path) -> Vec<String> {
    let kinds = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];
    let link = |kind: &&str| Some(std::fs::read_link(folder.join(kind)).ok()?.to_string_lossy().into_owned());
    kinds.iter().filter_map(link).collect()
}

fn has_i386() -> bool {
    // getpid, by the number that it has there.
    #[cfg(target_arch = "x86_64")]
    return matches!(attempt::call_of_32_bits(20, [0; 3]), Answer::Value(_));
    #[cfg(not(target_arch = "x86_64"))]
    false
}

fn has_x32() -> bool {
    let number = i64::from(crate::plan::FIRST_OF_X32) + 39;
    Architecture::NATIVE == Architecture::X86_64 && matches!(attempt::call(number, [0; 6]), Answer::Value(_))
}

/// A folder that is gone with all that is in it when this is dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    /// Makes one that the plan does not show; else one that it shows, which is open then, and said to be.
    fn make(plan: &Plan, facts: &HostFacts, name: &str) -> Result<Self, Fault> {
        let named = facts.variable("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
        let places = named.into_iter().chain(["/var/tmp".into(), "/tmp".into(), facts.home.clone()]);
        let mut places: Vec<PathBuf> = places.filter_map(|place| std::fs::canonicalize(place).ok()).collect();
        places.sort_by_key(|place| shown_by(plan, place).is_some());
        let mut reason = Errno(libc::ENOENT);
        for place in places {
            let path = place.join(format!("nsbox-verify-{name}"));
            match mkdirat(CWD, &path, Mode::from_raw_mode(0o700)) {
                Ok(()) => return Ok(Self(path)),
                Err(errno) => reason = errno.into(),
            }
        }
        Err(Fault::of("make", "a folder in /var/tmp, /tmp or the home folder")(reason))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A file in the host's /dev/shm.
#[derive(Debug)]
struct SharedFile(PathBuf);

impl SharedFile {
    fn make(name: &str, secret: &str) -> Option<Self> {
        let path = PathBuf::from(format!("/dev/shm/nsbox-verify-shm-{name}"));
        write(&path, secret.as_bytes()).ok()?;
        Some(Self(path))
    }
}

impl Drop for SharedFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// A process of the host that waits for a signal, and would not be hurt by it.
#[derive(Debug)]
struct Decoy {
    pid: i32,
    pidfd: OwnedFd,
    /// Where the secret is in its memory, as it is in this one's.
    address: usize,
    _secret: Box<[u8]>,
}

impl Decoy {
    fn make(secret: &str, name: &str) -> Result<Self, Fault> {
        let secret: Box<[u8]> = secret.as_bytes().into();
        let address = secret.as_ptr() as usize;
        match in_namespaces(0).map_err(Fault::of("clone", ""))? {
            Side::Child => wait(name),
            Side::Parent { pid, pidfd } => {
                // It is named when it waits.
                let comm = format!("/proc/{pid}/comm");
                for _ in 0..1000 {
                    if std::fs::read_to_string(&comm).is_ok_and(|comm| comm.starts_with(DECOY)) {
                        break;
                    }
                    std::thread::yield_now();
                }
                Ok(Self { pid, pidfd, address, _secret: secret })
            }
        }
    }

    /// Whether a signal has reached it: it lets SIGURG wait, and lives for as long as it is left alone.
    fn was_signalled(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let mask = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            u64::from_str_radix(line.trim(), 16).ok()
        };
        match (mask("SigPnd:"), mask("ShdPnd:")) {
            (Some(own), Some(shared)) => (own | shared) & URGENT != 0,
            // What cannot be read is gone.
            _ => true,
        }
    }
}

/// What the decoy's name begins with.
pub const DECOY: &str = "nsbox-bait";

fn wait(name: &str) -> ! {
    let mut held = SigSet::empty();
    held.add(NixSignal::SIGURG);
    // Its memory is looked for by its name, of which 15 bytes are kept.
    let comm = CString::new(format!("{DECOY}-{}", &name[..4])).unwrap_or_default();
    let ready = set_parent_process_death_signal(Some(Signal::KILL)).is_ok()
        && held.thread_block().is_ok()
        && rustix::thread::set_name(&comm).is_ok();
    if !ready {
        exit_now(1);
    }
    loop {
        nix::unistd::pause();
    }
}

impl Drop for Decoy {
    fn drop(&mut self) {
        pidfd_send_signal(&self.pidfd, Signal::KILL).ok();
        while matches!(waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED), Err(rustix::io::Errno::INTR)) {
        }
    }
}

/// The sockets of this session that are there: what its variables name, and where they usually are.
pub fn session_sockets(facts: &HostFacts) -> Vec<PathBuf> {
    let runtime =
        facts.variable("XDG_RUNTIME_DIR").map_or_else(|| format!("/run/user/{}", facts.uid).into(), OsString::from);
    let runtime = PathBuf::from(runtime);
    let variable = |name: &str| facts.variable(name).map(|value| value.as_bytes().to_vec());
    let mut named: Vec<PathBuf> = Vec::new();
    for name in ["SSH_AUTH_SOCK", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER", "PIPEWIRE_REMOTE"] {
        let Some(value) = variable(name) else { continue };
        let path =
            ["unix:path=", "unix:"].iter().find_map(|lead| value.strip_prefix(lead.as_bytes())).unwrap_or(&value);
        let path = path.split(|byte| matches!(byte, b',' | b';')).next().unwrap_or_default();
        named.push(runtime.join(OsStr::from_bytes(path)));
    }
    let usual = [
        "bus",
        "at-spi/bus",
        "at-spi/bus_0",
        "wayland-0",
        "wayland-1",
        "pipewire-0",
        "pulse/native",
        "gnupg/S.gpg-agent",
        "keyring/ssh",
        "gcr/ssh",
    ];
    named.extend(usual.iter().map(|name| runtime.join(name)));
    named.push(facts.home.join(".gnupg/S.gpg-agent"));
    let screens = std::fs::read_dir("/tmp/.X11-unix").into_iter().flatten().flatten();
    named.extend(screens.map(|screen| screen.path()));
    let is_socket = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let mut found: Vec<PathBuf> =
        named.into_iter().filter(is_socket).filter_map(|path| path.canonicalize().ok()).collect();
    found.sort_unstable();
    found.dedup();
    found
}
