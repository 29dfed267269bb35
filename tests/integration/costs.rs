//! What a launch costs, by what does not depend on the clock: the system calls of each of its processes, and the page faults
//! of the front end. How long filters are is held where they are made.

use crate::support::trace::{Observer, Tracees, name, stopped};
use crate::support::{Host, has, patience};
use nix::libc::{F_GETFD, user_regs_struct};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What the launches may cost today: with little room, so that what makes a launch dearer breaks one of these; what makes it
/// cheaper lowers them. Targets are in brackets, and count the 29 calls of `true` itself.
const BUDGETS: [Budget; 4] = [
    // [195 calls in all, 20 faults]
    Budget {
        launch: "flags, no filter",
        mounts: 14,
        monitor: by_library(151, 104),
        init: 186,
        payload: 22,
        faults: Faults { plain: by_library(345, 265), optimised: by_library(140, 84), released: 55 },
    },
    // [no number of its own]
    Budget {
        launch: "flags",
        mounts: 14,
        monitor: by_library(151, 104),
        init: 186,
        payload: 26,
        faults: Faults { plain: by_library(350, 275), optimised: by_library(147, 92), released: 62 },
    },
    // [215 calls in all, 37 faults]
    Budget {
        launch: "a profile",
        mounts: 14,
        monitor: by_library(155, 108),
        init: 186,
        payload: 26,
        faults: Faults { plain: by_library(350, 275), optimised: by_library(147, 93), released: 66 },
    },
    // [no number of its own]
    Budget {
        launch: "`shell`",
        mounts: 58,
        monitor: by_library(339, 292),
        init: 338,
        payload: 26,
        faults: Faults { plain: by_library(425, 350), optimised: by_library(220, 167), released: 135 },
    },
];

/// What each mount more may add: calls of the monitor, and of init. [no number of its own]
const A_MOUNT: (usize, usize) = (2, 4);

/// What a launch may cost that has so many mounts, symbolic links not counted: where the host has other files, it has others.
struct Budget {
    launch: &'static str,
    mounts: usize,
    monitor: usize,
    init: usize,
    payload: usize,
    faults: Faults,
}

/// Page faults of the monitor from its first instruction until it has made init, by how it was built.
///
/// Only what is released is held to much: `cargo test --release --target x86_64-unknown-linux-musl --test integration costs`,
/// with the flags that `dist/release` has. What is not optimised touches far more memory, and so does what is loaded in parts
/// or relocated.
struct Faults {
    plain: usize,
    optimised: usize,
    released: usize,
}

impl Faults {
    fn of(&self, host: &Host) -> usize {
        let header = fs::read(host.nsbox()).expect("nsbox");
        // ET_EXEC in `e_type`: elf(5).
        let is_at_fixed_address = header[16..18] == [2, 0];
        match (cfg!(debug_assertions), is_at_fixed_address && cfg!(target_env = "musl")) {
            (true, _) => self.plain,
            (false, false) => self.optimised,
            (false, true) => self.released,
        }
    }
}

/// The loader and the C library make calls of their own.
const fn by_library(glibc: usize, musl: usize) -> usize {
    if cfg!(target_env = "musl") { musl } else { glibc }
}

/// Mounts as bubblewrap gets them where it is compared with nsbox.
const MOUNTS: [&str; 9] = [
    "--profile=/dev/null",
    "--read=/usr",
    "--read=/etc",
    "--symlink=/bin=usr/bin",
    "--symlink=/sbin=usr/sbin",
    "--symlink=/lib=usr/lib",
    "--symlink=/lib64=usr/lib64",
    "--tmpfs=/tmp",
    "--network=host",
];

/// The same as a profile.
const PROFILE: &str = r#"
[filesystem]
read = ["/usr", "/etc"]
symlinks = { "/bin" = "usr/bin", "/sbin" = "usr/sbin", "/lib" = "usr/lib", "/lib64" = "usr/lib64" }
tmpfs = ["/tmp"]
[network]
mode = "host"
"#;

/// A process of a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Monitor,
    Init,
    /// Until it becomes the command.
    Payload,
    Command,
}

/// How often each call was made.
type Calls = BTreeMap<&'static str, usize>;

