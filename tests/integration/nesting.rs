//! Sandboxes in sandboxes, where the profile allows it and where not.

use crate::support::{Host, Ran, has_program, is_root};

const ALLOW: [&str; 2] = ["--set", "namespaces.nested=\"allow\""];

/// nsbox around nsbox around nsbox, each showing the program to the next.
fn nested(host: &Host, depth: usize, script: &str) -> Ran {
    let nsbox = host.nsbox().display().to_string();
    let folder = host.nsbox().parent().expect("a folder").display().to_string();
    let mut words: Vec<String> = Vec::new();
    for level in 1..=depth {
        if level > 1 {
            words.push(nsbox.clone());
        }
        words.extend(["--read".to_owned(), folder.clone()]);
        if level < depth {
            words.extend(ALLOW.map(str::to_owned));
        }
        words.push("--".to_owned());
    }
    words.extend(["sh", "-c", script].map(str::to_owned));
    host.run(words)
}

#[test]
fn nsbox_runs_in_nsbox_in_nsbox() {
    let host = Host::new();
    let ran = nested(&host, 3, "uname -n; ps -e -o comm; cat /proc/sys/user/max_user_namespaces; exit 7");
    ran.exits(7).says("nsbox-init").says("\n0\n").in_silence();
}

#[test]
fn none_is_made_where_the_profile_does_not_say_so() {
    let host = Host::new();
    let folder = host.nsbox().parent().expect("a folder").display().to_string();
    let nsbox = host.nsbox().display().to_string();
    host.run(["--read", &folder, "--", &nsbox, "--", "true"]).exits(125).complains("at step `clone-init`");
    host.script(&[], "unshare -U true").exits(1);
    // Control: with the word for it, the same commands do.
    host.run(["--read", &folder, ALLOW[0], ALLOW[1], "--", &nsbox, "--", "true"]).exits(0);
    host.script(&ALLOW, "unshare -U true").exits(0);
}

#[test]
fn nsbox_runs_in_bubblewrap_and_bubblewrap_in_nsbox() {
    if !has_program("bwrap") {
        return;
    }
    let host = Host::new();
    let cage = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"];
    let mut outer = host.command("bwrap");
    outer.args(cage).arg(host.nsbox()).args(["--", "sh", "-c", "ps -e -o comm"]);
    Ran::of(outer).exits(0).says("nsbox-init").never_says("bwrap");
    let inner = cage.into_iter().chain(["sh", "-c", "ps -e -o comm"]);
    host.run(ALLOW.into_iter().chain(["--", "bwrap"]).chain(inner)).exits(0).says("bwrap").never_says("nsbox-init");
}

#[test]
fn a_nested_namespace_undoes_nothing_of_the_sandbox() {
    let host = Host::new();
    let secret = host.write("work/.env", "a password").display().to_string();
    let work = host.home().join("work").display().to_string();
    let undo = format!(
        "mount -o remount,bind,rw /usr; touch /usr/new; umount {secret}; umount -l {secret}; cat {secret}; \
         umount /proc; umount -l /proc; umount -l /; ls /boot /root; echo tried"
    );
    let words = ["--write", &work, "--hide", &secret, "--", "unshare", "-Urm", "sh", "-c", &undo];
    host.run(ALLOW.into_iter().chain(words)).says("tried").never_says("a password").complains("Read-only file system");
}

#[test]
fn real_root_is_not_allowed_to_nest() {
    if !is_root() {
        return;
    }
    let host = Host::of(crate::support::User::Root);
    host.run(ALLOW.into_iter().chain(["--", "true"])).exits(125).complains("real root cannot be allowed to nest");
}

#[test]
fn real_root_by_another_number_is_not_allowed_to_nest_either() {
    if !is_root() {
        return;
    }
    let host = Host::of(crate::support::User::Root);
    let nested = |user: &str| {
        let mut command = host.command("unshare");
        command.args(["-U", user]).arg(host.nsbox()).args(ALLOW).args(["--", "true"]);
        Ran::of(command)
    };
    nested("--map-user=1000").exits(125).complains("real root cannot be allowed to nest");
    // Control: an ordinary user who is root of a namespace is.
    let ordinary = Host::new();
    let mut command = ordinary.command("unshare");
    command.args(["-Ur"]).arg(ordinary.nsbox()).args(ALLOW).args(["--", "true"]);
    Ran::of(command).exits(0);
}
