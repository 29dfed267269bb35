//! A hermetic place to start nsbox from: an ordinary user, a home of its own, an environment with nothing in it.

pub mod examples;
pub mod older;
pub mod pty;
#[cfg(target_arch = "x86_64")]
pub mod trace;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long anything may take before a test calls it hung; far above what it needs on a busy machine.
///
/// A minute, or as many seconds as `NSBOX_PATIENCE` says, for machines that are slow throughout.
pub fn patience() -> Duration {
    let seconds = std::env::var("NSBOX_PATIENCE").ok();
    Duration::from_secs(seconds.map_or(60, |seconds| seconds.parse().expect("seconds in NSBOX_PATIENCE")))
}

/// Who starts nsbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// An ordinary user: the one who runs the tests, or the one they drop to.
    Ordinary,
    /// The real root of this machine.
    Root,
}

/// A scratch home with nsbox in it. Removed when dropped.
pub struct Host {
    folder: tempfile::TempDir,
    user: User,
}

impl Host {
    /// A home for an ordinary user.
    pub fn new() -> Self {
        Self::of(User::Ordinary)
    }

    /// A home for a user.
    pub fn of(user: User) -> Self {
        let folder = tempfile::Builder::new().prefix("nsbox-test-").tempdir_in("/tmp").expect("a scratch folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a scratch folder for all");
        let host = Self { folder, user };
        install(Path::new(env!("CARGO_BIN_EXE_nsbox")), &host.nsbox());
        fs::create_dir(host.home()).expect("a home");
        host.own(&host.home());
        host
    }

    /// The copy of nsbox that this host runs.
    pub fn nsbox(&self) -> PathBuf {
        self.folder.path().join("nsbox")
    }

    /// The user's home folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The ids of the user.
    pub fn user(&self) -> (u32, u32) {
        let own = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
        if self.user == User::Ordinary { dropped_to().unwrap_or(own) } else { own }
    }

    /// Gives a path to the user.
    fn own(&self, path: &Path) {
        if let (User::Ordinary, Some((uid, gid))) = (self.user, dropped_to()) {
            chown(path, Some(uid), Some(gid)).expect("a file of the user's own");
        }
    }

    /// Writes a file in the home folder, with the folders above it.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(name);
        self.folder(Path::new(name).parent().and_then(Path::to_str).unwrap_or_default());
        fs::write(&path, contents).expect("a file in the home");
        self.own(&path);
        path
    }

    /// Makes a folder in the home folder, with the folders above it.
    pub fn folder(&self, name: &str) -> PathBuf {
        let mut path = self.home();
        for part in Path::new(name) {
            path.push(part);
            if !path.exists() {
                fs::create_dir(&path).expect("a folder in the home");
                self.own(&path);
            }
        }
        path
    }

    /// Any program, started as the user, in the home folder, with an environment of next to nothing.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.home())
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("TERM", "dumb")
            .stdin(Stdio::null());
        if let (User::Ordinary, Some((uid, gid))) = (self.user, dropped_to()) {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// nsbox with these arguments.
    pub fn sandbox<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.command(self.nsbox());
        command.args(arguments);
        command
    }

    /// Runs nsbox with these arguments to its end.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        Ran::of(self.sandbox(arguments))
    }

    /// Runs a shell script in a sandbox with these options.
    pub fn script(&self, options: &[&str], script: &str) -> Ran {
        self.run(options.iter().copied().chain(["--", "sh", "-c", script]))
    }
}

/// Runs a script of bash in which `nsbox` is nsbox, as a person would type it, and `$NSBOX` its file.
pub fn shell(host: &Host, script: &str) -> Ran {
    let mut command = host.command("bash");
    command.env("NSBOX", host.nsbox());
    command.args(["-c", &format!("nsbox() {{ {} \"$@\"; }}; {script}", host.nsbox().display())]);
    Ran::of(command)
}

/// Puts nsbox where the user can run it: the build's own folder may be closed to them.
///
/// Never by writing it from here: a child that another test forks meanwhile would hold the file open for writing, and
/// the kernel executes no such file.
fn install(built: &Path, place: &Path) {
    if fs::hard_link(built, place).is_err() {
        let copied = Command::new("cp").arg(built).arg(place).status().expect("cp");
        assert!(copied.success(), "a copy of nsbox");
    }
}

