//! nsbox runs one command inside a sandbox made of Linux namespaces, as an ordinary user, without sudo.

pub mod error;
pub mod execute;
pub mod frontend;
pub mod host;
pub mod isolate;
pub mod plan;
pub mod sys;
