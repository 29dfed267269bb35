//! The memory of the program itself (dl_iterate_phdr(3), madvise(2)).

use std::ffi::c_void;

/// Has the kernel take back the pages of this program's file, code and constants, which it reads again as they are touched.
/// Nothing is lost by that, and by a failure nothing but the memory.
///
/// `int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *info, size_t size, void *data), void *data);`
pub fn give_back() {
    // SAFETY: the callback takes what the call gives it, and does not outlive it.
    unsafe { libc::dl_iterate_phdr(Some(give_back_segments), std::ptr::null_mut()) };
}

/// Does so for the first of the loaded objects, which is the program.
unsafe extern "C" fn give_back_segments(object: *mut libc::dl_phdr_info, _: usize, _: *mut c_void) -> i32 {
    // SAFETY: dl_iterate_phdr gives a description that is valid during the call, with as many headers as it says.
    let (object, headers) = unsafe {
        let object = &*object;
        (object, std::slice::from_raw_parts(object.dlpi_phdr, usize::from(object.dlpi_phnum)))
    };
    // SAFETY: asks for a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
    for header in headers.iter().filter(|h| h.p_type == libc::PT_LOAD && h.p_flags & libc::PF_W == 0) {
        let start = object.dlpi_addr as usize + header.p_vaddr as usize;
        let (first, end) = (start & !(page - 1), start + header.p_memsz as usize);
        // SAFETY: pages of a segment that nobody can write to are as they are in the file, and stay so.
        unsafe { libc::madvise(first as *mut c_void, end - first, libc::MADV_DONTNEED) };
    }
    1
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_program_that_gave_back_its_pages_goes_on() {
        let resident = || {
            let all = std::fs::read_to_string("/proc/self/smaps_rollup").expect("a sum of all memory");
            let pages = all.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix(" kB"));
            pages.expect("a sum").trim().parse::<u64>().expect("a number")
        };
        let before = resident();
        super::give_back();
        assert!(resident() + 100 < before);
    }
}
