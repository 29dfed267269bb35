//! What the payload can see and change of the file system.

use crate::support::{Host, has_program};

#[test]
fn only_what_the_profile_names_is_visible() {
    let host = Host::new();
    let secret = host.write("secret", "the host's own");
    let look = format!("cat {}", secret.display());
    host.script(&[], &look).exits(1).never_says("the host's own");
    // Control: the same look outside finds it.
    crate::support::Ran::of({
        let mut command = host.command("sh");
        command.args(["-c", &look]);
        command
    })
    .exits(0)
    .says("the host's own");
}

#[test]
fn the_home_is_private_and_writable_and_gone_afterwards() {
    let host = Host::new();
    host.script(&[], "echo mine > ~/new && cat ~/new").exits(0).says("mine");
    assert!(!host.home().join("new").exists());
}

#[test]
fn what_is_opened_for_reading_cannot_be_written() {
    let host = Host::new();
    let file = host.write("data/file", "as it was");
    let data = host.home().join("data").display().to_string();
    let change = format!("echo changed > {data}/file; touch {data}/new; rm {data}/file");
    host.script(&["--read", &data], &format!("cat {data}/file; {change}")).exits(1).says("as it was");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "as it was");
    // Control: opened for writing, the same change is made.
    host.script(&["--write", &data], &change).exits(0);
    assert!(!file.exists() && host.home().join("data/new").exists());
}

#[test]
fn a_read_only_folder_inside_a_writable_one_stays_read_only() {
    let host = Host::new();
    let file = host.write("work/kept/file", "as it was");
    let work = host.home().join("work").display().to_string();
    let kept = format!("{work}/kept");
    let change = format!("echo changed > {kept}/file; mv {kept} {work}/gone; touch {work}/new");
    host.script(&["--write", &work, "--read", &kept], &change).exits(0).complains("Read-only file system");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "as it was");
    assert!(host.home().join("work/new").exists());
}

#[test]
fn a_hidden_file_and_a_hidden_folder_look_empty_and_cannot_be_uncovered() {
    let host = Host::new();
    host.write("work/deep/.env", "a password");
    host.write("work/deep/keys/id", "a key");
    let work = host.home().join("work").display().to_string();
    let (env, keys) = (format!("{work}/deep/.env"), format!("{work}/deep/keys"));
    let options = ["--write", &work, "--hide", &env, "--hide", &keys];
    let look = format!("cat {env}; ls -A {keys}; echo looked");
    host.script(&options, &look).exits(0).says("looked").never_says("a password").never_says("id");
    // Neither the island nor a folder above it can be moved out of the mount's way.
    let uncover = format!("mv {env} {work}/a; mv {work}/deep {work}/b; cat {work}/a {work}/b/.env; rm -rf {work}/deep");
    host.script(&options, &uncover).never_says("a password");
    assert_eq!(std::fs::read_to_string(host.home().join("work/deep/.env")).expect("the file"), "a password");
    // Control: what is not hidden is read, and the folder can be moved.
    host.script(&["--write", &work], &format!("mv {work}/deep {work}/b && cat {work}/b/.env"))
        .exits(0)
        .says("a password");
}

#[test]
fn what_fits_a_pattern_is_hidden_and_cannot_be_uncovered() {
    let host = Host::new();
    for secret in ["work/.env", "work/a/.env.local", "work/a/b/id_key", "work/seen"] {
        host.write(secret, "a password");
    }
    std::os::unix::fs::symlink("b/id_key", host.home().join("work/a/id_link")).expect("a link");
    let work = host.home().join("work").display().to_string();
    let (env, keys) = (format!("{work}/**/.env*"), format!("{work}/**/id_*"));
    let options = ["--write", &work, "--hide", &env, "--hide", &keys];
    let look = "cat .env a/.env.local a/b/id_key a/id_link";
    let uncover = "mv a c; mv a/b a/c; cp a/b/id_key x && cat x c/.env.local; rm -f .env a/.env.local; cat .env";
    let script = format!("cd {work}; {look}; {uncover}; echo looked");
    host.script(&options, &script).exits(0).says("looked").never_says("a password");
    assert_eq!(std::fs::read_to_string(host.home().join("work/.env")).expect("the file"), "a password");
    // Control: what does not fit is read, and all of it is where nothing is hidden.
    host.script(&options, &format!("cat {work}/seen")).exits(0).says("a password");
    host.script(&["--write", &work], &format!("cd {work}; cat a/id_link")).exits(0).says("a password");
}

