//! `desktop.dbus` and `desktop.portals`: rules of message buses, and what goes with them.

use super::fixture::{Host, asked, contents, environment};
use crate::plan::{Bus, Plan, ServiceKind};

/// A session with both buses, and portals.
fn host() -> Host {
    let mut host = Host::new()
        .socket("/run/user/1000/bus")
        .socket("/run/dbus/system_bus_socket")
        .link("/var/run", "/run")
        .file("/usr/bin/xdg-dbus-proxy", "")
        .file("/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service", "")
        .folder("/run/user/1000/doc/by-app");
    host.environment = vec![("XDG_RUNTIME_DIR", "/run/user/1000"), ("PATH", "/usr/bin")];
    host
}

const SESSION: &str = "[desktop.dbus.session]\ntalk = ['org.example.Server']\n";
const PORTALS: &str = "[desktop]\nportals = true\n";

/// The services of a plan: the bus, its socket, its rules, the application.
fn served(plan: &Plan) -> String {
    let line = |kind: &ServiceKind| {
        let ServiceKind::Bus { bus, socket, rules, application } = kind else { panic!("{kind:?}") };
        let rules: Vec<_> = rules.iter().map(|rule| format!("{} {}", rule.access.word(), rule.name)).collect();
        let application = application.as_deref().map(|name| format!(" as {name}")).unwrap_or_default();
        let bus = if *bus == Bus::Session { "session" } else { "system" };
        format!("{bus} {}{application}: {}\n", socket.display(), rules.join(", "))
    };
    plan.services.iter().map(|service| line(&service.kind)).collect()
}

#[test]
fn without_a_rule_there_is_no_bus() {
    let plan = host().plan("[desktop]\nportals = false\n[desktop.dbus.session]\ntalk = []\n");
    assert_eq!((served(&plan).as_str(), asked(&plan).as_str(), plan.services.len()), ("", "", 0));
    assert!(!environment(&plan).contains("DBUS"), "{}", environment(&plan));
}

#[test]
fn a_rule_brings_its_bus_where_programs_look_for_it() {
    let plan = host().plan(SESSION);
    assert_eq!(served(&plan), "session /run/user/1000/bus: talk org.example.Server\n");
    assert_eq!(
        asked(&plan),
        "sockets /run/nsbox\ntmpfs /run/user/1000 0700\nlink /run/user/1000/bus -> /run/nsbox/session-bus/bus\n"
    );
    let set = environment(&plan);
    assert!(set.contains("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/nsbox/session-bus/bus"), "{set}");
    assert!(set.contains("XDG_RUNTIME_DIR=/run/user/1000"), "{set}");
    let plan = host().plan("[desktop.dbus.system]\ncall = ['org.x.Y=org.x.Y.Get@/*']\nbroadcast = ['org.x.Y=*']\n");
    assert_eq!(served(&plan), "system /run/dbus/system_bus_socket: call org.x.Y=org.x.Y.Get@/*, broadcast org.x.Y=*\n");
    assert!(environment(&plan).contains("DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/nsbox/system-bus/bus"));
}

#[test]
fn a_bus_is_where_its_variable_says() {
    let at = |address| {
        let mut host = host().socket("/tmp/other bus");
        host.environment.push(("DBUS_SESSION_BUS_ADDRESS", address));
        host
    };
    assert!(served(&at("unix:path=/tmp/other%20bus,guid=1").plan(SESSION)).starts_with("session /tmp/other bus: "));
    // What is named and cannot be shown is no reason to take another.
    for address in ["unix:abstract=/tmp/x", "unix:path=/tmp/gone", "unix:path=bus"] {
        assert!(at(address).problems(SESSION).contains("there is no bus of the session here"), "{address}");
    }
}

