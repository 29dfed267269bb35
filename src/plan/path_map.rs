//! A map by absolute, normalised paths, which are taken for their bytes.
//!
//! A path compares itself to another, and is hashed, component by component, which a profile of sixty entries does some
//! ten thousand times.

use super::is_root;
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

/// How a path begins, as a number by which paths stand in the order of a walk; of two with the same the rest decides.
fn beginning(path: &Path) -> u128 {
    let mut ranks = [0; size_of::<u128>()];
    for (rank, byte) in ranks.iter_mut().zip(path.as_os_str().as_bytes()) {
        // Where a path ends counts as a slash, after which another goes on with a name.
        *rank = if *byte == b'/' { 0 } else { byte + u8::from(*byte < b'/') };
    }
    u128::from_be_bytes(ranks)
}

/// What of a path is left below a folder; empty for the folder itself, nothing for what is not in it.
pub fn below<'p>(path: &'p Path, folder: &Path) -> Option<&'p Path> {
    let rest = path.as_os_str().as_bytes().strip_prefix(folder.as_os_str().as_bytes())?;
    let rest = match rest {
        [b'/', rest @ ..] => rest,
        [] => rest,
        _ if is_root(folder) => rest,
        _ => return None,
    };
    Some(Path::new(OsStr::from_bytes(rest)))
}

/// A path and the folders above it, the nearest first.
pub fn upwards(path: &Path) -> impl Iterator<Item = &Path> {
    let bytes = path.as_os_str().as_bytes();
    std::iter::successors(Some(bytes), |path| above(path)).map(|path| Path::new(OsStr::from_bytes(path)))
}

/// The folders above a path, the nearest first.
pub fn folders_above(path: &Path) -> impl Iterator<Item = &Path> {
    let folder = above(path.as_os_str().as_bytes());
    std::iter::successors(folder, |path| above(path)).map(|path| Path::new(OsStr::from_bytes(path)))
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

    /// Makes room for so many more values.
    pub fn reserve(&mut self, values: usize) {
        self.0.reserve(values);
    }

    /// Adds all values of another, which win.
    pub fn append(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
        } else {
            self.0.extend(other.0);
        }
    }

    /// All values, to be changed, in any order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.values_mut().map(|value| &mut **value)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        let mut pairs: Vec<_> = self.iter().map(|(path, value)| (beginning(path), path, value)).collect();
        pairs.sort_unstable_by(|(a, one, _), (b, other, _)| a.cmp(b).then_with(|| in_walk_order(one, other)));
        pairs.into_iter().map(|(_, path, value)| (path, value)).collect()
    }

    /// All values by the depth of their paths, and those of one depth in the order of a walk.
    pub fn into_values_by_depth(self) -> Vec<V> {
        let depth = |path: &Path| path.as_os_str().as_bytes().iter().filter(|byte| **byte == b'/').count();
        let key = |path: &Path| (depth(path), beginning(path));
        let mut pairs: Vec<_> = self.0.into_iter().map(|(path, value)| (key(path.as_ref()), path, value)).collect();
        pairs.sort_unstable_by(|(a, one, _), (b, other, _)| {
            a.cmp(b).then_with(|| in_walk_order(one.as_ref(), other.as_ref()))
        });
        pairs.into_iter().map(|(_, _, value)| *value).collect()
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
    use super::{PathMap, below, folders_above};
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
    fn an_order_does_not_depend_on_where_paths_begin_to_differ() {
        let names = ["", "-", ".a", "/", "/b", "/-", "0", "\u{1}", "~", "ä"];
        let starts = (0..20).map(|length| format!("/{}", "x".repeat(length)));
        let paths = starts.flat_map(|start| names.map(|name| format!("{start}{name}")));
        let normal = paths.filter(|path| !path.ends_with('/') && !path.contains("//"));
        let map: PathMap<String> =
            normal.map(|path| (PathBuf::from(&path), path)).fold(PathMap::default(), |mut map, (path, value)| {
                map.insert(path, value);
                map
            });
        let paths: Vec<_> = map.in_order().into_iter().map(|(path, _)| path.to_owned()).collect();
        assert!(paths.len() > 100 && paths.is_sorted());
        let depth = |path: &PathBuf| path.components().count();
        let by_depth: Vec<_> = map.into_values_by_depth().into_iter().map(PathBuf::from).collect();
        assert!(by_depth.len() == paths.len() && by_depth.is_sorted_by_key(|path| (depth(path), path.clone())));
    }

    #[test]
    fn what_is_left_below_a_folder_is_taken_name_by_name() {
        let cases = [
            ("/usr/lib", "/usr", Some("lib")),
            ("/usr/lib/x", "/usr/lib", Some("x")),
            ("/usr-local", "/usr", None),
            ("/usr", "/usr", Some("")),
            ("/usr", "/", Some("usr")),
            ("/", "/", Some("")),
            ("/", "/usr", None),
        ];
        for (path, folder, rest) in cases {
            assert_eq!(below(Path::new(path), Path::new(folder)), rest.map(Path::new), "{path} {folder}");
        }
    }

    #[test]
    fn the_way_up_meets_the_nearest_first() {
        let map = map();
        let up: Vec<_> = map.upwards(Path::new("/usr/lib/x/y")).collect();
        assert_eq!(up, [&"/usr/lib", &"/usr", &"/"]);
        assert_eq!(map.upwards(Path::new("/usr-local")).collect::<Vec<_>>(), [&"/usr-local", &"/"]);
        assert_eq!(map.upwards(Path::new("/")).count(), 1);
        let above: Vec<_> = folders_above(Path::new("/usr/lib/x")).collect();
        assert_eq!(above, ["/usr/lib", "/usr", "/"].map(Path::new));
        assert_eq!(folders_above(Path::new("/")).count(), 0);
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
