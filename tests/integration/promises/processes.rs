//! Processes: what can be done to those outside and to pid 1, and what is left when all is over.

use crate::support::{Host, Ran, has, has_program, is_root, wait_until};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

/// What can be tried against a process: each line tells what was done.
const ATTACK: &str = "
import ctypes, os, sys
call = ctypes.CDLL(None, use_errno=True).syscall
pid = int(sys.argv[1])
def act(name, *words): print('did ' + name if call(*words) >= 0 else 'not ' + name)
def read(name):
    try: there = os.listdir(name) if os.path.isdir(name) else 'mem' in name and open(name, 'rb') or open(name, 'rb').read(1)
    except OSError: there = False
    print('did read' if there else 'not read', name)
word = ctypes.create_string_buffer(8)
ours, theirs = (ctypes.c_ulong * 2)(ctypes.addressof(word), 8), (ctypes.c_ulong * 2)(int(sys.argv[2]), 8)
act('process_vm_readv', 310, pid, ours, 1, theirs, 1, ctypes.c_ulong(0))
act('process_vm_writev', 311, pid, ours, 1, theirs, 1, ctypes.c_ulong(0))
pidfd = call(434, pid, 0)
print('did pidfd_open' if pidfd >= 0 else 'not pidfd_open')
act('pidfd_getfd', 438, pidfd, 0, 0)
act('kcmp', 312, pid, os.getpid(), 0, 0, 0)
for name in ['environ', 'mem', 'maps', 'exe', 'fd', 'map_files', 'root', 'cwd', 'auxv', 'task/%d/environ' % pid]:
    read(f'/proc/{pid}/{name}')
act('PTRACE_SEIZE', 101, 0x4206, pid, 0, 0)
act('PTRACE_ATTACH', 101, 16, pid, 0, 0)
print('tried')
";

#[test]
#[cfg(target_arch = "x86_64")]
fn nothing_is_read_traced_or_taken_of_pid_1_or_of_a_process_outside() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    host.write("file", "in its working directory");
    let mut victim = host.command("/usr/bin/python3");
    let wait = "import ctypes, sys; word = ctypes.create_string_buffer(8); print(ctypes.addressof(word), flush=True); sys.stdin.read()";
    victim.args(["-c", wait]);
    let mut victim = victim.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a process outside");
    let mut place = String::new();
    BufReader::new(victim.stdout.as_mut().expect("its output")).read_line(&mut place).expect("the place of a word");
    let attack = |pid: u32, options: Option<&[&str]>| {
        let numbers = [pid.to_string(), place.trim().to_owned()];
        let program = ["/usr/bin/python3", "-c", ATTACK].map(str::to_owned).into_iter().chain(numbers);
        match options {
            Some(options) => host.run(options.iter().map(|o| (*o).to_owned()).chain(["--".to_owned()]).chain(program)),
            None => {
                let mut command = host.command("env");
                command.args(program);
                Ran::of(command)
            }
        }
    };
    let options: [&[&str]; 4] =
        [&["--profile", "shell"], &["--profile", "strict"], &["--user", "root"], &["--syscalls", "none"]];
    let inside: Vec<_> = options
        .iter()
        .flat_map(|options| [(1, *options), (victim.id(), *options)])
        .map(|(pid, options)| (pid, options, attack(pid, Some(options))))
        .collect();
    let control = attack(victim.id(), None);
    drop(victim.stdin.take());
    victim.kill().and_then(|()| victim.wait()).expect("its end");
    for (pid, options, ran) in inside {
        // That pid 1 is there can be seen inside, and no more; of it a pidfd is a number.
        let seen =
            ran.stdout.lines().filter(|line| line.starts_with("did ") && !(pid == 1 && *line == "did pidfd_open"));
        assert_eq!(seen.count(), 0, "pid {pid} with {options:?}: {ran}");
        ran.exits(0).says("tried");
    }
    // Control: outside, all of that is done to a process of the same user.
    let traced = control.stdout.matches("did PTRACE_SEIZE").count();
    if !has("the right to trace (kernel.yama.ptrace_scope = 0)", traced == 1) {
        return;
    }
    for did in ["process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_getfd", "kcmp", "read /proc"] {
        assert!(control.stdout.contains(&format!("did {did}")), "{did}: {control}");
    }
    for name in ["environ", "maps", "fd", "root", "cwd", "exe"] {
        assert!(control.stdout.contains(&format!("/{name}\n")), "{name}: {control}");
    }
    control.exits(0).never_says("not read");
}

#[test]
fn a_signal_to_everyone_reaches_nobody_outside() {
    let host = Host::new();
    // A bystander in the process group that nsbox is started in, of the same user.
    let scene = |words: &str| {
        let script = format!(
            "sleep 60 & bystander=$!; {words} sh -c 'trap \"\" TERM; kill -TERM 0; kill -TERM -- -1'; \
                              sleep 0.2; kill -0 $bystander && echo still there; kill -KILL $bystander"
        );
        // In a user namespace and pid namespace of its own, so that the control ends nobody else.
        let mut command = host.command("unshare");
        command.args(["-Urpf", "--mount-proc", "--kill-child", "setsid", "--wait", "sh", "-c", &script]);
        Ran::of(command)
    };
    scene(&format!("{} --", host.nsbox().display())).says("still there");
    scene(&format!("{} --syscalls none --profile strict --", host.nsbox().display())).says("still there");
    // Control: without nsbox it is gone, and so is the shell.
    scene("env").never_says("still there");
}

