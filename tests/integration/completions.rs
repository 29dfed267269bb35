//! `completions`: the scripts, in the shells that they are for.

use crate::support::pty::Session;
use crate::support::{Host, Ran, has, has_program};
use std::path::Path;
use std::process::Command;

/// A shell with nsbox in its PATH, and what completes its words loaded.
fn shell(host: &Host, words: &[&str], load: &str) -> Session {
    let mut session = Session::start(&with_nsbox(host, words));
    session.shows("ready> ");
    session.types(&format!("{load} <(nsbox completions {})\n", words[0]));
    session.shows("ready> ");
    session
}

fn with_nsbox(host: &Host, words: &[&str]) -> Command {
    host.folder("data");
    host.write("mine.toml", "extends = [\"base\"]\n");
    let entry = host.write("share/applications/org.example.Editor.desktop", ENTRY);
    host.run(["desktop", "add", "--profile", "base", &entry.display().to_string()]).exits(0);
    let mut command = host.command(words[0]);
    let folder = host.nsbox().parent().expect("a folder").display().to_string();
    command.env("XDG_DATA_DIRS", host.home().join("share"));
    command.args(&words[1..]).env("PS1", "ready> ").env("PATH", format!("{folder}:/usr/bin:/bin"));
    command
}

/// A desktop entry that is there.
const ENTRY: &str = "[Desktop Entry]\nType=Application\nName=Editor\nExec=true %F\n";

/// Types the start of a line and a tab, waits for what that makes of it, and wipes the line.
#[track_caller]
fn completes(session: &mut Session, typed: &str, shown: &str) {
    session.types(&format!("{typed}\t"));
    session.shows(shown);
    session.types("\u{15}\n");
    session.shows("ready> ");
}

/// What every shell makes of the start of a line, where there is only one thing to make of it.
const LINES: [(&str, &str); 23] = [
    ("nsbox --netw", "nsbox --network"),
    ("nsbox --network h", "nsbox --network host "),
    ("nsbox --network=ho", "nsbox --network=host "),
    ("nsbox --syscalls str", "nsbox --syscalls strict "),
    ("nsbox --profile she", "nsbox --profile shell "),
    ("nsbox --profile min", "nsbox --profile mine.toml "),
    ("nsbox --read dat", "nsbox --read data/"),
    ("nsbox --read data/ --write dat", "--write data/"),
    ("nsbox --set network.m", "nsbox --set network.mode="),
    ("nsbox --deny-syscall @deb", "nsbox --deny-syscall @debug "),
    ("nsbox --deny-syscall=@deb", "nsbox --deny-syscall=@debug "),
    ("nsbox --limit wall", "nsbox --limit wall-time="),
    ("nsbox plan --st", "nsbox plan --steps "),
    ("nsbox plan --diff base str", "nsbox plan --diff base strict "),
    ("nsbox profiles stri", "nsbox profiles strict "),
    ("nsbox syscalls @deb", "nsbox syscalls @debug "),
    ("nsbox syscalls perf_ev", "nsbox syscalls perf_event_open "),
    ("nsbox desktop rem", "nsbox desktop remove "),
    ("nsbox desktop add --comm", "nsbox desktop add --command "),
    ("nsbox desktop add --profile base org.ex", "org.example.Editor "),
    ("nsbox desktop remove org", "nsbox desktop remove org.example.Editor "),
    ("nsbox completio", "nsbox completions "),
    ("nsbox --read /a:/b -q -- uptim", "uptime "),
];

#[test]
fn bash_completes_options_values_and_commands() {
    if !has_program("bash") {
        return;
    }
    let host = Host::new();
    let mut session = shell(&host, &["bash", "--norc", "--noprofile", "-i"], "source");
    for (typed, shown) in LINES {
        completes(&mut session, typed, shown);
    }
    // The command's own words are no options of nsbox, and files are.
    completes(&mut session, "nsbox --quiet -- cat --netw data", "data/");
    let known = Path::new("/usr/share/bash-completion/bash_completion");
    if has("the package bash-completion", known.exists()) {
        session.types(&format!("source {}\n", known.display()));
        session.shows("ready> ");
        completes(&mut session, "nsbox --read data kill -WIN", "-WINCH ");
    }
}

#[test]
fn zsh_completes_options_values_and_commands() {
    if !has_program("zsh") {
        return;
    }
    let host = Host::new();
    let mut session = Session::start(&with_nsbox(&host, &["zsh", "-f", "-i"]));
    session.shows("ready> ");
    session
        .types("unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D; source <(nsbox completions zsh)\n");
    session.shows("ready> ");
    for (typed, shown) in LINES {
        completes(&mut session, typed, shown.trim_end());
    }
    completes(&mut session, "nsbox --read data kill -WIN", "-WINCH");
}

#[test]
fn fish_completes_options_values_and_commands() {
    if !has_program("fish") {
        return;
    }
    let host = Host::new();
    for (typed, shown) in LINES {
        let script = format!("nsbox completions fish | source; complete -C '{typed}'");
        let offered = Ran::of(with_nsbox(&host, &["fish", "--no-config", "-c", &script]));
        let last = shown.trim_end().rsplit(' ').next().unwrap_or_default();
        let offers: Vec<_> = offered.stdout.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(offers, [last], "{typed}: {offered}");
    }
}

#[test]
fn every_script_is_one_that_its_shell_can_read() {
    let host = Host::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = host.run(["completions", shell]).exits(0).in_silence().stdout;
        let script = host.write(&format!("script.{shell}"), script).display().to_string();
        if has_program(shell) {
            let mut check = host.command(shell);
            check.args(["-n", &script]);
            Ran::of(check).exits(0).in_silence();
        }
    }
}
