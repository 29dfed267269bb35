//! What cannot be added, and how that is told.

use super::{desktop, host, own, tree, write_entry};
use crate::support::{Host, Ran};
use std::fs;
use std::path::Path;

#[test]
fn what_cannot_be_added_is_told_with_its_place_and_its_remedy_and_nothing_is_written() {
    let host = host();
    let application = |lines: &str| format!("[Desktop Entry]\nType=Application\n{lines}\n");
    write_entry(&host, "link", "[Desktop Entry]\nType=Link\nURL=/\n");
    write_entry(&host, "bus", &application("DBusActivatable=true"));
    write_entry(&host, "broken", &application("Exec=true\nwhat is this"));
    write_entry(&host, "quote", &application("Exec=sh -c \"true"));
    write_entry(&host, "ours", &application("Exec=nsbox --profile shell true"));
    write_entry(&host, "shell", &application("Exec=sh -c \"true\""));
    write_entry(&host, "python", &application("Exec=/usr/bin/python3.11 -c x"));
    write_entry(&host, "absent", &application("Exec=no-such-program"));
    write_entry(&host, "flat", &application("Exec=flatpak run org.x\nX-Flatpak=org.x"));
    host.write("flatpak/exports/share/applications/f.desktop", application("Exec=true"));
    let place = |name: &str| host.home().join("system/applications").join(name).display().to_string();
    let before = tree(&host.home());
    let cases = [
        ("add editor", "no desktop entry `editor`".to_owned(), "did you mean `org.example.Editor`?"),
        ("add blender", "no desktop entry `blender`".into(), "a word with a slash names a file"),
        ("add ./nothing.desktop", "there is no file `".into(), ""),
        ("add ./bait", "`./bait` is no file of a desktop entry".into(), "its name ends in `.desktop`"),
        ("add ../x.desktop/..", "is no file of a desktop entry".into(), ""),
        ("add .desktop", "`.desktop` is no name of a desktop entry".into(), "as in `firefox-esr`"),
        ("add link", format!("{}:2:6", place("link.desktop")), "only an entry with `Type=Application` does"),
        ("add bus", "has no key `Exec`".into(), "over D-Bus alone"),
        ("add broken", format!("{}:4:1", place("broken.desktop")), "a line is `Key=Value`"),
        ("add quote", "a quote in this command is not closed".into(), ""),
        ("add ours", "starts by nsbox already".into(), ""),
        ("add flat", "belongs to a flatpak, which has a sandbox of its own".into(), "`flatpak override`"),
        ("add ./flatpak/exports/share/applications/f.desktop", "belongs to a flatpak".into(), ""),
        ("add --profile no-such org.example.Editor", "no profile `no-such`".into(), "hint: "),
        ("add --profile ./no.toml org.example.Editor", "no profile at `".into(), "there is no such file"),
        ("add --profile mine --command python", "`python3.11` would hide that program".into(), "leave out `--command`"),
        ("add --profile mine --command shell", "would hide that program".into(), "leave out `--command`"),
        (
            "add --profile mine --command absent",
            "there is no program `no-such-program`".into(),
            "leave out `--command`",
        ),
        ("remove org.example.Editor", "nsbox has written no desktop entry".into(), "`nsbox desktop list`"),
    ];
    for (line, told, remedy) in cases {
        let line =
            if line.contains("--profile") { line.to_owned() } else { line.replace("add ", "add --profile mine ") };
        let refused = desktop(&host, &line).exits(125).complains(&told).complains(remedy);
        assert_eq!(tree(&host.home()), before, "{line}: {refused}");
    }
    // Control: the profile, and an entry that is as it should be.
    desktop(&host, "add --profile mine shell").exits(0);
}

#[test]
fn a_launcher_that_would_hide_nsbox_itself_is_refused_whatever_it_is_called() {
    let host = host();
    fs::hard_link(host.nsbox(), host.home().join("boxer")).expect("another name");
    write_entry(&host, "boxer", "[Desktop Entry]\nType=Application\nExec=/opt/boxer\n");
    let add = |program: &Path| {
        let mut command = host.command(program);
        command.args(["desktop", "add", "--profile", "mine", "--command", "boxer"]);
        command.env("XDG_DATA_DIRS", host.home().join("system"));
        Ran::of(command)
    };
    add(&host.home().join("boxer")).exits(125).complains("would hide nsbox itself").complains("leave out `--command`");
    assert!(!own(&host, "boxer").exists());
    // Control: to one of another name it is a program like any other.
    add(&host.nsbox()).exits(0);
}

#[test]
fn a_profile_with_a_mistake_is_told_with_its_place() {
    let host = host();
    host.write(".config/nsbox/profiles/bad.toml", "extends = [\"base\"]\n[filesystem]\nraed = []\n");
    let refused = desktop(&host, "add --profile bad org.example.Editor").exits(125);
    refused.complains("bad.toml:3:1").complains("did you mean `read`?");
    assert!(!own(&host, "org.example.Editor").exists());
}

#[test]
fn after_an_option_the_word_is_a_command_to_run() {
    let host = Host::new();
    host.run(["--profile", "shell", "desktop", "list"]).exits(127).complains("could not run `desktop`");
    host.run(["desktop", "list"]).exits(0).in_silence();
}
