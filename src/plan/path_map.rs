//! A map by absolute, normalised paths, in the order of a walk: a folder, then all that is in it, then the next.
//!
//! A path compares itself to another component by component, which a profile of sixty entries does some ten thousand
//! times; here the bytes of both are compared at once, a slash before every other byte.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Values by path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathMap<V>(BTreeMap<Vec<u8>, (PathBuf, V)>);

/// The bytes of a path, so that a slash sorts before every other byte: no name holds a NUL. The root itself is empty.
fn key(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_bytes();
    let bytes = if bytes == b"/" { &[] } else { bytes };
    bytes.iter().map(|byte| if *byte == b'/' { 0 } else { *byte }).collect()
}

impl<V> Default for PathMap<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V> PathMap<V> {
    /// The value at exactly this path.
    pub fn get(&self, path: &Path) -> Option<&V> {
        self.0.get(&key(path)).map(|(_, value)| value)
    }

    /// Whether there is a value at exactly this path.
    pub fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(&key(path))
    }

    /// Sets the value at a path.
    pub fn insert(&mut self, path: PathBuf, value: V) {
        self.0.insert(key(&path), (path, value));
    }

    /// Sets the value at a path, unless it has one.
    pub fn insert_if_absent(&mut self, path: PathBuf, value: V) {
        self.0.entry(key(&path)).or_insert((path, value));
    }

    /// Takes the value at a path away.
    pub fn remove(&mut self, path: &Path) -> Option<V> {
        self.0.remove(&key(path)).map(|(_, value)| value)
    }

    /// The values at a path and at the folders above it, the nearest first.
    pub fn upwards<'a>(&'a self, path: &Path) -> impl Iterator<Item = &'a V> {
        let mut rest = Some(key(path));
        std::iter::from_fn(move || {
            let here = rest.take()?;
            let value = self.0.get(&here).map(|(_, value)| value);
            rest = here.iter().rposition(|byte| *byte == 0).map(|end| {
                let mut above = here;
                above.truncate(end);
                above
            });
            Some(value)
        })
        .flatten()
    }

    /// Whether there is a value anywhere below a path.
    pub fn reaches_below(&self, path: &Path) -> bool {
        let mut start = key(path);
        start.push(0);
        let next = self.0.range::<[u8], _>((Bound::Included(&*start), Bound::Unbounded)).next();
        next.is_some_and(|(key, _)| key.starts_with(&start))
    }

    /// All paths and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Path, &V)> {
        self.0.values().map(|(path, value)| (path.as_path(), value))
    }

    /// All values, in order.
    pub fn into_values(self) -> impl Iterator<Item = V> {
        self.0.into_values().map(|(_, value)| value)
    }
}

impl<V> IntoIterator for PathMap<V> {
    type Item = (PathBuf, V);
    type IntoIter = std::collections::btree_map::IntoValues<Vec<u8>, (PathBuf, V)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values()
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
