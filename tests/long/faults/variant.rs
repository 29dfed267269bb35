//! The launches that are made to fail: between them they take every step.

use super::tracer::Streams;
use crate::support::{Host, Ran};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A launch.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// What it is called.
    pub name: &'static str,
    /// The options of nsbox.
    options: &'static [&'static str],
    /// Whether it happens at a terminal.
    at_terminal: bool,
    /// Whether ids must have been lent to the user.
    pub needs_ids: bool,
    /// Whether it is launched by a plan in which the payload is init.
    without_init: bool,
    /// Whether there is a session with a bus, portals and sound.
    pub has_session: bool,
}

const PLAIN: Variant = Variant {
    name: "plain",
    options: &[],
    at_terminal: false,
    needs_ids: false,
    without_init: false,
    has_session: false,
};

/// All of them.
pub const ALL: [Variant; 9] = [
    PLAIN,
    Variant {
        name: "build",
        options: &[
            "--profile=build",
            "--hide=project/secret",
            "--hide=project/**/id_*",
            "--read=project/kept",
            "--tmpfs=/scratch:1M",
            "--symlink=/link=/etc",
            "--device=/dev/full",
            "--status-fd=3",
            "--set=limits.processes=100",
            "--set=limits.open-files=200",
            "--set=limits.file-size=\"1M\"",
            "--set=limits.wall-time=\"1h\"",
            "--set=namespaces.time.monotonic=\"1h\"",
            "--set=filesystem.files={\"/etc/motd\"=\"hello\"}",
        ],
        ..PLAIN
    },
    Variant { name: "strict", options: &["--profile=strict"], ..PLAIN },
    Variant {
        name: "nested",
        options: &["--set=namespaces.nested=\"allow\"", "--user=root", "--set=network.mode=\"none\""],
        ..PLAIN
    },
    Variant {
        name: "ids",
        options: &["--user=root", "--set=identity.subordinate-ids=true", "--set=limits.processes=100"],
        needs_ids: true,
        ..PLAIN
    },
    Variant { name: "terminal", options: &["--terminal=private"], at_terminal: true, ..PLAIN },
    Variant { name: "bare", options: &["--read=/etc/passwd"], without_init: true, ..PLAIN },
    Variant { name: "shared", options: &["--profile=strict"], at_terminal: true, ..PLAIN },
    Variant {
        name: "desktop",
        options: &[
            "--set=desktop.portals=true",
            "--set=desktop.dbus.session.talk=[\"org.example.Server\"]",
            "--set=desktop.audio=true",
        ],
        has_session: true,
        ..PLAIN
    },
];

/// The terminal of a launch.
pub struct Terminal {
    screen: OwnedFd,
    /// Without it what was written could be lost.
    _programs: OwnedFd,
}

impl Terminal {
    /// What it shows at the end.
    pub fn shown(self) -> String {
        rustix::io::ioctl_fionbio(&self.screen, true).expect("a screen to read from");
        let mut shown = String::new();
        super::tracer::drain(&mut File::from(self.screen), &mut shown);
        shown
    }
}

/// What the command is: it leaves its mark on the host, and says all that it can see of its protections.
const COMMAND: &str = r#"
echo ran > ran
wc -c secret sub/id_key 2>&1
cd /
PATH=/usr/bin:/bin:/usr/sbin:/sbin
grep -E '^(Uid|Gid|Groups|NSpid|Cap|NoNewPrivs|Seccomp|Sig(Blk|Ign))' /proc/self/status
grep -h '^Cap' /proc/1/status
tr '\0' ' ' < /proc/1/cmdline; ls /proc/1/fd 2>&1
cut -d' ' -f4- /proc/self/mountinfo
ulimit -a; umask; hostname; tty
cat /proc/self/uid_map /proc/self/gid_map /proc/self/timens_offsets /proc/sys/user/max_user_namespaces
cat /proc/sys/net/ipv4/ip_unprivileged_port_start; grep -c 127.0.0.1 /proc/net/fib_trie
ls /proc/self/fd | tr '\n' ' '
for name in user mnt pid ipc uts net cgroup time; do readlink /proc/self/ns/$name; done
(: >> /proc/self/fd/0) 2>/dev/null && echo reopened
setpriv --dump; cat /proc/keys | wc -l; echo end
"#;

/// A scratch home in which a variant is launched again and again.
pub struct Place {
    /// The home.
    pub host: Host,
    variant: Variant,
    /// The kinds and numbers of the namespaces that the launcher is in.
    outside: Vec<String>,
    _session: Option<Session>,
}

/// What there is of a session as long as this is.
struct Session {
    bus: Pid,
    _sound: UnixListener,
}

impl Drop for Session {
    fn drop(&mut self) {
        kill(self.bus, Signal::SIGKILL).expect("a bus");
    }
}

impl Place {
    /// Makes one.
    pub fn of(variant: Variant) -> Self {
        let host = Host::new();
        host.folder("run");
        for file in ["project/secret", "project/sub/id_key", "project/kept/file", "input"] {
            host.write(file, "text\n");
        }
        host.write("project/.git/config", "");
        let outside = ["user", "mnt", "pid", "ipc", "uts", "net", "cgroup", "time"]
            .map(|kind| fs::read_link(format!("/proc/self/ns/{kind}")).unwrap_or_default())
            .map(|name| name.to_string_lossy().into_owned());
        let session = variant.has_session.then(|| session(&host));
        let place = Self { host, variant, outside: outside.to_vec(), _session: session };
        place.host.write("plan", place.plan());
        place
    }

