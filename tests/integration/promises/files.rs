//! Files: variants of the ways around what is not visible, read-only or without privilege.

use crate::support::{Host, Ran, User, has_program, is_root};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Runs a program that must succeed, as whoever runs the tests.
fn set_up(program: &str, words: &[&str]) {
    let done = std::process::Command::new(program).args(words).status().expect(program);
    assert!(done.success(), "{program} {words:?}");
}

#[test]
fn set_user_id_and_file_capability_programs_gain_nothing() {
    if !is_root() || !has_program("setcap") {
        return;
    }
    let (of_root, host) = (Host::of(User::Root), Host::new());
    let secret = of_root.write("tools/secret", "root's own");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("a file for root alone");
    let tools = of_root.home().join("tools");
    let name = |name: &str| tools.join(name).display().to_string();
    for tool in ["plain", "set-user", "set-group", "capable"] {
        set_up("cp", &["/bin/cat", &name(tool)]);
    }
    set_up("chmod", &["4755", &name("set-user")]);
    set_up("setcap", &["cap_dac_override,cap_dac_read_search+ep", &name("capable")]);
    let (folder, secret) = (tools.display().to_string(), secret.display().to_string());
    let read = |tool: &str, sandbox: &[&str]| match sandbox {
        [] => {
            let mut command = host.command(name(tool));
            command.arg(&secret);
            Ran::of(command)
        }
        options => host.run(options.iter().copied().chain(["--read", &folder, "--", &name(tool), &secret])),
    };
    // Control: outside, each but the plain one reads it.
    read("plain", &[]).exits(1).complains("Permission denied");
    read("set-user", &[]).exits(0).says("root's own");
    read("capable", &[]).exits(0).says("root's own");
    let writable = ["--write", &folder];
    for options in [&["--profile", "shell"][..], &["--profile", "strict"], &["--syscalls", "none"], &["--user", "root"]]
    {
        for tool in ["set-user", "capable"] {
            let ran = read(tool, options);
            assert_ne!(ran.status, 0, "{tool} with {options:?}: {ran}");
            ran.never_says("root's own");
        }
    }
    // A writable bind of it is no different.
    host.run(writable.into_iter().chain(["--", &name("set-user"), &secret])).exits(1).never_says("root's own");
    // Nor is one that is not bound at all, but handed in as a stream.
    for (nsbox, works) in [("env".to_owned(), true), (format!("{} --", host.nsbox().display()), false)] {
        let mut command = host.command("sh");
        command.args(["-c", &format!("{nsbox} sh -c 'exec /proc/self/fd/0 {secret}' < {}", name("set-user"))]);
        let ran = Ran::of(command);
        assert_eq!(ran.stdout.contains("root's own"), works, "{nsbox}: {ran}");
    }
}

#[test]
fn with_set_id_bits_or_file_capabilities_nsbox_refuses_to_run() {
    if !is_root() || !has_program("setcap") {
        return;
    }
    let host = Host::new();
    let folder = tempfile::Builder::new().prefix("nsbox-test-").tempdir_in("/tmp").expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a folder for all");
    let copy = folder.path().join("nsbox");
    set_up("cp", &[&host.nsbox().display().to_string(), &copy.display().to_string()]);
    let run = || {
        let mut command = host.command(&copy);
        command.args(["--", "echo", "the command ran"]);
        Ran::of(command)
    };
    let place = copy.display().to_string();
    // Control: without any it runs.
    set_up("chmod", &["0755", &place]);
    run().exits(0).says("the command ran");
    for (program, words) in
        [("chmod", ["4755", &place]), ("setcap", ["cap_net_raw+ep", &place]), ("setcap", ["cap_sys_admin+p", &place])]
    {
        set_up("chmod", &["0755", &place]);
        set_up(program, &words);
        let ran = run();
        assert_ne!(ran.status, 0, "{words:?}: {ran}");
        ran.never_says("the command ran");
        if program == "setcap" {
            set_up("setcap", &["-r", &place]);
        }
    }
    set_up("chgrp", &["54321", &place]);
    set_up("chmod", &["2755", &place]);
    let ran = run();
    assert_ne!(ran.status, 0, "set-group-id: {ran}");
    ran.never_says("the command ran");
}

