//! Races: what a launch names is exchanged for something else, again and again, while nsbox sets up. Whatever comes of it,
//! nothing outside of what was named is shown, mounted, made or written.

use crate::support::{Host, Ran};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long a race is run in the quick selection, and by `tests/full`.
const QUICK: Duration = Duration::from_secs(1);
const FULL: Duration = Duration::from_secs(60);

/// What must never be seen inside.
const CANARY: &str = "the canary of the host";

/// What is exchanged, and how it is named.
#[derive(Debug, Clone, Copy)]
struct Race {
    name: &'static str,
    /// The two names, below the home folder.
    exchanged: (&'static str, &'static str),
    /// The options of the launch; `~` is the home folder.
    options: &'static [&'static str],
    /// Where it starts.
    folder: &'static str,
}

/// Everything happens in `tree`, which a payload can write to, and which holds `real`, a folder, and `link`, a symlink that
/// leads to `outside`.
const RACES: [Race; 6] = [
    Race {
        name: "a source",
        exchanged: ("tree/real", "tree/link"),
        options: &["--write=~/tree", "--read=~/tree/real"],
        folder: "",
    },
    Race {
        name: "a folder above a source",
        exchanged: ("tree/real", "tree/link"),
        options: &["--write=~/tree", "--read=~/tree/real/sub"],
        folder: "",
    },
    Race {
        name: "a folder above a destination",
        exchanged: ("tree/real", "tree/absolute"),
        options: &["--write=~/tree", "--read=~/data:~/tree/real/sub"],
        folder: "",
    },
    Race {
        name: "a file that is hidden",
        exchanged: ("tree/real", "tree/link"),
        options: &["--write=~/tree", "--hide=~/tree/real/file", "--hide=~/tree/**/deep*"],
        folder: "",
    },
    Race {
        name: "the project",
        exchanged: ("projects/one", "projects/link"),
        options: &["--profile=build"],
        folder: "projects/one",
    },
    Race {
        name: "a source, for a file",
        exchanged: ("tree/file", "tree/link-to-file"),
        options: &["--write=~/tree", "--read=~/tree/file"],
        folder: "",
    },
];

/// What was counted.
#[derive(Debug, Default)]
struct Tally {
    swaps: usize,
    launches: usize,
    ran: usize,
    refused: usize,
    /// How often somebody who looks first and opens then was deceived.
    deceived: usize,
    escapes: Vec<String>,
}

struct Place {
    host: Host,
}

impl Place {
    fn new() -> Self {
        let host = Host::new();
        host.write("outside/file", CANARY);
        host.write("outside/sub/file", CANARY);
        for file in ["tree/real/file", "tree/real/sub/file", "tree/real/deep/file", "tree/file", "data/file"] {
            host.write(file, "mine");
        }
        host.write("projects/one/.git/config", "");
        host.write("projects/one/file", "mine");
        let home = host.home();
        for (link, target) in [
            ("tree/link", PathBuf::from("../outside")),
            ("tree/absolute", home.join("outside")),
            ("tree/link-to-file", PathBuf::from("../outside/file")),
            ("projects/link", PathBuf::from("../outside")),
        ] {
            symlink(target, home.join(link)).expect("a symlink");
        }
        Self { host }
    }

    /// All that stands outside, with what it holds.
    fn outside(&self) -> String {
        let mut find = self.host.command("find");
        find.arg(self.host.home().join("outside")).args(["-printf", "%p %M %n %s %T@\n"]);
        Ran::of(find).exits(0).stdout
    }

    fn launch(&self, race: Race) -> Ran {
        let home = self.host.home().display().to_string();
        let options = race.options.iter().map(|option| option.replace('~', &home));
        let script = format!(
            "for file in {home}/tree/*/file {home}/tree/*/sub/file {home}/tree/file {home}/projects/*/file {home}/outside/file; do \
             cat $file; echo x > ${{file}}-new; done 2>/dev/null; echo ran; cat /proc/self/mountinfo"
        );
        let words = options.chain(["--", "sh", "-c", &script].map(str::to_owned));
        let mut command = self.host.sandbox(words);
        // Where it is a symlink just now, that is what was asked for; where it is gone, nothing was.
        command.current_dir(self.host.home().join(race.folder));
        Ran::of(command)
    }

