//! Capabilities: locked so that none can come back, then dropped (capabilities(7)).

use crate::error::{Errno, Fault};
use crate::sys::privilege;
use caps::{CapSet, errors::CapsError};
use rustix::thread::{CapabilitiesSecureBits, set_capabilities_secure_bits};

/// Makes sure that no exec gives capabilities to this process or its children: the secure bits are set and locked,
/// and the bounding set is emptied. Needs CAP_SETPCAP, so it comes before [`drop_all`].
///
/// # Errors
/// As prctl(2).
pub fn lock() -> Result<(), Fault> {
    let bits = CapabilitiesSecureBits::NO_ROOT
        | CapabilitiesSecureBits::NO_ROOT_LOCKED
        | CapabilitiesSecureBits::NO_SETUID_FIXUP
        | CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED
        | CapabilitiesSecureBits::KEEP_CAPS_LOCKED
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
    set_capabilities_secure_bits(bits).map_err(Fault::of("prctl PR_SET_SECUREBITS", ""))?;
    privilege::clear_bounding_set().map_err(Fault::of("prctl PR_CAPBSET_DROP", ""))
}

/// Empties the ambient, inheritable, effective and permitted sets of this process.
///
/// # Errors
/// As capset(2).
pub fn drop_all() -> Result<(), Fault> {
    for (set, name) in [
        (CapSet::Ambient, "ambient"),
        (CapSet::Inheritable, "inheritable"),
        (CapSet::Effective, "effective"),
        (CapSet::Permitted, "permitted"),
    ] {
        caps::clear(None, set).map_err(|e| Fault::of("capset", name)(errno(&e)))?;
    }
    Ok(())
}

/// The crate reports texts; the number behind them is still the thread's last.
fn errno(_: &CapsError) -> Errno {
    Errno::last()
}
