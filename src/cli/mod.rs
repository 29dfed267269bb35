//! The command line: the one part of nsbox that reads words, prints, and decides an exit status.
//!
//! `flags` and `commands` are tables. `parse` turns words into an [`Invocation`], which is data; each command has a
//! file. What goes wrong comes back as a [`Stop`] and is told once, by its `report`.

mod check;
mod commands;
mod completions;
mod desktop;
mod doctor;
mod elsewhere;
mod entries;
mod filter;
mod flags;
#[cfg(test)]
mod grammar;
mod help;
mod invocation;
mod launcher;
mod layout;
#[cfg(test)]
mod manual;
mod misuse;
mod output;
mod parse;
mod plan;
mod profiles;
mod render;
mod run;
mod settle;
mod status;
mod stop;
mod syscalls;
mod terminal;
mod text;
mod verify;

pub use invocation::Invocation;
pub use stop::Stop;

pub use check::check;
pub use completions::show as completions;
pub use desktop::show as desktop;
pub use doctor::show as doctor;
pub use filter::{filter, is_summoned as is_filter};
pub use help::{show as help, version};
pub use launcher::refuse_privilege;
pub use parse::parse;
pub use plan::{diff, show as plan};
pub use profiles::show as profiles;
pub use run::run;
pub use syscalls::show as syscalls;
pub use verify::{attack, is_summoned, show as verify};
