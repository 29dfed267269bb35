//! Subordinate ids: those that /etc/subuid and /etc/subgid lend to the caller (subuid(5), subgid(5)).

use crate::error::{Diagnostic, Diagnostics, remedy};
use crate::frontend::profile::text::Place;
use crate::host::{HostFacts, subordinate};
use crate::plan::IdRange;
use std::path::Path;

/// The longest map that the kernel takes, in lines (user_namespaces(7)).
const MAP_MAX: usize = 340;

/// The maps of user and group ids in which the caller is `uid` and `gid`, and the lent ids are all others from 0 up.
pub fn maps(
    (uid, gid): (u32, u32),
    place: &Place,
    facts: &HostFacts,
    found: &mut Diagnostics,
) -> (Vec<IdRange>, Vec<IdRange>) {
    let mut map = |file: &str, flag: &str, inside, outside| {
        let text = facts.paths.read(Path::new(file)).unwrap_or_default();
        let lent = subordinate::lent(&text, &facts.user, facts.uid);
        if lent.is_empty() {
            found.push(none(file, flag, place, facts));
        }
        around(inside, outside, &lent)
    };
    let users = map("/etc/subuid", "--add-subuids", uid, facts.uid);
    let groups = map("/etc/subgid", "--add-subgids", gid, facts.gid);
    (users, groups)
}

/// One id that is the caller's, and the lent ones before and after it without a gap.
fn around(inside: u32, outside: u32, lent: &[(u32, u32)]) -> Vec<IdRange> {
    let mut map = vec![IdRange { inside, outside, count: 1 }];
    let mut next = 0;
    for (first, count) in lent {
        let (mut first, mut left) = (*first, *count);
        while left > 0 && map.len() < MAP_MAX {
            if next == inside {
                next += 1;
            }
            // The last number means "no change" to the kernel.
            let room = if next < inside { inside - next } else { u32::MAX - next };
            let count = left.min(room);
            if count == 0 {
                break;
            }
            map.push(IdRange { inside: next, outside: first, count });
            (next, first, left) = (next + count, first + count, left - count);
        }
    }
    map.sort_unstable_by_key(|range| range.inside);
    map
}

fn none(file: &str, flag: &str, place: &Place, facts: &HostFacts) -> Diagnostic {
    let user = &facts.user;
    place.error(format!("`{file}` lends no ids to `{user}`")).hint(format!(
        "lend some, in numbers that nobody else has: `{}`; `nsbox doctor` says more",
        remedy::lend(user, &[flag])
    ))
}

#[cfg(test)]
mod tests {
    use super::around;

    fn told(inside: u32, lent: &[(u32, u32)]) -> Vec<(u32, u32, u32)> {
        around(inside, 1000, lent).iter().map(|range| (range.inside, range.outside, range.count)).collect()
    }

    #[test]
    fn lent_ids_fill_the_numbers_around_the_callers_own() {
        assert_eq!(told(0, &[(100_000, 65536)]), [(0, 1000, 1), (1, 100_000, 65536)]);
        assert_eq!(told(1000, &[(100_000, 65536)]), [(0, 100_000, 1000), (1000, 1000, 1), (1001, 101_000, 64536)]);
        assert_eq!(told(5, &[(100, 3), (200, 4)]), [(0, 100, 3), (3, 200, 2), (5, 1000, 1), (6, 202, 2)]);
        assert_eq!(told(7, &[(100, 3)]), [(0, 100, 3), (7, 1000, 1)]);
    }
}
