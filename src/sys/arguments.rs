//! The memory in which the kernel laid this program's arguments and environment (execve(2)).

use std::ffi::CStr;

/// No stack of a program's first thread is larger than this where nobody asked for it.
const STACK_MAX: usize = 64 << 20;

unsafe extern "C" {
    /// The C library's pointer to the environment (environ(7)).
    static mut environ: *mut *mut libc::c_char;
}

/// Overwrites this process's arguments with `name`, and its first environment with zeros.
///
/// `/proc/PID/cmdline` shows that memory to everyone who sees the process, and a copy of it lives on in every child
/// that does not exec. Nothing may read the environment afterwards.
///
/// The kernel lays the argument pointers, a null, the environment pointers and a null one after the other, and their
/// strings likewise. If the environment was changed since, its pointers lie elsewhere; then nothing is wiped.
pub fn overwrite(name: &CStr) -> bool {
    // SAFETY: `environ` is read once, by the only thread.
    let environment = unsafe { environ };
    let Some((start, end)) = strings(environment) else { return false };
    let (start, length) = (start.cast::<u8>(), end as usize - start as usize);
    let name = name.to_bytes();
    let kept = name.len().min(length.saturating_sub(1));
    // SAFETY: `strings` found the region by walking the kernel's own pointers, first string to end of last; it is
    // this process's writable stack, and nothing reads it from here on.
    unsafe {
        std::ptr::write_bytes(start, 0, length);
        std::ptr::copy_nonoverlapping(name.as_ptr(), start, kept);
    }
    true
}

/// The first byte of the first argument, and the one after the last string of the environment.
fn strings(environment: *mut *mut libc::c_char) -> Option<(*mut libc::c_char, *mut libc::c_char)> {
    // Only the kernel's own layout lies above this frame, on the stack of the only thread.
    let here = &raw const environment as usize;
    if !(here..here + STACK_MAX).contains(&(environment as usize)) {
        return None;
    }
    // SAFETY: `arguments` counts backwards from the environment over pointers that exec left on the stack, which
    // starts with their count; every step is checked against that layout before it is believed.
    unsafe {
        if !(*environment.sub(1)).is_null() {
            return None;
        }
        let mut first = environment.sub(1);
        let mut count = 0usize;
        while *first.sub(1) as usize != count {
            first = first.sub(1);
            count += 1;
            if (*first).is_null() || count > 1 << 20 {
                return None;
            }
        }
        let mut end = *first;
        let mut pointer = first;
        while pointer < environment.sub(1) || (pointer >= environment && !(*pointer).is_null()) {
            // Each string must follow the one before it, or this is not the kernel's layout.
            if *pointer != end {
                return None;
            }
            end = end.add(CStr::from_ptr(end).to_bytes_with_nul().len());
            pointer = pointer.add(1);
            if pointer == environment.sub(1) {
                pointer = environment;
            }
        }
        (count > 0).then_some((*first, end))
    }
}
