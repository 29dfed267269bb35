//! Files and folders of the host, where they appear, and small files of the profile's own.

use super::fixture::{Host, asked, contents};

#[track_caller]
fn says(host: &Host, entries: &str, expected: &str) {
    assert_eq!(host.problems(&format!("[filesystem]\n{entries}\n")), expected);
}

fn plan(host: &Host, entries: &str) -> String {
    asked(&host.plan(&format!("[filesystem]\n{entries}\n")))
}

#[test]
fn what_resolves_names_is_bound_where_no_folder_shows_it() {
    let host = Host::new().folder("/etc").file("/etc/resolv.conf", "").file("/other/resolv.conf", "");
    let is_bound = |entries: &str| {
        let plan = host.plan(&format!("[network]\nmode = 'host'\n[filesystem]\n{entries}\n"));
        plan.mounts.iter().any(|mount| mount.destination.as_os_str() == "/etc/resolv.conf")
    };
    assert!(is_bound("") && is_bound("read = [{ path = '/etc', from = '/other' }]") && is_bound("tmpfs = ['/etc']"));
    assert!(!is_bound("read = ['/etc']") && !is_bound("write = ['/etc']"));
}

#[test]
fn what_is_missing_is_an_error_that_says_how_to_go_on() {
    let create = "  hint: create it, or set `optional = true` on this entry\n";
    let host = Host::new().link("/srv/data", "../var/data").link("/srv/further", "/usr/none/x");
    says(&host, "read = ['/none/x']", &format!("test.toml:2:9 '/none/x' : `/none/x` does not exist\n{create}"));
    says(&host, "write = ['/none']", &format!("test.toml:2:10 '/none' : `/none` does not exist\n{create}"));
    says(
        &host,
        "read = ['/srv/data']",
        &format!("test.toml:2:9 '/srv/data' : `/srv/data` leads to `/var`, which does not exist\n{create}"),
    );
    says(
        &host,
        "read = ['/srv/further']",
        &format!("test.toml:2:9 '/srv/further' : `/srv/further` leads to `/usr/none`, which does not exist\n{create}"),
    );
    says(
        &host,
        "read = ['/ursr/bin', '/usr/bn/bash']",
        &format!(
            "test.toml:2:9 '/ursr/bin' : `/ursr/bin` does not exist\n  label: did you mean `/usr`?\n{create}\
             test.toml:2:22 '/usr/bn/bash' : `/usr/bn/bash` does not exist\n  label: did you mean `/usr/bin`?\n{create}"
        ),
    );
    assert_eq!(
        host.problems_with("", &[("--read", "filesystem.read", "$HOME")]),
        "--read:1:1 $HOME : `/home/ann/work/$HOME` does not exist\n  \
         hint: in single quotes the shell leaves variables as they are\n"
    );
    // Of an entry with a source of its own, it is the source that must be there, and that is pointed at.
    says(
        &host,
        "read = [{ path = '/in', from = '/none' }]",
        &format!("test.toml:2:32 '/none' : `/none` does not exist\n{create}"),
    );
    says(
        &host,
        "write = ['/usr/*.c']",
        "test.toml:2:10 '/usr/*.c' : `/usr/*.c` does not exist\n  hint: only `read` and `hide` take patterns; here a `*` is part of the name\n",
    );
    // A file has nothing in it.
    says(
        &host,
        "read = ['/usr/bin/bash/x']",
        &format!("test.toml:2:9 '/usr/bin/bash/x' : `/usr/bin/bash/x` does not exist\n{create}"),
    );
    let optional = "read = [{ path = '/none', optional = true }, { path = '/srv/data', optional = true }, \
                    { path = '/in', from = '/none', optional = true }, '/tmp']";
    assert_eq!(plan(&host, optional), "read /tmp\n");
}

#[test]
fn what_is_out_of_reach_says_where() {
    let host = Host::new().forbidden("/secret/way").link("/srv/way", "/secret/way");
    says(
        &host,
        "read = ['/srv/way']",
        "test.toml:2:9 '/srv/way' : `/srv/way` is out of your reach\n  hint: you may not enter `/secret`\n",
    );
    assert_eq!(plan(&host, "read = [{ path = '/srv/way', optional = true }]"), "");
}

