//! The network namespace (network_namespaces(7)).

use crate::error::Fault;
use crate::plan::Network;
use crate::sys::{interface, procfs};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use std::os::fd::AsFd;
use std::path::Path;

/// Lets the payload use the low ports and ping(1)'s sockets of a network that is its own: capabilities over it are kept by
/// nobody.
///
/// `proc` is a procfs that is still writable, which inside is true only before the root is locked.
///
/// # Errors
/// As write(2) to the files of ip_sysctl (kernel documentation).
pub fn open_ports(proc: &Path, group: u32) -> Result<(), Fault> {
    for (name, text) in
        [("ip_unprivileged_port_start", "0".to_owned()), ("ping_group_range", format!("{group} {group}"))]
    {
        let file = proc.join("sys/net/ipv4").join(name);
        procfs::write(&file, &text).map_err(Fault::of("write to", file.display()))?;
    }
    Ok(())
}

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
