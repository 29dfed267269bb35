//! `syscalls`: what is answered to a system call, before anything is run.

use crate::support::Host;

#[test]
fn groups_and_calls_are_listed_for_people() {
    let host = Host::new();
    host.run(["syscalls"]).exits(0).in_silence().says("@debug        allowed  EPERM");
    host.run(["syscalls", "@keyring"]).exits(0).says("EPERM  keyctl, add_key, request_key");
    host.run(["syscalls", "unshare"]).exits(0).says("without a new namespace; else EPERM");
}

#[test]
fn a_profile_says_what_it_answers_and_which_line_says_so() {
    let host = Host::new();
    host.write("mine.toml", "extends = [\"shell\"]\n[syscalls]\ndeny = [\"ptrace\"]\nallow = [\"@keyring\"]\n");
    let mine = |calls: &'static str| host.run(["syscalls", "--profile", "./mine.toml", calls]).exits(0);
    mine("ptrace").says("profile ./mine.toml  EPERM  (./mine.toml:3:9)");
    mine("keyctl").says("profile ./mine.toml  allowed  (./mine.toml:4:10)");
    // What the policy answers is asked for by whoever chose it, and what the rest of a profile opens by nobody here.
    mine("bpf").says("profile ./mine.toml  EPERM  (the default of `syscalls.policy`)");
    let nested = "namespaces.nested=\"allow\"";
    host.run(["syscalls", "--set", nested, "clone3"]).exits(0).says("profile shell and --set  allowed\n");
    host.run(["syscalls", "--profile", "./mine.toml"]).exits(0).says("@keyring      EPERM    EPERM    allowed");
}

#[test]
fn a_slip_is_answered_with_what_was_meant() {
    let host = Host::new();
    host.run(["syscalls", "ptrce"]).exits(125).complains("did you mean `ptrace`?");
    host.run(["syscalls", "@keyrings"]).exits(125).complains("did you mean `@keyring`?");
    host.run(["syscalls", "read", "write"]).exits(125).complains("`write` is a second");
    host.run(["syscalls", "--profile", "shel", "read"]).exits(125).complains("`shell`");
}