    /// What the next launch does with what one has left whose monitor was killed: it is that launch's to sweep.
    pub fn sweep(&self) {
        if self.variant.has_session {
            let mut next = self.host.sandbox(self.options());
            next.args(["--", "true"]).current_dir(self.folder());
            Ran::of(self.in_session(next)).exits(0);
        }
    }

    fn in_session(&self, mut command: Command) -> Command {
        command.env("XDG_RUNTIME_DIR", self.host.home().join("run"));
        command.env("XDG_DATA_DIRS", self.host.home().join("share"));
        command
    }

    /// The plan of a launch in which the payload is init.
    fn plan(&self) -> String {
        if !self.variant.without_init {
            return String::new();
        }
        let mut command = self.host.sandbox(["plan", "--json"]);
        command.args(self.options()).args(["--", "true"]).current_dir(self.folder());
        Ran::of(command).exits(0).stdout.replace(r#""init": "own""#, r#""init": "payload""#)
    }

    /// The options of nsbox.
    fn options(&self) -> Vec<String> {
        let home = self.host.home().display().to_string();
        let folder = self.folder().display().to_string();
        let own = [format!("--write={folder}"), format!("--directory={folder}")];
        let absolute = |option: &&str| option.replace("=project", &format!("={home}/project"));
        own.into_iter().chain(self.variant.options.iter().map(absolute)).collect()
    }

    /// The folder of the launch.
    pub fn folder(&self) -> PathBuf {
        self.host.home().join("project")
    }

    /// The words of the launch.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.variant.at_terminal {
            words.extend(["setsid", "--ctty"].map(str::to_owned));
        }
        if self.variant.has_session {
            words.extend(["env".to_owned(), format!("XDG_DATA_DIRS={}", self.host.home().join("share").display())]);
        }
        words.extend([self.host.nsbox().display().to_string(), "--verbose".to_owned()]);
        match self.variant.without_init {
            true => words.push("--plan-fd=4".to_owned()),
            false => words.extend(self.options()),
        }
        words.extend(["--", "/bin/bash", "-c", COMMAND].map(str::to_owned));
        words
    }

    /// The streams of a launch, and its terminal, which must be kept until it has ended.
    pub fn streams(&self) -> (Streams, Option<Terminal>) {
        if !self.variant.at_terminal {
            let input = File::open(self.host.home().join("input")).expect("a file to read from");
            return (Streams { stdin: input.into(), stdout: None }, None);
        }
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).expect("a pty");
        let stream = || Stdio::from(pty.slave.try_clone().expect("a copy of the terminal"));
        (
            Streams { stdin: stream(), stdout: Some(stream()) },
            Some(Terminal { screen: pty.master, _programs: pty.slave }),
        )
    }

    /// Whether the command has been there; forgets it.
    pub fn was_marked(&self) -> bool {
        fs::remove_file(self.mark()).is_ok()
    }

    fn mark(&self) -> PathBuf {
        self.host.home().join("project/ran")
    }

    /// What stands in the home and in the folder for temporary files, and what is mounted there.
    pub fn leftovers(&self) -> String {
        let mut find = self.host.command("find");
        find.arg(self.host.home()).args(["-printf", "%p %M %U %s\n"]);
        let listing = Ran::of(find).stdout;
        let home = self.host.home().display().to_string();
        let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mountinfo");
        let here: Vec<_> = mounts.lines().filter(|line| line.contains(&home)).collect();
        format!("{listing}{}", here.join("\n"))
    }

    /// What the command said, without what differs from launch to launch.
    pub fn fingerprint(&self, said: &str) -> String {
        let line = |line: &str| {
            // The numbers of new namespaces differ; that they are not the host's must not.
            let kind = line.split_once(":[").map(|(kind, _)| kind);
            match kind {
                Some(kind) if self.outside.iter().any(|outside| outside == line) => format!("the host's {kind}\n"),
                Some(kind) => format!("a new {kind}\n"),
                // So has the folder of the sandbox's sockets.
                None if line.contains(" /run/nsbox ") => format!("{}\n", line.trim_start_matches(|c| c != ' ')),
                // The caller's terminal has another number each time.
                None if line.contains(" /dev/console ") => format!("{}\n", line.trim_start_matches(|c| c != ' ')),
                None => format!("{line}\n"),
            }
        };
        said.replace('\r', "").lines().map(line).collect()
    }
}

/// A session: a bus, portals that it could start, the folder in which they show files, and a socket on which a sound
/// server would listen: nothing speaks to it before a program plays.
fn session(host: &Host) -> Session {
    fs::set_permissions(host.folder("run"), fs::Permissions::from_mode(0o700)).expect("a runtime folder");
    host.folder("run/doc/by-app");
    host.write("share/dbus-1/services/org.freedesktop.portal.Desktop.service", "");
    let native = host.folder("run/pulse").join("native");
    let sound = UnixListener::bind(&native).expect("a socket");
    let (uid, gid) = host.user();
    chown(&native, Some(uid), Some(gid)).expect("a socket of the user's");
    let socket = host.home().join("run/bus");
    let mut daemon = host.command("dbus-daemon");
    // No child of this process: the tracer waits for all of those.
    daemon.args(["--session", "--fork", "--nopidfile", "--print-pid"]);
    daemon.arg(format!("--address=unix:path={}", socket.display()));
    let said = Ran::of(daemon).exits(0).stdout;
    Session { bus: Pid::from_raw(said.trim().parse().expect("the number of the bus")), _sound: sound }
}
