//! Landlock: no signal to a process outside, no abstract socket of the host, and no program but those of the sandbox
//! (landlock(7)).

use crate::error::{Errno, Fault};
use crate::plan::{Demand, Nested, Plan};
use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, CreateRulesetError, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};

/// A ruleset that is ready to be applied.
#[derive(Debug)]
pub struct Prepared {
    created: RulesetCreated,
    has_scopes: bool,
    below_root: BitFlags<AccessFs>,
}

/// What is allowed below the new root and nowhere else: to execute. On its way to exec the payload is still nsbox, whose file is
/// the host's: an image whose `/bin/sh` is a link to `/proc/self/exe` would run it, with libraries of its own, and could change
/// its permissions (CVE-2019-5736). Where a rule is about files the kernel also wants one for moving them between folders.
///
/// Who is under such a rule cannot mount, so that sandboxes inside could not be made.
fn below_root(nested: &Nested) -> BitFlags<AccessFs> {
    match nested {
        Nested::Deny => AccessFs::Execute | AccessFs::Refer,
        Nested::Allow { .. } => BitFlags::empty(),
    }
}

/// Makes the ruleset that the plan asks for; nothing where it asks for none, or where this kernel has no Landlock and
/// the plan accepts that. Without scopes, which the plan may accept as well, the caller says so aloud.
///
/// # Errors
/// EOPNOTSUPP where the kernel lacks scopes and the plan demands them, else as landlock_create_ruleset(2).
pub fn prepare(plan: &Plan) -> Result<Option<Prepared>, Fault> {
    let demand = plan.protections.landlock_scopes;
    if demand == Demand::Off {
        return Ok(None);
    }
    let below_root = below_root(&plan.namespaces.nested);
    let prepared = |created, has_scopes| Some(Prepared { created, has_scopes, below_root });
    match create(below_root, true) {
        Ok(created) => Ok(prepared(created, true)),
        Err(RulesetError::CreateRuleset(CreateRulesetError::CreateRulesetCall { source, .. })) => {
            Err(Fault::of("landlock_create_ruleset", "scopes")(Errno::from(source)))
        }
        Err(_) if demand == Demand::BestEffort => {
            Ok(create(below_root, false).ok().and_then(|created| prepared(created, false)))
        }
        Err(_) => Err(Fault::of("landlock_create_ruleset", "scopes")(Errno(libc::EOPNOTSUPP))),
    }
}

fn create(files: BitFlags<AccessFs>, with_scopes: bool) -> Result<RulesetCreated, RulesetError> {
    let mut ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    if !files.is_empty() {
        ruleset = ruleset.handle_access(files)?;
    }
    if with_scopes {
        ruleset = ruleset.scope(Scope::from_all(ABI::V6))?;
    }
    Ok(ruleset.create()?.set_compatibility(CompatLevel::HardRequirement))
}

impl Prepared {
    /// Whether it closes the host's abstract sockets, and processes outside to signals.
    pub fn has_scopes(&self) -> bool {
        self.has_scopes
    }
}

/// Restricts this process and its children to come, in their own root. `no_new_privs` must be set already.
///
/// # Errors
/// As open(2), landlock_add_rule(2) and landlock_restrict_self(2).
pub fn apply(prepared: &Prepared) -> Result<(), Fault> {
    let mut ruleset = prepared.created.try_clone().map_err(Fault::of("dup", "the ruleset"))?;
    if !prepared.below_root.is_empty() {
        let refused = |_| Fault::of("landlock_add_rule", "/")(Errno::last());
        let root = PathFd::new("/").map_err(|_| Fault::of("open", "/")(Errno::last()))?;
        ruleset = ruleset.add_rule(PathBeneath::new(root, prepared.below_root)).map_err(refused)?;
    }
    let refused = |_| Fault::of("landlock_restrict_self", "")(Errno::last());
    ruleset.no_new_privs(false).restrict_self().map(drop).map_err(refused)
}
