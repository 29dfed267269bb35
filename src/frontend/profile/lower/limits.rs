//! Resource limits, and the protections that may be missing.

use crate::frontend::profile::merged::{Nested, Profile, Protection};
use crate::plan::{Demand, Origin, Protections, Resource, ResourceLimit, WallTime};

/// The limits that each process gets.
pub fn lower(profile: &Profile) -> Vec<ResourceLimit> {
    // A core dump of the payload would be written by the host's own handler, outside the sandbox.
    let core = ResourceLimit { resource: Resource::CoreSize, value: 0, origin: Origin::Default("core dumps".into()) };
    let asked = profile.limits.iter().map(|(resource, limit)| ResourceLimit {
        resource: *resource,
        value: limit.value,
        origin: limit.place.origin(),
    });
    std::iter::once(core).chain(asked).collect()
}

/// How long the payload may run.
pub fn wall_time(profile: &Profile) -> Option<WallTime> {
    let asked = profile.wall_time.as_ref()?;
    Some(WallTime { seconds: asked.value, origin: asked.place.origin() })
}

/// What happens where this kernel lacks a protection: the launch is refused, unless the profile accepts it.
pub fn protections(profile: &Profile) -> Protections {
    let demand = |protection| match profile.best_effort.iter().any(|named| named.value == protection) {
        true => Demand::BestEffort,
        false => Demand::Required,
    };
    let nested = profile.nested.as_ref().is_some_and(|nested| nested.value == Nested::Allow);
    Protections {
        landlock_scopes: demand(Protection::LandlockScopes),
        user_namespace_limit: if nested { Demand::Off } else { demand(Protection::UserNamespaceLimit) },
    }
}
