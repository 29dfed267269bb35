//! `command.grant-args`: what the words of a command name is visible, and nothing beside it.

use super::fixture::{Host, asked, rendered};
use crate::host::{FileKind, Look, Paths};
use crate::plan::{Mount, MountKind, Origin, Plan};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

const READ: &str = "[command]\ngrant-args = 'read'\n";
const WRITE: &str = "[command]\ngrant-args = 'write'\n";

/// Ann's machine with documents on it.
fn host() -> Host {
    Host::new()
        .file("/home/ann/work/report.pdf", "")
        .file("/home/ann/work/beside.pdf", "")
        .file("/home/ann/work/sub/deep.pdf", "")
        .file("/home/ann/other/notes.txt", "")
        .file("/srv/data/table.csv", "")
}

fn run(host: &Host, profile: &str, words: &[&str]) -> (Plan, String) {
    let argv: Vec<&str> = [&["open"], words].concat();
    match host.lower(profile, &[], &argv) {
        Ok((plan, warnings)) => (plan, rendered(&warnings)),
        Err(found) => panic!("{words:?}\n{}", rendered(&found)),
    }
}

/// What is mounted for these words, as somebody asked for it.
#[track_caller]
fn granted(host: &Host, profile: &str, words: &[&str]) -> String {
    let (plan, warnings) = run(host, profile, words);
    assert_eq!(warnings, "");
    asked(&plan)
}

#[track_caller]
fn refused(host: &Host, profile: &str, words: &[&str]) -> String {
    let argv: Vec<&str> = [&["open"], words].concat();
    match host.lower(profile, &[], &argv) {
        Ok((plan, _)) => panic!("{words:?} is granted: {}", asked(&plan)),
        Err(found) => rendered(&found),
    }
}

#[test]
fn a_word_that_names_a_file_shows_that_file_and_the_caller_stays_where_it_is() {
    for word in ["report.pdf", "./report.pdf", "../work/report.pdf", "/home/ann/work/report.pdf", "sub/../report.pdf"] {
        let (plan, warnings) = run(&host(), READ, &[word]);
        let sub = if word.starts_with("sub") { "folder /home/ann/work/sub 0755\n" } else { "" };
        assert_eq!(
            (asked(&plan), warnings),
            (format!("read /home/ann/work/report.pdf\n{sub}"), String::new()),
            "{word}"
        );
        assert_eq!(plan.command.directory, Path::new("/home/ann/work"), "{word}");
    }
    assert_eq!(granted(&host(), WRITE, &["report.pdf"]), "write /home/ann/work/report.pdf\n");
    // Control: nobody asked for it.
    for profile in ["", "[command]\ngrant-args = 'none'\n"] {
        let (plan, _) = run(&host(), profile, &["report.pdf"]);
        assert_eq!((asked(&plan).as_str(), plan.command.directory.as_path()), ("", Path::new("/")));
    }
}

#[test]
fn the_folder_of_the_caller_is_there_for_a_word_that_leads_out_of_it() {
    let (plan, warnings) = run(&host(), READ, &["../other/notes.txt"]);
    assert_eq!(asked(&plan), "folder /home/ann/work 0755\nread /home/ann/other/notes.txt\n");
    assert_eq!((plan.command.directory.as_path(), warnings.as_str()), (Path::new("/home/ann/work"), ""));
    // So is what it passes through on the way.
    let deeper = host().folder("/home/ann/work/a/b");
    assert_eq!(
        granted(&deeper, READ, &["a/b/../../report.pdf"]),
        "read /home/ann/work/report.pdf\nfolder /home/ann/work/a/b 0755\n"
    );
    // An absolute one needs it not.
    assert_eq!(granted(&host(), READ, &["/home/ann/other/notes.txt"]), "read /home/ann/other/notes.txt\n");
}

