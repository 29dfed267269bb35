//! What a program may ask of a sound server, by the numbers of `pulsecore/native-common.h`, and how it may describe itself.

/// What has to be so for a command to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Nothing.
    Free,
    /// Its first number is a stream that this program plays.
    OwnPlayback,
    /// Sound may be recorded.
    Recording,
    /// That, and its first number is a stream that this program records.
    OwnRecording,
}

/// The first command of every program, by which it is let in.
pub const AUTH: u32 = 8;
/// An answer, and one that says why there is none.
pub const REPLY: u32 = 2;
pub const ERROR: u32 = 0;
/// Why: the program may not (`PA_ERR_ACCESS`).
pub const NO_ACCESS: u32 = 1;

/// All that may be asked. What is not here would have the server load modules, keep sounds, change what is everybody's, or tell
/// what other programs play.
const ALLOWED: &[(u32, Rule)] = &[
    (3, Rule::Free),      // CREATE_PLAYBACK_STREAM
    (4, Rule::Free),      // DELETE_PLAYBACK_STREAM
    (5, Rule::Recording), // CREATE_RECORD_STREAM
    (6, Rule::Recording), // DELETE_RECORD_STREAM
    (AUTH, Rule::Free),
    (9, Rule::Free),          // SET_CLIENT_NAME
    (10, Rule::Free),         // LOOKUP_SINK
    (11, Rule::Free),         // LOOKUP_SOURCE
    (12, Rule::Free),         // DRAIN_PLAYBACK_STREAM
    (13, Rule::Free),         // STAT
    (14, Rule::Free),         // GET_PLAYBACK_LATENCY
    (20, Rule::Free),         // GET_SERVER_INFO
    (21, Rule::Free),         // GET_SINK_INFO
    (22, Rule::Free),         // GET_SINK_INFO_LIST
    (23, Rule::Free),         // GET_SOURCE_INFO
    (24, Rule::Free),         // GET_SOURCE_INFO_LIST
    (29, Rule::OwnPlayback),  // GET_SINK_INPUT_INFO
    (31, Rule::OwnRecording), // GET_SOURCE_OUTPUT_INFO
    (35, Rule::Free),         // SUBSCRIBE
    (37, Rule::OwnPlayback),  // SET_SINK_INPUT_VOLUME
    (41, Rule::Free),         // CORK_PLAYBACK_STREAM
    (42, Rule::Free),         // FLUSH_PLAYBACK_STREAM
    (43, Rule::Free),         // TRIGGER_PLAYBACK_STREAM
    (46, Rule::Free),         // SET_PLAYBACK_STREAM_NAME
    (47, Rule::Recording),    // SET_RECORD_STREAM_NAME
    (57, Rule::Recording),    // GET_RECORD_LATENCY
    (58, Rule::Recording),    // CORK_RECORD_STREAM
    (59, Rule::Recording),    // FLUSH_RECORD_STREAM
    (60, Rule::Free),         // PREBUF_PLAYBACK_STREAM
    (67, Rule::OwnPlayback),  // MOVE_SINK_INPUT
    (68, Rule::OwnRecording), // MOVE_SOURCE_OUTPUT
    (69, Rule::OwnPlayback),  // SET_SINK_INPUT_MUTE
    (72, Rule::Free),         // SET_PLAYBACK_STREAM_BUFFER_ATTR
    (73, Rule::Recording),    // SET_RECORD_STREAM_BUFFER_ATTR
    (74, Rule::Free),         // UPDATE_PLAYBACK_STREAM_SAMPLE_RATE
    (75, Rule::Recording),    // UPDATE_RECORD_STREAM_SAMPLE_RATE
    (80, Rule::Recording),    // UPDATE_RECORD_STREAM_PROPLIST
    (81, Rule::Free),         // UPDATE_PLAYBACK_STREAM_PROPLIST
    (82, Rule::Free),         // UPDATE_CLIENT_PROPLIST
    (83, Rule::Recording),    // REMOVE_RECORD_STREAM_PROPLIST
    (84, Rule::Free),         // REMOVE_PLAYBACK_STREAM_PROPLIST
    (85, Rule::Free),         // REMOVE_CLIENT_PROPLIST
    (98, Rule::OwnRecording), // SET_SOURCE_OUTPUT_VOLUME
    (99, Rule::OwnRecording), // SET_SOURCE_OUTPUT_MUTE
];

/// The rule for a command; nothing where none lets it pass.
pub fn rule(command: u32) -> Option<Rule> {
    ALLOWED.iter().find(|(allowed, _)| *allowed == command).map(|(_, rule)| *rule)
}

/// Properties that only describe: the beginnings of their names, and whole names (`pulse/proplist.h`).
const DESCRIBING: &[&[u8]] = &[b"application.", b"event.", b"format.", b"window."];
const DESCRIBING_MEDIA: &[&[u8]] =
    &[b"name", b"title", b"artist", b"copyright", b"software", b"language", b"filename", b"icon_name", b"role"];

/// Whether a property of that name and value reaches the server. Others are orders in disguise: by `filter.apply` a server of
/// PulseAudio loads a module with parameters of the program's (module-filter-apply), and PipeWire takes any for its own.
pub fn may_describe(name: &[u8], value: &[u8]) -> bool {
    let describes = DESCRIBING.iter().any(|start| name.starts_with(start))
        || name.strip_prefix(b"media.").is_some_and(|rest| DESCRIBING_MEDIA.contains(&rest));
    // By the name of a program a server of PulseAudio opens a file (module-augment-properties).
    let is_path = name == b"application.process.binary" && value.contains(&b'/');
    // PipeWire reads on where no NUL ends a value.
    describes && !is_path && value.ends_with(b"\0")
}

/// The streams that a program plays and records, by their numbers among all of the server's.
#[derive(Debug, Default)]
pub struct Own {
    pub played: Streams,
    pub recorded: Streams,
}

/// Streams, as many as a server has at a time (`PA_MAX_INPUTS_PER_SINK`); of more, the last.
#[derive(Debug, Default)]
pub struct Streams(Vec<u32>);

/// How many.
const STREAMS_MAX: usize = 256;

impl Streams {
    /// Adds one.
    pub fn add(&mut self, stream: u32) {
        if self.0.len() == STREAMS_MAX {
            self.0.remove(0);
        }
        self.0.push(stream);
    }

    /// Whether it is one of them.
    pub fn has(&self, stream: u32) -> bool {
        self.0.contains(&stream)
    }
}