/// What was seen of a launch.
#[derive(Debug, Default)]
struct Seen {
    first: Option<Pid>,
    who: BTreeMap<Pid, Who>,
    calls: BTreeMap<Who, Calls>,
    /// What was asked about by the last call of each process, where that was a question about a descriptor.
    asked: BTreeMap<Pid, Option<u64>>,
    /// Page faults of the monitor: those of what it was before, then its own until it has made init.
    faults: usize,
}

impl Observer for Seen {
    fn watches(&self, pid: Pid) -> bool {
        self.who.contains_key(&pid)
    }

    fn at_call(&mut self, pid: Pid, registers: user_regs_struct) -> bool {
        let call = name(&registers);
        let counts = self.calls.entry(self.who[&pid]).or_default();
        *counts.entry(call).or_default() += 1;
        // In a debug build the standard library asks before each `close` whether there is something to be closed.
        let asks = call == "fcntl" && registers.rsi == F_GETFD as u64;
        let asked = self.asked.insert(pid, asks.then_some(registers.rdi)).flatten();
        if cfg!(debug_assertions) && call == "close" && asked == Some(registers.rdi) {
            *counts.entry("fcntl").or_default() -= 1;
        }
        true
    }

    fn at_fork(&mut self, parent: Pid, child: Pid) {
        let is_of_monitor = self.who.get(&parent) == Some(&Who::Monitor);
        if is_of_monitor {
            self.faults = faults_of(parent) - self.faults;
        }
        self.who.insert(child, if is_of_monitor { Who::Init } else { Who::Payload });
    }

    fn at_exec(&mut self, pid: Pid) {
        let is_first = self.first == Some(pid);
        if is_first {
            self.faults = faults_of(pid);
        }
        self.who.insert(pid, if is_first { Who::Monitor } else { Who::Command });
    }
}

/// How many page faults a process has had that no disk was needed for, those of the programs among them that it was before.
fn faults_of(pid: Pid) -> usize {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process that stands still");
    let (_, fields) = stat.rsplit_once(") ").expect("the end of a name");
    fields.split(' ').nth(7).and_then(|field| field.parse().ok()).expect("minor faults: proc_pid_stat(5)")
}

impl Seen {
    /// A launch of `true` with these options.
    fn of(host: &Host, options: &[&str]) -> Self {
        let nsbox = copy(host).display().to_string();
        let words = [&[&*nsbox, "--quiet"], options, &["--", "/usr/bin/true"]].concat();
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        // What its streams are costs calls too.
        let tracees = Tracees::start(stopped(host, &words, "</dev/null >/dev/null 2>&1"));
        let mut seen = Self { first: Some(tracees.first()), ..Self::default() };
        let end = tracees.follow(patience(), &mut seen);
        let hung: Vec<_> = end.overdue.iter().map(|process| (seen.who.get(&process.pid), &process.doing)).collect();
        assert!(end.status == 0 && hung.is_empty(), "status {}; {hung:?}", end.status);
        seen
    }

    fn calls(&self, who: Who) -> usize {
        self.calls[&who].values().sum()
    }

    /// What a process called, the most frequent first.
    fn histogram(&self, who: Who) -> String {
        let mut calls: Vec<_> = self.calls[&who].iter().collect();
        calls.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), **name));
        calls.iter().map(|(name, count)| format!("{count:5} {name}\n")).collect()
    }
}

/// A copy of nsbox, as it would be installed: of what the linker has written, fewer pages come into sight with one fault.
fn copy(host: &Host) -> PathBuf {
    let place = host.home().join("nsbox");
    if !place.exists() {
        let copied = Command::new("cp").args([host.nsbox(), place.clone()]).status().expect("cp");
        assert!(copied.success(), "a copy of nsbox");
    }
    place
}

/// How many mounts a launch has, but for symbolic links, which are no mounts.
fn mounts(host: &Host, options: &[&str]) -> usize {
    let plan = host.run([&["plan", "--json"], options, &["--", "/usr/bin/true"]].concat()).exits(0).stdout;
    let plan: serde_json::Value = serde_json::from_str(&plan).expect("a plan");
    let mounts = plan["mounts"].as_array().expect("mounts");
    mounts.iter().filter(|mount| mount["kind"].get("symlink").is_none()).count()
}