/// What a user has on this machine: processes, keys, System V objects, and what lies in the common folders.
#[derive(Debug, PartialEq, Eq)]
struct Belongings {
    processes: Vec<String>,
    keys: String,
    files: Vec<String>,
    segments: usize,
    mounts: usize,
    groups: usize,
}

impl Belongings {
    fn of(uid: u32) -> Self {
        let entries = |folder: &str| fs::read_dir(folder).into_iter().flatten().flatten();
        let owned = |folder: &str| entries(folder).filter(|e| e.metadata().is_ok_and(|about| about.uid() == uid));
        let keys = fs::read_to_string("/proc/key-users").unwrap_or_default();
        let counts =
            keys.lines().find_map(|line| line.trim_start().strip_prefix(&format!("{uid}: ")).map(str::to_owned));
        let table = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
        Self {
            // Also those that are nothing but an entry any more, since nobody waited for them.
            processes: owned("/proc").filter_map(|e| fs::read_to_string(e.path().join("stat")).ok()).collect(),
            // Of the two counts of keys the first; the others move as the kernel clears up.
            keys: counts.unwrap_or_default().split_whitespace().nth(1).unwrap_or("0/0").to_owned(),
            files: ["/tmp", "/var/tmp", "/run", "/dev/shm", "/run/user", "/run/lock"]
                .iter()
                .flat_map(|folder| owned(folder))
                .map(|e| e.path().display().to_string())
                .collect(),
            segments: table
                .lines()
                .skip(1)
                .filter(|line| line.split_whitespace().nth(7) == Some(&uid.to_string()))
                .count(),
            mounts: fs::read_to_string("/proc/self/mounts").expect("mounts").matches("nsbox").count(),
            groups: groups(std::path::Path::new("/sys/fs/cgroup")),
        }
    }
}

/// How many cgroups there are whose name is one of nsbox's.
fn groups(folder: &std::path::Path) -> usize {
    let folders = fs::read_dir(folder).into_iter().flatten().flatten().filter(|e| e.path().is_dir());
    folders.map(|e| usize::from(e.file_name().to_string_lossy().contains("nsbox")) + groups(&e.path())).sum()
}

#[test]
fn nothing_stays_behind_of_a_user_whom_nobody_else_is() {
    if !is_root() || !has_program("setpriv") {
        return;
    }
    // A number of this test's own, so that all that is found is of its sandboxes.
    let (uid, host) = (54_000_000 + std::process::id(), Host::new());
    let id = uid.to_string();
    let user = |words: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]).args(words);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let nsbox = host.nsbox().display().to_string();
    let before = Belongings::of(uid);
    assert!(before.processes.is_empty() && before.files.is_empty(), "{before:?}");
    let litter = "sleep 1000 & setsid sleep 1000 & echo x > /tmp/x; echo x > /dev/shm/x; (sleep 1000 & exec sleep 0.01) & ipcmk -M 64; ";
    for options in [
        &["--profile", "shell"][..],
        &["--profile", "strict"],
        &["--syscalls", "none"],
        &["--set", "namespaces.nested=\"allow\""],
    ] {
        for end in ["exit 3", "kill -KILL $$", "kill -SEGV $$"] {
            let script = format!("{litter}{end}");
            let words: Vec<_> =
                [&nsbox[..]].iter().chain(options).chain(&["--", "sh", "-c", &script]).copied().collect();
            user(&words).status().expect("a sandbox");
        }
        let words: Vec<_> = [&nsbox[..]].iter().chain(options).chain(&["--", "/none"]).copied().collect();
        user(&words).status().expect("a sandbox");
    }
    // Killed at whatever point it has come to, from the first step to the command's own time.
    for delay in 0..12u64 {
        let mut child = user(&[&nsbox, "--syscalls", "none", "--", "sh", "-c", &format!("{litter}sleep 1000")]);
        let mut child = child.spawn().expect("a sandbox");
        std::thread::sleep(std::time::Duration::from_micros(delay * delay * 400));
        child.kill().and_then(|()| child.wait()).expect("its end");
    }
    wait_until("that all is as it was", || Belongings::of(uid) == before);
    // Control: without nsbox it is left.
    user(&["sh", "-c", &format!("{} exit 3", litter.replace("/x", &format!("/{id}")))]).status().expect("a shell");
    let left = Belongings::of(uid);
    user(&["sh", "-c", &format!("rm -f /tmp/{id} /dev/shm/{id}; ipcrm -a; kill -KILL -1")]).status().expect("an end");
    assert!(!left.processes.is_empty() && left.files.len() == 2 && left.segments == 1, "{left:?}");
}

#[test]
fn what_hangs_while_the_sandbox_is_made_ends_with_its_time() {
    let host = Host::new();
    let mut launch = host.sandbox(["--set", "limits.wall-time=\"1s\"", "--", "sleep", "1000"]);
    let mut launch = launch.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a sandbox");
    // Its first process is stopped as soon as it is there, and so does nothing that it is told to.
    let children = format!("/proc/{0}/task/{0}/children", launch.id());
    let mut init = None;
    wait_until("the first process", || {
        init = fs::read_to_string(&children).ok().and_then(|pids| pids.trim().parse::<i32>().ok());
        init.is_some()
    });
    let init = nix::unistd::Pid::from_raw(init.expect("a pid"));
    nix::sys::signal::kill(init, nix::sys::signal::Signal::SIGSTOP).expect("a stop");
    assert_eq!(launch.wait().expect("an end").code(), Some(124));
    // Control: it was stopped and not gone by itself, or the status would be another.
    assert!(nix::sys::signal::kill(init, None).is_err(), "and nothing of it is left");
}
