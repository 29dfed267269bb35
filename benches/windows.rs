//! What a program with a window pays before the person sees something: from its start until its document is on the screen,
//! without a sandbox, in one that shows it on the session's X server, and in one with a server of its own.
//!
//! `cargo bench --bench windows`; `-- ROUNDS` chooses how many rounds. It needs Xvfb, on which everything is shown, and measures
//! those of zathura and Chromium that are installed; as root Chromium does not start.

#[path = "../tests/long/document.rs"]
mod document;
mod rounds;

use rounds::{Contender, asked_for, installed, is_installed, play, print_circumstances};
use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often each is measured, unless another number is given.
const ROUNDS: usize = 20;
/// How often the screen is looked at.
const BETWEEN: Duration = Duration::from_millis(2);
/// How long a program may take to appear, or to be gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// The screen, in pixels.
const SCREEN: [u16; 2] = [1024, 768];
/// The colour of the documents, as blue, green and red; nothing else has it.
const COLOUR: [u8; 3] = [102, 153, 51];

/// The screen of an X server of our own.
struct Screen {
    server: Child,
    display: String,
    connection: UnixStream,
    root: u32,
}

impl Screen {
    /// Starts the server, and speaks to it as a client (X Window System Protocol, "Connection Setup").
    fn start() -> Self {
        let [width, height] = SCREEN;
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{width}x{height}x24")]);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("Xvfb");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("its output")).read_line(&mut number).expect("its number");
        let number = number.trim();
        let mut connection = UnixStream::connect(format!("/tmp/.X11-unix/X{number}")).expect("the display");
        connection.write_all(&[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]).expect("a setup");
        let mut head = [0; 8];
        connection.read_exact(&mut head).expect("an answer");
        assert_eq!(head[0], 1, "the server lets nobody in");
        let mut setup = vec![0; usize::from(u16::from_le_bytes([head[6], head[7]])) * 4];
        connection.read_exact(&mut setup).expect("a setup");
        let (vendor, formats) = (usize::from(u16::from_le_bytes([setup[16], setup[17]])), usize::from(setup[21]));
        let first = 32 + vendor.next_multiple_of(4) + 8 * formats;
        let root = u32::from_le_bytes(setup[first..first + 4].try_into().expect("four bytes"));
        Self { server, display: format!(":{number}"), connection, root }
    }

    /// Whether the pixel in the middle has the colour (X Window System Protocol, "GetImage").
    fn shows_the_document(&mut self) -> bool {
        let [x, y] = SCREEN.map(|size| (size / 2).to_le_bytes());
        let root = self.root.to_le_bytes();
        let request = [&[73, 2, 5, 0], &root[..], &x, &y, &[1, 0, 1, 0], &[0xff; 4]].concat();
        self.connection.write_all(&request).expect("a request");
        let mut reply = [0; 36];
        self.connection.read_exact(&mut reply).expect("a reply");
        assert_eq!(reply[0], 1, "the server says no");
        reply[32..35].iter().zip(COLOUR).all(|(found, asked)| found.abs_diff(asked) <= 2)
    }

    fn wait_for(&mut self, shown: bool) {
        let begin = Instant::now();
        while self.shows_the_document() != shown {
            assert!(begin.elapsed() < PATIENCE, "waited for {shown}");
            sleep(BETWEEN);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

/// How many seconds pass from the start of a command until its document is on the screen.
fn seconds(screen: &mut Screen, home: &Path, words: &[&OsStr]) -> f64 {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.env("DISPLAY", &screen.display).env("HOME", home).env("XDG_RUNTIME_DIR", home.join("run"));
    for name in ["WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env_remove(name);
    }
    let begin = Instant::now();
    let mut child = command.spawn().expect("a start");
    screen.wait_for(true);
    let seconds = begin.elapsed().as_secs_f64();
    let pid = nix::unistd::Pid::from_raw(child.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).expect("a signal");
    child.wait().expect("an end");
    screen.wait_for(false);
    seconds
}

/// A program, the profile for it, and what it is to show.
struct Program {
    name: &'static str,
    profile: &'static str,
    words: Vec<String>,
}

fn programs(home: &Path) -> [Program; 2] {
    let write = |name: &str, text: String| {
        let path = home.join("Downloads").join(name);
        fs::write(&path, text).expect("a document");
        path.into_os_string().into_string().expect("a name")
    };
    let [blue, green, red] = COLOUR;
    let page = write("page.html", format!("<body style='background: rgb({red},{green},{blue})'></body>"));
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    [
        Program {
            name: "zathura",
            profile: "viewer",
            words: words(&[
                "zathura",
                "--mode=fullscreen",
                &write("document.pdf", document::document([red, green, blue])),
            ]),
        },
        Program {
            name: "chromium",
            profile: "browser",
            words: words(&[
                "chromium",
                "--no-first-run",
                "--password-store=basic",
                "--window-size=1000,740",
                &format!("file://{page}"),
            ]),
        },
    ]
}

fn home(folder: &Path) -> PathBuf {
    let home = folder.join("home");
    for (name, mode) in [("", 0o700), ("Downloads", 0o700), ("run", 0o700)] {
        DirBuilder::new().mode(mode).create(home.join(name)).expect("a folder");
    }
    home
}

fn main() {
    if !is_installed("Xvfb") {
        eprintln!("windows: nothing is measured, since `Xvfb` is not installed");
        return;
    }
    let rounds = asked_for().unwrap_or(ROUNDS);
    let (folder, nsbox) = installed();
    let home = home(folder.path());
    let screen = std::cell::RefCell::new(Screen::start());
    println!(
        "| program | without | x11 = \"host\" | ratio | x11 = \"isolated\" | ratio | rounds |\n|---|---|---|---|---|---|---|"
    );
    for program in programs(&home) {
        if !is_installed(program.name) {
            eprintln!("windows: `{}` is not installed", program.name);
            continue;
        }
        let options =
            |x11: &str| ["--quiet", "--profile", program.profile, "--set", x11, "--"].map(str::to_owned).to_vec();
        let nsbox = nsbox.to_str().expect("a name").to_owned();
        let inside = |x11: &str| [vec![nsbox.clone()], options(x11), program.words.clone()].concat();
        let ways = [program.words.clone(), inside("desktop.x11=\"host\""), inside("desktop.x11=\"isolated\"")];
        let mut contenders = ways.map(|words| {
            let (screen, home) = (&screen, &home);
            Contender::new(program.name, move || {
                let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
                seconds(&mut screen.borrow_mut(), home, &words)
            })
        });
        play(&mut contenders, rounds);
        let [bare, host, isolated] = &contenders;
        let shown = |contender: &Contender<'_>| format!("{:.0} ms", contender.median() * 1e3);
        println!(
            "| {} | {} | {} | {:.2} | {} | {:.2} | {} |",
            bare.name,
            shown(bare),
            shown(host),
            host.ratio(bare),
            shown(isolated),
            isolated.ratio(bare),
            bare.rounds()
        );
    }
    print_circumstances(&nsbox);
}
