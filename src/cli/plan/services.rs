//! What of the caller's session is reached, in plain words.

use super::caller::Caller;
use super::layout::Line;
use nsbox::host::wayland::Reception;
use nsbox::plan::{Bus, BusRule, Plan, Service, ServiceKind, XServer};
use std::path::Path;

/// What serves the command.
pub fn told(plan: &Plan, caller: &Caller) -> Vec<Line> {
    plan.services.iter().flat_map(|service| of_service(service, caller)).collect()
}

fn of_service(service: &Service, caller: &Caller) -> Vec<Line> {
    let asked = |text: String| vec![Line::asked(text, &service.origin)];
    match &service.kind {
        ServiceKind::Bus { bus: Bus::Accessibility, .. } => {
            asked("The bus of screen readers, to be read by them and to tell them of keys".to_owned())
        }
        ServiceKind::Bus { bus, rules, application, .. } => {
            let may = |rule: &BusRule| Line::asked(format!("On {bus} it may {rule}"), &rule.origin);
            let known = |name: &String| Line::new(format!("Portals know it as the application {name}, in a sandbox"));
            rules.iter().map(may).chain(application.iter().map(known)).collect()
        }
        ServiceKind::Sound { socket, microphone, .. } => {
            let may = if *microphone {
                "it plays, and records by your microphone and what other programs play"
            } else {
                "it plays, and hears nothing"
            };
            asked(format!("The sound server of your session, {}, filtered: {may}", socket.display()))
        }
        ServiceKind::Wayland { socket, application } => asked(compositor(socket, application, caller)),
        ServiceKind::X11Host { host, .. } => asked(format!("The X server of your session, display :{}", host.number)),
        ServiceKind::X11Isolated { server, .. } => asked(format!("An X server of its own, {}", shown(server))),
    }
}

fn compositor(socket: &Path, application: &str, caller: &Caller) -> String {
    let name = format!("The Wayland compositor of your session, {}", socket.display());
    match &caller.reception {
        None => format!("{name}, as the application {application}"),
        Some(Ok(Reception::Sandboxed)) => format!(
            "{name}, by a socket of its own: to the compositor it is the sandboxed application {application} (security \
             context)"
        ),
        Some(Ok(taken)) => {
            let told =
                if taken.powers().is_some() { "" } else { ", which offers nothing that reaches into other programs" };
            format!("{name}, by the session's own socket{told}")
        }
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
    let powers = caller.reception.as_ref().and_then(|taken| taken.as_ref().ok()?.powers());
    let text = |kind: &ServiceKind| {
        match kind {
        ServiceKind::X11Host { .. } => Some(
            "X11 lets it read the keystrokes, the screen and the clipboard of your other programs, and type and click in \
             them"
                .to_owned(),
        ),
        ServiceKind::Wayland { .. } => powers.map(|powers| {
            format!(
                "This compositor has no security contexts, so that it takes the sandbox for one of your programs, and lets \
                 each of them {powers}"
            )
        }),
        _ => None,
    }
    };
    plan.services.iter().filter_map(|service| Some(Line::asked(text(&service.kind)?, &service.origin))).collect()
}
