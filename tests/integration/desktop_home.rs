//! `desktop.home`: settings stay, nobody else's are there, and what a program left in it leads nowhere.

use crate::support::{Host, Ran};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;

const KEPT: &str = ".local/share/nsbox/homes";

/// A host with a profile `NAME.toml` that keeps the home NAME and shows some of the person's own files in it.
fn host(names: &[&str]) -> Host {
    let host = Host::new();
    host.write("own/notes", "mine\n");
    host.write("docs/letter", "dear\n");
    host.write("secret/key", "hush\n");
    for name in names {
        let profile = format!(
            "extends = [\"base\"]\n[desktop]\nhome = \"{name}\"\n[filesystem]\nread = [\"${{HOME}}/own/notes\", \"~/docs\"]\n"
        );
        host.write(&format!("{name}.toml"), profile);
    }
    host
}

fn script(host: &Host, name: &str, script: &str) -> Ran {
    host.script(&["--profile", &format!("./{name}.toml")], script)
}

/// Fails the test unless it ended well, said this and complained of nothing.
#[track_caller]
fn prints(ran: Ran, text: &str) {
    assert!(ran.status == 0 && ran.stdout == text && ran.stderr.is_empty(), "{text:?} is not what is printed by {ran}");
}

/// Where the home NAME is on the host.
fn kept(host: &Host, name: &str) -> PathBuf {
    host.home().join(KEPT).join(name)
}

#[test]
fn settings_stay_from_one_run_to_the_next_and_for_nobody_else() {
    let host = host(&["one", "other"]);
    prints(script(&host, "one", "mkdir ~/.config && echo big > ~/.config/font"), "");
    prints(script(&host, "one", "cat ~/.config/font"), "big\n");
    prints(script(&host, "other", "ls -A ~"), "docs\nown\n");
    // Nor is anything of the person's own there, or of the homes themselves.
    prints(script(&host, "one", "ls -A ~; cat ~/own/notes ~/docs/letter"), ".config\ndocs\nown\nmine\ndear\n");
    let mode = |path: PathBuf| fs::metadata(path).expect("a folder").permissions().mode() & 0o7777;
    for folder in [KEPT, ".local/share/nsbox", ".local/share", ".local"] {
        assert_eq!(mode(host.home().join(folder)), 0o700, "{folder}");
    }
    let home = kept(&host, "one");
    assert_eq!(mode(home.clone()), 0o700);
    assert_eq!(fs::metadata(&home).expect("a home").uid(), host.user().0);
    assert_eq!(fs::read_to_string(home.join(".config/font")).expect("a setting"), "big\n");
}

#[test]
fn what_is_shown_in_it_cannot_be_changed_or_moved() {
    let host = host(&["one"]);
    let ran =
        script(&host, "one", "echo x >> ~/own/notes; echo x > ~/docs/new; mv ~/own ~/else; mv ~/docs ~/else; ls ~");
    assert!(ran.stdout == "docs\nown\n" && ran.stderr.contains("Read-only file system"), "{ran}");
    assert_eq!(fs::read_to_string(host.home().join("own/notes")).expect("notes"), "mine\n");
    assert!(!host.home().join("docs/new").exists());
}

#[test]
fn it_is_found_where_the_data_folder_is() {
    let host = host(&["one"]);
    host.folder("data");
    let mut command = host.sandbox(["--profile", "./one.toml", "--", "touch", ".here"]);
    command.env("XDG_DATA_HOME", host.home().join("data"));
    prints(Ran::of(command), "");
    assert!(host.home().join("data/nsbox/homes/one/.here").exists());
    assert!(!host.home().join(".local").exists());
    // Also where the way to it is a symlink of the person's own.
    host.folder("dot/share");
    symlink("dot", host.home().join(".local")).expect("a symlink");
    for _ in ["made", "found"] {
        prints(script(&host, "one", "echo x >> ~/.count"), "");
    }
    assert_eq!(fs::read_to_string(host.home().join("dot/share/nsbox/homes/one/.count")).expect("a file"), "x\nx\n");
}

