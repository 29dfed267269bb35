//! The profiles for programs with windows, on a host in memory that has all of a desktop, and on one that has none.

use super::fixture::{Host, asked, environment, rendered};
use crate::plan::{BusAccess, Nested, Network, Plan, Service, ServiceKind, Syscalls};

/// Ann's machine with a session.
fn session() -> Host {
    let mut host = Host::new()
        .socket("/run/user/1000/bus")
        .socket("/run/user/1000/wayland-0")
        .socket("/run/user/1000/pulse/native")
        .special("/dev/dri/renderD128")
        .special("/dev/input/js0")
        .file("/usr/bin/xdg-dbus-proxy", "")
        .file("/usr/bin/Xwayland", "")
        .file("/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service", "")
        .folder("/run/user/1000/doc/by-app")
        .folder("/home/ann/Downloads")
        .file("/home/ann/.config/user-dirs.dirs", "XDG_DOWNLOAD_DIR=\"$HOME/Downloads\"\n")
        .file("/home/ann/.ssh/id_ed25519", "hush");
    host.environment.extend([
        ("XDG_RUNTIME_DIR", "/run/user/1000"),
        ("XDG_CURRENT_DESKTOP", "GNOME"),
        ("WAYLAND_DISPLAY", "wayland-0"),
    ]);
    host
}

fn plan(profile: &str) -> Plan {
    session().plan(&format!("extends = [\"{profile}\"]\n"))
}

/// What a profile shows of the home folder.
fn at_home(profile: &str) -> Vec<String> {
    let mounts = asked(&plan(profile));
    mounts.lines().filter(|line| line.contains("/home/")).map(str::to_owned).collect()
}

#[test]
fn of_the_home_folder_each_shows_what_its_comment_says() {
    let kept = |name| format!("kept /home/ann from /home/ann/.local/share/nsbox/homes/{name}");
    // What lies between the home and what is in it is held in its place.
    let downloads = ["pin /home/ann/.config", "write /home/ann/Downloads", "read /home/ann/.config/user-dirs.dirs"]
        .map(str::to_owned);
    for profile in ["desktop", "viewer", "player"] {
        assert_eq!(at_home(profile), ["tmpfs /home/ann 0700"], "{profile}");
    }
    for profile in ["browser", "electron"] {
        let expected: Vec<String> = [kept(profile)].into_iter().chain(downloads.clone()).collect();
        assert_eq!(at_home(profile), expected, "{profile}");
    }
    assert_eq!(at_home("game"), [kept("game")]);
}

#[test]
fn only_those_that_need_a_network_or_namespaces_or_32_bits_have_them() {
    for (profile, online, nested, tables) in [
        ("desktop", false, false, 1),
        ("viewer", false, false, 1),
        ("player", false, false, 1),
        ("browser", true, true, 1),
        ("electron", true, true, 1),
        ("game", false, false, 2),
    ] {
        let plan = plan(profile);
        assert_eq!(matches!(plan.network, Network::Host { .. }), online, "{profile}");
        assert_eq!(matches!(plan.namespaces.nested, Nested::Allow { .. }), nested, "{profile}");
        let Syscalls::Filtered(filter) = &plan.syscalls else { panic!("{profile} has no filter") };
        assert_eq!((filter.policy.as_str(), filter.tables.len()), ("default", tables), "{profile}");
        assert!(environment(&plan).contains("XDG_CURRENT_DESKTOP=GNOME\n"), "{profile}");
    }
}

/// What a profile allows on the bus of the session: the words of its rules.
fn rules(profile: &str) -> Vec<String> {
    let plan = plan(profile);
    let rules = plan.services.iter().filter_map(|service| match &service.kind {
        ServiceKind::Bus { rules, .. } => Some(rules),
        _ => None,
    });
    rules.flatten().map(|rule| format!("{} {}", rule.access.word(), rule.name)).collect()
}

#[test]
fn nobody_talks_to_the_keyring_or_starts_programs_by_the_bus() {
    for profile in ["desktop", "viewer", "player", "browser", "electron", "game"] {
        let rules = rules(profile);
        // A program of GLib whose name is refused ends: where the profile cannot know the name, there is no bus.
        let has_bus = ["browser", "electron"].contains(&profile);
        assert_eq!(!rules.is_empty(), has_bus, "{profile}: {rules:?}");
        let notifies = rules.contains(&"talk org.freedesktop.Notifications".to_owned());
        assert_eq!(notifies, has_bus, "{profile}: {rules:?}");
        for closed in ["secrets", "kwallet", "systemd1", "DBus.*", "FileManager1", "gnome.Shell", "portal.Flatpak"] {
            assert!(!rules.iter().any(|rule| rule.contains(closed)), "{profile} opens {closed}: {rules:?}");
        }
        let owns = rules.iter().any(|rule| rule.starts_with(BusAccess::Own.word()));
        assert_eq!(owns, has_bus, "{profile}: {rules:?}");
    }
}

#[test]
fn without_a_desktop_they_work_and_say_what_is_left_out() {
    for profile in ["desktop", "viewer", "player", "browser", "electron", "game"] {
        match Host::new().lower(&format!("extends = [\"{profile}\"]\n"), &[], &["bash"]) {
            Ok((plan, warnings)) => {
                assert!(plan.services.is_empty(), "{profile}");
                let said = rendered(&warnings);
                let has_bus = ["browser", "electron"].contains(&profile);
                assert_eq!(said.contains("there is no bus of the session here; it is left out"), has_bus, "{profile}");
                assert!(said.contains("there is no Wayland compositor here"), "{profile}: {said}");
            }
            Err(found) => panic!("{profile}: {}", rendered(&found)),
        }
    }
}

