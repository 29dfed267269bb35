//! What of the host is reached by other ways than its own path.

use crate::support::{self, Host, Ran, has_program, wait_until};

/// A Python program on the host or inside.
fn python(host: &Host, options: Option<&[&str]>, script: &str) -> Ran {
    let nsbox = host.nsbox().display().to_string();
    let words = options.map(|options| [&[&*nsbox], options, &["--"]].concat());
    support::python(host, &words.unwrap_or_default(), script)
}

#[test]
fn a_socket_of_the_session_is_reached_only_where_it_is_named() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let socket = host.home().join("bus").display().to_string();
    let serve = format!(
        "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('{socket}'); s.listen(); time.sleep(60)"
    );
    let mut bus = host.command("python3").args(["-c", &serve]).spawn().expect("a bus");
    wait_until("it listens", || host.home().join("bus").exists());
    let connect = format!("import socket; socket.socket(socket.AF_UNIX).connect('{socket}')");
    let (unnamed, named) = (python(&host, Some(&[]), &connect), python(&host, Some(&["--read", &socket]), &connect));
    bus.kill().and_then(|()| bus.wait()).expect("its end");
    unnamed.exits(1).complains("No such file or directory");
    // Control: where it is, it is reached.
    named.exits(0);
}

#[test]
fn shared_memory_of_the_host_is_neither_found_by_its_key_nor_by_its_name() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    // IPC_CREAT and IPC_EXCL, and IPC_RMID (linux/ipc.h).
    let c = "import ctypes; c = ctypes.CDLL(None)";
    let key = 0x6e73_0000 + std::process::id();
    let made = python(&host, None, &format!("{c}; print(c.shmget({key}, 64, 0o3600))")).exits(0).stdout;
    let find = format!("{c}; print('found' if c.shmget({key}, 64, 0) >= 0 else 'nothing')");
    let inside = python(&host, Some(&[]), &find);
    let shared = python(&host, Some(&["--set", "namespaces.ipc=false"]), &find);
    python(&host, None, &format!("{c}; c.shmctl({}, 0, None)", made.trim())).exits(0);
    inside.exits(0).says("nothing");
    // Control: in the host's own namespace it is found.
    shared.exits(0).says("found");
    let name = format!("/dev/shm/nsbox-test-{}", std::process::id());
    std::fs::write(&name, "of the host").expect("shared memory");
    let seen = host.script(&[], "ls -A /dev/shm");
    std::fs::remove_file(&name).expect("its end");
    assert_eq!(seen.exits(0).stdout, "");
}

#[test]
fn what_is_read_only_is_not_changed_by_another_name() {
    let host = Host::new();
    let file = host.write("work/kept/file", "as it was");
    let work = host.home().join("work").display().to_string();
    let kept = format!("{work}/kept");
    let link = format!("cd {work} && ln kept/file other && echo changed > other");
    host.script(&["--write", &work, "--read", &kept], &link).exits(1).complains("Invalid cross-device link");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "as it was");
    // Control: where it is writable, another name changes it.
    host.script(&["--write", &work], &link).exits(0);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "changed\n");
}
