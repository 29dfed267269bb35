//! Subordinate ids, and what is kept of root's powers over them.

use crate::support::{Host, Ran, has, has_program, is_root};

const AS_ROOT: [&str; 4] = ["--user", "root", "--set", "identity.subordinate-ids=true"];

/// Whether the user of these tests has been lent ids.
fn has_lent_ids(host: &Host) -> bool {
    let whoami = Ran::of({
        let mut command = host.command("id");
        command.arg("-un");
        command
    });
    let name = format!("{}:", whoami.stdout.trim());
    let lent =
        |file: &str| std::fs::read_to_string(file).is_ok_and(|text| text.lines().any(|line| line.starts_with(&name)));
    has_program("newuidmap")
        && has("ids lent to its user in /etc/subuid and /etc/subgid", lent("/etc/subuid") && lent("/etc/subgid"))
}

#[test]
fn root_with_lent_ids_gives_files_away_and_becomes_others() {
    let host = Host::new();
    if !has_lent_ids(&host) {
        return;
    }
    let script = "id -u; id -G; touch /tmp/file && chown 33:44 /tmp/file && stat -c '%u %g' /tmp/file; \
                  setpriv --reuid 33 --clear-groups grep CapEff /proc/self/status";
    let ran = host.script(&AS_ROOT, script).exits(0);
    assert_eq!(ran.stdout, "0\n0\n33 44\nCapEff:\t0000000000000000\n", "{ran}");
    // Control: without them, there is nobody else.
    host.script(&["--user", "root"], "touch /tmp/file && chown 33:44 /tmp/file").exits(1);
}

#[test]
fn the_callers_other_groups_are_gone_where_ids_are_lent() {
    let host = Host::new();
    if !has_lent_ids(&host) || !is_root() {
        return;
    }
    let own = |flag: &str| {
        let mut command = host.command("id");
        command.arg(flag);
        Ran::of(command).stdout.trim().to_owned()
    };
    let (uid, gid) = (own("-u"), own("-g"));
    let groups = |options: &[&str]| {
        let mut command = std::process::Command::new("setpriv");
        command.args(["--reuid", &uid, "--regid", &gid, "--groups", &format!("{gid},54321")]).arg(host.nsbox());
        command
            .args(options)
            .args(["--", "id", "-G"])
            .env_clear()
            .env("HOME", host.home())
            .env("PATH", "/usr/bin:/bin");
        command.current_dir(host.home()).stdin(std::process::Stdio::null());
        Ran::of(command).exits(0).stdout
    };
    assert_eq!(groups(&AS_ROOT), "0\n");
    // Control: without lent ids they cannot be shed, and look like nobody's.
    assert!(groups(&["--user", "root"]).contains("65534"));
}

#[test]
fn it_is_root_of_nothing_outside() {
    let host = Host::new();
    if !has_lent_ids(&host) {
        return;
    }
    let script = "mount -t tmpfs none /tmp; mount -o remount,rw /usr; touch /usr/new; hostname other; \
                  unshare -U true && echo made; mknod /tmp/node c 1 3 && echo made; cat /proc/1/environ; \
                  echo 1 > /proc/sys/vm/drop_caches; kill -9 1; ip link set lo down; grep Cap /proc/self/status";
    let ran = host.script(&AS_ROOT, script).never_says("made");
    ran.says("CapEff:\t00000000000000db").says("CapBnd:\t00000000000000db").complains("Read-only file system");
}

#[test]
fn what_is_kept_is_said_and_nothing_else() {
    let host = Host::new();
    let caps = "grep -E 'Cap(Prm|Eff|Bnd|Amb)' /proc/self/status | sort -u -k2; grep NoNewPrivs /proc/self/status";
    // chown is 0 and sys-ptrace 19 (linux/capability.h).
    let kept = host.script(&["--set", "capabilities.keep=[\"sys-ptrace\", \"chown\"]"], caps).exits(0);
    assert!(kept.stdout.contains("0000000000080001") && kept.stdout.lines().count() == 2, "{kept}");
    kept.says("NoNewPrivs:\t1");
    let none = host.script(&[], caps).exits(0);
    assert!(none.stdout.contains("0000000000000000") && none.stdout.lines().count() == 2, "{none}");
}

#[test]
fn kept_capabilities_do_not_reach_the_sandboxes_own_walls() {
    let host = Host::new();
    let all = "capabilities.keep=[\"sys-admin\", \"net-admin\", \"sys-chroot\", \"sys-ptrace\", \"dac-override\"]";
    let script = "mount -t tmpfs none /tmp && echo done; mount -o remount,rw /usr && echo done; hostname x && echo done; \
                  ip link set lo down && echo done; umount /proc && echo done; chroot / true && echo done; \
                  unshare -m true && echo done; unshare -U true && echo done; cat /proc/1/environ && echo done";
    for syscalls in ["default", "none"] {
        let options = ["--set", all, "--syscalls", syscalls];
        let ran = host.script(&options, script);
        // chroot is no way out, and without a filter it can be had.
        let allowed = if syscalls == "none" { 1 } else { 0 };
        assert!(ran.stdout.matches("done").count() <= allowed, "{syscalls}: {ran}");
    }
}

