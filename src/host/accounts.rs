//! The caller's names: from the files of the host where they stand there, else from whoever answers for them (nsswitch.conf(5)).

use rustix::fs::{CWD, Mode, OFlags, openat};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A user of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user name.
    pub name: String,
    /// The home folder.
    pub home: PathBuf,
    /// The login shell; it may be empty.
    pub shell: PathBuf,
}

impl Account {
    /// The user with this id; nothing where it has no name.
    pub fn of(uid: u32) -> Option<Self> {
        let asked = || {
            let user = nix::unistd::User::from_uid(uid.into()).ok().flatten()?;
            Some(Self { name: user.name, home: user.dir, shell: user.shell })
        };
        read("/etc/passwd").and_then(|text| user(&text, uid)).or_else(asked)
    }
}

/// The name of the group with this id; nothing where it has none.
pub fn group_name(gid: u32) -> Option<String> {
    let asked = || Some(nix::unistd::Group::from_gid(gid.into()).ok().flatten()?.name);
    read("/etc/group").and_then(|text| Some(line_of(&text, gid)?.0)).or_else(asked)
}

/// The line of the user with this id (passwd(5)).
fn user(text: &[u8], uid: u32) -> Option<Account> {
    let (name, mut rest) = line_of(text, uid)?;
    let home = rest.nth(2)?;
    let path = |field: &[u8]| PathBuf::from(OsStr::from_bytes(field));
    Some(Account { name, home: path(home), shell: path(rest.next()?) })
}

/// The first line with this id in its third field: the name in its first, and the fields after the id. In passwd(5) and
/// group(5) alike; a line whose name no program could use, such as one of NIS, is none.
fn line_of(text: &[u8], id: u32) -> Option<(String, impl Iterator<Item = &[u8]>)> {
    text.split(|byte| *byte == b'\n').find_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        let is_it = number.iter().all(u8::is_ascii_digit) && str::from_utf8(number).ok()?.parse() == Ok(id);
        let name = str::from_utf8(name).ok().filter(|name| !name.is_empty() && !name.starts_with(['+', '-']))?;
        is_it.then(|| (name.to_owned(), fields))
    })
}

/// A file's contents, in the fewest calls: this is read at every launch.
fn read(path: &'static str) -> Option<Vec<u8>> {
    let file = openat(CWD, Path::new(path), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let mut text = Vec::with_capacity(4096);
    while rustix::io::read(&file, rustix::buffer::spare_capacity(&mut text)).ok()? > 0 {
        text.reserve(4096);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{Account, line_of, user};
    use std::path::Path;

    const USERS: &[u8] =
        b"root:x:0:0:root:/root:/bin/bash\n+nis:x:7:7::/:/bin/sh\nann:x:1000:1000:Ann,,,:/home/ann:/bin/zsh\n\
        other:x:1000:1000::/:/bin/sh\nshort:x:1001\nodd:x:+5:1::/:/bin/sh\nlast:x:9:9:::";

    #[test]
    fn a_user_is_the_first_line_with_its_id() {
        let ann = user(USERS, 1000).expect("a user");
        assert_eq!((&*ann.name, &*ann.home, &*ann.shell), ("ann", Path::new("/home/ann"), Path::new("/bin/zsh")));
        assert_eq!(user(USERS, 9).map(|last| last.shell), Some("".into()));
        for none in [5, 7, 8, 100, 1001] {
            assert_eq!(user(USERS, none), None, "{none}");
        }
    }

    #[test]
    fn a_group_has_the_same_beginning() {
        let name = |gid| line_of(b"root:x:0:\nstaff:x:50:ann,bob\n", gid).map(|(name, _)| name);
        assert_eq!((name(50).as_deref(), name(51)), (Some("staff"), None));
    }

    #[test]
    fn files_and_the_databases_of_the_host_agree_about_this_user() {
        let uid = nix::unistd::geteuid();
        let known = nix::unistd::User::from_uid(uid).expect("an answer").map(|user| user.name);
        assert_eq!(Account::of(uid.as_raw()).map(|account| account.name), known);
    }
}
