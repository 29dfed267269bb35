//! Paths, variables, sizes, permissions and host names: what they may be, and what is said of others.

use super::fixture::{Host, asked};

#[track_caller]
fn says(profile: &str, expected: &str) {
    assert_eq!(Host::new().problems(profile), expected);
}

#[test]
fn variables_and_the_home_folder_are_expanded() {
    let mut host = Host::new();
    host.environment.extend([("XDG_RUNTIME_DIR", "/run/user/1000"), ("XDG_CACHE_HOME", "relative")]);
    let profile = "[filesystem]\ntmpfs = ['~', '~/a', '${HOME}/b', '${PWD}/c', '/u/${USER}/${UID}-${GID}', \
                   '${XDG_CONFIG_HOME}', '${XDG_CACHE_HOME}', '${XDG_RUNTIME_DIR}', '/$$HOME', '/a~']";
    let expected = "tmpfs /$HOME 0755\ntmpfs /a~ 0755\ntmpfs /home/ann 0755\ntmpfs /home/ann/.cache 0755\n\
                    tmpfs /home/ann/.config 0755\ntmpfs /home/ann/a 0755\ntmpfs /home/ann/b 0755\n\
                    tmpfs /run/user/1000 0755\ntmpfs /u/ann/1000-1000 0755\ntmpfs /home/ann/work/c 0755\n";
    assert_eq!(asked(&host.plan(profile)), expected);
}

#[test]
fn an_unknown_variable_is_pointed_at() {
    says(
        "[filesystem]\nread = [\"/x/${HOEM}/y\"]\n",
        "test.toml:2:13 ${HOEM} : `${HOEM}` is no variable of a profile\n  hint: did you mean `${HOME}`?\n",
    );
    says(
        "[command]\nargv = [\"${NOTHING}\"]\n",
        "test.toml:2:10 ${NOTHING} : `${NOTHING}` is no variable of a profile\n  hint: the variables are HOME, USER, UID, GID, \
         PWD, PROJECT, GIT_COMMON_DIR, XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR, XDG_DESKTOP_DIR, XDG_DOCUMENTS_DIR, XDG_DOWNLOAD_DIR, \
         XDG_MUSIC_DIR, XDG_PICTURES_DIR, XDG_PUBLICSHARE_DIR, XDG_TEMPLATES_DIR, XDG_VIDEOS_DIR\n",
    );
    says(
        "[filesystem]\nread = [\"${XDG_RUNTIME_DIR}/bus\"]\n",
        "test.toml:2:10 ${XDG_RUNTIME_DIR} : `${XDG_RUNTIME_DIR}` is not set\n  \
         hint: set XDG_RUNTIME_DIR to an absolute path, or leave out what needs it\n",
    );
}

#[test]
fn every_bad_variable_of_a_string_is_said() {
    says(
        "[environment]\nset = { A = \"${X}:$HOME:${Y}\" }\n",
        "test.toml:2:14 ${X} : `${X}` is no variable of a profile\n  hint: the variables are HOME, USER, UID, GID, PWD, \
         PROJECT, GIT_COMMON_DIR, XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR, XDG_DESKTOP_DIR, XDG_DOCUMENTS_DIR, XDG_DOWNLOAD_DIR, \
         XDG_MUSIC_DIR, XDG_PICTURES_DIR, XDG_PUBLICSHARE_DIR, XDG_TEMPLATES_DIR, XDG_VIDEOS_DIR\n\
         test.toml:2:19 $ : a `$` that starts no variable\n  hint: `${NAME}` stands for a variable, and `$$` for a dollar sign\n\
         test.toml:2:25 ${Y} : `${Y}` is no variable of a profile\n  hint: the variables are HOME, USER, UID, GID, PWD, \
         PROJECT, GIT_COMMON_DIR, XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_RUNTIME_DIR, XDG_DESKTOP_DIR, XDG_DOCUMENTS_DIR, XDG_DOWNLOAD_DIR, \
         XDG_MUSIC_DIR, XDG_PICTURES_DIR, XDG_PUBLICSHARE_DIR, XDG_TEMPLATES_DIR, XDG_VIDEOS_DIR\n",
    );
}

