//! The command, its directory and its environment.

use super::fixture::{Host, environment, rendered};

#[test]
fn the_command_line_wins_over_the_profile() {
    let profile = "[command]\nargv = [\"sh\", \"-c\", \"echo ${USER}\"]\n";
    let argv = |argv: &[&str]| Host::new().lower(profile, &[], argv).expect("a plan").0.command.argv.clone();
    assert_eq!(argv(&[]), ["sh", "-c", "echo ann"]);
    assert_eq!(argv(&["true"]), ["true"]);
}

#[test]
fn no_command_at_all_is_said_beside_everything_else() {
    let found = Host::new().lower("[network]\nmode = 1\n", &[], &[]).expect_err("no plan");
    assert_eq!(
        rendered(&found),
        "test.toml:2:8 1 : expected one of `none`, `host`, found a number\n\
         no command to run\n  hint: name one, as in `nsbox bash`, or set `argv` in `[command]`\n"
    );
}

/// Where the payload starts, and who says so.
fn directory(host: &Host, profile: &str) -> String {
    let plan = host.plan(profile);
    format!("{} by {}", plan.command.directory.display(), plan.command.directory_origin)
}

#[test]
fn the_payload_starts_where_the_caller_is_if_that_is_visible() {
    let host = Host::new().link("/home/ann/alias", "work");
    let by_default = "by the default of `command.directory`";
    let work = "[filesystem]\nread = [\"${PWD}\"]\n";
    assert_eq!(directory(&host, work), format!("/home/ann/work {by_default}"));
    assert_eq!(directory(&host, "[filesystem]\nread = [\"/home\"]\n"), format!("/home/ann/work {by_default}"));
    let private = "[filesystem]\ntmpfs = [\"~\"]\n";
    assert_eq!(directory(&host, private), format!("/home/ann {by_default}"));
    assert_eq!(directory(&host, ""), format!("/ {by_default}"));
    // Hidden is not visible; the home folder is there because the bind is in it.
    let hidden = "[filesystem]\nread = [\"/home\"]\nhide = [\"/home/ann\"]\n";
    assert_eq!(directory(&host, hidden), format!("/home/ann {by_default}"));
    // The name that the caller has for it stays, if it leads there inside too.
    let mut host = host;
    host.working_directory = "/home/ann/alias";
    assert_eq!(
        directory(&host.clone().file("/home/ann/alias/test.toml", work), work),
        format!("/home/ann/alias {by_default}")
    );
}

#[test]
fn a_directory_that_is_named_must_be_there() {
    let host = Host::new();
    assert_eq!(directory(&host, "[command]\ndirectory = \"/dev/shm/../pts\"\n"), "/dev/pts by test.toml:2:13");
    // Spelled out, the default keeps its way out.
    assert_eq!(directory(&host, "[command]\ndirectory = \"${PWD}\"\n"), "/ by test.toml:2:13");
    let none = "  hint: it is none on the host either\n";
    for (named, path, hint) in [
        ("/home/ann/work", "/home/ann/work", "  hint: show it with an entry in `read` or `write`\n"),
        ("${PWD}/x", "/home/ann/work/x", none),
        ("/usr/bin/bash", "/usr/bin/bash", none),
    ] {
        assert_eq!(
            host.problems(&format!("[filesystem]\nread = [\"/usr\"]\n[command]\ndirectory = \"{named}\"\n")),
            format!("test.toml:4:13 \"{named}\" : `{path}` is no folder inside the sandbox\n{hint}")
        );
    }
    assert_eq!(
        host.problems_with("", &[("--directory", "command.directory", ".")]),
        "--directory:1:1 . : `/home/ann/work` is no folder inside the sandbox\n  \
         hint: show it with `--read .` or `--write .`\n"
    );
}

#[test]
fn only_named_variables_cross_over() {
    let own = "HOME=/home/ann\nLOGNAME=ann\nPWD=/\nSHELL=/bin/bash\nUSER=ann\n";
    assert_eq!(environment(&Host::new().plan("")), own);
    let profile = "[environment]\ninherit = [\"LC_*\", \"TERM\", \"ABSENT\"]\n";
    assert_eq!(
        environment(&Host::new().plan(profile)),
        "HOME=/home/ann\nLC_TIME=de_DE\nLOGNAME=ann\nPWD=/\nSHELL=/bin/bash\nTERM=xterm\nUSER=ann\n"
    );
    let all = environment(&Host::new().plan("[environment]\ninherit = \"all\"\n"));
    assert!(all.contains("SECRET=hush\n") && all.contains("PWD=/\n"), "{all}");
}

#[test]
fn what_is_set_wins_over_what_is_inherited_and_over_the_identity() {
    let mut host = Host::new();
    host.environment.push(("HOME", "/elsewhere"));
    host.environment.push(("TERM", "a second one"));
    let profile = "[environment]\ninherit = [\"TERM\", \"HOME\"]\nset = { PWD = \"/x\", PATH = \"~/bin:${HOME}/b\", TEXT = \"a~\" }\n";
    assert_eq!(
        environment(&host.plan(profile)),
        "HOME=/home/ann\nLOGNAME=ann\nPATH=/home/ann/bin:/home/ann/b\nPWD=/x\nSHELL=/bin/bash\nTERM=xterm\nTEXT=a~\nUSER=ann\n"
    );
}

#[test]
fn variables_say_who_asked_for_them() {
    let plan = Host::new().plan("[environment]\ninherit = [\"TERM\"]\nset = { A = \"1\" }\n");
    let origins: Vec<String> = plan.environment.iter().map(|v| format!("{} {}", v.name.display(), v.origin)).collect();
    assert_eq!(
        origins,
        [
            "A test.toml:3:9",
            "HOME the default of `identity.user`",
            "LOGNAME the default of `identity.user`",
            "PWD the default of `command.directory`",
            "SHELL the default of `identity.user`",
            "TERM test.toml:2:12",
            "USER the default of `identity.user`",
        ]
    );
}
