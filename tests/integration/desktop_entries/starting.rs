//! What is written, and that it starts the program in its sandbox with every word it had.

use super::{EDITOR, OWN, PROGRAMS, desktop, host, launch, own, program, read, started, value, write_entry};
use crate::support::{Ran, has_program, wait_until};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

#[test]
fn an_entry_that_was_added_starts_its_program_in_the_sandbox_with_every_word_it_had() {
    let host = host();
    desktop(&host, "add --profile mine org.example.Editor").exits(0).in_silence().says("starts in a sandbox");
    let args = "<--title=Editor>\n<--icon>\n<org.example.Editor>\n<a b>\n<$HOME>\n<100%>\n</home/my text>\n";
    let ran = launch(&host, "org.example.Editor", "Desktop Entry", "/home/my text").exits(0);
    assert_eq!(ran.stdout, format!("nsbox\n{args}"));
    let ran = launch(&host, "org.example.Editor", "Desktop Action new", "https://example.org/?a=b").exits(0);
    assert_eq!(ran.stdout, "nsbox\n<--new>\n<https://example.org/?a=b>\n");
    // Control: the entry of all users starts it outside.
    let source = host.home().join("system/applications/org.example.Editor.desktop");
    let words = started(&read(&source), "Desktop Entry", &source, "/home/my text");
    let mut outside = host.command(&words[0]);
    outside.args(&words[1..]);
    let ran = Ran::of(outside).exits(0);
    assert!(ran.stdout.ends_with(args) && !ran.stdout.starts_with("nsbox\n"), "{ran}");
}

#[test]
fn nothing_of_an_entry_changes_but_what_it_starts() {
    let host = host();
    desktop(&host, "add --profile mine org.example.Editor").exits(0);
    let before = read(host.home().join("system/applications/org.example.Editor.desktop"));
    let after = read(own(&host, "org.example.Editor"));
    let start = format!("Exec={} --profile mine -- \"", host.nsbox().display());
    let undone: Vec<_> = after.lines().filter(|line| !line.starts_with("X-Nsbox-")).collect();
    let undone = undone.join("\n").replace(&start, "Exec=\"").replace("DBusActivatable=false", "DBusActivatable=true");
    assert_eq!(undone + "\n", before);
    assert_eq!(after.matches(&start).count(), 2, "{after}");
    assert_eq!(value(&after, "Desktop Entry", "X-Nsbox-Profile"), "mine");
    assert_eq!(value(&after, "Desktop Entry", "DBusActivatable"), "false");
}

#[test]
fn the_launcher_of_a_desktop_starts_it_too() {
    if !has_program("gio") {
        return;
    }
    let host = host();
    program(
        &host,
        "my bin/edit",
        "#!/bin/sh\n{ uname -n; printf '<%s>\\n' \"$@\"; } > ~/out/draft; mv ~/out/draft ~/out/ran\n",
    );
    host.folder("out");
    host.write(".config/nsbox/profiles/writes.toml", "extends = [\"mine\"]\n[filesystem]\nwrite = [\"${HOME}/out\"]\n");
    desktop(&host, "add --profile writes org.example.Editor").exits(0);
    let document = host.write("out/my text", "");
    let mut command = host.command("gio");
    command.args([Path::new("launch"), &own(&host, "org.example.Editor"), &document]);
    command.env("LANG", "C.UTF-8");
    Ran::of(command).exits(0);
    let ran = host.home().join("out/ran");
    wait_until("the program of the entry has run", || ran.exists());
    let shown = format!(
        "nsbox\n<--title=Editor>\n<--icon>\n<org.example.Editor>\n<a b>\n<$HOME>\n<100%>\n<{}>\n",
        document.display()
    );
    assert_eq!(read(ran), shown);
}

#[test]
fn what_is_left_to_do_lets_file_managers_offer_the_program() {
    if !has_program("gio") {
        return;
    }
    let host = host();
    host.write("system/applications/mimeinfo.cache", "[MIME Cache]\ntext/plain=org.example.Editor.desktop;\n");
    let offered = || {
        let mut command = host.command("gio");
        command.args(["mime", "text/plain"]).env("LANG", "C.UTF-8").env("XDG_DATA_DIRS", host.home().join("system"));
        Ran::of(command).exits(0).stdout.contains("org.example.Editor.desktop")
    };
    assert!(offered());
    let folder = host.home().join(OWN).display().to_string();
    let added = desktop(&host, "add --profile mine org.example.Editor").exits(0);
    added.says(&format!("  to do    `update-desktop-database {folder}`"));
    assert!(!offered(), "GLib has changed: the page need not speak of the cache");
    // As that program writes it.
    host.write(&format!("{OWN}/mimeinfo.cache"), "[MIME Cache]\ntext/plain=org.example.Editor.desktop;\n");
    assert!(offered());
}

