//! What goes wrong, and what nsbox says of it: the place, the cause, the remedy, and nothing started.

use crate::support::{Host, Ran, has, has_program, is_root};

/// A profile, written, and a run of `true` under it.
fn run_under(host: &Host, profile: &str) -> Ran {
    let file = host.write("test.toml", profile);
    host.run(["--profile", file.to_str().expect("a name"), "--", "echo", "the command ran"])
        .never_says("the command ran")
        .exits(125)
}

#[test]
fn everything_wrong_with_a_profile_is_said_at_once_with_its_place() {
    let host = Host::new();
    let wrong = "extends = [\"base\"]\n[filesystem]\nread = [{ path = \"/usr/lib\", acess = 1 }]\nwrte = []\nproc = 3\n\n[netwrk]\nmode = \"none\"\n";
    let ran = run_under(&host, wrong);
    for (line, word) in [(3, "acess"), (4, "wrte"), (5, "proc"), (7, "netwrk")] {
        assert!(ran.stderr.contains(&format!("test.toml:{line}:")) && ran.stderr.contains(word), "{word}: {ran}");
    }
    for (wrong, right) in [("wrte", "write"), ("netwrk", "network")] {
        assert!(ran.stderr.contains(&format!("`{right}`")), "{wrong} is not corrected: {ran}");
    }
}

#[test]
fn profiles_that_are_none() {
    let host = Host::new();
    run_under(&host, "[filesystem]\nread = [\"/usr\"]\nread = [\"/usr\"]\n").complains("read");
    run_under(&host, "[filesystem]\nread = [\"/usr\", \"/usr/\"]\n").complains("/usr");
    run_under(&host, "[filesystem]\nread = [\"${NO_SUCH}/x\"]\n").complains("NO_SUCH");
    run_under(&host, "[filesystem]\nread = [\"/no/such/folder\"]\n").complains("optional = true");
    run_under(&host, "\u{feff}description = \"x\"\n").complains("byte order mark");
    run_under(&host, "description = \"a\0b\"\n").complains("NUL");
    run_under(&host, "extends = [\"./test.toml\"]\n").complains("test.toml");
    run_under(&host, &format!("description = \"{}\"\n", "x".repeat(10 << 20))).complains("large");
    let bytes = host.write("bytes.toml", [0x64, 0xff, 0xfe, 0x0a]);
    host.run(["--profile", bytes.to_str().expect("a name"), "true"]).exits(125).complains("UTF-8");
    let folder = host.folder("folder.toml");
    host.run(["--profile", folder.to_str().expect("a name"), "true"]).exits(125).complains("folder");
    host.run(["--profile", "./missing.toml", "true"]).exits(125).complains("missing.toml");
    host.run(["--profile", "shel", "true"]).exits(125).complains("`shell`");
    // Depth without end.
    let deep = format!("filesystem = {}{}\n", "{ a = ".repeat(9_000), "}".repeat(9_000));
    run_under(&host, &deep).complains("nested too deeply").complains("test.toml:1:");
    let deep = format!("description = {}{}\n", "[".repeat(20_000), "]".repeat(20_000));
    run_under(&host, &deep).complains("nested too deeply").complains("test.toml:1:");
    // Control: one that is sound is run under.
    let sound = host.write("sound.toml", "extends = [\"shell\"]\n[filesystem]\nread = [\"/usr\"]\n");
    host.run(["--profile", sound.to_str().expect("a name"), "echo", "it ran"]).exits(0).says("it ran");
}

#[test]
fn a_file_bound_on_a_folder() {
    let host = Host::new();
    let file = host.write("file", "x").display().to_string();
    let folder = host.folder("folder/inner").display().to_string();
    let outer = host.home().join("folder").display().to_string();
    host.run(["--read", &outer, "--read", &format!("{file}:{folder}"), "--", "true"]).exits(125).complains(&folder);
}

#[test]
fn a_slip_on_the_command_line_is_corrected() {
    let host = Host::new();
    host.run(["--raed", "/usr", "true"]).exits(125).complains("--read");
    host.run(["--network", "nose", "true"]).exits(125).complains("none");
    host.run(["--set", "network.mod=\"none\"", "true"]).exits(125).complains("did you mean `mode`?");
    host.run(["--profile"]).exits(125).complains("--profile");
}

#[test]
fn user_namespaces_switched_off() {
    if !has_program("unshare") || !has("user namespaces of its own", crate::support::can_make_user_namespaces()) {
        return;
    }
    let host = Host::new();
    let mut command = host.command("unshare");
    let inner = format!("echo 0 > /proc/sys/user/max_user_namespaces; exec {} -- true", host.nsbox().display());
    command.args(["-Ur", "sh", "-c", &inner]);
    Ran::of(command)
        .exits(125)
        .complains("at step `clone-init` (monitor)")
        .complains("ENOSPC")
        .complains("max_user_namespaces = 0");
}

#[test]
fn inside_a_chroot() {
    if !is_root() || !has_program("chroot") {
        return;
    }
    let host = Host::of(crate::support::User::Root);
    let root = host.folder("root");
    // A bind gives the chroot the programs of this machine, in a mount namespace that ends with the command.
    let script = format!(
        "mkdir {0}/new && mount --rbind / {0}/new && exec chroot --userspec=12345:12345 {0}/new {1} -- true",
        root.display(),
        host.nsbox().display()
    );
    let mut command = host.command("unshare");
    command.args(["-m", "sh", "-c", &script]);
    Ran::of(command).exits(125).complains("at step `clone-init`").complains("chroot");
}

#[test]
fn under_a_filter_that_refuses_namespaces() {
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let inner = [nsbox.as_str(), "--", "true"];
    let outer = ["--read", nsbox.as_str(), "--network", "host", "--"];
    host.run(outer.into_iter().chain(inner)).exits(125).complains("at step `clone-init`").complains("filter");
}

#[test]
fn a_source_that_is_replaced_by_a_symlink_is_refused() {
    let host = Host::new();
    host.write("outside/secret", "the host's own");
    let work = host.folder("work");
    std::os::unix::fs::symlink(host.home().join("outside"), work.join("planted")).expect("a symlink");
    let planted = work.join("planted").display().to_string();
    let work = work.display().to_string();
    host.script(&["--write", &work, "--read", &planted], &format!("cat {planted}/secret"))
        .exits(125)
        .complains("planted")
        .never_says("the host's own");
}

#[test]
fn a_directory_that_is_not_there() {
    let host = Host::new();
    host.run(["--directory", "/no/such/place", "--", "true"]).exits(125).complains("/no/such/place");
}

#[test]
fn terminal_escapes_in_a_name_are_not_passed_on() {
    let host = Host::new();
    let ran = host.run(["--profile", "./\u{1b}[31mred.toml", "true"]).exits(125);
    assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn a_kernel_that_is_too_old_is_refused_by_its_version() {
    if !has_program("setarch") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let on = |options: &[&str]| {
        let mut command = host.command("setarch");
        command.arg(std::env::consts::ARCH).args(options).args([&*nsbox, "--", "sh", "-c", "echo the command ran"]);
        Ran::of(command)
    };
    // The kernel itself gives another version where a process asks it to (personality(2), UNAME26).
    let old = on(&["--uname-2.6"]).exits(125).complains("this kernel is 2.6, and nsbox needs Linux 5.14 or later");
    old.complains("at step `stage`").never_says("the command ran");
    // Control: on the same kernel by its own version it runs.
    on(&[]).exits(0).says("the command ran");
}
