//! `desktop.wayland` with a real compositor that has security contexts: the one that `tests/compositor` fetches.

use crate::program::Program;
use crate::support::{Host, Ran, has, has_program, wait_until};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What sway 1.10 offers, but not to sandboxes: pictures of the screen, the clipboard while nobody looks, input that nobody
/// typed, windows of others, panels, locks, outputs, and sandboxes of one's own.
const KEPT: [&str; 14] = [
    "ext_foreign_toplevel_list_v1",
    "ext_session_lock_manager_v1",
    "wp_security_context_manager_v1",
    "zwlr_data_control_manager_v1",
    "zwlr_export_dmabuf_manager_v1",
    "zwlr_foreign_toplevel_manager_v1",
    "zwlr_gamma_control_manager_v1",
    "zwlr_layer_shell_v1",
    "zwlr_output_manager_v1",
    "zwlr_output_power_manager_v1",
    "zwlr_screencopy_manager_v1",
    "zwlr_virtual_pointer_manager_v1",
    "zwp_input_method_manager_v2",
    "zwp_virtual_keyboard_manager_v1",
];
/// The same of later ones.
const KEPT_LATER: [&str; 3] =
    ["ext_data_control_manager_v1", "ext_image_copy_capture_manager_v1", "ext_workspace_manager_v1"];
/// What no program with a window can be without.
const NEEDED: [&str; 5] = ["wl_compositor", "wl_output", "wl_seat", "wl_shm", "xdg_wm_base"];

/// What the sandbox is to the compositor.
const APPLICATION: &str = "org.example.Terminal";
/// The colour of its window, as red, green and blue.
const COLOUR: [u8; 3] = [51, 153, 102];
/// How many pixels of it are the window, and not a part of something else.
const PIXELS: usize = 100_000;

/// Somebody's session with sway, on a screen in memory.
struct Session {
    _compositor: Program,
    tree: PathBuf,
    runtime: PathBuf,
    host: Host,
}

impl Session {
    /// Starts one, where sway was fetched.
    fn start() -> Option<Self> {
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/compositor");
        if !has("what `tests/compositor` fetches", tree.join("made-of").exists()) {
            return None;
        }
        let host = Host::new();
        let runtime = host.folder("runtime");
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).expect("a private folder");
        let text = format!(
            "extends = [\"shell\"]\n[filesystem]\nread = [\"{}\"]\n[desktop]\nwayland = true\napplication = \"{APPLICATION}\"\n",
            tree.display()
        );
        host.write("wayland.toml", text);
        let configuration = host.write("sway", "xwayland disable\n");
        let log = File::create(host.write("log", "")).expect("a log");
        let mut command = host.command(tree.join("run"));
        command.args(["sway", "--config"]).arg(configuration).env("XDG_RUNTIME_DIR", &runtime);
        command.env("WLR_BACKENDS", "headless").env("WLR_RENDERER", "pixman").env("WLR_LIBINPUT_NO_DEVICES", "1");
        // Each request and event is a line of its log.
        command.env("WAYLAND_DEBUG", "server").stdout(Stdio::null()).stderr(log);
        let compositor = Program(command.spawn().expect("sway"));
        let session = Self { _compositor: compositor, tree, runtime, host };
        wait_until("sway's socket", || UnixStream::connect(session.socket()).is_ok());
        Some(session)
    }

    fn socket(&self) -> PathBuf {
        self.runtime.join("wayland-1")
    }

    /// What sway was asked and what it answered.
    fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.host.home().join("log")).expect("its log")).into_owned()
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.host.command(program);
        command.env("XDG_RUNTIME_DIR", &self.runtime).env("WAYLAND_DISPLAY", "wayland-1");
        command
    }

    /// A program of the tree, outside.
    fn outside(&self, words: &[&str]) -> Command {
        let mut command = self.command(self.tree.join("run"));
        command.args(words);
        command
    }

    /// nsbox.
    fn nsbox(&self, words: &[&str]) -> Command {
        let mut command = self.command(self.host.nsbox());
        command.args(words);
        command
    }

    /// A program of the tree, in a sandbox with these options.
    fn inside(&self, options: &[&str], words: &[&str]) -> Command {
        let mut command = self.nsbox(options);
        command.arg("--").arg(self.tree.join("run")).args(words);
        command
    }

    /// How many pixels of the colour are on the screen.
    fn pixels(&self) -> usize {
        let shot = self.outside(&["grim", "-t", "ppm", "-"]).output().expect("a picture of the screen");
        // They are the end of the file.
        let (_, pixels) = shot.stdout.as_rchunks();
        pixels.iter().filter(|pixel| **pixel == COLOUR).count()
    }

    /// Fails the test unless the sandbox of this nsbox has told sway what it is.
    fn knows(&self, nsbox: &Program) {
        let log = self.log();
        for told in [
            "set_sandbox_engine(\"nsbox\")".to_owned(),
            format!("set_app_id(\"{APPLICATION}\")"),
            format!("set_instance_id(\"{}\")", nsbox.0.id()),
        ] {
            assert!(log.contains(&told), "{told} is not in {log}");
        }
    }

    /// The sockets that sandboxes have now.
    fn sockets(&self) -> Vec<PathBuf> {
        let sandboxes = fs::read_dir(self.runtime.join("nsbox")).into_iter().flatten().flatten();
        let sockets = sandboxes.map(|sandbox| sandbox.path().join("wayland/wayland-0"));
        sockets.filter(|socket| socket.exists()).collect()
    }
}

