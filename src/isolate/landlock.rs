//! Landlock scopes: no signal to a process outside, no abstract socket of the host (landlock(7)).

use crate::error::{Errno, Fault};
use crate::plan::{Demand, Protections};
use landlock::{
    ABI, Access, CompatLevel, Compatible, CreateRulesetError, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr,
    RulesetError, Scope,
};

/// A ruleset that is ready to be applied.
#[derive(Debug)]
pub struct Prepared(RulesetCreated);

/// Makes the ruleset that the plan asks for; nothing where it asks for none, or where this kernel has no scopes and
/// the plan accepts that, which the caller then says aloud.
///
/// # Errors
/// EOPNOTSUPP where the kernel lacks scopes and the plan demands them, else as landlock_create_ruleset(2).
pub fn prepare(protections: &Protections) -> Result<Option<Prepared>, Fault> {
    if protections.landlock_scopes == Demand::Off {
        return Ok(None);
    }
    let created = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .scope(Scope::from_all(ABI::V6))
        .and_then(Ruleset::create);
    match created {
        Ok(ruleset) => Ok(Some(Prepared(ruleset.set_compatibility(CompatLevel::HardRequirement)))),
        Err(RulesetError::CreateRuleset(CreateRulesetError::CreateRulesetCall { source, .. })) => {
            Err(Fault::of("landlock_create_ruleset", "scopes")(Errno::from(source)))
        }
        Err(_) if protections.landlock_scopes == Demand::BestEffort => Ok(None),
        Err(_) => Err(Fault::of("landlock_create_ruleset", "scopes")(Errno(libc::EOPNOTSUPP))),
    }
}

/// Restricts this process and its children to come. `no_new_privs` must be set already.
///
/// # Errors
/// As landlock_restrict_self(2).
pub fn apply(prepared: &Prepared) -> Result<(), Fault> {
    let ruleset = prepared.0.try_clone().map_err(Fault::of("dup", "the ruleset"))?;
    let refused = |_| Fault::of("landlock_restrict_self", "")(Errno::last());
    ruleset.no_new_privs(false).restrict_self().map(drop).map_err(refused)
}
