//! Pure tests of the profile language, on hosts that exist in memory only.

mod command;
mod desktop_look;
mod desktop_wayland;
mod desktop_x11;
mod environment;
mod exposure;
mod files;
pub mod fixture;
mod flags;
mod grants;
mod hides;
mod hostile;
mod identity;
mod islands;
mod links;
mod listing;
mod loading;
mod merging;
mod misspelt;
mod oracle;
mod order;
mod project;
mod shipped;
mod syscalls;
mod values;
mod width;
