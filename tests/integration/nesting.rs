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

#[test]
fn the_callers_own_keyring_is_out_of_reach() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // Numbers are those of x86_64 and of linux/keyctl.h: add_key to the user's keyring (-4); link (8), read (11), unlink (9).
    if !cfg!(target_arch = "x86_64") {
        return;
    }
    let python = |script: &str| format!("import ctypes, sys; call = ctypes.CDLL(None).syscall; {script}");
    let add = python("print(call(248, b'user', b'of-nsbox', b'a password', 10, -4), call(250, 0, -4, 0))");
    let read = python(
        "key, ring = map(int, sys.argv[1:3]); call(250, 8, ring, -2); text = ctypes.create_string_buffer(10); \
         print(call(250, 11, key, text, 10), text.value)",
    );
    let outside = |script: &str, words: &[&str]| {
        let mut command = host.command("python3");
        command.args(["-c", script]).args(words);
        Ran::of(command).exits(0)
    };
    let numbers = outside(&add, &[]).stdout;
    let words: Vec<&str> = numbers.split_whitespace().collect();
    let inside = |options: &[&str]| {
        host.run(options.iter().copied().chain(["--", "python3", "-c", &read]).chain(words.iter().copied()))
    };
    let (nested, open) = (inside(&ALLOW), inside(&["--syscalls", "none"]));
    outside(&python("call(250, 9, int(sys.argv[1]), -4)"), &words);
    nested.exits(0).never_says("a password");
    // Control: without a filter it can be read, as SECURITY.md says.
    open.exits(0).says("a password");
}
