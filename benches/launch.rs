//! What it costs to start `true` in a sandbox: nsbox in its main forms beside a bare start, unshare(1) and bubblewrap; with and
//! without a network, with many binds, and several at once.
//!
//! `cargo bench --bench launch` measures the plain build, and with `--target x86_64-unknown-linux-musl` what is released;
//! `-- ROUNDS` chooses how many rounds. What README.md says of launches of nsbox and bubblewrap is from the first table.

mod rounds;

use rounds::{Contender, asked_for, installed, is_installed, play, print_circumstances};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often each is started, unless another number is given.
const ROUNDS: usize = 100;
/// What is started.
const PAYLOAD: &str = "/usr/bin/true";
/// What the others are compared with.
const BARE: &str = "the bare start";
const PEER: &str = "bubblewrap";

/// How many launchers there are where there are several at once.
const AT_ONCE: usize = 4;
/// How long they start one sandbox after the other.
const SLICE: Duration = Duration::from_millis(300);

/// Mounts as bubblewrap gets them, and its namespaces.
const SAME: [&str; 14] = [
    "--read",
    "/usr",
    "--read",
    "/etc",
    "--symlink",
    "/bin=usr/bin",
    "--symlink",
    "/sbin=usr/sbin",
    "--symlink",
    "/lib=usr/lib",
    "--symlink",
    "/lib64=usr/lib64",
    "--tmpfs",
    "/tmp",
];
/// The same in a profile, but for the network.
const PROFILE: &str = r#"[filesystem]
read = ["/usr", "/etc"]
symlinks = { "/bin" = "usr/bin", "/sbin" = "usr/sbin", "/lib" = "usr/lib", "/lib64" = "usr/lib64" }
tmpfs = ["/tmp"]
"#;
const HOST_NETWORK: [&str; 2] = ["--network", "host"];
const NO_NETWORK: [&str; 2] = ["--network", "none"];
const NO_FILTER: [&str; 2] = ["--syscalls", "none"];

/// The same for bubblewrap.
const BWRAP: [&str; 29] = [
    "bwrap",
    "--unshare-user",
    "--unshare-pid",
    "--unshare-uts",
    "--unshare-ipc",
    "--ro-bind",
    "/usr",
    "/usr",
    "--ro-bind",
    "/etc",
    "/etc",
    "--symlink",
    "usr/bin",
    "/bin",
    "--symlink",
    "usr/sbin",
    "/sbin",
    "--symlink",
    "usr/lib",
    "/lib",
    "--symlink",
    "usr/lib64",
    "/lib64",
    "--tmpfs",
    "/tmp",
    "--proc",
    "/proc",
    "--dev",
    "/dev",
];

/// A way to start the payload.
#[derive(Clone)]
struct Launcher {
    name: &'static str,
    words: Vec<String>,
}

impl Launcher {
    fn new(name: &'static str, words: &[&[&str]]) -> Self {
        let words = words.concat().into_iter().map(str::to_owned).collect();
        Self { name, words }
    }

    /// With these words before the payload.
    fn with(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.words.extend(words);
        self
    }

    /// Starts it once, to its end.
    fn start(&self) {
        let words: Vec<&str> = self.words.iter().map(String::as_str).chain([PAYLOAD]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::null());
        let status = command.status().unwrap_or_else(|error| panic!("{}: {error}", self.name));
        assert!(status.success(), "{}: {status}", self.name);
    }

    /// How many milliseconds a start takes.
    fn milliseconds(&self) -> f64 {
        let begin = Instant::now();
        self.start();
        begin.elapsed().as_secs_f64() * 1e3
    }

    /// How many are started in a second by several at once.
    fn rate(&self) -> f64 {
        let begin = Instant::now();
        let started: usize = thread::scope(|scope| {
            let start_some = || {
                let mut started = 0;
                while begin.elapsed() < SLICE {
                    self.start();
                    started += 1;
                }
                started
            };
            let launchers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(start_some)).collect();
            launchers.into_iter().map(|launcher| launcher.join().expect("a launcher")).sum()
        });
        started as f64 / begin.elapsed().as_secs_f64()
    }
}

/// The launchers of this machine.
struct Launchers<'n> {
    nsbox: &'n str,
}

