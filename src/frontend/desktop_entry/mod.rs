//! Desktop entries: read line by line, changed where they start a program, and else kept byte for byte.
//!
//! What an entry may say is the Desktop Entry Specification 1.5; where the launchers of desktops read more than that
//! (apostrophes in a command, a carriage return at the end of a line), so does this.

mod confine;
mod entry;
mod escape;
mod exec;
mod marks;
mod preference;
mod script;
#[cfg(test)]
mod tests;

pub use confine::{Command, Confinement};
pub use entry::{Entry, SIZE_MAX};
pub use marks::Marks;
pub use preference::{FALLBACK, preferred, takes_uris};
pub use script::{is_script_for, script};
