//! Reach: variants of the ways to what is not the sandbox's own.

use crate::support::older::has_scopes;
use crate::support::{Host, Ran, has, has_program, python, wait_until};
use std::process::Stdio;

#[test]
fn sockets_of_vsock_packet_alg_and_netlink_beyond_route_are_refused() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    // Alone and in pairs, with flags, and with bits above the 32 that the kernel looks at (socket is 41, socketpair 53).
    let make = "
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
wide = lambda number, family, kind, protocol: libc.syscall(number, *map(ctypes.c_ulong, (family, kind, protocol)))
asked = dict(vsock=(40, 1, 0), alg=(38, 5, 0), packet=(17, 3, 0), generic=(16, 3, 16), audit=(16, 3, 9), netfilter=(16, 3, 12),
             diag=(16, 3, 4), uevent=(16, 3, 15), xfrm=(16, 3, 6), raw=(2, 3, 1), tipc=(30, 1, 0), can=(29, 3, 1),
             bluetooth=(31, 3, 1), key=(15, 3, 2), nfc=(39, 5, 0), xdp=(44, 3, 0), smc=(43, 1, 0), rds=(21, 5, 0))
for name, (family, kind, protocol) in asked.items():
    made = [libc.socket(family, kind, protocol) >= 0, libc.socket(family, kind | 0o2000000, protocol) >= 0]
    if platform.machine() == 'x86_64':
        made.append(wide(41, family | 1 << 32, kind, protocol | 1 << 33) >= 0)
    print(name, 'made' if any(made) else 'refused')
print('unix', 'made' if libc.socket(1, 1, 0) >= 0 else 'refused')
print('route', 'made' if libc.socket(16, 3, 0) >= 0 else 'refused')
";
    for network in ["none", "host"] {
        let ran = python(&host, &[&nsbox, "--network", network, "--user", "root", "--"], make).exits(0);
        assert_eq!(ran.stdout.matches("refused").count(), 18, "{network}: {ran}");
        ran.says("unix made\nroute made\n");
    }
    let strict = python(&host, &[&nsbox, "--profile", "strict", "--"], make).exits(0);
    assert!(strict.stdout.matches("refused").count() >= 18, "{strict}");
    // Control: root of a network namespace outside makes those that every kernel has; of vsock, tipc, can, bluetooth, nfc,
    // rds and smc only where their modules are there.
    python(&host, &["unshare", "-Urn"], make).exits(0).says("packet made").says("generic made").says("raw made");
}

#[test]
fn netlink_shows_the_sandboxs_own_network_alone() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let look = "import socket; print([name for _, name in socket.if_nameindex()], \
                sum(1 for _ in open('/proc/net/unix')), open('/proc/net/route').read().count('\\n'))";
    // A line of heading each: no socket and no route.
    assert_eq!(python(&host, &[&nsbox, "--"], look).exits(0).stdout, "['lo'] 1 1\n");
    // Control: outside there are sockets, of which one is this test's, and with the host's network its own are seen.
    let _socket = std::os::unix::net::UnixListener::bind(host.home().join("socket")).expect("a socket");
    let outside = python(&host, &["env"], look).exits(0).stdout;
    assert_ne!(outside, "['lo'] 1 1\n");
    let open = python(&host, &[&nsbox, "--network", "host", "--"], look).exits(0).stdout;
    assert_eq!(open.split(']').next(), outside.split(']').next());
}

#[test]
fn no_abstract_socket_of_the_host_is_reached_by_any_kind_or_name() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let name = format!("nsbox-test-{}", std::process::id());
    let serve = format!(
        "
import socket, time
kept = []
for kind in [socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM]:
    end = socket.socket(socket.AF_UNIX, kind)
    end.bind(f'\\0{name}-{{int(kind)}}')
    if kind != socket.SOCK_DGRAM: end.listen()
    kept.append(end)
print('up', flush=True)
time.sleep(60)
"
    );
    let connect = format!(
        "
import socket
for kind in [socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM]:
    place = f'\\0{name}-{{int(kind)}}'
    for act in ['connect', 'send']:
        if act == 'send' and kind != socket.SOCK_DGRAM: continue
        end = socket.socket(socket.AF_UNIX, kind)
        try: end.connect(place) if act == 'connect' else end.sendto(b'x', place)
        except OSError as error: print(act, error.strerror)
        else: print(act, 'reached')
"
    );
    let mut server = host.command("/usr/bin/python3");
    server.args(["-c", &serve]);
    let mut server = server.stdout(Stdio::piped()).spawn().expect("a server");
    std::io::Read::read_exact(server.stdout.as_mut().expect("its output"), &mut [0; 3]).expect("its word");
    let inside = |options: &[&str]| {
        let words: Vec<&str> = [&nsbox[..]].iter().chain(options).copied().chain(["--"]).collect();
        python(&host, &words, &connect)
    };
    let mut runs = vec![inside(&[]), inside(&["--syscalls", "none"])];
    // That kernels before say so in every such run, `tests/kernels` holds.
    if has("Landlock's scopes (Linux 6.12)", has_scopes()) {
        runs.push(inside(&["--network", "host"]));
    }
    let control = python(&host, &["env"], &connect);
    server.kill().and_then(|()| server.wait()).expect("its end");
    for ran in runs {
        ran.exits(0).never_says("reached");
    }
    // Control: outside, each kind is.
    assert_eq!(control.exits(0).stdout.matches("reached").count(), 4);
}