#[test]
fn a_loop_of_symlinks_is_an_error_in_every_kind_of_entry() {
    let host = Host::new().link("/a", "b").link("/b", "a");
    let looped = |column: u32, written: &str, path: &str| {
        format!("test.toml:2:{column} '{written}' : `{path}` is a loop of symlinks\n")
    };
    says(&host, "read = ['/a']", &looped(9, "/a", "/a"));
    says(&host, "write = ['/b/x']", &looped(10, "/b/x", "/b/x"));
    says(&host, "read = [{ path = '/in', from = '/a' }]", &looped(32, "/a", "/a"));
    says(&host, "read = [{ path = '/a', optional = true }]", &looped(18, "/a", "/a"));
    says(&host, "tmpfs = ['/a/t']", &looped(10, "/a/t", "/a/t"));
    // Inside, a loop can also be made.
    let made = |entry: &str| format!("symlinks = {{ '/x' = 'y', '/y' = 'x' }}\n{entry}");
    says(&host, &made("files = { '/x/f' = '' }"), "test.toml:3:11 '/x/f' : `/x/f` is a loop of symlinks\n");
    says(
        &host,
        &made("read = [{ path = '/x/f', from = '/tmp' }]"),
        "test.toml:3:18 '/x/f' : `/x/f` is a loop of symlinks\n",
    );
    // Nobody can read through one, so there is nothing to hide, but no error in a link that is only shown.
    assert_eq!(plan(&host, "hide = ['/a', '/a/*']"), "");
    assert_eq!(plan(&host, &made("hide = ['/x/f']")), "link /x -> y\nlink /y -> x\n");
}

#[test]
fn an_entry_appears_where_its_path_says() {
    let host =
        Host::new().file("/home/ann/notes", "").folder("/home/ann/work/sub").link("/srv/notes", "/home/ann/notes");
    let entries = "read = [{ path = '/in/notes', from = '~/notes' }, { path = '/etc/n', from = '/srv/notes' }]\n\
                   write = ['${PWD}', { path = '${PWD}/sub', from = '/tmp' }]";
    assert_eq!(
        plan(&host, entries),
        "read /etc/n from /home/ann/notes\nread /in/notes from /home/ann/notes\nwrite /home/ann/work\n\
         write /home/ann/work/sub from /tmp\n"
    );
    // The same path twice is no other place: then links are as on the host.
    assert_eq!(
        plan(&host, "read = [{ path = '/srv/notes', from = '/srv/./notes' }]"),
        "link /srv/notes -> /home/ann/notes\nread /home/ann/notes\n"
    );
}

#[test]
fn nothing_appears_inside_a_folder_of_the_host_that_is_not_there() {
    let never = "and nothing is ever created on the host";
    let host = Host::new().file("/home/ann/work/file", "").folder("/home/ann/work/sub");
    let inside = |entry: &str| format!("write = ['${{PWD}}']\n{entry}");
    says(
        &host,
        &inside("read = [{ path = '${PWD}/new', from = '/tmp' }]"),
        &format!(
            "test.toml:3:18 '${{PWD}}/new' : `/home/ann/work/new` does not exist inside `/home/ann/work`, so nothing can appear \
             there\n  hint: `/home/ann/work` is opened by test.toml:2:10, {never}\n"
        ),
    );
    says(
        &host,
        &inside("tmpfs = ['${PWD}/new/deep']"),
        &format!(
            "test.toml:3:10 '${{PWD}}/new/deep' : `/home/ann/work/new/deep` does not exist inside `/home/ann/work`, so nothing \
             can appear there\n  hint: `/home/ann/work` is opened by test.toml:2:10, {never}\n"
        ),
    );
    says(
        &host,
        &inside("symlinks = { '${PWD}/new' = 'x' }"),
        "test.toml:3:14 '${PWD}/new' : the symlink `/home/ann/work/new` cannot be made inside `/home/ann/work`\n  \
         hint: nothing is ever created on the host; `/home/ann/work` is opened by test.toml:2:10\n",
    );
    says(
        &host,
        &inside("files = { '${PWD}/new' = 'x' }"),
        "test.toml:3:11 '${PWD}/new' : the file `/home/ann/work/new` cannot be made inside `/home/ann/work`\n  \
         hint: nothing is ever created on the host; `/home/ann/work` is opened by test.toml:2:10\n",
    );
    // Control: in memory all of this can be made.
    let memory = "tmpfs = ['${PWD}', '${PWD}/new/deep']\nread = [{ path = '${PWD}/other', from = '/tmp' }]\n\
                  symlinks = { '${PWD}/link' = 'x' }\nfiles = { '${PWD}/file' = 'x' }";
    assert_eq!(plan(&host, memory).lines().count(), 5);
}

