//! Network interfaces by name: the ioctls of netdevice(7).

use crate::error::Errno;
use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Marks an interface up and running; the kernel itself then gives a loopback its addresses.
///
/// `int ioctl(int sockfd, SIOCSIFFLAGS, struct ifreq *request);`
///
/// # Errors
/// As netdevice(7): ENODEV where there is no such interface, EPERM without CAP_NET_ADMIN over its namespace.
pub fn bring_up(socket: BorrowedFd<'_>, name: &CStr) -> Result<(), Errno> {
    // SAFETY: ifreq is plain data for which zero is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    let room = request.ifr_name.len() - 1;
    for (to, from) in request.ifr_name.iter_mut().zip(name.to_bytes().iter().take(room)) {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: SIOCSIFFLAGS reads a whole ifreq, which `request` is.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) };
    if result == 0 { Ok(()) } else { Err(Errno::last()) }
}
