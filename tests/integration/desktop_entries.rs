//! `desktop`: entries that start programs in their sandboxes, launchers, and that nothing else is touched.

use crate::support::{Host, Ran, has_program, wait_until};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the person's own entries in a home, and that of launchers.
const OWN: &str = ".local/share/applications";
const PROGRAMS: &str = ".local/bin";
/// An editor of documents, whose file has a name that must be quoted; where `@` stands, the home folder.
const EDITOR: &str = "\
#!/usr/bin/env xdg-open
[Desktop Entry]
Name=Editor
Name[de]=Schreiber
# Translators: leave the semicolons
Keywords=write;edit;
TryExec=@/my bin/edit
Exec=\"@/my bin/edit\" --title=%c %i \"a b\" \"\\\\$HOME\" 100%% %F
Icon=org.example.Editor
MimeType=text/plain;text/html;
Type=Application
DBusActivatable=true
Actions=new;

[Desktop Action new]
Name=New
Exec=\"@/my bin/edit\" --new %u
";

/// A home with the entry of an editor, the editor, and a profile that shows it and a folder to write in.
fn host() -> Host {
    let host = Host::new();
    program(&host, "my bin/edit", "#!/bin/sh\nuname -n\nprintf '<%s>\\n' \"$@\"\n");
    write_entry(&host, "org.example.Editor", EDITOR);
    host.write(".config/nsbox/profiles/mine.toml", "extends = [\"base\"]\n[filesystem]\nread = [\"${HOME}/my bin\"]\n");
    host
}

fn program(host: &Host, name: &str, text: &str) {
    let path = host.write(name, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a program");
}

fn write_entry(host: &Host, id: &str, text: &str) -> PathBuf {
    let home = host.home().display().to_string();
    host.write(&format!("system/applications/{id}.desktop"), text.replace('@', &home))
}

/// `nsbox desktop` with these words, which finds entries in the home's `system`.
fn desktop(host: &Host, line: &str) -> Ran {
    let mut command = host.sandbox(["desktop"].into_iter().chain(line.split(' ')));
    command.env("XDG_DATA_DIRS", host.home().join("system"));
    Ran::of(command)
}

fn own(host: &Host, id: &str) -> PathBuf {
    host.home().join(OWN).join(format!("{id}.desktop"))
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// Everything below a folder: what it is, its mode, and what it holds.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (String, u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let metadata = path.symlink_metadata().expect("an entry");
        let kind = metadata.file_type();
        let holds = match (kind.is_symlink(), kind.is_file()) {
            (true, _) => fs::read_link(&path).expect("a symlink").into_os_string().into_encoded_bytes(),
            (_, true) => fs::read(&path).expect("a file"),
            _ => Vec::new(),
        };
        if kind.is_dir() {
            found.extend(tree(&path));
        }
        found.insert(path, (format!("{kind:?}"), metadata.permissions().mode(), holds));
    }
    found
}

/// The value of a key in a group, as launchers read it.
fn value(text: &str, group: &str, key: &str) -> String {
    let group =
        text.split(&format!("[{group}]\n")).nth(1).and_then(|rest| rest.split("\n[").next()).expect("the group");
    let value = group.lines().filter_map(|line| line.split_once('=')).find(|(known, _)| known.trim() == key);
    value.expect("the key").1.trim_start().to_owned()
}

/// The words that a launcher would start, by the specification alone: escapes, then quotes, then field codes, for one
/// document and with the name and icon of the entry.
fn started(text: &str, group: &str, path: &Path, file: &str) -> Vec<String> {
    let mut value = value(text, group, "Exec").replace("\\\\", "\u{1}").replace("\\s", " ").replace('\u{1}', "\\");
    let mut words: Vec<(String, bool)> = Vec::new();
    while !value.trim_start().is_empty() {
        let rest = value.trim_start().to_owned();
        if let Some(quoted) = rest.strip_prefix('"') {
            let (mut word, mut at) = (String::new(), 0);
            let bytes = quoted.as_bytes();
            while bytes[at] != b'"' {
                at += usize::from(bytes[at] == b'\\');
                word.push(bytes[at] as char);
                at += 1;
            }
            words.push((word, true));
            value = quoted[at + 1..].to_owned();
        } else {
            let (word, left) = rest.split_once(' ').unwrap_or((&rest, ""));
            words.push((word.to_owned(), false));
            value = left.to_owned();
        }
    }
    let icon = || vec!["--icon".to_owned(), self::value(text, "Desktop Entry", "Icon")];
    let expand = |(word, quoted): (String, bool)| match word.as_str() {
        "%f" | "%F" | "%u" | "%U" if !quoted => vec![file.to_owned()],
        "%i" if !quoted => icon(),
        "%k" if !quoted => vec![path.display().to_string()],
        _ => vec![word.replace("%c", "Editor").replace("%%", "%")],
    };
    words.into_iter().flat_map(expand).collect()
}

