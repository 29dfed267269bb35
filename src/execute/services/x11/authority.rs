//! Xauthority files: what clients show X servers to be let in, and what servers are told to ask for (Xau(3)).

/// The family of an entry that is for every host (`FamilyWild`, X11/Xauth.h).
const WILD: u16 = 0xffff;
/// The family of an entry for the host itself, which it names as its address (`FamilyLocal`, X11/Xauth.h).
const LOCAL: u16 = 256;
/// The kind of authorization that every server has: a secret of 16 bytes, sent as it is (Xsecurity(7)).
const COOKIE: &[u8] = b"MIT-MAGIC-COOKIE-1";
/// The length of such a secret, in bytes.
pub const COOKIE_LENGTH: usize = 16;

/// An entry of an Xauthority file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// How the address is to be read.
    family: u16,
    /// Of which host it is.
    address: &'a [u8],
    /// Of which display of that host, in digits; empty for all of them.
    number: &'a [u8],
    /// Which kind of authorization it is.
    name: &'a [u8],
    /// What is shown.
    data: &'a [u8],
}

impl<'a> Entry<'a> {
    /// The entry for a secret.
    pub fn cookie(data: &'a [u8; COOKIE_LENGTH]) -> Self {
        Self { family: WILD, address: b"", number: b"", name: COOKIE, data }
    }

    /// Whether it is for that display of this host, by the rule of XauGetBestAuthByAddr of Xau(3).
    fn is_for(&self, host: &[u8], display: &[u8]) -> bool {
        let is_of_host = self.family == WILD || self.family == LOCAL && self.address == host;
        is_of_host && (self.number.is_empty() || self.number == display)
    }
}

/// The entries of a file for a display of the host of that name, in their order.
///
/// As Xau(3) does, whatever comes after an entry that is cut short is passed over.
pub fn entries_for<'a>(file: &'a [u8], host: &[u8], display: u16) -> Vec<Entry<'a>> {
    let display = display.to_string();
    let mut rest = file;
    let entries = std::iter::from_fn(|| entry(&mut rest));
    entries.filter(|entry| entry.is_for(host, display.as_bytes())).collect()
}

/// A file that holds those entries for one display and no other, whatever its host is called.
pub fn file(entries: &[Entry<'_>], display: u16) -> Vec<u8> {
    let display = display.to_string();
    let mut file = Vec::new();
    for entry in entries {
        file.extend(WILD.to_be_bytes());
        for field in [b"", display.as_bytes(), entry.name, entry.data] {
            // Each was read from a field as long, or is short.
            file.extend((field.len() as u16).to_be_bytes());
            file.extend(field);
        }
    }
    file
}

/// Takes the next entry off a file; nothing where there is none, or not all of it.
fn entry<'a>(rest: &mut &'a [u8]) -> Option<Entry<'a>> {
    let family = short(rest)?;
    let mut field = || {
        let length = short(rest)?;
        rest.split_off(..usize::from(length))
    };
    Some(Entry { family, address: field()?, number: field()?, name: field()?, data: field()? })
}

/// Takes a number of 16 bits off a file, its high byte first.
fn short(rest: &mut &[u8]) -> Option<u16> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u16::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::{COOKIE, Entry, LOCAL, WILD, entries_for, file};
    use proptest::prelude::*;

    /// As xauth(1) writes `add box/unix:0 MIT-MAGIC-COOKIE-1 0102...10`, byte by byte.
    const BY_XAUTH: &[u8] = b"\x01\x00\x00\x03box\x00\x010\x00\x12MIT-MAGIC-COOKIE-1\x00\x10\
        \x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";

    fn written(family: u16, fields: [&[u8]; 4]) -> Vec<u8> {
        let mut bytes = family.to_be_bytes().to_vec();
        for field in fields {
            bytes.extend((field.len() as u16).to_be_bytes());
            bytes.extend(field);
        }
        bytes
    }

    /// What is shown to a display of the host `box`.
    fn shown(file: &[u8], display: u16) -> Vec<Vec<u8>> {
        entries_for(file, b"box", display).into_iter().map(|entry| entry.data.to_owned()).collect()
    }

    #[test]
    fn an_entry_is_read_as_xauth_writes_it_and_written_for_every_host() {
        let data: [u8; 16] = std::array::from_fn(|at| at as u8 + 1);
        let read = entries_for(BY_XAUTH, b"box", 0);
        assert_eq!(read, [Entry { family: LOCAL, address: b"box", number: b"0", name: COOKIE, data: &data }]);
        let everywhere = [b"\xff\xff\x00\x00".as_slice(), b"\x00\x0212", &BY_XAUTH[10..]].concat();
        assert_eq!(file(&read, 12), everywhere);
        assert_eq!(file(&[Entry::cookie(&data)], 12), everywhere);
        assert_eq!(file(&[], 12), b"");
    }

    #[test]
    fn only_what_is_for_the_display_is_taken_and_in_its_order() {
        let (internet, internet6, hostname) = (0, 6, 254);
        let file = [
            written(LOCAL, [b"other", b"0", COOKIE, b"another host"]),
            written(LOCAL, [b"box", b"1", COOKIE, b"another display"]),
            written(LOCAL, [b"box", b"0", b"XDM-AUTHORIZATION-1", b"first"]),
            written(internet, [b"\x7f\0\0\x01", b"0", COOKIE, b"over the network"]),
            written(internet6, [b"box", b"0", COOKIE, b"over the network"]),
            written(hostname, [b"box", b"0", COOKIE, b"over the network"]),
            written(WILD, [b"", b"0", COOKIE, b"second"]),
            written(WILD, [b"other", b"", COOKIE, b"third"]),
            written(LOCAL, [b"box", b"", COOKIE, b"fourth"]),
            written(LOCAL, [b"box", b"00", COOKIE, b"of no display"]),
            written(LOCAL, [b"boxes", b"0", COOKIE, b"another host"]),
        ];
        assert_eq!(shown(&file.concat(), 0), [b"first".as_slice(), b"second", b"third", b"fourth"]);
        assert_eq!(shown(&file.concat(), 1), [b"another display".as_slice(), b"third", b"fourth"]);
        assert_eq!(shown(&file.concat(), 7), [b"third".as_slice(), b"fourth"]);
    }

    #[test]
    fn an_entry_that_is_cut_short_ends_the_file() {
        let whole = written(WILD, [b"", b"", COOKIE, b"whole"]);
        let file = [whole.as_slice(), BY_XAUTH].concat();
        assert_eq!(shown(&file, 0).len(), 2);
        for end in whole.len()..file.len() {
            assert_eq!(shown(&file[..end], 0), [b"whole"], "{end}");
        }
        let too_long = [b"\xff\xff\xff\xff".as_slice(), &whole].concat();
        assert_eq!(shown(&too_long, 0), Vec::<Vec<u8>>::new());
        assert_eq!(shown(b"", 0), Vec::<Vec<u8>>::new());
    }

    proptest! {
        #[test]
        fn whatever_a_file_holds_what_is_taken_of_it_is_read_again(file in any::<Vec<u8>>(), display in 0..20u16) {
            let entries = entries_for(&file, b"box", display);
            let again = super::file(&entries, display);
            let read = entries_for(&again, b"elsewhere", display);
            let shown = |entries: &[Entry<'_>]| -> Vec<_> {
                entries.iter().map(|entry| (entry.name.to_owned(), entry.data.to_owned())).collect()
            };
            prop_assert_eq!(shown(&read), shown(&entries));
            prop_assert!(entries_for(&again, b"box", display + 1).is_empty());
        }
    }
}
