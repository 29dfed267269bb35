//! Every system call there is, made inside: the kernel answers to each what the plan says, and nothing else.

use crate::support::{Host, Ran, has, has_program};
use nsbox::plan::{Answer, Architecture, Comparison, Condition, Conditional, Filter, Otherwise, Plan, Syscalls};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is answered to each number: an errno, 0 for well, or how the asking process ended.
type Table = BTreeMap<u32, String>;

/// The first number of x32.
const X32: u32 = 0x4000_0000;
/// As far as numbers are asked for: further than any kernel has them.
const LAST: u32 = 520;
/// What no process survives, or waits in for ever, or what would keep all disks of the machine busy.
const LEFT_OUT: [&str; 8] =
    ["exit", "exit_group", "rt_sigreturn", "sigreturn", "pause", "sigsuspend", "sync", "restart_syscall"];

/// A kind of program, with its system calls.
struct Programs {
    architecture: Architecture,
    /// What the compiler is told.
    option: Option<&'static str>,
    /// What nsbox is told.
    lets_in: &'static [&'static str],
    name: fn(u32) -> Option<&'static str>,
}

const NATIVE: Programs = Programs {
    architecture: Architecture::NATIVE,
    option: None,
    lets_in: &[],
    name: |number| syscalls::Sysno::new(number as usize).map(|call| call.name()),
};
#[cfg(target_arch = "x86_64")]
const OF_32_BITS: Programs = Programs {
    architecture: Architecture::X86,
    option: Some("-m32"),
    lets_in: &["--set", "syscalls.architectures=[\"native\", \"x86\"]"],
    name: |number| syscalls::x86::Sysno::new(number as usize).map(|call| call.name()),
};

impl Programs {
    /// Compiles the program that asks.
    fn compile(&self, host: &Host) -> Option<String> {
        let place = host.folder("bin").join("ask");
        let source: PathBuf = host.write("ask.c", include_str!("table.c"));
        let mut compiler = host.command("gcc");
        compiler.args(self.option).arg("-o").args([&place, &source]);
        let is_there = has_program("gcc") && Ran::of(compiler).status == 0;
        let what = format!("a C compiler for programs of {}", self.architecture.name());
        has(&what, is_there).then(|| place.display().to_string())
    }

    fn is_left_out(&self, number: u32) -> bool {
        (self.name)(number & !X32).is_some_and(|name| LEFT_OUT.contains(&name))
    }

    /// Asks for numbers inside.
    fn ask(&self, host: &Host, program: &str, numbers: &[u32], options: &[&str]) -> Table {
        let mut words: Vec<String> = self.lets_in.iter().chain(options).map(|word| (*word).to_owned()).collect();
        words.extend(["--read", program, "--", program].map(str::to_owned));
        words.extend(numbers.iter().map(u32::to_string));
        let answers = host.run(words).exits(0);
        let lines = answers.stdout.lines().filter_map(|line| line.split_once(' '));
        let table: Table = lines.map(|(n, answer)| (n.parse().expect("a number"), answer.to_owned())).collect();
        assert_eq!(table.len(), numbers.len(), "{answers}");
        table
    }

    /// The filter that a run with these options installs, as the plan has it.
    fn filter(&self, host: &Host, options: &[&str]) -> Filter {
        let words = ["plan", "--json"].iter().chain(self.lets_in).chain(options).chain(&["--", "true"]);
        let plan: Plan = serde_json::from_str(&host.run(words.copied()).exits(0).stdout).expect("a plan");
        let Syscalls::Filtered(filter) = plan.syscalls.clone() else { panic!("{options:?} filters nothing") };
        filter
    }

