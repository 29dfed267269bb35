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

/// What lets a program play, and record as well.
const AUDIO: [&str; 2] = ["--set", "desktop.audio=true"];
const MICROPHONE: [&str; 2] = ["--set", "desktop.microphone=true"];

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}

/// A sound server without any hardware: what is played on it is heard by whoever records.
struct Server<'h> {
    host: &'h Host,
    runtime: PathBuf,
    _process: Running,
}

impl<'h> Server<'h> {
    fn start(host: &'h Host) -> Self {
        let runtime = runtime(host);
        let script = host.write(
            "server.pa",
            // What modules PulseAudio has for properties of streams is loaded by its own settings as well.
            "load-module module-null-sink sink_name=deaf\nload-module module-native-protocol-unix\n\
             load-module module-filter-apply\n",
        );
        let mut command = host.command("pulseaudio");
        command.args(["--daemonize=no", "-n", "--exit-idle-time=-1"]).arg("-F").arg(script);
        command.env("XDG_RUNTIME_DIR", &runtime).stderr(Stdio::null());
        let process = Running(command.spawn().expect("a sound server"));
        let server = Self { host, runtime, _process: process };
        wait_until("it listens", || server.socket().exists());
        server
    }

    /// Its socket on the host.
    fn socket(&self) -> PathBuf {
        self.runtime.join("pulse/native")
    }