/// Runs a shell script in a sandbox that is started in a project.
fn in_project(host: &Host, options: &[&str], script: &str) -> Ran {
    let mut command = host.sandbox(options.iter().copied().chain(["--", "sh", "-c", script]));
    command.current_dir(host.folder("project"));
    Ran::of(command)
}

/// Every path below a folder with what would tell of a change.
fn survey(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let about = entry.metadata().expect("an entry");
            let told = format!(
                "{:o} {}:{} {} bytes, {} links, {}.{} {}.{}",
                about.mode(),
                about.uid(),
                about.gid(),
                about.size(),
                about.nlink(),
                about.mtime(),
                about.mtime_nsec(),
                about.ctime(),
                about.ctime_nsec(),
            );
            found.insert(entry.path(), told);
            if about.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}

#[test]
fn set_up_creates_and_changes_nothing_on_the_host() {
    let host = Host::new();
    for file in ["project/.git/HEAD", "project/.env", "project/src/main.rs", "project/.vscode/tasks.json", "data/file"]
    {
        host.write(file, "text");
    }
    host.write("bin/tool", "#!/bin/sh\n");
    std::os::unix::fs::symlink(".env", host.home().join("project/.env.link")).expect("a link");
    std::os::unix::fs::symlink("../data/none", host.home().join("project/.npmrc")).expect("a link to nothing");
    let data = host.home().join("data").display().to_string();
    let missing = format!("{data}/file:{}/project/none/deep", host.home().display());
    let before = survey(&host.home());
    let launch = |options: &[&str], script: &str| in_project(&host, options, script);
    for profile in ["shell", "build", "online", "strict"] {
        launch(&["--profile", profile], "exit 3").exits(3);
    }
    let odd =
        ["--profile", "build", "--hide", &data, "--tmpfs", "/some/where:1M", "--set", "terminal.mode=\"private\""];
    launch(&odd, "exit 3").exits(3);
    // What ends on its way as well.
    launch(&["--profile", "build", "--read", &missing], "exit 3").exits(125);
    launch(&["--profile", "build"], "kill -KILL $$").exits(137);
    assert_eq!(survey(&host.home()), before);
    // Control: what is opened for writing can be changed, and then that is seen.
    launch(&["--profile", "build"], "chmod 600 src/main.rs").exits(0);
    assert_ne!(survey(&host.home()), before);
}

#[test]
fn a_symlink_planted_at_a_destination_leads_nowhere_outside() {
    let host = Host::new();
    let file = host.write("file", "of the caller").display().to_string();
    let outside = host.folder("outside");
    host.write("outside/there/file", "as it was");
    let work = host.folder("work");
    let inside = work.display().to_string();
    let links = [
        ("absolute", outside.display().to_string()),
        ("relative", "../outside".to_owned()),
        ("by-proc", "/proc/self/cwd/outside".to_owned()),
        ("by-root", "/proc/1/root/tmp".to_owned()),
        ("to-a-link", "relative".to_owned()),
    ];
    for (name, target) in &links {
        std::os::unix::fs::symlink(target, work.join(name)).expect("a planted link");
    }
    let before = survey(&outside);
    for (name, _) in &links {
        for place in [format!("{inside}/{name}/new"), format!("{inside}/{name}/there/file"), format!("{inside}/{name}")]
        {
            for option in ["--read", "--write"] {
                // Some of these places are in memory inside, where they may be made.
                let write = format!("echo changed > {place}; echo changed > {place}/new");
                host.run(["--write", &inside, option, &format!("{file}:{place}"), "--", "sh", "-c", &write]);
            }
        }
    }
    assert_eq!(survey(&outside), before);
    assert_eq!(fs::read_to_string(outside.join("there/file")).expect("the file"), "as it was");
    // Control: at a destination that is no link, the same file is mounted.
    host.write("work/plain/file", "");
    host.write("file", "of the caller");
    host.run([
        "--write",
        &inside,
        "--read",
        &format!("{file}:{inside}/plain/file"),
        "--",
        "cat",
        &format!("{inside}/plain/file"),
    ])
    .exits(0)
    .says("of the caller");
}