    /// What a filter makes of the answers that are given without one.
    fn expected(&self, filter: &Filter, open: &Table, refused: &str) -> Table {
        let answer = |number: u32, open: &String| match filter.answer(self.architecture, number) {
            Answer::Allowed => open.clone(),
            Answer::If(conditional) if fits(conditional) => open.clone(),
            Answer::If(Conditional { otherwise: Otherwise::NoSuchFamily, .. }) if refused == "1" => "97".to_owned(),
            Answer::If(_) | Answer::Refused => refused.to_owned(),
            Answer::Unknown => "38".to_owned(),
        };
        open.iter().map(|(number, open)| (*number, answer(*number, open))).collect()
    }

    /// Walks through the table under each policy.
    fn walk(&self) {
        let host = Host::new();
        let Some(program) = self.compile(&host) else { return };
        let numbers: Vec<u32> = (0..=LAST).chain([1023, 1024]).filter(|number| !self.is_left_out(*number)).collect();
        let open = self.ask(&host, &program, &numbers, &["--syscalls", "none"]);
        let kill = ["--set", "syscalls.on-denied=\"kill\""];
        let (errno, killed) = ("1", "signal 31");
        let mut shown = Vec::new();
        for (options, refused) in [
            (&["--syscalls", "default"][..], errno),
            (&["--syscalls", "strict"], errno),
            (&kill, killed),
            // Under `log` a call is refused as ever.
            (&["--set", "syscalls.on-denied=\"log\""], errno),
        ] {
            let filter = self.filter(&host, options);
            let (answers, expected) =
                (self.ask(&host, &program, &numbers, options), self.expected(&filter, &open, refused));
            let count = |what: &str| answers.values().filter(|answer| *answer == what).count();
            assert!(count(refused) > 40 && count("38") > 40, "{options:?}: {answers:?}");
            for (number, answer) in &answers {
                let name = (self.name)(*number).unwrap_or("?");
                assert_eq!(answer, &expected[number], "{number}, {name}, with {options:?}; open: {}", open[number]);
            }
            shown.push(answers);
        }
        // For those who want to read it.
        for number in &numbers {
            let answers: Vec<_> = shown.iter().chain([&open]).map(|table| table[number].as_str()).collect();
            println!("{number:5} {:28} {}", (self.name)(*number).unwrap_or("-"), answers.join("  "));
        }
    }
}

/// Whether conditions hold where every argument is -1.
fn fits(conditional: &Conditional) -> bool {
    let holds = |condition: &Condition| {
        let argument = if condition.low_half_only { u64::from(u32::MAX) } else { u64::MAX };
        match condition.comparison {
            Comparison::Equal(value) => argument == value,
            Comparison::NotEqual(value) => argument != value,
            Comparison::AtMost(value) => argument <= value,
            Comparison::MaskedEqual { mask, value } => argument & mask == value,
        }
    };
    conditional.any_of.iter().any(|set| set.iter().all(holds))
}

#[test]
fn the_kernel_answers_to_every_number_what_the_plan_says() {
    NATIVE.walk();
}

#[test]
#[cfg(target_arch = "x86_64")]
fn and_so_it_does_to_programs_of_32_bits() {
    OF_32_BITS.walk();
}

#[test]
#[cfg(target_arch = "x86_64")]
fn the_numbers_of_x32_lead_nowhere() {
    let host = Host::new();
    let Some(program) = NATIVE.compile(&host) else { return };
    let numbers: Vec<u32> = (X32..X32 + LAST).chain([u32::MAX]).collect();
    for options in [
        &["--syscalls", "default"][..],
        &["--syscalls", "strict"],
        &["--deny-syscall", "getpgid", "--syscalls", "none"],
    ] {
        let answers = NATIVE.ask(&host, &program, &numbers, options);
        assert!(answers.values().all(|answer| answer == "38"), "{options:?}: {answers:?}");
    }
}

#[test]
fn a_walk_leaves_out_only_what_there_is() {
    let known = |name: &str| syscalls::x86::Sysno::iter().any(|call| call.name() == name);
    assert!(LEFT_OUT.iter().all(|name| known(name)));
}
