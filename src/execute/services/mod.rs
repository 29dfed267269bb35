//! Services of the session for one sandbox: sockets in a folder of its own on the host, processes beside it that are
//! themselves in sandboxes, and nothing of either left when it ends.

mod bus;
mod companion;
mod folder;
mod options;
mod sound;
mod wayland;
mod x11;

use super::signals::Held;
use crate::error::{Errno, Fault};
use crate::host::sockets;
use crate::host::wayland::Reception;
use crate::isolate::mount;
use crate::plan::{Network, Plan, Service, ServiceKind, WAYLAND_SOCKET, XServer};
use companion::Companion;
use folder::Folder;
use std::fs::OpenOptions;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
pub use wayland::ask_reception;

/// The call that is reported where a service would have to be started by a program that is not nsbox.
const NOT_NSBOX: &str = "start, by a program that is not nsbox,";

/// What there is of the services before any process is made.
#[derive(Debug)]
pub(super) struct Prepared {
    folder: Folder,
    /// Sockets of the session that are reached themselves, by the name that they have in the folder.
    lent: Vec<(PathBuf, PathBuf)>,
    /// By the name of a service, what the compositor sees the end of, which is that of a socket of the sandbox's own there.
    contexts: Vec<(&'static str, OwnedFd)>,
    /// How the session's compositor takes the sandbox, by what it offers at the socket that the payload gets.
    reception: Option<Reception>,
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
    let mut prepared = Prepared { folder: Folder::make()?, lent: Vec::new(), contexts: Vec::new(), reception: None };
    for service in &plan.services {
        let (name, own) = (service.kind.name(), prepared.folder.of(service.kind.name())?);
        reach(&service.kind).map_err(|fault| fault.asked_for_by(&service.origin))?;
        let Some((socket, application)) = compositor(&service.kind) else { continue };
        let listening = wayland::listen(&own, socket, application);
        match listening.map_err(|fault| fault.asked_for_by(&service.origin))? {
            Ok(held) => {
                prepared.contexts.push((name, held));
                if matches!(service.kind, ServiceKind::Wayland { .. }) {
                    // What it keeps from sandboxes is up to it.
                    let asked = crate::host::wayland::ask_reception(&own.join(WAYLAND_SOCKET));
                    prepared.reception = Some(asked.map_err(|fault| fault.asked_for_by(&service.origin))?);
                }
            }
            Err(reception) if matches!(service.kind, ServiceKind::Wayland { .. }) => {
                prepared.lend(Path::new(name).join(WAYLAND_SOCKET), socket)?;
                prepared.reception = Some(reception);
            }
            Err(_) => {}
        }
    }
    Ok(Some(prepared))
}

/// Makes sure that somebody listens on a socket that is filtered: the filter would not miss them until a program calls, which
/// then learns no more than that nobody is there.
fn reach(service: &ServiceKind) -> Result<(), Fault> {
    let (name, socket) = match service {
        ServiceKind::Bus { bus, socket, .. } => (bus.to_string(), socket),
        ServiceKind::Sound { socket, .. } => ("the sound server".to_owned(), socket),
        _ => return Ok(()),
    };
    match sockets::try_connect(socket) {
        // There are many who want to talk to it.
        Err(fault) if fault.errno.0 == libc::EAGAIN => Ok(()),
        answer => answer.map_err(|fault| Fault { subject: format!("{name} at {}", fault.subject), ..fault }),
    }
}

/// The socket of the compositor that a service is a client of, and what that is to know the sandbox by.
fn compositor(service: &ServiceKind) -> Option<(&Path, &str)> {
    match service {
        ServiceKind::Wayland { socket, application } => Some((socket, application)),
        ServiceKind::X11Isolated { server: XServer::Xwayland { compositor }, title, .. } => Some((compositor, title)),
        _ => None,
    }
}

impl Prepared {
    /// Where the sockets are.
    pub(super) fn sockets(&self) -> mount::Sockets {
        mount::Sockets { folder: self.folder.path().to_owned(), lent: self.lent.clone() }
    }

    /// What the session's compositor lets the payload do to other programs, in words, where it lets it do something.
    pub(super) fn weakness(&self) -> Option<String> {
        let powers = self.reception.as_ref().and_then(Reception::powers)?;
        Some(if self.lent.is_empty() {
            format!("the compositor takes the command for a sandboxed program, and yet lets such programs {powers}")
        } else {
            format!(
                "the compositor has no security contexts: it takes the command for one of your own programs, and lets each of \
                 them {powers}"
            )
        })
    }

