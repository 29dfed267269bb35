//! `desktop.home`, `desktop.shared`, and the person's own folders by their variables.

use super::fixture::{Host, asked, rendered};

const HOME: &str = "[desktop]\nhome = \"viewer\"\n";

#[test]
fn a_home_is_kept_under_the_data_folder_at_the_place_of_the_own_one() {
    let kept = "kept /home/ann from /home/ann/.local/share/nsbox/homes/viewer\n";
    assert_eq!(asked(&Host::new().plan(HOME)), kept);
    // Another name is another home.
    assert_eq!(asked(&Host::new().plan(&HOME.replace("viewer", "other"))), kept.replace("viewer", "other"));
    let mut elsewhere = Host::new().folder("/data/ann");
    elsewhere.environment.push(("XDG_DATA_HOME", "/data/ann"));
    assert_eq!(asked(&elsewhere.plan(HOME)), "kept /home/ann from /data/ann/nsbox/homes/viewer\n");
    // Symlinks of the host's own on the way are followed before the sandbox is made, whether the home is there or not yet.
    let linked = Host::new().link("/home/ann/.local", "/srv/dot").folder("/srv/dot/share");
    assert_eq!(asked(&linked.plan(HOME)), "kept /home/ann from /srv/dot/share/nsbox/homes/viewer\n");
    let there = linked.folder("/srv/dot/share/nsbox/homes/viewer");
    assert_eq!(asked(&there.plan(HOME)), "kept /home/ann from /srv/dot/share/nsbox/homes/viewer\n");
}

#[test]
fn a_name_of_a_home_is_one_plain_word() {
    let long = "x".repeat(101);
    for name in ["", ".", "..", ".hidden", "a/b", "../../.ssh", "a b", "ü", &long] {
        let said = Host::new().problems(&format!("[desktop]\nhome = \"{name}\"\n"));
        assert_eq!(
            said,
            format!(
                "test.toml:2:8 \"{name}\" : `{name}` cannot be the name of a home\n  \
                 hint: 1 to 100 letters, digits, `-`, `_` and `.`, no dot in front\n"
            )
        );
    }
    let name = "A-z_0.9";
    assert!(asked(&Host::new().plan(&format!("[desktop]\nhome = \"{name}\"\n"))).ends_with("homes/A-z_0.9\n"));
}

#[test]
fn a_home_and_another_entry_at_its_place_are_one_too_many_in_one_profile() {
    assert_eq!(
        Host::new().problems("[filesystem]\ntmpfs = [\"${HOME}\"]\n[desktop]\nhome = \"viewer\"\n"),
        "test.toml:4:8 \"viewer\" : `/home/ann` is named twice in one profile\n  \
         hint: it is also named at test.toml:2:10; keep one of the two\n"
    );
    assert!(
        Host::new()
            .problems("[desktop]\nhome = \"viewer\"\nshared = [\"~\"]\n")
            .contains("`/home/ann` is named twice in one profile\n")
    );
}

/// The mounts of a chain of two profiles.
fn chained(first: &str, last: &str) -> String {
    let host = Host::new().file("/home/ann/work/first.toml", first);
    asked(&host.plan(&format!("extends = [\"./first.toml\"]\n{last}")))
}

#[test]
fn a_later_profile_replaces_a_home_or_takes_it_back() {
    let kept = |name| format!("kept /home/ann from /home/ann/.local/share/nsbox/homes/{name}\n");
    assert_eq!(chained(HOME, "[desktop]\nhome = \"other\"\n"), kept("other"));
    assert_eq!(chained(HOME, "[filesystem]\ntmpfs = [\"${HOME}\"]\n"), "tmpfs /home/ann 0755\n");
    assert_eq!(chained("[filesystem]\ntmpfs = [\"${HOME}\"]\n", HOME), kept("viewer"));
    assert_eq!(chained(HOME, "[filesystem]\ndrop = [\"${HOME}\"]\n"), "");
    let by_flag = Host::new().plan_with(HOME, &[("--set", "desktop.home", "\"flag\"")]);
    assert_eq!(asked(&by_flag), kept("flag"));
}

#[test]
fn what_is_shown_in_a_home_has_its_place_in_it() {
    let host = Host::new().file("/home/ann/x/notes", "").folder("/home/ann/Downloads");
    let profile = "[filesystem]\nread = [\"${HOME}/x\"]\n[desktop]\nhome = \"viewer\"\nshared = [\"~/Downloads\"]\n";
    assert_eq!(
        asked(&host.plan(profile)),
        "kept /home/ann from /home/ann/.local/share/nsbox/homes/viewer\nwrite /home/ann/Downloads\nread /home/ann/x\n"
    );
}

#[test]
fn the_home_folder_is_never_shared() {
    let hint = "name a folder in it, such as `~/Downloads`; `desktop.home` keeps a home for the program";
    for (path, folder) in [
        ("~", "your whole home folder"),
        ("${HOME}/.", "your whole home folder"),
        ("/link", "your whole home folder"),
        ("/home", "`/home`, which your home folder is in"),
    ] {
        let host = Host::new().link("/link", "/home/ann");
        assert_eq!(
            host.problems(&format!("[desktop]\nshared = [\"{path}\"]\n")),
            format!("test.toml:2:11 \"{path}\" : `desktop.shared` opens {folder}\n  hint: {hint}\n")
        );
    }
    assert_eq!(asked(&Host::new().plan("[desktop]\nshared = [\"~/work\"]\n")), "write /home/ann/work\n");
    // Nor where a home of an earlier profile stands at its place.
    let host = Host::new().file("/home/ann/work/first.toml", HOME);
    let said = host.problems("extends = [\"./first.toml\"]\n[desktop]\nshared = [\"~\"]\n");
    assert!(said.contains("`desktop.shared` opens your whole home folder\n"), "{said}");
    // A person who says so by hand is obeyed, with a warning.
    let (plan, warnings) = Host::new().lower("", &[("--set", "desktop.shared", "[\"~\"]")], &["bash"]).expect("a plan");
    assert_eq!(asked(&plan), "write /home/ann\n");
    assert!(rendered(&warnings).contains("lets the command change your whole home folder"), "{}", rendered(&warnings));
}

