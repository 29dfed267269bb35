//! A comparison in rounds: all that are compared are measured in turn in every round, in another order each time, so that a
//! busy machine slows down all of them alike; still, only a quiet one tells the truth.

use std::fs;
use std::path::{Path, PathBuf};

/// One of those that are compared.
pub struct Contender<'m> {
    /// What it is called.
    pub name: &'static str,
    measure: Box<dyn FnMut() -> f64 + 'm>,
    values: Vec<f64>,
}

impl<'m> Contender<'m> {
    /// One with a way to measure it.
    pub fn new(name: &'static str, measure: impl FnMut() -> f64 + 'm) -> Self {
        Self { name, measure: Box::new(measure), values: Vec::new() }
    }

    /// How many rounds it has been through.
    pub fn rounds(&self) -> usize {
        self.values.len()
    }

    /// What was measured, in the middle.
    pub fn median(&self) -> f64 {
        median(self.values.clone())
    }

    /// What was measured, as many times what `other` had in the same round, in the middle.
    pub fn ratio(&self, other: &Self) -> f64 {
        median(self.values.iter().zip(&other.values).map(|(own, theirs)| own / theirs).collect())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Measures all of them so often; before that in some rounds that do not count, in which files come into the cache.
pub fn play(contenders: &mut [Contender], rounds: usize) {
    let (mut order, mut seed) = ((0..contenders.len()).collect::<Vec<_>>(), 0x9e37_79b9_7f4a_7c15);
    let warm_up = (rounds / 20).max(1);
    for round in 0..warm_up + rounds {
        shuffle(&mut order, &mut seed);
        for index in &order {
            let contender = &mut contenders[*index];
            let value = (contender.measure)();
            if round >= warm_up {
                contender.values.push(value);
            }
        }
    }
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

/// How many rounds were asked for.
pub fn asked_for() -> Option<usize> {
    std::env::args().skip(1).find_map(|word| word.parse().ok())
}

/// Whether a program is installed.
pub fn is_installed(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|folder| folder.join(program).is_file())
}

/// A folder with a copy of nsbox, as it would be installed: what the linker has just written can start more slowly.
pub fn installed() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("nsbox");
    fs::copy(env!("CARGO_BIN_EXE_nsbox"), &copy).expect("a copy of nsbox");
    (folder, copy)
}

/// Prints what was measured, and where.
pub fn print_circumstances(nsbox: &Path) {
    let size = fs::metadata(nsbox).map_or(0, |found| found.len()) as f64 / f64::from(1 << 20);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let library = if cfg!(target_env = "musl") { "musl, static" } else { "glibc" };
    println!("nsbox with {library}, {size:.2} MiB; Linux {}; {processors} processors.", kernel.trim());
}