    /// What shows that socket to a sandbox, and no filter.
    fn unfiltered(&self) -> [String; 4] {
        let variable = format!("PULSE_SERVER=unix:{}", self.socket().display());
        ["--read".to_owned(), self.socket().display().to_string(), "--env".to_owned(), variable]
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

/// The runtime folder of a session.
fn runtime(host: &Host) -> PathBuf {
    let runtime = host.folder("runtime");
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).expect("a runtime folder");
    runtime
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
    let (heard, played) = server.hear(&AUDIO);
    played.exits(0);
    let (tone, other) = (loudness(&heard, TONE), loudness(&heard, OTHER));
    // A sine is at half its height there; a little of it may be lost at the end.
    assert!(tone > 4_000.0 && tone > 50.0 * other, "{tone} of the tone, {other} of another");
    // By the same name of a server, but without the key.
    let inside = format!("PULSE_SERVER=unix:{}", server.socket().display());
    let (heard, played) = server.hear(&["--env", &inside]);
    played.exits(1).complains("Connection refused");
    assert!(heard.iter().all(|sample| *sample == 0.0), "{} of the tone", loudness(&heard, TONE));
}

#[test]
fn the_plan_and_the_checks_say_what_is_heard() {
    if !has_program("pulseaudio") {
        return;
    }
    let host = Host::new();
    let server = Server::start(&host);
    let socket = server.socket();
    let said = |words: &[&str]| server.sandbox(words).exits(0);
    let plays = said(&[&["plan"], &AUDIO[..], &["true"]].concat());
    plays.says("pulse/native, filtered").never_says("microphone");
    let checks = said(&[&["verify"], &AUDIO[..]].concat());
    checks.says(&format!("the sound server at {} plays for it, filtered", socket.display()));
    said(&[&["plan"], &MICROPHONE[..], &["true"]].concat()).says("your microphone");
    said(&[&["verify"], &MICROPHONE[..]].concat()).says("plays and records for it, filtered");
    // Control: one that no filter stands before, and none.
    let shown = ["--read", socket.to_str().expect("a path")];
    let open = said(&[&["plan"], &shown[..], &["true"]].concat());
    open.says("your microphone").says("load modules for it");
    server.sandbox(&["plan", "true"]).exits(0).never_says("microphone").never_says("sound");
}

#[test]
fn no_module_is_loaded_for_a_program_by_command_or_by_property() {
    if !["pulseaudio", "pactl", "pacat", "gcc"].into_iter().all(has_program) {
        return;
    }
    let host = Host::new();
    let server = Server::start(&host);
    let (made, loaded) = (host.home().join("made"), host.home().join("loaded"));
    let plugin = host.home().join("plugin.so");
    let source = format!(
        "#include <fcntl.h>\n__attribute__((constructor)) void f(void) {{ creat(\"{}\", 0600); }}",
        loaded.display()
    );
    let source = host.write("plugin.c", source);
    let mut compiler = host.command("gcc");
    Ran::of({
        compiler.args(["-shared", "-fPIC", "-o"]).args([&plugin, &source]);
        compiler
    })
    .exits(0);
    // A second of silence, which the property of its stream has played through a plug-in.
    host.write("silence", vec![0; 2 * RATE]);
    let script = format!(
        "pactl load-module module-pipe-sink file={}; echo loads $?\n\
         pacat {} --property=filter.apply=ladspa-sink \
         --property='filter.apply.ladspa-sink.parameters=plugin={} label=x' < {}; echo plays $?\n",
        made.display(),
        FORMAT.join(" "),
        plugin.display(),
        host.home().join("silence").display(),
    );
    let show = |options: &[&str]| {
        let silence = host.home().join("silence");
        let words = [options, &["--read", silence.to_str().expect("a path"), "--", "sh", "-c", &script]].concat();
        server.sandbox(&words).exits(0)
    };
    show(&MICROPHONE).says("loads 1").says("plays 0").complains("Access denied");
    assert_eq!((made.exists(), loaded.exists()), (false, false));
    // Control: both are ways out where the server's own socket is there.
    show(&server.unfiltered().each_ref().map(|word| &**word)).says("loads 0");
    assert_eq!((made.exists(), loaded.exists()), (true, true));
}

#[test]
fn pipewire_is_filtered_alike_and_goes_to_no_socket_that_a_program_names() {
    if !["pipewire", "pipewire-pulse", "pactl"].into_iter().all(has_program) {
        return;
    }
    let host = Host::new();
    let runtime = runtime(&host);
    let start = |program: &str, socket: &str| {
        let mut command = host.command(program);
        command.env("XDG_RUNTIME_DIR", &runtime).stdout(Stdio::null()).stderr(Stdio::null());
        let process = Running(command.spawn().expect("a server"));
        wait_until("it listens", || runtime.join(socket).exists());
        process
    };
    let _pipewire = start("pipewire", "pipewire-0");
    let process = start("pipewire-pulse", "pulse/native");
    let server = Server { host: &host, runtime: runtime.clone(), _process: process };
    // By a name of a remote it goes to another PipeWire, here to none.
    let script = "pactl info | grep Server.Name; pactl load-module module-null-sink; echo loads $?\n\
                  PULSE_PROP=remote.name=/tmp/nowhere pactl info > info; echo connects $?; ls $XDG_RUNTIME_DIR\n";
    let inside = |options: &[&str]| server.sandbox(&[options, &["--", "sh", "-c", script]].concat()).exits(0);
    inside(&AUDIO).says("PipeWire").says("loads 1").says("connects 0").never_says("pipewire-0");
    // Control: the server's own socket.
    let ran = inside(&server.unfiltered().each_ref().map(|word| &**word));
    ran.says("PipeWire").says("loads 0").says("connects 1");
}

#[test]
fn nothing_is_recorded_unless_the_profile_says_so() {
    if !["pulseaudio", "parec"].into_iter().all(has_program) {
        return;
    }
    let host = Host::new();
    let server = Server::start(&host);
    // The filter takes a command that it refuses for none, and goes on.
    let script = format!("parec {} --latency-msec=20 -d deaf.monitor | head -c 1000 | wc -c", FORMAT.join(" "));
    let record = |options: &[&str]| server.sandbox(&[options, &["--", "sh", "-c", &script]].concat()).exits(0);
    record(&AUDIO).says("0\n").never_says("1000").complains("Access denied");
    record(&MICROPHONE).says("1000\n");
}

#[test]
fn streams_of_others_are_neither_known_nor_changed() {
    if !["pulseaudio", "pactl", "pacat"].into_iter().all(has_program) {
        return;
    }
    let host = Host::new();
    let server = Server::start(&host);
    let mut other = server.in_session("pacat");
    other.args(FORMAT).args(["--client-name=diary", "--stream-name=page 7"]);
    let _other = Running(other.stdin(fs::File::open("/dev/zero").expect("silence")).spawn().expect("another program"));
    let ask = |words: &str| {
        let mut command = server.in_session("sh");
        command.args(["-c", words]);
        Ran::of(command).exits(0).stdout
    };
    let stream = || ask("pactl list short sink-inputs | cut -f 1").trim().to_owned();
    wait_until("it plays", || !stream().is_empty());
    let script = format!(
        "for what in 'list sink-inputs' 'list clients' 'list modules' 'set-sink-input-mute {0} 1' 'set-sink-input-volume {0} 1%' \
         'set-sink-mute deaf 1' 'set-default-source deaf.monitor' 'suspend-sink deaf 1'; do pactl $what; echo \"<$what: $?>\"; done",
        stream()
    );
    let inside = |options: &[&str]| server.sandbox(&[options, &["--", "sh", "-c", &script]].concat()).exits(0);
    let ran = inside(&MICROPHONE).never_says(": 0>").never_says("diary").never_says("page 7");
    assert_eq!(ran.stdout.matches(": 1>\n").count(), 8, "{}", ran.stdout);
    assert!(ask("pactl list sink-inputs").contains("Mute: no") && ask("pactl list sinks").contains("Mute: no"));
    // Control: all of it works on the server's own socket.
    let ran = inside(&server.unfiltered().each_ref().map(|word| &**word)).says("diary").says("page 7");
    assert_eq!(ran.stdout.matches(": 0>\n").count(), 8, "{}", ran.stdout);
    assert!(ask("pactl list sink-inputs").contains("Mute: yes") && ask("pactl list sinks").contains("Mute: yes"));
}

/// What is no protocol: rubbish, a length beyond all, half a head and nothing more, and connections without end.
const RUBBISH: &str = r#"
import os, socket, struct
def connect():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(os.environ['PULSE_SERVER'].removeprefix('unix:'))
    return connection
def ends(sent):
    connection = connect()
    connection.sendall(sent)
    connection.settimeout(60)
    try:
        return connection.recv(100) == b''
    except ConnectionResetError:
        return True
head = lambda length, channel, flags=0: struct.pack('>5I', length, channel, 0, 0, flags)
for sent in [b'\xff' * 4096, head(0xffffffff, 0xffffffff), head(1 << 24, 0xffffffff), head(16, 0, 0x80000000) + bytes(16),
             head(10, 0xffffffff) + b'L\0\0\0\x33L\0\0\0\0']:
    assert ends(sent), sent[:30]
half = connect()
half.sendall(head(300, 0xffffffff)[:10])
open = []
for i in range(1000):
    connection = connect()
    if i % 2: connection.sendall(b'\0')
    open.append(connection)
    if len(open) > 200: open.pop(0).close()
# One who asks for what is refused, and never listens.
deaf = connect()
deaf.settimeout(2)
command = lambda number, rest: head(10 + len(rest), 0xffffffff) + struct.pack('>cIcI', b'L', number, b'L', 0) + rest
deaf.sendall(command(8, struct.pack('>cIcI', b'L', 35, b'x', 256) + bytes(256)))
asked = 0
try:
    while asked < 1 << 26:
        asked += deaf.send(command(51, b'') * 1000)
except TimeoutError:
    pass
assert asked < 1 << 26, 'it takes without end'
print('sent')
assert os.system('pactl info') == 0
assert os.system('pacat --raw < /dev/null') == 0
print('served')
"#;

#[test]
fn the_filter_outlives_what_is_no_protocol_and_serves_others() {
    if !["pulseaudio", "pactl", "pacat", "python3"].into_iter().all(has_program) {
        return;
    }
    let host = Host::new();
    let server = Server::start(&host);
    server.sandbox(&[&AUDIO[..], &["--", "python3", "-c", RUBBISH]].concat()).exits(0).says("sent").says("served");
}

#[test]
fn what_filters_sees_the_server_and_nothing_else_of_the_host() {
    if !has_program("pulseaudio") {
        return;
    }
    let host = Host::new();
    let server = Server::start(&host);
    // Nobody's own profile of that name is asked.
    host.write(".config/nsbox/profiles/sound-filter.toml", "extends = ['base']\nfilesystem.write = ['~']\n");
    let mut sandbox = server.in_session(host.nsbox());
    let sandbox = Running(sandbox.args(AUDIO).args(["--", "sleep", "600"]).spawn().expect("a sandbox"));
    let filters = || {
        let home = host.home().display().to_string();
        let processes = fs::read_dir("/proc").expect("procfs").flatten();
        let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let read = |pid: &u32, what: &str| {
            String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default()).into_owned()
        };
        let is_filter = |pid: &u32| read(pid, "cmdline").starts_with("/run/sound-filter\0--filter-sound\0");
        pids.find(|pid| is_filter(pid) && read(pid, "mountinfo").contains(&home))
    };
    wait_until("it filters", || filters().is_some());
    let pid = filters().expect("a process");
    let look = |path: &str| format!("/proc/{pid}/root/{path}");
    let mut seen: Vec<_> =
        fs::read_dir(look("run")).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    seen.sort();
    assert_eq!(seen, ["cookie", "served", "server", "sound-filter"]);
    assert!(!Path::new(&look(&host.home().display().to_string())).exists() && Path::new(&look("usr")).exists());
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a status");
    for line in ["CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"] {
        assert!(status.contains(line), "{line} is not in {status}");
    }
    for kind in ["net", "pid", "ipc", "user", "mnt"] {
        let of = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/{kind}")).expect("a namespace");
        assert!(of(&pid.to_string()) != of("self"), "{kind}");
    }
    drop(sandbox);
    wait_until("it is gone", || filters().is_none());
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
