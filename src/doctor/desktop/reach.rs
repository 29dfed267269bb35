//! Whether what a plan leads to is more than a name: each socket is connected to, and the compositor is asked.

use crate::error::{Diagnostic, Errno, Fault};
use crate::host::sockets;
use crate::host::wayland::{self, Powers, Reception};
use crate::plan::{MountKind, Plan, ServiceKind, XServer, x11_socket};
use rustix::fs::{Access, access};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// The names of what the plan of one part leads to.
pub fn details(plan: &Plan) -> Vec<String> {
    let of_service = |kind: &ServiceKind| match kind {
        ServiceKind::Wayland { socket, .. } | ServiceKind::Sound { socket, .. } => Some(socket.display().to_string()),
        ServiceKind::X11Host { host, .. } => Some(format!(":{}", host.number)),
        ServiceKind::X11Isolated { server, .. } => Some(server.program().to_owned()),
        ServiceKind::Bus { .. } => None,
    };
    let services = plan.services.iter().filter_map(|service| of_service(&service.kind));
    services.chain(devices(plan).map(|node| node.display().to_string())).collect()
}

/// The nodes of devices that the caller asked for, rather than those of every sandbox.
fn devices(plan: &Plan) -> impl Iterator<Item = &Path> {
    let nodes = plan.mounts.iter().filter_map(|mount| match &mount.kind {
        MountKind::Device { source } => Some(source.as_path()),
        _ => None,
    });
    nodes.filter(|node| node.starts_with("/dev/dri") || node.to_string_lossy().starts_with("/dev/nvidia"))
}

/// Tries all that the plan of one part leads to; gives how the compositor takes sandboxes, where that is the part.
///
/// # Errors
/// Why the first that does not answer does not.
pub fn reach(plan: &Plan) -> Result<Option<Reception>, Fault> {
    for socket in sockets_of(plan) {
        sockets::try_connect(&socket)?;
    }
    let mut nodes = devices(plan).peekable();
    if let Some(first) = nodes.peek().copied()
        && !nodes.any(|node| access(node, Access::READ_OK | Access::WRITE_OK).is_ok())
    {
        return Err(Fault::of("read and write", first.display())(Errno(libc::EACCES)));
    }
    let compositor = plan.services.iter().find_map(|service| match &service.kind {
        ServiceKind::Wayland { socket, .. } => Some(socket),
        _ => None,
    });
    compositor.map(|socket| wayland::ask_reception(socket)).transpose()
}

/// The sockets of the host that a plan leads to, or the server that it names.
fn sockets_of(plan: &Plan) -> Vec<PathBuf> {
    let services = plan.services.iter().filter_map(|service| match &service.kind {
        ServiceKind::Bus { socket, .. } | ServiceKind::Sound { socket, .. } | ServiceKind::Wayland { socket, .. } => {
            Some(socket.clone())
        }
        ServiceKind::X11Host { host, .. } => Some(x11_socket(host.number)),
        ServiceKind::X11Isolated { server, .. } => match server {
            XServer::Xwayland { compositor } => Some(compositor.clone()),
            XServer::Xephyr { parent } => Some(x11_socket(parent.number)),
            XServer::Xvfb => None,
        },
    });
    let is_socket = |path: &&PathBuf| std::fs::metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let bound = plan.mounts.iter().filter_map(|mount| match &mount.kind {
        MountKind::Bind { source, .. } => Some(source),
        _ => None,
    });
    services.chain(bound.filter(is_socket).cloned()).collect()
}

/// How the list tells whether a compositor has security contexts.
pub fn contexts(reception: &Reception) -> &'static str {
    if *reception == Reception::Sandboxed { "with security contexts" } else { "without security contexts" }
}

/// What it means that it has none.
pub fn no_contexts(powers: &Powers) -> Diagnostic {
    Diagnostic::warning(format!(
        "the compositor has no security contexts: it takes a sandbox that shows its windows there for one of your programs, and \
         lets each of them {powers}"
    ))
    .hint("with `x11 = \"isolated\"` in `[desktop]` and without `wayland`, a program has an X server between it and the compositor")
}
