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
fn every_link_on_the_way_is_recreated_even_through_folders_that_are_links() {
    let host =
        Host::new().link("/home2", "var/home2").folder("/var/home2/bo/docs").link("/var/home2/bo/d", "./docs/../docs");
    let plan = host.plan("[filesystem]\nread = [\"/home2/bo/d\"]\n");
    assert_eq!(
        asked(&plan),
        "link /home2 -> var/home2\nlink /var/home2/bo/d -> ./docs/../docs\nread /var/home2/bo/docs\n"
    );
}

#[test]
fn what_is_made_where_the_host_has_a_link_is_made_where_that_leads() {
    let host = Host::new().link("/run/me", "/run/user/7").folder("/run/user/7");
    let plan = host.plan("[filesystem]\ntmpfs = [\"/run/me/t\"]\n");
    assert_eq!(asked(&plan), "link /run/me -> /run/user/7\ntmpfs /run/user/7/t 0755\n");
    // A tmpfs at the link itself takes its place.
    let plan = host.plan("[filesystem]\ntmpfs = [\"/run/me\", \"/run/me/t\"]\n");
    assert_eq!(asked(&plan), "tmpfs /run/me 0755\ntmpfs /run/me/t 0755\n");
}

/// In the project, a link to a folder of the host and one within.
fn project() -> Host {
    Host::new()
        .folder("/home/ann/work/src")
        .link("/home/ann/work/planted", "../../../etc")
        .link("/home/ann/work/within", "src")
        .file("/home/ann/work/src/key", "")
}

#[test]
fn no_entry_follows_a_link_that_the_payload_may_have_planted() {
    let says = |entry: &str, column: u32, written: &str| {
        let profile = format!("[filesystem]\nwrite = [\"${{PWD}}\"]\n{entry}\n");
        assert_eq!(
            project().problems(&profile),
            format!(
                "test.toml:3:{column} '{written}' : `/home/ann/work/planted` is a symlink that leads out of `/home/ann/work`, \
                 to `/etc`\n  hint: what runs inside can write to `/home/ann/work` and so may have planted it; if it is \
                 yours, name `/etc` itself\n"
            )
        );
        // Control: a link that stays within is followed.
        project().plan(&profile.replace("planted/alternatives", "within").replace("planted", "within"));
    };
    says("read = ['${PWD}/planted']", 9, "${PWD}/planted");
    says("hide = ['${PWD}/planted']", 9, "${PWD}/planted");
    says("read = [{ path = '/in', from = '${PWD}/planted' }]", 32, "${PWD}/planted");
    says("read = [{ path = '/in', from = '${PWD}/planted/alternatives' }]", 32, "${PWD}/planted/alternatives");
}

#[test]
fn a_link_out_of_a_folder_that_is_only_read_is_the_hosts_own() {
    let host = project().folder("/etc/alternatives");
    let plan = host.plan("[filesystem]\nread = [\"${PWD}\", \"${PWD}/planted/alternatives\"]\n");
    assert_eq!(asked(&plan), "read /etc/alternatives\nread /home/ann/work\n");
}

/// A tree with a link in it, and one beside it that leads to it.
fn linked() -> Host {
    Host::new()
        .folder("/srv/t/d/e")
        .file("/srv/t/d/secret", "")
        .folder("/srv/other")
        .link("/srv/t/beside", "d")
        .link("/srv/alias", "t")
        .link("/srv/back", "t/../t/d")
}

#[test]
fn what_a_link_means_stays_as_it_was_asked_for_in_a_folder_that_is_opened_further_by_another_name() {
    let host = linked();
    let profile = "[filesystem]\nread = [\"/srv\", \"/srv/t/beside\"]\n";
    assert_eq!(asked(&host.plan(profile)), "read /srv\n");
    let written = format!("{profile}write = [{{ path = \"/srv/alias\", from = \"/srv/t\" }}]\n");
    assert_eq!(asked(&host.plan(&written)), "read /srv\nwrite /srv/t\nread /srv/t/d\n");
    // At the very same place neither is taken.
    let written = format!("{profile}write = [{{ path = \"/srv/alias/d\", from = \"/srv/other\" }}]\n");
    let said = host.problems(&written);
    assert!(
        said.contains("`/srv/t/d` is something else already\n  hint: it is asked for by test.toml:2:17\n"),
        "{said}"
    );
}

#[test]
fn a_link_leads_inside_what_is_shown_from_elsewhere_as_far_as_it_says() {
    let from = "[filesystem]\nread = [\"/srv/back/e\", { path = \"/srv/t\", from = \"/srv/other\" }]\n";
    let host = linked().folder("/srv/other/d/e");
    let plan = host.plan(from);
    assert_eq!(asked(&plan), "link /srv/back -> t/../t/d\nread /srv/t from /srv/other\nread /srv/t/d/e\n");
}
