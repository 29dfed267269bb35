//! What is hidden, and what patterns in `filesystem.hide` stand for.

use super::fixture::{Host, asked, rendered};
use crate::error::Errno;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::ffi::OsStr;

/// Ann's project, with a few secrets in it.
fn host() -> Host {
    Host::new()
        .file("/home/ann/work/.env", "")
        .file("/home/ann/work/.env.local", "")
        .file("/home/ann/work/notes", "")
        .folder("/home/ann/work/a/b/c/d/e")
        .file("/home/ann/work/a/id_one", "")
        .file("/home/ann/work/a/b/c/d/id_deep", "")
        .file("/home/ann/work/a/b/c/d/e/id_too_deep", "")
}

/// The paths that are hidden.
#[track_caller]
fn hidden(host: &Host, profile: &str) -> Vec<String> {
    let mounts = asked(&host.plan(profile));
    mounts.lines().filter_map(|line| line.strip_prefix("hide ")).map(str::to_owned).collect()
}

#[test]
fn what_a_person_hides_and_is_not_there_gives_a_warning() {
    let warned = |profile: &str, flags: &[(&str, &str, &str)]| {
        let (_, odd) = host().lower(profile, flags, &["bash"]).expect("a plan");
        rendered(&odd)
    };
    assert_eq!(
        warned(&work(""), &[("--hide", "filesystem.hide", ".evn")]),
        "warning: --hide:1:1 .evn : `/home/ann/work/.evn` does not exist, so there is nothing to hide\n  \
         hint: what is created later is not covered\n"
    );
    // What is there, but not shown, is hidden well enough; a profile may name what not every project has.
    assert_eq!(warned("", &[("--hide", "filesystem.hide", ".env")]), "");
    assert_eq!(warned(&work("'${PWD}/.evn'"), &[("--hide", "filesystem.hide", "./*.evn")]), "");
}

fn work(hide: &str) -> String {
    format!("[filesystem]\nwrite = [\"${{PWD}}\"]\nhide = [{hide}]\n")
}

#[test]
fn a_star_stands_for_names_in_one_folder_and_two_for_folders_to_a_depth_of_four() {
    let cases: [(&str, &[&str]); 7] = [
        ("'${PWD}/.env*'", &["/home/ann/work/.env", "/home/ann/work/.env.local"]),
        ("'${PWD}/*/id_???'", &["/home/ann/work/a/id_one"]),
        ("'${PWD}/**/id_*'", &["/home/ann/work/a/id_one", "/home/ann/work/a/b/c/d/id_deep"]),
        ("'${PWD}/**/.env'", &["/home/ann/work/.env"]),
        ("'~/*/.env.*'", &["/home/ann/work/.env.local"]),
        ("'${PWD}/**/c'", &["/home/ann/work/a/b/c"]),
        ("'${PWD}/no*', '${PWD}/none*', '/nowhere/**/x', '${PWD}/notes/*'", &["/home/ann/work/notes"]),
    ];
    for (hide, expected) in cases {
        assert_eq!(hidden(&host(), &work(hide)), expected, "{hide}");
    }
}

#[test]
fn what_a_pattern_stands_for_is_pinned_like_any_island() {
    assert_eq!(
        asked(&host().plan(&work("'${PWD}/**/id_o*'"))),
        "write /home/ann/work\npin /home/ann/work/a\nhide /home/ann/work/a/id_one\n"
    );
}

#[test]
fn a_hidden_folder_is_not_looked_into() {
    let all = "'${PWD}/*', '${PWD}/**/id_*', '${PWD}/a/b/c'";
    let top = [
        "/home/ann/work/.env",
        "/home/ann/work/.env.local",
        "/home/ann/work/a",
        "/home/ann/work/notes",
        "/home/ann/work/test.toml",
    ];
    assert_eq!(hidden(&host(), &work(all)), top);
    assert_eq!(hidden(&host(), &work("'${PWD}/**'")), top);
    let by_path = "'${PWD}/a', '${PWD}/**/id_*'";
    assert_eq!(hidden(&host(), &work(by_path)), ["/home/ann/work/a"]);
}

#[test]
fn an_entry_for_the_very_path_is_more_specific_than_a_pattern() {
    let profile = |more: &str| {
        format!("[filesystem]\nwrite = ['${{PWD}}']\n{more}\nhide = ['${{PWD}}/.env*', '${{PWD}}/**/id_*']\n")
    };
    let mounts = asked(&host().plan(&profile("read = ['${PWD}/.env.local', '${PWD}/a']")));
    assert_eq!(
        mounts,
        "write /home/ann/work\nhide /home/ann/work/.env\nread /home/ann/work/.env.local\nread /home/ann/work/a\n\
         hide /home/ann/work/a/id_one\nhide /home/ann/work/a/b/c/d/id_deep\n"
    );
}