/// Starts what an entry says, as a launcher would.
fn launch(host: &Host, id: &str, group: &str, file: &str) -> Ran {
    let path = own(host, id);
    let words = started(&read(&path), group, &path, file);
    let mut command = host.command(&words[0]);
    command.args(&words[1..]);
    Ran::of(command)
}

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
fn after_all_is_removed_the_home_is_as_it_was() {
    let host = host();
    write_entry(&host, "other", "[Desktop Entry]\nType=Application\nExec=uname -n\n");
    for is_there in ["", ".local/share", ".local/bin", ".local/share/applications"] {
        host.folder(is_there);
        let before = tree(&host.home());
        for order in [["org.example.Editor", "other"], ["other", "org.example.Editor"]] {
            desktop(&host, "add --profile mine --command org.example.Editor").exits(0);
            desktop(&host, "add --profile mine other --command").exits(0);
            desktop(&host, "add --profile strict other").exits(0);
            assert!(host.home().join(PROGRAMS).join("edit").exists() && own(&host, "other").exists());
            for id in order {
                desktop(&host, &format!("remove {id}")).exits(0).in_silence().says("without a sandbox again");
                assert!(!own(&host, id).exists());
            }
            assert_eq!(tree(&host.home()), before, "{is_there}");
        }
        desktop(&host, "add --profile mine --command org.example.Editor").exits(0);
        desktop(&host, "add --profile mine other").exits(0);
        desktop(&host, "remove other org.example.Editor.desktop").exits(0);
        assert_eq!(tree(&host.home()), before, "both at once");
    }
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
fn what_nsbox_did_not_write_is_neither_overwritten_nor_removed() {
    let host = host();
    let mine = host.write("mine.desktop", "[Desktop Entry]\nType=Application\nExec=true\n");
    host.folder(OWN);
    let at = own(&host, "org.example.Editor");
    let plant: [(&str, &dyn Fn()); 4] = [
        ("is an entry of your own", &|| fs::write(&at, read(&mine)).expect("a file")),
        ("is no regular file", &|| symlink(&mine, &at).expect("a symlink")),
        ("is no regular file", &|| symlink("nowhere", &at).expect("a symlink")),
        ("is no regular file", &|| fs::create_dir(&at).expect("a folder")),
    ];
    for (told, plant) in plant {
        plant();
        let before = tree(&host.home());
        for line in ["add --profile mine org.example.Editor", "add --profile mine --command org.example.Editor"] {
            desktop(&host, line).exits(125).complains(told).complains("nsbox did not write").complains("hint: ");
        }
        desktop(&host, "remove org.example.Editor").exits(125).complains(told);
        assert_eq!(tree(&host.home()), before);
        assert_eq!(desktop(&host, "list").exits(0).stdout, "");
        if at.is_symlink() || at.is_file() { fs::remove_file(&at) } else { fs::remove_dir(&at) }.expect("to remove it");
    }
    // In a folder it has the same id.
    host.write(&format!("{OWN}/org.example/Editor.desktop"), read(&mine));
    write_entry(&host, "org.example-Editor", EDITOR);
    desktop(&host, "add --profile mine org.example-Editor").exits(125).complains("is an entry of your own");
    // Control: without any of them it is written.
    desktop(&host, "add --profile mine org.example.Editor").exits(0);
}

#[test]
fn a_planted_launcher_is_neither_overwritten_nor_removed() {
    let host = host();
    host.folder(PROGRAMS);
    let launcher = host.home().join(PROGRAMS).join("edit");
    let bait = host.write("bait", "mine");
    let plant: [&dyn Fn(); 3] = [
        &|| symlink(&bait, &launcher).expect("a symlink"),
        &|| fs::write(&launcher, "#!/bin/sh\necho mine\n").expect("a file"),
        // Of another entry.
        &|| {
            fs::write(&launcher, "#!/bin/sh\nexec x # written by nsbox desktop add, for the entry y\n").expect("a file")
        },
    ];
    for plant in plant {
        plant();
        let before = tree(&host.home());
        let refused = desktop(&host, "add --profile mine --command org.example.Editor").exits(125);
        refused
            .complains("is no launcher that nsbox wrote for `org.example.Editor`")
            .complains("leave out `--command`");
        assert_eq!(tree(&host.home()), before);
        fs::remove_file(&launcher).expect("to remove it");
        // Put into the place of one that nsbox wrote, it stays as well.
        desktop(&host, "add --profile mine --command org.example.Editor").exits(0);
        fs::remove_file(&launcher).expect("to remove it");
        plant();
        desktop(&host, "remove org.example.Editor").exits(0).complains("and stays");
        assert_eq!(tree(&host.home()), before);
        fs::remove_file(&launcher).expect("to remove it");
    }
}

#[test]
fn marks_that_somebody_planted_remove_no_folder_and_no_file_elsewhere() {
    let host = host();
    let empty = host.folder("empty");
    let bait = host.write("bait", "mine");
    desktop(&host, "add --profile mine org.example.Editor").exits(0);
    let path = own(&host, "org.example.Editor");
    let planted = format!("X-Nsbox-Launcher={}\nX-Nsbox-Created={};", bait.display(), empty.display());
    let text = read(&path).replace("X-Nsbox-Created=", &planted);
    fs::write(&path, text).expect("an entry");
    desktop(&host, "remove org.example.Editor").exits(0).complains("and stays");
    assert!(empty.is_dir() && bait.is_file() && !path.exists());
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
    // It is found again by its id, though no shared folder has it.
    desktop(&host, "add Tool").exits(0).says("profile.toml");
}

#[test]
fn the_profile_suits_the_categories_and_a_viewer_is_given_files() {
    let host = host();
    for name in ["desktop", "browser", "viewer", "game"] {
        host.write(&format!(".config/nsbox/profiles/{name}.toml"), "extends = [\"base\"]\n");
    }
    host.write(".config/nsbox/profiles/reader.toml", "extends = [\"viewer\"]\n");
    let cases = [
        ("Network;WebBrowser;", "", "browser", "%U"),
        ("Office;Viewer;", "", "viewer", "%F"),
        ("Game;", "", "game", "%U"),
        ("Utility;", "", "desktop", "%U"),
        ("Utility;", "--profile reader ", "reader", "%F"),
    ];
    for (categories, option, profile, code) in cases {
        write_entry(&host, "x", &format!("[Desktop Entry]\nType=Application\nExec=true %U\nCategories={categories}\n"));
        desktop(&host, &format!("add {option}x")).exits(0);
        let text = read(own(&host, "x"));
        assert!(text.contains(&format!(" --profile {profile} -- true {code}\n")), "{text}");
        desktop(&host, "list").exits(0).never_says("state");
        desktop(&host, "remove x").exits(0);
    }
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
fn where_it_cannot_be_written_nothing_is_left_behind() {
    let host = host();
    let without_home = |home: &Path| {
        let mut command: Command = host.sandbox(["desktop", "list"]);
        command.env("HOME", home);
        Ran::of(command)
    };
    without_home(Path::new("/nowhere")).exits(125).complains("no home folder `/nowhere`").complains("set HOME");
    // The entry is the second file to be written.
    let folder = host.folder(OWN);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("a read-only folder");
    let before = tree(&host.home());
    let refused = desktop(&host, "add --profile mine --command org.example.Editor").exits(125);
    refused.complains("Permission denied (EACCES)").complains(&own(&host, "org.example.Editor").display().to_string());
    assert_eq!(tree(&host.home()), before);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("a folder");
    // A file where the folder of launchers should be.
    host.write(PROGRAMS, "");
    let before = tree(&host.home());
    desktop(&host, "add --profile mine --command org.example.Editor").exits(125).complains("ENOTDIR");
    assert_eq!(tree(&host.home()), before);
    desktop(&host, "add --profile mine org.example.Editor").exits(0);
}

#[test]
fn after_an_option_the_word_is_a_command_to_run() {
    let host = Host::new();
    host.run(["--profile", "shell", "desktop", "list"]).exits(127).complains("could not run `desktop`");
    host.run(["desktop", "list"]).exits(0).in_silence();
}
