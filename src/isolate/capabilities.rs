//! Capabilities: locked so that none can come back, then dropped (capabilities(7)).

use crate::error::{Errno, Fault};
use crate::plan::Capability;
use crate::sys::privilege;
use caps::{CapSet, CapsHashSet, errors::CapsError};
use rustix::thread::{CapabilitiesSecureBits as Bits, set_capabilities_secure_bits};

/// Makes sure that no exec gives other capabilities than `keep` to this process or its children: the bounding set has no
/// others. Needs CAP_SETPCAP, so it comes before [`drop_all_but`].
///
/// Where the payload is root and keeps some, they come and go with its user id, as daemons expect that become somebody
/// else. Everywhere else the secure bits are set and locked, and what is kept is ambient.
///
/// # Errors
/// As prctl(2) and capset(2).
pub fn lock(keep: &[Capability], as_root: bool) -> Result<(), Fault> {
    if keep.is_empty() || !as_root {
        raise_ambient(keep)?;
        let bits = Bits::NO_ROOT
            | Bits::NO_ROOT_LOCKED
            | Bits::NO_SETUID_FIXUP
            | Bits::NO_SETUID_FIXUP_LOCKED
            | Bits::KEEP_CAPS_LOCKED
            | Bits::NO_CAP_AMBIENT_RAISE
            | Bits::NO_CAP_AMBIENT_RAISE_LOCKED;
        set_capabilities_secure_bits(bits).map_err(Fault::of("prctl PR_SET_SECUREBITS", ""))?;
    }
    let kept = keep.iter().fold(0, |set, capability| set | 1 << capability.number());
    privilege::reduce_bounding_set(kept).map_err(Fault::of("prctl PR_CAPBSET_DROP", ""))
}

fn raise_ambient(keep: &[Capability]) -> Result<(), Fault> {
    if keep.is_empty() {
        return Ok(());
    }
    set(CapSet::Inheritable, "inheritable", keep)?;
    set(CapSet::Ambient, "ambient", keep)
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

/// Leaves this process the capabilities of `keep` and no other.
///
/// # Errors
/// As capset(2).
pub fn drop_all_but(keep: &[Capability]) -> Result<(), Fault> {
    if keep.is_empty() {
        return drop_all();
    }
    set(CapSet::Effective, "effective", keep)?;
    set(CapSet::Permitted, "permitted", keep)
}

fn set(which: CapSet, name: &'static str, to: &[Capability]) -> Result<(), Fault> {
    let capability = |kept: &Capability| format!("CAP_{}", kept.name().to_uppercase().replace('-', "_")).parse();
    let set: CapsHashSet = to.iter().map(capability).collect::<Result<_, CapsError>>().map_err(|_| {
        // The crate and the plan know the same names, which a test holds.
        Fault::of("capset", name)(Errno(libc::EINVAL))
    })?;
    caps::set(None, which, &set).map_err(|e| Fault::of("capset", name)(errno(&e)))
}

/// The crate reports texts; the number behind them is still the thread's last.
fn errno(_: &CapsError) -> Errno {
    Errno::last()
}

#[cfg(test)]
mod tests {
    use crate::plan::Capability;

    #[test]
    fn the_crate_knows_every_capability_of_a_plan_by_the_same_number() {
        for name in Capability::names() {
            let word = format!("CAP_{}", name.to_uppercase().replace('-', "_"));
            let known: caps::Capability = word.parse().expect("a known name");
            assert_eq!(Some(known.index()), Capability::named(name).map(Capability::number), "{name}");
        }
    }
}