#[test]
fn a_word_leads_where_it_leads_outside_and_not_where_its_text_would() {
    // Ann is in a folder by a symlink to it: `..` is the folder above what it leads to.
    let mut host = host()
        .file("/srv/here/there/x", "")
        .file("/srv/here/file", "")
        .file("/home/ann/file", "the wrong one")
        .link("/home/ann/there", "/srv/here/there")
        .file("/home/ann/there/test.toml", "");
    host.working_directory = "/home/ann/there";
    let (plan, warnings) = run(&host.clone().file("/srv/here/there/test.toml", ""), READ, &["../file"]);
    assert_eq!(warnings, "");
    assert_eq!(
        asked(&plan),
        "link /home/ann/there -> /srv/here/there\nread /srv/here/file\nfolder /srv/here/there 0755\n"
    );
    assert_eq!(plan.command.directory, Path::new("/home/ann/there"));
}

#[test]
fn a_folder_of_the_system_is_shown_as_it_is_or_says_what_of_the_profile_is_in_the_way() {
    let host = host().link("/etc/mtab", "../proc/self/mounts");
    let shell = format!("extends = [\"base\"]\n{READ}");
    let (plan, _) = run(&host, &shell, &["/etc"]);
    let mounts = asked(&plan);
    assert!(mounts.contains("read /etc\n") && !mounts.contains("mtab"), "{mounts}");
    // What the profile has there instead of the host's own is no longer there; that is not passed over.
    let file = format!("extends = [\"base\", \"desktop\"]\n{READ}");
    let told = refused(&host, &file, &["/etc"]);
    let hint = "hint: `/etc` is opened by argument 1 of the command, as it is on the host; `--drop /etc/machine-id` does without";
    assert!(told.contains("the file `/etc/machine-id` cannot be made inside `/etc`") && told.contains(hint), "{told}");
    let old = host.link("/etc/mtab", "/proc/mounts");
    assert!(refused(&old, &shell, &["/etc"]).contains("`--drop /etc/mtab` does without the entry"));
}

#[test]
fn options_urls_and_words_that_name_nothing_are_left_alone() {
    let host = host().file("/home/ann/work/-r", "").file("/home/ann/work/--", "").file("/home/ann/work/file:/x", "");
    let nothing = [
        "-r",
        "--file=report.pdf",
        "-",
        "file:///srv/data/table.csv",
        "http://report.pdf",
        "file://x",
        "",
        "none",
        "report.pdf/",
        "report.pdf/.",
        "report.pdf/../sub/deep.pdf",
    ];
    for word in nothing {
        assert_eq!(granted(&host, READ, &[word]), "", "{word}");
    }
    assert_eq!(granted(&host, READ, &["-r", "--", "-r"]), "read /home/ann/work/-r\n");
    assert_eq!(granted(&host, READ, &["--", "--"]), "read /home/ann/work/--\n");
    // What only looks like a URL is a path.
    assert_eq!(granted(&host, READ, &["./file://x"]), "read /home/ann/work/file:/x\n");
    // The program is none of the arguments.
    let program = host.lower(READ, &[], &["./report.pdf"]).expect("a plan").0;
    assert_eq!(asked(&program), "");
}

#[test]
fn a_folder_is_opened_with_all_that_is_in_it_and_two_words_for_one_file_are_one() {
    assert_eq!(granted(&host(), READ, &["sub", "sub/deep.pdf", "./sub/"]), "read /home/ann/work/sub\n");
    assert_eq!(granted(&host(), READ, &["report.pdf", "./report.pdf"]), "read /home/ann/work/report.pdf\n");
    assert_eq!(granted(&host(), READ, &["."]), "read /home/ann/work\n");
}

#[test]
fn a_symlink_is_there_with_what_it_leads_to() {
    let host = host().link("/home/ann/work/latest", "../other/notes.txt").link("/home/ann/work/broken", "none");
    assert_eq!(
        granted(&host, READ, &["latest"]),
        "read /home/ann/other/notes.txt\nlink /home/ann/work/latest -> ../other/notes.txt\n"
    );
    assert_eq!(granted(&host, READ, &["broken"]), "");
    // A folder that is named as well has the symlink itself, whoever needed it first.
    assert_eq!(granted(&host, READ, &["latest", "."]), "read /home/ann/work\nread /home/ann/other/notes.txt\n");
    let entry = format!("{READ}[filesystem]\nread = ['/home/ann/work/latest']\n");
    assert_eq!(granted(&host, &entry, &["."]), "read /home/ann/work\nread /home/ann/other/notes.txt\n");
}

