//! `desktop.accessibility`, on the real bus of screen readers: a program makes itself known there, and learns of no other.

use crate::support::{Host, Ran, has, has_program};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What starts that bus (package at-spi2-core).
const LAUNCHER: &str = "/usr/libexec/at-spi-bus-launcher";

/// A session with that bus, and on it a program that answers whatever it is asked; then what is done is done.
const SESSION: &str = r#"
"$LAUNCHER" --launch-immediately & launcher=$!
until [ -S "$XDG_RUNTIME_DIR/at-spi/bus" ]; do sleep 0.1; done
bus=unix:path=$XDG_RUNTIME_DIR/at-spi/bus
gdbus monitor --address $bus --dest org.example.Other >/dev/null & other=$!
ask() { address=$1; to=$2; at=$3; shift 3; gdbus call --timeout 10 --address "$address" --dest "$to" --object-path "$at" --method "$@"; }
daemon="org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus"
number=0
until ask $bus $daemon.GetConnectionUnixProcessID :1.$number 2>/dev/null | grep -q " $other,"; do
    number=$(((number + 1) % 100))
done
name=:1.$number
ask $bus $name / org.freedesktop.DBus.Peer.Ping && echo "outside, the other program answers"
cat > ask.sh <<'END'
ask() { to=$1; at=$2; shift 2; gdbus call --timeout 10 --address "$AT_SPI_BUS_ADDRESS" --dest "$to" --object-path "$at" --method "$@"; }
root=/org/a11y/atspi/accessible/root
ask org.a11y.atspi.Registry $root org.a11y.atspi.Socket.Embed "(':1.99', objectpath '/x')" && echo "embedded"
ask org.a11y.atspi.Registry $root org.a11y.atspi.Accessible.GetChildren && echo "told of others"
ask $1 / org.freedesktop.DBus.Peer.Ping && echo "the other program answers"
END
"$NSBOX" --read "$PWD/ask.sh" "$@" -- sh "$PWD/ask.sh" "$name"
status=$?
kill $other $launcher
exit $status
"#;

/// Runs what asks, in a sandbox with these options.
fn ask(host: &Host, options: &[&str]) -> Ran {
    let runtime = host.folder("runtime");
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).expect("a runtime folder");
    let mut command = host.command("dbus-run-session");
    command.args(["--", "sh", "-c", SESSION, "sh"]).args(options);
    command.env("XDG_RUNTIME_DIR", runtime).env("LAUNCHER", LAUNCHER).env("NSBOX", host.nsbox());
    Ran::of(command)
}

#[test]
fn a_program_is_known_to_screen_readers_and_learns_of_no_other() {
    let programs = ["dbus-run-session", "gdbus", "xdg-dbus-proxy"];
    if !programs.into_iter().all(has_program) || !has("at-spi2-core", Path::new(LAUNCHER).exists()) {
        return;
    }
    let host = Host::new();
    let ran = ask(&host, &["--set", "desktop.accessibility=true"]).says("outside, the other program answers\n");
    ran.says("embedded\n")
        .never_says("told of others")
        .never_says("\nthe other program answers")
        .complains("AccessDenied");
    // Control: without the filter it learns of all, and reaches them.
    let bus = host.home().join("runtime/at-spi").display().to_string();
    let address = format!("AT_SPI_BUS_ADDRESS=unix:path={bus}/bus");
    let ran = ask(&host, &["--read", &bus, "--env", &address]);
    ran.says("embedded\n").says("told of others\n").says("\nthe other program answers\n");
}