/// A Python program on the host (without words) or started by these.
pub fn python(host: &Host, words: &[&str], script: &str) -> Ran {
    let mut command = host.command(words.first().unwrap_or(&"env"));
    command.args(words.iter().skip(1)).args(["/usr/bin/python3", "-c", script]);
    Ran::of(command)
}

/// What came of a program.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status; 128+n for a signal, as a shell says it.
    pub status: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Ran {
    /// Runs a command to its end; one that takes longer than [`patience`] fails the test.
    pub fn of(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"));
        Self::from(wait_with_patience(child))
    }

    /// Fails the test unless the status is this one.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// Fails the test unless this stands on standard output.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "{text:?} is not in {self}");
        self
    }

    /// Fails the test if this stands on standard output.
    #[track_caller]
    pub fn never_says(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text), "{text:?} is in {self}");
        self
    }

    /// Fails the test unless this stands on standard error.
    #[track_caller]
    pub fn complains(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "{text:?} is not in {self}");
        self
    }

    /// Fails the test unless standard error is empty.
    #[track_caller]
    pub fn in_silence(self) -> Self {
        assert!(self.stderr.is_empty(), "{self}");
        self
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        Self {
            status: output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or_default()),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: older::without_kernels_own(&String::from_utf8_lossy(&output.stderr)),
        }
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "a run with status {}", self.status)?;
        for (name, stream) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            for line in stream.lines() {
                writeln!(f, "  {name}: {line}")?;
            }
        }
        Ok(())
    }
}

/// Waits for a child, but not for ever.
fn wait_with_patience(child: std::process::Child) -> Output {
    let pid = child.id();
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let late = waiting.recv_timeout(patience()) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
        if late {
            eprintln!("process {pid} hangs, and is killed");
            drop(Command::new("kill").args(["-KILL", &pid.to_string()]).status());
        }
    });
    let output = child.wait_with_output().expect("the end of a child");
    // The watcher sees this end of the channel close.
    drop(done);
    output
}

/// Waits until something is true; fails the test where it never becomes so.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < patience(), "never came: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The user that tests started as root drop to; nothing where they are not.
fn dropped_to() -> Option<(u32, u32)> {
    static IDS: OnceLock<Option<(u32, u32)>> = OnceLock::new();
    *IDS.get_or_init(|| {
        if !nix::unistd::geteuid().is_root() {
            return None;
        }
        // An ordinary user of this machine, if it has one: what needs a name then has one. The one that is made for
        // these tests comes first.
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let ordinary = accounts.lines().filter_map(|line| {
            let fields: Vec<_> = line.split(':').collect();
            let (uid, gid): (u32, u32) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
            (1000..60000).contains(&uid).then_some((fields[0] != "nsbox-test", uid, gid))
        });
        Some(ordinary.min().map_or((12345, 12345), |(_, uid, gid)| (uid, gid)))
    })
}

/// Whether this machine has what a test needs. If not, the test says so aloud and is over; where everything is
/// required, it fails.
#[track_caller]
pub fn has(what: &str, is_there: bool) -> bool {
    if is_there {
        return true;
    }
    assert!(std::env::var_os("NSBOX_REQUIRE_ALL").is_none(), "this machine lacks {what}, and all is required");
    // Not by the macro, whose words the test runner keeps to itself where a test passes.
    writeln!(std::io::stderr(), "SKIPPED: this machine lacks {what}").expect("standard error");
    false
}

/// Whether a program is installed.
#[track_caller]
pub fn has_program(name: &str) -> bool {
    let folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
    has(&format!("the program {name}"), folders.iter().any(|folder| Path::new(folder).join(name).exists()))
}

/// Whether the tests run as root.
#[track_caller]
pub fn is_root() -> bool {
    has("the right to be root", nix::unistd::geteuid().is_root())
}

/// Whether an ordinary user can make a user namespace here.
pub fn can_make_user_namespaces() -> bool {
    let host = Host::new();
    let mut command = host.command("unshare");
    command.args(["-U", "true"]);
    Ran::of(command).status == 0
}
