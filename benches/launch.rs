//! What it costs to start `true` in a sandbox: nsbox in its main forms beside a bare start, unshare(1) and bubblewrap.
//!
//! `cargo bench` measures the plain build, and `cargo bench --target x86_64-unknown-linux-musl` what is released; `-- ROUNDS`
//! chooses how many rounds. All are started in turn in every round, in another order each time, so that a busy machine
//! slows down all of them alike; still, only a quiet one tells the truth. The table is the one in README.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each is started, unless another number is given.
const ROUNDS: usize = 100;
/// Rounds that do not count, in which files come into the cache.
const WARM_UP: usize = 5;
/// What is started.
const PAYLOAD: &str = "/usr/bin/true";
/// What the others are compared with, beside the bare start.
const PEER: &str = "bubblewrap";

/// One of those that are compared.
struct Launcher {
    name: &'static str,
    words: Vec<String>,
    /// How long each start took.
    times: Vec<Duration>,
}

impl Launcher {
    fn new(name: &'static str, words: &[&str]) -> Self {
        let words = words.iter().copied().chain([PAYLOAD]).map(str::to_owned).collect();
        Self { name, words, times: Vec::new() }
    }

    /// Starts it once, to its end.
    fn start(&self) -> Duration {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(Stdio::null());
        let begin = Instant::now();
        let status = command.status().unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let taken = begin.elapsed();
        assert!(status.success(), "{}: {status}", self.name);
        taken
    }

    /// What a time is in the middle, as many times that of `other` in the same round.
    fn ratio(&self, other: &Self) -> f64 {
        let pairs = self.times.iter().zip(&other.times);
        median(pairs.map(|(own, theirs)| own.as_secs_f64() / theirs.as_secs_f64()).collect())
    }

    fn milliseconds(&self) -> f64 {
        median(self.times.iter().map(|time| time.as_secs_f64() * 1e3).collect())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Those that are there on this machine.
fn launchers(nsbox: &str) -> Vec<Launcher> {
    // Mounts as bubblewrap gets them, and its namespaces.
    let same = [
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
        "--network",
        "host",
    ];
    let with = |profile: &'static str, options: &[&'static str]| {
        [&[nsbox, "--quiet", "--profile", profile][..], options, &["--"]].concat()
    };
    let peer = [
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
    let with_network = [&peer[..1], &["--unshare-net"], &peer[1..]].concat();
    let mut all = vec![
        Launcher::new("no sandbox", &[]),
        Launcher::new(
            "nsbox, bubblewrap's mounts, no filter",
            &with("/dev/null", &[&same[..], &["--syscalls", "none"]].concat()),
        ),
        Launcher::new("nsbox, bubblewrap's mounts", &with("/dev/null", &same)),
        Launcher::new("nsbox, `strict`", &with("strict", &[])),
        Launcher::new("nsbox, `shell`", &with("shell", &[])),
        Launcher::new("nsbox, `build`", &with("build", &[])),
    ];
    if is_installed("unshare") {
        all.push(Launcher::new("unshare(1), no root of its own", &["unshare", "-Urpmf", "--mount-proc", "--"]));
    }
    if is_installed("bwrap") {
        all.push(Launcher::new(PEER, &[&peer[..], &["--"]].concat()));
        all.push(Launcher::new("bubblewrap, without network", &[&with_network[..], &["--"]].concat()));
    }
    all
}

fn is_installed(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|folder| folder.join(program).is_file())
}

/// An order of its own for every round (xorshift).
fn shuffle(order: &mut [usize], seed: &mut u64) {
    for last in (1..order.len()).rev() {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        order.swap(last, (*seed % (last as u64 + 1)) as usize);
    }
}

/// A copy of nsbox, as it would be installed: what the linker has just written can start more slowly.
fn copy() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("nsbox");
    fs::copy(env!("CARGO_BIN_EXE_nsbox"), &copy).expect("a copy of nsbox");
    (folder, copy)
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(ROUNDS);
    let (folder, nsbox) = copy();
    // In a project of its own, where `build` has something to open.
    std::env::set_current_dir(folder.path()).expect("a folder to start in");
    let mut launchers = launchers(nsbox.to_str().expect("a name"));
    let (mut order, mut seed) = ((0..launchers.len()).collect::<Vec<_>>(), 0x9e37_79b9_7f4a_7c15);
    for round in 0..WARM_UP + rounds {
        shuffle(&mut order, &mut seed);
        for index in &order {
            let taken = launchers[*index].start();
            if round >= WARM_UP {
                launchers[*index].times.push(taken);
            }
        }
    }
    print(&launchers, &nsbox, rounds);
}

fn print(launchers: &[Launcher], nsbox: &Path, rounds: usize) {
    let peer = launchers.iter().find(|launcher| launcher.name == PEER);
    println!("| starting `true` | ms | times the bare start | times bubblewrap |\n|---|---|---|---|");
    for launcher in launchers {
        let (time, bare) = (launcher.milliseconds(), launcher.ratio(&launchers[0]));
        let beside = peer.map_or_else(|| "-".to_owned(), |peer| format!("{:.2}", launcher.ratio(peer)));
        println!("| {} | {time:.2} | {bare:.2} | {beside} |", launcher.name);
    }
    let size = fs::metadata(nsbox).map_or(0, |found| found.len()) as f64 / f64::from(1 << 20);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let library = if cfg!(target_env = "musl") { "musl, static" } else { "glibc" };
    println!(
        "\nMedians of {rounds} rounds; {library}, {size:.2} MiB, Linux {}, {processors} processors.",
        kernel.trim()
    );
}
