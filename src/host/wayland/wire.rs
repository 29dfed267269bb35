//! Wayland's wire format: requests as bytes, and bytes as events (The Wayland Protocol, "Wire Format").
//!
//! A message is words of 32 bits in the machine's own order: the object, then the size in bytes and the opcode, 16 bits each, then
//! the arguments. Descriptors are not in it; they travel beside.

/// How long the head of a message is, in bytes.
const HEAD: usize = 8;
/// What every argument is padded to, in bytes.
const WORD: usize = 4;

/// A request to an object.
#[derive(Debug, Clone)]
pub struct Request(Vec<u8>);

impl Request {
    /// One without arguments yet.
    pub fn new(object: u32, opcode: u16) -> Self {
        Self([object, u32::from(opcode)].map(u32::to_ne_bytes).concat())
    }

    /// With a number, or a new object of a type that the request says.
    pub fn word(mut self, word: u32) -> Self {
        self.0.extend(word.to_ne_bytes());
        self
    }

    /// With a text, of less than 4 KiB: its length and a NUL count in.
    pub fn text(self, text: &str) -> Self {
        let mut request = self.word(text.len() as u32 + 1);
        request.0.extend(text.as_bytes());
        request.0.push(0);
        request.0.resize(request.0.len().next_multiple_of(WORD), 0);
        request
    }

    /// Its bytes.
    pub fn bytes(mut self) -> Vec<u8> {
        let size = (self.0.len() as u32) << 16;
        let opcode = u32::from_ne_bytes([self.0[4], self.0[5], self.0[6], self.0[7]]);
        self.0[4..HEAD].copy_from_slice(&(size | opcode).to_ne_bytes());
        self.0
    }
}

/// Bytes that are no message, or not the one they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// An event of an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Event<'b> {
    /// Which object.
    pub object: u32,
    /// Which of its events.
    pub opcode: u16,
    /// What comes with it.
    pub arguments: Arguments<'b>,
}

impl<'b> Event<'b> {
    /// Takes the first event off, and gives what is left; nothing where there is no whole one yet.
    ///
    /// # Errors
    /// Where its size cannot be one.
    pub fn take(bytes: &'b [u8]) -> Result<Option<(Self, &'b [u8])>, Malformed> {
        let mut head = Arguments(bytes);
        let (Ok(object), Ok(word)) = (head.word(), head.word()) else { return Ok(None) };
        let (size, opcode) = ((word >> 16) as usize, word as u16);
        if size < HEAD || !size.is_multiple_of(WORD) {
            return Err(Malformed);
        }
        let whole = bytes.split_at_checked(size);
        Ok(whole.map(|(event, rest)| (Self { object, opcode, arguments: Arguments(&event[HEAD..]) }, rest)))
    }
}

/// The arguments of an event, taken one after the other.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments<'b>(&'b [u8]);

impl Arguments<'_> {
    /// A number.
    ///
    /// # Errors
    /// Where there is none.
    pub fn word(&mut self) -> Result<u32, Malformed> {
        let (word, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(u32::from_ne_bytes(*word))
    }

    /// A text; what is not UTF-8 in it is replaced.
    ///
    /// # Errors
    /// Where there is none that ends where it says.
    pub fn text(&mut self) -> Result<String, Malformed> {
        let length = self.word()? as usize;
        let padded = length.checked_next_multiple_of(WORD).ok_or(Malformed)?;
        let (text, rest) = self.0.split_at_checked(padded).ok_or(Malformed)?;
        self.0 = rest;
        match text[..length].split_last() {
            Some((0, text)) if !text.contains(&0) => Ok(String::from_utf8_lossy(text).into_owned()),
            _ => Err(Malformed),
        }
    }

    /// Sees that there are no more.
    ///
    /// # Errors
    /// Where there are.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Malformed, Request};

    /// Words in the machine's own order, as they travel.
    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    /// The four letters of a word.
    fn letters(letters: &[u8; 4]) -> u32 {
        u32::from_ne_bytes(*letters)
    }

    #[test]
    fn a_request_is_its_object_its_size_and_opcode_and_its_arguments() {
        assert_eq!(Request::new(1, 1).word(2).bytes(), words(&[1, 12 << 16 | 1, 2]));
        assert_eq!(Request::new(5, 4).bytes(), words(&[5, 8 << 16 | 4]));
    }

    #[test]
    fn a_text_has_its_length_a_nul_and_is_padded() {
        let three = words(&[7, 16 << 16 | 2, 4, letters(b"abc\0")]);
        assert_eq!(Request::new(7, 2).text("abc").bytes(), three);
        let four = words(&[7, 20 << 16 | 2, 5, letters(b"abcd"), 0]);
        assert_eq!(Request::new(7, 2).text("abcd").bytes(), four);
    }

    #[test]
    fn an_event_is_read_back_as_it_was_written() {
        let bytes = Request::new(2, 0).word(9).text("wl_seat").word(3).bytes();
        let (mut event, rest) = Event::take(&bytes).expect("well formed").expect("a whole event");
        assert_eq!((event.object, event.opcode, rest), (2, 0, &[][..]));
        assert_eq!(event.arguments.word(), Ok(9));
        assert_eq!(event.arguments.end(), Err(Malformed));
        assert_eq!(event.arguments.text().as_deref(), Ok("wl_seat"));
        assert_eq!(event.arguments.word(), Ok(3));
        assert_eq!((event.arguments.end(), event.arguments.word()), (Ok(()), Err(Malformed)));
    }

    #[test]
    fn an_event_that_is_not_whole_yet_is_waited_for() {
        let bytes = [Request::new(3, 0).word(1).bytes(), Request::new(1, 1).word(3).bytes()].concat();
        for length in 0..12 {
            assert_eq!(Event::take(&bytes[..length]), Ok(None), "{length} bytes");
        }
        let (first, rest) = Event::take(&bytes).expect("well formed").expect("a whole event");
        assert_eq!((first.object, rest.len()), (3, 12));
    }

    #[test]
    fn a_size_that_cannot_be_one_is_malformed() {
        for size in [0, 4, 7, 9, 14] {
            assert_eq!(Event::take(&words(&[1, size << 16])), Err(Malformed), "{size} bytes");
        }
    }

    #[test]
    fn a_text_that_does_not_end_where_it_says_is_malformed() {
        let text = |arguments: &[u32]| {
            let size = (8 + 4 * arguments.len() as u32) << 16;
            let bytes = words(&[&[1, size], arguments].concat());
            let (mut event, _) = Event::take(&bytes).expect("well formed").expect("a whole event");
            event.arguments.text()
        };
        assert_eq!(text(&[4, letters(b"abc\0")]).as_deref(), Ok("abc"));
        // Of no length at all, which is no text; with no NUL, one too early, or longer than what is there.
        let malformed = [
            &[0][..],
            &[3, letters(b"abc\0")],
            &[4, letters(b"a\0c\0")],
            &[5, letters(b"abcd")],
            &[u32::MAX, letters(b"abc\0")],
            &[],
        ];
        for arguments in malformed {
            assert_eq!(text(arguments), Err(Malformed), "{arguments:?}");
        }
    }
}
