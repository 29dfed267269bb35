//! PulseAudio's wire format: packets, and the fields of those that are commands (`pulsecore/pstream.c`, `pulsecore/tagstruct.c`
//! and `pulsecore/native-common.h` of PulseAudio 16.1; PipeWire's module-protocol-pulse reads and writes the same).
//!
//! A packet is a head of five big-endian words, then a body. A body on the channel of commands is a list of fields, each
//! behind a letter for its type; on any other it is sound.

/// How long a head is, in bytes.
pub const HEAD: usize = 20;
/// The longest body, in bytes (`FRAME_SIZE_MAX_ALLOW`).
pub const BODY_MAX: usize = 16 << 20;
/// The longest command that is taken, in bytes: that of PipeWire (`MAX_SIZE` in its `message.c`); PulseAudio would take more.
pub const COMMAND_MAX: usize = 256 << 10;
/// The shortest one, in bytes: PulseAudio takes nothing that is not longer than 8 (`pa_pdispatch_run`).
pub const COMMAND_MIN: usize = 2 * NUMBER;
/// How long a number is, with its letter, in bytes.
pub const NUMBER: usize = 5;
/// The channel of commands.
const COMMANDS: u32 = u32::MAX;
/// What in a head says that the body is in shared memory, or is about that (`PA_FLAG_SHMMASK`).
const SHARED: u32 = 0xff00_0000;

/// Bytes that are no packet, or none that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// What the head of a packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How long the body is, in bytes.
    pub length: usize,
    /// Whether it is a command.
    pub is_command: bool,
    flags: u32,
}

impl Head {
    /// Reads one.
    pub fn read(bytes: &[u8; HEAD]) -> Self {
        let [length, channel, _, _, flags] = std::array::from_fn(|word| {
            let at = word * size_of::<u32>();
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        });
        Self { length: length as usize, is_command: channel == COMMANDS, flags }
    }

    /// Whether a program may send it: no longer than a server takes, and nothing in shared memory.
    pub fn may_pass(self) -> bool {
        match self.is_command {
            true => (COMMAND_MIN..=COMMAND_MAX).contains(&self.length) && self.flags == 0,
            false => (1..=BODY_MAX).contains(&self.length) && self.flags & SHARED == 0,
        }
    }
}

/// The head of a command whose body is that long, at most [`COMMAND_MAX`].
pub fn command_head(length: usize) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..4].copy_from_slice(&(length as u32).to_be_bytes());
    head[4..8].copy_from_slice(&COMMANDS.to_be_bytes());
    head
}

/// A number as a field.
pub fn number(value: u32) -> [u8; NUMBER] {
    let [a, b, c, d] = value.to_be_bytes();
    [b'L', a, b, c, d]
}

/// A field of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'b> {
    /// `L`: a number.
    Number(u32),
    /// `t`: text, without the NUL at its end.
    Text(&'b [u8]),
    /// `N`: no text; the end of a list of properties.
    NoText,
    /// `x`: bytes.
    Bytes(&'b [u8]),
    /// `P`: a list of properties begins: for each its name, the length of its value and the value.
    Properties,
    /// Anything else, none of which holds names.
    Other,
}

/// What is left of the fields of a command.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'b>(pub &'b [u8]);

impl<'b> Fields<'b> {
    /// Takes the next field; nothing at the end.
    ///
    /// # Errors
    /// Where it is cut short, or of a type that does not exist: whoever reads on could take it for something else.
    pub fn next(&mut self) -> Result<Option<Field<'b>>, Malformed> {
        let Some((letter, rest)) = self.0.split_first() else { return Ok(None) };
        self.0 = rest;
        Ok(Some(match letter {
            b'L' => Field::Number(self.word()?),
            b't' => {
                let end = self.0.iter().position(|byte| *byte == 0).ok_or(Malformed)?;
                let text = self.bytes(end)?;
                self.bytes(1)?;
                Field::Text(text)
            }
            b'N' => Field::NoText,
            b'x' => {
                let length = self.word()?;
                Field::Bytes(self.bytes(length as usize)?)
            }
            b'P' => Field::Properties,
            // A format is a number of 8 bits and a list of properties, both with letters of their own.
            b'1' | b'0' | b'f' => Field::Other,
            b'B' => self.other(1)?,
            b'V' => self.other(4)?,
            b'a' => self.other(6)?,
            b'R' | b'r' | b'T' | b'U' => self.other(8)?,
            // A channel has one byte in a map, and four in a list of volumes.
            b'm' => {
                let channels = self.bytes(1)?[0];
                self.other(usize::from(channels))?
            }
            b'v' => {
                let channels = self.bytes(1)?[0];
                self.other(4 * usize::from(channels))?
            }
            _ => return Err(Malformed),
        }))
    }

    fn other(&mut self, length: usize) -> Result<Field<'b>, Malformed> {
        self.bytes(length).map(|_| Field::Other)
    }

    fn word(&mut self) -> Result<u32, Malformed> {
        let (word, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*word))
    }

    fn bytes(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        self.0.split_off(..length).ok_or(Malformed)
    }
}