#[test]
fn a_mount_below_a_read_only_entry_is_read_only_too() {
    let host = Host::new();
    let user_mount = "mount -t tmpfs none data/below && echo x > data/below/file && exec \"$@\"";
    host.folder("data/below");
    let data = host.home().join("data").display().to_string();
    let inner = format!("cat {data}/below/file; echo changed > {data}/below/file");
    let mut command = host.command("unshare");
    command.args(["-Urm", "sh", "-c", user_mount, "sh"]).arg(host.nsbox());
    command.args(["--read", &data, "--", "sh", "-c", &inner]);
    crate::support::Ran::of(command).says("x").complains("Read-only file system");
}

#[test]
fn the_old_root_is_out_of_reach() {
    let host = Host::new();
    let ways = "ls / /.. /../.. /proc/1/root/ /proc/self/root/ 2>/dev/null; chroot / ls; umount /; ls /proc/1/cwd/";
    host.script(&[], ways).never_says("nsbox-test").never_says("boot").never_says("srv");
}

#[test]
fn the_root_and_proc_sys_are_read_only_and_tmp_is_not() {
    let host = Host::new();
    host.script(&[], "touch /new").exits(1).complains("Read-only file system");
    host.script(&[], "mkdir /usr/new").exits(1).complains("Read-only file system");
    host.script(&[], "echo 1 > /proc/sys/user/max_user_namespaces").complains("Read-only file system");
    host.script(&[], "echo here > /tmp/new && cat /tmp/new").exits(0).says("here");
    host.script(&[], "echo here > /dev/shm/new && cat /dev/shm/new").exits(0).says("here");
}

#[test]
fn a_file_can_be_bound_elsewhere_and_a_tmpfs_has_the_size_it_was_given() {
    let host = Host::new();
    let file = host.write("notes", "seen");
    host.script(&["--read", &format!("{}:/elsewhere/notes", file.display())], "cat /elsewhere/notes")
        .exits(0)
        .says("seen");
    host.script(&["--tmpfs", "/small:64K"], "head -c 1M /dev/zero > /small/file").exits(1).complains("No space");
    host.script(&["--tmpfs", "/small:2M"], "head -c 1M /dev/zero > /small/file").exits(0);
}

#[test]
fn a_file_of_the_profile_is_there_with_its_text_and_read_only() {
    let host = Host::new();
    let text = "extends = ['shell']\n[filesystem]\nfiles = { '/etc/motd' = '$HOME stays', '~/.config/tool' = 'a=1' }\n";
    let profile = host.write("files.toml", text).display().to_string();
    let options = ["--profile", &profile];
    host.script(&options, "cat /etc/motd ~/.config/tool").exits(0).says("$HOME staysa=1");
    host.script(&options, "echo changed > /etc/motd || rm -f /etc/motd || mv /etc/motd /etc/x; cat /etc/motd")
        .exits(0)
        .says("$HOME stays")
        .complains("Read-only file system");
    // Also where the folder around it is the command's own to write in; on the host nothing was made.
    host.script(&options, "echo b=2 > ~/.config/tool; rm -f ~/.config/tool; echo c > ~/.config/new; cat ~/.config/*")
        .says("c\na=1")
        .complains("Read-only file system");
    assert!(!host.home().join(".config").exists());
}

#[test]
fn nothing_is_created_on_the_host_for_a_destination() {
    let host = Host::new();
    let work = host.folder("work").display().to_string();
    let file = host.write("file", "x").display().to_string();
    host.script(&["--write", &work, "--read", &format!("{file}:{work}/missing")], "true").exits(125).complains(&work);
    assert!(!host.home().join("work/missing").exists());
}

