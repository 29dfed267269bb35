//! What is said of keys, types and words that are wrong.

use super::fixture::Host;

#[track_caller]
fn says(profile: &str, expected: &str) {
    assert_eq!(Host::new().problems(profile), expected);
}

#[test]
fn an_unknown_key_is_answered_with_the_nearest() {
    says(
        "[filesystem]\nraed = []\n",
        "test.toml:2:1 raed : unknown key `raed` in `[filesystem]`\n  label: did you mean `read`?\n",
    );
    says("[filesytem]\n", "test.toml:1:2 filesytem : unknown key `filesytem`\n  label: did you mean `filesystem`?\n");
    says(
        "desciption = \"x\"\n",
        "test.toml:1:1 desciption : unknown key `desciption`\n  label: did you mean `description`?\n",
    );
}

#[test]
fn an_unknown_key_that_is_near_to_none_is_answered_with_all() {
    says(
        "[network]\nbandwidth = 3\n",
        "test.toml:2:1 bandwidth : unknown key `bandwidth` in `[network]`\n  hint: known here are `mode`\n",
    );
    says(
        "xyzzy = 1\n",
        "test.toml:1:1 xyzzy : unknown key `xyzzy`\n  hint: known here are `description`, `extends`, `command`, `identity`, \
         `namespaces`, `filesystem`, `environment`, `network`, `desktop`, `syscalls`, `capabilities`, `limits`, `terminal`, `protections`\n",
    );
}

#[test]
fn a_key_in_the_wrong_section_is_sent_to_its_own() {
    says("read = [\"/usr\"]\n", "test.toml:1:1 read : unknown key `read`\n  hint: `read` belongs in `[filesystem]`\n");
    says(
        "[filesystem]\nhostname = \"x\"\n",
        "test.toml:2:1 hostname : unknown key `hostname` in `[filesystem]`\n  hint: `hostname` belongs in `[identity]`\n",
    );
}

#[test]
fn a_key_of_several_sections_is_sent_to_all_of_them() {
    says(
        "[network]\ndrop = []\n",
        "test.toml:2:1 drop : unknown key `drop` in `[network]`\n  \
         hint: `drop` belongs in `[filesystem]` or `[environment]` or `[syscalls]`\n",
    );
}

#[test]
fn an_unknown_key_in_an_entry() {
    says(
        "[filesystem]\nread = [{ path = \"/usr\", optoinal = true }]\n",
        "test.toml:2:26 optoinal : unknown key `optoinal` in `filesystem.read`\n  label: did you mean `optional`?\n",
    );
    says(
        "[filesystem]\ntmpfs = [{ path = \"/t\", optional = true }]\n",
        "test.toml:2:25 optional : unknown key `optional` in `filesystem.tmpfs`\n  hint: known here are `path`, `size`, `mode`\n",
    );
    says(
        "[filesystem]\nread = [{ from = \"/usr\" }]\n",
        "test.toml:2:9 { from = \"/usr\" } : an entry without a `path`\n",
    );
}

#[test]
fn a_section_that_is_none() {
    says(
        "network = \"host\"\n",
        "test.toml:1:11 \"host\" : `network` is a section, not a string\n  hint: its keys are `mode`\n",
    );
}

#[test]
fn a_value_of_the_wrong_type() {
    let binds = "a list of paths, or of tables with `path`, `from` and `optional`";
    let cases = [
        ("description = 1\n", "1:15 1 : expected a string, found a number"),
        ("[command]\nargv = \"bash\"\n", "2:8 \"bash\" : expected a list of strings, found a string"),
        ("[command]\nargv = [true]\n", "2:9 true : expected a string, found a boolean"),
        ("[command]\ndirectory = []\n", "2:13 [] : expected a path, found a list"),
        ("[identity]\nuser = 1.5\n", "2:8 1.5 : expected `self`, `root`, `nobody` or a number, found a number"),
        ("[identity]\nhostname = 2020-01-01\n", "2:12 2020-01-01 : expected a string, found a date"),
        ("[filesystem]\nread = 7\n", &format!("2:8 7 : expected {binds}, found a number")),
        ("[filesystem]\nwrite = [7]\n", "2:10 7 : expected a path, found a number"),
        ("[filesystem]\nhide = \"/x\"\n", "2:8 \"/x\" : expected a list of paths, found a string"),
        (
            "[filesystem]\nread = [{ path = \"/usr\", optional = \"yes\" }]\n",
            "2:37 \"yes\" : expected `true` or `false`, found a string",
        ),
        ("[filesystem]\nsymlinks = []\n", "2:12 [] : expected a table from path to target, found a list"),
        ("[filesystem]\nproc = true\n", "2:8 true : expected one of `new`, `existing`, `none`, found a boolean"),
        ("[environment]\nset = []\n", "2:7 [] : expected a table from name to value, found a list"),
        ("[environment]\nset = { A = 1 }\n", "2:13 1 : expected a string, found a number"),
        (
            "[environment]\ninherit = \"TERM\"\n",
            "2:11 \"TERM\" : expected a list of names, in which `*` stands for anything, or `\"all\"`, found a string",
        ),
    ];
    for (profile, expected) in cases {
        let said = Host::new().problems(profile);
        assert_eq!(said.lines().next(), Some(&*format!("test.toml:{expected}")));
    }
}

