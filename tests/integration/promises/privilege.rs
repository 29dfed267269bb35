//! Privilege: variants of the ways to gain, keep or lend some.

use crate::support::{Host, Ran, has_program, is_root, python};
use std::process::{Command, Stdio};

#[test]
fn the_secure_bits_are_locked() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    // PR_GET_SECUREBITS (27), PR_SET_SECUREBITS (28); PR_GET_NO_NEW_PRIVS (39), PR_SET_NO_NEW_PRIVS (38); PR_CAP_AMBIENT (47).
    let ask = "
import ctypes
prctl = ctypes.CDLL(None, use_errno=True).prctl
print('bits', hex(prctl(27)))
for bits in [0, 0x2f, 0xee]: print('set', prctl(28, bits, 0, 0, 0))
print('privileges', prctl(39, 0, 0, 0, 0), prctl(38, 0, 0, 0, 0), prctl(39, 0, 0, 0, 0))
print('ambient', prctl(47, 2, 21, 0, 0))
";
    // All four are set, and locked.
    let locked = "bits 0xef\nset -1\nset -1\nset -1\nprivileges 1 -1 1\nambient -1\n";
    for options in [&["--profile", "shell"][..], &["--profile", "strict"], &["--user", "root"], &["--syscalls", "none"]]
    {
        let words: Vec<&str> = [&nsbox[..]].iter().chain(options).copied().chain(["--"]).collect();
        assert_eq!(python(&host, &words, ask).exits(0).stdout, locked, "{options:?}");
    }
    // Control: root of a user namespace that nobody has locked sets them.
    python(&host, &["unshare", "-Ur"], ask).exits(0).says("bits 0x0\nset 0\nset 0\n").says("privileges 0");
}

#[test]
fn groups_cannot_be_dropped_to_gain_access() {
    if !(is_root() && has_program("python3") && has_program("setpriv")) {
        return;
    }
    let host = Host::new();
    let file = host.write("data/file", "closed to the group");
    let (uid, gid) = host.user();
    // Readable for all but a group that the caller is in (CVE-2014-8989).
    std::os::unix::fs::chown(&file, Some(0), Some(54321)).expect("a file of a group");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o604)).expect("closed to it");
    let (folder, file) = (host.home().join("data").display().to_string(), file.display().to_string());
    let read = format!(
        "
import os
for drop in [lambda: os.setgroups([]), lambda: os.initgroups('root', {gid}), lambda: os.setgid({gid}), lambda: None]:
    try: drop()
    except OSError: pass
    try: print(open('{file}').read())
    except OSError as error: print(error.strerror)
try: open('/proc/self/setgroups', 'w').write('allow')
except OSError as error: print('setgroups', error.strerror)
print(open('/proc/self/setgroups').read())
"
    );
    let with_groups = |groups: &str, words: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", &uid.to_string(), "--regid", &gid.to_string(), "--groups", groups]);
        command.args(words).args(["/usr/bin/python3", "-c", &read]);
        command.current_dir("/").stdin(Stdio::null()).env_clear().env("HOME", host.home()).env("PATH", "/usr/bin:/bin");
        Ran::of(command)
    };
    let nsbox = host.nsbox().display().to_string();
    for user in ["self", "root", "nobody"] {
        for policy in ["default", "none"] {
            let words = [&nsbox, "--quiet", "--user", user, "--syscalls", policy, "--read", &folder, "--"];
            with_groups("54321", &words)
                .exits(0)
                .says("deny")
                .says("Permission denied")
                .never_says("closed to the group");
        }
    }
    // Control: who is not in the group reads it, outside and inside.
    with_groups("54322", &["env"]).exits(0).says("closed to the group");
    with_groups("54322", &[&nsbox, "--read", &folder, "--"]).exits(0).says("closed to the group");
}

#[test]
#[cfg(target_arch = "x86_64")]
fn no_namespace_is_made_by_unshare_clone_or_clone3() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    // unshare 272, clone 56, clone3 435 (of which the first word is the flags and the fifth the signal), setns 308.
    let make = "
import ctypes, os, struct, sys
call = ctypes.CDLL(None, use_errno=True).syscall
kinds = dict(user=0x10000000, mount=0x20000, pid=0x20000000, net=0x40000000, ipc=0x8000000, uts=0x4000000,
             cgroup=0x2000000, time=0x80)
def inside(act):
    reader, writer = os.pipe()
    if os.fork() == 0:
        if act() >= 0: os.write(writer, b'made')
        os._exit(0)
    os.close(writer)
    made = os.read(reader, 4)
    os.wait()
    return 'made' if made else 'refused'
def clone(flags):
    made = call(56, ctypes.c_ulong(flags | 17), 0, 0, 0, 0)
    if made == 0: os._exit(0)
    return made
def clone3(flags):
    words = struct.pack('QQQQQQQQ', flags, 0, 0, 0, 17, 0, 0, 0)
    made = call(435, words, ctypes.c_ulong(64))
    if made == 0: os._exit(0)
    return made
for name, flag in kinds.items():
    for flags in {flag, flag | 0x10000000}:
        print(name, hex(flags), inside(lambda: call(272, ctypes.c_ulong(flags))), end=' ')
        print(inside(lambda: clone(flags)) if name != 'time' else '-', inside(lambda: clone3(flags)))
    print('high', inside(lambda: call(272, ctypes.c_ulong(flag | 1 << 32))))
    try: print(inside(lambda: call(308, os.open(f'/proc/self/ns/{name}'.replace('mount', 'mnt'), 0), 0)))
    except OSError as error: print(error)
";
    for options in [&["--profile", "shell"][..], &["--profile", "strict"], &["--user", "root"]] {
        let words: Vec<&str> = [&nsbox[..]].iter().chain(options).copied().chain(["--"]).collect();
        python(&host, &words, make).exits(0).says("refused").never_says("made");
    }
    // By the namespaces alone: without a filter, but for none of the kernel's to be had.
    python(&host, &[&nsbox, "--syscalls", "none", "--"], make).exits(0).says("refused").never_says("made");
    // Control: outside each of the three makes one of each kind.
    let control = python(&host, &["env"], make).exits(0);
    for name in ["user", "mount", "pid", "net", "ipc", "uts", "cgroup"] {
        assert!(control.stdout.contains(&format!("{name} 0x")), "{control}");
    }
    control.says("user 0x10000000 made made made").says("net 0x50000000 made made made");
}
