//! The syscall policies: which system calls a sandbox may make, by name, and what that means in numbers.
//!
//! `groups` sorts the names, `conditions` says which arguments pass, `policy` decides, and `table` makes numbers of it;
//! `names` reads what a person allows or denies beside it, `twins` knows what else is meant by it, and `selection` brings
//! it all together; `inquiry` answers people. Nothing here knows how a filter is made of it.

mod conditions;
mod groups;
pub mod inquiry;
mod names;
mod policy;
mod selection;
mod table;
#[cfg(test)]
mod tests;
mod twins;

pub use groups::Group;
pub use names::Calls;
pub use policy::Policy;
pub use selection::{Entries, Said, Selection, resolve};

/// Every group of system calls.
pub const GROUPS: &[&Group] = groups::ALL;

/// Without these the launch itself could neither end nor say why it failed.
pub const INDISPENSABLE: [&str; 3] = ["execve", "exit_group", "write"];
