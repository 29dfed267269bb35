//! Options of the command line of the nsbox that runs a companion.

use crate::error::{Errno, Fault};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// An option and its value as one word.
pub fn option(name: &str, value: impl AsRef<OsStr>) -> OsString {
    let mut word = OsString::from(name);
    word.push("=");
    word.push(value);
    word
}

/// The option that shows something of the host at another path inside, for `read` or for `write`.
///
/// # Errors
/// EILSEQ where its path is no text.
pub fn shown(key: &str, inside: &str, from: &Path) -> Result<OsString, Fault> {
    let text = format!("filesystem.{key}=[{{ path = \"{inside}\", from = {} }}]", quoted(from)?);
    Ok(option("--set", text))
}

/// A path as a string of TOML.
fn quoted(path: &Path) -> Result<String, Fault> {
    let text = path.to_str().ok_or(Errno(libc::EILSEQ)).map_err(Fault::of("name in a profile", path.display()))?;
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        // In profiles a variable begins so.
        '$' => "$$".to_owned(),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    Ok(format!("\"{}\"", text.chars().map(escape).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use super::quoted;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn a_path_is_quoted() {
        let quoted = |bytes: &[u8]| quoted(Path::new(OsStr::from_bytes(bytes))).map_err(|fault| fault.errno.0);
        assert_eq!(quoted(b"/run/user/1/bus").as_deref(), Ok("\"/run/user/1/bus\""));
        assert_eq!(quoted(b"/a \"b\\\n${c}").as_deref(), Ok(r#""/a \"b\\\u000a$${c}""#));
        assert_eq!(quoted(b"/\xff"), Err(libc::EILSEQ));
    }
}
