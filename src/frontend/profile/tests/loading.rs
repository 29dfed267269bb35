//! How profiles are found and read, and what is none.

use super::fixture::{Host, rendered};
use crate::frontend::profile::load::{available_from, load_from};
use crate::frontend::profile::shelf::EMBEDDED;
use std::ffi::OsStr;

#[track_caller]
fn says(text: impl AsRef<[u8]>, expected: &str) {
    let host = Host::new().file("/home/ann/work/bad.toml", text);
    assert_eq!(named(&host, "./bad.toml"), expected);
}

/// What is said when a profile is named so; the names of its chain if nothing is wrong.
fn named(host: &Host, word: &str) -> String {
    match load_from(host, OsStr::new(word), &host.facts()) {
        Ok(chain) => chain.names().join(" "),
        Err(found) => rendered(&found),
    }
}

/// The names of the embedded profiles, as a message shows them.
fn built_in() -> String {
    let mut names = EMBEDDED.map(|(name, _)| name);
    names.sort_unstable();
    names.join(", ")
}

#[test]
fn texts_that_are_no_profile() {
    says(
        "\u{feff}description = \"x\"\n",
        "./bad.toml:1:1 \u{feff} : the file starts with a byte order mark\n  hint: save it as UTF-8 without one\n",
    );
    says(
        "description = \"a\0b\"\n",
        "./bad.toml:1:17 \0 : the file contains a NUL byte\n  hint: a profile is a text file in UTF-8\n",
    );
    says(
        b"description = \"a\n\xff\"\n",
        "./bad.toml:2:1 \u{fffd} : byte 18 is not UTF-8\n  hint: a profile is a text file in UTF-8\n",
    );
    says(vec![b'#'; (1 << 20) + 1], "`./bad.toml` is larger than 1 MiB, so it cannot be a profile\n");
    says(b"#\n".repeat(1 << 19), "./bad.toml");
    says(
        [&b"#\n"[..], &[b'#'; 65537]].concat(),
        "line 2 of `./bad.toml` has 65537 bytes, where 65536 are the most\n  \
         hint: lists may be broken into lines, and so may strings between three quotes\n",
    );
    says(vec![b'#'; 65536], "./bad.toml");
    says(
        "description = \"a\"\ndescription = \"b\"\n",
        "./bad.toml:2:1 description : `description` is here for the second time\n  \
         hint: a key or section stands in a profile once; join the two\n",
    );
    let nested = format!("description = {}1{}\n", "[".repeat(500), "]".repeat(500));
    let host = Host::new().file("/home/ann/work/bad.toml", nested);
    assert!(named(&host, "./bad.toml").contains("values are nested too deeply"));
}

#[test]
fn every_slip_of_syntax_is_said_once_a_line() {
    says(
        "description = \nextends = [\n[network\n",
        "./bad.toml:1:15  : a value is missing\n\
         ./bad.toml:3:2 network : only numbers, `true` and `false` stand without quotes\n  \
         label: did you mean `\"network\"`?\n",
    );
}

#[test]
fn a_bare_name_is_an_installed_profile_and_never_a_file_of_the_working_directory() {
    let host =
        Host::new().file("/home/ann/work/mine.toml", "").file("/home/ann/work/strict.toml", "description = 'evil'\n");
    assert_eq!(named(&host, "strict"), "strict");
    assert_eq!(named(&host, "mine"), "no profile `mine`\n  hint: the file here is `./mine.toml`\n");
    assert_eq!(
        named(&host, "other.toml"),
        format!(
            "no file `other.toml` here, and no profile `other`\n  hint: there are {}; a file is named with a slash\n",
            built_in()
        )
    );
    assert_eq!(
        named(&host, "stric"),
        "no profile `stric`\n  hint: did you mean `strict`? A file is named with a slash\n"
    );
    // The person's own come first, then the machine's, then the embedded ones.
    let machine = host.file("/etc/nsbox/profiles/mine.toml", "").file("/etc/nsbox/profiles/strict.toml", "");
    assert_eq!(named(&machine, "mine"), "/etc/nsbox/profiles/mine.toml");
    assert_eq!(named(&machine, "strict"), "/etc/nsbox/profiles/strict.toml");
    let mut own = machine.file("/home/ann/.config/nsbox/profiles/strict.toml", "");
    assert_eq!(named(&own, "strict"), "/home/ann/.config/nsbox/profiles/strict.toml");
    own.environment.push(("XDG_CONFIG_HOME", "/srv/config"));
    assert_eq!(named(&own, "strict"), "/etc/nsbox/profiles/strict.toml");
    // One that cannot be read is not passed over for a wider one.
    let broken = own.special("/srv/config/nsbox/profiles/strict.toml");
    assert_eq!(
        named(&broken, "strict"),
        "cannot read the profile `/srv/config/nsbox/profiles/strict.toml`: Permission denied (EACCES)\n"
    );
}

