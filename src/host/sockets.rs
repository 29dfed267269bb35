//! Whether anybody listens on a socket of the host.

use crate::error::Fault;
use rustix::fs::{Mode, OFlags, open};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use std::os::fd::AsRawFd;
use std::path::Path;

/// Connects to a socket and lets go of it again. Nothing is waited for: a listener whose queue is full counts as none.
///
/// # Errors
/// ECONNREFUSED where nobody listens any more, EAGAIN where nobody takes what is in the queue; else as open(2) and connect(2).
pub fn try_connect(socket: &Path) -> Result<(), Fault> {
    let fault = || Fault::of("connect to", socket.display());
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let stream = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).map_err(fault())?;
    // By a descriptor, since the path in an address may have no more than 107 bytes (unix(7)).
    let place = open(socket, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).map_err(fault())?;
    let address = SocketAddrUnix::new(format!("/proc/self/fd/{}", place.as_raw_fd())).map_err(fault())?;
    connect(&stream, &address).map_err(fault())
}

#[cfg(test)]
mod tests {
    use super::try_connect;
    use std::os::unix::net::UnixListener;

    #[test]
    fn a_socket_that_nobody_listens_on_is_told_from_one_with_a_listener() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("socket");
        let errno = || try_connect(&path).map_err(|fault| fault.errno.0);
        assert_eq!(errno(), Err(libc::ENOENT));
        let listener = UnixListener::bind(&path).expect("a listener");
        assert_eq!(errno(), Ok(()));
        drop(listener);
        assert_eq!(errno(), Err(libc::ECONNREFUSED));
    }

    #[test]
    fn one_whose_queue_is_full_is_not_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).expect("a listener");
        rustix::net::listen(&listener, 0).expect("a short queue");
        let until_full = (0..100).find_map(|_| try_connect(&path).err());
        assert_eq!(until_full.map(|fault| fault.errno.0), Some(libc::EAGAIN));
    }
}