    /// What is wrong with a launch, if anything is.
    fn escape(&self, race: Race, ran: &Ran) -> Option<String> {
        let home = self.host.home().display().to_string();
        let mounts: Vec<(&str, &str)> = ran
            .stdout
            .lines()
            .filter_map(|line| {
                let mut fields = line.split(' ').skip(3);
                Some((fields.next()?, fields.next()?))
            })
            .filter(|(root, _)| root.starts_with(&home))
            .collect();
        // Who names a path that is a symlink at the time is shown the end of it, under its own name.
        let named_outside = mounts.iter().any(|(root, at)| root == at && Path::new(root).ends_with("outside"));
        // The two names of what is exchanged are one: they change while the list of mounts is read.
        let (one, other) = race.exchanged;
        let same = |path: &str| path.replacen(&format!("{home}/{other}"), &format!("{home}/{one}"), 1);
        let moved = mounts.iter().find(|(root, at)| same(root) != same(at) && *root != format!("{home}/data"));
        // Where the folder above is a symlink at the time, its end inside is a folder of the sandbox's own.
        let places = ["tree/real/sub", "tree/absolute/sub", "outside/sub"].map(|place| format!("{home}/{place}"));
        let data =
            mounts.iter().find(|(root, at)| *root == format!("{home}/data") && !places.iter().any(|place| place == at));
        if let Some((root, at)) = moved.or(data) {
            return Some(format!("{root} is mounted on {at}"));
        }
        if race.folder.is_empty() && (named_outside || ran.stdout.contains(CANARY)) {
            return Some(format!("what is outside can be seen: {ran}"));
        }
        None
    }
}

/// Runs a race for some time.
fn run(race: Race, time: Duration) -> Tally {
    let place = Place::new();
    let home = place.host.home();
    let (one, other) = (home.join(race.exchanged.0), home.join(race.exchanged.1));
    let outside = place.outside();
    let (is_over, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                renameat_with(CWD, &one, CWD, &other, RenameFlags::EXCHANGE).expect("an exchange");
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        });
        let end = Instant::now() + time;
        let mut failed = BTreeSet::new();
        while Instant::now() < end {
            let ran = place.launch(race);
            tally.launches += 1;
            tally.ran += usize::from(ran.stdout.contains("ran\n"));
            tally.refused += usize::from(ran.status == 125 && ran.stdout.is_empty());
            if !matches!(ran.status, 0 | 125) {
                failed.insert(format!("a strange end: {ran}"));
            }
            failed.extend(place.escape(race, &ran));
            // Control: who looks first and opens by the same name then.
            for _ in 0..100 {
                let looks_right = fs::symlink_metadata(&one).is_ok_and(|found| !found.is_symlink());
                let file = if one.is_file() { one.clone() } else { one.join("file") };
                let opened = fs::read_to_string(file).unwrap_or_default();
                tally.deceived += usize::from(looks_right && opened == CANARY);
            }
        }
        is_over.store(true, Ordering::Relaxed);
        tally.escapes.extend(failed);
    });
    tally.swaps = swaps.into_inner();
    if place.outside() != outside && race.folder.is_empty() {
        tally.escapes.push(format!("what is outside has changed: {outside}{}", place.outside()));
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("mountinfo");
    if mounts.contains(&home.display().to_string()) {
        tally.escapes.push("something is mounted on the host".to_owned());
    }
    tally
}

fn quick(index: usize) {
    let tally = run(RACES[index], QUICK);
    println!("{}: {tally:?}", RACES[index].name);
    assert!(tally.escapes.is_empty(), "{}", tally.escapes.join("\n"));
    assert!(tally.swaps > 0 && tally.launches > 0, "{tally:?}");
}

#[test]
fn a_source_that_is_exchanged_leads_nowhere_else() {
    quick(0);
    quick(1);
    quick(5);
}

#[test]
fn a_destination_that_is_exchanged_leads_nowhere_else() {
    quick(2);
    quick(3);
}

#[test]
fn a_project_that_is_exchanged_is_never_shown_as_another() {
    quick(4);
}

#[test]
#[ignore = "takes long: tests/full"]
fn every_race_for_a_minute() {
    let (mut seconds, mut swaps, mut escapes) = (0, 0, 0);
    for race in RACES {
        let tally = run(race, FULL);
        println!(
            "races: {}: {} s, {} swaps, {} launches ({} ran, {} refused), {} escapes; who looks first and opens then was deceived {} times",
            race.name,
            FULL.as_secs(),
            tally.swaps,
            tally.launches,
            tally.ran,
            tally.refused,
            tally.escapes.len(),
            tally.deceived
        );
        tally.escapes.iter().for_each(|escape| println!("races: ESCAPE: {escape}"));
        assert!(tally.deceived > 0, "the exchange of {} deceives nobody", race.name);
        (seconds, swaps, escapes) = (seconds + FULL.as_secs(), swaps + tally.swaps, escapes + tally.escapes.len());
    }
    println!("races: {seconds} seconds run, {swaps} swaps made, {escapes} escapes");
    assert_eq!(escapes, 0);
}
