//! What `desktop.wayland` yields, and what it says where there is no compositor.

use super::fixture::{Host, asked, environment, rendered};
use crate::plan::{Plan, ServiceKind};
use std::path::Path;

const PROFILE: &str = "[desktop]\nwayland = true\n";
const HINT: &str = "  hint: start nsbox in a session of Wayland, whose compositor WAYLAND_DISPLAY names; an X server is opened by \
                    `x11`\n";

/// A host with two compositors, and these variables.
fn host(environment: &[(&'static str, &'static str)]) -> Host {
    let mut host = Host::new().socket("/run/user/1000/wayland-0").socket("/run/user/1000/wayland-1");
    host.environment = environment.to_vec();
    host
}

const RUNTIME: (&str, &str) = ("XDG_RUNTIME_DIR", "/run/user/1000");

/// The socket, and the application.
#[track_caller]
fn compositor(plan: &Plan) -> (&Path, &str) {
    match plan.services.iter().map(|service| &service.kind).collect::<Vec<_>>().as_slice() {
        [ServiceKind::Wayland { socket, application }] => (socket, application),
        others => panic!("{others:?}"),
    }
}

#[test]
fn the_compositor_is_a_service_with_a_socket_of_its_own_inside() {
    let plan = host(&[RUNTIME]).plan(PROFILE);
    assert_eq!(compositor(&plan), (Path::new("/run/user/1000/wayland-0"), "org.nsbox.bash"));
    let expected = "tmpfs /run/user/1000 0700\nlink /run/user/1000/wayland-0 -> /run/nsbox/wayland/wayland-0\n";
    let mounts = asked(&plan);
    assert!(mounts.contains(expected) && mounts.contains("sockets /run/nsbox\n"), "{mounts}");
    let variables = environment(&plan);
    for line in ["WAYLAND_DISPLAY=/run/nsbox/wayland/wayland-0", "XDG_RUNTIME_DIR=/run/user/1000"] {
        assert!(variables.lines().any(|variable| variable == line), "{variables}");
    }
    assert!(!variables.contains("XDG_SESSION_TYPE"), "{variables}");
    assert!(plan.services[0].origin.to_string().contains("test.toml:2:11"), "{}", plan.services[0].origin);
}

#[test]
fn it_is_the_one_that_the_caller_would_connect_to() {
    let socket = |variables: &[(&'static str, &'static str)]| {
        let host = host(variables).socket("/opt/other/compositor").link("/opt/link", "other");
        compositor(&host.plan(PROFILE)).0.to_owned()
    };
    assert_eq!(socket(&[RUNTIME, ("WAYLAND_DISPLAY", "wayland-1")]), Path::new("/run/user/1000/wayland-1"));
    // Absolute, with and without a runtime folder, and through a symlink.
    let absolute = ("WAYLAND_DISPLAY", "/opt/link/compositor");
    assert_eq!(socket(&[RUNTIME, absolute]), Path::new("/opt/other/compositor"));
    assert_eq!(socket(&[absolute]), Path::new("/opt/other/compositor"));
}

#[test]
fn the_type_of_the_session_is_told_where_it_is_wayland() {
    let told = |kind| environment(&host(&[RUNTIME, ("XDG_SESSION_TYPE", kind)]).plan(PROFILE));
    assert!(told("wayland").contains("XDG_SESSION_TYPE=wayland\n"));
    assert!(!told("x11").contains("XDG_SESSION_TYPE"));
}

#[test]
fn the_application_is_the_one_that_the_profile_names() {
    let plan = host(&[RUNTIME]).plan(&format!("{PROFILE}application = 'org.example.Viewer'\n"));
    assert_eq!(compositor(&plan).1, "org.example.Viewer");
}

#[test]
fn what_the_profile_says_itself_wins() {
    let own = "[environment]\nset = { WAYLAND_DISPLAY = 'mine' }\n[filesystem]\nsymlinks = { '/run/user/1000/wayland-0' = '/x' }\n";
    let plan = host(&[RUNTIME]).plan(&format!("{PROFILE}{own}"));
    assert!(environment(&plan).contains("WAYLAND_DISPLAY=mine\n"));
    assert!(asked(&plan).contains("link /run/user/1000/wayland-0 -> /x\n"), "{}", asked(&plan));
}