#[test]
fn a_symlink_that_leads_out_of_what_is_writable_is_refused() {
    let host = host().link("/home/ann/work/planted", "/srv/data/table.csv").link("/home/ann/work/inner", "report.pdf");
    let write = format!("{READ}[filesystem]\nwrite = ['${{PWD}}']\n");
    assert_eq!(
        refused(&host, &write, &["planted"]),
        "command:1:6 planted : `/home/ann/work/planted` is a symlink that leads out of `/home/ann/work`, to \
         `/srv/data/table.csv`\n  hint: what runs inside can write to `/home/ann/work` and so may have planted it; if it \
         is yours, name `/srv/data/table.csv` itself\n"
    );
    assert!(refused(&host, WRITE, &[".", "planted"]).contains("leads out of"));
    // Control: one that stays in it, or leads to what is visible anyway, opens nothing.
    assert_eq!(granted(&host, &write, &["inner"]), "write /home/ann/work\n");
    assert_eq!(
        granted(&host, &format!("{write}read = ['/srv/data']\n"), &["planted"]),
        "read /srv/data\nwrite /home/ann/work\n"
    );
}

#[test]
fn what_is_visible_already_stays_as_it_is_but_is_writable_where_that_is_granted() {
    let covered = |grant: &str, list: &str, words: &[&str]| {
        granted(&host(), &format!("{grant}[filesystem]\n{list} = ['/home/ann/work']\n"), words)
    };
    assert_eq!(covered(READ, "read", &["report.pdf"]), "read /home/ann/work\n");
    assert_eq!(covered(READ, "write", &["report.pdf"]), "write /home/ann/work\n");
    assert_eq!(covered(WRITE, "write", &["report.pdf"]), "write /home/ann/work\n");
    assert_eq!(covered(WRITE, "read", &["report.pdf"]), "read /home/ann/work\nwrite /home/ann/work/report.pdf\n");
    // At the very path of an entry as well.
    assert_eq!(covered(WRITE, "read", &["."]), "write /home/ann/work\n");
    assert_eq!(covered(READ, "write", &["."]), "write /home/ann/work\n");
    // By a symlink to it that is not visible, too.
    let linked = host().link("/home/ann/link", "work/report.pdf");
    assert_eq!(
        granted(&linked, &format!("{READ}[filesystem]\nwrite = ['/home/ann/work']\n"), &["/home/ann/link"]),
        "link /home/ann/link -> work/report.pdf\nwrite /home/ann/work\n"
    );
}

#[test]
fn what_an_entry_shows_at_that_very_path_is_for_the_entry_to_say() {
    let other = format!(
        "{READ}[filesystem]\ntmpfs = ['/tmp']\nfiles = {{ '/srv/data/table.csv' = 'mine' }}\n\
         read = [{{ path = '/home/ann/work/report.pdf', from = '/home/ann/work/beside.pdf' }}]\n"
    );
    let before = granted(&host(), &other, &[]);
    assert_eq!(granted(&host(), &other, &["/tmp", "/srv/data/table.csv", "report.pdf"]), before);
    // In a folder of memory it is placed like anywhere else.
    let host = host().file("/tmp/x.pdf", "");
    assert!(granted(&host, &other, &["/tmp/x.pdf"]).contains("read /tmp/x.pdf\n"));
}

