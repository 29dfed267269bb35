//! What starts by nsbox, and that nothing else changes.

use super::samples::{CHROMIUM, CODE, EVINCE, FIREFOX, TEXT_EDITOR};
use super::{changed, desktop, read};
use crate::frontend::desktop_entry::{Confinement, Marks, script};

/// The marks that [`desktop`] leaves.
const MARKS: [&str; 2] = ["X-Nsbox-Profile=desktop", "X-Nsbox-Source=/usr/share/applications/x.desktop"];

#[track_caller]
fn becomes(text: &str, by: &Confinement, before: &[&str], after: &[&str]) {
    let (was, mut is) = changed(text, by);
    is.retain(|line| !MARKS.contains(&line.as_str()));
    assert_eq!((was, is), (before.iter().map(|s| (*s).into()).collect(), after.iter().map(|s| (*s).into()).collect()));
}

#[test]
fn commands_of_the_program_and_of_its_actions_start_by_nsbox() {
    let firefox =
        ["", " --new-window", " --private-window"].map(|rest| format!("/usr/lib/firefox-esr/firefox-esr{rest} %u"));
    let before = firefox.each_ref().map(|command| format!("Exec={command}"));
    let after = firefox.each_ref().map(|command| format!("Exec=nsbox --profile desktop -- {command}"));
    becomes(FIREFOX, &desktop(), &before.each_ref().map(String::as_str), &after.each_ref().map(String::as_str));
    becomes(
        CODE,
        &desktop(),
        &["Exec=/usr/share/code/code %F", "Exec=/usr/share/code/code --new-window %F"],
        &[
            "Exec=nsbox --profile desktop -- /usr/share/code/code %F",
            "Exec=nsbox --profile desktop -- /usr/share/code/code --new-window %F",
        ],
    );
    assert_eq!(read(CHROMIUM).confined(&desktop()).matches("nsbox --profile desktop -- /usr/bin/chromium").count(), 4);
}

#[test]
fn no_daemon_starts_it_instead() {
    becomes(
        EVINCE,
        &desktop(),
        &["Exec=evince %U", "DBusActivatable = true"],
        &["Exec=nsbox --profile desktop -- evince %U", "DBusActivatable = false"],
    );
    let (_, editor) = changed(TEXT_EDITOR, &desktop());
    assert_eq!(editor[0], "DBusActivatable=false");
}

#[test]
fn the_marks_stand_at_the_end_of_the_main_group() {
    let confined = read(CHROMIUM).confined(&desktop());
    let marks = MARKS.join("\n");
    assert!(confined.contains(&format!("Actions=NewWindow;Incognito;TempProfile;\n{marks}\n\n[Desktop Action")));
    let confined = read(EVINCE).confined(&desktop());
    assert!(confined.ends_with(&format!("DBusActivatable = false\n{marks}\n")), "{confined}");
    // A last line without an end stays one.
    let confined = read(TEXT_EDITOR).confined(&desktop());
    assert!(confined.ends_with("--new-window\nName=New Window"), "{confined}");
    let confined = read("[Desktop Entry]\nType=Application\nExec=x").confined(&desktop());
    assert_eq!(confined, format!("[Desktop Entry]\nType=Application\nExec=nsbox --profile desktop -- x\n{marks}\n"));
}

