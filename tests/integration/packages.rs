//! The packages: what is in them, and that nothing of it stays.

use crate::support::{Host, Ran, has, has_program, is_root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether this machine has that subcommand of cargo.
fn has_cargo(subcommand: &str) -> bool {
    let found = Command::new("cargo").args([subcommand, "--version"]).output();
    has(&format!("`cargo {subcommand}`"), found.is_ok_and(|output| output.status.success()))
}

fn ran(program: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    Ran::of(command).exits(0)
}

/// Every path below a folder but those of dpkg's own records.
fn tree(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.ends_with("var/lib/dpkg") {
                continue;
            }
            if entry.file_type().expect("a type").is_dir() {
                folders.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_deb_installs_runs_and_leaves_nothing() {
    if !is_root() || !has_program("dpkg") || !has_cargo("deb") {
        return;
    }
    let host = Host::new();
    // What a release puts there as well; of this build.
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/dist");
    fs::create_dir_all(&dist).expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let completions = host.run(["completions", shell]).exits(0).stdout;
        fs::write(dist.join(format!("nsbox.{shell}")), completions).expect("completions");
    }
    let deb = host.home().join("nsbox.deb").display().to_string();
    ran("cargo", &["deb", "--quiet", "--no-build", "--no-strip", "--fast", "--profile", "dev", "--output", &deb]);

    let root = host.home().join("root");
    // An AppArmor that knows user namespaces, and dpkg's records of an empty system.
    for folder in ["etc/apparmor.d/abi", "var/lib/dpkg/updates", "var/lib/dpkg/info"] {
        fs::create_dir_all(root.join(folder)).expect("a folder");
    }
    for file in ["etc/apparmor.d/abi/4.0", "var/lib/dpkg/status", "var/lib/dpkg/available"] {
        fs::write(root.join(file), "").expect("a file");
    }
    let before = tree(&root);
    let at = format!("--root={}", root.display());
    // Its libraries are those of this machine, and its scripts need no shell in there.
    let dpkg = |action: &str, what: &str| {
        ran("dpkg", &[&at, "--force-script-chrootless", "--force-depends", action, what]);
    };
    dpkg("--install", &deb);
    let installed = |path: &str| fs::read(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    // Of an ordinary user, for whom it is meant.
    let mut command = host.command(root.join("usr/bin/nsbox"));
    command.args(["sh", "-c", "uname -n"]);
    assert_eq!(Ran::of(command).exits(0).stdout, "nsbox\n");
    for page in ["man1/nsbox.1.gz", "man5/nsbox-profile.5.gz", "man7/nsbox-profiles.7.gz"] {
        assert_eq!(installed(&format!("usr/share/man/{page}"))[..2], [0x1f, 0x8b], "{page} is compressed");
    }
    for file in ["bash-completion/completions/nsbox", "zsh/vendor-completions/_nsbox"] {
        assert!(String::from_utf8_lossy(&installed(&format!("usr/share/{file}"))).contains("--profile"), "{file}");
    }
    assert!(String::from_utf8_lossy(&installed("etc/apparmor.d/nsbox")).contains("/usr/bin/nsbox"));
    dpkg("--remove", "nsbox");
    assert_eq!(tree(&root), before);
}

#[test]
fn an_apparmor_without_user_namespaces_gets_no_profile() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/debian/postinst");
    let host = Host::new();
    host.folder("root/etc/apparmor.d");
    host.write("root/usr/share/nsbox/apparmor.d/nsbox", "profile\n");
    let configure = || {
        let mut command = host.command("sh");
        command.arg(&script).arg("configure").env("DPKG_ROOT", host.home().join("root"));
        Ran::of(command).exits(0).in_silence();
        host.home().join("root/etc/apparmor.d/nsbox").exists()
    };
    assert!(!configure());
    // Control: one that has them.
    host.write("root/etc/apparmor.d/abi/4.0", "");
    assert!(configure());
}

/// The files that a packaging names as those to install.
fn named(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || "\"',[]()".contains(c));
    let files = words.filter(|word| ["man/", "profiles/", "dist/apparmor.d/"].iter().any(|s| word.starts_with(s)));
    let mut files: Vec<_> = files.map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}

#[test]
fn every_packaging_holds_the_same_files_and_all_of_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("a text");
    let manifest = read("Cargo.toml");
    let (_, packages) = manifest.split_once("[package.metadata.deb]").expect("what is in a .deb");
    let (deb, rpm) = packages.split_once("[package.metadata.generate-rpm]").expect("what is in a .rpm");
    let mut pages: Vec<_> = fs::read_dir(root.join("man"))
        .expect("pages")
        .flatten()
        .map(|entry| format!("man/{}", entry.file_name().display()))
        .collect();
    pages.extend(["dist/apparmor.d/nsbox".to_owned(), "profiles/*.toml".to_owned()]);
    pages.sort();
    assert_eq!(named(deb), pages);
    assert_eq!(named(rpm), pages);
    let arch = read("dist/arch/PKGBUILD");
    assert_eq!(named(&arch), pages);
    assert!(arch.contains(&format!("\npkgver={}\n", env!("CARGO_PKG_VERSION"))));
}