#[test]
fn a_name_with_toml_is_the_file_here_else_the_installed_one_and_never_a_silent_choice() {
    let host = Host::new();
    assert_eq!(named(&host, "strict.toml"), "strict");
    assert_eq!(named(&host.clone().file("/home/ann/work/mine.toml", ""), "mine.toml"), "mine.toml");
    let both = host.clone().file("/home/ann/work/strict.toml", "description = 'mine'\n");
    assert_eq!(
        named(&both, "strict.toml"),
        "`strict.toml` is a file here, and `strict` is an installed profile that differs\n  \
         hint: write `--profile ./strict.toml` for the file, or `--profile strict`\n"
    );
    let same = host.file("/home/ann/work/strict.toml", include_str!("../../../../profiles/strict.toml"));
    assert_eq!(named(&same, "strict.toml"), "strict.toml");
}

#[test]
fn a_word_with_a_slash_is_a_file() {
    let host = Host::new().file("/srv/p", "").folder("/srv/folder").link("/srv/loop", "loop");
    assert_eq!(named(&host, "/srv/p"), "/srv/p");
    assert_eq!(named(&host, "../../../srv/p"), "../../../srv/p");
    assert_eq!(named(&host, "./none.toml"), "no profile at `./none.toml`: there is no such file\n");
    assert_eq!(
        named(&host, "/srv/folder"),
        "`/srv/folder` is a folder, not a profile\n  hint: name the file in it, as in `FOLDER/NAME.toml`\n"
    );
    assert_eq!(named(&host, "/srv/loop"), "cannot read the profile `/srv/loop`: Permission denied (EACCES)\n");
}

#[test]
fn extends_names_profiles_and_files_beside_the_one_that_names_them() {
    let host = Host::new()
        .file("/srv/p/one.toml", "extends = ['./two.toml', '../q/three.toml', 'strict']\n")
        .file("/srv/p/two.toml", "extends = ['../q/three.toml']\n")
        .file("/srv/q/three.toml", "");
    // What two others build on is applied once, before both.
    assert_eq!(named(&host, "/srv/p/one.toml"), "/srv/p/../q/three.toml /srv/p/two.toml strict /srv/p/one.toml");
    let mut host = host;
    host.working_directory = "/srv/p";
    assert_eq!(named(&host, "./one.toml"), "./../q/three.toml ./two.toml strict ./one.toml");
    assert_eq!(named(&host, "one.toml"), "./../q/three.toml ./two.toml strict one.toml");
}

