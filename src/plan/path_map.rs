//! A map by absolute, normalised paths, in the order of a walk: a folder, then all that is in it, then the next.
//!
//! A path compares itself to another component by component, which a profile of sixty entries does some ten thousand
//! times; here the bytes of both are compared eight at a time, a slash before every other byte.

use std::collections::BTreeMap;
use std::collections::btree_map::IntoValues;
use std::ops::Bound;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Values by path; boxed, since the map makes room for eleven where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct PathMap<V>(BTreeMap<Vec<u64>, Box<(PathBuf, V)>>);

/// The bytes of a path; the root has none, so that it is above all others.
fn bytes(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_bytes();
    if bytes == b"/" { &[] } else { bytes }
}

/// Those of the folder above; nothing is above the root.
fn above(bytes: &[u8]) -> Option<&[u8]> {
    bytes.iter().rposition(|byte| *byte == b'/').map(|end| &bytes[..end])
}

/// These bytes as big-endian words, so that a slash sorts before every other byte: it becomes a NUL, which no name
/// holds, and which also fills up the last word.
fn key(bytes: &[u8]) -> Vec<u64> {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut key = Vec::with_capacity(words.len() + 1);
    for word in words {
        key.push(without_slashes(u64::from_be_bytes(*word)));
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        key.push(without_slashes(u64::from_be_bytes(last)));
    }
    key
}

/// A word whose slashes are NULs.
fn without_slashes(word: u64) -> u64 {
    const EACH: u64 = u64::MAX / 0xff;
    const LOW: u64 = EACH * 0x7f;
    let others = word ^ (EACH * b'/' as u64);
    // The high bit of each byte that is a slash ("Determine if a word has a zero byte", Bit Twiddling Hacks).
    let slashes = !(((others & LOW) + LOW) | others | LOW);
    word & !((slashes >> 7) * 0xff)
}

impl<V> Default for PathMap<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V> PathMap<V> {
    /// The value at exactly this path.
    pub fn get(&self, path: &Path) -> Option<&V> {
        self.0.get(&key(bytes(path))).map(|pair| &pair.1)
    }

    /// Whether there is a value at exactly this path.
    pub fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(&key(bytes(path)))
    }

    /// Sets the value at a path.
    pub fn insert(&mut self, path: PathBuf, value: V) {
        self.0.insert(key(bytes(&path)), Box::new((path, value)));
    }

    /// Sets the value at a path, unless it has one.
    pub fn insert_if_absent(&mut self, path: PathBuf, value: V) {
        self.0.entry(key(bytes(&path))).or_insert_with(|| Box::new((path, value)));
    }

    /// Takes the value at a path away.
    pub fn remove(&mut self, path: &Path) -> Option<V> {
        self.0.remove(&key(bytes(path))).map(|pair| pair.1)
    }

    /// The values at a path and at the folders above it, the nearest first.
    pub fn upwards<'a>(&'a self, path: &Path) -> impl Iterator<Item = &'a V> {
        let way_up = std::iter::successors(Some(bytes(path)), |here| above(here));
        way_up.filter_map(|here| self.0.get(&key(here))).map(|pair| &pair.1)
    }

    /// Whether there is a value anywhere below a path.
    pub fn reaches_below(&self, path: &Path) -> bool {
        // Whatever is below it comes directly after it.
        let mut after = self.0.range::<[u64], _>((Bound::Excluded(&*key(bytes(path))), Bound::Unbounded));
        after.next().is_some_and(|(_, pair)| pair.0.starts_with(path))
    }

    /// All paths and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &V)> {
        self.0.values().map(|pair| (pair.0.as_path(), &pair.1))
    }

    /// All values, in order.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.0.into_values().map(|pair| pair.1)
    }
}

impl<V> IntoIterator for PathMap<V> {
    type Item = (PathBuf, V);
    type IntoIter = std::iter::Map<IntoValues<Vec<u64>, Box<Self::Item>>, fn(Box<Self::Item>) -> Self::Item>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values().map(|pair| *pair)
    }
}

impl<V> Extend<(PathBuf, V)> for PathMap<V> {
    fn extend<I: IntoIterator<Item = (PathBuf, V)>>(&mut self, pairs: I) {
        pairs.into_iter().for_each(|(path, value)| self.insert(path, value));
    }
}

#[cfg(test)]
mod tests {
    use super::{PathMap, without_slashes};
    use std::path::{Path, PathBuf};

    fn map() -> PathMap<&'static str> {
        let mut map = PathMap::default();
        map.extend(["/usr-local", "/usr/lib", "/usr", "/a", "/"].map(|path| (PathBuf::from(path), path)));
        map
    }

    #[test]
    fn a_folder_comes_directly_before_what_is_in_it() {
        let paths: Vec<_> = map().into_values().collect();
        assert_eq!(paths, ["/", "/a", "/usr", "/usr/lib", "/usr-local"]);
        assert!(paths.is_sorted_by_key(Path::new));
    }

    #[test]
    fn a_slash_is_told_from_its_neighbours_in_every_place_of_a_word() {
        let naive = |bytes: [u8; 8]| u64::from_be_bytes(bytes.map(|byte| if byte == b'/' { 0 } else { byte }));
        for at in 0..64 {
            for byte in 0..=u8::MAX {
                let mut bytes = *b"//.0/\xaf\xff/";
                (bytes[at / 8], bytes[at % 8]) = (b'/', byte);
                assert_eq!(without_slashes(u64::from_be_bytes(bytes)), naive(bytes), "{bytes:?}");
            }
        }
    }

    #[test]
    fn the_way_up_meets_the_nearest_first() {
        let map = map();
        let up: Vec<_> = map.upwards(Path::new("/usr/lib/x/y")).collect();
        assert_eq!(up, [&"/usr/lib", &"/usr", &"/"]);
        assert_eq!(map.upwards(Path::new("/usr-local")).collect::<Vec<_>>(), [&"/usr-local", &"/"]);
        assert_eq!(map.upwards(Path::new("/")).count(), 1);
    }

    #[test]
    fn what_is_below_is_below_and_not_beside() {
        let map = map();
        assert!(map.reaches_below(Path::new("/usr")) && map.reaches_below(Path::new("/")));
        assert!(!map.reaches_below(Path::new("/usr/lib")) && !map.reaches_below(Path::new("/us")));
        assert_eq!(map.get(Path::new("/usr/lib")), Some(&"/usr/lib"));
        assert_eq!(map.get(Path::new("/usr/li")), None);
    }
}
