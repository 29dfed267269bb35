//! What this host and this caller are; read once, before anything is decided, but for what few launches need.

mod accounts;
mod facts;
pub mod kernel;
mod paths;
pub mod probe;
pub mod sockets;
pub mod subordinate;
pub mod wayland;

pub use facts::{HostFacts, is_real_root, supplementary_groups};
pub use paths::{FileKind, Listed, LivePaths, Look, Paths, TEXT_MAX};
