//! What of the caller's session is reached, in plain words.

use super::layout::Line;
use nsbox::plan::{Bus, BusRule, Plan, Service, ServiceKind, XServer};

/// What serves the command.
pub fn told(plan: &Plan) -> Vec<Line> {
    plan.services.iter().flat_map(of_service).collect()
}

fn of_service(service: &Service) -> Vec<Line> {
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
        ServiceKind::Wayland { .. } => Vec::new(),
        ServiceKind::X11Host { host, .. } => asked(format!("The X server of your session, display :{}", host.number)),
        ServiceKind::X11Isolated { server, .. } => asked(format!("An X server of its own, {}", shown(server))),
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
pub fn weaker(plan: &Plan) -> Vec<Line> {
    let text = "X11 lets it read the keystrokes, the screen and the clipboard of your other programs, and type and click in \
                them";
    let is_shared = |kind: &ServiceKind| matches!(kind, ServiceKind::X11Host { .. });
    let shared = plan.services.iter().filter(|service| is_shared(&service.kind));
    shared.map(|service| Line::asked(text, &service.origin)).collect()
}
