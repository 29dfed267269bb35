//! Who the payload is, what it is called, and what it may never become.

use crate::support::{Host, is_root};

#[test]
fn self_is_the_caller_and_names_agree() {
    let host = Host::new();
    let outside = crate::support::Ran::of({
        let mut command = host.command("id");
        command.arg("-u");
        command
    })
    .stdout;
    assert_eq!(host.run(["--", "id", "-u"]).exits(0).stdout, outside);
    host.script(&[], "test \"$(id -un)\" = \"$USER\" && test \"$USER\" = \"$LOGNAME\"").exits(0);
}

#[test]
fn root_inside_is_root_of_nothing() {
    let host = Host::new();
    host.script(&["--user", "root"], "id -u; id -un; whoami").exits(0).says("0\nroot\nroot");
    host.script(&["--user", "root"], "mount -t tmpfs none /tmp").exits(32);
    host.script(&["--user", "root"], "touch ~/file && chown 1 ~/file").exits(1);
}

#[test]
fn nobody_and_a_number_are_who_they_say() {
    let host = Host::new();
    host.script(&["--user", "nobody"], "id -u").exits(0).says("65534");
    host.script(&["--user", "4711", "--group", "4712"], "id -u; id -g").exits(0).says("4711\n4712");
    // The group follows root and nobody.
    for (user, ids) in [("root", "0\n0\n"), ("0", "0\n0\n"), ("nobody", "65534\n65534\n")] {
        assert_eq!(host.script(&["--user", user], "id -u; id -g").exits(0).stdout, ids);
    }
}

#[test]
fn a_user_whom_nobody_knows_gets_a_name_and_a_home() {
    if !is_root() {
        return;
    }
    let host = Host::new();
    let unknown = || {
        let mut command = std::process::Command::new("setpriv");
        command.args(["--reuid", "54000", "--regid", "54001", "--clear-groups"]).arg(host.nsbox());
        command.args(["--", "sh", "-c", "id -un; id -u; id -g; echo $HOME; echo here > ~/file && cat ~/file"]);
        command.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/").stdin(std::process::Stdio::null());
        command
    };
    let told = "54000\n54000\n54001\n/home/54000\nhere\n";
    assert_eq!(crate::support::Ran::of(unknown()).exits(0).in_silence().stdout, told);
    // As containers that run somebody by number set it.
    let mut of_root = unknown();
    of_root.env("HOME", "/");
    assert_eq!(crate::support::Ran::of(of_root).exits(0).stdout, told);
}

#[test]
fn the_host_name_is_the_sandboxs_own() {
    let host = Host::new();
    host.script(&[], "uname -n; cat /etc/hostname").exits(0).says("nsbox\nnsbox");
    host.script(&["--hostname", "elsewhere"], "uname -n").exits(0).says("elsewhere");
}

#[test]
fn no_capability_is_left_and_none_can_come_back() {
    let host = Host::new();
    for user in ["self", "root"] {
        let seen = host.script(&["--user", user], "grep Cap /proc/self/status").exits(0);
        assert_eq!(seen.stdout.matches("0000000000000000").count(), 5, "{seen}");
    }
    // Control: outside a sandbox of ours, root of a new user namespace has them.
    let mut control = host.command("unshare");
    control.args(["-Ur", "grep", "CapEff", "/proc/self/status"]);
    crate::support::Ran::of(control).exits(0).never_says("CapEff:\t0000000000000000");
}

#[test]
fn no_user_namespace_can_be_made_inside() {
    let host = Host::new();
    for syscalls in ["default", "strict", "none"] {
        host.script(&["--syscalls", syscalls], "unshare -U true || exit 9").exits(9);
    }
    let mut control = host.command("unshare");
    control.args(["-U", "true"]);
    crate::support::Ran::of(control).exits(0);
}

#[test]
fn the_environment_is_what_the_profile_names() {
    let host = Host::new();
    let mut command = host.sandbox(["--env", "ADDED=here", "--inherit-env", "LET_*", "--", "env"]);
    command.env("SECRET_TOKEN", "12345").env("LET_IN", "yes").env("LC_ALL", "C");
    crate::support::Ran::of(command)
        .exits(0)
        .says("ADDED=here")
        .says("LET_IN=yes")
        .says("LC_ALL=C")
        .never_says("SECRET_TOKEN");
}

#[test]
fn a_descriptor_that_was_left_open_does_not_cross_over() {
    let host = Host::new();
    let file = host.write("open", "the host's own");
    let leak = |inner: &str| {
        let mut command = host.command("sh");
        command.args(["-c", &format!("exec 7< {}; {inner} sh -c 'cat <&7'", file.display())]);
        crate::support::Ran::of(command)
    };
    leak(&format!("{} --", host.nsbox().display())).never_says("the host's own");
    leak("").exits(0).says("the host's own");
}
