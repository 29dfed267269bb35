//! `${PROJECT}` and `${GIT_COMMON_DIR}`: found where the caller is, and nowhere that a planted file points to.

use super::fixture::Host;

/// What a variable stands for.
#[track_caller]
fn value(host: &Host, variable: &str) -> String {
    let (plan, _) = host.lower(&format!("[command]\nargv = ['${{{variable}}}']\n"), &[], &[]).expect("a plan");
    plan.command.argv[0].display().to_string()
}

fn at(working_directory: &'static str) -> Host {
    let mut host = Host::new().folder(working_directory);
    host.working_directory = working_directory;
    host
}

#[test]
fn the_project_is_the_nearest_folder_upwards_that_holds_git() {
    let deep = || at("/home/ann/work/app/src/deep");
    assert_eq!(value(&deep(), "PROJECT"), "/home/ann/work/app/src/deep");
    assert_eq!(value(&deep().folder("/home/ann/work/.git"), "PROJECT"), "/home/ann/work");
    let both = deep().folder("/home/ann/work/.git").folder("/home/ann/work/app/.git");
    assert_eq!(value(&both, "PROJECT"), "/home/ann/work/app");
    assert_eq!(value(&deep().file("/home/ann/work/app/.git", ""), "PROJECT"), "/home/ann/work/app");
    assert_eq!(value(&deep().link("/home/ann/work/app/.git", "gone"), "PROJECT"), "/home/ann/work/app");
    // A device or a pipe of that name is no repository.
    assert_eq!(value(&deep().special("/home/ann/work/app/.git"), "PROJECT"), "/home/ann/work/app/src/deep");
}

#[test]
fn a_git_folder_that_belongs_to_somebody_else_makes_no_project() {
    let host = || at("/tmp/build/src").folder("/tmp/.git");
    assert_eq!(value(&host().owned("/tmp/.git", 1001), "PROJECT"), "/tmp/build/src");
    assert_eq!(value(&host().owned("/tmp/.git", 0), "PROJECT"), "/tmp");
    assert_eq!(value(&host(), "PROJECT"), "/tmp");
    let link = host().link("/tmp/.git", "/home/ann/work/.git").folder("/home/ann/work/.git");
    assert_eq!(value(&link.owned("/tmp/.git", 1001), "PROJECT"), "/tmp/build/src");
    // It is passed over, not the end of the search.
    let inner =
        at("/srv/app/sub").folder("/srv/app/.git").file("/srv/app/sub/.git", "").owned("/srv/app/sub/.git", 1001);
    assert_eq!(value(&inner, "PROJECT"), "/srv/app");
}

#[test]
fn neither_the_home_folder_nor_one_above_it_nor_the_root_is_a_project() {
    let everywhere = |at: Host| at.folder("/home/ann/.git").folder("/home/.git").folder("/.git");
    assert_eq!(value(&everywhere(at("/home/ann/work/src")), "PROJECT"), "/home/ann/work/src");
    assert_eq!(value(&everywhere(at("/home/ann")), "PROJECT"), "/home/ann");
    assert_eq!(value(&everywhere(at("/home")), "PROJECT"), "/home");
    assert_eq!(value(&everywhere(at("/home/bob/src")), "PROJECT"), "/home/bob/src");
    assert_eq!(value(&everywhere(at("/")), "PROJECT"), "/");
    // Control: a repository of its own beside the home folder is a project.
    assert_eq!(value(&everywhere(at("/home/bob/src/deep")).folder("/home/bob/src/.git"), "PROJECT"), "/home/bob/src");
    // The home folder is told by its inode: here it is reached by other names.
    let mut alias = everywhere(at("/people/ann/work/src")).link("/people", "/home");
    alias = alias.folder("/home/ann/work/src");
    assert_eq!(value(&alias, "PROJECT"), "/people/ann/work/src");
    let mut moved = everywhere(at("/var/home/ann/src/deep")).link("/u", "/var/home").folder("/var/home/ann/.git");
    moved.home = "/u/ann";
    assert_eq!(value(&moved, "PROJECT"), "/var/home/ann/src/deep");
}

#[test]
fn a_project_is_sought_where_the_caller_really_is_and_named_as_the_caller_names_it() {
    let real = || Host::new().folder("/srv/app/.git").folder("/srv/app/src");
    let mut by_name = real().link("/home/ann/app", "/srv/app");
    by_name.working_directory = "/home/ann/app/src";
    assert_eq!(value(&by_name, "PROJECT"), "/home/ann/app");
    // Beside the link is another repository, which the caller is not in.
    let mut beside = real().link("/home/ann/work/inner", "/srv/app/src").folder("/home/ann/work/.git");
    beside.working_directory = "/home/ann/work/inner";
    assert_eq!(value(&beside, "PROJECT"), "/srv/app");
}

const PRIVATE: &str = "/home/ann/main/.git/worktrees/tree";

/// A repository in `main`, and its worktree in `tree`, where the caller is; with these three texts.
fn worktree(git_file: &str, back: &str, common: &str) -> Host {
    let host = at("/home/ann/tree").folder("/home/ann/tree/src").file("/home/ann/tree/.git", git_file);
    repository(host, "/home/ann/main/.git")
        .file(&format!("{PRIVATE}/gitdir"), back)
        .file(&format!("{PRIVATE}/commondir"), common)
}

fn repository(host: Host, path: &str) -> Host {
    let part = |name: &str| format!("{path}/{name}");
    host.file(&part("HEAD"), "ref: refs/heads/main\n").folder(&part("objects")).folder(&part("refs"))
}

