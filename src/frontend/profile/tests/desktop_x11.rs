//! `desktop.x11`, on hosts in memory.

use super::fixture::{Host, asked, environment, rendered};
use crate::frontend::profile::shelf::EMBEDDED;
use crate::plan::{HostDisplay, Plan, ServiceKind, XServer};

/// Ann's machine with a session on display `:0`, and one that is somebody else's.
fn session() -> Host {
    let mut host = Host::new()
        .socket("/tmp/.X11-unix/X0")
        .socket("/tmp/.X11-unix/X1")
        .socket("/run/user/1000/wayland-0")
        .file("/home/ann/.Xauthority", "hush");
    host.environment.extend([("DISPLAY", ":0.1"), ("PATH", "/bin"), ("XDG_RUNTIME_DIR", "/run/user/1000")]);
    host
}

fn profile(rest: &str) -> String {
    format!("extends = [\"shell\"]\n[desktop]\nx11 = {rest}")
}

fn service(plan: &Plan) -> &ServiceKind {
    let [service] = plan.services.as_slice() else { panic!("{:?}", plan.services) };
    assert_eq!(service.origin.to_string(), "test.toml:3:7");
    &service.kind
}

fn has_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "{line:?} is not in\n{text}");
    }
}

fn parent(authority: Option<&str>) -> HostDisplay {
    HostDisplay { number: 0, authority: authority.map(Into::into) }
}

#[test]
fn nothing_of_x11_is_there_unless_asked_for() {
    for profile in [profile("\"none\""), "extends = [\"shell\"]\n".to_owned()] {
        let plan = session().plan(&profile);
        assert!(plan.services.is_empty());
        let all = asked(&plan) + &environment(&plan);
        assert!(!all.contains("X11") && !all.contains("DISPLAY") && !all.contains("AUTHORITY"), "{all}");
    }
    let has_windows = |name| ["browser", "desktop", "electron", "game", "player", "viewer"].contains(&name);
    for (name, _) in EMBEDDED.into_iter().filter(|(name, _)| !has_windows(*name)) {
        let plan = session().plan(&format!("extends = [\"{name}\"]\n"));
        assert!(plan.services.is_empty(), "{name}");
    }
}

#[test]
fn the_display_of_the_session_is_its_one_socket_and_a_file_of_the_sandboxs_own() {
    let plan = session().plan(&profile("\"host\""));
    has_lines(&asked(&plan), &["read /tmp/.X11-unix/X0"]);
    assert!(!asked(&plan).contains("X1\n"));
    has_lines(&environment(&plan), &["DISPLAY=:0.1", "XAUTHORITY=/run/nsbox/x11/xauthority"]);
    let host = parent(Some("/home/ann/.Xauthority"));
    assert_eq!(service(&plan), &ServiceKind::X11Host { host, display: 0 });
}

#[test]
fn the_file_that_lets_in_is_the_callers_if_there_is_one() {
    let mut host =
        session().file("/run/user/1000/gdm/Xauthority", "hush").link("/run/cookie", "user/1000/gdm/Xauthority");
    let authority = |host: &Host| match service(&host.plan(&profile("\"host\""))) {
        ServiceKind::X11Host { host, .. } => host.authority.clone().map(|path| path.display().to_string()),
        other => panic!("{other:?}"),
    };
    host.environment.push(("XAUTHORITY", "/run/cookie"));
    assert_eq!(authority(&host).as_deref(), Some("/run/user/1000/gdm/Xauthority"));
    for missing in ["/run/nothing", "here", "/run/user/1000"] {
        host.environment.pop();
        host.environment.push(("XAUTHORITY", missing));
        assert_eq!(authority(&host), None, "{missing}");
        assert!(!environment(&host.plan(&profile("\"host\""))).contains("XAUTHORITY"), "{missing}");
    }
}

