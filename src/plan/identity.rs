//! Who the payload is inside, and which ids of the host stand behind it.

use super::Origin;
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
    pub uid_map: IdMap,
    /// The group ids that exist inside; at least the payload's own.
    pub gid_map: IdMap,
    /// The host name inside; needs a UTS namespace. At most 64 bytes (uts_namespaces(7)).
    pub hostname: Option<String>,
    /// Who chose the user.
    pub origin: Origin,
}

/// One line of a uid or gid map (user_namespaces(7)).
///
/// A single id of the caller's own is the map that needs no privilege and no set-id helper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IdMap {
    /// The id inside.
    pub inside: u32,
    /// The caller's id on the host.
    pub outside: u32,
}
