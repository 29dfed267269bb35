//! What of the caller's session is reached, in plain words.

use super::layout::Line;
use nsbox::plan::{Bus, Plan, ServiceKind, XServer};

/// What serves the command.
pub fn told(plan: &Plan) -> Vec<Line> {
    let text = |kind: &ServiceKind| match kind {
        ServiceKind::Bus { bus: Bus::Accessibility, .. } => {
            Some("The bus of screen readers, to be read by them and to tell them of keys".to_owned())
        }
        ServiceKind::Bus { .. } | ServiceKind::Wayland { .. } => None,
        ServiceKind::X11Host { host, .. } => Some(format!("The X server of your session, display :{}", host.number)),
        ServiceKind::X11Isolated { server, .. } => Some(format!("An X server of its own, {}", shown(server))),
    };
    plan.services.iter().filter_map(|service| Some(Line::asked(text(&service.kind)?, &service.origin))).collect()
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
pub fn weaker(plan: &Plan) -> Vec<Line> {
    let text = "X11 lets it read the keystrokes, the screen and the clipboard of your other programs, and type and click in \
                them";
    let is_shared = |kind: &ServiceKind| matches!(kind, ServiceKind::X11Host { .. });
    let shared = plan.services.iter().filter(|service| is_shared(&service.kind));
    shared.map(|service| Line::asked(text, &service.origin)).collect()
}
