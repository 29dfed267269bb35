//! One module a kernel feature: each takes its slice of the plan and applies it, and knows no other module.
//!
//! `prepare` opens or compiles before the first process is made; `apply` acts on the calling process.

pub mod capabilities;
pub mod clocks;
pub mod descriptors;
pub mod identity;
pub mod landlock;
pub mod limits;
pub mod mount;
pub mod network;
pub mod pty;
pub mod seccomp;
pub mod terminal;
