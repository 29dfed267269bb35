//! The home folder is never opened by accident: an entry that follows the caller there is refused, one by hand obeyed.

use super::fixture::{Host, asked, rendered};
use crate::frontend::profile::load_from;
use crate::frontend::profile::lower::examine;

fn at(working_directory: &'static str) -> Host {
    let mut host = Host::new().folder(working_directory);
    host.working_directory = working_directory;
    host
}

const WHERE: [&str; 4] = ["${PWD}", "${PROJECT}", "${PWD}/.", "${PWD}/x/.."];

#[test]
fn a_profile_that_opens_where_the_caller_is_refuses_the_home_folder() {
    for variable in WHERE {
        let name = if variable.contains("PROJECT") { "${PROJECT}" } else { "${PWD}" };
        for key in ["read", "write"] {
            assert_eq!(
                at("/home/ann").problems(&format!("[filesystem]\n{key} = [\"{variable}\"]\n")),
                format!(
                    "test.toml:2:{} \"{variable}\" : from here, `{name}` opens your whole home folder\n  hint: `cd` into a project first; to open this all the same, name it: `--{key} /home/ann`\n",
                    key.len() + 5
                )
            );
            // Control: anywhere below it is no trouble.
            at("/home/ann/work").folder("/home/ann/work/x").plan(&format!("[filesystem]\n{key} = [\"{variable}\"]\n"));
        }
    }
}

#[test]
fn so_it_does_above_the_home_folder_and_by_any_name() {
    let write = "[filesystem]\nwrite = [\"${PROJECT}\"]\n";
    let above = "from here, `${PROJECT}` opens `/home`, which your home folder is in\n";
    assert!(at("/home").problems(write).contains(above));
    assert_eq!(
        at("/").problems(write),
        "test.toml:2:10 \"${PROJECT}\" : from here, `${PROJECT}` opens `/`, which your home folder is in\n  \
         hint: `cd` into a project first\n"
    );
    let from = "[filesystem]\nread = [{ path = \"/mine\", from = \"${PWD}\" }]\n";
    assert_eq!(
        at("/").problems(from),
        "test.toml:2:34 \"${PWD}\" : from here, `${PWD}` opens `/`, which your home folder is \
         in\n  hint: `cd` into a project first; to open this all the same, name it: `--read /:/mine`\n"
    );
    // A symlink to it, and a home folder that is named by a symlink itself.
    let mut linked = Host::new().link("/srv/me", "/home/ann").file("/srv/me/test.toml", "");
    linked.working_directory = "/srv/me";
    assert!(linked.problems(write).contains("your whole home folder\n"));
    let mut moved = at("/var/home/ann").link("/u", "/var/home");
    moved.home = "/u/ann";
    assert!(moved.problems(write).contains("your whole home folder\n"));
    // Also as the folder above the caller, or above what is in it.
    let around = "[filesystem]\nwrite = [\"${GIT_COMMON_DIR}/..\"]\n";
    assert!(at("/home/ann").problems(around).contains("from here, `${GIT_COMMON_DIR}` opens your whole home folder\n"));
    let upwards = "[filesystem]\nwrite = [\"${PWD}/..\"]\n";
    assert!(at("/home/ann/work").problems(upwards).contains("your whole home folder\n"));
}

#[test]
fn a_home_folder_that_is_named_is_opened() {
    let plan = at("/home/ann").plan("[filesystem]\nread = [\"~\"]\n");
    assert_eq!(asked(&plan), "read /home/ann\n");
    let plan = at("/home/ann/work").plan("[filesystem]\nread = [{ path = \"${PWD}\", from = \"~\" }]\n");
    assert_eq!(asked(&plan), "read /home/ann/work from /home/ann\n");
}

/// What is said beside the plan.
fn warnings(host: &Host, profile: &str, flags: &[(&str, &str, &str)]) -> String {
    match host.lower(profile, flags, &["bash"]) {
        Ok((_, warnings)) => rendered(&warnings),
        Err(found) => panic!("{}", rendered(&found)),
    }
}

