//! What a sandbox is: pure data, absolute, complete and valid; the one value every part of nsbox speaks of.
//!
//! A front end fills in a [`Draft`]; [`Plan::try_from`] validates it, and is the only way to a [`Plan`]. Reading a
//! serialised plan goes through the same door. The plan says more than profiles can (no pid namespace, the payload as
//! pid 1, mounts in any order, inherited descriptors), because it serves every front end.

mod capabilities;
mod command;
mod coverage;
mod encoding;
mod identity;
mod limits;
mod mount;
mod namespaces;
mod origin;
mod path_map;
mod protections;
mod service;
mod syscalls;
mod terminal;
mod validate;
mod x11;

pub use capabilities::{Capabilities, Capability};
pub use command::{Command, Descriptors, Variable};
pub use coverage::Coverage;
pub use identity::{IdRange, Identity};
pub use limits::{Resource, ResourceLimit, WallTime};
pub use mount::{
    Access, FILES_MAX, Mount, MountKind, PATH_MAX, ProcMasks, ProcSource, Root, RootAccess, is_normal, is_root,
    normalise,
};
pub use namespaces::{Clock, ClockOffset, Init, Namespaces, Nested, Network};
pub use origin::Origin;
pub use path_map::{PathMap, below, folders_above, in_walk_order, upwards};
pub use protections::{Demand, Enforcement, Protections};
pub use service::{
    Bus, BusAccess, BusRule, SOCKETS, SOUND_SOCKET, Service, ServiceKind, WAYLAND_SOCKET, is_application, is_bus_name,
};
pub use syscalls::{
    Answer, Architecture, Comparison, Condition, Conditional, Exception, FIRST_OF_X32, Filter, OnDenied, Otherwise,
    Syscalls, Table, Unlisted, Verdict,
};
pub use terminal::Terminal;
pub use x11::{DISPLAY_MAX, HostDisplay, X11_AUTHORITY, X11_SOCKETS, XServer, x11_socket};

use crate::error::Diagnostics;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

/// The version of the serialised form; a plan of another version is refused.
pub const VERSION: u32 = 1;

/// A sandbox as a front end describes it, before validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Draft {
    /// [`VERSION`].
    pub version: u32,
    /// What is run, and where.
    pub command: Command,
    /// Every variable the payload gets; nothing else crosses over.
    pub environment: Vec<Variable>,
    /// Which descriptors beside 0, 1 and 2 the payload gets.
    pub descriptors: Descriptors,
    /// Who the payload is inside, and the host name it sees.
    pub identity: Identity,
    /// What the payload keeps of root's powers.
    pub capabilities: Capabilities,
    /// Which namespaces are new, and who is pid 1.
    pub namespaces: Namespaces,
    /// What the network namespace holds.
    pub network: Network,
    /// What `/` is.
    pub root: Root,
    /// Which terminal the payload talks to.
    pub terminal: Terminal,
    /// What is mounted, in this order.
    pub mounts: Vec<Mount>,
    /// What the payload reaches of the desktop, each by a socket of its own.
    pub services: Vec<Service>,
    /// What the kernel answers to each system call.
    pub syscalls: Syscalls,
    /// Resource limits that differ from the caller's.
    pub limits: Vec<ResourceLimit>,
    /// How long the payload may run; without an end if not given.
    #[serde(deserialize_with = "encoding::stated")]
    pub wall_time: Option<WallTime>,
    /// Protections that not every supported kernel has.
    pub protections: Protections,
}

/// A valid [`Draft`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Plan(Draft);

impl Deref for Plan {
    type Target = Draft;
    fn deref(&self) -> &Draft {
        &self.0
    }
}

impl TryFrom<Draft> for Plan {
    type Error = Diagnostics;

    /// Validates a draft; all that is wrong with it is reported at once.
    fn try_from(draft: Draft) -> Result<Self, Diagnostics> {
        validate::check(&draft).or(Self(draft)).map(|(plan, _)| plan)
    }
}

impl From<Plan> for Draft {
    fn from(plan: Plan) -> Self {
        plan.0
    }
}
