//! Services of the session for one sandbox: sockets in a folder of its own on the host, processes beside it that are
//! themselves in sandboxes, and nothing of either left when it ends.

mod bus;
mod companion;
mod folder;
mod x11;

use crate::error::Fault;
use crate::plan::{Plan, ServiceKind};
use companion::Companion;
pub(super) use folder::Folder;

/// What serves a sandbox. When this is dropped, it has ended, and its sockets are gone.
#[derive(Debug)]
pub struct Running<'f> {
    companions: Vec<Companion>,
    folder: &'f Folder,
}

/// Starts every service of a plan, and waits until each can be reached.
///
/// # Errors
/// As the service itself says; what was started by then has ended.
pub fn start<'f>(plan: &Plan, folder: &'f Folder) -> Result<Running<'f>, Fault> {
    let mut running = Running { companions: Vec::new(), folder };
    for service in &plan.services {
        let own = folder.of(service.kind.name())?;
        let started = match &service.kind {
            ServiceKind::Bus { bus, socket, rules, application } => {
                bus::start(&own, *bus, socket, rules, application.as_deref()).map(Some)
            }
            ServiceKind::X11Host { host, display } => x11::let_in(&own, host, *display).map(|()| None),
            ServiceKind::X11Isolated { server, display, title } => x11::start(&own, server, *display, title).map(Some),
        };
        running.companions.extend(started.map_err(|fault| fault.asked_for_by(&service.origin))?);
    }
    Ok(running)
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.companions.clear();
        self.folder.remove();
    }
}