#[test]
fn what_has_an_entry_of_its_own_in_a_folder_that_fits_is_looked_into() {
    let host = host().file("/home/ann/work/id_s/keep/id_one", "").file("/home/ann/work/id_s/id_two", "");
    assert_eq!(
        asked(&host.plan(
            "[filesystem]\nread = ['${PWD}', '${PWD}/id_s/keep']\nhide = ['${PWD}/**/id_[*]', '${PWD}/**/id_?*']\n"
        )),
        "read /home/ann/work\ntmpfs /home/ann/work/id_s 0755\nhide /home/ann/work/a/id_one\nread /home/ann/work/id_s/keep\n\
         hide /home/ann/work/id_s/keep/id_one\nhide /home/ann/work/a/b/c/d/id_deep\n"
    );
}

#[test]
fn only_what_is_visible_is_looked_at() {
    let host = host().file("/home/ann/.env", "").file("/home/ann/other/.env", "");
    let profile = |open: &str| format!("[filesystem]\n{open}\nhide = ['~/**/.env']\n");
    assert_eq!(hidden(&host, &profile("tmpfs = ['~']\nread = ['~/work']")), ["/home/ann/work/.env"]);
    assert_eq!(hidden(&host, &profile("")), [""; 0]);
    // Control.
    let all = ["/home/ann/.env", "/home/ann/other/.env", "/home/ann/work/.env"];
    assert_eq!(hidden(&host, &profile("read = ['~']")), all);
    // In what is mounted from elsewhere, and inside a folder that is hidden but for what has an entry of its own.
    let elsewhere = "read = [{ path = '/home/ann/else', from = '/home/ann/other' }]";
    assert_eq!(hidden(&host, &profile(elsewhere)), ["/home/ann/else/.env"]);
    let island = "[filesystem]\nread = ['/home', '~/work/a']\nhide = ['~/work', '~/**/id_o*']\n";
    assert_eq!(
        asked(&host.plan(island)),
        "read /home\ntmpfs /home/ann/work 0755\nread /home/ann/work/a\nhide /home/ann/work/a/id_one\n"
    );
}

#[test]
fn symlinks_are_followed_only_at_the_end_and_never_out() {
    let host = host()
        .link("/home/ann/work/a/.env", "b/secret")
        .file("/home/ann/work/a/b/secret", "")
        .link("/home/ann/work/.env.out", "/usr/bin/bash")
        .link("/home/ann/work/.env.gone", "nothing")
        .link("/home/ann/work/.env.loop", ".env.loop")
        .link("/home/ann/work/a/.env.up", "..")
        .link("/home/ann/work/round", ".")
        .link("/home/ann/work/system", "/usr");
    let profile = "[filesystem]\nread = ['/usr']\nwrite = ['${PWD}']\nhide = ['${PWD}/**/.env*', '${PWD}/*/bin/*']\n";
    let expected = ["/home/ann/work/.env", "/home/ann/work/.env.local", "/home/ann/work/a/b/secret"];
    assert_eq!(hidden(&host, profile), expected);
    // The folder that a pattern starts in is followed as any path is, and refused where any path would be.
    assert_eq!(hidden(&host, &work("'${PWD}/round/.env'")), ["/home/ann/work/.env"]);
    assert_eq!(hidden(&host, &work("'${PWD}/round/.env.l*l'")), ["/home/ann/work/.env.local"]);
    assert_eq!(
        host.problems(&work("'${PWD}/system/b*'")),
        "test.toml:3:9 '${PWD}/system/b*' : `/home/ann/work/system` is a symlink that leads out of `/home/ann/work`, to \
         `/usr`\n  hint: what runs inside can write to `/home/ann/work` and so may have planted it; if it is yours, name \
         `/usr` itself\n"
    );
}

#[test]
fn what_nsbox_itself_makes_is_not_looked_into() {
    for (pattern, folder) in [("/proc/*/environ", "/proc"), ("/proc/sys/**/x", "/proc/sys"), ("/dev/t*", "/dev")] {
        assert_eq!(
            host().problems(&work(&format!("'{pattern}'"))),
            format!(
                "test.toml:3:9 '{pattern}' : a pattern cannot look into `{folder}`, which nsbox makes itself\n  \
                 hint: name each path in it\n"
            )
        );
    }
    // From above, it is passed over.
    assert_eq!(hidden(&host(), &work("'/**/keys'")), [""; 0]);
    assert_eq!(hidden(&host(), &work("'/etc/host*'")), [""; 0]);
    assert!(!super::fixture::added(&host().plan(&work("'/etc/host*'"))).contains("/etc/host"));
}