#[test]
fn what_a_line_hides_stays_hidden() {
    let host = host().link("/home/ann/work/link", "report.pdf").link("/home/ann/alias", "work");
    let hide = |grant: &str, entries: &str| format!("{grant}[filesystem]\n{entries}\n");
    let line = |word: &str| {
        format!(
            "command:1:6 {word} : `{word}` is hidden, so the command cannot have it\n  hint: it is hidden by test.toml:4:9; `--drop` takes such an entry back\n"
        )
    };
    for entries in [
        "hide = ['/home/ann/work']",
        "hide = ['${PWD}/*.pdf']",
        "hide = ['~/**/report.*']",
        "hide = ['~/*']",
        "hide = ['/home/ann/alias/report.pdf']",
        "hide = ['/home/ann/alias/rep*']",
        "hide = ['/home']",
    ] {
        for grant in [READ, WRITE] {
            for word in ["report.pdf", "link", "/home/ann/alias/report.pdf"] {
                assert_eq!(refused(&host, &hide(grant, entries), &[word]), line(word), "{entries}");
            }
            // With the folder visible, or in memory, too.
            for more in ["\nread = ['/home']", "\nwrite = ['/home/ann']", "\ntmpfs = ['~']"] {
                let is_nearer = entries.contains("'/home'") || entries.contains("~/*'");
                if !is_nearer {
                    assert_eq!(
                        refused(&host, &hide(grant, &format!("{entries}{more}")), &["report.pdf"]),
                        line("report.pdf"),
                        "{entries}{more}"
                    );
                }
            }
        }
    }
    // By the name of a symlink that the word does not go by.
    let by_link = hide(READ, "hide = ['${PWD}/lin?']\nread = ['${PWD}']");
    assert_eq!(refused(&host, &by_link, &["report.pdf"]), line("report.pdf"));
    // And where a symlink is there only for the word to pass through it.
    let by_way = hide(READ, "hide = ['/home/ann/to/notes.txt']\nread = ['/home/ann/other']");
    let linked = host.clone().link("/home/ann/to", "other");
    assert!(granted(&linked, &by_way, &["/home/ann/to/../work/report.pdf"]).contains("hide /home/ann/other/notes.txt"));
    // Control: what an entry shows below it or by its own name can be had, and other names fit no pattern.
    let named = hide(READ, "hide = ['~/**/*.pdf']\nread = ['/home/ann/work/report.pdf']");
    assert_eq!(granted(&host, &named, &["report.pdf"]), "read /home/ann/work/report.pdf\n");
    let nearer = hide(READ, "hide = ['/home/ann']\nread = ['/home', '/home/ann/work']");
    assert!(granted(&host, &nearer, &["report.pdf"]).contains("read /home/ann/work\n"));
    assert_eq!(
        granted(&host, &hide(READ, "hide = ['${PWD}/b*.pdf']"), &["report.pdf"]),
        "read /home/ann/work/report.pdf\n"
    );
}

#[test]
fn what_a_line_hides_or_locks_in_a_granted_folder_is_hidden_and_locked_there() {
    let entries = "[filesystem]\nhide = ['~/**/beside*']\nread = ['/home/ann/work/*/deep*']\n";
    assert_eq!(
        granted(&host(), &format!("{WRITE}{entries}"), &["."]),
        "write /home/ann/work\nhide /home/ann/work/beside.pdf\npin /home/ann/work/sub\nlock /home/ann/work/sub/deep.pdf\n"
    );
    let locked =
        format!("{WRITE}[filesystem]\nwrite = ['/home/ann/other']\nread = ['/home/ann/**/deep*', '/home/ann/work']\n");
    assert!(!granted(&host(), &locked, &["sub/deep.pdf"]).contains("write /home/ann/work/sub"));
    assert!(!granted(&host(), &locked, &["sub/deep.pdf", "./sub/deep.pdf"]).contains("write /home/ann/work/sub"));
    assert!(granted(&host(), &locked, &["report.pdf"]).contains("write /home/ann/work/report.pdf"));
}

