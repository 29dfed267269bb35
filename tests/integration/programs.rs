//! Real programs at real work under the profiles that people run them with.

use crate::support::{Host, Ran, has, has_program, patience};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a shell script under a profile, in the folder `work` of the home.
fn work(host: &Host, profile: &str, script: &str) -> Ran {
    work_as(host, profile, &[], script)
}

/// As [`work`], with more variables in the caller's environment.
fn work_as(host: &Host, profile: &str, variables: &[(&str, &str)], script: &str) -> Ran {
    let mut command = host.sandbox(["--profile", profile, "--", "sh", "-ec", script]);
    command.current_dir(host.folder("work")).envs(variables.iter().copied());
    Ran::of(command)
}

/// Whether all of these programs are installed.
#[track_caller]
fn have(names: &[&str]) -> bool {
    names.iter().all(|name| has_program(name))
}

#[test]
fn bash_passes_a_pipe_as_a_file() {
    let script = "exec bash -c 'cat <(echo one) <(echo two); [[ abc =~ b(.) ]] && echo ${BASH_REMATCH[1]}'";
    work(&Host::new(), "shell", script).exits(0).in_silence().says("one\ntwo\nc\n");
}

#[test]
fn zsh_loads_its_completions_and_remembers_them_in_the_private_home() {
    if !have(&["zsh"]) {
        return;
    }
    let script = "exec zsh -c 'autoload -Uz compinit; compinit -d ~/.zcompdump; print $+functions[_git] $#_comps'";
    let ran = work(&Host::new(), "shell", script).exits(0).in_silence();
    let known: Vec<usize> = ran.stdout.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    assert!(known[0] == 1 && known[1] > 100, "{ran}");
}

#[test]
fn perl_and_awk_do_sums() {
    let host = Host::new();
    work(&host, "shell", "awk 'BEGIN { print 6 * 7 }' </dev/null").exits(0).says("42\n");
    if have(&["perl"]) {
        let script =
            "perl -MPOSIX=strftime -MEncode -e 'print strftime(\"%Y\", gmtime 0), length decode_utf8 \"\\xc3\\xa9\"'";
        assert_eq!(work(&host, "shell", script).exits(0).in_silence().stdout, "19701");
    }
}

#[test]
fn python_makes_a_virtual_environment_and_pip_installs_a_wheel_without_a_network() {
    if !have(&["python3"]) || !has("Python's venv", Path::new("/usr/share/python-wheels").exists()) {
        return;
    }
    let host = Host::new();
    host.write("work/wheel.py", WHEEL);
    let script = "/usr/bin/python3 wheel.py; /usr/bin/python3 -m venv env
        env/bin/pip install --quiet --no-index --find-links . greeting; env/bin/python -c 'import greeting'";
    work(&host, "build", script).exits(0).says("installed by pip\n");
    // A project's environment stays, and works outside: the home is at its real place.
    let mut outside = host.command(host.home().join("work/env/bin/python"));
    outside.args(["-c", "import greeting"]);
    Ran::of(outside).exits(0).says("installed by pip\n");
}

