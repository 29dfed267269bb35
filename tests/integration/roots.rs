//! A folder of the host as the root: read, changed, or changed in memory only.

use crate::support::{Host, Ran, has_program};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A root folder with a static shell in it, and the folders that every root has.
fn image(host: &Host) -> String {
    for folder in ["image/bin", "image/proc", "image/dev", "image/tmp", "image/etc"] {
        host.folder(folder);
    }
    let busybox = host.home().join("image/bin/busybox");
    fs::copy("/usr/bin/busybox", busybox).expect("busybox in the image");
    for name in ["sh", "ls", "cat", "mv", "rm", "mkdir", "mount", "id"] {
        std::os::unix::fs::symlink("busybox", host.home().join("image/bin").join(name)).expect("a link");
    }
    host.write("image/etc/motd", "the image's own\n");
    host.home().join("image").display().to_string()
}

fn has_static_shell() -> bool {
    has_program("busybox")
}

fn root(image: &str, access: &str) -> String {
    format!("filesystem.root={{ directory = '{image}', access = '{access}' }}")
}

#[test]
fn the_root_is_the_folder_and_nothing_of_the_host() {
    if !has_static_shell() {
        return;
    }
    let host = Host::new();
    let image = image(&host);
    let look = "ls /; cat /etc/motd; echo x > /etc/new; echo y > /etc/motd; ls /proc/self/fd /dev/pts";
    let ran = host.script(&["--set", &root(&image, "read")], look);
    ran.says("the image's own").never_says("usr\n").never_says("home\n").complains("Read-only file system");
    assert!(!Path::new(&image).join("etc/new").exists());
    let whole = host.script(&["--set", &root(&image, "read")], "ls / | cat").exits(0);
    assert_eq!(whole.stdout, "bin\ndev\netc\nproc\ntmp\n", "{whole}");
}

#[test]
fn the_old_root_is_gone_whatever_the_new_one_is() {
    if !has_static_shell() {
        return;
    }
    let host = Host::new();
    let image = image(&host);
    let look = "awk '$5 == \"/\"' /proc/self/mountinfo | wc -l; awk '{ print $5 }' /proc/self/mountinfo; ls -d /../* /../root/.. /proc/1/root/*";
    std::os::unix::fs::symlink("busybox", host.home().join("image/bin/awk")).expect("a link");
    std::os::unix::fs::symlink("busybox", host.home().join("image/bin/wc")).expect("a link");
    // Control: on the host itself there is more to see.
    let mut outside = host.command("sh");
    outside.args(["-c", "ls -d /../*"]);
    Ran::of(outside).exits(0).says("/../boot");
    for access in ["read", "write", "discard"] {
        let ran = host.script(&["--set", &root(&image, access)], look);
        assert!(ran.stdout.starts_with("1\n"), "{access}: {ran}");
        ran.never_says("/boot").never_says("/srv").never_says("nsbox-test");
    }
    let ran = host.script(&[], look);
    assert!(ran.stdout.starts_with("1\n"), "{ran}");
    ran.never_says("/boot").never_says("/srv");
}

#[test]
fn changes_to_it_stay_or_are_discarded() {
    if !has_static_shell() {
        return;
    }
    let host = Host::new();
    let image = image(&host);
    let motd = Path::new(&image).join("etc/motd");
    let change = "echo changed > /etc/motd; mkdir /srv; rm /bin/mount; cat /etc/motd; ls /";
    host.script(&["--set", &root(&image, "discard")], change).exits(0).says("changed").says("srv").in_silence();
    assert_eq!(fs::read_to_string(&motd).expect("the file"), "the image's own\n");
    assert!(!Path::new(&image).join("srv").exists() && Path::new(&image).join("bin/mount").is_symlink());
    host.script(&["--set", &root(&image, "write")], change).exits(0).says("changed").in_silence();
    assert_eq!(fs::read_to_string(&motd).expect("the file"), "changed\n");
    assert!(Path::new(&image).join("srv").exists());
}

#[test]
fn entries_are_mounted_on_it_and_made_only_where_changes_are_discarded() {
    if !has_static_shell() {
        return;
    }
    let host = Host::new();
    let image = image(&host);
    let data = host.write("data/file", "of the host");
    let data = data.parent().expect("a folder").display().to_string();
    let bind = format!("{data}:/mnt/deep");
    let look = "cat /mnt/deep/file; echo x > /mnt/deep/file; echo mine > /scratch/file; cat /scratch/file";
    let options = ["--read", &bind, "--tmpfs", "/scratch"];
    let with = |access: &str| {
        let root = root(&image, access);
        let words: Vec<&str> = ["--set", &root].into_iter().chain(options).collect();
        host.script(&words, look)
    };
    with("discard").says("of the host").says("mine").complains("Read-only file system");
    with("read").exits(125).complains("does not exist inside `/`").complains("`access = \"discard\"`");
    assert!(!Path::new(&image).join("mnt").exists());
    host.folder("image/mnt/deep");
    host.folder("image/scratch");
    with("read").says("of the host").says("mine").complains("Read-only file system");
}

#[test]
fn a_symlink_in_it_leads_nowhere_outside() {
    if !has_static_shell() {
        return;
    }
    let host = Host::new();
    let image = image(&host);
    let outside = host.folder("outside");
    std::os::unix::fs::symlink(&outside, host.home().join("image/srv")).expect("a planted link");
    let data = host.write("data/file", "of the host");
    let bind = format!("{}:/srv/new/file", data.display());
    // The link's target exists on the host; inside it is a path of the image, which is made there.
    host.script(&["--set", &root(&image, "discard"), "--read", &bind], "cat /srv/new/file")
        .exits(0)
        .says("of the host");
    assert!(fs::read_dir(&outside).expect("a folder").next().is_none());
}

#[test]
fn hidden_and_read_only_islands_hold_in_a_root_that_can_be_written() {
    if !has_static_shell() {
        return;
    }
    let host = Host::new();
    let image = image(&host);
    host.write("image/var/deep/secret", "a password");
    let move_away =
        "cat /var/deep/secret; mv /var/deep/secret /a; mv /var/deep /b; mv /var /c; cat /a /b/secret /c/deep/secret";
    for access in ["write", "discard"] {
        let root = root(&image, access);
        host.script(&["--set", &root, "--hide", "/var/deep/secret"], move_away).never_says("a password");
    }
    host.script(&["--set", &root(&image, "discard")], move_away).says("a password");
}

#[test]
fn a_program_of_the_image_that_stands_for_nsbox_itself_is_not_run() {
    if !has_static_shell() {
        return;
    }
    let host = Host::new();
    let image = image(&host);
    std::os::unix::fs::symlink("/proc/self/exe", host.home().join("image/bin/itself")).expect("a planted link");
    let script = host.write("image/bin/script", "#!/proc/self/exe\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("a planted script");
    let root = root(&image, "discard");
    for program in ["/bin/itself", "/bin/script"] {
        let options = ["--set", &root, "--"];
        host.run(options.into_iter().chain([program, "--version"])).exits(126).complains("Permission denied");
        // Control: where the rule would keep sandboxes inside from mounting, the kernel gets as far as nsbox's own file.
        let nested = ["--set", "namespaces.nested=\"allow\""];
        let ran = host.run(nested.into_iter().chain(options).chain([program, "--version"]));
        assert!(!ran.stderr.contains("Permission denied"), "{ran}");
    }
    // What a rule about files would forbid by itself.
    host.script(&["--set", &root], "mkdir /a /b && echo moved > /a/file && mv /a/file /b/file && cat /b/file")
        .exits(0)
        .says("moved");
}
