//! Symlinks of the host: recreated inside, followed to what they mean, and never out of a tree that can be written.

use super::fixture::{Host, asked};

#[test]
fn a_link_into_what_is_open_already_is_only_recreated() {
    let plan = Host::new().plan("[filesystem]\nread = [\"/usr\", \"/bin\"]\n");
    assert_eq!(asked(&plan), "link /bin -> usr/bin\nread /usr\n");
}

#[test]
fn what_a_link_means_is_opened_with_it() {
    let host = Host::new().folder("/var/home/ann/data").link("/data", "var/home/ann/data");
    let plan = host.plan("[filesystem]\nwrite = [\"/data\"]\n");
    assert_eq!(asked(&plan), "link /data -> var/home/ann/data\nwrite /var/home/ann/data\n");
}

#[test]
fn links_that_lead_in_a_circle_are_an_error() {
    let host = Host::new().link("/a", "b").link("/b", "a");
    assert!(host.problems("[filesystem]\nread = [\"/a\"]\n").contains("/a"));
}

#[test]
fn a_link_planted_in_a_writable_tree_is_not_followed() {
    let host = Host::new().folder("/home/ann/work/src").link("/home/ann/work/planted", "/etc");
    let found = host.problems("[filesystem]\nwrite = [\"${PWD}\"]\nread = [\"${PWD}/planted\"]\n");
    assert!(found.starts_with("test.toml:3:9 "), "{found}");
    // Control: where the payload cannot write, a link is what the host's owner made it.
    host.plan("[filesystem]\nread = [\"${PWD}\", \"${PWD}/planted\"]\n");
}
