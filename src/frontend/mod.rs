//! What a person writes, turned into a plan; imports nothing that runs one.

pub mod desktop_entry;
pub mod profile;
pub mod serialised;
pub mod syscalls;
