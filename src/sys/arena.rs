//! An allocator for a program that lives a millisecond, or waits: memory is taken from one block and never given back.
//!
//! A launch allocates a few hundred kilobytes in small pieces, then runs for as long as its payload does without
//! allocating any more. A general allocator maps and unmaps pages for it all the time, which costs more than parsing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The size of the block, in bytes; pages that are never touched cost nothing.
const SIZE: usize = 8 << 20;

/// The largest alignment that the block serves, in bytes.
const ALIGNMENT: usize = 64;

/// A block of memory, then the system's allocator where that is used up. The count stands before the block, in a page that is
/// touched anyway.
#[repr(C)]
#[derive(Debug)]
pub struct Arena {
    used: AtomicUsize,
    block: Block,
}

#[repr(align(64))]
#[derive(Debug)]
struct Block(UnsafeCell<[u8; SIZE]>);

// SAFETY: each byte of the block is handed out once only, by an atomic count.
unsafe impl Sync for Arena {}

impl Arena {
    /// An unused arena.
    #[expect(clippy::new_without_default, reason = "made once, as a static")]
    pub const fn new() -> Self {
        Self { used: AtomicUsize::new(0), block: Block(UnsafeCell::new([0; SIZE])) }
    }

    /// The offset at which an allocation starts and ends, if it still fits.
    fn take(&self, layout: Layout) -> Option<usize> {
        let mut start = 0;
        let end = |used: usize| {
            // The next multiple, without dividing: an alignment is a power of two.
            start = used.checked_add(layout.align() - 1)? & !(layout.align() - 1);
            start.checked_add(layout.size()).filter(|end| *end <= SIZE)
        };
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, end).ok()?;
        Some(start)
    }

    fn offset_of(&self, pointer: *mut u8) -> Option<usize> {
        (pointer as usize).checked_sub(self.block.0.get() as usize).filter(|offset| *offset < SIZE)
    }
}

// SAFETY: what `take` gives is inside the block, aligned (the block is, and larger alignments go to the system), as long as was asked, and nobody else's; the rest is the system's own allocator.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.take(layout) {
            Some(start) if layout.align() <= ALIGNMENT => {
                // SAFETY: `start` is inside the block.
                unsafe { self.block.0.get().cast::<u8>().add(start) }
            }
            // SAFETY: the caller's layout, passed on.
            _ => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let Some(start) = self.offset_of(pointer) else {
            // SAFETY: what is not of the block came from the system.
            return unsafe { System.dealloc(pointer, layout) };
        };
        // Only the last piece can be had back: short-lived ones, mostly. For the others a look is cheaper than an exchange.
        let end = start + layout.size();
        if self.used.load(Ordering::Relaxed) == end {
            self.used.compare_exchange(end, start, Ordering::Relaxed, Ordering::Relaxed).ok();
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(start) = self.offset_of(pointer) else {
            // SAFETY: as in `dealloc`.
            return unsafe { System.realloc(pointer, layout, size) };
        };
        let (end, new_end) = (start + layout.size(), start.saturating_add(size));
        let in_place = size <= layout.size()
            || new_end <= SIZE
                && self.used.compare_exchange(end, new_end, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        if in_place {
            return pointer;
        }
        // SAFETY: the size is the caller's, not zero, and the alignment was valid before.
        let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !new.is_null() {
            // SAFETY: both are at least as long as the old layout, and the new one is nobody else's.
            unsafe { std::ptr::copy_nonoverlapping(pointer, new, layout.size()) };
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::{Arena, SIZE};
    use std::alloc::{GlobalAlloc, Layout};

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).expect("a layout")
    }

    #[test]
    fn pieces_are_aligned_apart_and_keep_what_is_in_them() {
        static ARENA: Arena = Arena::new();
        let arena = &ARENA;
        let mut pieces = Vec::new();
        for (i, (size, align)) in
            [(1, 1), (8, 8), (3, 1), (64, 64), (100, 16)].into_iter().cycle().take(500).enumerate()
        {
            // SAFETY: sizes are not zero, and each piece is written within its size.
            let piece = unsafe { arena.alloc(layout(size, align)) };
            assert_eq!(piece as usize % align, 0);
            // SAFETY: as above.
            unsafe { piece.write_bytes(i as u8, size) };
            pieces.push((piece, size, i as u8));
        }
        for (piece, size, value) in pieces {
            // SAFETY: written above.
            let bytes = unsafe { std::slice::from_raw_parts(piece, size) };
            assert!(bytes.iter().all(|byte| *byte == value));
        }
    }

    #[test]
    fn growing_keeps_the_contents_and_what_does_not_fit_comes_from_the_system() {
        static ARENA: Arena = Arena::new();
        let arena = &ARENA;
        // SAFETY: layouts are those that were asked for, and pieces are used within their size.
        unsafe {
            let piece = arena.alloc(layout(16, 8));
            piece.write_bytes(7, 16);
            let neighbour = arena.alloc(layout(16, 8));
            let grown = arena.realloc(piece, layout(16, 8), 4096);
            assert_ne!(grown, piece);
            assert!(std::slice::from_raw_parts(grown, 16).iter().all(|byte| *byte == 7));
            let again = arena.realloc(grown, layout(4096, 8), 8192);
            assert_eq!(again, grown);
            let large = arena.realloc(again, layout(8192, 8), 2 * SIZE);
            assert!(arena.offset_of(large).is_none());
            assert!(std::slice::from_raw_parts(large, 16).iter().all(|byte| *byte == 7));
            arena.dealloc(large, layout(2 * SIZE, 8));
            arena.dealloc(neighbour, layout(16, 8));
        }
    }

    #[test]
    fn the_last_piece_is_had_back() {
        static ARENA: Arena = Arena::new();
        let arena = &ARENA;
        // SAFETY: as above.
        unsafe {
            let piece = arena.alloc(layout(100, 1));
            arena.dealloc(piece, layout(100, 1));
            assert_eq!(arena.alloc(layout(50, 1)), piece);
        }
    }
}
