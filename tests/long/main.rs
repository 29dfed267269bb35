//! What takes long: faults at every call of a launch, races, load, programs with windows, portals, a compositor. `cargo test`
//! makes a quick selection of the first three, `tests/full` all of them.

#[path = "../integration/support/mod.rs"]
#[expect(dead_code, reason = "shared with the other tests, which use more of it")]
mod support;

mod compositor;
mod document;
// Its tracer reads the registers of this architecture.
#[cfg(target_arch = "x86_64")]
mod faults;
mod load;
mod portals;
mod program;
mod programs;
mod races;
