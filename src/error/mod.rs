//! Errors, hints and source positions as data; nothing here prints, and nothing here decides an exit.
//!
//! Two kinds: a [`Diagnostic`] is found before anything runs and points into what the person wrote; a
//! [`Fault`] is a kernel call that failed while a sandbox was being made.

mod diagnostic;
mod fault;
pub mod remedy;
pub mod suggest;

pub use diagnostic::{Diagnostic, Diagnostics, Excerpt, Severity};
pub use fault::{Errno, Fault};
