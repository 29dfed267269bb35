//! What is wrong with the services of a plan.

use crate::error::{Diagnostic, Diagnostics};
use crate::plan::{BusRule, DISPLAY_MAX, Draft, HostDisplay, Origin, Service, ServiceKind, XServer, is_application};

/// Finds all that is wrong with them.
pub fn check(draft: &Draft, found: &mut Diagnostics) {
    for (i, service) in draft.services.iter().enumerate() {
        if draft.services[..i].iter().any(|earlier| earlier.kind.name() == service.kind.name()) {
            let message = format!("the service {} is there twice", service.kind.name());
            found.push(Diagnostic::error(message).hint(format!("asked for by {}", service.origin)));
        }
        check_service(service, found);
    }
}

fn check_service(service: &Service, found: &mut Diagnostics) {
    match &service.kind {
        ServiceKind::Bus { socket, rules, application, .. } => {
            super::check_path(socket, "the socket of a bus", &service.origin, found);
            rules.iter().filter_map(misshapen).for_each(|problem| found.push(problem));
            application.as_deref().and_then(misnamed).into_iter().for_each(|problem| found.push(problem));
        }
        ServiceKind::Sound { socket, cookie, .. } => {
            super::check_path(socket, "the socket of a sound server", &service.origin, found);
            if let Some(cookie) = cookie {
                super::check_path(cookie, "the cookie of a sound server", &service.origin, found);
            }
        }
        ServiceKind::Wayland { socket, application } => {
            super::check_path(socket, "the socket of a compositor", &service.origin, found);
            misnamed(application).into_iter().for_each(|problem| found.push(problem));
        }
        ServiceKind::X11Host { host, display } => {
            check_number(*display, &service.origin, found);
            check_display(host, &service.origin, found);
        }
        ServiceKind::X11Isolated { server, display, title } => {
            check_number(*display, &service.origin, found);
            super::refuse_nul(title.as_ref(), "the title of a window", found);
            match server {
                XServer::Xwayland { compositor } => {
                    super::check_path(compositor, "the socket of a compositor", &service.origin, found);
                }
                XServer::Xephyr { parent } => check_parent(parent, *display, &service.origin, found),
                XServer::Xvfb => {}
            }
        }
    }
}

fn check_display(host: &HostDisplay, origin: &Origin, found: &mut Diagnostics) {
    check_number(host.number, origin, found);
    if let Some(authority) = &host.authority {
        super::check_path(authority, "an Xauthority file", origin, found);
    }
}

/// Both have their socket in the same folder where the server runs.
fn check_parent(parent: &HostDisplay, display: u16, origin: &Origin, found: &mut Diagnostics) {
    check_display(parent, origin, found);
    if parent.number == display {
        let message = format!("display :{display} cannot be shown on display :{display}");
        found.push(Diagnostic::error(message).hint(format!("asked for by {origin}")));
    }
}

fn check_number(display: u16, origin: &Origin, found: &mut Diagnostics) {
    if display > DISPLAY_MAX {
        let message = format!("display :{display} cannot be: their numbers go up to {DISPLAY_MAX}");
        found.push(Diagnostic::error(message).hint(format!("asked for by {origin}")));
    }
}

/// A name that no application can have.
fn misnamed(application: &str) -> Option<Diagnostic> {
    (!is_application(application)).then(|| {
        let message = format!("`{}` cannot be the name of an application", application.escape_debug());
        Diagnostic::error(message).hint("as in `org.example.Viewer`: three or more words with dots")
    })
}

/// A rule that xdg-dbus-proxy(1) would refuse, or take for something else.
fn misshapen(rule: &BusRule) -> Option<Diagnostic> {
    let (message, hint) = rule.access.misfit(&rule.name)?;
    Some(Diagnostic::error(message).hint(format!("{hint}; asked for by {}", rule.origin)))
}
