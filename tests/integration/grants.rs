//! Files that the command's arguments name: they are there, and nothing beside them.

use crate::support::{Host, Ran, shell};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

/// A home with a folder of documents, of which a profile shows none.
fn host() -> Host {
    let host = Host::new();
    host.write("papers/report.txt", "the report");
    host.write("papers/beside.txt", "the neighbour");
    host.write("papers/sub/deep.txt", "deep down");
    host.write("other/notes.txt", "the notes");
    host.write("viewer.toml", "extends = [\"shell\"]\n[command]\ngrant-args = \"read\"\n");
    host.write("editor.toml", "extends = [\"shell\"]\n[command]\ngrant-args = \"write\"\n");
    host
}

/// Runs a command in the folder of documents, under one of the two profiles or an installed one.
fn run(host: &Host, profile: &str, words: &[&str]) -> Ran {
    let file = format!("../{profile}");
    let profile = if profile.ends_with(".toml") { &file } else { profile };
    let mut command = host.sandbox([["--profile", profile].as_slice(), words].concat());
    command.current_dir(host.home().join("papers"));
    Ran::of(command)
}

#[test]
fn a_file_is_found_by_whatever_path_it_is_named() {
    let host = host();
    let absolute = host.home().join("papers/report.txt").display().to_string();
    for word in ["report.txt", "./report.txt", "../papers/report.txt", "sub/../report.txt", &absolute] {
        run(&host, "viewer.toml", &["cat", word]).exits(0).says("the report");
        run(&host, "shell", &["cat", word]).exits(1).complains("No such file");
    }
    run(&host, "viewer.toml", &["cat", "../other/notes.txt"]).exits(0).says("the notes");
}

#[test]
fn what_lies_beside_it_is_not_there() {
    let host = host();
    let look = "cat report.txt && ls -A && cat beside.txt ../other/notes.txt sub/deep.txt";
    let script = ["sh", "-c", look, "report.txt"];
    let ran = run(&host, "viewer.toml", &script).exits(1).says("the reportreport.txt\n");
    ran.never_says("the neighbour").never_says("the notes").never_says("deep down").complains("beside.txt");
    // Control: named as well, both are.
    run(&host, "viewer.toml", &["cat", "report.txt", "beside.txt"]).exits(0).says("the neighbour");
    run(&host, "viewer.toml", &["cat", "--", "report.txt"]).exits(0).says("the report");
}

#[test]
fn it_can_be_written_only_where_that_is_granted() {
    let host = host();
    let report = host.home().join("papers/report.txt");
    let script = ["sh", "-c", "echo changed > report.txt", "report.txt"];
    run(&host, "viewer.toml", &script).exits(2).complains("Read-only file system");
    assert_eq!(fs::read_to_string(&report).expect("the report"), "the report");
    run(&host, "editor.toml", &script).exits(0);
    assert_eq!(fs::read_to_string(&report).expect("the report"), "changed\n");
    // Beside it, what is written is gone with the sandbox.
    run(&host, "editor.toml", &["sh", "-c", "echo x > new; cat new", "report.txt"]).exits(0).says("x");
    assert!(!host.home().join("papers/new").exists());
    // A flag has the last word.
    run(&host, "editor.toml", &["--grant-args", "read", "sh", "-c", "echo x > report.txt", "report.txt"]).exits(2);
    run(&host, "shell", &["--set", "command.grant-args=\"read\"", "cat", "report.txt"]).exits(0).says("changed");
}

#[test]
fn what_is_replaced_and_not_written_is_saved_where_the_folder_was_named() {
    let host = host();
    let save = ["sh", "-c", "echo changed > report.new && mv report.new report.txt"];
    let ran = run(&host, "editor.toml", &[save.as_slice(), &["report.txt"]].concat()).exits(1);
    ran.complains("Device or resource busy");
    let report = host.home().join("papers/report.txt");
    assert_eq!(fs::read_to_string(&report).expect("the report"), "the report");
    run(&host, "editor.toml", &[save.as_slice(), &["sh", "."]].concat()).exits(0);
    assert_eq!(fs::read_to_string(&report).expect("the report"), "changed\n");
}