#[test]
fn the_home_folder_and_those_of_the_system_are_refused() {
    let mut host = host()
        .link("/home/ann/me", ".")
        .file("/run/user/1000/bus", "")
        .file("/run/media/ann/stick/film", "")
        .folder("/sys/class")
        .file("/run/resolv", "");
    for (word, what) in [
        ("/home/ann", "your whole home folder"),
        ("..", "your whole home folder"),
        ("/home/ann/me/", "your whole home folder"),
        ("/home", "a folder that your home folder is in"),
        ("/", "a folder that your home folder is in"),
        ("../../..", "a folder that your home folder is in"),
        ("/proc", "a folder that the sandbox has its own of"),
        ("/dev", "a folder that the sandbox has its own of"),
        ("/sys/", "a folder that the sandbox has its own of"),
        ("/run", "a folder of services that run outside"),
        ("/run/user/1000", "a folder of services that run outside"),
        ("/run/media", "a folder of services that run outside"),
    ] {
        for grant in [READ, WRITE] {
            let said = refused(&host, grant, &[word]);
            let start =
                format!("command:1:6 {word} : `{word}` is {what}, which no argument opens\n  hint: name the files");
            assert!(said.starts_with(&start), "{said}");
        }
    }
    assert_eq!(granted(&host, READ, &["/run/media/ann/stick"]), "read /run/media/ann/stick\n");
    assert_eq!(granted(&host, READ, &["/run/resolv"]), "read /run/resolv\n");
    // Nothing more is opened where it is visible already.
    assert_eq!(granted(&host, &format!("{READ}[filesystem]\nread = ['~']\n"), &["/home/ann"]), "read /home/ann\n");
    host.working_directory = "/home/ann";
    assert!(refused(&host, READ, &["."]).contains("your whole home folder"));
}

#[test]
fn what_the_kernel_makes_and_what_is_no_file_is_left_alone() {
    let host = host()
        .file("/proc/cpuinfo", "")
        .link("/proc/self", "1")
        .link("/proc/1/cwd", "/home/ann/work")
        .link("/proc/1/fd/0", "/srv/data/table.csv")
        .link("/dev/stdin", "/proc/self/fd/0")
        .link("/home/ann/work/magic", "/proc/self/cwd")
        .file("/dev/shm/x", "")
        .file("/sys/class/x", "")
        .special("/srv/node");
    for word in [
        "/proc/cpuinfo",
        "/dev/stdin",
        "/proc/self/cwd",
        "/proc/self/cwd/report.pdf",
        "/proc/self/cwd/../other/notes.txt",
        "magic",
        "magic/report.pdf",
        "/dev/null",
        "/dev/shm/x",
        "/sys/class/x",
        "/srv/node",
    ] {
        assert_eq!(granted(&host, READ, &[word]), "", "{word}");
    }
}

#[test]
fn a_name_is_taken_as_it_is() {
    for name in ["*", "$HOME", "${PWD}", "a\nb", "[*]", "a b", "~", "a:b", "x\u{1b}y"] {
        let path: &'static str = format!("/home/ann/work/{name}").leak();
        let host = host().file(path, "");
        assert_eq!(granted(&host, READ, &[name]), format!("read {path}\n"), "{name}");
    }
    // A pattern in a word is none.
    assert_eq!(granted(&host(), READ, &["*.pdf", "~/other/notes.txt", "$HOME", "${PWD}/report.pdf"]), "");
    let (plan, _) = run(&host().file("/home/ann/work/a\nb", ""), READ, &["x", "a\nb", "report.pdf"]);
    let origins: Vec<_> = mounts(&plan).map(|mount| mount.origin.to_string()).collect();
    assert_eq!(origins, ["argument 2 of the command", "argument 3 of the command"]);
}