#[test]
fn queues_and_semaphores_of_the_host_are_not_found_by_name_or_key() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let (name, key) = (format!("nsbox-test-{}", std::process::id()), 0x6e74_0000 + std::process::id());
    let c = "import ctypes; c = ctypes.CDLL('librt.so.1')";
    // O_CREAT | O_EXCL | O_RDWR; IPC_CREAT | IPC_EXCL | 0600.
    let make = format!(
        "{c}; print(c.mq_open(b'/{name}', 0o302, 0o600, None), c.semget({key}, 1, 0o3600), c.msgget({key}, 0o3600))"
    );
    let find = format!(
        "{c}; print(*['found' if n >= 0 else 'nothing' for n in (c.mq_open(b'/{name}', 2), c.semget({key}, 1, 0), c.msgget({key}, 0))])"
    );
    let remove = format!(
        "{c}; c.mq_unlink(b'/{name}'); c.semctl(c.semget({key}, 1, 0), 0, 0); c.msgctl(c.msgget({key}, 0), 0, None)"
    );
    python(&host, &[], &make).exits(0).never_says("-1");
    let (inside, open) = (
        python(&host, &[&nsbox, "--syscalls", "none", "--"], &find),
        python(&host, &[&nsbox, "--syscalls", "none", "--set", "namespaces.ipc=false", "--"], &find),
    );
    let outside = python(&host, &[], &find);
    python(&host, &[], &remove).exits(0);
    assert_eq!(inside.exits(0).stdout, "nothing nothing nothing\n");
    // Control: outside, and in the host's own namespace, they are found.
    assert_eq!(outside.exits(0).stdout, "found found found\n");
    open.exits(0).says("found found found");
}

#[test]
fn the_session_of_the_caller_is_named_by_no_variable_and_reached_by_no_path() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let nsbox = host.nsbox().display().to_string();
    let folder = host.folder("session").display().to_string();
    let socket = format!("{folder}/bus");
    let serve = format!(
        "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('{socket}'); s.listen(); time.sleep(60)"
    );
    let mut bus = host.command("/usr/bin/python3").args(["-c", &serve]).spawn().expect("a bus");
    wait_until("it listens", || host.home().join("session/bus").exists());
    // By every variable that names one to a program of a session.
    let connect = "
import os, socket
for name in ['DBUS_SESSION_BUS_ADDRESS', 'SSH_AUTH_SOCK', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR', 'PULSE_SERVER', 'DISPLAY', 'GPG_AGENT_INFO']:
    place = os.environ.get(name)
    print(name, 'crossed over' if place else 'unset')
try: socket.socket(socket.AF_UNIX).connect(os.environ.get('SSH_AUTH_SOCK', 'SOCKET'))
except OSError as error: print(error.strerror)
else: print('reached')
"
    .replace("SOCKET", &socket);
    let session = |words: &[&str]| {
        let mut command = host.command(words[0]);
        command.args(&words[1..]).args(["/usr/bin/python3", "-c", &connect]);
        command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={socket}")).env("SSH_AUTH_SOCK", &socket);
        command.env("WAYLAND_DISPLAY", &socket).env("XDG_RUNTIME_DIR", &folder).env("DISPLAY", ":0");
        command.env("PULSE_SERVER", &socket).env("GPG_AGENT_INFO", &socket);
        Ran::of(command)
    };
    let closed: Vec<_> = ["shell", "strict", "online"]
        .iter()
        .map(|profile| {
            session(&[&nsbox, "--write", "session:/project", "--profile", profile, "--directory", "/", "--"])
        })
        .collect();
    let named = session(&[&nsbox, "--read", &socket, "--inherit-env", "SSH_AUTH_SOCK", "--"]);
    let control = session(&["env"]);
    bus.kill().and_then(|()| bus.wait()).expect("its end");
    for ran in closed {
        ran.never_says("crossed over").never_says("reached");
    }
    // Control: outside, and where it is named, it is reached.
    named.exits(0).says("SSH_AUTH_SOCK crossed over").says("DISPLAY unset").says("reached");
    control.exits(0).says("reached").never_says("unset");
}