#[test]
fn without_the_key_or_with_false_there_is_nothing_of_it() {
    let inherited = host(&[RUNTIME]).file("/home/ann/work/inherited.toml", PROFILE);
    for (host, profile) in [
        (host(&[RUNTIME]), "[desktop]\nwayland = false\n"),
        (host(&[RUNTIME]), "[environment]\n"),
        (inherited, "extends = ['./inherited.toml']\n[desktop]\nwayland = false\n"),
    ] {
        let plan = host.plan(profile);
        assert!(plan.services.is_empty() && !environment(&plan).contains("WAYLAND"), "{profile}");
        assert!(!asked(&plan).contains("/run"), "{}", asked(&plan));
    }
}

#[test]
fn where_there_is_no_compositor_the_key_is_named_with_what_is_missing() {
    let place = "test.toml:2:11 true : there is no Wayland compositor here:";
    let says = |host: Host, expected: &str| {
        assert_eq!(host.problems(PROFILE), format!("{place} {expected}\n{HINT}"));
    };
    says(host(&[]), "XDG_RUNTIME_DIR names no folder for its socket");
    says(host(&[("XDG_RUNTIME_DIR", "run")]), "XDG_RUNTIME_DIR names no folder for its socket");
    says(
        host(&[("XDG_RUNTIME_DIR", "/run/user/7")]),
        "`/run/user/7/wayland-0`, where WAYLAND_DISPLAY is not set, is no socket",
    );
    says(
        host(&[RUNTIME, ("WAYLAND_DISPLAY", "wayland-9")]),
        "`/run/user/1000/wayland-9`, as WAYLAND_DISPLAY has it, is no socket",
    );
    let file = host(&[RUNTIME, ("WAYLAND_DISPLAY", "file")]).file("/run/user/1000/file", "");
    says(file, "`/run/user/1000/file`, as WAYLAND_DISPLAY has it, is no socket");
}

#[test]
fn where_the_profile_says_that_it_may_be_missing_it_is_left_out_with_a_note() {
    let profile = format!("{PROFILE}optional = ['wayland']\n");
    let (plan, warnings) = host(&[]).lower(&profile, &[], &["bash"]).expect("a plan");
    assert!(plan.services.is_empty());
    let expected = "note: test.toml:2:11 true : there is no Wayland compositor here: XDG_RUNTIME_DIR names no folder for its \
                    socket; it is left out\n";
    // That nothing else shows windows is worth more than a note.
    let nowhere = "warning: test.toml:2:11 true : no window can be shown here: there is neither a compositor nor an X server for \
                   it\n  hint: `nsbox plan` says what each lacks, and what to do about it\n";
    assert_eq!(rendered(&warnings), format!("{expected}{HINT}{nowhere}"));
}

#[test]
fn where_windows_are_shown_by_something_else_nothing_is_worth_more_than_a_note() {
    let profile = format!("{PROFILE}x11 = 'isolated'\noptional = ['wayland', 'x11']\n");
    let said = |host: Host| rendered(&host.lower(&profile, &[], &["bash"]).expect("a plan").1);
    let mut seen = host(&[]).file("/usr/bin/Xephyr", "").socket("/tmp/.X11-unix/X0");
    seen.environment.extend([("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "gone")]);
    let with_server = said(seen);
    assert!(with_server.starts_with("note: ") && !with_server.contains("warning: "), "{with_server}");
    // Control: without any.
    assert!(said(host(&[])).contains("warning: test.toml:2:11 true : no window can be shown here: "));
    // Nor is it told of a profile that asks for no window.
    let bare = host(&[]).lower("[desktop]\nwayland = false\naudio = true\noptional = ['audio']\n", &[], &["bash"]);
    assert!(!rendered(&bare.expect("a plan").1).contains("window"));
}

#[test]
fn a_plan_that_names_no_application_is_none() {
    let plan = host(&[RUNTIME]).plan(PROFILE);
    let json = serde_json::to_string(&plan).expect("JSON");
    assert!(serde_json::from_str::<Plan>(&json).is_ok_and(|read| read == plan));
    for (from, to) in
        [("org.nsbox.bash", "bash"), ("/run/user/1000/wayland-0\",\"application", "wayland-0\",\"application")]
    {
        assert!(json.contains(from), "{json}");
        assert!(serde_json::from_str::<Plan>(&json.replace(from, to)).is_err(), "{to}");
    }
}