#[test]
fn a_profile_that_opens_the_project_opens_no_home_folder_by_accident() {
    let host = Host::new();
    host.folder("app/.git");
    host.folder("app/src");
    let profile = host.write("open.toml", "extends = ['shell']\n[filesystem]\nwrite = ['${PROJECT}']\n");
    let profile = profile.display().to_string();
    let change = |folder: &str, options: &[&str]| {
        let mut command = host.sandbox(options.iter().chain(&["--", "sh", "-c", "touch ~/app/made ~/made"]));
        command.current_dir(host.home().join(folder));
        crate::support::Ran::of(command)
    };
    change("", &["--profile", &profile]).exits(125).complains("opens your whole home folder");
    assert!(!host.home().join("made").exists());
    change("app/src", &["--profile", &profile]).exits(0).in_silence();
    assert!(host.home().join("app/made").exists() && !host.home().join("made").exists());
    change("", &["--profile", &profile, "--write", "."])
        .exits(0)
        .complains("warning: `--write` lets the command change");
    assert!(host.home().join("made").exists());
}

#[test]
fn a_planted_git_file_opens_nothing_and_a_real_worktree_its_repository() {
    let host = Host::new();
    host.write("worktrees/x/secret", "the host's own");
    host.write("main/.git/HEAD", "ref: refs/heads/main\n");
    host.write("main/.git/config", "of the repository");
    host.folder("main/.git/objects");
    host.folder("main/.git/refs");
    let tree = host.folder("tree");
    let home = host.home().display().to_string();
    let look = format!("cat {home}/main/.git/config {home}/worktrees/x/secret; ls -A {home}");
    let seen = || {
        let open = "filesystem.read=[{path='${GIT_COMMON_DIR}', optional=true}]";
        let mut command = host.sandbox(["--write", ".", "--set", open, "--", "sh", "-c", &look]);
        command.current_dir(&tree);
        crate::support::Ran::of(command)
    };
    // What the payload of an earlier run can write: here everything but the repository itself.
    host.write("tree/.git", format!("gitdir: {home}/worktrees/x\n"));
    host.write("worktrees/x/gitdir", format!("{home}/tree/.git\n"));
    host.write("worktrees/x/commondir", "../..\n");
    seen().never_says("the host's own").never_says("main");
    host.write("tree/.git", format!("gitdir: {home}/main/.git/worktrees/tree\n"));
    seen().never_says("of the repository");
    // Control: where the repository names the worktree, it is opened.
    host.write("main/.git/worktrees/tree/gitdir", format!("{home}/tree/.git\n"));
    host.write("main/.git/worktrees/tree/commondir", "../..\n");
    seen().says("of the repository").never_says("the host's own");
}

#[test]
fn the_working_directory_keeps_its_name_only_where_that_is_the_same_folder() {
    let host = Host::new();
    let (real, link) = (host.folder("real"), host.home().join("link"));
    std::os::unix::fs::symlink("real", &link).expect("a link");
    let pwd = |pwd: &std::path::Path| {
        let mut command =
            host.sandbox(["--set", "filesystem.write=['${PWD}']", "--", "sh", "-c", "touch made; echo $PWD"]);
        command.current_dir(&real).env("PWD", pwd);
        let ran = crate::support::Ran::of(command).exits(0);
        assert!(std::fs::remove_file(real.join("made")).is_ok(), "{ran}");
        ran.stdout.trim_end().to_owned()
    };
    assert_eq!(pwd(&link), link.display().to_string());
    assert_eq!(pwd(&real), real.display().to_string());
    // A name for another folder, or for none, opens nothing.
    host.write("secret/key", "x");
    assert_eq!(pwd(&host.home().join("secret")), real.display().to_string());
    assert_eq!(pwd(&host.home().join("none")), real.display().to_string());
    assert_eq!(pwd(std::path::Path::new("../real")), real.display().to_string());
}

