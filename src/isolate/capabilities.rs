//! Capabilities: locked so that none can come back, then dropped (capabilities(7)).

use crate::error::Fault;
use crate::plan::Capability;
use crate::sys::privilege;
use rustix::thread::{
    CapabilitiesSecureBits as Bits, CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set,
    configure_capability_in_ambient_set, set_capabilities, set_capabilities_secure_bits,
};

/// Takes all but `keep` out of the bounding set, so that no exec gives another one to this process or its children. Needs
/// CAP_SETPCAP; what this process has of capabilities it keeps.
///
/// # Errors
/// As prctl(2).
pub fn bound(keep: &[Capability]) -> Result<(), Fault> {
    privilege::reduce_bounding_set(set_of(keep).bits()).map_err(Fault::of("prctl PR_CAPBSET_DROP", ""))
}

/// Makes sure that no user id brings capabilities back. Needs CAP_SETPCAP, so it comes before [`drop_all_but`].
///
/// Where the payload is root and keeps some, they come and go with its user id, as daemons expect that become somebody
/// else. Everywhere else the secure bits are set and locked, and what is kept is ambient.
///
/// # Errors
/// As prctl(2) and capset(2).
pub fn lock(keep: &[Capability], as_root: bool) -> Result<(), Fault> {
    if !keep.is_empty() && as_root {
        return Ok(());
    }
    raise_ambient(keep)?;
    let bits = Bits::NO_ROOT
        | Bits::NO_ROOT_LOCKED
        | Bits::NO_SETUID_FIXUP
        | Bits::NO_SETUID_FIXUP_LOCKED
        | Bits::KEEP_CAPS_LOCKED
        | Bits::NO_CAP_AMBIENT_RAISE
        | Bits::NO_CAP_AMBIENT_RAISE_LOCKED;
    set_capabilities_secure_bits(bits).map_err(Fault::of("prctl PR_SET_SECUREBITS", ""))
}

/// Makes what is kept survive an exec by whoever is not root: it becomes inheritable, and then ambient.
fn raise_ambient(keep: &[Capability]) -> Result<(), Fault> {
    if keep.is_empty() {
        return Ok(());
    }
    let own = capabilities(None).map_err(Fault::of("capget", ""))?;
    let sets = CapabilitySets { inheritable: set_of(keep), ..own };
    set_capabilities(None, sets).map_err(Fault::of("capset", "inheritable"))?;
    set_of(keep)
        .iter()
        .try_for_each(|capability| configure_capability_in_ambient_set(capability, true))
        .map_err(Fault::of("prctl PR_CAP_AMBIENT_RAISE", ""))
}

/// Empties the ambient, inheritable, effective and permitted sets of this process.
///
/// # Errors
/// As prctl(2) and capset(2).
pub fn drop_all() -> Result<(), Fault> {
    clear_ambient_capability_set().map_err(Fault::of("prctl PR_CAP_AMBIENT_CLEAR_ALL", ""))?;
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    set_capabilities(None, sets).map_err(Fault::of("capset", ""))
}

/// Leaves this process the capabilities of `keep` and no other.
///
/// # Errors
/// As capset(2).
pub fn drop_all_but(keep: &[Capability]) -> Result<(), Fault> {
    if keep.is_empty() {
        return drop_all();
    }
    let own = capabilities(None).map_err(Fault::of("capget", ""))?;
    let sets = CapabilitySets { effective: set_of(keep), permitted: set_of(keep), ..own };
    set_capabilities(None, sets).map_err(Fault::of("capset", ""))
}

fn set_of(keep: &[Capability]) -> CapabilitySet {
    // Bits that this library has no name for are kept as they are.
    CapabilitySet::from_bits_retain(keep.iter().fold(0, |set, capability| set | 1 << capability.number()))
}
