//! What `build` and `online` let a payload do to the project it works on, and to whoever works on it outside.

use crate::support::{Host, Ran, has_program};

/// A shell script under a profile, in a folder of the home, with more options.
fn script_in(host: &Host, folder: &str, options: &[&str], script: &str) -> Ran {
    let mut command = host.sandbox(options.iter().copied().chain(["--", "sh", "-c", script]));
    command.current_dir(host.home().join(folder));
    Ran::of(command)
}

/// Runs git outside, as the user.
#[track_caller]
fn git(host: &Host, folder: &str, arguments: &[&str]) -> Ran {
    let mut command = host.command("git");
    command.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]).args(arguments);
    command.current_dir(host.home().join(folder));
    Ran::of(command).exits(0)
}

/// A repository with one commit in the folder `app`.
fn repository(host: &Host) {
    host.write("app/src/main.c", "int main(void) { return 0; }\n");
    git(host, "app", &["init", "--quiet"]);
    git(host, "app", &["add", "."]);
    git(host, "app", &["commit", "--quiet", "--message", "First"]);
}

#[test]
fn git_tells_what_changed_in_a_repository_and_in_a_worktree_of_it_but_commits_only_where_that_is_opened() {
    if !has_program("git") {
        return;
    }
    let host = Host::new();
    repository(&host);
    git(&host, "app", &["worktree", "add", "--quiet", "../other"]);
    for folder in ["app/src", "other/src"] {
        let ran = script_in(
            &host,
            folder,
            &["--profile", "build"],
            "echo '/* new */' >> main.c; git status --short; git log --oneline",
        );
        ran.exits(0).in_silence().says(" M main.c\n").says("First\n");
        let commit = "git -c user.name=Ann -c user.email=ann@example.org commit --all --quiet --message Second";
        script_in(&host, folder, &["--profile", "build"], commit).exits(128).complains("Read-only file system");
        let repository = host.home().join("app/.git").display().to_string();
        script_in(&host, folder, &["--profile", "build", "--write", &repository], commit).exits(0);
        git(&host, folder, &["log", "--oneline"]).says("Second\n");
    }
}

#[test]
fn nothing_inside_can_plant_what_git_would_run_outside() {
    if !has_program("git") {
        return;
    }
    // Neither settings nor hooks are touched: a new file makes git look for them in a folder of the payload's own.
    let plant =
        "cp -r .git evil; git config -f evil/config core.fsmonitor 'touch ../planted'; echo ../evil > .git/commondir";
    for (profile, is_planted) in [("build", false), ("online", false), ("shell", true)] {
        let host = Host::new();
        repository(&host);
        let options = ["--profile", profile, "--write", "."];
        script_in(&host, "app", if is_planted { &options } else { &options[..2] }, plant);
        git(&host, "app", &["status", "--short"]);
        assert_eq!(host.home().join("planted").exists(), is_planted, "by {profile}");
    }
}

#[test]
fn nothing_inside_can_lead_a_submodule_elsewhere() {
    if !has_program("git") {
        return;
    }
    let plant = "cp -r .git/modules/vendor/dep evil; git config -f evil/config core.fsmonitor 'touch ../../../planted'; \
                 git config -f evil/config --unset core.worktree; echo 'gitdir: ../../evil' > vendor/dep/.git";
    for (profile, is_planted) in [("build", false), ("shell", true)] {
        let host = Host::new();
        repository(&host);
        git(&host, "", &["clone", "--quiet", "app", "dep"]);
        let dep = host.home().join("dep").display().to_string();
        let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &dep, "vendor/dep"];
        git(&host, "app", &add);
        git(&host, "app", &["commit", "--quiet", "--message", "A submodule"]);
        let options = ["--profile", profile, "--write", "."];
        script_in(&host, "app", if is_planted { &options } else { &options[..2] }, plant);
        git(&host, "app", &["status", "--short"]);
        assert_eq!(host.home().join("planted").exists(), is_planted, "by {profile}");
    }
}

#[test]
fn a_project_in_a_folder_that_is_writable_as_a_whole_keeps_its_place() {
    let host = Host::new();
    let config = host.write("all/deep/project/.git/config", "as it was");
    let all = host.home().join("all").display().to_string();
    let swap =
        format!("cd {all} && mv deep away && mkdir -p deep/project/.git && echo changed > deep/project/.git/config");
    let ran = script_in(&host, "all/deep/project", &["--profile", "build", "--write", &all], &swap);
    ran.complains("mv: cannot move 'deep'");
    assert_eq!(std::fs::read_to_string(&config).expect("the file"), "as it was");
    // Control: where only the whole is opened, nothing in it is kept.
    script_in(&host, "all", &["--profile", "shell", "--write", &all], &swap).exits(0);
    assert_eq!(std::fs::read_to_string(&config).expect("the file"), "changed\n");
}

