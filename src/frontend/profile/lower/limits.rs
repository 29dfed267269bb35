//! Resource limits, and the protections that may be missing.

use crate::frontend::profile::merged::{Nested, Profile, Protection};
use crate::plan::{Demand, Origin, Protections, Resource, ResourceLimit, WallTime};

/// The limits that each process gets.
pub fn lower(profile: &Profile) -> Vec<ResourceLimit> {
    // The host's own handler would take a core dump out of the sandbox.
    let no_core =
        || ResourceLimit { resource: Resource::CoreSize, value: 0, origin: Origin::Default("limits.core-size".into()) };
    let unsaid = (!profile.limits.contains_key(&Resource::CoreSize)).then(no_core);
    let asked = profile.limits.iter().map(|(resource, limit)| ResourceLimit {
        resource: *resource,
        value: limit.value,
        origin: limit.place.origin(),
    });
    unsaid.into_iter().chain(asked).collect()
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