/// Builds a wheel with one module in it.
const WHEEL: &str = r#"import zipfile
wheel = zipfile.ZipFile("greeting-1.0-py3-none-any.whl", "w")
wheel.writestr("greeting.py", "print('installed by pip')\n")
about = "greeting-1.0.dist-info/"
wheel.writestr(about + "METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
wheel.writestr(about + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
wheel.writestr(about + "RECORD", "".join(name + ",,\n" for name in wheel.namelist()) + about + "RECORD,,\n")
wheel.close()
"#;

#[test]
fn gcc_builds_through_make_and_ccache_and_what_it_built_runs() {
    if !have(&["gcc", "make", "ccache"]) {
        return;
    }
    let host = Host::new();
    host.write("work/answer.c", "#include <stdio.h>\nint main(void) { puts(\"built\"); return 0; }\n");
    host.write("work/Makefile", "answer: answer.o\n\tgcc -o $@ $<\nanswer.o: answer.c\n\tccache gcc -c $<\n");
    let script = "make -s -j2; touch answer.c; make -s; ./answer; ccache --print-stats";
    let ran = work(&host, "build", script).exits(0).says("built\n");
    let hits = ran.stdout.lines().filter(|line| line.contains("cache_hit") && line.ends_with("\t1")).count();
    assert_eq!(hits, 1, "the second time is served from the cache: {ran}");
    assert!(!host.home().join(".cache").exists(), "the cache is in memory");
    Ran::of(host.command(host.home().join("work/answer"))).exits(0).says("built\n");
    work(&host, "build", "gcc -static -o alone answer.c; ./alone").exits(0).says("built\n");
    // The static one needs nothing of the host.
    host.run(["--profile", "strict", "--read", "work/alone:/alone", "--", "/alone"]).exits(0).says("built\n");
}

#[test]
fn cargo_builds_with_rustup_and_with_crates_that_were_fetched_before() {
    let host = Host::new();
    if !has("a Rust toolchain of rustup, with crates, that can be copied", link_rust_toolchain(&host)) {
        return;
    }
    host.write("work/Cargo.toml", "[package]\nname = \"app\"\nedition = \"2021\"\n[dependencies]\nlexopt = \"*\"\n");
    host.write("work/src/main.rs", "fn main() { println!(\"{}\", std::any::type_name::<lexopt::Parser>()); }\n");
    host.write(".cargo/credentials.toml", "[registry]\ntoken = \"hush\"\n");
    let path = format!("{}/.cargo/bin:/usr/bin:/bin", host.home().display());
    let script = "cargo --offline run; ls -A ~/.cargo";
    let ran = work_as(&host, "build", &[("PATH", &path)], script).exits(0).says("lexopt::Parser\n");
    ran.says("\nregistry\n").never_says("credentials");
    assert!(!host.home().join(".cargo/registry/src").exists(), "nothing is unpacked on the host");
    // Where a network is open, what was fetched before is not there to be sent away.
    work_as(&host, "online", &[("PATH", &path)], "cargo clean; cargo --offline build").exits(101).complains("lexopt");
}

/// Gives the home the toolchain and the crates that this test was built with.
fn link_rust_toolchain(host: &Host) -> bool {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let Some(cargo_home) = variable("CARGO_HOME").or_else(|| Some(variable("HOME")?.join(".cargo"))) else {
        return false;
    };
    let Some(toolchain) = variable("CARGO").and_then(|cargo| Some(cargo.parent()?.parent()?.to_owned())) else {
        return false;
    };
    let is_of_rustup = toolchain.parent().is_some_and(|above| above.ends_with("toolchains"));
    let Some(name) = toolchain.file_name().and_then(|name| name.to_str()).filter(|_| is_of_rustup) else {
        return false;
    };
    let own = host.folder(&format!(".rustup/toolchains/{name}"));
    host.write(".rustup/settings.toml", format!("version = \"12\"\ndefault_toolchain = \"{name}\"\n"));
    // Linked, or copied where that is another file system.
    let link = |from: PathBuf, to: PathBuf| {
        ["-al", "-a"].iter().any(|how| {
            let copied = Command::new("cp").arg(how).arg(&from).arg(&to).output();
            copied.is_ok_and(|copied| copied.status.success())
        })
    };
    let (cargo, registry) = (host.folder(".cargo"), host.folder(".cargo/registry"));
    link(toolchain.join("bin"), own.clone())
        && link(toolchain.join("lib"), own)
        && link(cargo_home.join("bin"), cargo)
        && link(cargo_home.join("registry/index"), registry.clone())
        && link(cargo_home.join("registry/cache"), registry)
}

#[test]
fn go_builds_with_a_module_that_was_fetched_before() {
    if !have(&["go", "python3"]) {
        return;
    }
    let host = Host::new();
    host.write("proxy/example.com/greet/@v/v1.0.0.info", "{\"Version\": \"v1.0.0\"}");
    let module = host.write("proxy/example.com/greet/@v/v1.0.0.mod", "module example.com/greet\n");
    host.write("proxy/example.com/greet@v1.0.0/go.mod", "module example.com/greet\n");
    host.write("proxy/example.com/greet@v1.0.0/greet.go", "package greet\nconst Word = \"fetched before\"\n");
    host.write("work/go.mod", "module app\nrequire example.com/greet v1.0.0\n");
    host.write("work/main.go", "package main\nimport \"example.com/greet\"\nfunc main() { println(greet.Word) }\n");
    let fetch = format!(
        "cd {proxy}; /usr/bin/python3 -c '{ZIP}' {archive}; cd ../work
        GOPROXY=file://{proxy} GONOSUMDB=example.com GOFLAGS=-mod=mod go mod download example.com/greet
        GOPROXY=file://{proxy} GONOSUMDB=example.com GOFLAGS=-mod=mod go mod tidy",
        proxy = host.home().join("proxy").display(),
        archive = module.with_extension("zip").display(),
    );
    let mut outside = host.command("sh");
    outside.args(["-ec", &fetch]);
    Ran::of(outside).exits(0);
    work(&host, "build", "go build -o app; ./app; ls -A ~/go").exits(0).complains("fetched before\n").says("pkg\n");
    // Where a network is open, what was fetched before is not there to be sent away.
    work(&host, "online", "GOPROXY=off go build").exits(1).complains("example.com/greet");
}

/// Packs a module as a proxy of Go serves it.
const ZIP: &str = "import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1], \"w\")
for name in [\"go.mod\", \"greet.go\"]: archive.write(\"example.com/greet@v1.0.0/\" + name)
archive.close()";

#[test]
fn java_compiles_and_runs() {
    if !have(&["java", "javac"]) {
        return;
    }
    let host = Host::new();
    host.write(
        "work/Hello.java",
        "class Hello { public static void main(String[] a) { System.out.println(\"hi\"); } }",
    );
    work(&host, "build", "javac Hello.java; java -Xshare:auto Hello").exits(0).in_silence().says("hi\n");
}

#[test]
fn npm_installs_a_package_of_a_folder_and_runs_a_script() {
    if !have(&["node", "npm"]) {
        return;
    }
    let host = Host::new();
    host.write("work/answer/package.json", r#"{"name": "answer", "version": "1.0.0"}"#);
    host.write("work/answer/index.js", "module.exports = 6 * 7");
    host.write("work/app.js", "console.log(require('answer'))");
    host.write("work/package.json", r#"{"name": "app", "version": "1.0.0", "scripts": {"go": "node app.js"}}"#);
    work(&host, "build", "npm install --offline --no-audit ./answer; npm run --silent go").exits(0).says("42\n");
    assert!(!host.home().join(".npm").exists(), "its cache and its logs are in memory");
}

#[test]
fn a_database_and_a_picture_are_made() {
    let host = Host::new();
    if have(&["sqlite3"]) {
        let sql = "pragma journal_mode = wal; create table t(n); insert into t values(6), (7); select 'sum ' || sum(n) from t";
        work(&host, "build", &format!("sqlite3 data.db \"{sql}\"")).exits(0).says("wal\nsum 13\n");
    }
    if has("ImageMagick", Path::new("/usr/bin/convert").exists()) {
        let script = "/usr/bin/convert -size 8x8 xc:red -resize 50% red.png; /usr/bin/identify -format '%wx%h' red.png";
        work(&host, "build", script).exits(0).in_silence().says("4x4");
    }
}

#[test]
fn curl_reaches_nothing_but_where_the_network_is_open() {
    if !have(&["curl"]) {
        return;
    }
    let host = Host::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    let server = std::thread::spawn(move || {
        let (mut caller, _) = listener.accept().expect("a caller");
        let length = caller.read(&mut [0; 1024]).expect("a request");
        caller.write_all(b"HTTP/1.0 200 OK\r\n\r\nserved\n").expect("an answer that arrives");
        length
    });
    let script = format!("curl --silent --show-error {address}");
    work(&host, "build", &script).exits(7).complains("connect");
    work(&host, "online", &script).exits(0).says("served\n");
    assert!(server.join().expect("a server") > 0);
}

#[test]
fn ssh_knows_the_hosts_that_the_caller_knows_and_has_no_key() {
    if !have(&["ssh", "ssh-keygen"]) {
        return;
    }
    let host = Host::new();
    host.write(
        ".ssh/known_hosts",
        "example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n",
    );
    host.write(".ssh/id_ed25519", "hush\n");
    let ran = work(&host, "online", "ssh-keygen -F example.org; ls -A ~/.ssh").exits(0).in_silence();
    ran.says("found: line 1").says("\nknown_hosts\n").never_says("id_ed25519");
    let (greeted, greeting) = std::sync::mpsc::channel();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let (mut caller, _) = listener.accept().expect("a caller");
        let mut words = [0; 8];
        caller.read_exact(&mut words).expect("a greeting");
        greeted.send(words).expect("a test that listens");
    });
    let script = format!("ssh -p {port} 127.0.0.1");
    work(&host, "online", &script).exits(255);
    assert_eq!(&greeting.recv_timeout(patience()).expect("ssh calls"), b"SSH-2.0-");
    // Why the profile leaves out what the host's settings include: it belongs to nobody inside, and ssh refuses it.
    let settings = "/etc/ssh/ssh_config";
    if has("settings of ssh", fs::read_to_string(settings).is_ok_and(|text| text.contains("\nInclude /etc/ssh/"))) {
        let included = format!("{settings}:/etc/ssh/ssh_config.d/included.conf");
        let options = ["--profile", "online", "--read", &included, "--", "ssh", "-G", "example.org"];
        let mut refused = host.sandbox(options);
        refused.current_dir(host.home().join("work"));
        Ran::of(refused).exits(255).complains("Bad owner or permissions");
    }
}

#[test]
fn debuggers_look_into_programs_inside() {
    if !have(&["strace", "gdb", "gcc"]) {
        return;
    }
    let host = Host::new();
    host.write("work/loop.c", "int twice(int n) { return n + n; }\nint main(void) { return twice(21) - 42; }\n");
    work(&host, "build", "exec strace -f -e trace=execve sh -c 'true; /bin/true'")
        .exits(0)
        .complains("execve(\"/bin/true\"");
    let script = "gcc -g -o loop loop.c; exec gdb -q -batch -ex 'break twice' -ex run -ex backtrace loop";
    work(&host, "build", script).exits(0).says("#0  twice (n=21)").says("#1").says("in main () at loop.c:2");
}
