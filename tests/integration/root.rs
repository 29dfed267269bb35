//! Launched by the real root of the machine: nothing is kept, and what is weaker is said.

use crate::support::{Host, User, is_root};

#[test]
fn root_gets_the_same_sandbox_and_one_line_on_what_is_weaker() {
    if !is_root() {
        return;
    }
    let host = Host::of(User::Root);
    let ran = host.script(&[], "id -u; grep Cap /proc/self/status; exit 3").exits(3).says("0\n");
    assert_eq!(ran.stdout.matches("0000000000000000").count(), 5, "{ran}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
    host.script(&["--quiet"], "true").exits(0).in_silence();
}

#[test]
fn roots_other_groups_are_gone() {
    if !is_root() {
        return;
    }
    let host = Host::of(User::Root);
    let groups = |words: &str| {
        let mut command = host.command("setpriv");
        command.args(["--groups", "54321,54322"]).args(words.split(' ')).args(["id", "-G"]);
        crate::support::Ran::of(command).exits(0).stdout
    };
    let nsbox = format!("{} --quiet", host.nsbox().display());
    assert_eq!(groups(&format!("{nsbox} --")), "0\n");
    // Whoever it is inside, and with a capability in a user namespace of its own.
    assert_eq!(groups(&format!("{nsbox} --user nobody --")), "65534\n");
    assert_eq!(groups(&format!("{nsbox} --set capabilities.keep=[\"chown\"] --")), "0\n");
    assert_eq!(groups("env"), "0 54321 54322\n");
}

#[test]
fn what_only_root_may_read_or_change_stays_closed() {
    if !is_root() {
        return;
    }
    let host = Host::of(User::Root);
    // Should one of them succeed, by a mistake of ours, the machine is as it was: nothing is set to what it is not.
    let attempts = [
        "cat /etc/shadow",
        "test -w /usr",
        "cat /proc/sys/kernel/printk > /proc/sys/kernel/printk",
        "echo h > /proc/sysrq-trigger",
        "head -c 1 /proc/kcore | grep .",
        "chmod 666 /dev/null",
        "mknod /tmp/sda b 8 0",
        "mount -t tmpfs none /tmp",
        "cat /proc/1/environ",
        "grep . /proc/timer_list",
        "grep . /proc/keys",
        "unshare -U true",
        "ls /sys/kernel",
        "nsenter -t 1 -m true",
    ];
    for attempt in attempts {
        let ran = host.script(&["--quiet"], attempt);
        assert_ne!(ran.status, 0, "{attempt}: {ran}");
    }
    let file = host.write("data/file", "as it was");
    let data = host.home().join("data").display().to_string();
    host.script(&["--quiet", "--read", &data], &format!("echo changed > {data}/file")).exits(2);
    assert_eq!(std::fs::read_to_string(file).expect("the file"), "as it was");
}

#[test]
fn what_procfs_shows_to_root_alone_of_the_machines_memory_looks_empty() {
    if !is_root() {
        return;
    }
    let host = Host::of(User::Root);
    for name in ["kpagecgroup", "kpagecount", "kpageflags", "pagetypeinfo", "slabinfo", "vmallocinfo"] {
        let file = format!("/proc/{name}");
        let mut read = [0; 8];
        // Control: root outside can read it, where this kernel has it.
        let outside = std::fs::File::open(&file).and_then(|mut file| std::io::Read::read(&mut file, &mut read));
        if outside.is_ok_and(|length| length > 0) {
            let ran = host.script(&["--quiet"], &format!("head -c 8 {file} | wc -c")).exits(0);
            assert_eq!(ran.stdout, "0\n", "{file}: {ran}");
        }
    }
}

#[test]
fn root_keeps_no_capability_whose_work_would_hold_outside() {
    if !is_root() {
        return;
    }
    let host = Host::of(User::Root);
    let keep = |name: &str| format!("capabilities.keep=[\"{name}\"]");
    host.run(["--set", &keep("setfcap"), "--", "true"]).exits(125).complains("real root cannot keep `setfcap`");
    // Control: another one it keeps.
    host.run(["--set", &keep("chown"), "--", "true"]).exits(0);
    // By a plan that an ordinary user has made as well.
    let plan = Host::new().run(["plan", "--json", "--set", &keep("setfcap"), "--", "true"]).exits(0).stdout;
    let file = host.write("plan.json", plan);
    let mut command = host.command("sh");
    command.args(["-c", &format!("{} --plan-fd 3 3< {}", host.nsbox().display(), file.display())]);
    crate::support::Ran::of(command).exits(125).complains("setfcap").complains("EPERM");
}