#[test]
fn a_value_of_the_wrong_type_is_answered_with_one_that_fits() {
    says(
        "[filesystem]\nhide = \"/x\"\n",
        "test.toml:2:8 \"/x\" : expected a list of paths, found a string\n  \
         hint: as in `hide = [\"${PROJECT}/.env*\", \"${PROJECT}/**/id_*\"]`\n",
    );
    says(
        "[environment]\nset = { A = 1 }\n",
        "test.toml:2:13 1 : expected a string, found a number\n  hint: in quotes it is one: `\"1\"`\n",
    );
    assert_eq!(
        Host::new().problems_with("", &[("--set", "command.argv", "\"ls -l\"")]),
        "--set:1:14 \"ls -l\" : expected a list of strings, found a string\n  \
         hint: as in `--set 'command.argv=[\"bash\", \"--login\"]'`\n"
    );
}

#[test]
fn a_word_without_quotes_is_told_what_it_lacks() {
    let bare = "only numbers, `true` and `false` stand without quotes\n";
    for (value, label) in [
        ("host", "  label: did you mean `\"host\"`?\n"),
        ("/srv", "  label: did you mean `\"/srv\"`?\n"),
        ("no", "  label: did you mean `false`?\n"),
        ("True", "  label: did you mean `true`?\n"),
        ("two words", ""),
    ] {
        says(&format!("[network]\nmode = {value}\n"), &format!("test.toml:2:8 {value} : {bare}{label}"));
    }
    says("[network]\nmode =\n", "test.toml:2:7  : a value is missing\n");
}

#[test]
fn a_word_that_is_no_choice() {
    says(
        "[network]\nmode = \"hots\"\n",
        "test.toml:2:8 \"hots\" : `hots` is not one of `none`, `host`\n  label: did you mean `host`?\n",
    );
    says(
        "[syscalls]\npolicy = \"loose\"\n",
        "test.toml:2:10 \"loose\" : `loose` is not one of `default`, `strict`, `none`\n",
    );
    says(
        "[identity]\nuser = \"rot\"\n",
        "test.toml:2:8 \"rot\" : `rot` is not `self`, `root`, `nobody` or a number\n  label: did you mean `root`?\n",
    );
    says(
        "[identity]\nuser = \"ann\"\n",
        "test.toml:2:8 \"ann\" : `ann` is not `self`, `root`, `nobody` or a number\n  label: that is `self`\n",
    );
    says(
        "[protections]\nbest-effort = [\"landlock\"]\n",
        "test.toml:2:16 \"landlock\" : `landlock` is not one of `landlock-scopes`, `user-namespace-limit`\n  \
         label: did you mean `landlock-scopes`?\n",
    );
    says(
        "[identity]\nuser = \"annabel\"\n",
        "test.toml:2:8 \"annabel\" : `annabel` is not `self`, `root`, `nobody` or a number\n  \
         hint: others are named by number, since their names mean nothing inside\n",
    );
    says(
        "[identity]\ngroup = 4294967295\n",
        "test.toml:2:9 4294967295 : `4294967295` is not `self`, `root`, `nobody` or a number\n  hint: ids go up to 4294967294\n",
    );
}

#[test]
fn everything_is_said_at_once_in_the_order_of_the_text() {
    says(
        "[netwrk]\n[filesystem]\nread = [\"/none\", 3]\ndev = \"full\"\n[command]\nargv = []\n",
        "test.toml:1:2 netwrk : unknown key `netwrk`\n  label: did you mean `network`?\n\
         test.toml:3:18 3 : expected a path, found a number\n\
         test.toml:4:7 \"full\" : `full` is not one of `minimal`, `host`, `none`\n\
         test.toml:6:8 [] : a command needs at least one word\n\
         test.toml:3:9 \"/none\" : `/none` does not exist\n  hint: create it, or set `optional = true` on this entry\n",
    );
}

#[test]
fn a_place_is_counted_in_characters() {
    says(
        "[filesystem]\nread = [\"/usr\", # größer\n  \"äöü\"]\r\n",
        "test.toml:3:3 \"äöü\" : `äöü` is a relative path\n  \
         hint: for one below the working directory, write `${PWD}/äöü`\n",
    );
    says(
        "[filesystem]\nread = [\"/größe\", \"x\"]\n",
        "test.toml:2:19 \"x\" : `x` is a relative path\n  hint: for one below the working directory, write `${PWD}/x`\n\
         test.toml:2:9 \"/größe\" : `/größe` does not exist\n  hint: create it, or set `optional = true` on this entry\n",
    );
}
