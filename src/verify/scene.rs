//! What is told to the inside: what is promised, and where the bait lies; never what the bait says.

use super::expectations::Call;
use crate::plan::Plan;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The word by which nsbox knows, as its own payload, what it is there for.
pub const SUMMONS: &str = "--attack-promises";

/// All that the inside needs to know.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scene {
    /// What is promised.
    pub claim: Plan,
    /// Where nsbox itself is inside.
    pub program: PathBuf,
    /// What a hole would reach.
    pub lure: Lure,
    /// The caller's mount namespace, and the device and the inode of its root: where that is the same, nothing is tried.
    pub outside: (Option<String>, u64, u64),
    /// The system calls that the claim's filter refuses.
    pub refused: Vec<Call>,
    /// Those that it does not know, and the kernel does.
    pub unknown: Vec<Call>,
}

/// Where the bait lies, by the names that it has outside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lure {
    /// A file.
    pub file: PathBuf,
    /// A socket in a folder.
    pub socket: PathBuf,
    /// An abstract socket.
    pub abstract_name: String,
    /// Ports of the loopback, by its address.
    pub ports: Vec<std::net::SocketAddr>,
    /// A file in /dev/shm, if there is one.
    pub shared_file: Option<PathBuf>,
    /// A segment of System V shared memory, if it could be made.
    pub segment: Option<i32>,
    /// A process, which waits for nothing.
    pub pid: i32,
    /// Where in its memory something is to be read.
    pub address: u64,
    /// How much.
    pub length: usize,
    /// Sockets of the session that the claim does not name.
    pub session_sockets: Vec<PathBuf>,
    /// The name of the files that are left behind inside.
    pub stray: String,
    /// Whether the kernel has an entry point for programs of 32 bits.
    pub has_i386: bool,
    /// And for x32.
    pub has_x32: bool,
}