#[test]
fn a_grant_in_what_is_visible_neither_locks_nor_opens_more() {
    let host = host();
    let papers = host.home().join("papers").display().to_string();
    let change = ["sh", "-c", "echo changed > report.txt", "report.txt"];
    run(&host, "viewer.toml", &[["--write", papers.as_str()].as_slice(), &change].concat()).exits(0);
    run(&host, "viewer.toml", &[["--read", papers.as_str()].as_slice(), &change].concat()).exits(2);
    let beside = ["sh", "-c", "echo changed > report.txt && echo changed > beside.txt", "report.txt"];
    let ran = run(&host, "editor.toml", &[["--read", papers.as_str()].as_slice(), &beside].concat());
    ran.exits(2).complains("beside.txt: Read-only file system");
    assert_eq!(fs::read_to_string(host.home().join("papers/beside.txt")).expect("a file"), "the neighbour");
}

#[test]
fn a_symlink_is_followed_unless_it_may_have_been_planted() {
    let host = host();
    std::os::unix::fs::symlink("../other/notes.txt", host.home().join("papers/latest")).expect("a link");
    run(&host, "viewer.toml", &["sh", "-c", "readlink latest; cat latest", "latest"])
        .exits(0)
        .says("../other/notes.txt\nthe notes");
    let ran = run(&host, "viewer.toml", &["--write", ".", "cat", "latest"]).exits(125);
    ran.complains("leads out of").complains("cat latest").never_says("the notes");
}

#[test]
fn what_is_hidden_stays_hidden_and_the_home_folder_closed() {
    let host = host();
    let ran = run(&host, "viewer.toml", &["--hide", "./re*", "cat", "report.txt"]).exits(125);
    ran.complains("`report.txt` is hidden, so the command cannot have it").complains("it is hidden by --hide");
    let home = host.home().display().to_string();
    for folder in ["..", &home, "/", "/proc"] {
        run(&host, "viewer.toml", &["ls", folder]).exits(125).complains("which no argument opens");
    }
    // A folder in the home is opened.
    run(&host, "viewer.toml", &["cat", "report.txt", "sub/deep.txt"]).exits(0).says("deep down");
    run(&host, "viewer.toml", &["ls", "sub"]).exits(0).says("deep.txt");
}

#[test]
fn odd_names_are_taken_as_they_are_and_what_is_no_file_is_left_alone() {
    let host = host();
    for name in ["*", "$HOME", "a\nb", "-x", "\u{1b}[2J"] {
        fs::write(host.home().join("papers").join(name), "odd").expect("a file");
        run(&host, "viewer.toml", &["cat", "--", name]).exits(0).says("odd");
    }
    let name = OsStr::from_bytes(b"\xff");
    fs::write(host.home().join("papers").join(name), "odd").expect("a file");
    let mut command = host.sandbox(["--profile", "../viewer.toml", "cat"]);
    command.arg(name).current_dir(host.home().join("papers"));
    Ran::of(command).exits(0).says("odd");
    shell(&host, "mkfifo papers/pipe").exits(0);
    run(&host, "viewer.toml", &["test", "-e", "pipe"]).exits(1);
    run(&host, "viewer.toml", &["test", "-c", "/dev/null"]).exits(0);
    run(&host, "viewer.toml", &["test", "-e", "none"]).exits(1);
}

#[test]
fn a_plan_says_which_word_asked() {
    let host = host();
    let profile = host.home().join("viewer.toml").display().to_string();
    let plan = |words: &[&str]| {
        let mut command = host.sandbox([["plan", "--profile", &profile].as_slice(), words].concat());
        command.current_dir(host.home().join("papers"));
        Ran::of(command).exits(0)
    };
    plan(&["cat", "report.txt"]).says("papers/report.txt  (argument 1 of the command)");
    plan(&["cat", "-n", "report.txt", "beside.txt"]).says("report.txt  (arguments of the command)");
    plan(&["--json", "cat", "-n", "report.txt"]).says("\"argument\": 2");
    // What the plan says runs from it as well.
    let through = format!(
        "cd papers && nsbox plan --json --profile {profile} cat report.txt > ../plan.json && nsbox --plan-fd 3 3< ../plan.json"
    );
    let through = through.replace("nsbox ", &format!("{} ", host.nsbox().display()));
    shell(&host, &through).exits(0).says("the report");
}
