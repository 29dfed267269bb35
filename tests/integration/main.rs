//! nsbox as people use it: the built binary, real namespaces, an ordinary user.
//!
//! Started as root, every test drops to an ordinary user before it starts nsbox, but for those in `root`. A test that
//! needs what the machine lacks says so on standard error and is skipped, or fails where `NSBOX_REQUIRE_ALL=1`.

mod support;

mod command_line;
mod completions;
mod console;
// What traces a launch reads the registers of this architecture.
#[cfg(target_arch = "x86_64")]
mod costs;
mod descriptors;
mod desktop_bus;
mod desktop_entries;
mod desktop_home;
mod desktop_pipewire;
mod desktop_programs;
mod desktop_readers;
mod desktop_sound;
mod desktop_wayland;
mod desktop_x11;
mod diff;
mod doctor;
mod doctor_desktop;
mod ends;
mod errors;
mod files;
mod full_screen;
mod grants;
mod identity;
mod ids;
mod limits;
mod manual;
mod middle;
mod nesting;
mod network;
mod order;
mod packages;
mod plan;
mod private_jobs;
mod private_terminal;
mod processes;
mod programs;
mod projects;
mod promises;
mod reach;
mod readme;
mod root;
mod roots;
mod status;
mod streams;
mod surface;
mod syscalls;
mod table;
mod terminal;
mod tidy;
mod verify;
