//! Sound, fonts and themes of `[desktop]`, with a real sound server and real programs.

use crate::support::{Host, Ran, has, has_program, wait_until};
use std::f64::consts::TAU;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Samples a second.
const RATE: usize = 44_100;
/// The tone that is played, and one that is not, in hertz.
const TONE: f64 = 440.0;
const OTHER: f64 = 1_000.0;
/// What the commands of PulseAudio are told of samples.
const FORMAT: [&str; 4] = ["--raw", "--format=s16le", "--rate=44100", "--channels=1"];

/// A sound server without any hardware: what is played on it is heard by whoever records.
struct Server<'h> {
    host: &'h Host,
    runtime: PathBuf,
    process: Child,
}

impl<'h> Server<'h> {
    fn start(host: &'h Host) -> Self {
        Self::start_with(host, &[])
    }

    fn start_with(host: &'h Host, options: &[&str]) -> Self {
        let runtime = host.folder("runtime");
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).expect("a runtime folder");
        let script = host.write(
            "server.pa",
            "load-module module-null-sink sink_name=deaf\nload-module module-native-protocol-unix\n",
        );
        let mut command = host.command("pulseaudio");
        command.args(["--daemonize=no", "-n", "--exit-idle-time=-1"]).args(options).arg("-F").arg(script);
        command.env("XDG_RUNTIME_DIR", &runtime).stderr(Stdio::null());
        let process = command.spawn().expect("a sound server");
        let socket = runtime.join("pulse/native");
        wait_until("it listens", || socket.exists());
        Self { host, runtime, process }
    }

    /// A program of the session.
    fn in_session(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.host.command(program.as_ref());
        command.env("XDG_RUNTIME_DIR", &self.runtime);
        command
    }

    /// nsbox in the session.
    fn sandbox(&self, words: &[&str]) -> Ran {
        let mut command = self.in_session(self.host.nsbox());
        command.args(words);
        Ran::of(command)
    }

    /// What is heard while a tone is played inside, and how playing it went.
    fn hear(&self, options: &[&str]) -> (Vec<f64>, Ran) {
        let tone: Vec<u8> = (0..RATE).flat_map(|i| ((phase(TONE, i).sin() * 12_000.0) as i16).to_le_bytes()).collect();
        let file = self.host.write("tone", tone);
        let heard = self.host.write("heard", "");
        let mut recorder = self.in_session("parec");
        recorder.args(FORMAT).args(["--device=deaf.monitor", "--latency-msec=20"]);
        recorder.stdout(fs::File::create(&heard).expect("a recording"));
        let mut recorder = recorder.spawn().expect("a recorder");
        let length = || fs::metadata(&heard).map_or(0, |metadata| metadata.len());
        wait_until("it records", || length() > 0);
        let mut command = self.in_session(self.host.nsbox());
        command.args(options).args(["--", "pacat"]).args(FORMAT).stdin(fs::File::open(file).expect("the tone"));
        let played = Ran::of(command);
        let end = length();
        wait_until("the last of it is recorded", || length() > end);
        recorder.kill().and_then(|()| recorder.wait()).expect("its end");
        let samples = fs::read(&heard).expect("a recording");
        (samples.as_chunks().0.iter().map(|sample| f64::from(i16::from_le_bytes(*sample))).collect(), played)
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).ok();
    }
}

fn phase(frequency: f64, sample: usize) -> f64 {
    TAU * frequency * sample as f64 / RATE as f64
}

/// How much of a tone there is in what was heard, as if it were a second of it: the size of the Fourier coefficient.
fn loudness(samples: &[f64], frequency: f64) -> f64 {
    let sum = |wave: fn(f64) -> f64| -> f64 {
        samples.iter().enumerate().map(|(i, sample)| sample * wave(phase(frequency, i))).sum()
    };
    sum(f64::sin).hypot(sum(f64::cos)) / RATE as f64
}