impl Launchers<'_> {
    fn bare() -> Launcher {
        Launcher::new(BARE, &[])
    }

    /// nsbox with these options in place of a profile.
    fn nsbox(&self, name: &'static str, options: &[&[&str]]) -> Launcher {
        Launcher::new(name, &[&[self.nsbox, "--quiet", "--profile", "/dev/null"], &SAME, &options.concat()])
    }

    fn profile(&self, name: &'static str, profile: &str, options: &[&str]) -> Launcher {
        Launcher::new(name, &[&[self.nsbox, "--quiet", "--profile", profile], options])
    }

    /// bubblewrap with these options, where it is installed.
    fn bubblewrap(options: &[&str]) -> Option<Launcher> {
        is_installed(BWRAP[0]).then(|| Launcher::new(PEER, &[&BWRAP, options]))
    }

    fn main_forms(&self) -> Vec<Launcher> {
        let unshare = || Launcher::new("unshare(1), no root of its own", &[&["unshare", "-Urpmf", "--mount-proc"]]);
        let forms = [
            Self::bare(),
            self.nsbox("nsbox, bubblewrap's mounts, no filter", &[&HOST_NETWORK, &NO_FILTER]),
            self.nsbox("nsbox, bubblewrap's mounts", &[&HOST_NETWORK]),
            self.profile("nsbox, bubblewrap's mounts in a profile", "./same.toml", &HOST_NETWORK),
            self.profile("nsbox, `strict`", "strict", &[]),
            self.profile("nsbox, `shell`", "shell", &[]),
            self.profile("nsbox, `build`", "build", &[]),
        ];
        forms.into_iter().chain(is_installed("unshare").then(unshare)).chain(Self::bubblewrap(&[])).collect()
    }

    fn without_network(&self) -> Vec<Launcher> {
        let forms = [
            Self::bare(),
            self.nsbox("nsbox, bubblewrap's mounts, no filter", &[&NO_NETWORK, &NO_FILTER]),
            self.nsbox("nsbox, bubblewrap's mounts", &[&NO_NETWORK]),
            self.profile("nsbox, bubblewrap's mounts in a profile", "./same.toml", &NO_NETWORK),
        ];
        forms.into_iter().chain(Self::bubblewrap(&["--unshare-net"])).collect()
    }

    /// With so many read-only binds beside the usual ones.
    fn with_binds(&self, count: usize, folder: &Path) -> Vec<Launcher> {
        let paths: Vec<String> = (0..count).map(|n| folder.join(format!("bind-{n}")).display().to_string()).collect();
        for path in &paths {
            fs::create_dir_all(path).expect("a folder to bind");
        }
        let own = || paths.iter().flat_map(|path| ["--read".to_owned(), path.clone()]);
        let theirs = || paths.iter().flat_map(|path| ["--ro-bind".to_owned(), path.clone(), path.clone()]);
        let forms = [
            Self::bare(),
            self.nsbox("nsbox, bubblewrap's mounts, no filter", &[&HOST_NETWORK, &NO_FILTER]).with(own()),
            self.nsbox("nsbox, bubblewrap's mounts", &[&HOST_NETWORK]).with(own()),
        ];
        forms.into_iter().chain(Self::bubblewrap(&[]).map(|peer| peer.with(theirs()))).collect()
    }

    fn at_once(&self) -> Vec<Launcher> {
        let forms = self.main_forms();
        let is_wanted = |form: &Launcher| !form.name.contains("strict") && !form.name.contains("build");
        forms.into_iter().filter(is_wanted).collect()
    }
}

/// Plays some rounds among launchers, and prints what came of them.
fn compare(title: &str, unit: &str, launchers: &[Launcher], measure: fn(&Launcher) -> f64, rounds: usize) {
    let contenders = launchers.iter().map(|launcher| Contender::new(launcher.name, move || measure(launcher)));
    let mut contenders: Vec<_> = contenders.collect();
    play(&mut contenders, rounds);
    print(title, unit, &contenders, &[BARE, PEER]);
}

fn shown(ratio: f64) -> String {
    if ratio < 0.2 { format!("{ratio:.3}") } else { format!("{ratio:.2}") }
}

/// Prints a table in markdown: each median, and how it compares with the one of each column, where that takes part.
fn print(title: &str, unit: &str, contenders: &[Contender], columns: &[&str]) {
    let heads: String = columns.iter().map(|name| format!(" times {name} |")).collect();
    println!("| {title} | {unit} |{heads}\n|---|---|{}", "---|".repeat(columns.len()));
    for contender in contenders {
        let cells = columns.iter().map(|name| match contenders.iter().find(|other| other.name == *name) {
            Some(other) => format!(" {} |", shown(contender.ratio(other))),
            None => " - |".to_owned(),
        });
        println!("| {} | {:.2} |{}", contender.name, contender.median(), cells.collect::<String>());
    }
    println!("\nMedians of {} rounds.\n", contenders[0].rounds());
}

fn main() {
    let rounds = asked_for().unwrap_or(ROUNDS);
    // Of what takes long.
    let some = |part: usize| (rounds / part).max(3);
    let (folder, nsbox) = installed();
    // In a project of its own, where `build` has something to open.
    std::env::set_current_dir(folder.path()).expect("a folder to start in");
    fs::write("same.toml", PROFILE).expect("a profile");
    let all = Launchers { nsbox: nsbox.to_str().expect("a name") };
    compare("starting `true`", "ms", &all.main_forms(), Launcher::milliseconds, rounds);
    compare("without a network", "ms", &all.without_network(), Launcher::milliseconds, rounds);
    compare("with 100 binds", "ms", &all.with_binds(100, folder.path()), Launcher::milliseconds, some(2));
    compare("with 1,000 binds", "ms", &all.with_binds(1_000, folder.path()), Launcher::milliseconds, some(20));
    compare("four at once", "a second", &all.at_once(), Launcher::rate, some(10));
    print_circumstances(&nsbox);
}
