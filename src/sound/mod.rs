//! A filter of a sound server: PulseAudio's protocol, without what would be a way out of a sandbox.
//!
//! nsbox runs it beside a sandbox, in one of its own that sees the server's socket and nothing else of the session. A command of a
//! program passes only where [`rules`] has it; else the filter answers that it may not be, and the server never hears of it.
//! What the server sends passes as it is. The facts about the protocol are those of the sources of PulseAudio 16.1, by file,
//! and of what its library was seen to send.

mod answers;
mod packet;
mod program;
mod requests;
mod rules;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::serve;

/// The first word of nsbox's command line as the filter; the number of the lifeline follows, and what may be done.
pub const SUMMONS: &str = "--filter-sound";
/// That sound may be played.
pub const PLAY: &str = "play";
/// That it may also be recorded.
pub const RECORD: &str = "record";

/// Where the filter sees nsbox itself.
pub const PROGRAM: &str = "/run/sound-filter";
/// Where it sees the server's socket.
pub const SERVER: &str = "/run/server";
/// Where it sees what the server lets programs in by, if there is such a file.
pub const SERVER_COOKIE: &str = "/run/cookie";
/// The folder for its own socket.
pub const FOLDER: &str = "/run/served";
/// That socket.
pub const SERVED: &str = "/run/served/native";
