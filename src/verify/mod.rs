//! The promises that can be checked from inside, held against a profile on this machine: each is attacked in a sandbox made
//! under it, and what was reached is looked at from both sides.
//!
//! [`CHECKS`] is the table of the promises and of the attacks on them. [`Standing`] says, by the plan alone, which of them a
//! profile opens by name. [`Bait`] is, outside of the sandbox, what a hole would reach; [`play`] is what nsbox does inside,
//! as its own payload; [`report`] is a pure function of what both sides saw.

mod bait;
mod checks;
mod expectations;
mod inside;
mod launch;
mod openings;
mod report;
mod scene;
mod testimony;

pub use bait::{Bait, Traces};
pub use checks::{CHECKS, Check, Group};
pub use inside::play;
pub use launch::{Unverified, examine};
pub use openings::{Claim, Opening, Standing};
pub use report::{Report, State, Verified, report};
pub use scene::{Lure, SUMMONS, Scene};
pub use testimony::{Seen, Testimony};
