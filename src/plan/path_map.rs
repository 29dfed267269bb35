//! A map by absolute, normalised paths, in the order of a walk: a folder, then all that is in it, then the next.
//!
//! A path compares itself to another component by component, which a profile of sixty entries does some ten thousand
//! times; here the bytes of both are compared, a slash before every other byte.

use std::collections::BTreeMap;
use std::collections::btree_map::IntoValues;
use std::ops::Bound;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Values by path; boxed, since the map makes room for eleven where there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct PathMap<V>(BTreeMap<Vec<u8>, Box<(PathBuf, V)>>);

/// The bytes of a path, with NUL for a slash, which so sorts before every byte of a name. The root has none, so that it is
/// above all others.
fn key(path: &Path) -> Vec<u8> {
    match path.as_os_str().as_bytes() {
        b"/" => Vec::new(),
        bytes => bytes.iter().map(|byte| if *byte == b'/' { 0 } else { *byte }).collect(),
    }
}

/// The key of the folder above; nothing is above the root.
fn above(key: &[u8]) -> Option<&[u8]> {
    key.iter().rposition(|byte| *byte == 0).map(|end| &key[..end])
}

impl<V> Default for PathMap<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V> PathMap<V> {
    /// The value at exactly this path.
    pub fn get(&self, path: &Path) -> Option<&V> {
        self.0.get(&key(path)).map(|pair| &pair.1)
    }

    /// Whether there is a value at exactly this path.
    pub fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(&key(path))
    }

    /// Sets the value at a path.
    pub fn insert(&mut self, path: PathBuf, value: V) {
        self.0.insert(key(&path), Box::new((path, value)));
    }

    /// Sets the value at a path, unless it has one.
    pub fn insert_if_absent(&mut self, path: PathBuf, value: V) {
        self.0.entry(key(&path)).or_insert_with(|| Box::new((path, value)));
    }

    /// Takes the value at a path away.
    pub fn remove(&mut self, path: &Path) -> Option<V> {
        self.0.remove(&key(path)).map(|pair| pair.1)
    }

    /// The values at a path and at the folders above it, the nearest first.
    pub fn upwards<'a>(&'a self, path: &Path) -> impl Iterator<Item = &'a V> {
        let key = key(path);
        let mut next = Some(key.len());
        std::iter::from_fn(move || {
            loop {
                let here = &key[..next?];
                next = above(here).map(<[u8]>::len);
                if let Some(pair) = self.0.get(here) {
                    return Some(&pair.1);
                }
            }
        })
    }

    /// Whether there is a value anywhere below a path.
    pub fn reaches_below(&self, path: &Path) -> bool {
        // Whatever is below it comes directly after it.
        let mut after = self.0.range::<[u8], _>((Bound::Excluded(&*key(path)), Bound::Unbounded));
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
    type IntoIter = std::iter::Map<IntoValues<Vec<u8>, Box<Self::Item>>, fn(Box<Self::Item>) -> Self::Item>;
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
    use super::PathMap;
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
