//! A merged profile as it is listed: a profile itself, which says the same.

use super::fixture::{Host, rendered};
use super::order::without_origins;
use crate::frontend::profile::listing::list_chain;
use crate::frontend::profile::load::load_from;
use crate::frontend::profile::shelf::EMBEDDED;
use std::ffi::OsStr;

/// The listing of a profile in the file `test.toml`.
fn listed(host: &Host, profile: &str) -> String {
    let host = host.clone().file(&format!("{}/test.toml", host.working_directory), profile);
    let facts = host.facts();
    let chain = load_from(&host, OsStr::new("test.toml"), &facts).expect("a chain");
    let lines = list_chain(&chain, &facts).expect("a listing");
    let line = |text: &str, origin: Option<&str>| match origin {
        Some(origin) => format!("{text}  # {origin}\n"),
        None => format!("{text}\n"),
    };
    lines.iter().map(|listed| line(&listed.text, listed.origin.as_deref())).collect()
}

fn host() -> Host {
    let under = "[syscalls]\nallow = [\"bpf\", \"kcmp\"]\ndeny = [\"ptrace\"]\narchitectures = [\"native\"]\n\
        [protections]\nbest-effort = [\"landlock-scopes\"]\n[limits]\nprocesses = 10\nfile-size = \"1G\"\n";
    Host::new()
        .file("/home/ann/work/under.toml", under)
        .folder("/opt")
        .folder("/srv/data")
        .folder("/home/ann/.cargo/registry/cache")
        .folder("/home/ann/.cargo/bin")
        .folder("/home/ann/work/.git")
        .file("/home/ann/work/.env", "")
}

/// Every key, each in a form that a listing could get wrong.
const ODD: &str = r#"
extends = ["shell", "./under.toml"]
description = 'what is "odd"'

[command]
argv = [
    "bash", # a shell
    "--login",
]

[filesystem]
write = [
    { path = ["${PWD}", "/srv/data"] },
    { path = "/opt", from = "/srv/data", optional = true },
]
hide = ["~/work/.env"]
tmpfs = [{ path = "/tmp", size = "64M", mode = "1777" }]
drop = ["/var/tmp", "/etc/hosts", "/etc/localtime"]
symlinks."/etc/odd" = "a=b # c"
files."/etc/motd" = """
  one # line
two"""

[environment]
inherit = "all"
set.PATH = "${HOME}/bin:/bin"
set."ODD" = '''$$x'''

[namespaces]
time.boottime = "1s"

[syscalls]
drop = ["kcmp"]
deny = ["mount"]
architectures = ["native"]
on-denied = "log"

[limits]
processes = 20

[capabilities]
keep = []
"#;

#[test]
fn what_is_listed_is_a_profile_that_gives_the_same_plan() {
    let shipped = EMBEDDED.map(|(name, _)| format!("extends = [\"{name}\"]\n"));
    for profile in shipped.iter().map(String::as_str).chain([ODD]) {
        let listed = listed(&host(), profile);
        assert!(!listed.contains("extends"), "{listed}");
        // Of what of a desktop this host has not there are warnings, the same of both.
        let plan =
            |text: &str| host().lower(text, &[], &["bash"]).unwrap_or_else(|found| panic!("{}", rendered(&found))).0;
        let (one, other) = (plan(profile), plan(&listed));
        assert_eq!(without_origins(&one), without_origins(&other), "{listed}");
        // Control: it is not nothing that the two have in common; a part alone may open what this host has not.
        let empty = without_origins(&host().plan(""));
        assert!(without_origins(&one) != empty || listed.contains("A part of other profiles"), "{listed}");
    }
}

#[test]
fn every_origin_names_the_line_that_holds_the_words() {
    for (name, _) in EMBEDDED {
        for line in listed(&host(), &format!("extends = [\"{name}\"]\n")).lines() {
            let Some((text, origin)) = line.rsplit_once("  # ") else { continue };
            let (file, number) = origin.rsplit_once(':').expect("a file and a line");
            let (_, source) = EMBEDDED.iter().find(|(name, _)| *name == file).expect("a shipped profile");
            let at = source.lines().nth(number.parse::<usize>().expect("a number") - 1).expect("a line");
            let words = text.trim().trim_end_matches(',').rsplit(" = ").next().unwrap_or_default();
            let words = words.trim_start_matches('[').trim_end_matches([']', '}', ' ']);
            assert!(at.contains(words), "{line} is not {at}");
        }
    }
}

#[test]
fn what_later_profiles_replace_or_take_back_is_not_listed() {
    let listed = listed(&host(), ODD);
    for gone in [
        "/var/tmp",
        "/etc/localtime",
        "\"LC_*\"",
        "PATH = \"/usr",
        "{ path = \"/opt\", optional = true }",
        "kcmp",
        "under.toml:4",
        "= 10",
    ] {
        assert!(!listed.contains(gone), "{gone} is in {listed}");
    }
    for there in [
        "# Merged from base, toolchains, shell, ./under.toml, test.toml.\n",
        "description = 'what is \"odd\"'  # test.toml:3\n",
        "argv = [\"bash\", \"--login\"]  # test.toml:6\n",
        "    { path = \"/opt\", from = \"/srv/data\", optional = true },  # test.toml:14\n",
        "drop = [\n    \"/etc/hosts\",  # test.toml:18\n]\n",
        "\n[filesystem.symlinks]\n\"/etc/mtab\" = \"../proc/self/mounts\"  # base:",
        "\"/etc/odd\" = \"a=b # c\"  # test.toml:19\n",
        "\n[filesystem.files]\n\"/etc/motd\" = \"\"\"\n  one # line\ntwo\"\"\"  # test.toml:20\n",
        "\n[capabilities]\nkeep = []  # test.toml:42\n",
        "inherit = \"all\"  # test.toml:25\n",
        "\n[environment.set]\nPATH = \"${HOME}/bin:/bin\"  # test.toml:26\n\"ODD\" = '''$$x'''  # test.toml:27\n",
        "allow = [\n    \"bpf\",  # ./under.toml:2\n]\ndeny = [\n    \"ptrace\",  # ./under.toml:3\n    \"mount\",  # test.toml:34\n]\n",
        "architectures = [\n    \"native\",  # test.toml:35\n]\n",
        "processes = 20  # test.toml:39\nfile-size = \"1G\"  # ./under.toml:9\n",
        "\n[namespaces.time]\nboottime = \"1s\"  # test.toml:30\n",
    ] {
        assert!(listed.contains(there), "{there} is not in {listed}");
    }
}