const PROFILE: [&str; 2] = ["--profile", "./wayland.toml"];

/// What wayland-info says that the compositor offers.
fn offered(command: Command) -> BTreeSet<String> {
    let ran = Ran::of(command).exits(0);
    let names = ran.stdout.lines().filter_map(|line| line.strip_prefix("interface: '")?.split('\'').next());
    names.map(str::to_owned).collect()
}

#[test]
#[ignore = "needs what `tests/compositor` fetches"]
fn sway_offers_a_sandbox_nothing_by_which_it_would_reach_other_programs() {
    let Some(session) = Session::start() else { return };
    let outside = offered(session.outside(&["wayland-info"]));
    let inside = offered(session.inside(&PROFILE, &["wayland-info"]));
    // A sandbox that is given the session's own socket is nothing special to sway.
    let socket = session.socket().display().to_string();
    let variable = format!("WAYLAND_DISPLAY={socket}");
    let lent =
        ["--profile", "shell", "--read", &session.tree.display().to_string(), "--read", &socket, "--env", &variable];
    let lent = offered(session.inside(&lent, &["wayland-info"]));
    for name in KEPT {
        assert!(outside.contains(name) && lent.contains(name), "{name}: {outside:?} outside, {lent:?} if lent");
    }
    for name in KEPT.into_iter().chain(KEPT_LATER) {
        assert!(!inside.contains(name), "{name}: {inside:?}");
    }
    for name in NEEDED {
        assert!(outside.contains(name) && inside.contains(name), "{name}: {outside:?} outside, {inside:?} inside");
    }
}

#[test]
#[ignore = "needs what `tests/compositor` fetches"]
fn sway_lets_a_sandbox_neither_see_the_screen_nor_type() {
    let Some(session) = Session::start() else { return };
    Ran::of(session.outside(&["grim", "shot.png"])).exits(0).in_silence();
    Ran::of(session.outside(&["wtype", "hello"])).exits(0).in_silence();
    assert!(fs::read(session.host.home().join("shot.png")).is_ok_and(|shot| shot.starts_with(b"\x89PNG")));
    Ran::of(session.inside(&PROFILE, &["grim", "-"])).exits(1).never_says("PNG").complains("support");
    Ran::of(session.inside(&PROFILE, &["wtype", "hello"])).exits(1).complains("virtual keyboard");
}

