//! Real programs with windows under their profiles, on a display in memory: what they show is looked at, pixel by pixel.

use crate::document::document;
use crate::program::Program;
use crate::support::{Host, has_program, wait_until};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The colour of a document, as red, green and blue; far from what desktops are drawn in.
const COLOUR: [u8; 3] = [51, 153, 102];
/// How many pixels of it are a document, and not a part of something else.
const PIXELS: usize = 20_000;

/// Somebody's session: a display, a home with things in it.
struct Session {
    _server: Program,
    display: String,
    host: Host,
}

impl Session {
    /// Starts one, where this machine has what it takes, and this program.
    fn start(program: &str) -> Option<Self> {
        if ![program, "Xvfb", "Xephyr", "import"].iter().all(|program| has_program(program)) {
            return None;
        }
        let host = Host::new();
        host.folder("run");
        host.folder("Downloads");
        host.write("private", "hush\n");
        host.write(".ssh/id_ed25519", "hush\n");
        let mut command = host.command("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1024x768x24"]);
        let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a display");
        let mut number = String::new();
        BufReader::new(server.stdout.take().expect("its output")).read_line(&mut number).expect("its number");
        Some(Self { _server: Program(server), display: format!(":{}", number.trim()), host })
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = self.host.command(program);
        command.env("DISPLAY", &self.display).env("XDG_RUNTIME_DIR", self.host.home().join("run"));
        command
    }

    /// Starts a shell script under a profile.
    fn inside(&self, profile: &str, script: &str, arguments: &[&str]) -> Program {
        let mut command = self.command(self.host.nsbox());
        command.args(["--profile", profile, "--", "sh", "-c", script, "sh"]).args(arguments);
        Program(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("nsbox"))
    }

    /// Whether a document of the colour is on the screen.
    fn shows_the_document(&self) -> bool {
        let shot =
            self.command("import").args(["-window", "root", "-depth", "8", "rgb:-"]).output().expect("a screenshot");
        let (pixels, _) = shot.stdout.as_chunks::<3>();
        let is_near = |pixel: &&[u8; 3]| pixel.iter().zip(COLOUR).all(|(found, asked)| found.abs_diff(asked) <= 2);
        pixels.iter().filter(is_near).count() > PIXELS
    }
}

#[test]
#[ignore = "needs a document viewer"]
fn a_viewer_shows_the_document_that_it_is_started_with_and_sees_nothing_else() {
    let Some(session) = Session::start("zathura") else { return };
    session.host.write("papers/report.pdf", document(COLOUR));
    session.host.write("papers/other.pdf", document(COLOUR));
    assert!(!session.shows_the_document());
    let viewer = session.inside("viewer", "exec zathura \"$1\"", &["papers/report.pdf"]);
    wait_until("the document on the screen", || session.shows_the_document());
    let home = session.host.home();
    let seen =
        session.host.run(["--profile", "viewer", "--", "sh", "-c", "cd; ls -A . papers", "sh", "papers/report.pdf"]);
    drop(viewer);
    wait_until("the end of the window", || !session.shows_the_document());
    // The document alone, in an empty home.
    let expected = ".:\npapers\n\npapers:\nreport.pdf\n";
    assert!(seen.status == 0 && seen.stdout == expected, "{seen}");
    assert!(!home.join(".local").exists(), "a viewer keeps nothing");
}

/// The processes whose arguments hold these words.
fn processes(words: &[&str]) -> Vec<PathBuf> {
    let entries = fs::read_dir("/proc").expect("processes").flatten().map(|entry| entry.path());
    let has_all = |process: &PathBuf| {
        let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
        words.iter().all(|word| String::from_utf8_lossy(&arguments).contains(word))
    };
    entries.filter(has_all).collect()
}

/// A line of a process's status.
fn status(process: &Path, name: &str) -> String {
    let text = fs::read_to_string(process.join("status")).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
}

#[test]
#[ignore = "needs Chromium"]
fn a_browser_shows_a_page_in_the_sandbox_of_its_own_and_keeps_its_settings() {
    let Some(session) = Session::start("chromium") else { return };
    let [red, green, blue] = COLOUR;
    let page = format!("<body style='background: rgb({red},{green},{blue})'></body>");
    let page = session.host.write("Downloads/page.html", page);
    let url = format!("file://{}", page.display());
    let script = "ls -A ~ > ~/Downloads/seen; exec chromium --no-first-run --window-size=800,600 \"$1\"";
    for run in ["first", "second"] {
        let browser = session.inside("browser", script, &[&url]);
        wait_until("the page on the screen", || session.shows_the_document());
        // Each page is in namespaces below those of nsbox, which has one filter, under a filter of Chromium's own.
        let renderers = processes(&["--type=renderer"]);
        let ours = |process: &&PathBuf| status(process, "NSpid:").split_whitespace().count() >= 4;
        let sandboxed: Vec<&PathBuf> = renderers.iter().filter(ours).collect();
        assert!(!sandboxed.is_empty(), "{run}: {renderers:?}");
        for process in sandboxed {
            assert_eq!((status(process, "Seccomp:"), status(process, "Seccomp_filters:")), ("2".into(), "2".into()));
        }
        drop(browser);
        wait_until("the end of the window", || !session.shows_the_document());
        let seen = fs::read_to_string(session.host.home().join("Downloads/seen")).expect("a list");
        let settings: Vec<&str> = seen.lines().collect();
        assert_eq!(settings.contains(&".config"), run == "second", "{run}: {seen}");
        assert!(!settings.contains(&"private") && !settings.contains(&".ssh"), "{run}: {seen}");
    }
    assert!(session.host.home().join(".local/share/nsbox/homes/browser/.config/chromium").is_dir());
    assert!(!session.host.home().join(".config").exists(), "it wrote to its own home only");
}