/// Whether the user's name stands where it is looked for first: what else a host asks for names is no cost of nsbox's.
fn has_plain_names(host: &Host) -> bool {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let services = read("/etc/nsswitch.conf");
    let in_files = |database: &str| {
        let services = services.lines().find_map(|line| line.strip_prefix(database));
        services.is_none_or(|services| services.trim_start().starts_with("files") && !services.contains("merge"))
    };
    let has_name = |path: &str, id: u32| read(path).lines().any(|line| line.split(':').nth(2) == Some(&id.to_string()));
    let (uid, gid) = host.user();
    let found = has_name("/etc/passwd", uid) && has_name("/etc/group", gid);
    let is_plain =
        found && in_files("passwd:") && in_files("group:") && !fs::exists("/run/nscd/socket").unwrap_or(false);
    has("a user of /etc/passwd and a name service that looks there first", is_plain)
}

#[test]
fn a_launch_costs_no_more_than_it_may() {
    let host = Host::new();
    if !has_plain_names(&host) {
        return;
    }
    host.write("same.toml", PROFILE);
    let without_filter = [&MOUNTS[..], &["--syscalls=none"]].concat();
    let options = [&without_filter[..], &MOUNTS, &["--profile=./same.toml"], &["--profile=shell"]];
    let mut broken = String::new();
    for (budget, options) in BUDGETS.iter().zip(options) {
        // What is met only in some launches is not what they cost.
        let seen: Vec<Seen> = (0..3).map(|_| Seen::of(&host, options)).collect();
        let mounts = mounts(&host, options);
        let with_mounts = |base: usize, each: usize| match mounts.checked_sub(budget.mounts) {
            Some(more) => base + more * each,
            // What is not there has been looked for all the same.
            None => base - (budget.mounts - mounts) * (each - 1),
        };
        let processes = [
            (Who::Monitor, with_mounts(budget.monitor, A_MOUNT.0)),
            (Who::Init, with_mounts(budget.init, A_MOUNT.1)),
            (Who::Payload, budget.payload),
        ];
        let mut told = format!("{}, {mounts} mounts:", budget.launch);
        for (who, allowed) in processes {
            let least = seen.iter().min_by_key(|seen| seen.calls(who)).expect("a launch");
            told += &format!(" {who:?} {} calls of {allowed},", least.calls(who));
            if least.calls(who) > allowed {
                let (calls, histogram) = (least.calls(who), least.histogram(who));
                broken += &format!("{}: {who:?} makes {calls} calls of {allowed}:\n{histogram}", budget.launch);
            }
        }
        let (faults, allowed) = (seen.iter().map(|seen| seen.faults).min().expect("a launch"), budget.faults.of(&host));
        let total: usize = seen[0].calls.keys().map(|who| seen[0].calls(*who)).sum();
        println!("{told} {total} with {} of `true`; {faults} page faults of {allowed}", seen[0].calls(Who::Command));
        if faults > allowed {
            broken += &format!("{}: {faults} page faults of {allowed}\n", budget.launch);
        }
    }
    assert!(broken.is_empty(), "{broken}");
}

#[test]
fn a_bind_more_costs_no_more_calls_than_it_may() {
    let host = Host::new();
    let binds = |count: usize| {
        let paths = (0..count).map(|n| format!("--read={}", host.folder(&format!("bind-{n}")).display()));
        let paths: Vec<String> = paths.collect();
        let options: Vec<&str> = MOUNTS.into_iter().chain(paths.iter().map(String::as_str)).collect();
        Seen::of(&host, &options)
    };
    // What is met only in some launches is not what a bind costs.
    let launches = |count: usize| (0..6).map(|_| binds(count)).collect::<Vec<_>>();
    let (few, many) = (launches(10), launches(110));
    let least = |seen: &[Seen], who: Who| seen.iter().map(|seen| seen.calls(who)).min().expect("a launch");
    for (who, allowed) in [(Who::Monitor, A_MOUNT.0), (Who::Init, A_MOUNT.1)] {
        let each = (least(&many, who) - least(&few, who)) as f64 / 100.0;
        println!("{who:?}: {each} calls a bind");
        assert!(each <= allowed as f64, "{who:?} makes {each} calls a bind:\n{}", many[0].histogram(who));
    }
}