#[test]
#[ignore = "needs what `tests/compositor` fetches"]
fn a_terminal_shows_its_window_by_a_socket_that_sway_closes_with_the_sandbox() {
    let Some(session) = Session::start() else { return };
    let [red, green, blue] = COLOUR;
    let script = format!("printf '\\033]11;#{red:02x}{green:02x}{blue:02x}\\007'; exec cat");
    let foot = ["foot", "--config=/dev/null", "sh", "-c", &script];
    assert_eq!(session.pixels(), 0);
    // By a signal that is passed on, and with no time left for anything.
    for signal in ["-TERM", "-KILL"] {
        let mut command = session.inside(&PROFILE, &foot);
        let mut sandbox = Program(command.stderr(Stdio::null()).spawn().expect("nsbox"));
        wait_until("the window on the screen", || session.pixels() > PIXELS);
        session.knows(&sandbox);
        // By another name it outlives its folder, so that only its listener's end is what closes it.
        let sockets = session.sockets();
        let [socket] = sockets.as_slice() else { panic!("{sockets:?}") };
        let kept = session.runtime.join(format!("kept{signal}"));
        fs::hard_link(socket, &kept).expect("another name");
        UnixStream::connect(&kept).expect("a connection");
        Command::new("kill").args([signal, &sandbox.0.id().to_string()]).status().expect("kill");
        sandbox.0.wait().expect("its end");
        wait_until("the end of the window", || session.pixels() == 0);
        wait_until("the end of the socket", || UnixStream::connect(&kept).is_err());
        let refused = UnixStream::connect(&kept).expect_err("nobody listens").kind();
        assert_eq!(refused, std::io::ErrorKind::ConnectionRefused);
        // Others come in as before, and there is nothing to warn of.
        Ran::of(session.inside(&PROFILE, &["wayland-info"])).exits(0).in_silence();
        assert_eq!(session.sockets(), [] as [PathBuf; 0]);
    }
}

#[test]
#[ignore = "needs what `tests/compositor` fetches"]
fn an_x_server_of_the_sandbox_is_sandboxed_to_sway_and_shows_its_screen() {
    if !["Xwayland", "xsetroot"].into_iter().all(has_program) {
        return;
    }
    let Some(session) = Session::start() else { return };
    let profile = format!("extends = [\"shell\"]\n[desktop]\nx11 = \"isolated\"\napplication = \"{APPLICATION}\"\n");
    session.host.write("x11.toml", profile);
    let [red, green, blue] = COLOUR;
    let script = format!("xsetroot -solid '#{red:02x}{green:02x}{blue:02x}'; exec sleep 1000");
    assert_eq!(session.pixels(), 0);
    let mut command = session.nsbox(&["--profile", "./x11.toml", "--", "sh", "-c", &script]);
    let sandbox = Program(command.stderr(Stdio::null()).spawn().expect("nsbox"));
    wait_until("its screen in a window", || session.pixels() > PIXELS);
    session.knows(&sandbox);
    drop(sandbox);
    wait_until("the end of the window", || session.pixels() == 0);
}

#[test]
#[ignore = "needs what `tests/compositor` fetches"]
fn plan_and_verify_say_by_which_socket_sway_is_reached() {
    let Some(session) = Session::start() else { return };
    let socket = session.socket();
    let told = |command: &str| {
        let ran = Ran::of(session.nsbox(&[&[command][..], &PROFILE].concat())).exits(0);
        ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (plan, verified) = (told("plan"), told("verify"));
    let expected = format!(
        "{}, by a socket of its own: to the compositor it is the sandboxed application {APPLICATION} (security context)",
        socket.display()
    );
    assert!(plan.contains(&expected), "{plan}");
    let expected = format!(
        "the compositor at {} is reached by a socket of its own, as the sandboxed application {APPLICATION}",
        socket.display()
    );
    assert!(verified.contains(&expected), "{verified}");
}
