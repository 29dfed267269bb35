//! Who the payload is inside, and which ids of the host stand behind it.

use super::{Origin, encoding};
use serde::{Deserialize, Serialize};

/// The payload's identity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Identity {
    /// The user id inside.
    pub uid: u32,
    /// The group id inside.
    pub gid: u32,
    /// The user ids that exist inside; at least the payload's own.
    pub uid_map: Vec<IdRange>,
    /// The group ids that exist inside; at least the payload's own.
    pub gid_map: Vec<IdRange>,
    /// The host name inside; needs a UTS namespace. At most 64 bytes (uts_namespaces(7)).
    #[serde(deserialize_with = "encoding::stated")]
    pub hostname: Option<String>,
    /// Who chose the user.
    pub origin: Origin,
}

impl Identity {
    /// Whether more ids exist inside than the payload's own. Such maps are written by newuidmap(1) and newgidmap(1), and
    /// supplementary groups are cleared; a map of the caller's own id alone needs no privilege.
    pub fn has_ranges(&self) -> bool {
        [&self.uid_map, &self.gid_map].into_iter().any(|map| map.len() != 1 || map.iter().any(|range| range.count != 1))
    }
}

/// One line of a uid or gid map (user_namespaces(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IdRange {
    /// The first id inside.
    pub inside: u32,
    /// The first id on the host.
    pub outside: u32,
    /// How many there are.
    pub count: u32,
}

impl IdRange {
    /// Whether an id inside is one of these.
    pub fn holds(&self, id: u32) -> bool {
        id.checked_sub(self.inside).is_some_and(|offset| offset < self.count)
    }

    /// Which id of the host stands behind an id inside.
    pub fn outside_of(&self, id: u32) -> Option<u32> {
        self.holds(id).then(|| self.outside + (id - self.inside))
    }
}
