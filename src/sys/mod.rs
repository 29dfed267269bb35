//! Thin safe wrappers for the system calls that the crates lack; all the unsafe code of nsbox.
//!
//! A wrapper shows the C call and names its manual page. It decides nothing.

pub mod seccomp;