#[test]
fn names_with_wildcards_in_them_are_quoted() {
    let odd = || {
        let mut host = Host::new().file("/home/ann/what?/a*b", "").file("/home/ann/what?/axb", "");
        host = host.file("/home/ann/whatx/axb", "").file("/home/ann/what?/[id].tsx", "");
        host.working_directory = "/home/ann/what?";
        host
    };
    let profile = |hide: &str| format!("[filesystem]\nread = [\"/home\"]\nhide = [{hide}]\n");
    assert_eq!(hidden(&odd(), &profile("'${PWD}/a[*]b'")), ["/home/ann/what?/a*b"]);
    assert_eq!(hidden(&odd(), &profile("'${PWD}/a*b'")), ["/home/ann/what?/a*b", "/home/ann/what?/axb"]);
    assert_eq!(hidden(&odd(), &profile("'~/what?/axb'")), ["/home/ann/what?/axb", "/home/ann/whatx/axb"]);
    assert_eq!(hidden(&odd(), &profile("'${PWD}/[id].tsx'")), ["/home/ann/what?/[id].tsx"]);
    let plan = odd().plan_with("[filesystem]\nread = [\"/home\"]\n", &[("--hide", "filesystem.hide", "a*b")]);
    assert_eq!(asked(&plan), "read /home\nhide /home/ann/what?/a*b\nhide /home/ann/what?/axb\n");
}

#[test]
fn a_pattern_is_taken_back_by_itself() {
    let mut host = host().file("/home/ann/wo*k/inherited.toml", "[filesystem]\nhide = ['${PWD}/*.e', '~/a[*]b']\n");
    host.working_directory = "/home/ann/wo*k";
    host = host.file("/home/ann/wo*k/x.e", "").file("/home/ann/a*b", "");
    let profile =
        |drop: &str| format!("extends = ['./inherited.toml']\n[filesystem]\nread = ['/home']\ndrop = [{drop}]\n");
    assert_eq!(hidden(&host, &profile("")), ["/home/ann/a*b", "/home/ann/wo*k/x.e"]);
    assert_eq!(hidden(&host, &profile("'${PWD}/*.e'")), ["/home/ann/a*b"]);
    assert_eq!(hidden(&host, &profile("'~/a[*]b'")), ["/home/ann/wo*k/x.e"]);
    assert_eq!(
        host.problems(&profile("'${PWD}/*.f'")),
        "test.toml:4:9 '${PWD}/*.f' : `/home/ann/wo[*]k/*.f` is no inherited entry, so it cannot be dropped\n  \
         label: did you mean `/home/ann/wo[*]k/*.e`?\n"
    );
}

fn crowded(folders: usize, files: usize) -> Host {
    let mut host = Host::new();
    for folder in 0..folders {
        for file in 0..files {
            host = host.file(&format!("/home/ann/work/{folder}/{file}"), "");
        }
    }
    host
}

#[test]
fn too_many_matches_are_an_error() {
    let host = crowded(1, 1200);
    assert_eq!(
        host.problems(&work("'${PWD}/*/*'")),
        "test.toml:3:9 '${PWD}/*/*' : with `/home/ann/work/*/*` there are more than 1000 matches\n  \
         hint: name the folder that holds them, or begin the pattern deeper down\n"
    );
    // All patterns together, each match once: 10, 90 more, and 900 more.
    let several = ["'${PWD}/*/?'", "'${PWD}/*/[0-9]'", "'${PWD}/*/??'", "'${PWD}/0/??'", "'${PWD}/*/???'"];
    assert_eq!(hidden(&host, &work(&several.join(", "))).len(), 1000);
    let one_more = [several.join(", "), "'${PWD}/*/1000*'".to_owned()].join(", ");
    let said = host.problems(&work(&one_more));
    assert!(said.contains("there are more than 1000 matches"), "{said}");
}

#[test]
fn too_many_names_are_an_error() {
    let host = crowded(1, 10_000);
    let patterns = |count: usize| (0..count).map(|i| format!("'${{PWD}}/*/x{i}*'")).collect::<Vec<_>>().join(", ");
    let said = host.problems(&work(&patterns(10)));
    assert_eq!(
        said,
        "test.toml:3:153 '${PWD}/*/x9*' : with `/home/ann/work/*/x9*` there are more than 100000 names to look at\n  \
         hint: name the folder that holds them, or begin the pattern deeper down\n"
    );
    assert_eq!(hidden(&host, &work(&patterns(9))), [""; 0]);
    // What needs no names is found among however many.
    assert_eq!(hidden(&host, &work(&(patterns(9) + ", '${PWD}/*/77'"))), ["/home/ann/work/0/77"]);
}

