//! Services of the session for one sandbox: sockets in a folder of its own on the host, processes beside it that are
//! themselves in sandboxes, and nothing of either left when it ends.

mod bus;
mod companion;
mod folder;
mod x11;

use crate::error::{Errno, Fault};
use crate::plan::{Network, Plan, Service, ServiceKind};
use companion::Companion;
pub(super) use folder::Folder;
use std::path::Path;

/// The call that is reported where a service would have to be started by a program that is not nsbox.
const NOT_NSBOX: &str = "start, by a program that is not nsbox,";

/// What serves a sandbox. When this is dropped, it has ended, and its sockets are gone.
#[derive(Debug)]
pub struct Running<'f> {
    companions: Vec<Companion>,
    folder: &'f Folder,
}

/// Starts every service of a plan, each beside the sandbox in one of its own that `nsbox` makes, and waits until each can be
/// reached.
///
/// # Errors
/// ENOEXEC where nobody said which program nsbox is; else as the service itself says. What was started by then has ended.
pub fn start<'f>(plan: &Plan, nsbox: Option<&Path>, folder: &'f Folder) -> Result<Running<'f>, Fault> {
    let mut running = Running { companions: Vec::new(), folder };
    for service in &plan.services {
        let asked_for = |fault: Fault| fault.asked_for_by(&service.origin);
        let nsbox = || nsbox.ok_or(Errno(libc::ENOEXEC)).map_err(Fault::of(NOT_NSBOX, service.kind.name()));
        let own = folder.of(service.kind.name())?;
        let started = match &service.kind {
            ServiceKind::Bus { socket, rules, application, .. } => {
                let application = application.as_deref().map(|name| bus::Application {
                    name,
                    instance: folder.instance(),
                    has_network: matches!(plan.network, Network::Host { .. }),
                });
                nsbox().and_then(|nsbox| bus::start(nsbox, &own, socket, rules, application)).map(Some)
            }
            ServiceKind::X11Host { host, display } => x11::let_in(&own, host, *display).map(|()| None),
            ServiceKind::X11Isolated { server, display, title } => {
                nsbox().and_then(|nsbox| x11::start(nsbox, &own, server, *display, title)).map(Some)
            }
        };
        running.companions.extend(started.map_err(asked_for)?);
    }
    Ok(running)
}

impl Running<'_> {
    /// Writes down which process is the first of the sandbox, where portals will ask for it.
    ///
    /// # Errors
    /// As mkdir(2), open(2) and write(2).
    pub fn announce(&self, plan: &Plan, init: i32) -> Result<(), Fault> {
        let asks = |service: &Service| matches!(service.kind, ServiceKind::Bus { application: Some(_), .. });
        if plan.services.iter().any(asks) { self.folder.announce(init) } else { Ok(()) }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.companions.clear();
        self.folder.remove();
    }
}
