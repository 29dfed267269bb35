//! What is mounted in this process's view: proc_pid_mountinfo(5).

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountPoint {
    /// Where.
    pub path: PathBuf,
    /// The mount's own options.
    pub options: Vec<String>,
    /// The kind of file system.
    pub kind: String,
}

impl MountPoint {
    /// Whether it has an option.
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|own| own == option)
    }
}

/// Reads all; nothing where there is no /proc.
pub fn read() -> Option<Vec<MountPoint>> {
    let all = std::fs::read("/proc/self/mountinfo").ok()?;
    Some(parse(&all))
}

fn parse(all: &[u8]) -> Vec<MountPoint> {
    all.split(|byte| *byte == b'\n').filter_map(line).collect()
}

fn line(line: &[u8]) -> Option<MountPoint> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let separator = fields.iter().position(|field| *field == b"-")?;
    Some(MountPoint {
        path: unescape(fields.get(4)?).into(),
        options: text(fields.get(5)?).split(',').map(str::to_owned).collect(),
        kind: text(fields.get(separator + 1)?),
    })
}

/// Spaces and the like are written in octal.
fn unescape(field: &[u8]) -> OsString {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = (*first == b'\\').then(|| after.get(..3)).flatten();
        match octal.and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes)
}

/// A path as C has it; nothing for one with a NUL.
pub fn c_path(path: &Path) -> Option<std::ffi::CString> {
    std::ffi::CString::new(path.as_os_str().as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::path::Path;

    #[test]
    fn a_line_says_where_how_and_what() {
        let text = b"36 35 98:0 /mnt1 /mnt\\040two rw,noatime,nosuid master:1 - ext3 /dev/root rw,errors=continue\n\
                     37 35 0:4 / /proc ro - proc proc rw\n";
        let mounts = parse(text);
        assert_eq!(mounts.len(), 2);
        assert_eq!((mounts[0].path.as_path(), &*mounts[0].kind), (Path::new("/mnt two"), "ext3"));
        assert!(mounts[0].has("nosuid") && !mounts[0].has("nodev") && !mounts[0].has("ro"));
        assert!(mounts[1].has("ro") && mounts[1].kind == "proc");
    }
}