#[test]
fn a_name_need_not_be_utf_8() {
    use crate::frontend::profile::{Request, load_from, lower};
    #[derive(Debug)]
    struct Odd(Host, OsString);
    impl Paths for Odd {
        fn look(&self, path: &Path) -> Look {
            match path.as_os_str() == self.1 {
                true => Look::Found { kind: FileKind::File, device: 1, inode: 9_999 },
                false => self.0.look(path),
            }
        }
        fn owner(&self, path: &Path) -> Option<u32> {
            self.0.owner(path)
        }
        fn list(&self, folder: &Path) -> Option<Vec<crate::host::Listed>> {
            self.0.list(folder)
        }
        fn read(&self, file: &Path) -> Option<String> {
            Paths::read(&self.0, file)
        }
    }
    let host = host().file("/home/ann/work/test.toml", READ);
    let mut facts = host.facts();
    let name = OsString::from_vec(b"\xff.pdf".to_vec());
    let path = Path::new("/home/ann/work").join(&name);
    facts.paths = Box::new(Odd(host.clone(), path.clone().into()));
    let chain = load_from(&host, "test.toml".as_ref(), &facts).expect("a chain");
    let request = Request { argv: vec!["open".into(), "report.pdf".into(), name], ..Request::default() };
    let (plan, _) = lower(&chain, &request, &facts).expect("a plan");
    assert!(mounts(&plan).any(|mount| mount.destination == path && mount.origin == Origin::Argument(2)));
}

fn mounts(plan: &Plan) -> impl Iterator<Item = &Mount> {
    plan.mounts.iter().filter(|mount| matches!(mount.kind, MountKind::Bind { .. }))
}

#[test]
fn the_last_word_of_flags_and_profiles_counts() {
    let lower = |flags: &[(&str, &str, &str)]| {
        let (plan, _) = host().lower(READ, flags, &["open", "report.pdf"]).expect("a plan");
        asked(&plan)
    };
    assert_eq!(lower(&[("--set", "command.grant-args", "'write'")]), "write /home/ann/work/report.pdf\n");
    assert_eq!(lower(&[("--grant-args", "command.grant-args", "none")]), "");
    assert!(host().problems("[command]\ngrant-args = 'raed'\n").contains("did you mean `read`?"));
    // The command that the profile itself names is granted as any other.
    let own = host().lower(&format!("{READ}argv = ['open', 'report.pdf']\n"), &[], &[]).expect("a plan").0;
    assert_eq!(asked(&own), "read /home/ann/work/report.pdf\n");
}

#[test]
fn who_starts_elsewhere_is_told_that_relative_words_mean_something_else() {
    let elsewhere = format!("{READ}directory = '/tmp'\n[filesystem]\ntmpfs = ['/tmp']\n");
    let (_, warnings) = run(&host(), &elsewhere, &["report.pdf"]);
    assert_eq!(
        warnings,
        "warning: command:1:6 report.pdf : the command starts in `/tmp`, where `report.pdf` is not what it is here\n  \
         hint: name it by its whole path: `/home/ann/work/report.pdf`\n"
    );
    assert_eq!(run(&host(), &elsewhere, &["/home/ann/work/report.pdf"]).1, "");
}

#[test]
fn in_a_root_of_the_hosts_own_making_a_word_is_a_file_outside_all_the_same() {
    let root =
        |access: &str| format!("{READ}[filesystem]\nroot = {{ directory = '/srv/debian', access = '{access}' }}\n");
    let host =
        host().folder("/srv/debian/proc").folder("/srv/debian/dev").file("/srv/debian/srv/data/table.csv", "another");
    let table = granted(&host, &root("read"), &["/srv/data/table.csv"]);
    assert!(table.contains("read /srv/data/table.csv\n"), "{table}");
    assert!(refused(&host, &root("read"), &["/home/ann/work/report.pdf"]).contains("does not exist inside `/`"));
    let (plan, _) = run(&host, &root("discard"), &["/home/ann/work/report.pdf"]);
    assert!(asked(&plan).contains("read /home/ann/work/report.pdf\n"));
    // With changes discarded, a file that is granted for writing is the host's own.
    let own = "[filesystem]\nroot = { directory = '/', access = 'discard' }\n";
    assert_eq!(
        granted(&host, &format!("{WRITE}{own}"), &["/home/ann/work/report.pdf"]),
        "write /home/ann/work/report.pdf\n"
    );
    assert_eq!(granted(&host, &format!("{READ}{own}"), &["/home/ann/work/report.pdf"]), "");
}
