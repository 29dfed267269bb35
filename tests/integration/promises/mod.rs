//! The promises of SECURITY.md: tests of those that no other module holds, and that the page names tests that there are.

mod files;
mod inherited;
mod kernel;
mod privilege;
mod processes;
mod reach;
