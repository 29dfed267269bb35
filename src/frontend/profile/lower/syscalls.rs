//! What `[syscalls]` says, as a plan says it.

use super::origin;
use crate::error::{Diagnostic, Diagnostics};
use crate::frontend::profile::merged::{Nested, Profile};
use crate::frontend::profile::text::Located;
use crate::frontend::syscalls::{Calls, Entries, INDISPENSABLE, Policy, Said, Selection, resolve};
use crate::plan::{Identity, Syscalls};

/// Resolves the policy and its exceptions.
pub fn lower(profile: &Profile, identity: &Identity, found: &mut Diagnostics) -> Syscalls {
    let said = &profile.syscalls;
    for denied in &said.deny {
        if let Some(problem) = indispensable(denied) {
            found.push(problem);
        }
    }
    let policy = said.policy.as_ref().map(|policy| policy.value).unwrap_or_default();
    if let (Policy::None, Some(first)) = (policy, said.allow.first()) {
        let message = "nothing need be allowed where the policy is `none`: everything is but what `deny` names";
        found.push(Diagnostic::warning(message).at(first.place.excerpt()));
    }
    let exceptions = |list: &[Located<Calls>]| -> Vec<Said> {
        list.iter().map(|calls| Said { calls: calls.value, origin: calls.place.origin() }).collect()
    };
    resolve(&Selection {
        allow: exceptions(&said.allow),
        deny: exceptions(&said.deny),
        on_denied: said.on_denied.as_ref().map(|on_denied| on_denied.value).unwrap_or_default(),
        on_denied_origin: origin(&said.on_denied, "syscalls.on-denied"),
        entries: said.architectures.as_ref().map(|architectures| Entries {
            foreign: architectures.value.clone(),
            origin: architectures.place.origin(),
        }),
        lent_ids: identity.uid == 0 && identity.has_ranges(),
        nested: profile.nested.as_ref().is_some_and(|nested| nested.value == Nested::Allow),
        ..Selection::of(policy, origin(&said.policy, "syscalls.policy"))
    })
}

/// What is wrong with denying that, where it is what a launch itself needs.
fn indispensable(denied: &Located<Calls>) -> Option<Diagnostic> {
    let names: Vec<_> = INDISPENSABLE.into_iter().filter(|name| denied.value.hold(name)).collect();
    let needed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
    let word = denied.value.word();
    match denied.value {
        _ if names.is_empty() => None,
        Calls::One(_) => Some(denied.place.error(format!("{needed} cannot be denied: no command could be started"))),
        Calls::Group(_) => {
            let message = format!("`{word}` cannot be denied as a whole: without {needed} no command could be started");
            Some(denied.place.error(message).hint("name those of its system calls that are to be denied"))
        }
    }
}
