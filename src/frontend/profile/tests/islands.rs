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
fn an_entry_that_opens_no_more_than_the_tree_around_it_does_not_free_the_folders_above_its_islands() {
    let tree = "[filesystem]\nwrite = [\"${PWD}\", \"${PWD}/deep/down\"]\n";
    let plan = host().plan(&format!("{tree}hide = [\"${{PWD}}/deep/down/.env\"]\n"));
    let expected = "write /home/ann/work\npin /home/ann/work/deep\nwrite /home/ann/work/deep/down\n\
                    hide /home/ann/work/deep/down/.env\n";
    assert_eq!(asked(&plan), expected);
    // Control: without one, they can be renamed.
    assert_eq!(asked(&host().plan(tree)), "write /home/ann/work\nwrite /home/ann/work/deep/down\n");
}
