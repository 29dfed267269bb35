//! A terminal with a person at it: a pty, what is typed into it and what comes back.

use super::{Host, patience};
use nix::pty::{OpenptyResult, Winsize, openpty};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::fchown;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// A program at a terminal of its own, in a session of its own.
pub struct Session {
    keyboard: File,
    screen: Arc<Mutex<String>>,
    /// The program.
    pub child: Child,
    terminal: OwnedFd,
}

impl Session {
    /// Starts a program at a new terminal of the user's own, which setsid(1) makes the controlling one.
    pub fn start(command: &Command) -> Self {
        let pty = open();
        if let Some((uid, gid)) = super::dropped_to() {
            fchown(&pty.slave, Some(uid), Some(gid)).expect("a terminal of the user's own");
        }
        Self::start_at(pty, command)
    }

    /// Starts a program at a terminal of whoever runs the tests, where the user came in by another way than login.
    pub fn start_at_strangers(command: &Command) -> Self {
        Self::start_at(open(), command)
    }

    fn start_at(pty: OpenptyResult, command: &Command) -> Self {
        let stream = || Stdio::from(pty.slave.try_clone().expect("a copy of the terminal"));
        let mut session = at_terminal(command);
        session.stdin(stream()).stdout(stream()).stderr(stream());
        let child = session.spawn().expect("a program at a terminal");
        let screen = Arc::new(Mutex::new(String::new()));
        let mut output = File::from(pty.master.try_clone().expect("a copy of the pty"));
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                shown.lock().expect("the screen").push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        Self { keyboard: pty.master.into(), screen, child, terminal: pty.slave }
    }

    /// Types something.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("keys that arrive");
    }

    /// Waits until something is shown, and wipes the screen, so that the next wait sees only what is new.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> String {
        let start = std::time::Instant::now();
        loop {
            let mut screen = self.screen.lock().expect("the screen");
            if let Some(at) = screen.find(text) {
                let rest = screen.split_off(at + text.len());
                return std::mem::replace(&mut screen, rest);
            }
            assert!(start.elapsed() < patience(), "{text:?} is never shown; the screen is:\n{screen}");
            drop(screen);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Whether something is on the screen as it is now.
    pub fn has_shown(&self, text: &str) -> bool {
        self.screen.lock().expect("the screen").contains(text)
    }

    /// Changes the height of the window, in rows: one change, and so one signal.
    pub fn resize(&self, rows: u16) {
        self.stty(&["rows", &rows.to_string()]);
    }

    /// The terminal's modes, in the words of stty(1).
    pub fn modes(&self) -> String {
        self.stty(&["-g"])
    }

    fn stty(&self, arguments: &[&str]) -> String {
        let terminal = self.terminal.try_clone().expect("a copy of the terminal");
        let output = Command::new("stty").args(arguments).stdin(terminal).output().expect("stty");
        assert!(output.status.success(), "stty {arguments:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Waits for the end of the program and gives its status; 128+n for a signal.
    #[track_caller]
    pub fn ends(&mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt;
        let mut end = None;
        let start = std::time::Instant::now();
        while end.is_none() {
            end = self.child.try_wait().expect("news of the child");
            let screen = self.screen.lock().expect("the screen");
            assert!(start.elapsed() < patience(), "the program never ends; the screen is:\n{screen}");
            drop(screen);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        // Told by the test runner where the test fails.
        println!("the screen at the end is:\n{}", self.screen.lock().expect("the screen"));
        end.map_or(-1, |status| status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default()))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn open() -> OpenptyResult {
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    openpty(Some(&size), None).expect("a pty")
}

/// The same command under `setsid --ctty`; user, environment and directory are kept.
fn at_terminal(command: &Command) -> Command {
    let mut session = Command::new("setsid");
    session.arg("--ctty").arg(command.get_program()).args(command.get_args()).env_clear();
    session.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        session.current_dir(folder);
    }
    if let Some((uid, gid)) = super::dropped_to() {
        session.uid(uid).gid(gid);
    }
    session
}

/// An interactive shell at a terminal, outside, ready for words.
pub fn outer_shell(host: &Host) -> Session {
    let mut command = host.command("bash");
    command.args(["--norc", "--noprofile", "-i"]).env("PS1", "outer> ");
    let mut session = Session::start(&command);
    session.shows("outer> ");
    session
}

/// Interrupts the pipeline that runs in the outer shell, which must end with these statuses, as PIPESTATUS of bash has them.
#[track_caller]
pub fn interrupt(shell: &mut Session, statuses: &str) {
    shell.types("\x03");
    shell.shows("outer> ");
    shell.types("echo \"was ${PIPESTATUS[*]}\"\n");
    shell.shows(&format!("was {statuses}\r\n"));
    shell.shows("outer> ");
}

/// Ends the outer shell, which must still be listening.
pub fn leave(mut session: Session) {
    session.types("exit 0\n");
    assert_eq!(session.ends(), 0);
}