#[test]
fn a_file_and_a_folder_do_not_cover_each_other() {
    let host = Host::new().file("/home/ann/work/file", "").folder("/home/ann/work/sub");
    let inside = |entry: &str| format!("read = ['${{PWD}}', {entry}]");
    says(
        &host,
        &inside("{ path = '${PWD}/file', from = '/tmp' }"),
        "test.toml:2:28 '${PWD}/file' : a folder cannot appear at `/home/ann/work/file`, which is a file in `/home/ann/work`\n",
    );
    says(
        &host,
        &inside("{ path = '${PWD}/sub', from = '/usr/bin/bash' }"),
        "test.toml:2:28 '${PWD}/sub' : a file cannot appear at `/home/ann/work/sub`, which is a folder in `/home/ann/work`\n",
    );
    says(
        &host,
        "read = ['/usr/bin/bash', { path = '/usr/bin/bash/x', from = '/tmp' }]",
        "test.toml:2:35 '/usr/bin/bash/x' : `/usr/bin/bash/x` cannot be in `/usr/bin/bash`, which is a file\n  \
         hint: `/usr/bin/bash` is opened by test.toml:2:9\n",
    );
    // Control: like covers like.
    assert_eq!(
        plan(
            &host,
            &inside("{ path = '${PWD}/file', from = '/usr/bin/bash' }, { path = '${PWD}/sub', from = '/tmp' }")
        ),
        "read /home/ann/work\nread /home/ann/work/file from /usr/bin/bash\nread /home/ann/work/sub from /tmp\n"
    );
}

#[test]
fn two_names_for_one_place_agree_or_are_an_error() {
    let host = Host::new().link("/a", "/tmp").link("/b", "/tmp");
    says(
        &host,
        "read = ['/a']\nwrite = ['/b']",
        "test.toml:3:10 '/b' : `/a` and `/b` lead to the same `/tmp`, but not to the same access\n  \
         hint: the other is at test.toml:2:9; add an entry for `/tmp`\n",
    );
    assert_eq!(plan(&host, "read = ['/a', '/b']"), "link /a -> /tmp\nlink /b -> /tmp\nread /tmp\n");
    assert_eq!(plan(&host, "read = ['/a']\nwrite = ['/b', '/tmp']"), "link /a -> /tmp\nlink /b -> /tmp\nwrite /tmp\n");
}

#[test]
fn a_symlink_to_the_root_opens_no_root() {
    let host = Host::new().link("/srv/all", "/");
    let root = "the root itself cannot be an entry\n  hint: name the folders below it; all of them, read-only, are there with `root = { directory = \"/\" }` in \
         `[filesystem]`\n";
    says(&host, "read = ['/srv/all']", &format!("test.toml:2:9 '/srv/all' : {root}"));
    says(&host, "read = ['/srv']\nhide = ['/srv/all']", &format!("test.toml:3:9 '/srv/all' : {root}"));
    says(&host, "tmpfs = ['/srv/all/..']\nread = ['/']", &format!("test.toml:3:9 '/' : {root}"));
    says(&host, "write = ['/srv/all/tmp/..']", &format!("test.toml:2:10 '/srv/all/tmp/..' : {root}"));
}

#[test]
fn an_entry_has_a_path_and_no_other_words() {
    let host = Host::new();
    says(&host, "read = [{ from = '/tmp' }]", "test.toml:2:9 { from = '/tmp' } : an entry without a `path`\n");
    says(
        &host,
        "read = [{ path = '/tmp', form = '/usr' }]",
        "test.toml:2:26 form : unknown key `form` in `filesystem.read`\n  label: did you mean `from`?\n",
    );
    says(
        &host,
        "tmpfs = [{ path = '/t', colour = 'red' }]",
        "test.toml:2:25 colour : unknown key `colour` in `filesystem.tmpfs`\n  hint: known here are `path`, `size`, `mode`\n",
    );
}

