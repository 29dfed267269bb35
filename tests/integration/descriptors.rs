//! Which of the caller's open descriptors cross over.

use crate::support::{Host, shell};

#[test]
fn a_kept_descriptor_arrives_under_its_number_with_its_content_and_position() {
    let host = Host::new();
    host.write("notes.txt", "first\nsecond\n");
    let read = "exec 7<notes.txt; read -r line <&7;";
    shell(&host, &format!("{read} nsbox --keep-fd 7 sh -c 'cat <&7'"))
        .exits(0)
        .in_silence()
        .says("second")
        .never_says("first");
    // Control: without the flag it is not there.
    shell(&host, &format!("{read} nsbox sh -c 'cat <&7'")).exits(2).complains("7: Bad file descriptor");
    // And no other comes with it.
    let both = format!("{read} exec 8<notes.txt; nsbox --keep-fd 7 sh -c 'cd /proc/self/fd; echo *'");
    let listed = shell(&host, &both).exits(0);
    assert!(listed.stdout.contains('7') && !listed.stdout.contains('8'), "{listed}");
}

#[test]
fn what_is_written_to_a_kept_descriptor_arrives_outside() {
    let host = Host::new();
    let script = "nsbox --keep-fd 5 --keep-fd 6 sh -c 'echo five >&5; echo six >&6' 5>five 6>six; cat six five";
    assert_eq!(shell(&host, script).exits(0).stdout, "six\nfive\n");
}

#[test]
fn what_the_caller_has_not_open_is_an_error_whatever_nsbox_opens_itself() {
    let host = Host::new();
    // Low numbers are those that nsbox gets for its own descriptors. What the test runner left open is closed first.
    for number in 3..10 {
        let refused = shell(&host, &format!("exec {number}>&-; nsbox --keep-fd {number} echo ran"));
        let refused = refused.exits(125).never_says("ran");
        refused.complains(&format!("descriptor {number}: Bad file number (EBADF)")).complains("3< FILE");
    }
}

#[test]
fn an_open_folder_is_refused() {
    let host = Host::new();
    let refused = shell(&host, "nsbox --keep-fd 4 ls /proc/self/fd/4/ 4</");
    refused.exits(125).complains("pass on descriptor 4: Is a directory (EISDIR)").complains("--read");
}

#[test]
fn a_plan_tells_of_kept_descriptors() {
    let host = Host::new();
    host.run(["plan", "--keep-fd", "3", "true"]).exits(0).says("The caller's open descriptors 3");
}