#[test]
fn a_launcher_for_the_command_line_starts_the_same() {
    let host = host();
    let added = desktop(&host, "add --profile mine --command org.example.Editor").exits(0);
    added.complains("to a shell, `edit` still means nothing").complains(PROGRAMS);
    let launcher = host.home().join(PROGRAMS).join("edit");
    assert_eq!(fs::metadata(&launcher).expect("a launcher").permissions().mode() & 0o7777, 0o755);
    let mut command = host.command(&launcher);
    command.args(["it's", "two words"]);
    let ran = Ran::of(command).exits(0).in_silence();
    assert_eq!(ran.stdout, "nsbox\n<a b>\n<$HOME>\n<100%>\n<it's>\n<two words>\n");
    assert_eq!(read(&launcher).lines().count(), 2);
}

#[test]
fn an_entry_that_is_added_again_keeps_its_profile_and_its_launcher() {
    let host = host();
    desktop(&host, "add --profile mine --command org.example.Editor").exits(0);
    let source = write_entry(&host, "org.example.Editor", &EDITOR.replace("edit\"", "edit\" --version-2"));
    desktop(&host, "list").exits(0).says("state     its source, or nsbox, is newer than it");
    desktop(&host, "add org.example.Editor").exits(0);
    let text = read(own(&host, "org.example.Editor"));
    assert!(text.contains("--profile mine -- ") && text.contains("--version-2"), "{text}");
    assert!(read(host.home().join(PROGRAMS).join("edit")).contains("--version-2"));
    let listed = desktop(&host, "list").exits(0).never_says("state");
    let paths = [source.clone(), host.home().join(PROGRAMS).join("edit")].map(|path| path.display().to_string());
    let listed = listed.says("org.example.Editor\n  profile   mine\n");
    listed.says(&format!("  source    {}\n  launcher  {}\n", paths[0], paths[1]));
    fs::remove_file(source).expect("to remove it");
    desktop(&host, "list").exits(0).says("its source is gone; `nsbox desktop remove org.example.Editor`");
    desktop(&host, "remove org.example.Editor").exits(0);
}

#[test]
fn a_file_is_made_an_entry_and_a_profile_in_a_file_is_found_from_everywhere() {
    let host = host();
    host.write("my profile.toml", "extends = [\"base\"]\n[filesystem]\nread = [\"${HOME}/my bin\"]\n");
    let file = host.write("downloads/Tool.desktop", "[Desktop Entry]\nType=Application\nExec=uname -n\n");
    let mut command = host.sandbox(["desktop", "add", "--profile", "./my profile.toml", "./downloads/Tool.desktop"]);
    command.env("XDG_DATA_DIRS", "/nowhere");
    Ran::of(command).exits(0);
    let text = read(own(&host, "Tool"));
    let profile = host.home().join("my profile.toml");
    assert!(text.contains(&format!(" --profile \"{}\" -- uname -n\n", profile.display())), "{text}");
    assert_eq!(value(&text, "Desktop Entry", "X-Nsbox-Source"), file.display().to_string());
    let words = started(&text, "Desktop Entry", &own(&host, "Tool"), "");
    let mut command = host.command(&words[0]);
    command.args(&words[1..]).current_dir("/");
    assert_eq!(Ran::of(command).exits(0).stdout, "nsbox\n");
    // It opens no files, so no cache is out of date.
    desktop(&host, "add Tool").exits(0).never_says("update-desktop-database");
    // It is found again by its id, though no shared folder has it.
    desktop(&host, "add Tool").exits(0).says("profile.toml");
}

