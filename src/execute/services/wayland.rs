//! The session's Wayland compositor: by a listener with a security context of the sandbox's own, if it takes one, so that it knows
//! its clients for sandboxed and refuses what it keeps from those; else by the session's socket (security-context-v1.xml).

use crate::error::{Errno, Fault};
use crate::host::wayland::{Connection, Reception, Request};
use crate::plan::{Plan, ServiceKind, WAYLAND_SOCKET};
use rustix::pipe::{PipeFlags, pipe_with};
use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

/// What nsbox is to compositors.
const ENGINE: &str = "nsbox";

/// The requests of the manager and of a context.
mod opcode {
    pub const CREATE_LISTENER: u16 = 1;
    pub const SET_SANDBOX_ENGINE: u16 = 1;
    pub const SET_APP_ID: u16 = 2;
    pub const SET_INSTANCE_ID: u16 = 3;
    pub const COMMIT: u16 = 4;
}

/// How the compositor of a plan, on this host now, takes the programs of a sandbox; nothing where the plan has none.
pub fn ask_reception(plan: &Plan) -> Option<Result<Reception, Fault>> {
    plan.services.iter().find_map(|service| {
        let ServiceKind::Wayland { socket, .. } = &service.kind else { return None };
        Some(crate::host::wayland::ask_reception(socket))
    })
}

/// Has the compositor at `socket` listen in `folder` for this application, until what this gives is closed: it sees that, whatever
/// ends this process. Where it has no security contexts, how it takes the programs of a sandbox instead.
///
/// # Errors
/// As the compositor says, and as bind(2), chmod(2) and pipe(2).
pub fn listen(folder: &Path, socket: &Path, application: &str) -> Result<Result<OwnedFd, Reception>, Fault> {
    let mut compositor = Connection::open(socket)?;
    let Some((bind, manager)) = compositor.bind_security_context_manager() else {
        return Ok(Err(compositor.reception()));
    };
    let place = folder.join(WAYLAND_SOCKET);
    let listener = UnixListener::bind(&place).map_err(too_long).map_err(Fault::of("bind", place.display()))?;
    let own = std::fs::set_permissions(&place, Permissions::from_mode(0o600));
    own.map_err(Fault::of("chmod", place.display()))?;
    let (theirs, held) = pipe_with(PipeFlags::CLOEXEC).map_err(Fault::of("pipe2", ""))?;
    let context = compositor.new_object();
    let requests = vec![
        bind,
        Request::new(manager, opcode::CREATE_LISTENER).word(context),
        Request::new(context, opcode::SET_SANDBOX_ENGINE).text(ENGINE),
        Request::new(context, opcode::SET_APP_ID).text(application),
        Request::new(context, opcode::SET_INSTANCE_ID).text(&std::process::id().to_string()),
        Request::new(context, opcode::COMMIT),
    ];
    compositor.ask(requests, &[listener.as_fd(), theirs.as_fd()])?;
    Ok(Ok(held))
}

/// An error of making a socket; std says in words of its own that a path has no room in an address (unix(7)).
fn too_long(error: std::io::Error) -> Errno {
    match error.kind() {
        ErrorKind::InvalidInput if error.raw_os_error().is_none() => Errno(libc::ENAMETOOLONG),
        _ => error.into(),
    }
}
