//! What a command pays once it runs: the same work outside, and in a sandbox of the profile `build`.
//!
//! `cargo bench --bench steady`; `-- ROUNDS` chooses how many rounds. Calls are made by this very program, which is started
//! inside as well and measures itself, so that no launch is counted; the build of a C program is measured from outside, launch
//! and all, and is the one that README.md tells of.

mod rounds;

use rounds::{Contender, asked_for, installed, is_installed, play, print_circumstances};
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// How often each is measured, unless another number is given.
const ROUNDS: usize = 40;
/// What is started.
const PROGRAM: &str = "/usr/bin/true";
/// The word that makes this program do a task, and say how long it took.
const TASK: &str = "task";

/// Something that a command does again and again.
struct Task {
    name: &'static str,
    /// How often it is done in a round.
    times: u32,
    run: fn(u32),
}

const TASKS: [Task; 4] = [
    Task { name: "getppid", times: 200_000, run: get_parent },
    Task { name: "reading a byte", times: 100_000, run: read_bytes },
    Task { name: "opening and closing a file", times: 20_000, run: open_and_close },
    Task { name: "starting `true`", times: 100, run: start },
];

fn get_parent(times: u32) {
    for _ in 0..times {
        black_box(nix::unistd::getppid());
    }
}

fn read_bytes(times: u32) {
    let mut zero = File::open("/dev/zero").expect("/dev/zero");
    for _ in 0..times {
        zero.read_exact(&mut [0; 1]).expect("a byte");
    }
}

fn open_and_close(times: u32) {
    for _ in 0..times {
        File::open("file").expect("a file");
    }
}

fn start(times: u32) {
    for _ in 0..times {
        assert!(Command::new(PROGRAM).status().expect(PROGRAM).success());
    }
}

/// A sandbox of the profile `build`, or no sandbox.
struct Place<'n> {
    words: Vec<&'n str>,
}

impl Place<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let words = [&self.words, words].concat();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::null());
        command
    }

    /// How many seconds a task takes there once.
    fn seconds(&self, own: &str, index: usize) -> f64 {
        let output = self.command(&[own, TASK, &index.to_string()]).stderr(Stdio::inherit()).output().expect("a start");
        assert!(output.status.success(), "{}", TASKS[index].name);
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("seconds")
    }

    /// How many seconds a build takes there.
    fn build(&self) -> f64 {
        let clean = Command::new("make").args(["-s", "clean"]).status().expect("make");
        assert!(clean.success(), "make clean");
        let begin = Instant::now();
        let built = self.command(&["make", "-s", "-j2"]).status().expect("a start");
        assert!(built.success(), "make");
        begin.elapsed().as_secs_f64()
    }
}

/// A program of 300 files in the folder, built as the kernel is: by a make of its own in each folder, into an archive.
fn write_sources(folder: &Path) {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("a source");
    write(
        "common.h",
        "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nstruct item { int key; char name[32]; };\n",
    );
    for part in 0..15 {
        fs::create_dir(folder.join(format!("part{part}"))).expect("a folder of sources");
        for file in 0..20 {
            let source = SOURCE.replace("NAME", &format!("work_{part}_{file}"));
            write(&format!("part{part}/file{file}.c"), &source);
        }
    }
    write("main.c", "int work_0_0(int);\nint main(void) { return work_0_0(1) < 0; }\n");
    write("part.mk", PART);
    write("Makefile", MAKEFILE);
}

const SOURCE: &str = r#"#include "../common.h"
static int compare(const void *a, const void *b) { return ((struct item *)a)->key - ((struct item *)b)->key; }
int NAME(int seed) {
    struct item items[64];
    for (int i = 0; i < 64; i++) {
        items[i].key = (seed * 31 + i * 17) % 101;
        snprintf(items[i].name, sizeof items[i].name, "item %d", items[i].key);
    }
    qsort(items, 64, sizeof *items, compare);
    int sum = 0;
    for (int i = 0; i < 64; i++)
        sum += items[i].key * (int)strlen(items[i].name);
    return sum;
}
"#;

const MAKEFILE: &str = r#"parts := $(patsubst %/,%,$(wildcard part*/))
program: main.o $(parts:%=%/built-in.a)
	cc -o $@ $^
%/built-in.a: FORCE
	$(MAKE) -C $* -f ../part.mk
main.o: main.c
	cc -O2 -c -o $@ $<
clean:
	rm -f program main.o part*/*.o part*/*.a
FORCE:
.PHONY: clean FORCE
"#;

const PART: &str = r#"built-in.a: $(patsubst %.c,%.o,$(wildcard *.c))
	ar rcs $@ $^
%.o: %.c ../common.h
	cc -O2 -c -o $@ $<
"#;

/// A time in its own unit.
fn shown(seconds: f64) -> String {
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        1e-3.. => format!("{:.2} ms", seconds * 1e3),
        1e-6.. => format!("{:.2} us", seconds * 1e6),
        _ => format!("{:.0} ns", seconds * 1e9),
    }
}

/// Plays some rounds of some work, outside and inside, and prints what came of them.
fn compare<'m>(work: &'static str, outside: impl FnMut() -> f64 + 'm, inside: impl FnMut() -> f64 + 'm, rounds: usize) {
    let mut pair = [Contender::new(work, outside), Contender::new(work, inside)];
    play(&mut pair, rounds);
    let [outside, inside] = pair;
    let (before, after, ratio) = (shown(outside.median()), shown(inside.median()), inside.ratio(&outside));
    println!("| {} | {before} | {after} | {ratio:.2} | {} |", inside.name, inside.rounds());
}

/// Does a task, and says how many seconds it takes once.
fn measure(task: &Task) {
    let begin = Instant::now();
    (task.run)(task.times);
    println!("{}", begin.elapsed().as_secs_f64() / f64::from(task.times));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == TASK) {
        return measure(&TASKS[words[1].parse::<usize>().expect("the number of a task")]);
    }
    let rounds = asked_for().unwrap_or(ROUNDS);
    let own = std::env::current_exe().expect("this program");
    let own = own.to_str().expect("a name");
    let (folder, nsbox) = installed();
    // The project that the sandbox can change.
    let project = folder.path().join("project");
    fs::create_dir(&project).expect("a project");
    std::env::set_current_dir(&project).expect("a folder to start in");
    fs::write("file", "").expect("a file");
    let outside = Place { words: Vec::new() };
    let nsbox_name = nsbox.to_str().expect("a name");
    let inside = Place { words: vec![nsbox_name, "--quiet", "--profile", "build", "--read", own, "--"] };
    println!("| work | outside | inside | inside / outside | rounds |\n|---|---|---|---|---|");
    for (index, task) in TASKS.iter().enumerate() {
        compare(task.name, || outside.seconds(own, index), || inside.seconds(own, index), rounds);
    }
    match ["cc", "make"].iter().find(|program| !is_installed(program)) {
        Some(missing) => eprintln!("steady: no build is measured, since `{missing}` is not installed"),
        None => {
            write_sources(&project);
            compare("building 300 C files", || outside.build(), || inside.build(), (rounds / 20).max(3));
        }
    }
    println!();
    print_circumstances(&nsbox);
}