#[test]
fn a_file_of_the_profile_holds_its_text_as_it_is_written() {
    let text = "files = { '~/.config/x' = '${HOME} $5 ~\n', '/etc/${USER}' = \"a\\tb\" }".replace('\n', "");
    let plan = Host::new().plan(&format!("[filesystem]\n{text}\n"));
    assert_eq!(asked(&plan), "file /etc/ann\nfile /home/ann/.config/x\n");
    assert_eq!(contents(&plan, "/home/ann/.config/x"), "${HOME} $5 ~");
    assert_eq!(contents(&plan, "/etc/ann"), "a\tb");
}

#[test]
fn a_file_of_the_profile_wins_over_one_of_nsbox() {
    let plan = Host::new().plan("[filesystem]\nfiles = { '/etc/hostname' = 'mine' }\n");
    assert_eq!((contents(&plan, "/etc/hostname"), asked(&plan).as_str()), ("mine", "file /etc/hostname\n"));
    assert!(contents(&plan, "/etc/hosts").contains("nsbox"));
    // Taken back, neither is there; and it can be set on the command line.
    let host =
        Host::new().file("/home/ann/work/inherited.toml", "[filesystem]\nfiles = { '/etc/hostname' = 'mine' }\n");
    let plan = host.plan("extends = ['./inherited.toml']\n[filesystem]\ndrop = ['/etc/hostname']\n");
    assert!(plan.mounts.iter().all(|mount| !mount.destination.ends_with("hostname")));
    let flag = ("--set", "filesystem.files.\"/etc/hostname\"", "\"yours\"");
    let plan = host.plan_with("extends = ['./inherited.toml']\n", &[flag]);
    assert_eq!(contents(&plan, "/etc/hostname"), "yours");
}

#[test]
fn a_file_of_the_profile_stands_where_nothing_else_is() {
    let host = Host::new().link("/srv/link", "/usr/share");
    says(
        &host,
        "read = ['/usr', '/bin']\nfiles = { '/bin/tool' = '' }",
        "test.toml:3:11 '/bin/tool' : the file `/usr/bin/tool` cannot be made inside `/usr`\n  \
         hint: nothing is ever created on the host; `/usr` is opened by test.toml:2:9\n",
    );
    says(
        &host,
        "files = { '/proc/sys' = '' }",
        "test.toml:2:11 '/proc/sys' : the file `/proc/sys` cannot be made inside `/proc`\n  \
         hint: nothing is ever created on the host; `/proc` is opened by the default of `filesystem.proc`\n",
    );
    says(
        &host,
        "files = { '/etc' = '' }\nread = ['/etc/alternatives']",
        "test.toml:3:9 '/etc/alternatives' : `/etc/alternatives` cannot be in `/etc`, which is a file\n  \
         hint: `/etc` is opened by test.toml:2:11\n",
    );
    says(
        &host,
        "files = { '/usr/share' = '' }\nread = ['/srv/link']",
        "test.toml:2:11 '/usr/share' : `/usr/share` is something else already\n  hint: it is asked for by test.toml:3:9\n",
    );
    // A file of the profile is no way through a symlink of the host.
    assert_eq!(
        plan(&host, "files = { '/srv/link' = '' }\nread = [{ path = '/srv/other', from = '/tmp' }]"),
        "file /srv/link\nread /srv/other from /tmp\n"
    );
}

#[test]
fn in_a_root_of_the_hosts_own_making_nothing_is_replaced() {
    let host = Host::new().file("/srv/image/etc/hostname", "image").folder("/srv/image/tmp");
    let root = |access: &str, entry: &str| {
        format!("root = {{ directory = '/srv/image', access = '{access}' }}\nproc = 'none'\ndev = 'none'\n{entry}")
    };
    let file = "files = { '/etc/hostname' = 'mine' }";
    says(
        &host,
        &root("discard", file),
        "test.toml:5:11 '/etc/hostname' : `/etc/hostname` is there already, in `/`, and is not replaced\n  \
         hint: a file of the host can be shown there instead, with `read`\n",
    );
    says(
        &host,
        &root("discard", "symlinks = { '/tmp' = 'x' }"),
        "test.toml:5:14 '/tmp' : `/tmp` is there already, in `/`, and is not replaced\n  \
         hint: a file of the host can be shown there instead, with `read`\n",
    );
    says(
        &host,
        &root("read", "files = { '/etc/motd' = 'mine' }"),
        "test.toml:5:11 '/etc/motd' : the file `/etc/motd` cannot be made inside `/`\n  \
         hint: nothing is ever created on the host; `/` is opened by test.toml:2:8\n",
    );
    // Control: where changes are discarded, what is new can be made.
    assert_eq!(plan(&host, &root("discard", "files = { '/etc/motd' = 'mine' }")), "file /etc/motd\n");
}

