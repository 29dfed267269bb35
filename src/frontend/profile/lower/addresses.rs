//! Addresses of files of this host (RFC 8089), as launchers and file managers pass them on.

/// What every one of them begins with.
const SCHEME: &[u8] = b"file://";
/// The one host that an address may name, where it names any.
const HOST: &[u8] = b"localhost";

/// Whether a word begins as a URL does (RFC 3986, 3.1).
pub fn is_url(word: &[u8]) -> bool {
    let end = word.windows(3).position(|bytes| bytes == b"://");
    let is_of_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    end.is_some_and(|end| word[0].is_ascii_alphabetic() && word[..end].iter().all(is_of_scheme))
}

/// The path that an address stands for; nothing where it is not that of a file of this host, or programs would differ over which.
pub fn path(address: &[u8]) -> Option<Vec<u8>> {
    let (scheme, rest) = address.split_at_checked(SCHEME.len())?;
    let path = rest.strip_prefix(HOST).unwrap_or(rest);
    // To some a question or a part of a page begins there, to others it is a part of the name.
    let is_plain = path.starts_with(b"/") && !path.contains(&b'?') && !path.contains(&b'#');
    if !scheme.eq_ignore_ascii_case(SCHEME) || !is_plain {
        return None;
    }
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' { escaped(bytes.next()?, bytes.next()?)? } else { byte });
    }
    Some(decoded)
}

/// The byte that two digits stand for; nothing for those that are in no name.
fn escaped(high: u8, low: u8) -> Option<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = digit(high)? << 4 | digit(low)?;
    (byte != 0 && byte != b'/').then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn an_address_of_a_file_of_this_host_is_its_path() {
        for (address, expected) in [
            ("file:///srv/a%20b%25.pdf", "/srv/a b%.pdf"),
            ("FILE://localhost/srv/%C3%9c", "/srv/Ü"),
            ("file:///srv/../x", "/srv/../x"),
        ] {
            assert_eq!(path(address.as_bytes()).as_deref(), Some(expected.as_bytes()), "{address}");
        }
    }

    #[test]
    fn what_programs_could_take_for_different_files_is_no_path() {
        let none = [
            "file:/srv/x",
            "file://host/srv/x",
            "file://localhostile/srv/x",
            "file://srv",
            "file:///srv/x#page=2",
            "file:///srv/x?y",
            "file:///srv/%2",
            "file:///srv/%zz",
            "file:///srv/%00",
            "file:///srv%2Fx",
            "http:///srv/x",
            "file",
            "",
        ];
        for address in none {
            assert_eq!(path(address.as_bytes()), None, "{address}");
        }
    }
}