/// Clients give up where Landlock closes the abstract socket of the display's own name.
#[test]
fn with_the_network_of_the_host_the_display_has_a_name_that_none_of_the_host_has() {
    let network = "\n[network]\nmode = \"host\"";
    let host = session().socket("/tmp/.X11-unix/X1000");
    let plan = host.plan(&profile(&format!("\"host\"{network}")));
    has_lines(&asked(&plan), &["read /tmp/.X11-unix/X1001 from /tmp/.X11-unix/X0"]);
    has_lines(&environment(&plan), &["DISPLAY=:1001.1"]);
    let host_display = parent(Some("/home/ann/.Xauthority"));
    assert_eq!(service(&plan), &ServiceKind::X11Host { host: host_display, display: 1001 });
    let plan = host.file("/usr/bin/Xephyr", "").plan(&profile(&format!("\"isolated\"{network}")));
    has_lines(&environment(&plan), &["DISPLAY=:1001"]);
}

#[test]
fn a_display_that_is_not_there_or_not_here_is_an_error_at_its_line() {
    let problems = |display: &'static str| {
        let mut host = session();
        host.environment.retain(|(name, _)| *name != "DISPLAY");
        host.environment.push(("DISPLAY", display));
        host.problems(&profile("\"host\""))
    };
    let starts = |display, message: &str| {
        let said = problems(display);
        assert!(said.starts_with(&format!("test.toml:3:7 \"host\" : {message}\n  hint: ")), "{said}");
    };
    starts("", "there is no X display here: DISPLAY is not set");
    starts(":7", "there is no X display `:7` here: `/tmp/.X11-unix/X7` does not exist");
    for remote in ["box:0", "localhost:10.0"] {
        starts(remote, &format!("the display `{remote}` is reached over the network, as that of another host"));
    }
}

#[test]
fn what_is_missing_is_left_out_where_the_profile_says_so() {
    for kind in ["host", "isolated"] {
        let (plan, found) = Host::new()
            .lower(&profile(&format!("\"{kind}\"\noptional = [\"x11\"]")), &[], &["bash"])
            .unwrap_or_else(|found| panic!("{}", rendered(&found)));
        assert!(plan.services.is_empty() && !environment(&plan).contains("DISPLAY"));
        let said = rendered(&found);
        assert!(said.starts_with(&format!("note: test.toml:3:7 \"{kind}\" : there is no X ")), "{said}");
        assert!(said.contains("; it is left out\n"), "{said}");
    }
}

#[test]
fn a_server_of_its_own_is_the_one_that_shows_its_window_where_the_caller_is() {
    let served = |host: &Host| {
        let (plan, _) = host.lower(&profile("\"isolated\""), &[], &["bash"]).expect("a plan");
        match service(&plan) {
            ServiceKind::X11Isolated { server, display, title } => (server.clone(), *display, title.clone()),
            other => panic!("{other:?}"),
        }
    };
    let title = || "org.nsbox.bash".to_owned();
    let mut host = session().file("/usr/bin/Xephyr", "").file("/usr/bin/Xvfb", "").file("/usr/bin/Xwayland", "");
    let parent = parent(Some("/home/ann/.Xauthority"));
    assert_eq!(served(&host), (XServer::Xephyr { parent }, 2, title()));
    host.environment.push(("WAYLAND_DISPLAY", "wayland-0"));
    let compositor = "/run/user/1000/wayland-0".into();
    assert_eq!(served(&host), (XServer::Xwayland { compositor }, 2, title()));
    let plan = host.plan(&profile("\"isolated\"\napplication = \"org.example.Viewer\""));
    has_lines(&asked(&plan), &["link /tmp/.X11-unix/X2 -> /run/nsbox/x11/X2"]);
    assert!(!asked(&plan).contains("/tmp/.X11-unix/X0"));
    has_lines(&environment(&plan), &["DISPLAY=:2", "XAUTHORITY=/run/nsbox/x11/xauthority"]);
    assert!(matches!(service(&plan), ServiceKind::X11Isolated { title, .. } if title == "org.example.Viewer"));
    host.environment.retain(|(name, _)| !name.ends_with("DISPLAY"));
    assert_eq!(served(&host), (XServer::Xvfb, 2, title()));
}

