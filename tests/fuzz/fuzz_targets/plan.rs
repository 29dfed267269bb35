//! A plan as JSON: refused, or a valid plan that is written down as it was read, and whose filter is compiled or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nsbox::frontend::serialised;
use nsbox::isolate::seccomp;
use nsbox::plan::{Draft, Plan, Syscalls};

fuzz_target!(|bytes: &[u8]| {
    let Ok(plan) = serialised::read("a test", bytes, &[]) else { return };
    let written = serde_json::to_vec(&plan).expect("a plan is data");
    let again = serialised::read("a test", &written, &[]).expect("what was written can be read");
    assert!(again == plan, "a plan changes on its way through JSON");
    if let Syscalls::Filtered(filter) = &plan.syscalls {
        // One that is too long for the kernel is refused.
        drop(seccomp::compile(filter));
    }
    assert!(Plan::try_from(Draft::from(plan)).is_ok());
});
