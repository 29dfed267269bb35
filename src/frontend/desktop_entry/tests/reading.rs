//! What is read, what is refused, and where it stands.

use super::read;
use super::samples::{CHROMIUM, CODE, EVINCE, FIREFOX, TEXT_EDITOR};
use crate::frontend::desktop_entry::{Entry, Marks};
use proptest::prelude::*;

/// What is said of an entry: each problem with its place and its remedy.
fn refused(name: &str, text: &[u8]) -> Vec<String> {
    let found = Entry::read(name, text).and_then(|entry| entry.startable()).expect_err("an entry that is refused");
    let told = found.iter().map(|one| {
        let place = one.excerpt.as_ref().map(|excerpt| excerpt.place() + ": ").unwrap_or_default();
        format!("{place}{} ({})", one.message, one.hint.as_deref().unwrap_or_default())
    });
    told.collect()
}

fn application(lines: &str) -> Vec<u8> {
    format!("[Desktop Entry]\nType=Application\n{lines}\n").into_bytes()
}

#[test]
fn what_distributions_ship_can_be_started() {
    for sample in [FIREFOX, CHROMIUM, EVINCE, TEXT_EDITOR, CODE] {
        read(sample).startable().unwrap_or_else(|found| panic!("{found}"));
    }
    let code = read(CODE).command().expect("a command");
    assert_eq!(
        (code.words.as_slice(), code.program),
        (["/usr/share/code/code", "%F"].map(str::to_owned).as_slice(), 0)
    );
    assert_eq!(read(FIREFOX).items("Categories"), ["Network", "WebBrowser"]);
}

#[test]
fn an_entry_with_the_line_ends_of_windows_keeps_them() {
    let text = "[Desktop Entry]\r\nType=Application\r\nExec=x %u\r\n";
    let entry = read(text);
    entry.startable().expect("an entry");
    assert_eq!(entry.value("Exec").as_deref(), Some("x %u"));
    assert!(entry.confined(&super::desktop()).contains("-- x %u\r\n"));
}

#[test]
fn hidden_entries_are_as_good_as_others_and_the_last_of_two_keys_counts() {
    read("[Desktop Entry]\nType=Application\nExec=x\nNoDisplay=true\nHidden=true\n").startable().expect("an entry");
    assert_eq!(read("[Desktop Entry]\nExec=x\nExec=y\n[Z]\nExec=z\n").value("Exec").as_deref(), Some("y"));
}

#[test]
fn every_line_that_cannot_be_read_is_named_with_its_place() {
    let rule = "(a line is `Key=Value`, the head of a group such as `[Desktop Entry]`, or a comment behind `#`)";
    assert_eq!(
        refused("/a/x.desktop", b"Name=x\n[Desktop Entry]\nType=Application\n  Exec\n=x\nName=caf\xe9\n"),
        [
            format!("/a/x.desktop:1:1: a key in front of every group {rule}"),
            format!("/a/x.desktop:4:3: this line says nothing that a desktop entry can say {rule}"),
            format!("/a/x.desktop:5:1: this line says nothing that a desktop entry can say {rule}"),
            "/a/x.desktop:6:1: this line is not in UTF-8 ()".into(),
        ]
    );
    let remedy = "(name a file of a folder `applications`, or the entry by its name)";
    assert_eq!(refused("x", b""), [format!("`x` is no desktop entry: it has no group `[Desktop Entry]` {remedy}")]);
    assert_eq!(refused("x", &[b'#'; (1 << 20) + 1]), ["`x` is larger than any desktop entry ()"]);
}

#[test]
fn what_starts_no_program_that_nsbox_could_start_is_refused() {
    let link = b"[Desktop Entry]\nType=Link\nURL=https://example.org\n";
    assert_eq!(refused("x", link), ["x:2:6: `x` starts no program (only an entry with `Type=Application` does)"]);
    assert_eq!(
        refused("x", &application("DBusActivatable=true")),
        ["x:3:17: `x` has no key `Exec` (it is started over D-Bus alone, which nsbox cannot take the place of)"]
    );
    assert_eq!(
        refused("x", &application("Exec=sh -c \"a %F\n[Desktop Action a]\nExec=\n")),
        [
            "x:3:6: a quote in this command is not closed (no launcher can start it either)",
            "x:5:6: this command names no program ()"
        ]
    );
}

#[test]
fn what_has_a_sandbox_already_is_refused() {
    for command in ["nsbox --profile shell -- x", "\"/opt/a b/nsbox\" x", "env A=b /usr/bin/nsbox x"] {
        assert_eq!(
            refused("x", &application(&format!("Exec={command}"))),
            ["x:3:6: this command starts by nsbox already (its profile is the word behind `--profile`)"]
        );
    }
    let flatpak = "a flatpak, which has a sandbox of its own";
    let snap = "a snap, which has a sandbox of its own";
    let cases = [
        ("/var/lib/flatpak/exports/share/applications/x.desktop", "Exec=x", flatpak),
        ("x", "X-Flatpak=org.x\nExec=x", flatpak),
        ("x", "Exec=/usr/bin/flatpak run org.x", flatpak),
        ("/var/lib/snapd/desktop/applications/x.desktop", "Exec=x", snap),
        ("x", "Exec=env BAMF_DESKTOP_FILE_HINT=/x /snap/bin/x %U", snap),
    ];
    for (name, lines, said) in cases {
        let told = refused(name, &application(lines));
        assert!(told.len() == 1 && told[0].contains(said), "{told:?}");
    }
}

/// Lines that are nearly those of an entry.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let sound = ["[Desktop Entry]", "Type=Application", "Exec=x %u", "Exec[de] = 'y", "DBusActivatable=true", "# a"];
    let odd = ["[", "]", "=", " = ", "[a] Exec=z", "\u{a0}Exec=\u{3000}ü", "X-Nsbox-Source=/", "é", "\r"];
    let plain =
        prop::sample::select([sound.as_slice(), odd.as_slice()].concat()).prop_map(|line| line.as_bytes().to_vec());
    prop_oneof![8 => plain, 1 => prop::collection::vec(any::<u8>(), 0..8)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_file_holds_all_of_it_is_kept_or_it_is_refused(lines in prop::collection::vec(line(), 0..12)) {
        let bytes = lines.join(&b'\n');
        if let Ok(entry) = Entry::read("x", &bytes) {
            let kept: String = entry.lines.iter().map(|line| line.text.as_str()).collect();
            prop_assert_eq!(kept.as_bytes(), &*bytes);
            let confined = entry.confined(&super::desktop());
            let again = read(&confined);
            prop_assert_eq!(Marks::of(&again), Some(super::desktop().marks));
            let commands = again.lines.iter().filter(|line| line.pair.as_ref().is_some_and(|pair| pair.sets("Exec")));
            for line in commands {
                prop_assert!(line.text.contains("nsbox --profile desktop -- "), "{}", confined);
            }
        }
        if let Ok(entry) = Entry::read("x", &bytes).and_then(|entry| entry.startable().map(|()| entry)) {
            prop_assert!(entry.command().is_ok());
        }
    }
}
