//! Which namespaces are new, and what they hold.

use crate::error::Diagnostics;
use crate::frontend::profile::merged::{Nested, Profile};
use crate::host::HostFacts;
use crate::plan::{self, ClockOffset, Init, Namespaces};

/// The namespaces beside user and mount: all that a profile can do without are new unless it says otherwise.
pub fn lower(profile: &Profile, facts: &HostFacts, found: &mut Diagnostics) -> Namespaces {
    let is_new = |setting: &Option<super::Located<bool>>| setting.as_ref().is_none_or(|setting| setting.value);
    let uts = is_new(&profile.uts);
    if let (Some(hostname), Some(uts)) = (&profile.hostname, profile.uts.as_ref().filter(|uts| !uts.value)) {
        let hint = format!("leave it out, or say `uts = true` in `[namespaces]` instead of at {}", uts.place);
        found.push(hostname.place.error("the host's own name cannot be changed").hint(hint));
    }
    let offset = |(clock, offset): (&plan::Clock, &super::Located<i64>)| ClockOffset {
        clock: *clock,
        seconds: offset.value,
        origin: offset.place.origin(),
    };
    Namespaces {
        pid: true,
        ipc: is_new(&profile.ipc),
        uts,
        cgroup: is_new(&profile.cgroup),
        time: profile.clocks.iter().map(offset).collect(),
        nested: nested(profile, facts, found),
        init: Init::Own,
    }
}

/// Whether user namespaces can be made inside.
fn nested(profile: &Profile, facts: &HostFacts, found: &mut Diagnostics) -> plan::Nested {
    let Some(asked) = profile.nested.as_ref().filter(|nested| nested.value == Nested::Allow) else {
        return plan::Nested::Deny;
    };
    if facts.is_real_root {
        let message =
            "real root cannot be allowed to nest: in a sandbox inside, the settings of the host's kernel would be open";
        found.push(asked.place.error(message).hint("start nsbox as an ordinary user, or leave this out"));
    }
    plan::Nested::Allow { origin: asked.place.origin() }
}

/// The name of this sandbox's host; nothing where that is the host's own.
pub fn hostname(profile: &Profile) -> Option<String> {
    let own = profile.uts.as_ref().is_none_or(|uts| uts.value);
    let name = profile.hostname.as_ref().map(|name| name.value.to_string_lossy().into_owned());
    own.then(|| name.unwrap_or_else(|| "nsbox".to_owned()))
}