const ABSOLUTE: &str = "gitdir: /home/ann/main/.git/worktrees/tree\n";
const BACK: &str = "/home/ann/tree/.git\n";

#[test]
fn the_common_folder_of_a_plain_repository_is_its_own() {
    let host = at("/home/ann/work/src");
    assert_eq!(value(&host, "GIT_COMMON_DIR"), "/home/ann/work/src/.git");
    assert_eq!(value(&host.folder("/home/ann/work/.git"), "GIT_COMMON_DIR"), "/home/ann/work/.git");
    // That of a submodule is in the outer repository, which is another project.
    let inner = at("/home/ann/work/inner").file("/home/ann/work/inner/.git", "gitdir: ../.git/modules/inner\n");
    let inner = repository(inner, "/home/ann/work/.git/modules/inner");
    assert_eq!(value(&inner, "GIT_COMMON_DIR"), "/home/ann/work/inner/.git");
}

#[test]
fn the_common_folder_of_a_worktree_is_that_of_its_repository() {
    let relative = "gitdir: ../main/.git/worktrees/tree\n";
    for git_file in [ABSOLUTE, relative, ABSOLUTE.trim_end()] {
        for back in [BACK, "../../../../tree/.git\n", "/home/ann/tree/./.git"] {
            for common in ["../..\n", "/home/ann/main/.git\n"] {
                let host = worktree(git_file, back, common);
                assert_eq!(value(&host, "GIT_COMMON_DIR"), "/home/ann/main/.git", "{git_file} {back} {common}");
            }
        }
    }
    let mut below = worktree(ABSOLUTE, BACK, "../..\n");
    below.working_directory = "/home/ann/tree/src";
    assert_eq!(value(&below, "GIT_COMMON_DIR"), "/home/ann/main/.git");
}

#[test]
fn the_common_folder_keeps_the_name_that_git_will_follow() {
    let by_link = "gitdir: /m/.git/worktrees/tree\n";
    let host = worktree(by_link, BACK, "../..\n").link("/m", "home/ann/main");
    assert_eq!(value(&host, "GIT_COMMON_DIR"), "/m/.git");
    // Where what is written means something else as text, it is the real one.
    let winding = "gitdir: /m/src/../.git/worktrees/tree\n";
    let host = worktree(winding, BACK, "../..\n").link("/m/src", "/home/ann/main/sub").folder("/home/ann/main/sub");
    assert_eq!(value(&host, "GIT_COMMON_DIR"), "/home/ann/main/.git");
}

#[test]
fn a_planted_git_file_opens_no_folder_of_its_choice() {
    let own = "/home/ann/tree/.git";
    let refused = |host: &Host, why: &str| assert_eq!(value(host, "GIT_COMMON_DIR"), own, "{why}");
    refused(&worktree("gitdir: /home/ann/.ssh\n", BACK, "../..\n").folder("/home/ann/.ssh"), "any folder");
    refused(&worktree("gitdir: /home/ann/main/.git\n", BACK, "../..\n"), "another repository itself");
    refused(&worktree("/home/ann/main/.git/worktrees/tree\n", BACK, "../..\n"), "not even git's own form");
    refused(&worktree(ABSOLUTE, "/home/ann/other/.git\n", "../..\n"), "another's worktree");
    refused(&worktree(ABSOLUTE, BACK, "/home/ann\n"), "commondir to elsewhere");
    refused(&worktree(ABSOLUTE, BACK, "..\n"), "commondir to a folder between");
    refused(&worktree(ABSOLUTE, BACK, ""), "an empty commondir");
    // Control: as it should be, it is believed.
    assert_ne!(value(&worktree(ABSOLUTE, BACK, "../..\n"), "GIT_COMMON_DIR"), own);
}

#[test]
fn a_folder_called_worktrees_makes_no_repository_of_the_one_above_it() {
    // All three files lie where the attacker writes; only the names of the folders are the caller's.
    let mut inside = at("/home/ann/worktrees/evil").file("/home/ann/worktrees/evil/.git", "gitdir: .\n");
    inside = inside.file("/home/ann/worktrees/evil/gitdir", ".git\n");
    let inside = inside.file("/home/ann/worktrees/evil/commondir", "../..\n");
    assert_eq!(value(&inside, "GIT_COMMON_DIR"), "/home/ann/worktrees/evil/.git");
    let mut below = at("/home/ann/worktrees/evil/sub").file("/home/ann/worktrees/evil/sub/.git", "gitdir: ..\n");
    below = below.file("/home/ann/worktrees/evil/gitdir", "sub/.git\n");
    let below = below.file("/home/ann/worktrees/evil/commondir", "../..\n");
    assert_eq!(value(&below, "GIT_COMMON_DIR"), "/home/ann/worktrees/evil/sub/.git");
    // Not even where the home folder is a repository of its own.
    let at_home = repository(inside, "/home/ann");
    assert_eq!(value(&at_home, "GIT_COMMON_DIR"), "/home/ann/worktrees/evil/.git");
    // A symlink in the project gives the name of what it leads to to nobody.
    let linked = worktree("gitdir: fake/worktrees/x\n", BACK, "../..\n")
        .link("/home/ann/tree/fake", "/home/ann")
        .file("/home/ann/worktrees/x/gitdir", BACK)
        .file("/home/ann/worktrees/x/commondir", "../..\n");
    assert_eq!(value(&linked, "GIT_COMMON_DIR"), "/home/ann/tree/.git");
}
