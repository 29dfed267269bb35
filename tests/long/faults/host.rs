//! Faults of the host: limits that are too low, namespaces that may not be made, file systems that are full or missing. The
//! command runs with every protection in place, or not at all.

use super::variant::{self, Place};
use crate::support::{Ran, has_program};

/// A place and a way to start nsbox in it, by a script whose arguments become nsbox.
struct Launcher {
    place: Place,
}

/// What came of a launch.
#[derive(Debug)]
struct Launch {
    ran: Ran,
    was_marked: bool,
    fingerprint: String,
}

impl Launcher {
    fn new() -> Self {
        Self { place: Place::of(variant::ALL[0]) }
    }

    fn launch(&self, script: &str, options: &[&str]) -> Launch {
        let mut words = self.place.words();
        words.splice(1..1, options.iter().map(|option| (*option).to_owned()));
        let mut command = self.place.host.command("sh");
        command.args(["-c", script, "sh"]).args(words).current_dir(self.place.folder());
        let ran = Ran::of(command);
        let fingerprint = self.place.fingerprint(&ran.stdout);
        Launch { was_marked: self.place.was_marked(), fingerprint, ran }
    }

    /// In a user namespace in which the launcher is root, and may set what holds below it.
    fn launch_below(&self, script: &str, options: &[&str]) -> Launch {
        let script = script.replace('\'', r"'\''");
        self.launch(
            &format!("exec unshare --user --map-root-user --mount sh -c '{script} && exec \"$@\"' sh \"$@\""),
            options,
        )
    }
}

impl Launch {
    /// The lines that tell of protections, which no limit changes.
    fn protections(&self) -> Vec<&str> {
        let tells = |line: &&str| {
            let starts =
                ["Cap", "NoNewPrivs", "Seccomp", "a new ", "the host's", "reopened", "no_new_privs", "Securebits"];
            starts.iter().any(|start| line.starts_with(start)) || line.contains(" - ")
        };
        self.fingerprint.lines().filter(tells).collect()
    }

    /// Fails unless nothing ran, with a word on it, or all was as in a sound launch as far as the command came.
    #[track_caller]
    fn is_whole_or_refused(&self, sound: &Self, what: &str) -> bool {
        if !self.was_marked && self.fingerprint.is_empty() {
            assert!(self.ran.status != 0, "{what}: success without the command: {}", self.ran);
            return false;
        }
        let known = sound.protections();
        for line in self.protections() {
            assert!(known.contains(&line), "{what}: {line}: {}", self.ran);
        }
        if self.fingerprint.ends_with("end\n") {
            assert_eq!(self.protections(), known, "{what}");
        }
        true
    }

    #[track_caller]
    fn is_refused_at(&self, step: &str) {
        assert!(!self.was_marked && self.fingerprint.is_empty(), "{}", self.ran);
        assert_eq!(self.ran.status, 125, "{}", self.ran);
        assert!(self.ran.stderr.contains(&format!("at step `{step}`")), "{}", self.ran);
    }
}

#[test]
fn limits_that_are_too_low_leave_no_protection_out() {
    if !has_program("prlimit") {
        return;
    }
    let launcher = Launcher::new();
    let sound = launcher.launch("exec \"$@\"", &[]);
    assert!(sound.was_marked && sound.fingerprint.ends_with("end\n"), "{}", sound.ran);
    let (mut refused, mut whole) = (0, 0);
    let files = (3..24).chain([32, 64]).map(|n| format!("--nofile={n}:{n}"));
    let memory = (1..24).map(|n| format!("--as={}", n << 20));
    let others =
        ["--fsize=0", "--nproc=1", "--nproc=0", "--stack=65536", "--data=1000000", "--memlock=0", "--sigpending=0"];
    for limit in files.chain(memory).chain(others.map(str::to_owned)) {
        let launch = launcher.launch(&format!("exec prlimit {limit} \"$@\""), &[]);
        match launch.is_whole_or_refused(&sound, &limit) {
            true => whole += 1,
            false => refused += 1,
        }
    }
    assert!(refused > 0 && whole > 0, "{refused} refused, {whole} whole");
}

#[test]
fn a_namespace_that_may_not_be_made_ends_the_launch() {
    let launcher = Launcher::new();
    let sound = launcher.launch_below(":", &[]);
    assert!(sound.was_marked, "{}", sound.ran);
    for kind in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
        let set = format!("echo 0 > /proc/sys/user/max_{kind}_namespaces");
        launcher.launch_below(&set, &[]).is_refused_at("clone-init");
    }
    let clocks = ["--set=namespaces.time.monotonic=\"1h\""];
    launcher.launch_below("echo 0 > /proc/sys/user/max_time_namespaces", &clocks).is_refused_at("set-clocks");
    // Control: it is that limit.
    assert!(launcher.launch_below(":", &clocks).was_marked);
}

#[test]
fn file_systems_that_are_full_or_missing_leave_no_protection_out() {
    let launcher = Launcher::new();
    let sound = launcher.launch_below(":", &[]);
    assert!(sound.was_marked, "{}", sound.ran);
    for missing in ["/proc", "/proc/sys", "/sys", "/dev", "/dev/pts", "/etc", "/usr/bin", "/var"] {
        // What a script needs for the mount it has found before.
        let launch = launcher.launch_below(&format!("mount -t tmpfs -o ro none {missing}"), &[]);
        if launch.was_marked {
            // Part of the host is gone, and with it what shows it; nothing else may differ.
            let known = sound.protections();
            let differs = |line: &&&str| !known.contains(*line) && !line.contains(missing);
            let strange: Vec<_> = launch.protections().iter().filter(differs).map(|line| (*line).to_owned()).collect();
            assert!(strange.is_empty(), "{missing}: {strange:?}");
        } else {
            assert!(launch.fingerprint.is_empty() && launch.ran.status != 0, "{missing}: {}", launch.ran);
        }
    }
    let text = "x".repeat(9_000);
    let file = format!("--set=filesystem.files={{\"/small/file\"=\"{text}\"}}");
    launcher.launch("exec \"$@\"", &["--tmpfs=/small:4K", &file]).is_refused_at("lock-root");
    let full = launcher.launch("exec \"$@\" 3>/dev/full", &["--status-fd=3"]);
    assert!(full.is_whole_or_refused(&launcher.launch("exec \"$@\"", &[]), "a full descriptor for the status"));
}
