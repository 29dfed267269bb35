//! How the released static binary is linked: with nothing in it that it does not use.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_ENV", "musl") || !is("PROFILE", "release") {
        return;
    }
    // Nothing unwinds, since a panic aborts, and there are no names that a backtrace could show.
    let script = format!("{}/dist/no-unwinding.ld", env::var("CARGO_MANIFEST_DIR").expect("set by cargo"));
    println!("cargo::rerun-if-changed={script}");
    println!("cargo::rustc-link-arg-bins=-Wl,-T,{script}");
    if unpacks_relocations() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Whether the C library that Rust brings along can read packed relocations when it starts: musl from 1.2.4 on, Rust from 1.93.
fn unpacks_relocations() -> bool {
    let version = Command::new(env::var_os("RUSTC").expect("set by cargo")).arg("--version").output();
    let version = version.map_or(String::new(), |said| String::from_utf8_lossy(&said.stdout).into_owned());
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse().ok());
    minor.is_some_and(|minor: u32| minor >= 93)
}