#[test]
fn what_was_written_is_known_again() {
    let marks = Marks {
        profile: "/home/ann/my profile.toml".into(),
        source: r"/usr/share/back\slash.desktop".into(),
        launcher: Some("/home/ann/.local/bin/x".into()),
        created: vec!["/home/ann/.local".into(), "/home/ann/.local/a;b".into()],
    };
    let by = Confinement { marks: marks.clone(), ..desktop() };
    let confined = read(CODE).confined(&by);
    assert_eq!(Marks::of(&read(&confined)), Some(marks));
    assert!(confined.contains(r#"Exec=nsbox --profile "/home/ann/my profile.toml" -- /usr"#), "{confined}");
    assert_eq!(Marks::of(&read(CODE)), None);
    // Marks that were there already are nobody's.
    let planted = CODE.replace("Icon=vscode\nType", "X-Nsbox-Created=/home;\nType");
    assert_eq!(Marks::of(&read(&read(&planted).confined(&desktop()))), Some(desktop().marks));
}

#[test]
fn quotes_and_backslashes_of_the_command_stay_as_they_are() {
    let commands = [
        r#"sh -c "a b" %F"#,
        r#"sh -c "echo \\"\\$HOME\\" \\\\\\\\ 100%%" %f"#,
        r#"sh -c 'exec "$0" "$@"' x %F"#,
        r#""/opt/my app/run" --icon %i %c %k"#,
        r"wine C:\\\\windows\\\\x.exe",
    ];
    for command in commands {
        let confined = read(&format!("[Desktop Entry]\nType=Application\nExec={command}\n")).confined(&desktop());
        assert!(confined.contains(&format!("\nExec=nsbox --profile desktop -- {command}\n")), "{confined}");
    }
}

#[test]
fn nsbox_itself_is_quoted_twice_over() {
    let by = Confinement { nsbox: r"/opt/a $b\100%/nsbox".into(), ..desktop() };
    let confined = read("[Desktop Entry]\nType=Application\nExec=x %u\n").confined(&by);
    assert!(confined.contains(r#"Exec="/opt/a \\$b\\\\100%%/nsbox" --profile desktop -- x %u"#), "{confined}");
    let command = r#""/opt/a \$b\\100%%/nsbox" --profile desktop -- x %u"#;
    assert_eq!(read(&confined).value("Exec").as_deref(), Some(command));
}

#[test]
fn where_no_address_can_be_shown_a_file_is() {
    let by = Confinement { as_files: true, ..desktop() };
    let (_, evince) = changed(EVINCE, &by);
    assert_eq!(evince[0], "Exec=nsbox --profile desktop -- evince %F");
    let (_, firefox) = changed(FIREFOX, &by);
    assert!(firefox.iter().filter(|line| line.starts_with("Exec")).all(|line| line.ends_with(" %f")), "{firefox:?}");
}

#[test]
fn what_some_launchers_only_read_starts_by_nsbox_too() {
    let text = "\
[Desktop Entry]
Type=Application
Exec=x
Exec[de]=y
DBusActivatable[de]=true
[NewWindow Shortcut Group]
Exec=z
";
    becomes(
        text,
        &desktop(),
        &["Exec=x", "Exec[de]=y", "DBusActivatable[de]=true", "Exec=z"],
        &[
            "Exec=nsbox --profile desktop -- x",
            "Exec[de]=nsbox --profile desktop -- y",
            "DBusActivatable[de]=false",
            "Exec=nsbox --profile desktop -- z",
        ],
    );
}

#[test]
fn a_launcher_has_the_words_of_the_command_and_what_it_is_given_where_files_stand() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let script = |said: &[&str]| script("/opt/a b/nsbox", "desktop", &words(said), "x");
    let line = |said: &[&str]| script(said).lines().nth(1).expect("a second line").to_owned();
    assert_eq!(
        script(&["/usr/bin/x", "%i", "-o", "%F", "it's"]),
        "#!/bin/sh\nexec '/opt/a b/nsbox' --profile desktop -- /usr/bin/x -o \"$@\" 'it'\\''s' \
         # written by nsbox desktop add, for the entry x\n"
    );
    assert!(line(&["/usr/bin/x", "100%%"]).contains(r#"/usr/bin/x 100% "$@" #"#));
    assert!(crate::frontend::desktop_entry::is_script_for("x", script(&["/usr/bin/x"]).as_bytes()));
    assert!(!crate::frontend::desktop_entry::is_script_for("y", script(&["/usr/bin/x"]).as_bytes()));
}
