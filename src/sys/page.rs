//! A page of memory that stays one and the same across a fork.

use crate::error::Errno;
use std::sync::atomic::AtomicU8;

/// A few bytes that parent and children all see.
#[derive(Debug, Clone, Copy)]
pub struct SharedBytes(&'static [AtomicU8; 64]);

impl SharedBytes {
    /// Maps a fresh page, all zero, which lives as long as the process.
    ///
    /// `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);`
    ///
    /// # Errors
    /// As mmap(2).
    pub fn map() -> Result<Self, Errno> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        // SAFETY: a new mapping at an address of the kernel's choice touches no memory that is in use.
        let address = unsafe { libc::mmap(std::ptr::null_mut(), 64, protection, flags, -1, 0) };
        if address == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        // SAFETY: the page is at least 64 bytes long, aligned, zeroed, never unmapped, and only used as atomics.
        Ok(Self(unsafe { &*address.cast() }))
    }

    /// The byte at `index`, below 64.
    pub fn byte(&self, index: usize) -> &AtomicU8 {
        &self.0[index]
    }
}