#[test]
fn by_hand_it_is_obeyed_with_one_warning_that_says_what_that_exposes() {
    let hint = "  hint: what it writes there may run outside later (shell start-up files, `~/.ssh`, `~/.config`), and your \
                keys are in it; open a project in it instead\n";
    let write = |path| ("--write", "filesystem.write", path);
    assert_eq!(
        warnings(&at("/home/ann"), "", &[write(".")]),
        format!("warning: --write:1:1 . : `--write` lets the command change your whole home folder\n{hint}")
    );
    // One is enough, and it is the widest.
    assert_eq!(
        warnings(&Host::new(), "", &[write("~"), write("/home")]),
        format!(
            "warning: --write:1:1 /home : `--write` lets the command change `/home`, which your home folder is in\n{hint}"
        )
    );
    assert_eq!(
        warnings(&at("/home/ann"), "", &[("--set", "filesystem.write", "[\"${PWD}\"]")]),
        format!("warning: --set:1:19 \"${{PWD}}\" : `--set` lets the command change your whole home folder\n{hint}")
    );
    // It takes the place of what the profile would have opened there.
    let profile = "[filesystem]\nwrite = [\"${PROJECT}\"]\n";
    assert!(warnings(&at("/home/ann"), profile, &[write("~")]).starts_with("warning: "));
}

#[test]
fn a_root_that_follows_the_caller_there_is_refused_and_one_by_hand_that_can_be_changed_gives_a_warning() {
    let root = |access: &str| format!("[filesystem]\nroot = {{ directory = \"${{PWD}}\", access = \"{access}\" }}\n");
    assert_eq!(
        at("/home/ann").problems(&root("read")).lines().next(),
        Some(
            "test.toml:2:8 { directory = \"${PWD}\", access = \"read\" } : from here, `${PWD}` opens your whole home folder"
        )
    );
    let host = at("/home/ann").folder("/home/ann/dev").folder("/home/ann/proc");
    let by_hand = |access: &str| {
        let value = format!("{{ directory = \"/home/ann\", access = \"{access}\" }}");
        warnings(&host, "", &[("--set", "filesystem.root", &value)])
    };
    assert!(by_hand("write").contains("`--set` lets the command change your whole home folder\n"));
    assert_eq!(by_hand("discard"), "");
}

/// What `nsbox check` says of a profile of that text.
fn checked(host: &Host, profile: &str) -> String {
    let host = host.clone().file(&format!("{}/test.toml", host.working_directory), profile);
    let facts = host.facts();
    match load_from(&host, "test.toml".as_ref(), &facts) {
        Ok(chain) => rendered(&examine(&chain, &facts)),
        Err(found) => rendered(&found),
    }
}

#[test]
fn a_check_of_a_profile_is_the_same_wherever_the_caller_is() {
    let profile =
        "[filesystem]\nwrite = [\"${PROJECT}\"]\nread = [\"${PROJECT}/*.toml\"]\nhide = [\"${PROJECT}/**/.env\"]\n";
    for here in ["/", "/home", "/home/ann", "/home/ann/work"] {
        assert_eq!(checked(&at(here), profile), "", "{here}");
        // Control: what is wrong everywhere is said everywhere.
        assert!(checked(&at(here), &format!("{profile}raed = []\n")).contains("did you mean `read`?"), "{here}");
    }
}

#[test]
fn what_is_only_read_or_lies_below_is_no_reason_for_a_warning() {
    let none = |host: Host, flag: (&str, &str, &str)| assert_eq!(warnings(&host, "", &[flag]), "");
    none(at("/home/ann"), ("--read", "filesystem.read", "."));
    none(at("/home/ann/work"), ("--write", "filesystem.write", "."));
    none(at("/home/ann/work"), ("--write", "filesystem.write", "/tmp:/home/ann"));
}