#[test]
fn a_root_folder_that_is_not_there_is_told_once_and_not_by_all_that_would_be_in_it() {
    let root = |path: &str| format!("root = {{ directory = '{path}', access = 'read' }}");
    let told = |path: &str, why: &str| {
        let words = format!("{{ directory = '{path}', access = 'read' }}");
        format!("test.toml:2:8 {words} : `{path}` {why}\n  hint: an image is unpacked into a folder first\n")
    };
    says(&Host::new(), &root("/srv/image"), &told("/srv/image", "does not exist"));
    says(&Host::new().file("/srv/image.iso", ""), &root("/srv/image.iso"), &told("/srv/image.iso", "is no folder"));
}

#[test]
fn files_of_a_profile_are_text_and_small() {
    says(
        &Host::new(),
        "files = { '/etc/x' = 7 }",
        "test.toml:2:22 7 : expected the text of the file, found a number\n",
    );
    says(
        &Host::new(),
        "files = ['/etc/x']",
        "test.toml:2:9 ['/etc/x'] : expected a table from path to text, found a list\n  \
         hint: as in `files = { \"/etc/machine\" = \"sandbox\" }`\n",
    );
    says(
        &Host::new(),
        "files = { '/a' = '', '/./a' = '' }",
        "test.toml:2:22 '/./a' : `/a` is named twice in one profile\n  hint: it is also named at test.toml:2:11; keep one of the two\n",
    );
    // A profile itself is no larger, so it takes several.
    let half = |path: &str| format!("[filesystem]\nfiles = {{ '{path}' = '''{}''' }}\n", "123456789\n".repeat(60_000));
    let host = Host::new().file("/home/ann/work/one.toml", half("/one"));
    let both = format!("extends = ['./one.toml']\n{}", half("/two"));
    assert_eq!(contents(&host.plan("extends = ['./one.toml']\n"), "/one").len(), 600_000);
    let said = host.problems(&both);
    assert_eq!(
        said,
        "test.toml:3:11 '/two' : with `/two`, `files` holds more than 1 MiB\n  \
         hint: keep large files on the host, and show them with `read`\n"
    );
}

#[test]
fn several_paths_that_have_all_else_in_common_are_one_entry() {
    let host = Host::new().folder("/opt").folder("/srv/a");
    let apart = "read = [{ path = '/opt', optional = true }, { path = '/none', optional = true }]
        tmpfs = [{ path = '/tmp', mode = '1777' }, { path = '/srv/a', mode = '1777' }]
        devices = [{ path = '/dev/null' }, { path = '/dev/none', optional = true }]";
    let together = "read = [{ path = ['/opt', '/none'], optional = true }]
        tmpfs = [{ path = ['/tmp', '/srv/a'], mode = '1777' }]
        devices = [{ path = ['/dev/none', '/dev/null'], optional = true }]";
    assert_eq!(plan(&host, together), plan(&host, apart));
    // Each is still one: named twice, dropped, missing, by its own place.
    says(
        &host,
        "read = ['/opt', { path = ['/usr', '/opt'] }]",
        "test.toml:2:35 '/opt' : `/opt` is named twice in one profile\n  \
         hint: it is also named at test.toml:2:9; keep one of the two\n",
    );
    says(
        &host,
        "write = [{ path = ['/opt', '/none'] }]",
        "test.toml:2:28 '/none' : `/none` does not exist\n  \
         hint: create it, or set `optional = true` on this entry\n",
    );
    says(&host, "read = [{ path = ['/opt', ['/usr']] }]", "test.toml:2:27 ['/usr'] : expected a path, found a list\n");
    says(
        &host,
        "read = [{ path = ['/in', '/at'], from = '/opt' }]",
        "test.toml:2:26 '/at' : several paths cannot all show the same place\n  \
         hint: an entry with a `from`, as at test.toml:2:41, has one `path`\n",
    );
}