#[test]
fn what_would_later_run_outside_cannot_be_changed_and_all_else_can() {
    let host = Host::new();
    let guarded = [
        ".git/hooks/pre-commit",
        ".git/config",
        ".githooks/pre-push",
        ".husky/pre-commit",
        ".pre-commit-config.yaml",
        "mise.toml",
        ".vscode/tasks.json",
        ".idea/workspace.xml",
        ".claude/settings.json",
        ".mcp.json",
        ".exrc",
    ];
    for name in guarded {
        host.write(&format!("app/{name}"), "mine\n");
    }
    host.write("app/Makefile", "mine\n");
    let change = |name: &str| {
        format!("echo theirs > {name}; rm -rf {name}; mv {} moved", name.split('/').next().expect("a name"))
    };
    for profile in ["build", "online"] {
        for name in guarded {
            script_in(&host, "app", &["--profile", profile], &change(name)).exits(1);
            let kept = std::fs::read_to_string(host.home().join("app").join(name)).expect("the file");
            assert_eq!(kept, "mine\n", "{name} under {profile}");
        }
        script_in(&host, "app", &["--profile", profile], "echo theirs > Makefile && mkdir -p .git2 new/.git").exits(0);
    }
    assert_eq!(std::fs::read_to_string(host.home().join("app/Makefile")).expect("the file"), "theirs\n");
    // Control: where the project is opened by hand, nothing is kept back.
    script_in(&host, "app", &["--write", "."], &change("mise.toml")).complains("mise.toml");
    assert!(!host.home().join("app/mise.toml").exists());
}

#[test]
fn the_secrets_of_a_project_look_empty_and_what_is_made_after_their_templates_does_not() {
    let host = Host::new();
    let secrets = [
        ".env",
        ".envrc",
        ".env.production",
        "web/.env",
        "packages/api/.env.local",
        ".npmrc",
        ".pypirc",
        "server.pem",
        "server.key",
        "id_rsa",
        "id_ed25519",
        "credentials.json",
        "secrets.yaml",
    ];
    for name in secrets {
        host.write(&format!("app/{name}"), "hush\n");
    }
    for name in [".env.example", "id_map.c", "src/secrets.py", "tests/server.pem"] {
        host.write(&format!("app/{name}"), "shown\n");
    }
    let read_all = "find . -type f -exec cat {} + | sort | uniq -c";
    for profile in ["build", "online"] {
        let ran = script_in(&host, "app", &["--profile", profile], read_all).exits(0);
        assert_eq!(ran.stdout.trim(), "4 shown", "{profile}");
        script_in(&host, "app", &["--profile", profile], "echo theirs > .envrc").exits(2);
        script_in(&host, "app", &["--profile", profile, "--read", ".env"], "cat .env").exits(0).says("hush\n");
    }
    // Control: they are there.
    script_in(&host, "app", &["--read", "."], read_all).says(&format!("{} hush", secrets.len()));
}

#[test]
fn no_credential_of_the_home_is_visible_beside_the_toolchains() {
    let host = Host::new();
    let secrets = [
        ".cargo/credentials.toml",
        ".cargo/config.toml",
        ".npmrc",
        ".netrc",
        ".ssh/id_ed25519",
        ".m2/settings.xml",
        ".gem/credentials",
        ".config/gh/hosts.yml",
        ".local/share/uv/credentials/token",
        ".gitconfig",
        ".bash_history",
        "go/src/private/main.go",
        ".npm/_logs/log",
        ".nvm/versions/node/v20/etc/npmrc",
        ".pyenv/versions/3.12/pip.conf",
        ".local/share/pipx/venvs/tool/pipx_metadata.json",
        ".cargo/git/db/app-1234/FETCH_HEAD",
    ];
    for name in secrets {
        host.write(name, "hush\n");
    }
    for name in
        [".cargo/bin/tool", ".local/bin/tool", ".nvm/nvm.sh", ".gem/ruby/tool", "go/bin/tool", ".ssh/known_hosts"]
    {
        host.write(name, "shown\n");
    }
    host.folder("work");
    let read_all = "find ~ -type f -exec cat {} + 2>/dev/null | sort | uniq -c";
    for (profile, shown) in [("shell", 5), ("build", 5), ("online", 6)] {
        let ran = script_in(&host, "work", &["--profile", profile], read_all).exits(0);
        assert_eq!(ran.stdout.trim(), format!("{shown} shown"), "{profile}");
        script_in(&host, "work", &["--profile", profile], "for f in ~/.*/bin/tool; do : > $f || exit 1; done").exits(2);
    }
    // Control: they are there.
    let home = host.home().display().to_string();
    let ran = script_in(&host, "work", &["--profile", "base", "--read", &home], read_all);
    ran.says(&format!("{} hush", secrets.len()));
}

#[test]
fn proxies_cross_over_only_where_there_is_a_network() {
    let host = Host::new();
    host.folder("work");
    for (profile, expected) in [("shell", "none\n"), ("build", "none\n"), ("online", "http://proxy:3128\n")] {
        let mut command = host.sandbox(["--profile", profile, "--", "sh", "-c", "echo ${https_proxy-none}"]);
        command.current_dir(host.home().join("work")).env("https_proxy", "http://proxy:3128");
        assert_eq!(Ran::of(command).exits(0).stdout, expected, "{profile}");
    }
}
