//! What `nsbox doctor` says of the session, on hosts with one, with a part of one, and with none.

use crate::desktop_wayland::{Compositor, Manner};
use crate::support::{Host, Ran};
use serde_json::Value;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

/// The report for programs. A session, or the want of one, has no part in the exit status: it is that of the same host without.
fn json(mut command: Command, host: &Host) -> Value {
    command.args(["doctor", "--json"]);
    let without = host.run(["doctor"]).status;
    let ran = Ran::of(command).exits(without).in_silence();
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error} in {ran}"))
}

fn part<'r>(report: &'r Value, name: &str) -> &'r Value {
    let all = report["desktop"]["parts"].as_array().expect("parts");
    all.iter().find(|part| part["name"] == name).unwrap_or_else(|| panic!("no part {name} in {report:#}"))
}

fn state<'r>(report: &'r Value, name: &str) -> &'r str {
    part(report, name)["state"].as_str().expect("a state")
}

/// The findings about the session: their names and levels.
fn findings(report: &Value) -> Vec<(&str, &str)> {
    let all = report["findings"].as_array().expect("findings");
    let word = |finding: &'_ Value, key: &str| finding[key].as_str().expect("a word").to_owned();
    let of_session = all.iter().filter(|finding| word(finding, "name").starts_with("desktop-"));
    of_session
        .map(|finding| (finding["name"].as_str().expect("a name"), finding["level"].as_str().expect("a level")))
        .collect()
}

/// A socket of the user's that somebody listens on, as long as what is given lives.
fn listener(host: &Host, path: &Path) -> UnixListener {
    let listener = UnixListener::bind(path).expect("a socket");
    let (uid, gid) = host.user();
    chown(path, Some(uid), Some(gid)).expect("the user's socket");
    listener
}

#[test]
fn where_there_is_no_session_one_line_says_so_and_nothing_is_missed() {
    let host = Host::new();
    let ran = host.run(["doctor"]);
    let lines: Vec<_> = ran.stdout.lines().filter(|line| line.contains("  desktop  ")).collect();
    assert_eq!(lines.len(), 1, "{ran}");
    assert!(lines[0].starts_with("none     desktop      no session with windows here"), "{ran}");
    // A server that somebody logs into has a runtime folder, and often a bus, but no windows.
    let runtime = host.folder("runtime");
    std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).expect("a private folder");
    let _bus = listener(&host, &runtime.join("bus"));
    let mut command = host.sandbox::<&str>([]);
    command.env("XDG_RUNTIME_DIR", &runtime);
    let report = json(command, &host);
    assert_eq!(report["desktop"]["session"], false);
    assert_eq!(findings(&report), []);
    for name in ["wayland", "x11", "audio"] {
        assert_eq!(state(&report, name), "none", "{name}");
    }
}

#[test]
fn the_compositor_is_asked_whether_it_has_security_contexts() {
    for (manner, detail, findings_of_it) in [
        (Manner::WithContexts, "with security contexts", None),
        (Manner::WithoutContexts, "without security contexts", None),
        (Manner::Open, "without security contexts", Some(("desktop-wayland", "note"))),
    ] {
        let host = Host::new();
        let compositor = Compositor::new(&host, manner);
        let report = json(compositor.sandbox(&host, &[]), &host);
        assert_eq!((report["desktop"]["session"].as_bool(), state(&report, "wayland")), (Some(true), "ok"));
        let socket = compositor.runtime.join("wayland-7").display().to_string();
        assert_eq!(part(&report, "wayland")["details"], serde_json::json!([socket, detail]));
        let of_compositor = findings(&report).into_iter().find(|(name, _)| *name == "desktop-wayland");
        assert_eq!(of_compositor, findings_of_it);
        let ran = Ran::of({
            let mut command = compositor.sandbox(&host, &["doctor"]);
            command.env("COLUMNS", "400");
            command
        });
        ran.says(&format!("Wayland compositor ({socket}, {detail})"));
    }
}

#[test]
fn what_does_not_answer_is_told_and_is_not_waited_for_without_end() {
    let host = Host::new();
    let compositor = Compositor::new(&host, Manner::Silent);
    // Left behind by a server that has ended.
    let pulse = compositor.runtime.join("pulse");
    std::fs::create_dir(&pulse).expect("a folder");
    drop(listener(&host, &pulse.join("native")));
    let report = json(compositor.sandbox(&host, &[]), &host);
    let refused = ["wayland", "audio"].map(|name| (state(&report, name), part(&report, name)["error"].as_str()));
    assert!(matches!(refused[0], ("refused", Some(error)) if error.ends_with("(ETIMEDOUT)")), "{refused:?}");
    assert!(matches!(refused[1], ("refused", Some(error)) if error.ends_with("(ECONNREFUSED)")), "{refused:?}");
    for name in ["desktop-wayland", "desktop-audio"] {
        assert!(findings(&report).contains(&(name, "limits")), "{report:#}");
    }
}

#[test]
fn what_is_missing_in_a_session_is_told_once_in_the_words_of_a_run_with_its_package() {
    let host = Host::new();
    let compositor = Compositor::new(&host, Manner::WithContexts);
    let _bus = listener(&host, &compositor.runtime.join("bus"));
    let empty = host.folder("empty");
    let command = |words: &[&str]| {
        let mut command = compositor.sandbox(&host, words);
        command.env("PATH", &empty).env("XDG_DATA_DIRS", &empty);
        command
    };
    let ran = Ran::of(command(&["doctor"]));
    let told = "missing: xdg-dbus-proxy, which filters the bus, is not installed\n";
    assert_eq!(ran.stdout.matches(told).count(), 1, "{ran}");
    let ran = ran.says("hint: install it: package xdg-dbus-proxy\n");
    ran.says("in package xwayland, for Wayland, or xserver-xephyr, for X11")
        .says("package pipewire-pulse or pulseaudio");
    let report = json(command(&[]), &host);
    for name in ["session-bus", "x11-isolated", "audio"] {
        assert_eq!(state(&report, name), "missing", "{report:#}");
    }
    // Many sessions have none of these, and are whole.
    assert_eq!([state(&report, "x11"), state(&report, "accessibility")], ["none", "none"]);
    // What a run says, it says in the same words.
    let talk = "desktop.dbus.session.talk=[\"org.freedesktop.Notifications\"]";
    let run = Ran::of(command(&["--set", talk, "true"])).exits(125);
    run.complains(told.trim_start_matches("missing: ").trim_end());
}

#[test]
fn a_display_that_is_named_and_is_not_there_is_missed() {
    let host = Host::new();
    let mut command = host.sandbox::<&str>([]);
    command.env("DISPLAY", "localhost:10.0");
    let report = json(command, &host);
    assert_eq!((state(&report, "x11"), state(&report, "wayland")), ("missing", "none"));
    assert!(findings(&report).contains(&("desktop-x11", "limits")), "{report:#}");
}