#[test]
fn every_folder_in_memory_is_bounded() {
    let host = Host::new();
    let ask = "for place in $(grep ' tmpfs ' /proc/mounts | cut -d ' ' -f 2); do \
               echo $place $(stat -f -c '%b %c' $place); done";
    for options in [&["--profile", "shell"][..], &["--profile", "build"], &["--profile", "strict"], &["--tmpfs", "/x"]]
    {
        let ran = in_project(&host, options, ask).exits(0).says("/tmp ");
        for line in ran.stdout.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            assert!(words[1] != "0" && words[2] != "0", "{options:?}: {line} has no bound");
        }
    }
    // Control: one without a bound answers 0.
    let mut unbounded = host.command("unshare");
    unbounded.args(["-Urm", "sh", "-c", "mount -t tmpfs -o size=0,nr_inodes=0 none /mnt && stat -f -c '%b %c' /mnt"]);
    Ran::of(unbounded).exits(0).says("0 0");
}

#[test]
fn what_procfs_and_sysfs_tell_of_the_machine_is_masked() {
    let host = Host::new();
    // As far as an ordinary user may read it outside; what only root may is told in `root`.
    let look = "cat /proc/keys /proc/key-users | wc -c; ls /proc/acpi | wc -l; ls /sys | tr '\\n' ' '; ls /sys/devices";
    for profile in ["shell", "build"] {
        let ran = in_project(&host, &["--profile", profile], look);
        assert_eq!(ran.stdout, "0\n0\ndevices system\n", "{ran}");
    }
    let change = "for f in /proc/sys/kernel/domainname /proc/sys/net/ipv4/ip_forward /proc/sysrq-trigger /proc/irq/0 \
                  /proc/bus/new /proc/fs/new /proc/sys/vm/drop_caches; do true >> $f && echo opened $f; done; \
                  true >> /sys/devices/system/cpu/online && echo opened it";
    host.script(&["--user", "root"], change).never_says("opened");
    // Control: outside there is more, and root of a network namespace may change its settings.
    let outside = |program: &str, words: &[&str]| {
        let mut command = host.command(program);
        command.args(words);
        Ran::of(command)
    };
    outside("sh", &["-c", look]).never_says("devices system\n").says("kernel");
    outside("unshare", &["-Urn", "sh", "-c", change]).says("opened /proc/sys/net/ipv4/ip_forward");
}

#[test]
fn nsboxs_own_file_cannot_be_altered_from_inside() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // One that belongs to the user, who could change it.
    let own = host.folder("own").join("nsbox");
    Ran::of({
        let mut command = host.command("cp");
        command.args([host.nsbox(), own.clone()]);
        command
    })
    .exits(0);
    let before = (fs::read(&own).expect("nsbox"), fs::metadata(&own).expect("nsbox").ctime_nsec());
    let alter = "
import glob, os
def attempt(name, act):
    try: act(); print('did', name)
    except OSError: pass
for exe in ['/proc/1/exe', '/proc/1/task/1/exe', *glob.glob('/proc/1/map_files/*')] + WAYS:
    attempt('open', lambda: os.close(os.open(exe, os.O_WRONLY)))
    attempt('read', lambda: os.close(os.open(exe, os.O_RDONLY)))
    attempt('path', lambda: os.close(os.open(exe, os.O_PATH)))
    attempt('mode', lambda: os.chmod(exe, 0o700))
    attempt('times', lambda: os.utime(exe))
    attempt('link', lambda: os.link(exe, '/tmp/link', follow_symlinks=True))
print('tried')
";
    let mut command = host.command(&own);
    command.args(["--", "/usr/bin/python3", "-c", &alter.replace("WAYS", "[]")]);
    Ran::of(command).exits(0).says("tried").never_says("did");
    let after = (fs::read(&own).expect("nsbox"), fs::metadata(&own).expect("nsbox").ctime_nsec());
    assert!(before == after, "nsbox's file is as it was");
    // Control: of a program of the user's outside, all that is there.
    let control = format!(
        "import subprocess\nother = subprocess.Popen(['{}', '--', 'sleep', '60'])\n{}\nother.kill()",
        own.display(),
        alter.replace("WAYS", "[f'/proc/{other.pid}/exe']")
    );
    let mut command = host.command("/usr/bin/python3");
    command.args(["-c", &control]);
    Ran::of(command).exits(0).says("did read").says("did path").says("did mode").says("did times");
}
