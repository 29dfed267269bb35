//! Hosts as fixtures, those that no machine of ours is, and what is said of them.

use super::{Finding, Level, Report, State, report};
use crate::doctor::{Launch, PROBES, Serves, Tried};
use crate::error::remedy::{Container, Evidence, Kind, Settings};
use crate::error::{Errno, Fault};

/// What came of every probe on a host that refuses some, by name, error and the AppArmor profile in force.
fn tried(refused: &[(&str, i32, Option<&str>)]) -> Vec<Tried> {
    let mut all: Vec<Tried> = Vec::new();
    for probe in PROBES {
        let works =
            |name: &str| PROBES.iter().zip(&all).any(|(known, tried)| known.name == name && *tried == Tried::Works);
        all.push(match refused.iter().find(|(name, ..)| *name == probe.name) {
            _ if !probe.after.iter().all(|name| works(name)) => {
                Tried::Without(probe.after.iter().find(|name| !works(name)).expect("the one that is missing"))
            }
            Some((_, errno, profile)) => {
                Tried::Refused(Fault::of("call", "")(Errno(*errno)), profile.map(str::to_owned))
            }
            None => Tried::Works,
        });
    }
    all
}

fn failed(_: Settings) -> Launch {
    Launch::Failed { message: "could not start the sandbox".into(), hint: None }
}

fn started(_: Settings) -> Launch {
    Launch::Started
}

fn told(report: &Report) -> Vec<(&'static str, Level)> {
    report.findings.iter().map(|finding| (finding.name, finding.level)).collect()
}

fn finding<'r>(report: &'r Report, name: &str) -> &'r Finding {
    report.findings.iter().find(|finding| finding.name == name).expect(name)
}

#[test]
fn a_host_where_all_is_well_has_nothing_to_be_told() {
    let report = report(tried(&[]), &Evidence::default(), &mut started);
    assert!(report.works() && report.findings.is_empty());
    assert!(report.checks.iter().all(|check| check.state == State::Works));
}

#[test]
fn ubuntus_restriction_is_one_finding_with_the_profile_as_its_evidence() {
    let confined = Some("unprivileged_userns");
    let refused: Vec<_> = ["loopback", "host-name", "private-mounts", "tmpfs", "namespace-limit"]
        .map(|name| (name, if name == "loopback" { libc::EPERM } else { libc::EACCES }, confined))
        .into();
    let evidence = Evidence { apparmor_restricts: true, program: "/usr/local/bin/nsbox".into(), ..Evidence::default() };
    let report = report(tried(&refused), &evidence, &mut failed);
    assert_eq!(told(&report), [("apparmor", Level::Blocks)]);
    let finding = finding(&report, "apparmor");
    assert_eq!(finding.probes.len(), 5);
    assert!(finding.explanation.means.contains("profile `unprivileged_userns`"));
    assert!(finding.explanation.paste[0].starts_with("/usr/local/bin/nsbox doctor --apparmor"));
}

#[test]
fn what_only_some_profiles_ask_for_limits_and_does_not_block() {
    let refused = [("newuidmap", libc::ENOENT, None), ("landlock-scopes", libc::EOPNOTSUPP, None)];
    let evidence = Evidence { landlock: Some(4), ..Evidence::default() };
    let report = report(tried(&refused), &evidence, &mut started);
    assert!(report.works());
    assert_eq!(told(&report), [("no-newuidmap", Level::Limits), ("no-landlock-scopes", Level::Limits)]);
    assert!(report.checks.iter().any(|check| check.state == State::Untried("newuidmap")));
}

#[test]
fn a_way_around_is_tried_before_it_is_told() {
    let refused = [("proc", libc::EPERM, None), ("namespace-limit", libc::EROFS, None)];
    let evidence = Evidence {
        container: Some(Container::Docker),
        masks_in_proc: vec!["/proc/kcore".into()],
        ..Evidence::default()
    };
    let with_settings = |settings: Settings| if settings.is_empty() { failed(settings) } else { Launch::Started };
    let works = report(tried(&refused), &evidence, &mut { with_settings });
    assert_eq!(told(&works), [("masked-proc", Level::Blocks)]);
    assert_eq!(works.works_with.expect("settings")[0], ("filesystem.proc", "\"existing\""));
    assert!(!works.works(), "the default profile does not");
    let fails = report(tried(&refused), &evidence, &mut failed);
    assert_eq!(fails.works_with, None);
}

#[test]
fn a_sandbox_that_fails_although_its_parts_work_is_told_by_its_own_error() {
    let report = report(tried(&[]), &Evidence::default(), &mut failed);
    assert_eq!(told(&report), [("launch", Level::Blocks)]);
    assert_eq!(finding(&report, "launch").explanation.means, "could not start the sandbox");
}

#[test]
fn an_older_kernel_blocks_whatever_else_works_on_it() {
    for (version, refused) in [
        ((5, 13), &[("kernel", libc::ENOSYS, None)][..]),
        ((5, 10), &[("kernel", libc::ENOSYS, None), ("read-only", libc::ENOSYS, None), ("overlay", libc::EPERM, None)]),
    ] {
        let evidence = Evidence { kernel: Some(version), ..Evidence::default() };
        let report = report(tried(refused), &evidence, &mut failed);
        assert!(!report.works());
        assert_eq!(told(&report), [("old-kernel", Level::Blocks)]);
        let means = &finding(&report, "old-kernel").explanation.means;
        assert_eq!(*means, format!("this kernel is {}.{}, and nsbox needs Linux 5.14 or later", version.0, version.1));
    }
}

#[test]
fn what_blocks_comes_first_and_what_is_only_worth_knowing_last() {
    let refused = [("newuidmap", libc::ENOENT, None), ("mount-namespace", libc::ENOSPC, None)];
    let evidence = Evidence {
        limits: vec![(Kind::Mount, 0)],
        legacy_tiocsti: true,
        wsl_interop: true,
        is_real_root: true,
        ..Evidence::default()
    };
    let report = report(tried(&refused), &evidence, &mut failed);
    let expected = [
        ("namespaces-off", Level::Blocks),
        ("no-newuidmap", Level::Limits),
        ("real-root", Level::Note),
        ("legacy-tiocsti", Level::Note),
        ("wsl-interop", Level::Note),
    ];
    assert_eq!(told(&report), expected);
}

#[test]
fn every_probe_comes_after_those_that_it_needs() {
    for (index, probe) in PROBES.iter().enumerate() {
        for name in probe.after {
            let needed = PROBES[..index].iter().find(|earlier| earlier.name == *name);
            let needed = needed.unwrap_or_else(|| panic!("{} comes before {name}", probe.name));
            let serves_less = probe.serves == Serves::EverySandbox && needed.serves != Serves::EverySandbox;
            assert!(!serves_less, "{} serves every sandbox, and needs {name}", probe.name);
        }
    }
}