#[test]
fn a_tone_that_is_played_inside_is_heard_outside_and_only_where_the_profile_says_so() {
    if !["pulseaudio", "pacat", "parec"].into_iter().all(has_program) {
        return;
    }
    let host = Host::new();
    let server = Server::start(&host);
    let (heard, played) = server.hear(&["--set", "desktop.audio=true"]);
    played.exits(0);
    let (tone, other) = (loudness(&heard, TONE), loudness(&heard, OTHER));
    // A sine is at half its height there; a little of it may be lost at the end.
    assert!(tone > 4_000.0 && tone > 50.0 * other, "{tone} of the tone, {other} of another");
    // By the same name of a server, but without the key.
    let inside = format!("PULSE_SERVER=unix:{}/pulse/native", server.runtime.display());
    let (heard, played) = server.hear(&["--env", &inside]);
    played.exits(1).complains("Connection refused");
    assert!(heard.iter().all(|sample| *sample == 0.0), "{} of the tone", loudness(&heard, TONE));
}

#[test]
fn the_plan_and_the_checks_say_that_whoever_plays_sound_hears_the_microphone() {
    if !has_program("pulseaudio") {
        return;
    }
    let host = Host::new();
    let server = Server::start(&host);
    let audio = ["--set", "desktop.audio=true"];
    let plan = server.sandbox(&[&["plan"], &audio[..], &["true"]].concat());
    plan.exits(0).says("It plays and records sound, also by your microphone");
    let checks = server.sandbox(&[&["verify"], &audio[..]].concat()).exits(0);
    let socket = server.runtime.join("pulse/native");
    checks.says(&format!("{} is shown", socket.display()));
    // Control: without the key nobody speaks of it.
    server.sandbox(&["plan", "true"]).exits(0).never_says("microphone");
    server.sandbox(&["verify"]).exits(0).never_says("is shown");
}

#[test]
fn a_server_that_is_told_to_load_no_modules_is_no_way_out() {
    if !["pulseaudio", "pactl"].into_iter().all(has_program) {
        return;
    }
    let load = |options: &[&str]| {
        let host = Host::new();
        let server = Server::start_with(&host, options);
        let made = host.home().join("made");
        let file = format!("file={}", made.display());
        let audio = ["--set", "desktop.audio=true", "--"];
        let ran = server.sandbox(&[&audio[..], &["pactl", "load-module", "module-pipe-sink", &file]].concat());
        (ran.status, made.exists())
    };
    assert_eq!(load(&["--disallow-module-loading=yes"]), (1, false));
    // As most are: what SECURITY.md says of them.
    assert_eq!(load(&[]), (0, true));
}

#[test]
fn fonts_and_themes_of_the_person_are_there_and_the_bookmarks_beside_them_are_not() {
    let font = Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");
    if !has_program("fc-list") || !has("the fonts of DejaVu", font.exists()) {
        return;
    }
    let host = Host::new();
    host.write(".local/share/fonts/Own.ttf", fs::read(font).expect("a font"));
    host.write(".config/gtk-3.0/settings.ini", "[Settings]\ngtk-theme-name=Mine\n");
    host.write(".config/gtk-3.0/bookmarks", "file:///home/me/secret\n");
    let script = "fc-list; find ~ -type f | sort; cat ~/.config/gtk-3.0/settings.ini; \
                  echo x >> ~/.config/gtk-3.0/settings.ini";
    let look = ["--set", "desktop.fonts=true", "--set", "desktop.themes=true"];
    let kept = [&look[..], &["--set", "desktop.home=\"drawer\""]].concat();
    let home = host.home();
    // In a home in memory, and twice in one that is kept.
    for options in [&look[..], &kept, &kept] {
        let ran = host.script(options, script).complains("Read-only file system").says("gtk-theme-name=Mine");
        ran.says(&format!("{}/.local/share/fonts/Own.ttf: DejaVu Sans", home.display())).never_says("bookmarks");
    }
    // Control: without the keys there is nothing of it.
    host.script(&[], "fc-list; find ~ -type f").exits(0).never_says("Own.ttf").never_says("settings.ini");
}
