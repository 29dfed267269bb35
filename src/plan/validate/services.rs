//! What is wrong with the services of a plan.

use crate::error::{Diagnostic, Diagnostics};
use crate::plan::{BusAccess, BusRule, Draft, Service, ServiceKind, is_application, is_bus_name};

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
            if let Some(name) = application.as_deref().filter(|name| !is_application(name)) {
                let message = format!("`{}` cannot be the name of an application", name.escape_debug());
                found
                    .push(Diagnostic::error(message).hint("as in `org.example.Viewer`: three or more words with dots"));
            }
        }
    }
}

/// A rule that xdg-dbus-proxy(1) would refuse, or take for something else.
fn misshapen(rule: &BusRule) -> Option<Diagnostic> {
    let (name, condition) = match rule.name.split_once('=') {
        Some((name, condition)) => (name, Some(condition)),
        None => (&*rule.name, None),
    };
    let takes_condition = matches!(rule.access, BusAccess::Call | BusAccess::Broadcast);
    let is_printable = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    let bare = name.strip_suffix(".*").unwrap_or(name);
    let is_whole =
        is_bus_name(bare) && condition.map_or(!takes_condition, |text| takes_condition && is_printable(text));
    let hint = match takes_condition {
        true => "as in `org.freedesktop.portal.Desktop=org.freedesktop.portal.Settings.Read@/*`",
        false => "as in `org.freedesktop.Notifications`, or `org.mpris.MediaPlayer2.player.*` for all below",
    };
    (!is_whole).then(|| {
        let message = format!("`{}` cannot be what a program may {}", rule.name.escape_debug(), rule.access.word());
        Diagnostic::error(message).hint(format!("{hint}; asked for by {}", rule.origin))
    })
}