#[test]
fn what_an_earlier_run_planted_leads_nowhere() {
    let plants = [
        // Symlinks at the place of a folder, of a file, and above one: to the person's files and to the sandbox's.
        ("rmdir docs && ln -s ../../../../secret docs", "docs", "docs", "is a symlink"),
        ("rmdir docs && ln -s /tmp docs", "docs", "docs", "is a symlink"),
        ("rm own/notes && ln -s /etc/passwd own/notes", "own/notes", "own/notes", "is a symlink"),
        ("rm -r own && ln -s ../../../../secret own", "own/notes", "own", "is a symlink"),
        ("rm -r own && ln -s own own", "own/notes", "own", "is a symlink"),
        // What is of the wrong kind.
        ("rmdir docs && echo > docs", "docs", "docs", "is a file"),
        ("rmdir docs && mkfifo docs", "docs", "docs", "is a file"),
        ("rm -r own && echo > own", "own/notes", "own", "is a file"),
        ("rm own/notes && mkdir own/notes", "own/notes", "own/notes", "is a folder"),
    ];
    for (plant, place, named, obstacle) in plants {
        let host = host(&["one"]);
        // The same home where nothing is shown in it, as an earlier profile may have had it.
        host.write("bare.toml", "extends = [\"base\"]\n[desktop]\nhome = \"one\"\n");
        prints(script(&host, "one", "true"), "");
        prints(script(&host, "bare", plant), "");
        let ran = script(&host, "one", "ls -A ~ ~/docs ~/own");
        let said = format!(
            "nothing can appear at `{}`: in its home, `{}` {obstacle}",
            host.home().join(place).display(),
            kept(&host, "one").join(named).display()
        );
        assert!(ran.status == 125 && ran.stdout.is_empty() && ran.stderr.contains(&said), "{plant}: {ran}");
        assert!(ran.stderr.contains("remove it") && ran.stderr.contains("one.toml:5"), "{plant}: {ran}");
        // Control: where nothing is shown in it, the same home is as the program left it.
        prints(script(&host, "bare", "true"), "");
        let left: Vec<_> = fs::read_dir(host.home().join("secret")).expect("a folder").flatten().collect();
        assert_eq!(left.len(), 1, "{plant}");
    }
}

#[test]
fn a_folder_that_an_earlier_run_closed_is_said() {
    let host = host(&["one"]);
    prints(script(&host, "one", "true"), "");
    let closed = kept(&host, "one").join("own");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("a closed folder");
    let ran = script(&host, "one", "true");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("an open folder");
    if host.user().0 != 0 {
        let said = format!("`{}` is in a folder that you may not look into", closed.join("notes").display());
        assert!(ran.status == 125 && ran.stderr.contains(&said), "{ran}");
    }
    prints(script(&host, "one", "cat ~/own/notes"), "mine\n");
}

#[test]
fn what_is_not_a_folder_is_no_home() {
    let host = host(&["one"]);
    host.write(&format!("{KEPT}/one"), "");
    let ran = script(&host, "one", "true");
    let said = format!("the home `{}` is a file", kept(&host, "one").display());
    assert!(ran.status == 125 && ran.stderr.contains(&said), "{ran}");
}

#[test]
fn files_and_symlinks_of_the_profile_are_there_anew_in_each_run() {
    let host = Host::new();
    for (text, link) in [("first", "a"), ("first", "a"), ("second", "b")] {
        let profile = format!(
            "extends = [\"base\"]\n[desktop]\nhome = \"one\"\n[filesystem]\nfiles = {{ \"~/.set\" = \"{text}\\n\" }}\n\
             symlinks = {{ \"~/link\" = \"{link}\" }}\n"
        );
        host.write("one.toml", profile);
        let ran = script(&host, "one", "cat .set; readlink link; echo x > .set; rm link; ln -s /etc/passwd link");
        assert_eq!((ran.status, &*ran.stdout), (0, &*format!("{text}\n{link}\n")), "{ran}");
        assert!(ran.stderr.contains(".set: Read-only file system"), "{ran}");
    }
    // A folder is not removed for one.
    let folder = kept(&host, "one").join(".set");
    fs::remove_file(&folder).expect("a file");
    fs::create_dir(&folder).expect("a folder");
    let ran = script(&host, "one", "true");
    assert!(ran.status == 125 && ran.stderr.contains(&format!("`{}` is a folder", folder.display())), "{ran}");
}

#[test]
fn the_plan_says_where_it_is_on_the_host_and_verify_holds_it() {
    let host = host(&["one"]);
    let (home, kept) = (host.home(), kept(&host, "one"));
    let ran = host.run(["plan", "--profile", "./one.toml", "--", "true"]);
    let line = format!("{} (kept on the host: {})", home.display(), kept.display());
    // A long path is on a line of its own.
    let words: String = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!("It can change, on the host itself {line}")), "{ran}");
    assert!(!kept.exists(), "a plan makes nothing");
    let ran = host.run(["verify", "--profile", "./one.toml"]);
    assert_eq!(ran.status, 0, "{ran}");
}
