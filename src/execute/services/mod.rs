//! Services of the session for one sandbox: sockets in a folder of its own on the host, processes beside it that are
//! themselves in sandboxes, and nothing of either left when it ends.

mod bus;
mod companion;
mod folder;
mod wayland;
mod x11;

use crate::error::Fault;
use crate::isolate::mount;
use crate::plan::{Plan, ServiceKind, WAYLAND_SOCKET};
use companion::Companion;
use folder::Folder;
use std::fs::OpenOptions;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
pub use wayland::has_security_contexts;

/// What there is of the services before any process is made.
#[derive(Debug)]
pub(super) struct Prepared {
    folder: Folder,
    /// Sockets of the session that are reached themselves, by the name that they have in the folder.
    lent: Vec<(PathBuf, PathBuf)>,
    /// What the compositor sees the end of, which is that of the sandbox's own socket there.
    compositor: Option<OwnedFd>,
}

/// Makes the folders for the sockets of a plan's services, and those sockets that need no process; nothing where the plan has no
/// service.
///
/// # Errors
/// As mkdir(2), and as the service itself says.
pub(super) fn prepare(plan: &Plan) -> Result<Option<Prepared>, Fault> {
    if plan.services.is_empty() {
        return Ok(None);
    }
    let mut prepared = Prepared { folder: Folder::make()?, lent: Vec::new(), compositor: None };
    for service in &plan.services {
        let own = prepared.folder.of(service.kind.name())?;
        if let ServiceKind::Wayland { socket, application } = &service.kind {
            let listening = wayland::listen(&own, socket, application);
            prepared.compositor = listening.map_err(|fault| fault.asked_for_by(&service.origin))?;
            if prepared.compositor.is_none() {
                prepared.lend(Path::new(service.kind.name()).join(WAYLAND_SOCKET), socket)?;
            }
        }
    }
    Ok(Some(prepared))
}

impl Prepared {
    /// Where the sockets are.
    pub(super) fn sockets(&self) -> mount::Sockets {
        mount::Sockets { folder: self.folder.path().to_owned(), lent: self.lent.clone() }
    }

    /// Makes an empty file for a socket of the session to be mounted on.
    fn lend(&mut self, name: PathBuf, socket: &Path) -> Result<(), Fault> {
        let place = self.folder.path().join(&name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&place);
        made.map_err(Fault::of("create", place.display()))?;
        self.lent.push((name, socket.to_owned()));
        Ok(())
    }
}

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
pub(super) fn start<'p>(plan: &Plan, prepared: &'p Prepared) -> Result<Running<'p>, Fault> {
    let folder = &prepared.folder;
    let mut running = Running { companions: Vec::new(), folder };
    for service in &plan.services {
        let own = folder.path().join(service.kind.name());
        let started = match &service.kind {
            // It is there since the plan was staged.
            ServiceKind::Wayland { .. } => Ok(None),
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
