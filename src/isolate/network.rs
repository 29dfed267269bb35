//! The network namespace (network_namespaces(7)).

use crate::error::Fault;
use crate::plan::Network;
use crate::sys::interface;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use std::os::fd::AsFd;

/// Brings up what the network namespace of the plan holds: its loopback, where it is a new one.
///
/// # Errors
/// As netdevice(7).
pub fn apply(network: &Network) -> Result<(), Fault> {
    match network {
        Network::Host { .. } => Ok(()),
        Network::None { origin } => {
            let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
                .map_err(|e| Fault::of("socket", "AF_INET")(e).asked_for_by(origin))?;
            interface::bring_up(socket.as_fd(), c"lo")
                .map_err(|e| Fault::of("ioctl SIOCSIFFLAGS", "lo")(e).asked_for_by(origin))
        }
    }
}