#[test]
fn what_extends_cannot_name_is_an_error_at_its_place() {
    says(
        "extends = 'base'\n",
        "./bad.toml:1:11 'base' : expected a list of profile names, found a string\n  hint: write `extends = [\"base\"]`\n",
    );
    // What else is wrong is said too; but not what hangs on the profile that is not there.
    says(
        "extends = ['bse']\n[filesystem]\nraed = []\ndrop = ['/opt']\n",
        "./bad.toml:1:12 'bse' : no profile `bse`\n  hint: did you mean `base`? A file is named with a slash\n\
         ./bad.toml:3:1 raed : unknown key `raed` in `[filesystem]`\n  label: did you mean `read`?\n",
    );
    says("extends = [1]\n", "./bad.toml:1:12 1 : expected the name of a profile, found a number\n");
    says(
        "extends = ['bse', 'nothing at all']\n",
        &format!(
            "./bad.toml:1:12 'bse' : no profile `bse`\n  hint: did you mean `base`? A file is named with a slash\n\
             ./bad.toml:1:19 'nothing at all' : no profile `nothing at all`\n  \
             hint: there are {}; a file is named with a slash\n",
            built_in()
        ),
    );
    says(
        "extends = ['base.toml']\n",
        "./bad.toml:1:12 'base.toml' : `base.toml` names neither a file nor a profile\n  \
         hint: write `./base.toml` for the file beside this one, or `base` for the installed profile\n",
    );
    says(
        "extends = ['./gone.toml']\n",
        "./bad.toml:1:12 './gone.toml' : no profile at `./gone.toml`: there is no such file\n",
    );
    says(
        "extends = ['./bad.toml']\n",
        "./bad.toml:1:12 './bad.toml' : `./bad.toml` builds on this profile, so this one cannot build on it\n  label: a loop\n",
    );
}

#[test]
fn a_loop_of_profiles_is_found_wherever_it_closes() {
    let host = Host::new()
        .file("/home/ann/work/a.toml", "extends = ['./b.toml']\n")
        .file("/home/ann/work/b.toml", "extends = ['strict', './c/../a.toml']\n");
    assert_eq!(
        named(&host, "./a.toml"),
        "./b.toml:1:22 './c/../a.toml' : `./c/../a.toml` builds on this profile, so this one cannot build on it\n  label: a loop\n"
    );
}

#[test]
fn a_chain_that_never_ends_is_cut_where_it_becomes_too_long() {
    let chain = |length: usize| {
        let texts = (1..length).map(|i| (i, format!("extends = ['./p{}.toml']\n", i + 1)));
        let host = Host::new().file(&format!("/home/ann/work/p{length}.toml"), "");
        texts.fold(host, |host, (i, text)| host.file(&format!("/home/ann/work/p{i}.toml"), text))
    };
    for length in [17, 50] {
        assert_eq!(
            named(&chain(length), "./p1.toml"),
            "./p16.toml:1:12 './p17.toml' : more than 16 profiles build on each other\n  \
             hint: let one of them say what several of these say\n"
        );
    }
    assert_eq!(named(&chain(16), "./p1.toml").split(' ').count(), 16);
}

#[test]
fn profiles_that_can_be_named_are_listed_with_their_place() {
    let host = Host::new()
        .file("/etc/nsbox/profiles/mine.toml", "description = 'Mine'\n")
        .file("/etc/nsbox/profiles/strict.toml", "description = 'Stricter'\n")
        .file("/etc/nsbox/profiles/README", "");
    let listed = available_from(&host, &host.facts());
    let lines: Vec<String> =
        listed.iter().map(|one| format!("{} {} {}", one.name, one.place, one.description)).collect();
    let line = |name: &str| lines.iter().find(|line| line.starts_with(name)).map(String::as_str).unwrap_or_default();
    assert_eq!(line("mine"), "mine /etc/nsbox/profiles/mine.toml Mine");
    assert_eq!(line("strict"), "strict /etc/nsbox/profiles/strict.toml Stricter");
    assert!(line("base").starts_with("base built in ") && lines.is_sorted() && lines.len() == EMBEDDED.len() + 1);
}

#[test]
fn the_built_in_profile_is_had_whatever_is_installed_under_its_name() {
    let own = "description = \"somebody's own\"\n";
    let host = ["dbus-proxy", "strict"]
        .iter()
        .fold(Host::new(), |host, name| host.file(&format!("/home/ann/.config/nsbox/profiles/{name}.toml"), own));
    assert_eq!(named(&host, "builtin:dbus-proxy"), "strict dbus-proxy");
    // Control: by its name alone it is somebody's own.
    assert_eq!(named(&host, "dbus-proxy"), "/home/ann/.config/nsbox/profiles/dbus-proxy.toml");
    let host = Host::new().file("/home/ann/work/x.toml", own);
    for word in ["builtin:./x.toml", "builtin:x.toml", "builtin:x", "builtin:"] {
        assert!(named(&host, word).starts_with("no profile"), "{word}: {}", named(&host, word));
    }
}