#[test]
fn a_folder_whose_names_are_out_of_reach_is_said_where_something_in_it_could_be_read() {
    let host = host().unlisted("/home/ann/work/drop", true).unlisted("/home/ann/work/closed", false);
    let host = host.file("/home/ann/work/drop/.env", "").file("/home/ann/work/drop/x.key", "");
    let says = |hide: &str| match host.lower(&work(hide), &[], &["bash"]) {
        Ok((plan, warnings)) => (asked(&plan), rendered(&warnings)),
        Err(found) => panic!("{}", rendered(&found)),
    };
    let (mounts, warnings) = says("'${PWD}/*/.env'");
    assert_eq!(mounts, "write /home/ann/work\npin /home/ann/work/drop\nhide /home/ann/work/drop/.env\n");
    assert_eq!(warnings, "");
    let (_, warnings) = says("'${PWD}/**/*.key'");
    assert_eq!(
        warnings,
        "warning: test.toml:3:9 '${PWD}/**/*.key' : `/home/ann/work/**/*.key` finds nothing in `/home/ann/work/drop`, whose \
         names you may not list\n  hint: name what is in it, or hide the folder\n"
    );
}

#[test]
fn a_name_that_is_no_text_is_matched_as_well() {
    use crate::frontend::profile::globs::Name;
    use std::os::unix::ffi::OsStrExt;
    assert!(Name::new(OsStr::new("a?b*")).fits(OsStr::from_bytes(b"a\xffb\xfe")));
}

/// Whether names fit a pattern, by the shortest rules that say so.
fn fits(pattern: &[&str], names: &[&str]) -> bool {
    match (pattern, names) {
        ([], names) => names.is_empty(),
        (["**"], names) => fits(&["**", "*"], names),
        (["**", "**", rest @ ..], names) => fits(&[&["**"], rest].concat(), names),
        (["**", rest @ ..], names) => (0..=names.len().min(4)).any(|taken| fits(rest, &names[taken..])),
        ([first, rest @ ..], [name, names @ ..]) => name_fits(first.as_bytes(), name.as_bytes()) && fits(rest, names),
        (_, []) => false,
    }
}

fn name_fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], name) => name.is_empty(),
        ([b'*', rest @ ..], name) => (0..=name.len()).any(|taken| name_fits(rest, &name[taken..])),
        ([b'?', rest @ ..], [_, name @ ..]) => name_fits(rest, name),
        ([byte, rest @ ..], [first, name @ ..]) => byte == first && name_fits(rest, name),
        (_, []) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_pattern_hides_what_fits_it_and_nothing_else(
        paths in prop::collection::btree_set(prop::collection::vec("(a|b|\\.ab|bb)", 1..7), 1..12),
        patterns in prop::collection::btree_set(prop::collection::vec("(a|b|\\*|\\*\\*|\\.\\*|\\?|\\*b|a\\*)", 1..5), 1..4),
    ) {
        let mut host = Host::new();
        let mut all = BTreeSet::new();
        for path in &paths {
            host = host.folder(&format!("/srv/p/{}", path.join("/")));
            all.extend((1..=path.len()).map(|length| path[..length].to_vec()));
        }
        let is_hidden = |path: &[String]| {
            let names: Vec<&str> = path.iter().map(String::as_str).collect();
            patterns.iter().any(|pattern| fits(&pattern.iter().map(String::as_str).collect::<Vec<_>>(), &names))
        };
        // What lies in a hidden folder is hidden with it.
        let outermost = all.iter().filter(|path| is_hidden(path) && !(1..path.len()).any(|length| is_hidden(&path[..length])));
        let expected: BTreeSet<String> = outermost.map(|path| format!("/srv/p/{}", path.join("/"))).collect();
        let hide: Vec<String> = patterns.iter().map(|pattern| format!("'/srv/p/{}'", pattern.join("/"))).collect();
        let profile = format!("[filesystem]\nread = ['/srv/p']\nhide = [{}]\n", hide.join(", "));
        prop_assert_eq!(hidden(&host, &profile).into_iter().collect::<BTreeSet<_>>(), expected);
    }
}

#[test]
fn where_the_host_does_not_say_what_there_is_to_hide_nothing_is_run() {
    let mut host = host();
    host.trouble = Some(("/home/ann/work/.env".into(), Errno(libc::ENOMEM)));
    let found = host.lower(&work("'${PWD}/.env'"), &[], &["bash"]).expect_err("no plan");
    assert_eq!(rendered(&found), "could not look at `/home/ann/work/.env`: Out of memory (ENOMEM)\n");
}