#[test]
fn a_path_that_is_none() {
    let below = "hint: for one below the working directory, write";
    says(
        "[filesystem]\nread = [\"./data\"]\n",
        &format!("test.toml:2:9 \"./data\" : `./data` is a relative path\n  {below} `${{PWD}}/data`\n"),
    );
    says(
        "[filesystem]\nread = [\"~bob/x\"]\n",
        "test.toml:2:9 \"~bob/x\" : `~bob/x` is a relative path\n  \
         hint: `~` is the caller's own home folder; that of others is written out\n",
    );
    says("[filesystem]\nread = [\"\"]\n", "test.toml:2:9 \"\" : an empty path\n");
    says("[filesystem]\nread = [\"/a\\u0000b\"]\n", "test.toml:2:9 \"/a\\u0000b\" : a NUL byte inside a path\n");
    says("[command]\nargv = [\"a\\u0000b\"]\n", "test.toml:2:9 \"a\\u0000b\" : a NUL byte inside a string\n");
    says(
        "[filesystem]\nwrite = [\"/usr/..\"]\n",
        "test.toml:2:10 \"/usr/..\" : the root itself cannot be an entry\n  hint: name the folders below it; all of them, read-only, are there with `root = { directory = \"/\" }` in \
         `[filesystem]`\n",
    );
    says(
        "[filesystem]\nsymlinks = { \"/l\" = \"\" }\n",
        "test.toml:2:21 \"\" : this cannot be the target of a symlink\n",
    );
}

#[test]
fn sizes_have_units_or_are_a_share_of_memory() {
    let cases = [
        ("4096", 4096),
        ("0x10", 16),
        ("\"4096\"", 4096),
        ("\"3k\"", 3 << 10),
        ("\"512M\"", 512 << 20),
        ("\"1G\"", 1 << 30),
        ("\"25%\"", 2_u64 << 30),
    ];
    for (written, bytes) in cases {
        let plan = Host::new().plan(&format!("[filesystem]\ntmpfs = [{{ path = '/t', size = {written} }}]\n"));
        assert_eq!(asked(&plan), format!("tmpfs /t 0755 {bytes}\n"), "{written}");
    }
}

#[test]
fn a_size_that_is_none() {
    let sizes =
        ["0", "-1", "1.5", "true", "\"\"", "\"1T\"", "\"G\"", "\"+1\"", "\"0%\"", "\"101%\"", "\"99999999999G\""];
    for size in sizes {
        let said = Host::new().problems(&format!("[filesystem]\ntmpfs = [{{ path = '/t', size = {size} }}]\n"));
        assert!(said.starts_with(&format!("test.toml:2:32 {size} : ")), "{size}: {said}");
        assert!(
            said.contains("is no size\n  hint: a number of bytes, also with K, M or G, or a share of memory"),
            "{said}"
        );
    }
}

#[test]
fn permissions_are_octal() {
    for written in ["\"0700\"", "\"700\"", "0o700", "\"0o700\""] {
        let plan = Host::new().plan(&format!("[filesystem]\ntmpfs = [{{ path = '/t', mode = {written} }}]\n"));
        assert_eq!(asked(&plan), "tmpfs /t 0700\n", "{written}");
    }
    for mode in ["700", "\"\"", "\"0800\"", "\"4755\"", "\"rwx\"", "true"] {
        let said = Host::new().problems(&format!("[filesystem]\ntmpfs = [{{ path = '/t', mode = {mode} }}]\n"));
        assert!(said.starts_with(&format!("test.toml:2:32 {mode} : ")), "{mode}: {said}");
        assert!(said.ends_with("is no mode\n  hint: octal permissions, at most 1777: `\"0700\"`\n"), "{mode}: {said}");
    }
}

#[test]
fn host_names() {
    let hint = "  hint: 1 to 64 letters, digits, `-` and `.`\n";
    let long = "x".repeat(65);
    let cases = [
        ("", "an empty host name".to_owned()),
        (long.as_str(), "a host name of 65 bytes is too long".to_owned()),
        ("a b", "`a b` cannot be a host name".to_owned()),
        ("bücher", "`bücher` cannot be a host name".to_owned()),
    ];
    for (name, message) in cases {
        says(
            &format!("[identity]\nhostname = \"{name}\"\n"),
            &format!("test.toml:2:12 \"{name}\" : {message}\n{hint}"),
        );
    }
    let longest = "x".repeat(64);
    let plan = Host::new().plan(&format!("[identity]\nhostname = \"{longest}\"\n"));
    assert_eq!(plan.identity.hostname, Some(longest));
}

#[test]
fn names_of_variables() {
    says(
        "[environment]\ninherit = [\"A=B\"]\nset = { \"C=D\" = \"x\", \"\" = \"y\" }\n",
        "test.toml:2:12 \"A=B\" : `A=B` cannot be the name of a variable\n  hint: values are set in `environment.set`\n\
         test.toml:3:9 \"C=D\" : `C=D` cannot be the name of a variable\n\
         test.toml:3:22 \"\" : `` cannot be the name of a variable\n",
    );
}
