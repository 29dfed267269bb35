//! System V shared memory: shmget(2), shmop(2), shmctl(2).

use crate::error::Errno;

/// The size of a segment that is made here.
const SIZE: usize = 4096;

/// A segment that is gone when this is dropped.
#[derive(Debug)]
pub struct Segment(i32);

impl Segment {
    /// Makes a segment of the caller's own that holds these bytes, at most a page.
    ///
    /// `int shmget(IPC_PRIVATE, size_t size, int shmflg);`
    ///
    /// # Errors
    /// As shmget(2) and shmat(2).
    pub fn holding(bytes: &[u8]) -> Result<Self, Errno> {
        // SAFETY: takes numbers only.
        let id = unsafe { libc::shmget(libc::IPC_PRIVATE, SIZE, libc::IPC_CREAT | 0o600) };
        if id < 0 {
            return Err(Errno::last());
        }
        let segment = Self(id);
        let place = attach(id, 0)?;
        let length = bytes.len().min(SIZE);
        // SAFETY: the segment is a page, attached at `place` alone and for writing; it is detached after, and only then.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), place.cast(), length);
            libc::shmdt(place);
        }
        Ok(segment)
    }

    /// The number by which others know it.
    pub fn id(&self) -> i32 {
        self.0
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // SAFETY: removes a segment that this process has made; nobody has it attached here.
        unsafe { libc::shmctl(self.0, libc::IPC_RMID, std::ptr::null_mut()) };
    }
}

/// What the first page of a segment holds that somebody else may have made with [`Segment::holding`].
///
/// # Errors
/// As shmat(2).
pub fn read(id: i32) -> Result<Vec<u8>, Errno> {
    let place = attach(id, libc::SHM_RDONLY)?;
    let mut bytes = vec![0; SIZE];
    // SAFETY: a segment is never shorter than a page, and is attached until the next call.
    unsafe {
        std::ptr::copy_nonoverlapping(place.cast(), bytes.as_mut_ptr(), SIZE);
        libc::shmdt(place);
    }
    Ok(bytes)
}

/// `void *shmat(int shmid, const void *shmaddr, int shmflg);`
fn attach(id: i32, flags: i32) -> Result<*mut libc::c_void, Errno> {
    // SAFETY: at an address of the kernel's choice, no memory that is in use is touched.
    let place = unsafe { libc::shmat(id, std::ptr::null(), flags) };
    if place as isize == -1 { Err(Errno::last()) } else { Ok(place) }
}

#[cfg(test)]
mod tests {
    use super::{Segment, read};

    #[test]
    fn what_a_segment_holds_can_be_read_until_it_is_dropped() {
        let segment = Segment::holding(b"a word").expect("a segment");
        let id = segment.id();
        assert!(read(id).expect("its bytes").starts_with(b"a word\0"));
        drop(segment);
        assert!(read(id).is_err());
    }
}
