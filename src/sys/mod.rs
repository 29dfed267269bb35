//! Thin safe wrappers for the system calls that the crates lack; all the unsafe code of nsbox.
//!
//! A wrapper shows the C call and names its manual page. It decides nothing.

pub mod arena;
pub mod arguments;
pub mod attempt;
pub mod children;
pub mod clone;
pub mod companion;
mod compare;
pub mod descriptors;
pub mod interface;
pub mod keyring;
pub mod landlock;
pub mod mount;
pub mod namespaces;
pub mod page;
pub mod privilege;
pub mod procfs;
pub mod program;
pub mod seccomp;
pub mod shared_memory;
pub mod signal;
