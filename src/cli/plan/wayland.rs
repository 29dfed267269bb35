//! What a plan says of the session's Wayland compositor, and of what that lets a sandbox do.

use super::explain::Caller;
use super::layout::Line;
use nsbox::plan::{Plan, Service, ServiceKind};

/// How the compositor is reached.
pub fn reach(plan: &Plan, caller: &Caller) -> Option<Line> {
    let (service, socket, application) = compositor(plan)?;
    let name = format!("Your session's Wayland compositor, {}", socket.display());
    let text = match &caller.security_contexts {
        None => format!("{name}, as the application {application}"),
        Some(Ok(true)) => format!(
            "{name}, by a socket of its own: to the compositor it is the sandboxed application {application} (security \
             context)"
        ),
        Some(Ok(false)) => format!("{name}, by the session's own socket"),
        Some(Err(fault)) => format!("{name}; as things are nsbox will refuse, since it could not {fault}"),
    };
    Some(Line::asked(text, &service.origin))
}

/// What is weaker where the compositor does not know a sandbox from any other program.
pub fn weaker(plan: &Plan, caller: &Caller) -> Option<Line> {
    let (service, ..) = compositor(plan)?;
    matches!(caller.security_contexts, Some(Ok(false))).then(|| {
        let text = "This compositor has no security contexts, so that it takes the sandbox for one of your programs and \
                    alone decides what it may do: those of the wlroots family let each capture the screen and type into \
                    the windows of the others";
        Line::asked(text, &service.origin)
    })
}

fn compositor(plan: &Plan) -> Option<(&Service, &std::path::Path, &str)> {
    plan.services.iter().find_map(|service| match &service.kind {
        ServiceKind::Wayland { socket, application } => Some((service, socket.as_path(), application.as_str())),
        _ => None,
    })
}
