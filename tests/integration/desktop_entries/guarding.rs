//! What is not nsbox's own stays as it is, whatever is planted, and the home is as it was afterwards.

use super::{EDITOR, OWN, PROGRAMS, desktop, host, own, read, tree, write_entry};
use crate::support::Ran;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

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
    // A launcher that was there before starts under the old profile still.
    desktop(&host, "add --profile mine --command org.example.Editor").exits(0);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("a read-only folder");
    let before = tree(&host.home());
    desktop(&host, "add --profile strict org.example.Editor").exits(125).complains("EACCES");
    assert_eq!(tree(&host.home()), before);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("a folder");
    desktop(&host, "remove org.example.Editor").exits(0);
    // A file where the folder of launchers should be.
    host.write(PROGRAMS, "");
    let before = tree(&host.home());
    desktop(&host, "add --profile mine --command org.example.Editor").exits(125).complains("ENOTDIR");
    assert_eq!(tree(&host.home()), before);
    desktop(&host, "add --profile mine org.example.Editor").exits(0);
}