#[test]
fn rules_append_and_one_that_is_said_twice_counts_once() {
    let base = "[desktop.dbus.session]\ntalk = ['org.a.A', 'org.b.B']\nsee = ['org.a.A']\n";
    let host = host().file("/home/ann/work/base.toml", base);
    let plan = host.plan("extends = ['./base.toml']\n[desktop.dbus.session]\ntalk = ['org.b.B', 'org.c.C.*']\n");
    assert_eq!(served(&plan), "session /run/user/1000/bus: talk org.a.A, talk org.b.B, see org.a.A, talk org.c.C.*\n");
}

#[test]
fn rules_that_the_proxy_would_take_for_something_else_are_refused() {
    let said = |key: &str, rule: &str| host().problems(&format!("[desktop.dbus.session]\n{key} = ['{rule}']\n"));
    for rule in ["org", "*", "org.*.x", "org..x", "org.x=*", "--own=org.x", "org.x y.z", "org.1.x"] {
        let said = said("talk", rule);
        assert!(said.contains("cannot be what a program may talk"), "{rule}: {said}");
    }
    for rule in ["org.x.Y", "org.x.Y=", "org.x.Y=a b"] {
        let said = said("call", rule);
        assert!(said.contains("cannot be what a program may call"), "{rule}: {said}");
    }
    // Where it is written, whether there is a bus here or not.
    let bare = Host::new().problems("[desktop]\noptional = ['session-bus']\ndbus.session.own = ['org.a.A', 'org']\n");
    assert!(
        bare.starts_with("test.toml:3:32 'org' : `org` cannot be what a program may own\n  hint: as in "),
        "{bare}"
    );
}

