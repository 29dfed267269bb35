//! Attributes of whole mount trees: mount_setattr(2), Linux 5.12.

use crate::error::Errno;
use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Attributes to set and to clear (`MOUNT_ATTR_*`).
#[derive(Debug, Clone, Copy, Default)]
pub struct Attributes {
    /// The attributes to set.
    pub set: u64,
    /// The attributes to clear.
    pub clear: u64,
}

/// How far a change of attributes reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The one mount.
    Mount,
    /// The mount and every mount below it.
    Tree,
}

/// Changes the attributes of the mount at `path`, relative to `folder`; an empty path means `folder` itself.
///
/// `int mount_setattr(int dirfd, const char *pathname, unsigned int flags, struct mount_attr *attr, size_t size);`
///
/// # Errors
/// As mount_setattr(2); EPERM where the kernel has locked an attribute that is to be cleared.
pub fn set_attributes(folder: BorrowedFd<'_>, path: &CStr, reach: Reach, attributes: Attributes) -> Result<(), Errno> {
    let attr = libc::mount_attr { attr_set: attributes.set, attr_clr: attributes.clear, propagation: 0, userns_fd: 0 };
    let flags =
        libc::AT_EMPTY_PATH | libc::AT_SYMLINK_NOFOLLOW | if reach == Reach::Tree { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is a C string, and `attr` a whole mount_attr with its true size.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            folder.as_raw_fd(),
            path.as_ptr(),
            flags,
            &raw const attr,
            size_of::<libc::mount_attr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(Errno::last()) }
}