/// Where a variable of a person's folder leads, with that text in user-dirs.dirs.
fn leads(variable: &str, text: &str) -> String {
    let host = Host::new().file("/home/ann/.config/user-dirs.dirs", text);
    asked(&host.plan(&format!("[filesystem]\ntmpfs = [\"${{{variable}}}\"]\n")))
}

#[test]
fn a_persons_folders_are_where_their_file_says() {
    let defaults = [
        ("XDG_DESKTOP_DIR", "Desktop"),
        ("XDG_DOCUMENTS_DIR", "Documents"),
        ("XDG_DOWNLOAD_DIR", "Downloads"),
        ("XDG_MUSIC_DIR", "Music"),
        ("XDG_PICTURES_DIR", "Pictures"),
        ("XDG_PUBLICSHARE_DIR", "Public"),
        ("XDG_TEMPLATES_DIR", "Templates"),
        ("XDG_VIDEOS_DIR", "Videos"),
    ];
    for (variable, folder) in defaults {
        let without = Host::new().plan(&format!("[filesystem]\ntmpfs = [\"${{{variable}}}\"]\n"));
        assert_eq!(asked(&without), format!("tmpfs /home/ann/{folder} 0755\n"));
        assert_eq!(leads(variable, ""), format!("tmpfs /home/ann/{folder} 0755\n"));
        assert_eq!(leads(variable, &format!("{variable}=\"$HOME/x\"\n")), "tmpfs /home/ann/x 0755\n");
    }
    let cases = [
        ("XDG_DOWNLOAD_DIR=\"$HOME/My downloads\"", "/home/ann/My downloads"),
        ("XDG_DOWNLOAD_DIR=\"/data/in\"", "/data/in"),
        ("  XDG_DOWNLOAD_DIR = \"/data/in\"  # mine", "/data/in"),
        (r#"XDG_DOWNLOAD_DIR="$HOME/a\"b\\c\$d""#, r#"/home/ann/a"b\c$d"#),
        ("XDG_DOWNLOAD_DIR=\"/one\"\nXDG_DOWNLOAD_DIR=\"/two\"", "/two"),
        ("XDG_DOWNLOAD_DIR=\"/one\"\nXDG_DOWNLOAD_DIR=\"relative\"", "/one"),
        ("#XDG_DOWNLOAD_DIR=\"/data\"", "/home/ann/Downloads"),
        ("XDG_DOWNLOAD_DIR=\"relative\"", "/home/ann/Downloads"),
        ("XDG_DOWNLOAD_DIR=\"$HOMEx/in\"", "/home/ann/Downloads"),
        ("XDG_DOWNLOAD_DIR=\"/never ended", "/home/ann/Downloads"),
        ("XDG_DOWNLOAD_DIR=/bare", "/home/ann/Downloads"),
        ("XDG_DOWNLOAD_DIRECTORY=\"/data\"", "/home/ann/Downloads"),
    ];
    for (text, folder) in cases {
        assert_eq!(leads("XDG_DOWNLOAD_DIR", text), format!("tmpfs {folder} 0755\n"), "{text}");
    }
    let mut elsewhere = Host::new().file("/etc/ann/user-dirs.dirs", "XDG_VIDEOS_DIR=\"/films\"\n");
    elsewhere.environment.push(("XDG_CONFIG_HOME", "/etc/ann"));
    assert_eq!(asked(&elsewhere.plan("[filesystem]\ntmpfs = [\"${XDG_VIDEOS_DIR}\"]\n")), "tmpfs /films 0755\n");
}

#[test]
fn a_folder_that_is_the_home_folder_says_that_there_is_none() {
    for home in ["$HOME", "$HOME/", "$HOME/.", "/home/ann", "/home/ann//"] {
        let text = format!("XDG_DOWNLOAD_DIR=\"{home}\"\n");
        let host = Host::new().file("/home/ann/.config/user-dirs.dirs", text);
        assert_eq!(
            host.problems("[desktop]\nshared = [\"${XDG_DOWNLOAD_DIR}\"]\n"),
            "test.toml:2:12 ${XDG_DOWNLOAD_DIR} : `${XDG_DOWNLOAD_DIR}` is your home folder, which says that there is none\n  \
             hint: `xdg-user-dirs-update --set DOWNLOAD PATH` names one, in user-dirs.dirs (package xdg-user-dirs)\n"
        );
    }
}

#[test]
fn such_a_folder_never_opens_the_home_folder_by_another_name() {
    for (file, folder) in [
        ("$HOME/..", "`/home`, which your home folder is in"),
        ("/", "`/`, which your home folder is in"),
        ("/link", "your whole home folder"),
    ] {
        let host = Host::new()
            .link("/link", "/home/ann")
            .file("/home/ann/.config/user-dirs.dirs", format!("XDG_MUSIC_DIR=\"{file}\"\n"));
        for key in ["[filesystem]\nread", "[filesystem]\nwrite", "[desktop]\nshared"] {
            let said = host.problems(&format!("{key} = [\"${{XDG_MUSIC_DIR}}\"]\n"));
            assert!(said.contains(&format!("`${{XDG_MUSIC_DIR}}` opens {folder}\n")), "{said}");
        }
    }
}