#[test]
fn where_the_folder_of_the_sockets_cannot_be_the_key_that_needs_it_is_named() {
    let said = host().problems("[desktop]\ndbus.session.talk = ['org.a.A']\n[filesystem]\nread = ['/run']\n");
    let expected = "test.toml:2:22 'org.a.A' : `/run/nsbox` does not exist inside `/run`, so nothing can appear there\n  hint: \
                    `/run` is opened by test.toml:4:9";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn what_this_host_lacks_is_named_with_its_line_and_its_package() {
    let without = |path: &str| host().without(path);
    let said = without("/usr/bin/xdg-dbus-proxy").problems(SESSION);
    assert_eq!(
        said,
        "test.toml:2:9 'org.example.Server' : xdg-dbus-proxy, which filters the bus, is not installed\n  \
         hint: install it: package xdg-dbus-proxy\n"
    );
    assert!(without("/run/user/1000/bus").problems(SESSION).contains("test.toml:2:9"));
    let said = without("/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service").problems(PORTALS);
    assert!(said.starts_with("test.toml:2:11 true : there are no portals here\n"), "{said}");
    assert!(said.contains("package xdg-desktop-portal, and one for your desktop"), "{said}");
}

#[test]
fn what_may_be_missing_is_left_out_with_a_note() {
    let optional = |part: &str, rest: &str| format!("desktop.optional = ['{part}']\n{rest}");
    let warned = |host: Host, profile: &str| {
        let (plan, warnings) = host.lower(profile, &[], &["bash"]).expect("a plan");
        (plan.services.len(), super::fixture::rendered(&warnings))
    };
    let without = host().without("/run/user/1000/bus");
    let (count, said) = warned(without.clone(), &optional("session-bus", "desktop.dbus.session.talk = ['org.a.A']\n"));
    assert!(count == 0 && said.starts_with("note: ") && said.contains("; it is left out"), "{said}");
    let portals = optional("portals", "desktop.portals = true\n");
    assert!(warned(without.clone(), &portals).1.contains("there is no bus of the session here; it is left out"));
    // A rule of the profile's own needs the bus all the same.
    let both = format!("{portals}desktop.dbus.session.talk = ['org.a.A']\n");
    assert!(without.problems(&both).contains("there is no bus of the session here"));
    let installed = "/usr/share/dbus-1/services/org.freedesktop.portal.Desktop.service";
    let (count, said) = warned(host().without(installed), &both);
    assert!(count == 1 && said.contains("there are no portals here; it is left out"), "{said}");
}

#[test]
fn portals_take_the_program_for_an_application_in_a_sandbox() {
    let plan = host().plan(&format!("{PORTALS}application = 'org.example.Viewer'\n"));
    assert_eq!(
        served(&plan),
        "session /run/user/1000/bus as org.example.Viewer: \
         call org.freedesktop.portal.Desktop=*, call org.freedesktop.portal.Documents=*, \
         broadcast org.freedesktop.portal.Desktop=@/org/freedesktop/portal/*, \
         broadcast org.freedesktop.portal.Documents=@/org/freedesktop/portal/*\n"
    );
    assert_eq!(contents(&plan, "/.flatpak-info"), "[Application]\nname=org.example.Viewer\n");
    assert!(environment(&plan).contains("GTK_USE_PORTAL=1"));
    let documents = "write /run/user/1000/doc from /run/user/1000/doc/by-app/org.example.Viewer\n";
    let host = host().folder("/run/user/1000/doc/by-app/org.example.Viewer");
    let plan = host.plan(&format!("{PORTALS}application = 'org.example.Viewer'\n"));
    assert!(asked(&plan).contains(documents), "{}", asked(&plan));
}

#[test]
fn a_program_with_the_hosts_network_is_told_so_as_portals_are() {
    let plan = host().plan(&format!("{PORTALS}application = 'org.example.Viewer'\n[network]\nmode = 'host'\n"));
    let told = "[Application]\nname=org.example.Viewer\n\n[Context]\nshared=network;\n";
    assert_eq!(contents(&plan, "/.flatpak-info"), told);
}

#[test]
fn files_that_are_picked_are_also_where_the_portal_says() {
    // The portal names the folder as the session does, symlinks and all.
    let folders =
        [("/home/ann/run", "/home/ann/run"), ("/home/ann/./run/", "/home/ann/run"), ("/var/run/me", "/run/me")];
    for (named, is) in folders {
        let mut host = host().folder(&format!("{is}/doc/by-app/org.nsbox.bash")).socket(&format!("{is}/bus"));
        host.environment[0].1 = named;
        let asked = asked(&host.plan(PORTALS));
        let named = named.trim_end_matches('/').replace("/.", "");
        for place in ["/run/user/1000", &named] {
            let line = format!("write {place}/doc from {is}/doc/by-app/org.nsbox.bash\n");
            assert!(asked.contains(&line), "{line} is not in\n{asked}");
        }
    }
}

#[test]
fn an_application_goes_by_the_name_of_its_command_unless_it_has_one() {
    let known = |argv: &str| {
        let (plan, _) = host().lower(PORTALS, &[], &[argv]).expect("a plan");
        served(&plan).split(" as ").nth(1).and_then(|rest| rest.split(':').next()).expect("a name").to_owned()
    };
    assert_eq!(known("/usr/bin/firefox-esr"), "org.nsbox.firefox-esr");
    assert_eq!(known("7z.x y"), "org.nsbox._7z_x_y");
    for name in ["viewer", "org.viewer", "org.my-site.Viewer", "org..Viewer", "org.x.Vi ewer", "../../x.y.z"] {
        let said = host().problems(&format!("{PORTALS}application = '{name}'\n"));
        assert!(said.contains("cannot be the name of an application"), "{name}: {said}");
    }
}

#[test]
fn a_session_without_a_document_portal_is_told_of() {
    let host = host().without("/run/user/1000/doc/by-app");
    let (plan, warnings) = host.lower(PORTALS, &[], &["bash"]).expect("a plan");
    let said = super::fixture::rendered(&warnings);
    assert!(said.contains("warning: ") && said.contains("the document portal does not run in this session"), "{said}");
    assert!(plan.mounts.iter().all(|mount| mount.destination != std::path::Path::new("/run/user/1000/doc")));
}
