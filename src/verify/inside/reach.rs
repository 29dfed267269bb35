//! Attacks on what is promised of the network, of sockets and of shared memory.

use super::{Inside, compare_namespace};
use crate::sys::attempt::{Answer, call};
use crate::sys::shared_memory;
use crate::verify::testimony::Seen;
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::path::Path;
use std::time::Duration;

/// How long a port may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

pub fn network(inside: &Inside, seen: &mut Seen) {
    for port in &inside.scene.lure.ports {
        let connected = TcpStream::connect_timeout(port, PATIENCE);
        seen.expects(connected.is_err(), format_args!("the port {port} of the host"));
    }
    // Routes beyond the loopback; devices that the kernel makes everywhere, such as tunl0, lead nowhere.
    seen.tries();
    let routes = std::fs::read_to_string("/proc/self/net/route").unwrap_or_default();
    let beyond = routes.lines().skip(1).filter_map(|line| line.split_whitespace().next()).find(|name| *name != "lo");
    if let Some(name) = beyond {
        seen.reaches(format_args!("a route by {name}"));
    }
    compare_namespace(seen, "net");
}

pub fn abstract_sockets(inside: &Inside, seen: &mut Seen) {
    seen.tries();
    let address = SocketAddr::from_abstract_name(&inside.scene.lure.abstract_name);
    if address.and_then(|address| UnixStream::connect_addr(&address)).is_ok() {
        seen.reaches("an abstract socket of the host");
    }
}

fn connect(seen: &mut Seen, path: &Path) {
    seen.expects(UnixStream::connect(path).is_err(), path.display());
}

pub fn path_sockets(inside: &Inside, seen: &mut Seen) {
    let socket = &inside.scene.lure.socket;
    let below = socket.strip_prefix("/").unwrap_or(socket);
    connect(seen, socket);
    connect(seen, &Path::new("/proc/1/root").join(below));
    connect(seen, &Path::new("/proc/1/cwd").join("../".repeat(16)).join(below));
}

pub fn session_sockets(inside: &Inside, seen: &mut Seen) {
    for socket in &inside.scene.lure.session_sockets {
        connect(seen, socket);
    }
}

/// Families of sockets with a type and a protocol that the kernel has for them (socket(2)); of netlink, all but route.
const FAMILIES: [(&str, [usize; 3]); 8] = [
    ("AF_VSOCK", [40, 1, 0]),
    ("AF_PACKET", [17, 3, 0]),
    ("AF_ALG", [38, 5, 0]),
    ("AF_KEY", [15, 3, 2]),
    ("AF_NETLINK of netfilter", [16, 3, 12]),
    ("AF_NETLINK of kernel events", [16, 3, 15]),
    ("AF_NETLINK of generic kinds", [16, 3, 16]),
    ("AF_NETLINK of audit", [16, 3, 9]),
];

pub fn socket_families(_: &Inside, seen: &mut Seen) {
    for (name, [family, kind, protocol]) in FAMILIES {
        let made = call(libc::SYS_socket, [family, kind, protocol, 0, 0, 0]);
        seen.expects(!matches!(made, Answer::Value(_)), format_args!("a socket of {name} can be made"));
    }
}

pub fn ipc(inside: &Inside, seen: &mut Seen) {
    if let Some(id) = inside.scene.lure.segment {
        seen.tries();
        if let Ok(bytes) = shared_memory::read(id) {
            seen.gets("shared memory of the host, by its number", &bytes);
        }
    }
    if let Some(path) = &inside.scene.lure.shared_file {
        seen.tries();
        if let Ok(bytes) = std::fs::read(path) {
            seen.gets(path.display(), &bytes);
        }
    }
    compare_namespace(seen, "ipc");
}

pub fn host_name(inside: &Inside, seen: &mut Seen) {
    // No name is that long, which is asked after whether it may be set at all.
    let set = call(libc::SYS_sethostname, [0, usize::MAX, 0, 0, 0, 0]);
    seen.expects(set.is_refused() || set.is(libc::ENOSYS), "the host name can be set");
    if let Some(own) = &inside.claim().identity.hostname {
        let found = rustix::system::uname();
        let found = found.nodename().to_string_lossy();
        seen.expects(found == **own, format_args!("the host name is {found}, not {own}"));
    }
    compare_namespace(seen, "uts");
}
