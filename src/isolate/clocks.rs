//! The clocks of a time namespace (time_namespaces(7)).

use crate::error::Fault;
use crate::plan::{Clock, ClockOffset};
use crate::sys::namespaces;

/// Makes a time namespace for the children to come, whose clocks are set forward as the plan says.
///
/// It cannot be made by clone(2) together with the others: then a process is in it, and the offsets are fixed. Needs the
/// host's procfs.
///
/// # Errors
/// As unshare(2), and ERANGE where a clock would be set before zero.
pub fn apply(offsets: &[ClockOffset]) -> Result<(), Fault> {
    let Some(first) = offsets.first() else { return Ok(()) };
    let asked = |fault: Fault| fault.asked_for_by(&first.origin);
    namespaces::unshare(libc::CLONE_NEWTIME).map_err(Fault::of("unshare", "CLONE_NEWTIME")).map_err(asked)?;
    for offset in offsets {
        let clock = match offset.clock {
            Clock::Boottime => "boottime",
            Clock::Monotonic => "monotonic",
        };
        let line = format!("{clock} {} 0\n", offset.seconds);
        std::fs::write("/proc/self/timens_offsets", line)
            .map_err(|e| Fault::of("set the clock", clock)(e).asked_for_by(&offset.origin))?;
    }
    Ok(())
}
