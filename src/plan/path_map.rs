//! A map by absolute, normalised paths, which are taken for their bytes.
//!
//! A path compares itself to another, and is hashed, component by component, which a profile of sixty entries does some
//! ten thousand times.

use rustc_hash::{FxBuildHasher, FxHashMap};
use std::cmp::Ordering;
use std::collections::hash_map::IntoIter;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Values by path; boxed, since the map has room for more than there are.
#[derive(Debug, Clone, PartialEq)]
pub struct PathMap<V>(FxHashMap<OsString, Box<V>>);

/// The order of a walk: a folder, then all that is in it, then the next.
pub fn in_walk_order(a: &Path, b: &Path) -> Ordering {
    let (a, b) = (a.as_os_str().as_bytes(), b.as_os_str().as_bytes());
    let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    // A slash is less than every other byte, and the end less than a slash.
    let rank = |path: &[u8]| path.get(at).map(|byte| if *byte == b'/' { 0 } else { u16::from(*byte) + 1 });
    rank(a).cmp(&rank(b))
}

/// A path and the folders above it, the nearest first.
pub fn upwards(path: &Path) -> impl Iterator<Item = &Path> {
    let bytes = path.as_os_str().as_bytes();
    std::iter::successors(Some(bytes), |path| above(path)).map(|path| Path::new(OsStr::from_bytes(path)))
}

/// The folder that a path is in; nothing is above the root.
fn above(path: &[u8]) -> Option<&[u8]> {
    let slash = path.iter().rposition(|byte| *byte == b'/')?;
    (path.len() > 1).then(|| &path[..slash.max(1)])
}

impl<V> Default for PathMap<V> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<V> PathMap<V> {
    /// An empty one with room for so many values.
    pub fn with_capacity(values: usize) -> Self {
        Self(FxHashMap::with_capacity_and_hasher(values, FxBuildHasher))
    }

    /// Adds all values of another, which win.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The value at exactly this path.
    pub fn get(&self, path: &Path) -> Option<&V> {
        self.0.get(path.as_os_str()).map(Box::as_ref)
    }

    /// As [`PathMap::get`], to change it.
    pub fn get_mut(&mut self, path: &Path) -> Option<&mut V> {
        self.0.get_mut(path.as_os_str()).map(Box::as_mut)
    }

    /// Whether there is a value at exactly this path.
    pub fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(path.as_os_str())
    }

    /// Sets the value at a path.
    pub fn insert(&mut self, path: PathBuf, value: V) {
        self.0.insert(path.into(), Box::new(value));
    }

    /// Sets the value at a path, unless it has one.
    pub fn insert_if_absent(&mut self, path: PathBuf, value: V) {
        self.0.entry(path.into()).or_insert_with(|| Box::new(value));
    }

    /// Takes the value at a path away.
    pub fn remove(&mut self, path: &Path) -> Option<V> {
        self.0.remove(path.as_os_str()).map(|value| *value)
    }

    /// The values at a path and at the folders above it, the nearest first.
    pub fn upwards<'m>(&'m self, path: &Path) -> impl Iterator<Item = &'m V> {
        upwards(path).filter_map(|above| self.get(above))
    }

    /// All paths and values, in any order.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &V)> {
        self.0.iter().map(|(path, value)| (Path::new(path), value.as_ref()))
    }

    /// All paths and values, in the order of a walk.
    pub fn in_order(&self) -> Vec<(&Path, &V)> {
        let mut pairs: Vec<_> = self.iter().collect();
        pairs.sort_unstable_by(|(a, _), (b, _)| in_walk_order(a, b));
        pairs
    }

    /// All values, in any order.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.0.into_values().map(|value| *value)
    }
}

impl<V> IntoIterator for PathMap<V> {
    type Item = (PathBuf, V);
    type IntoIter = std::iter::Map<IntoIter<OsString, Box<V>>, fn((OsString, Box<V>)) -> Self::Item>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(path, value)| (path.into(), *value))
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
        let map = map();
        let paths: Vec<_> = map.in_order().into_iter().map(|(_, path)| *path).collect();
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
    fn a_path_is_itself_and_no_other() {
        let mut map = map();
        assert_eq!(map.get(Path::new("/usr/lib")), Some(&"/usr/lib"));
        assert_eq!(map.get(Path::new("/usr/li")), None);
        map.insert_if_absent("/usr/lib".into(), "other");
        assert_eq!(map.remove(Path::new("/usr/lib")), Some("/usr/lib"));
        assert!(!map.contains(Path::new("/usr/lib")) && map.contains(Path::new("/usr")));
    }
}
