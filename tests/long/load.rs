//! Load: many launches, many at once, and under somebody who reaps nobody's orphans. What there is is counted before and after.

use crate::support::{Host, Ran, has_program, is_root, wait_until};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A user of this test's own where it may choose one: what is counted a user is its alone then.
const OWN: u32 = 54_321;

/// How much more memory the kernel may hold afterwards, in kilobytes a launch: a tenth of what one network namespace takes.
const SLACK: u64 = 16;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counts {
    processes: usize,
    zombies: usize,
    mounts: usize,
    keys: u64,
    files: usize,
    descriptors: usize,
    /// Kernel memory that cannot be given back, in kilobytes.
    memory: u64,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { processes, zombies, mounts, keys, files, descriptors, memory } = self;
        write!(
            f,
            "{processes} processes, {zombies} zombies, {mounts} mounts, {keys} keys, {files} files, {descriptors} descriptors, {memory} kB"
        )
    }
}

impl Counts {
    fn now(user: u32, host: &Host) -> Self {
        let states = processes_of(user);
        let field = |text: &str, name: &str, index: usize| -> u64 {
            let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default();
            line.split_ascii_whitespace().nth(index).and_then(|field| field.parse().ok()).unwrap_or(0)
        };
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let folders = ["/tmp".into(), "/dev/shm".into(), "/var/tmp".into(), host.home(), host.home().join("run")];
        let files = folders.iter().flat_map(fs::read_dir).flatten().flatten();
        Self {
            processes: states.values().sum(),
            zombies: states.get(&'Z').copied().unwrap_or(0),
            mounts: read("/proc/self/mountinfo").lines().count(),
            keys: field(&read("/proc/key-users"), &format!("{user}:"), 1),
            files: files.filter(|file| file.metadata().is_ok_and(|found| found.uid() == user)).count(),
            descriptors: fs::read_dir("/proc/self/fd").map_or(0, Iterator::count),
            memory: field(&read("/proc/meminfo"), "SUnreclaim:", 1),
        }
    }

    /// Whether nothing was left since then. Keys of before may have gone meanwhile, which takes the kernel some time.
    fn is_nothing_left_since(&self, before: &Self, memory: u64) -> bool {
        let is_alike = Self { memory: before.memory, keys: before.keys, ..self.clone() } == *before;
        is_alike && self.keys <= before.keys && self.memory.saturating_sub(before.memory) <= memory
    }
}

/// The processes of a user, by their state.
fn processes_of(user: u32) -> BTreeMap<char, usize> {
    let mut states = BTreeMap::new();
    for process in fs::read_dir("/proc").expect("/proc").flatten() {
        let is_process = process.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit());
        if !is_process || !process.metadata().is_ok_and(|found| found.uid() == user || found.uid() == 0) {
            continue;
        }
        // A process that cannot be dumped seems to be root's; its status tells whose it is.
        let status = fs::read_to_string(process.path().join("status")).unwrap_or_default();
        let line =
            |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
        if line("Uid:").split_ascii_whitespace().next() == Some(&user.to_string()) {
            *states.entry(line("State:").chars().next().unwrap_or('?')).or_default() += 1;
        }
    }
    states
}

struct Place {
    host: Host,
    user: u32,
}

impl Place {
    fn new() -> Self {
        let host = Host::new();
        host.folder("run");
        for folder in [host.home(), host.home().join("run")] {
            chown(folder, Some(OWN), Some(OWN)).expect("a home of its own");
        }
        Self { host, user: OWN }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.host.command(program);
        for name in ["TMPDIR", "XDG_RUNTIME_DIR"] {
            command.env(name, self.host.home().join("run"));
        }
        command.uid(self.user).gid(self.user);
        command
    }

    /// Some launches, so many at once: plain ones, and some with a keyring of their own, all with an orphan left behind.
    fn launch(&self, count: usize, at_once: usize) -> usize {
        let (next, well) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= count {
                            break;
                        }
                        let mut command = self.command(&self.host.nsbox().display().to_string());
                        if index % 4 == 0 {
                            command.arg("--set=namespaces.nested=\"allow\"");
                        }
                        command.args(["--", "sh", "-c", "sleep 100 & (sleep 100 &) ; touch /tmp/file; echo well"]);
                        let ran = Ran::of(command);
                        if (ran.status, &*ran.stdout, &*ran.stderr) == (0, "well\n", "") {
                            well.fetch_add(1, Ordering::Relaxed);
                        } else {
                            println!("load: {ran}");
                        }
                    }
                });
            }
        });
        well.into_inner()
    }

    /// Some launches below a process that adopts orphans and reaps none of them, but for the launches themselves; gives how
    /// many of those succeeded, and how many orphans were left to it.
    fn launch_under_one_who_never_reaps(&self, count: usize) -> (usize, usize) {
        let script = "import ctypes, os, sys\n\
                      ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\n\
                      well = 0\n\
                      for i in range(int(sys.argv[1])):\n\
                      \x20   pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)\n\
                      \x20   well += os.waitpid(pid, 0)[1] == 0\n\
                      left = 0\n\
                      for pid in filter(str.isdigit, os.listdir('/proc')):\n\
                      \x20   try: left += int(open(f'/proc/{pid}/stat').read().rsplit(')')[1].split()[1]) == os.getpid()\n\
                      \x20   except OSError: pass\n\
                      print(well, left)";
        let mut command = self.command("python3");
        command.args(["-c", script, &count.to_string()]).arg(self.host.nsbox());
        command.args(["--", "sh", "-c", "sleep 100 & (sleep 100 &) ; true"]);
        let said = Ran::of(command).exits(0).stdout;
        let numbers: Vec<usize> = said.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [well, left] = numbers[..] else { panic!("{said}") };
        (well, left)
    }
}

fn bear(launches: usize, at_once: usize, under_one: usize) {
    // What is left of launches is counted by user, and an ordinary one runs more than these.
    if !is_root() || !has_program("python3") {
        return;
    }
    let place = Place::new();
    // What the kernel keeps from a first launch, it keeps once.
    assert_eq!(place.launch(at_once, at_once), at_once);
    wait_until("nothing is left of the first launches", || Counts::now(place.user, &place.host).processes == 0);
    let before = Counts::now(place.user, &place.host);
    println!("load: before: {before}");
    let well = place.launch(launches, at_once);
    let (under, left) = place.launch_under_one_who_never_reaps(under_one);
    println!("load: {well} of {launches} launches succeeded, {at_once} at once");
    println!("load: {under} of {under_one} succeeded under one who never reaps, and left it {left} zombies");
    let mut after = Counts::now(place.user, &place.host);
    // The kernel takes namespaces and keys apart at its leisure.
    let end = std::time::Instant::now() + crate::support::patience();
    let most = SLACK * (launches + under_one) as u64;
    while !after.is_nothing_left_since(&before, most) && std::time::Instant::now() < end {
        std::thread::sleep(std::time::Duration::from_millis(100));
        after = Counts::now(place.user, &place.host);
    }
    println!("load: after:  {after}");
    assert_eq!((well, under, left), (launches, under_one, 0));
    assert!(after.is_nothing_left_since(&before, most), "{before} were there, and now {after}");
}

#[test]
fn many_launches_leave_nothing_behind() {
    bear(60, 20, 20);
}

#[test]
#[ignore = "takes long: tests/full"]
fn a_thousand_launches_leave_nothing_behind() {
    bear(1_000, 50, 200);
}
