//! What programs with windows need to start at all, under the profiles that are made for them.

use crate::support::{Host, Ran, has, has_program};
use std::path::Path;

/// A program of GLib: it asks the bus of the session for its name before it does anything else.
const PROGRAM: &str = "
from gi.repository import Gio
program = Gio.Application(application_id='org.example.Editor')
program.connect('activate', lambda program: print('started'))
raise SystemExit(program.run([]))
";

/// The bus of the machine says which machine it is by this file.
const MACHINE: &str = "6e73626f780000000000000000000000\n";

const PROFILES: [&str; 6] = ["desktop", "viewer", "player", "game", "browser", "electron"];

#[test]
fn a_program_that_asks_a_bus_for_its_name_starts_where_there_is_none() {
    let bindings = Path::new("/usr/lib/python3/dist-packages/gi").exists();
    if !has_program("dbus-run-session") || !has_program("xdg-dbus-proxy") || !has("the bindings of gi", bindings) {
        return;
    }
    let host = Host::new();
    let run = |options: &[&str]| {
        let mut command = host.command("dbus-run-session");
        command.arg("--").arg(host.nsbox()).args(options).args(["--", "/usr/bin/python3", "-c", PROGRAM]);
        Ran::of(command)
    };
    for profile in ["desktop", "viewer", "player", "game"] {
        run(&["--profile", profile]).exits(0).says("started");
    }
    // Control: a bus that is open for something else refuses the name, and the program ends; until it is named.
    let rules = "desktop.dbus.session={ talk = ['org.freedesktop.Notifications'] }";
    run(&["--profile", "viewer", "--set", rules]).exits(1).complains("Failed to register").never_says("started");
    let owned = "desktop.dbus.session={ own = ['org.example.Editor'] }";
    run(&["--profile", "viewer", "--set", owned]).exits(0).says("started");
}

#[test]
fn a_program_with_a_bus_of_its_own_inside_may_be_called_anything() {
    let bindings = Path::new("/usr/lib/python3/dist-packages/gi").exists();
    if !has_program("dbus-run-session") || !has("the bindings of gi", bindings) {
        return;
    }
    let script = PROGRAM.replace("print('started')", "print(program.get_dbus_connection().get_unique_name())");
    let words = ["--profile", "viewer", "--", "dbus-run-session", "--", "/usr/bin/python3", "-c", &script];
    Host::new().run(words).exits(0).says(":1.0\n");
}

#[test]
fn a_library_of_the_bus_finds_the_id_of_a_machine_that_is_not_this_one() {
    let host = Host::new();
    for profile in PROFILES {
        let read = ["--profile", profile, "--", "cat", "/etc/machine-id"];
        assert_eq!(host.run(read).exits(0).stdout, MACHINE, "{profile}");
    }
    if has_program("dbus-uuidgen") {
        host.run(["--profile", "viewer", "--", "dbus-uuidgen", "--get"]).exits(0).says(MACHINE);
        // Control: without it the library has nothing to say but that.
        host.run(["--profile", "shell", "--", "dbus-uuidgen", "--get"]).exits(1).complains("machine-id");
    }
}

#[test]
fn an_office_suite_opens_the_document_that_it_is_given() {
    if !has_program("soffice") {
        return;
    }
    let host = Host::new();
    host.write("papers/the notes.txt", "remember the milk\n");
    let mut command =
        host.sandbox(["--profile", "viewer", "--", "soffice", "--headless", "--cat", "papers/the notes.txt"]);
    command.current_dir(host.home());
    Ran::of(command).exits(0).says("remember the milk");
}
