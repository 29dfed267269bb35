//! What this host allows, and the remedy: each thing that a sandbox needs is tried once, by itself, then a sandbox as a
//! whole; what was refused is explained. What a session has for programs with windows is looked at as well.
//!
//! [`PROBES`] is the table of what is tried. [`examine`] tries, [`launch`] starts a sandbox, [`report`] is a pure function
//! of what came of both and of the evidence. [`desktop::survey`] looks at the session.

mod acts;
pub mod apparmor;
pub mod desktop;
mod probes;
mod report;
mod trial;

pub use probes::{Group, PROBES, Probe, Serves};
pub use report::{Check, Finding, Level, Report, State, report};
pub use trial::{Caller, Launch, Tried, examine, launch};