#[test]
fn a_server_that_shows_nothing_is_warned_of() {
    let said = |host: &Host| {
        let lowered = host.lower(&profile("\"isolated\""), &[], &["bash"]);
        let (_, found) = lowered.unwrap_or_else(|found| panic!("{}", rendered(&found)));
        rendered(&found).strip_prefix("warning: test.toml:3:7 \"isolated\" : ").expect("a warning").to_owned()
    };
    let mut host = session().file("/usr/bin/Xvfb", "");
    assert!(
        said(&host).starts_with("windows of X11 are shown nowhere: of the servers that fit only Xvfb is installed\n")
    );
    host.environment.retain(|(name, _)| !name.ends_with("DISPLAY"));
    assert!(said(&host).starts_with("windows are shown nowhere: there is neither a Wayland compositor here nor an X "));
    let said = session().problems(&profile("\"isolated\""));
    assert!(said.starts_with("test.toml:3:7 \"isolated\" : there is no X server here that could be"), "{said}");
    for package in ["xwayland", "xserver-xephyr", "xvfb"] {
        assert!(said.contains(package), "{said}");
    }
}

#[test]
fn what_a_profile_says_itself_wins() {
    let plan = session().plan(&profile(
        "\"host\"\n[environment]\nset = { DISPLAY = \":5\" }\n[filesystem]\nread = [{ path = \"/tmp/.X11-unix/X0\", from = \"/tmp/.X11-unix/X1\" }]",
    ));
    has_lines(&environment(&plan), &["DISPLAY=:5"]);
    has_lines(&asked(&plan), &["read /tmp/.X11-unix/X0 from /tmp/.X11-unix/X1"]);
}

/// The plan as JSON, with what is in a place of its first service replaced.
fn forged(plan: &Plan, place: &str, value: serde_json::Value) -> Result<Plan, String> {
    let mut json = serde_json::to_value(plan).expect("a plan is data");
    *json.pointer_mut(&format!("/services/0/kind/{place}")).expect("such a place") = value;
    serde_json::from_value(json).map_err(|error| error.to_string())
}

#[test]
fn a_plan_with_a_display_that_cannot_be_is_refused() {
    let mut host = session().file("/usr/bin/Xephyr", "").file("/usr/bin/Xwayland", "");
    let shared = host.plan(&profile("\"host\""));
    let nested = host.plan(&profile("\"isolated\""));
    host.environment.push(("WAYLAND_DISPLAY", "wayland-0"));
    let on_wayland = host.plan(&profile("\"isolated\""));
    for (plan, place, value) in [
        (&shared, "x11-host/display", 59536.into()),
        (&shared, "x11-host/host/number", 59536.into()),
        (&shared, "x11-host/host/authority", "home/ann/.Xauthority".into()),
        (&nested, "x11-isolated/display", 0.into()),
        (&nested, "x11-isolated/server/xephyr/parent/number", 2.into()),
        (&nested, "x11-isolated/title", "a\0b".into()),
        (&on_wayland, "x11-isolated/server/xwayland/compositor", "/run/../wayland-0".into()),
    ] {
        assert!(forged(plan, place, value).is_err(), "{place}");
    }
    let without = forged(&shared, "x11-host/host/authority", serde_json::Value::Null).expect("a plan");
    assert!(matches!(service(&without), ServiceKind::X11Host { host, .. } if host.authority.is_none()));
    for plan in [shared, nested, on_wayland] {
        let json = serde_json::to_value(&plan).expect("a plan is data");
        assert_eq!(serde_json::from_value::<Plan>(json).expect("the same plan"), plan);
    }
}
