//! What of the caller's session is reached, in plain words.

use super::explain::Caller;
use super::layout::Line;
use nsbox::plan::{Bus, Plan, ServiceKind, XServer};
use std::path::Path;

/// What serves the command.
pub fn told(plan: &Plan, caller: &Caller) -> Vec<Line> {
    let text = |kind: &ServiceKind| match kind {
        ServiceKind::Bus { bus: Bus::Accessibility, .. } => {
            Some("The bus of screen readers, to be read by them and to tell them of keys".to_owned())
        }
        ServiceKind::Bus { .. } => None,
        ServiceKind::Wayland { socket, application } => Some(compositor(socket, application, caller)),
        ServiceKind::X11Host { host, .. } => Some(format!("The X server of your session, display :{}", host.number)),
        ServiceKind::X11Isolated { server, .. } => Some(format!("An X server of its own, {}", shown(server))),
    };
    plan.services.iter().filter_map(|service| Some(Line::asked(text(&service.kind)?, &service.origin))).collect()
}

fn compositor(socket: &Path, application: &str, caller: &Caller) -> String {
    let name = format!("The Wayland compositor of your session, {}", socket.display());
    match &caller.security_contexts {
        None => format!("{name}, as the application {application}"),
        Some(Ok(true)) => format!(
            "{name}, by a socket of its own: to the compositor it is the sandboxed application {application} (security \
             context)"
        ),
        Some(Ok(false)) => format!("{name}, by the session's own socket"),
        Some(Err(fault)) => format!("{name}; as things are nsbox will refuse, since it could not {fault}"),
    }
}

fn shown(server: &XServer) -> String {
    let program = server.program();
    match server {
        XServer::Xwayland { .. } => format!("{program}, whose screen is a window of your Wayland compositor"),
        XServer::Xephyr { parent } => format!("{program}, whose screen is a window on display :{}", parent.number),
        XServer::Xvfb => format!("{program}, whose screen is shown nowhere"),
    }
}

/// What a service lets the command do to others.
pub fn weaker(plan: &Plan, caller: &Caller) -> Vec<Line> {
    let text = |kind: &ServiceKind| match kind {
        ServiceKind::X11Host { .. } => Some(
            "X11 lets it read the keystrokes, the screen and the clipboard of your other programs, and type and click in \
             them",
        ),
        ServiceKind::Wayland { .. } if matches!(caller.security_contexts, Some(Ok(false))) => Some(
            "This compositor has no security contexts, so that it takes the sandbox for one of your programs and alone \
             decides what it may do: many of the wlroots family let each capture the screen and type into the windows of \
             the others",
        ),
        _ => None,
    };
    plan.services.iter().filter_map(|service| Some(Line::asked(text(&service.kind)?, &service.origin))).collect()
}