#[test]
fn the_profile_suits_the_categories_and_one_without_a_network_is_given_files() {
    let host = host();
    host.write(".config/nsbox/profiles/reader.toml", "extends = [\"viewer\"]\n");
    let cases = [
        ("Network;WebBrowser;", "%U", "", "browser", "%U"),
        ("Network;InstantMessaging;", "%U", "", "electron", "%U"),
        ("Game;", "%U", "", "game", "%U"),
        ("AudioVideo;Player;", "%U", "", "player", "%F"),
        ("Office;Viewer;", "%U", "", "viewer", "%F"),
        ("Utility;TextEditor;", "%u", "", "viewer", "%f"),
        ("Utility;", "--now", "", "desktop", "--now"),
        ("Utility;", "%U", "--profile reader ", "reader", "%F"),
        ("Utility;", "%U", "--profile desktop ", "desktop", "%U"),
    ];
    for (categories, words, option, profile, changed) in cases {
        let entry = format!("[Desktop Entry]\nType=Application\nExec=true {words}\nCategories={categories}\n");
        write_entry(&host, "x", &entry);
        desktop(&host, &format!("add {option}x")).exits(0);
        let text = read(own(&host, "x"));
        assert!(text.contains(&format!(" --profile {profile} -- true {changed}\n")), "{text}");
        desktop(&host, "list").exits(0).never_says("state");
        desktop(&host, "remove x").exits(0);
    }
}

#[test]
fn what_the_program_will_miss_under_the_profile_is_told() {
    let host = host();
    let told = |option: &str, lines: &str| {
        write_entry(&host, "x", &format!("[Desktop Entry]\nType=Application\n{lines}\n"));
        let added = desktop(&host, &format!("add {option}x")).exits(0);
        desktop(&host, "remove x").exits(0);
        let notes = added.stdout.lines().filter(|line| line.starts_with("  note "));
        notes.map(|note| note.split_whitespace().skip(1).take(5).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let (files, network, sound) = ("a file that it is", "it has no network, though", "it has no sound, though");
    write_entry(&host, "x", "[Desktop Entry]\nType=Application\nExec=true %F\n");
    let means = "  means    Shows the documents that it is started with: no network, nothing kept\n";
    desktop(&host, "add x").exits(0).says("  profile  viewer\n").says(means);
    desktop(&host, "add --profile mine x").exits(0).never_says("means");
    desktop(&host, "remove x").exits(0);
    assert_eq!(told("", "Exec=true %F\nCategories=AudioVideo;"), [""; 0]);
    assert_eq!(told("--profile viewer ", "Exec=true %F\nCategories=AudioVideo;"), [sound]);
    assert_eq!(told("--profile desktop ", "Exec=true %F"), [files]);
    assert_eq!(told("", "Exec=true %F\nCategories=Network;P2P;"), [network]);
    assert_eq!(told("--profile electron ", "Exec=true\nCategories=Network;Audio;"), [""; 0]);
    assert_eq!(told("", "Exec=true\nCategories=Utility;"), [""; 0]);
    // What it opens depends on the folder, which is the home folder for a menu: there it does not start.
    assert_eq!(told("--profile build ", "Exec=true"), ["what `${PROJECT}` opens depends on"]);
    let mut launched = host.sandbox(["--profile", "build", "--", "true"]);
    launched.current_dir(host.home());
    Ran::of(launched).exits(125).complains("opens your whole home folder");
}

#[test]
fn nsbox_is_named_as_a_launcher_finds_it() {
    let host = host();
    let started_by = |path: String| {
        let mut command = host.sandbox(["desktop", "add", "--profile", "mine", "org.example.Editor"]);
        command.env("XDG_DATA_DIRS", host.home().join("system")).env("PATH", path);
        Ran::of(command).exits(0);
        value(&read(own(&host, "org.example.Editor")), "Desktop Entry", "Exec").split(' ').next().map(str::to_owned)
    };
    let file = host.nsbox();
    let folder = file.parent().expect("a folder").display().to_string();
    assert_eq!(started_by(format!("{folder}:/usr/bin")), Some("nsbox".into()));
    // A desktop may not look into folders of the home.
    fs::create_dir(host.home().join("bin")).expect("a folder");
    symlink(&file, host.home().join("bin/nsbox")).expect("a symlink");
    let home = host.home().join("bin").display().to_string();
    assert_eq!(started_by(format!("{home}:{folder}")), Some(file.display().to_string()));
    // Another program of that name is another.
    program(&host, "other/nsbox", "#!/bin/sh\n");
    let other = host.home().join("other").display().to_string();
    assert_eq!(started_by(format!("{other}:{folder}")), Some(file.display().to_string()));
}
