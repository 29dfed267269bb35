//! Comparing memory (memcmp(3)), which musl does byte by byte, and a launch some ten thousand times: paths mostly, whose
//! beginnings are the same.

/// Compares eight bytes at a time; bcmp(3) and all that compares slices comes here.
///
/// `int memcmp(const void *s1, const void *s2, size_t n);`
///
/// # Safety
/// Both must be valid for reads of `length` bytes.
#[cfg_attr(target_env = "musl", unsafe(no_mangle))]
#[cfg_attr(not(target_env = "musl"), allow(dead_code))]
unsafe extern "C" fn memcmp(one: *const u8, other: *const u8, length: usize) -> i32 {
    const WORD: usize = size_of::<u64>();
    let mut at = 0;
    while at + WORD <= length {
        // SAFETY: the word ends within `length`, by the contract; it need not be aligned.
        let pair =
            unsafe { (one.add(at).cast::<u64>().read_unaligned(), other.add(at).cast::<u64>().read_unaligned()) };
        if pair.0 != pair.1 {
            // The byte that comes first in memory counts most.
            return if u64::from_be(pair.0) < u64::from_be(pair.1) { -1 } else { 1 };
        }
        at += WORD;
    }
    while at < length {
        // SAFETY: below `length`.
        let pair = unsafe { (one.add(at).read(), other.add(at).read()) };
        if pair.0 != pair.1 {
            return i32::from(pair.0) - i32::from(pair.1);
        }
        at += 1;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::memcmp;

    #[test]
    fn the_first_byte_that_differs_decides() {
        let compare = |a: &[u8], b: &[u8]| {
            // SAFETY: both are as long as the shorter one.
            unsafe { memcmp(a.as_ptr(), b.as_ptr(), a.len().min(b.len())) }
        };
        let text: Vec<u8> = (0..40).collect();
        for start in 0..8 {
            for length in 0..=(text.len() - start) {
                let one = &text[start..start + length];
                let same = one.to_vec();
                assert_eq!(compare(one, &same), 0);
                for at in 0..length {
                    let mut other = same.clone();
                    other[at] = 200;
                    // What comes after it does not count.
                    other[at + 1..].fill(0);
                    assert!(compare(one, &other) < 0 && compare(&other, one) > 0, "{start} {length} {at}");
                }
            }
        }
    }
}
