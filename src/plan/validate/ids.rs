//! Whether the ids of a draft, and the capabilities over them, are such as the kernel grants.

use crate::error::{Diagnostic, Diagnostics};
use crate::plan::{Capabilities, Demand, Draft, IdRange, Init, MountKind, Nested, ProcSource};

/// The longest map that the kernel takes, in lines (user_namespaces(7)).
const MAP_MAX: usize = 340;

/// Finds what is wrong with the maps and with what is kept.
pub fn check(draft: &Draft, found: &mut Diagnostics) {
    let identity = &draft.identity;
    check_map("user", identity.uid, &identity.uid_map, found);
    check_map("group", identity.gid, &identity.gid_map, found);
    check_capabilities(draft, found);
    let is_off = draft.protections.user_namespace_limit == Demand::Off;
    if is_off != matches!(draft.namespaces.nested, Nested::Allow { .. }) {
        found.push(Diagnostic::error("user namespaces are limited where they are not allowed, and nowhere else"));
    }
}

fn check_map(what: &str, id: u32, map: &[IdRange], found: &mut Diagnostics) {
    if !map.iter().any(|range| range.holds(id)) {
        found.push(Diagnostic::error(format!("the payload's {what} id {id} is not in its map")));
    }
    if id == u32::MAX {
        found.push(Diagnostic::error(format!("{id} is no {what} id: it means `no change` to the kernel")));
    }
    let end = |first: u32, range: &IdRange| u64::from(first) + u64::from(range.count);
    let is_absurd = |range: &IdRange| {
        range.count == 0
            || [range.inside, range.outside].into_iter().any(|first| end(first, range) > u64::from(u32::MAX))
    };
    let overlaps = |first: fn(&IdRange) -> u32| {
        let mut sorted: Vec<&IdRange> = map.iter().collect();
        sorted.sort_unstable_by_key(|range| first(range));
        sorted.windows(2).any(|pair| end(first(pair[0]), pair[0]) > u64::from(first(pair[1])))
    };
    if map.len() > MAP_MAX || map.iter().any(is_absurd) || overlaps(|r| r.inside) || overlaps(|r| r.outside) {
        found.push(Diagnostic::error(format!("the map of {what} ids is none that the kernel takes")));
    }
}

fn check_capabilities(draft: &Draft, found: &mut Diagnostics) {
    let Capabilities { keep, origin } = &draft.capabilities;
    if !keep.is_sorted_by(|a, b| a < b) {
        found.push(Diagnostic::error("the kept capabilities are not in order, or one is there twice"));
    }
    if keep.is_empty() {
        return;
    }
    let asked = |message: &str| Diagnostic::error(message).hint(format!("asked for by {origin}"));
    if draft.namespaces.init == Init::Payload {
        found.push(asked("a payload that is pid 1 itself cannot keep capabilities"));
    }
    // Init writes the maps of the payload's own user namespace through it.
    let has_proc =
        draft.mounts.iter().any(|mount| matches!(mount.kind, MountKind::Proc { source: ProcSource::New, .. }));
    if !has_proc {
        found.push(asked("capabilities can be kept only where the sandbox has a new `/proc`"));
    }
}
