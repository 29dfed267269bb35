//! Which terminal the payload talks to.

use super::Origin;
use serde::{Deserialize, Serialize};

/// The payload's terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Terminal {
    /// The caller's own, under job control.
    Shared {
        /// Who asked for it.
        origin: Origin,
    },
    /// A pseudo-terminal of the sandbox, in a session of its own; needs a devpts of the sandbox. What the caller's
    /// terminal is among the standard streams, it stands in for.
    Private {
        /// Who asked for it.
        origin: Origin,
    },
}