#[test]
fn kept_capabilities_make_no_namespace_in_which_they_would_hold_over_more() {
    let host = Host::new();
    let keep = ["--set", "capabilities.keep=[\"sys-admin\", \"net-admin\"]", "--syscalls", "none"];
    let script = "for kind in C i m n p T u U; do unshare -$kind true && echo made $kind; done";
    host.script(&keep, script).never_says("made").complains("No space left on device");
    // Control: where nesting is allowed, they are made.
    let nested = [keep.as_slice(), &["--set", "namespaces.nested=\"allow\""]].concat();
    host.script(&nested, script).says("made m").says("made n").says("made U");
}

#[test]
fn kept_capabilities_go_with_mounts_that_are_made_once_the_root_is_locked() {
    let host = Host::new();
    let image = host.folder("image");
    host.folder("image/dev");
    host.folder("image/proc");
    host.folder("image/usr");
    for link in ["bin", "lib", "lib64"] {
        std::os::unix::fs::symlink(format!("usr/{link}"), image.join(link)).expect("a link");
    }
    let root = format!("filesystem.root={{ directory = \"{}\", access = \"discard\" }}", image.display());
    let keep = ["--set", "capabilities.keep=[\"sys-admin\"]", "--syscalls", "none"];
    let none = "unshare -m true && echo made; unshare -U true && echo made; cat /etc/hostname";
    let options = [keep.as_slice(), &["--set", &root, "--read", "/usr"]].concat();
    host.script(&options, none).exits(0).says("nsbox").never_says("made");
    // What is locked in a folder that can be written.
    let locked = host.write("work/locked", "as it was").display().to_string();
    let work = host.home().join("work").display().to_string();
    let lock = format!("filesystem.read=[\"{work}/*ed\"]");
    let options = [keep.as_slice(), &["--write", &work, "--set", &lock]].concat();
    let script = format!("echo new > {locked}; unshare -m true && echo made; cat {locked}");
    host.script(&options, &script).exits(0).says("as it was").never_says("made").complains("Read-only file system");
}

#[test]
fn the_number_of_processes_is_that_of_all_ids_together() {
    let host = Host::new();
    if !has_lent_ids(&host) {
        return;
    }
    // Each id starts its own, or all would begin as root's.
    let script = "for id in 1 2 3; do \
                  setpriv --reuid $id --clear-groups sh -c 'for i in 1 2 3 4; do sleep 20 & done; wait' & sleep 0.2; done; \
                  sleep 0.5; ps -e -o comm | grep -c sleep";
    let sleeping = |options: &[&str]| {
        let ran = host.script(&[AS_ROOT.as_slice(), options].concat(), script);
        ran.stdout.trim().parse::<u32>().unwrap_or(0)
    };
    assert!(sleeping(&["--limit", "processes=9"]) < 9);
    // Control: without the limit they all sleep.
    assert_eq!(sleeping(&[]), 12);
}

#[test]
fn root_inside_binds_the_low_ports_of_its_own_loopback() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let bind = "import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 80)); print(\"bound\")";
    host.run(["--user", "root", "--", "python3", "-c", bind]).exits(0).says("bound");
    host.run(["--", "python3", "-c", bind]).exits(1).complains("Permission denied");
}

#[test]
fn what_maps_the_ids_can_be_interrupted_as_outside() {
    let host = Host::new();
    if !has_lent_ids(&host) || !has_program("strace") || !has_program("perl") {
        return;
    }
    // It looks up names, and may wait for a server that is gone: what ends a program must end it, and nsbox meanwhile.
    let mask = |program: &str, words: &[&str]| {
        let file = host.write("trace", "");
        let mut command = host.command("strace");
        command.args(["-f", "-o"]).arg(&file).args(["-e", "trace=rt_sigprocmask,execve"]).args(words);
        // Under trace a set-id program has no powers, and the launch ends there.
        Ran::of(command);
        let trace = std::fs::read_to_string(&file).expect("a trace");
        let lines: Vec<_> = trace.lines().filter_map(|line| line.split_once(' ')).collect();
        let at =
            lines.iter().position(|(_, call)| call.contains("execve(") && call.contains(program)).expect("an exec");
        let set = lines[..at].iter().rfind(|(pid, call)| *pid == lines[at].0 && call.contains("SIG_SETMASK")).copied();
        set.expect("a mask").1.trim_start().to_owned()
    };
    let nsbox = host.nsbox().display().to_string();
    let words: Vec<&str> = std::iter::once(&*nsbox).chain(AS_ROOT).chain(["--", "true"]).collect();
    assert!(mask("newuidmap", &words).contains("SIG_SETMASK, [],"), "{}", mask("newuidmap", &words));
    // Control: what the caller blocks is blocked there as well.
    let blocks = ["perl", "-MPOSIX", "-e", "sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM)); exec @ARGV"];
    let words: Vec<&str> = blocks.into_iter().chain(words).collect();
    assert!(mask("newuidmap", &words).contains("SIG_SETMASK, [TERM],"), "{}", mask("newuidmap", &words));
}
