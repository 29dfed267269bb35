//! Who the payload is inside, and the files that say so.

use super::{namespaces, origin, subordinate};
use crate::error::Diagnostics;
use crate::frontend::profile::merged::{Id, Profile};
use crate::frontend::profile::text::Located;
use crate::host::HostFacts;
use crate::plan::{Capabilities, Capability, IdRange, Identity, Origin};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The id of nobody, which is also what foreign ids look like inside (`/proc/sys/kernel/overflowuid`).
const NOBODY: u32 = 65534;

/// The payload's ids, mapped to the caller's; alone, or among the ids that the host lends to the caller.
pub fn lower(profile: &Profile, facts: &HostFacts, found: &mut Diagnostics) -> Identity {
    let user = profile.user.as_ref().map_or(Id::Caller, |user| user.value);
    let uid = number(&profile.user, facts.uid, Id::Caller);
    // Root inside with a strange group would be neither here nor there: the group follows, unless it is named.
    let followed = match user {
        Id::Caller => Id::Caller,
        _ if uid == 0 => Id::Root,
        _ if uid == NOBODY => Id::Nobody,
        _ => Id::Caller,
    };
    let gid = number(&profile.group, facts.gid, followed);
    let single = |inside, outside| vec![IdRange { inside, outside, count: 1 }];
    let (uid_map, gid_map) = match profile.subordinate_ids.as_ref().filter(|asked| asked.value) {
        Some(asked) => subordinate::maps((uid, gid), &asked.place, facts, found),
        None => (single(uid, facts.uid), single(gid, facts.gid)),
    };
    Identity {
        uid,
        gid,
        uid_map,
        gid_map,
        hostname: namespaces::hostname(profile),
        origin: origin(&profile.user, "identity.user"),
    }
}

/// What root inside needs of root's powers to work with many ids, where nobody says otherwise.
const OF_ROOT: [&str; 6] = ["chown", "dac-override", "fowner", "fsetid", "setgid", "setuid"];

/// The capabilities that the payload keeps.
pub fn capabilities(
    profile: &Profile,
    identity: &Identity,
    facts: &HostFacts,
    found: &mut Diagnostics,
) -> Capabilities {
    let Some(said) = &profile.keep else {
        let is_root = identity.uid == 0 && identity.has_ranges();
        let keep = OF_ROOT.iter().filter(|_| is_root).filter_map(|name| Capability::named(name));
        return Capabilities { keep: keep.collect(), origin: Origin::Default("capabilities.keep".into()) };
    };
    if let Some(kept) = said.value.iter().find(|kept| facts.is_real_root && kept.value == Capability::SETFCAP) {
        let problem = kept.place.error("real root cannot keep `setfcap`: the capabilities of files would hold outside");
        found.push(problem.hint("start nsbox as an ordinary user, or leave this out"));
    }
    let mut keep: Vec<Capability> = said.value.iter().map(|kept| kept.value).collect();
    keep.sort_unstable();
    keep.dedup();
    Capabilities { keep, origin: said.place.origin() }
}

fn number(id: &Option<Located<Id>>, own: u32, default: Id) -> u32 {
    match id.as_ref().map_or(default, |id| id.value) {
        Id::Caller => own,
        Id::Root => 0,
        Id::Nobody => NOBODY,
        Id::Number(number) => number,
    }
}

/// What the payload's user and group are called inside, and where they live.
pub struct Names<'a> {
    /// The user's name.
    pub user: &'a str,
    facts: &'a HostFacts,
    uid: u32,
    gid: u32,
    home: &'a Path,
    shell: &'a Path,
}

impl<'a> Names<'a> {
    /// The names for an identity: the caller's own, unless they stand for another id.
    pub fn of(identity: &Identity, facts: &'a HostFacts) -> Self {
        let user = match identity.uid {
            0 => "root",
            NOBODY => "nobody",
            _ if ["root", "nobody"].contains(&facts.user.as_str()) || !is_field(facts.user.as_bytes()) => "user",
            _ => &facts.user,
        };
        let (home, shell) = (field(&facts.home, "/"), field(&facts.shell, "/bin/sh"));
        Self { user, facts, uid: identity.uid, gid: identity.gid, home, shell }
    }

    /// /etc/passwd (passwd(5)).
    pub fn passwd(&self) -> String {
        let (home, shell) = (self.home.display(), self.shell.display());
        let mut lines = vec![
            "root:x:0:0:root:/root:/bin/sh".to_owned(),
            format!("nobody:x:{NOBODY}:{NOBODY}:nobody:/:/usr/sbin/nologin"),
        ];
        let own = format!("{}:x:{}:{}:{}:{home}:{shell}", self.user, self.uid, self.gid, self.user);
        match self.uid {
            0 => lines[0] = own,
            NOBODY => lines[1] = own,
            _ => lines.insert(1, own),
        }
        lines.join("\n") + "\n"
    }

    /// /etc/group (group(5)).
    pub fn group(&self) -> String {
        let mut lines = vec!["root:x:0:".to_owned(), format!("nogroup:x:{NOBODY}:")];
        if ![0, NOBODY].contains(&self.gid) {
            let name = match self.facts.group.as_str() {
                "root" | "nogroup" => "users",
                name if !is_field(name.as_bytes()) => "users",
                name => name,
            };
            lines.insert(1, format!("{name}:x:{}:", self.gid));
        }
        lines.join("\n") + "\n"
    }
}

/// /etc/hosts (hosts(5)).
pub fn hosts(hostname: &str) -> String {
    format!("127.0.0.1 localhost {hostname}\n::1 localhost ip6-localhost ip6-loopback\n")
}

/// A path that fits between two colons of /etc/passwd; another, where this one would make a line of its own.
fn field<'a>(path: &'a Path, otherwise: &'a str) -> &'a Path {
    if is_field(path.as_os_str().as_bytes()) { path } else { Path::new(otherwise) }
}

fn is_field(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).is_ok_and(|text| !text.is_empty() && !text.contains([':', '\n', '\r']))
}
