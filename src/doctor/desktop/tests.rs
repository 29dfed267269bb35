//! What is missed of a session, and where.

use super::{Asked, Desktop, PARTS, Presence, survey};
use crate::error::{Diagnostic, Diagnostics};
use crate::host::HostFacts;

fn facts(environment: &[(&str, &str)]) -> HostFacts {
    let facts = HostFacts::read().expect("facts");
    HostFacts { environment: environment.iter().map(|(name, value)| (name.into(), value.into())).collect(), ..facts }
}

/// What is told where every part is lacking in these words, each by the first key of its settings.
fn survey_of(environment: &[(&str, &str)], words: impl Fn(&str) -> String) -> Desktop {
    survey(&facts(environment), &mut |settings| -> Asked {
        Err(Diagnostics::from(Diagnostic::error(words(settings[0].0)).hint("mend it")))
    })
}

fn missed(desktop: &Desktop) -> Vec<&str> {
    let missing = desktop.found.iter().filter(|found| found.presence == Presence::Missing);
    missing.map(|found| found.part.name).collect()
}

#[test]
fn of_a_host_without_a_session_nothing_is_missed() {
    for environment in [&[][..], &[("DISPLAY", ""), ("XDG_RUNTIME_DIR", "/run/user/1000")]] {
        let desktop = survey_of(environment, |key| format!("no {key}"));
        assert!(!desktop.has_session && desktop.findings.is_empty());
        assert_eq!((desktop.found.len(), missed(&desktop)), (PARTS.len(), Vec::new()));
    }
}

#[test]
fn of_a_session_is_missed_what_it_names_and_what_every_session_has() {
    let desktop = survey_of(&[("DISPLAY", ":7")], |key| format!("no {key}"));
    assert!(desktop.has_session);
    assert_eq!(missed(&desktop), ["x11", "x11-isolated", "session-bus", "portals", "audio"]);
    let told: Vec<_> = desktop.findings.iter().map(|finding| (finding.name, &*finding.explanation.remedy)).collect();
    assert_eq!(told[0], ("desktop-x11", "mend it"));
}

#[test]
fn one_cause_of_several_parts_is_told_once_and_then_all_of_them_are_missed() {
    let desktop = survey_of(&[("WAYLAND_DISPLAY", "wayland-1")], |key| {
        if key.contains("dbus") || key.ends_with("accessibility") { "no filter".into() } else { format!("no {key}") }
    });
    let causes: Vec<_> = desktop.findings.iter().filter(|one| one.explanation.means == "no filter").collect();
    assert_eq!(causes.len(), 1);
    for name in ["session-bus", "system-bus", "accessibility"] {
        let found = desktop.found.iter().find(|found| found.part.name == name).expect(name);
        assert_eq!((&found.presence, found.finding), (&Presence::Missing, Some("desktop-session-bus")), "{name}");
    }
}