    /// An X server as it is to be started: by a compositor that takes it for sandboxed, where there is one.
    fn seen_by(&self, service: &Service, server: &XServer) -> XServer {
        let name = service.kind.name();
        match server {
            XServer::Xwayland { .. } if self.contexts.iter().any(|(of, _)| *of == name) => {
                XServer::Xwayland { compositor: self.folder.path().join(name).join(WAYLAND_SOCKET) }
            }
            server => server.clone(),
        }
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

/// How the start of services ended.
pub(super) enum Started<'f> {
    /// Each can be reached.
    All(Running<'f>),
    /// A signal came while they were waited for, which would have ended this process: they have ended, and no socket is left.
    Interrupted {
        /// Its number.
        signal: i32,
        /// What was waited for.
        fault: Fault,
    },
}

/// Starts every service of a plan, each beside the sandbox in one of its own that `nsbox` makes, and waits until all can be
/// reached.
///
/// # Errors
/// ENOEXEC where nobody said which program nsbox is; else as the service itself says. What was started by then has ended.
pub(super) fn start<'p>(plan: &Plan, nsbox: Option<&Path>, prepared: &'p Prepared) -> Result<Started<'p>, Fault> {
    let (running, waited_for) = start_all(plan, nsbox, prepared)?;
    let held = Held::back()?;
    let waited = running.wait(&waited_for, &held);
    match (waited, held.arrived()?) {
        (Ok(()), None) => {
            // What would still be held back would be held back in the payload, too.
            held.let_go()?;
            Ok(Started::All(running))
        }
        (waited, Some(signal)) => {
            // While a second one cannot end this process yet.
            drop(running);
            let fault = waited.err().unwrap_or_else(|| Fault::of("wait for", "services")(Errno(libc::EINTR)));
            Ok(Started::Interrupted { signal, fault })
        }
        (Err(fault), None) => Err(fault),
    }
}

/// Starts them, and says which of the services have a companion, in the order of these.
fn start_all<'p, 'f>(
    plan: &'p Plan,
    nsbox: Option<&Path>,
    prepared: &'f Prepared,
) -> Result<(Running<'f>, Vec<&'p Service>), Fault> {
    let folder = &prepared.folder;
    let mut running = Running { companions: Vec::new(), folder };
    // All of them first, since they take their time: an X server a tenth of a second.
    let mut waited_for = Vec::new();
    for service in &plan.services {
        let nsbox = || nsbox.ok_or(Errno(libc::ENOEXEC)).map_err(Fault::of(NOT_NSBOX, service.kind.name()));
        let own = folder.path().join(service.kind.name());
        let started = match &service.kind {
            // It is there since the plan was staged.
            ServiceKind::Wayland { .. } => Ok(None),
            ServiceKind::Bus { bus, socket, rules, application } => {
                let application = application.as_deref().map(|name| bus::Application {
                    name,
                    instance: folder.instance(),
                    has_network: matches!(plan.network, Network::Host { .. }),
                });
                nsbox().and_then(|nsbox| bus::start(nsbox, &own, (*bus, socket), rules, application)).map(Some)
            }
            ServiceKind::Sound { socket, cookie, microphone } => {
                nsbox().and_then(|nsbox| sound::start(nsbox, &own, (socket, cookie.as_deref()), *microphone)).map(Some)
            }
            ServiceKind::X11Host { host, display } => x11::let_in(&own, host, *display).map(|()| None),
            ServiceKind::X11Isolated { server, display, title } => nsbox()
                .and_then(|nsbox| x11::start(nsbox, &own, &prepared.seen_by(service, server), *display, title))
                .map(Some),
        };
        if let Some(companion) = started.map_err(|fault| fault.asked_for_by(&service.origin))? {
            running.companions.push(companion);
            waited_for.push(service);
        }
    }
    Ok((running, waited_for))
}

impl Running<'_> {
    /// Waits until all can be reached.
    fn wait(&self, services: &[&Service], held: &Held) -> Result<(), Fault> {
        for (companion, service) in self.companions.iter().zip(services) {
            companion.wait(held).map_err(|fault| fault.asked_for_by(&service.origin))?;
            if let ServiceKind::X11Isolated { server, .. } = &service.kind {
                x11::is_shown(&self.folder.path().join(service.kind.name()), server)?;
            }
        }
        Ok(())
    }

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
