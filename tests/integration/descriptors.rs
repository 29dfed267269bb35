//! Which of the caller's open descriptors cross over.

use crate::support::older::has_truncate_rule;
use crate::support::{Host, has_program, shell};

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

/// Opens the file of each descriptor again, in every way that it was not opened for. What a shell starts in the background has
/// the input as another descriptor, since its own becomes /dev/null.
const REOPENINGS: &str = "
    (: > /proc/self/fd/0) 2>&- && echo rewrote the input >&2
    (: >> /dev/stdin) 2>&- && echo appended to the input >&2
    perl -e 'exit !truncate(\"/proc/self/fd/0\", 0)' && echo truncated the input >&2
    (: 1<> /proc/thread-self/fd/0) 2>&- && echo opened the input for both >&2
    (exec 4<&0; sleep 60 & : > /proc/$!/fd/4; status=$?; kill $!; exit $status) 2>&- && echo through another process >&2
    exec 3>&1; cat /proc/self/fd/3 >&2 && echo read the output >&2
    cat /dev/fd/7 >&2 && echo read what was kept >&2
    true";

#[test]
fn a_file_of_a_descriptor_cannot_be_opened_again_for_more_than_it_was_opened_for() {
    if !has_program("perl") {
        return;
    }
    let host = Host::new();
    host.write("reopen.sh", REOPENINGS);
    let attack = |options: &str| {
        host.write("in", "input");
        host.write("out", "output");
        host.write("kept", "kept");
        let words = format!("{options} --read reopen.sh --keep-fd 7 sh reopen.sh");
        let ran = shell(&host, &format!("nsbox {words} <in >>out 7>>kept; cat in out kept"));
        ran.exits(0)
    };
    let closed = attack("");
    // An older kernel lets the input be emptied, and nothing else.
    let (input, emptied) = if has_truncate_rule() { ("input", 0) } else { ("", 1) };
    assert_eq!(closed.stdout, format!("{input}outputkept"));
    let told: Vec<_> = closed.stderr.lines().filter(|line| !line.ends_with("Permission denied")).collect();
    assert_eq!(told, vec!["truncated the input"; emptied], "{closed}");
    // Control: with sandboxes inside there are no rules about files.
    let open = attack("--set 'namespaces.nested=\"allow\"'");
    let both = "rewrote the input\nappended to the input\ntruncated the input\nopened the input for both\n\
                through another process\noutputread the output\nkeptread what was kept\n";
    assert_eq!((&*open.stdout, &*open.stderr), ("outputkept", both));
}

#[test]
fn nor_can_one_that_the_root_folder_shows_as_well() {
    let host = Host::new();
    host.write("in", "input\n");
    let at = |access: &str, script: &str| {
        let root = format!("--set 'filesystem.root={{ directory = \"/\", access = \"{access}\" }}'");
        // A profile of its own: the entries of the others are not all there in every root. It accepts an older kernel.
        shell(
            &host,
            &format!("nsbox --profile ./bare.toml {root} --write out -- sh -c '{script}' <in >>log; cat in out"),
        )
    };
    let lack = "[protections]\nbest-effort = [\"landlock-scopes\"]\n";
    host.write("bare.toml", format!("[environment]\ninherit = [\"PATH\"]\n{lack}"));
    host.write("out", "");
    let script = "echo written > out; echo lost > /dev/null; echo changed > /proc/self/fd/0";
    at("read", &format!("{script} 2>/dev/null")).says("input\nwritten\n");
    // Control: a root that may be written.
    at("write", script).says("changed\nwritten\n");
}

#[test]
fn a_file_of_a_descriptor_can_be_opened_again_for_what_it_was_opened_for() {
    let host = Host::new();
    host.write("in", "input\n");
    let script = "cat /dev/stdin; echo output > /dev/stdout; echo more >> /proc/self/fd/1; echo error > /dev/stderr";
    let ran = shell(&host, &format!("nsbox sh -c '{script}' <in >>out 2>>err; cat out err")).exits(0).in_silence();
    assert_eq!(ran.stdout, "output\nmore\nerror\n", "opened anew for writing, the file is cut off first, as outside");
    // Anything else below the root opens as ever.
    host.write("both", "both\n");
    shell(&host, "nsbox --write both sh -c 'cat both; echo x 1<>both' <in >out && cat both").exits(0).says("x");
    shell(&host, "echo piped | nsbox sh -c 'cat /dev/stdin' | cat").exits(0).says("piped");
    shell(&host, "nsbox sh -c 'cat /dev/stdin; echo x > /dev/stdout' </dev/null >/dev/null").exits(0).in_silence();
}