#[test]
fn windows_are_shown_by_what_is_there_and_never_by_the_x_server_of_the_session() {
    let names = |host: &Host, profile: &str| -> Vec<&str> {
        let (plan, _) = host.lower(&format!("extends = [\"{profile}\"]\n"), &[], &["bash"]).expect("a plan");
        assert!(!plan.services.iter().any(|service| matches!(service.kind, ServiceKind::X11Host { .. })), "{profile}");
        plan.services.iter().map(|service| service.kind.name()).collect()
    };
    let mut bare = Host::new().file("/usr/bin/Xephyr", "").socket("/tmp/.X11-unix/X0");
    bare.environment.push(("DISPLAY", ":0"));
    for profile in ["desktop", "viewer", "player", "browser", "electron", "game"] {
        let is_heard = !["desktop", "viewer"].contains(&profile);
        let sound = ["sound"].iter().filter(|_| is_heard).copied();
        let bus = ["session-bus"].iter().filter(|_| ["browser", "electron"].contains(&profile)).copied();
        let expected: Vec<_> = sound.chain(bus).chain(["x11", "wayland"]).collect();
        assert_eq!(names(&session(), profile), expected, "{profile}");
        assert_eq!(names(&bare, profile), ["x11"], "{profile}");
    }
}

#[test]
fn a_session_of_x11_hears_nothing_of_wayland_unless_it_names_a_compositor() {
    let told = |host: &Host, profile: &str| {
        let (_, warnings) = host.lower(profile, &[], &["bash"]).expect("a plan");
        rendered(&warnings).contains("Wayland")
    };
    let x11 = |server| {
        let mut host = Host::new().file(&format!("/usr/bin/{server}"), "").socket("/tmp/.X11-unix/X0");
        host.environment.push(("DISPLAY", ":0"));
        host
    };
    let viewer = "extends = [\"viewer\"]\n";
    assert!(!told(&x11("Xephyr"), viewer));
    assert!(!told(&x11("none"), "extends = [\"viewer\"]\n[desktop]\nx11 = \"host\"\n"));
    // On a server that shows nothing there is nothing to see, and who names a compositor expects it.
    assert!(told(&x11("Xvfb"), viewer));
    let mut named = x11("Xephyr");
    named.environment.extend([("XDG_RUNTIME_DIR", "/run/user/1000"), ("WAYLAND_DISPLAY", "wayland-0")]);
    assert!(told(&named, viewer));
}

#[test]
fn a_program_finds_what_the_machine_sets_for_it_and_the_id_of_no_machine() {
    for profile in ["desktop", "viewer", "player", "browser", "electron", "game"] {
        let host = session().file("/etc/libreoffice/sofficerc", "").file("/etc/machine-id", "real\n");
        let mounts = asked(&host.plan(&format!("extends = [\"{profile}\"]\n")));
        assert!(mounts.contains("read /etc/libreoffice\n"), "{profile}: {mounts}");
        assert!(mounts.contains("file /etc/machine-id\n") && !mounts.contains("read /etc/machine-id"), "{mounts}");
    }
}

#[test]
fn none_of_them_hears_or_reaches_pipewire_itself() {
    for profile in ["browser", "electron", "game", "player"] {
        let host = session().socket("/run/user/1000/pipewire-0");
        let plan = host.plan(&format!("extends = [\"{profile}\"]\n"));
        let plays = |service: &Service| matches!(service.kind, ServiceKind::Sound { microphone: false, .. });
        assert!(plan.services.iter().any(plays), "{profile}");
        assert!(!asked(&plan).contains("pipewire"), "{profile}");
    }
}

#[test]
fn a_viewer_shows_what_it_is_started_with_and_a_browser_does_not() {
    let shown = |profile: &str| {
        let host = session().file("/home/ann/work/report.pdf", "");
        let lowered = host.lower(&format!("extends = [\"{profile}\"]\n"), &[], &["zathura", "report.pdf"]);
        let (plan, _) = lowered.unwrap_or_else(|found| panic!("{}", rendered(&found)));
        asked(&plan).contains("read /home/ann/work/report.pdf\n")
    };
    let profiles = ["viewer", "player", "browser", "electron", "game", "desktop"];
    assert_eq!(profiles.map(shown), [true, true, false, false, false, false]);
}

#[test]
fn downloads_are_elsewhere_or_nowhere() {
    let host = session().file("/home/ann/.config/user-dirs.dirs", "XDG_DOWNLOAD_DIR=\"/data/in\"\n").folder("/data/in");
    let browser = "extends = [\"browser\"]\n";
    assert!(asked(&host.plan(browser)).contains("write /data/in\n"));
    // It may be missing; but where it would be the home folder, that is said.
    let missing = session().file("/home/ann/.config/user-dirs.dirs", "XDG_DOWNLOAD_DIR=\"/data/in\"\n");
    assert!(!asked(&missing.plan(browser)).contains("write "));
    let home = session().file("/home/ann/.config/user-dirs.dirs", "XDG_DOWNLOAD_DIR=\"$HOME/\"\n");
    assert!(
        home.problems(browser).contains("`${XDG_DOWNLOAD_DIR}` is your home folder, which says that there is none\n")
    );
}
