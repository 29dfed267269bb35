//! What the payload can reach over the network, and by the sockets of the host.

use crate::support::older::has_scopes;
use crate::support::{Host, Ran, has, has_program};
use std::net::TcpListener;

const CONNECT: &str = "import socket, sys
s = socket.socket()
s.settimeout(5)
s.connect(('127.0.0.1', int(sys.argv[1])))
print('connected')";

#[test]
fn without_a_network_no_port_of_the_host_is_reached() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    let connect = |network: &str| host.run(["--network", network, "--", "/usr/bin/python3", "-c", CONNECT, &port]);
    connect("none").exits(1).complains("refused");
    connect("host").exits(0).says("connected");
}

#[test]
fn the_loopback_is_up_and_the_only_interface() {
    let host = Host::new();
    host.script(&[], "tail -n +3 /proc/net/dev | cut -d: -f1; cat /proc/net/fib_trie").says(" lo\n").says("127.0.0.1");
    assert_eq!(host.script(&[], "tail -n +3 /proc/net/dev | wc -l").exits(0).stdout.trim(), "1");
}

#[test]
fn an_abstract_socket_of_the_host_is_closed_even_with_its_network() {
    if !has_program("python3") {
        return;
    }
    let host = Host::new();
    let name = format!("nsbox-test-{}", std::process::id());
    let address = std::os::unix::net::SocketAddr::from_abstract_name(&name);
    use std::os::linux::net::SocketAddrExt;
    let _listener =
        std::os::unix::net::UnixListener::bind_addr(&address.expect("an address")).expect("an abstract socket");
    let script =
        format!("import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0{name}')\nprint('connected')");
    if has("Landlock's scopes (Linux 6.12)", has_scopes()) {
        host.run(["--network", "host", "--", "/usr/bin/python3", "-c", &script]).exits(1).complains("PermissionError");
    }
    host.run(["--network", "none", "--", "/usr/bin/python3", "-c", &script]).exits(1);
    let mut control = host.command("/usr/bin/python3");
    control.args(["-c", &script]);
    Ran::of(control).exits(0).says("connected");
}

#[test]
fn names_are_looked_up_as_the_host_does_where_its_network_is_open() {
    let host = Host::new();
    let wanted = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    if !has("a resolv.conf", !wanted.is_empty()) {
        return;
    }
    assert_eq!(host.run(["--network", "host", "--", "cat", "/etc/resolv.conf"]).exits(0).stdout, wanted);
    host.run(["--", "cat", "/etc/resolv.conf"]).exits(1);
}
