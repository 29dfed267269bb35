//! The manuals' examples, run.

use crate::support::examples::{examples, typed};
use crate::support::{Host, Ran, has_program};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("man").join(name)).expect("a manual page")
}

/// A line of a page as it is read: the escapes of roff(7) that the pages use.
fn read(line: &str) -> String {
    line.replace("\\&", "").replace("\\(dq", "\"").replace("\\e", "\\")
}

/// The displays of a page, those of keys left out.
fn displays(page: &str) -> Vec<&str> {
    let starts = page.split(".Bd -literal -offset indent\n").skip(1);
    starts.filter_map(|rest| rest.split(".Ed").next()).collect()
}

/// A home with all that the examples speak of.
fn host() -> Host {
    let host = Host::new();
    host.folder("datasets");
    host.write("project/Makefile", "all:\n\t@echo made > made\n");
    host.write("project/job.py", "import os; print(os.listdir('/data'))\n");
    let game = host.write("project/old-game", "#!/bin/sh\n");
    fs::set_permissions(game, fs::Permissions::from_mode(0o755)).expect("a program");
    host
}

#[test]
fn every_command_line_of_the_manual_is_one_and_does_what_it_is_there_for() {
    let page = page("nsbox.1");
    let host = host();
    let (_, examples) = page.split_once(".Sh EXAMPLES\n").expect("examples");
    let (examples, _) = examples.split_once(".Sh ").expect("an end of the examples");
    let lines: Vec<String> = examples.lines().filter_map(|line| line.strip_prefix(".Dl ")).map(read).collect();
    assert!(lines.len() >= 8, "{lines:?}");
    for line in lines {
        let (program, status) = match line.as_str() {
            // There is no such program: what counts is that it is looked for.
            "nsbox run check" => ("true", 127),
            line if line.contains("python3") => ("python3", 0),
            line if line.contains("perf ") => ("perf", 0),
            line if line.contains("make") => ("make", 0),
            _ => ("true", 0),
        };
        // What this machine cannot run, it can at least plan.
        let is_run =
            ["plan", "run", "profiles", "syscalls"].iter().all(|own| !line.starts_with(&format!("nsbox {own} ")));
        if is_run {
            typed(&host, "project", &line.replacen("nsbox ", "nsbox plan ", 1)).exits(0).says("nsbox would run: ");
        }
        let is_foreign = line.contains("x86") && cfg!(not(target_arch = "x86_64"));
        if !is_foreign && has_program(program) {
            typed(&host, "project", &line).exits(status);
        }
    }
}

#[test]
fn the_page_of_the_profiles_describes_those_that_are_built_in_as_they_do() {
    let page = page("nsbox-profiles.7");
    let entries = page.split("\n.It Cm ").skip(1).map(|entry| {
        let (name, rest) = entry.split_once('\n').expect("a name");
        let description = rest.split("\n.").next().unwrap_or_default();
        format!("{name} {}", description.replace('\n', " ").trim())
    });
    let mut described: Vec<String> = entries.collect();
    described.sort();
    let mut built_in = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles")).expect("profiles").flatten() {
        let text = fs::read_to_string(entry.path()).expect("a profile");
        let description = text.split("\ndescription = \"").nth(1).and_then(|rest| rest.split('"').next());
        let name = entry.path().file_stem().expect("a name").display().to_string();
        built_in.push(format!("{name} {}", description.expect("a description")));
    }
    built_in.sort();
    assert_eq!(described, built_in);
}

#[test]
fn every_command_line_of_the_page_of_the_profiles_can_be_planned() {
    let (page, host) = (page("nsbox-profiles.7"), host());
    for file in ["project/README.md", "project/report.pdf", "games/maze/start"] {
        host.write(file, "read me\n");
    }
    let lines: Vec<String> = page.lines().filter_map(|line| line.strip_prefix(".Dl ")).map(read).collect();
    assert_eq!(lines.len(), 9, "one for each profile to run with");
    for line in lines {
        typed(&host, "project", &line.replacen("nsbox ", "nsbox plan ", 1)).exits(0).says("nsbox would run: ");
    }
}

