//! How profiles are found and read, and what is none.

use super::fixture::Host;

#[test]
fn texts_that_are_no_profile() {
    let cases = [
        ("\u{feff}description = \"x\"\n", "byte order mark"),
        ("description = \"a\0b\"\n", "NUL"),
        ("description = \n", "test.toml:1:"),
        ("description = \"a\"\ndescription = \"b\"\n", "test.toml:2:1"),
        ("extends = [\"./test.toml\"]\n", "test.toml:1:12"),
        ("extends = [\"bse\"]\n", "`base`"),
    ];
    for (text, expected) in cases {
        let found = Host::new().problems(text);
        assert!(found.contains(expected), "{text:?}: {found}");
    }
}

#[test]
fn a_chain_that_never_ends_is_cut() {
    let mut host = Host::new();
    for i in 0..40 {
        let text = format!("extends = [\"./p{}.toml\"]\n", i + 1);
        host = host.file(&format!("/home/ann/work/p{i}.toml"), text);
    }
    assert!(host.problems("extends = [\"./p0.toml\"]\n").contains("16"));
}

#[test]
fn a_name_in_extends_is_never_a_file_of_the_working_directory() {
    let host = Host::new().file("/home/ann/work/mine.toml", "description = \"x\"\n");
    assert!(host.problems("extends = [\"mine\"]\n").contains("mine"));
    host.plan("extends = [\"./mine.toml\"]\n");
}
