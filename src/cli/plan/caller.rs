//! What an explanation of a plan takes from who would start it.

use crate::cli::launcher::Groups;
use nsbox::error::Fault;
use nsbox::execute::Report;
use nsbox::host::wayland::Reception;

/// What the plan does not hold of the one who would start it.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The supplementary groups that it cannot shed.
    pub groups: Groups,
    /// Whether it is root of the host.
    pub root: bool,
    /// What of the protections that may be missing the host has, where the plan is to be run there.
    pub protections: Option<Report>,
    /// How the compositor of the plan takes the programs of a sandbox there, if it was asked.
    pub reception: Option<Result<Reception, Fault>>,
}