#[test]
fn the_pages_are_well_formed() {
    if !has_program("mandoc") {
        return;
    }
    for page in ["nsbox.1", "nsbox-profile.5", "nsbox-profiles.7"] {
        let mut lint = Command::new("mandoc");
        lint.args(["-T", "lint", "-W", "style"]).arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("man").join(page));
        let found = Ran::of(lint).stdout;
        // Which other pages this machine has says nothing about this one; a default is one line, however long.
        let is_other = |line: &&str| {
            ["referenced manual not found", "outdated mandoc.db", ": Default: "].iter().any(|w| line.contains(w))
        };
        let found: Vec<&str> = found.lines().filter(|line| !is_other(line)).collect();
        assert!(found.is_empty(), "{page}: {found:#?}");
    }
}

#[test]
fn every_console_of_the_manual_prints_what_it_shows() {
    if !has_program("make") {
        return;
    }
    let page = page("nsbox.1");
    let consoles: Vec<_> = displays(&page).into_iter().filter(|text| text.starts_with("$ ")).collect();
    assert!(!consoles.is_empty());
    let host = host();
    for console in consoles {
        for example in examples(console.lines()) {
            example.prints_what_is_shown(&host, "project");
        }
    }
}

#[test]
fn the_profile_of_the_manual_is_valid_and_can_be_planned() {
    let page = page("nsbox-profile.5");
    let host = host();
    host.write("project/.env", "SECRET=1\n");
    let profile = displays(&page)[0];
    host.write("project/manual.toml", read(profile));
    typed(&host, "project", "nsbox check manual.toml").exits(0).says("manual.toml: ok");
    let planned = typed(&host, "project", "nsbox plan --profile ./manual.toml env").exits(0);
    planned.says("project  (./manual.toml:5").says("CI=true");
}

#[test]
fn every_example_of_a_key_is_valid_where_it_stands() {
    let page = page("nsbox-profile.5");
    let host = host();
    host.write("project/.env", "SECRET=1\n");
    host.folder("Downloads");
    let bare =
        ["dev", "etc", "home", "proc", "sys/devices/system/cpu", "tmp", "usr", "var/tmp", "opt", "bin", "lib", "lib32"];
    bare.iter().for_each(|folder| drop(host.folder(&format!("debian/{folder}"))));
    // What of a desktop this machine lacks is left out.
    let parts = [
        "audio",
        "pipewire",
        "gpu",
        "camera",
        "input-devices",
        "session-bus",
        "system-bus",
        "accessibility",
        "portals",
        "wayland",
        "x11",
    ];
    let optional = format!("[desktop]\noptional = {parts:?}\n");
    let inherited = format!("extends = [\"shell\"]\n[syscalls]\ndeny = [\"ptrace\"]\n{optional}");
    host.write("project/inherited.toml", inherited);
    let mut tried = 0;
    for entry in page.split("\n.It Ic ").skip(1) {
        let (key, rest) = entry.split_once('\n').expect("a key");
        let example = rest.split("-compact\n").nth(1).and_then(|rest| rest.split("\n.Ed").next()).expect("an example");
        let section = key.rsplit_once('.').map(|(section, _)| format!("[{section}]\n")).unwrap_or_default();
        // A root of this test's own, and a device that every machine has.
        let debian = host.home().join("debian").display().to_string();
        let example = read(example).replace("/srv/debian", &debian).replace("/dev/fuse", "/dev/null");
        // What an example takes back must be there before.
        let base = if key == "extends" { "" } else { "extends = [\"./inherited.toml\"]\n" };
        host.write("project/key.toml", format!("{base}{section}{example}\n"));
        let checked = typed(&host, "project", "nsbox check key.toml");
        assert!(checked.status == 0, "{key}: {checked}");
        tried += 1;
    }
    assert!(tried > 20, "{tried} keys");
}
