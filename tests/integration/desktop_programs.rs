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

/// A client of X11 of 32 bits, as far as its connection.
#[cfg(target_arch = "x86_64")]
const CLIENT: &str = r#"
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
int main(int count, char **words) {
    struct sockaddr_un address = { AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", words[1]);
    int display = socket(AF_UNIX, SOCK_STREAM, 0);
    if (display < 0 || connect(display, (void *)&address, sizeof address)) { perror("no window"); return 1; }
    puts("a window");
    return 0;
}
"#;

#[cfg(target_arch = "x86_64")]
#[test]
fn a_game_of_32_bits_reaches_its_display_where_the_profile_is_for_such() {
    let host = Host::new();
    let (source, program) = (host.write("client.c", CLIENT), host.home().join("client"));
    let mut compiler = host.command("gcc");
    compiler.args(["-m32", "-static", "-o"]).args([&program, &source]);
    if !has("a C compiler for 32-bit programs", has_program("gcc") && Ran::of(compiler).status == 0)
        || !has_program("Xvfb")
    {
        return;
    }
    let program = program.display().to_string();
    let run = |profile: &str, options: &[&str]| {
        let start = "exec \"$0\" \"/tmp/.X11-unix/X${DISPLAY#:}\"";
        let words =
            [&["--profile", profile, "--read", &program], options, &["--", "sh", "-c", start, &program]].concat();
        host.run(words)
    };
    run("game", &[]).exits(0).says("a window");
    // Control: the call that makes its sockets is what the profile opens, and `desktop` has nothing of it.
    run("game", &["--deny-syscall", "socketcall"]).exits(1).complains("no window: Operation not permitted");
    run("desktop", &[]).never_says("a window");
    let told = host.run(["--profile", "desktop", "--read", &program, "--", &program]).exits(126);
    told.complains("it is a 32-bit program").complains("the profile `game`");
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
