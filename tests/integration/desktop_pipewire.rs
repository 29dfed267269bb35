//! `desktop.audio` with PipeWire for a sound server, which speaks PulseAudio's protocol beside its own.

use crate::support::{Host, Ran, has_program, wait_until};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A device that plays to nobody; what it plays can be recorded.
const DEVICE: &str = "context.objects = [{ factory = adapter, args = { factory.name = support.null-audio-sink, \
                      node.name = deaf, media.class = Audio/Sink, audio.position = [MONO], object.linger = true } }]\n";
/// What the commands of PulseAudio are told of samples.
const FORMAT: [&str; 4] = ["--raw", "--format=s16le", "--rate=48000", "--channels=1"];
/// How high a sample must be to be of what was played.
const LOUD: i16 = 5_000;

/// A program that is killed with the test, however that ends.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A session with PipeWire, its session manager, and its server of PulseAudio's protocol.
struct Session<'h> {
    host: &'h Host,
    runtime: PathBuf,
    programs: Vec<Program>,
}

impl<'h> Session<'h> {
    /// Starts one, where this machine has what it takes.
    fn start(host: &'h Host) -> Option<Self> {
        let needed = ["dbus-daemon", "pipewire", "wireplumber", "pipewire-pulse", "pactl", "pacat", "parec"];
        if !needed.into_iter().all(has_program) {
            return None;
        }
        host.write(".config/pipewire/pipewire.conf.d/device.conf", DEVICE);
        let runtime = host.folder("runtime");
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).expect("a runtime folder");
        let mut session = Self { host, runtime, programs: Vec::new() };
        let address = format!("--address=unix:path={}", session.runtime.join("bus").display());
        // Each connects to those before it.
        session.begin("dbus-daemon", &["--session", "--nofork", "--nopidfile", &address], "bus");
        session.begin("pipewire", &[], "pipewire-0");
        session.begin("wireplumber", &[], "pipewire-0");
        session.begin("pipewire-pulse", &[], "pulse/native");
        wait_until("the session manager has taken the device for the one to play on", || {
            let mut command = session.command("pactl");
            command.arg("info");
            Ran::of(command).stdout.contains("Default Sink: deaf")
        });
        Some(session)
    }

    /// Starts a program of the session, and waits for a socket.
    fn begin(&mut self, program: &str, words: &[&str], socket: &str) {
        let mut command = self.command(program);
        command.args(words).stdout(Stdio::null()).stderr(Stdio::null());
        self.programs.push(Program(command.spawn().expect("a program of the session")));
        let socket = self.runtime.join(socket);
        wait_until(program, || socket.exists());
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.host.command(program);
        command.env("XDG_RUNTIME_DIR", &self.runtime);
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", self.runtime.join("bus").display()));
        command
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // Those that are connected first.
        while let Some(program) = self.programs.pop() {
            drop(program);
        }
    }
}

#[test]
fn what_is_played_inside_is_heard_by_pipewire_and_only_where_the_profile_says_so() {
    let host = Host::new();
    let Some(session) = Session::start(&host) else { return };
    // Half a second, up and down.
    let wave: Vec<u8> =
        (0..24_000).flat_map(|i| (if i % 100 < 50 { 12_000_i16 } else { -12_000 }).to_le_bytes()).collect();
    let wave = host.write("wave", wave);
    let heard = host.write("heard", "");
    let mut recorder = session.command("parec");
    recorder.args(FORMAT).args(["--device=deaf.monitor", "--latency-msec=20"]);
    recorder.stdout(fs::File::create(&heard).expect("a recording"));
    let _recorder = Program(recorder.spawn().expect("a recorder"));
    let length = || fs::metadata(&heard).map_or(0, |metadata| metadata.len());
    let is_heard = || {
        let samples = fs::read(&heard).expect("a recording");
        samples.as_chunks().0.iter().any(|sample| i16::from_le_bytes(*sample) > LOUD)
    };
    wait_until("it records", || length() > 0);
    let play = |options: &[&str]| {
        let mut command = session.command(session.host.nsbox());
        command.args(options).args(["--", "pacat"]).args(FORMAT).stdin(fs::File::open(&wave).expect("what is played"));
        Ran::of(command)
    };
    // By the same name of a server, but without the key.
    let inside = format!("PULSE_SERVER=unix:{}/pulse/native", session.runtime.display());
    play(&["--env", &inside]).exits(1).complains("Connection refused");
    let end = length();
    wait_until("more is recorded", || length() > end);
    assert!(!is_heard());
    play(&["--set", "desktop.audio=true"]).exits(0);
    wait_until("it is heard", is_heard);
}
