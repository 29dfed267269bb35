//! What is hidden or read-only inside a writable tree stays so: the folders above it cannot be renamed away.

use super::fixture::{Host, asked};

fn host() -> Host {
    Host::new().file("/home/ann/work/deep/down/.env", "").folder("/home/ann/work/deep/keys")
}

#[test]
fn every_folder_between_a_tree_and_its_island_is_pinned() {
    let plan = host().plan("[filesystem]\nwrite = [\"${PWD}\"]\nhide = [\"${PWD}/deep/down/.env\"]\n");
    let expected = "write /home/ann/work\npin /home/ann/work/deep\npin /home/ann/work/deep/down\n\
                    hide /home/ann/work/deep/down/.env\n";
    assert_eq!(asked(&plan), expected);
}

#[test]
fn a_read_only_island_is_pinned_as_well() {
    let plan = host().plan("[filesystem]\nwrite = [\"${PWD}\"]\nread = [\"${PWD}/deep/keys\"]\n");
    assert_eq!(asked(&plan), "write /home/ann/work\npin /home/ann/work/deep\nread /home/ann/work/deep/keys\n");
}

#[test]
fn nothing_is_pinned_where_nothing_can_be_written() {
    let plan = host().plan("[filesystem]\nread = [\"${PWD}\"]\nhide = [\"${PWD}/deep/down/.env\"]\n");
    assert_eq!(asked(&plan), "read /home/ann/work\nhide /home/ann/work/deep/down/.env\n");
}

#[test]
fn what_is_not_there_need_not_be_hidden() {
    let plan = host().plan("[filesystem]\nwrite = [\"${PWD}\"]\nhide = [\"${PWD}/missing\"]\n");
    assert_eq!(asked(&plan), "write /home/ann/work\n");
}

#[test]
fn a_pattern_in_read_locks_what_fits_in_a_writable_tree_and_opens_nothing() {
    let host = Host::new()
        .file("/home/ann/work/sub/.git", "")
        .folder("/home/ann/work/other/.git")
        .file("/home/ann/work/other/code", "")
        .folder("/home/ann/secret/.git");
    let plan = host.plan("[filesystem]\nwrite = ['${PWD}']\nread = ['${PWD}/*/.git']\n");
    let expected = "write /home/ann/work\npin /home/ann/work/other\npin /home/ann/work/sub\n\
                    lock /home/ann/work/other/.git\nlock /home/ann/work/sub/.git\n";
    assert_eq!(asked(&plan), expected);
    // What is hidden as well is hidden; what has an entry of its own has that; what is read-only stays as it is.
    let plan = host.plan(
        "[filesystem]\nwrite = ['${PWD}', '${PWD}/other/.git']\nread = ['${PWD}/*/.git']\nhide = ['${PWD}/sub/.g*']\n",
    );
    let expected = "write /home/ann/work\npin /home/ann/work/sub\nwrite /home/ann/work/other/.git\n\
                    hide /home/ann/work/sub/.git\n";
    assert_eq!(asked(&plan), expected);
    let plan = host.plan("[filesystem]\nread = ['${PWD}', '${PWD}/*/.git']\n");
    assert_eq!(asked(&plan), "read /home/ann/work\n");
}

#[test]
fn a_pattern_in_read_that_is_meant_to_open_something_is_an_error() {
    let host = Host::new().file("/home/ann/data/a.csv", "");
    assert_eq!(
        host.problems("[filesystem]\nread = ['~/data/*.csv']\n"),
        "test.toml:2:9 '~/data/*.csv' : `/home/ann/data/*.csv` opens nothing: a pattern only locks what is visible \
         already\n  hint: to show it, name `/home/ann/data`, or each file in it\n"
    );
}

#[test]
fn an_entry_that_opens_no_more_than_the_tree_around_it_does_not_free_the_folders_above_its_islands() {
    let tree = "[filesystem]\nwrite = [\"${PWD}\", \"${PWD}/deep/down\"]\n";
    let plan = host().plan(&format!("{tree}hide = [\"${{PWD}}/deep/down/.env\"]\n"));
    let expected = "write /home/ann/work\npin /home/ann/work/deep\nwrite /home/ann/work/deep/down\n\
                    hide /home/ann/work/deep/down/.env\n";
    assert_eq!(asked(&plan), expected);
    // Control: without one, they can be renamed.
    assert_eq!(asked(&host().plan(tree)), "write /home/ann/work\nwrite /home/ann/work/deep/down\n");
}
