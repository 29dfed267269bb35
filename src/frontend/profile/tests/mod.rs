//! Pure tests of the profile language, on hosts that exist in memory only.

mod command;
mod exposure;
mod fixture;
mod flags;
mod identity;
mod islands;
mod links;
mod listing;
mod loading;
mod merging;
mod misspelt;
mod order;
mod project;
mod shipped;
mod syscalls;
mod values;