#[test]
fn devices_are_the_harmless_ones_and_work() {
    let host = Host::new();
    host.script(&[], "echo gone > /dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c")
        .exits(0)
        .in_silence();
    host.script(&[], "ls /dev").exits(0).never_says("sda").never_says("kmsg").never_says("mem");
    host.script(&[], "chmod 666 /dev/null").exits(1).complains("Read-only file system");
}

#[test]
fn the_hosts_devices_are_there_when_asked_for_and_terminals_and_shared_memory_are_not() {
    let host = Host::new();
    let look = "ls /dev/kmsg; ls /dev/pts; touch /dev/shm/file && ls /dev/shm; touch /dev/new; mknod /dev/node c 1 3";
    let all = ["--set", "filesystem.dev=\"host\""];
    let ran = host.script(&all, look).says("/dev/kmsg\nptmx\nfile\n").complains("Read-only file system");
    assert_eq!(ran.stdout, "/dev/kmsg\nptmx\nfile\n", "{ran}");
    assert!(!std::path::Path::new("/dev/shm/file").exists() && !std::path::Path::new("/dev/new").exists());
    // Control: without the word for it there is none but the harmless ones.
    host.script(&[], look).says("ptmx\nfile\n").never_says("kmsg");
    // Where nothing else of the host is visible as well.
    if has_program("busybox") {
        // An empty profile accepts no older kernel.
        let lack = "protections.best-effort=[\"landlock-scopes\"]";
        let shell = [
            "--profile",
            "/dev/null",
            "--read",
            "/usr/bin/busybox",
            "--set",
            "filesystem.proc=\"none\"",
            "--set",
            lack,
            "--",
        ];
        let words = all.into_iter().chain(shell).chain(["/usr/bin/busybox", "ls", "/dev/pts"]);
        host.run(words).exits(0).says("ptmx");
    }
}

#[test]
fn setuid_bits_mean_nothing_inside() {
    let host = Host::new();
    host.script(&[], "grep NoNewPrivs /proc/self/status; grep ' / ' /proc/mounts")
        .says("NoNewPrivs:\t1")
        .says("nosuid");
}

#[test]
fn no_file_is_made_that_runs_as_the_caller_for_others() {
    let host = Host::new();
    let home = host.home().display().to_string();
    let make = format!("cd {home} && cp /bin/true program && chmod 4755 program; stat -c %a program");
    host.script(&["--write", &home], &make).says("755\n").never_says("4755").complains("Operation not permitted");
    // One that is made with the bit loses it as soon as something is written to it.
    if has_program("python3") {
        let write = "import os; fd = os.open('made', os.O_CREAT | os.O_WRONLY, 0o4755); os.write(fd, b'#!'); \
                     print(oct(os.fstat(fd).st_mode))";
        let words = ["--write", &home, "--directory", &home, "--", "python3", "-c", write];
        host.run(words).exits(0).says("0o100755");
    }
    // Control: by its own name it is allowed.
    let names = ["chmod", "fchmod", "fchmodat", "fchmodat2"];
    let words = names.iter().flat_map(|name| ["--allow-syscall", name]).chain(["--write", &home]);
    host.script(&words.collect::<Vec<_>>(), &make).says("4755");
}

#[test]
fn an_open_folder_as_a_standard_stream_is_no_way_out() {
    let host = Host::new();
    host.write("secret", "the host's own");
    let home = host.home();
    let folder = || std::fs::File::open(&home).expect("the home");
    let look = "cat /proc/self/fd/0/secret || ls /proc/self/fd/0/..";
    let mut launch = host.sandbox(["--", "sh", "-c", look]);
    launch.stdin(folder());
    crate::support::Ran::of(launch).exits(125).complains("descriptor 0").complains("EISDIR").never_says("secret");
    // Control: outside, the same open folder gives its files.
    let mut outside = host.command("sh");
    outside.args(["-c", look]).stdin(folder());
    crate::support::Ran::of(outside).exits(0).says("the host's own");
}
