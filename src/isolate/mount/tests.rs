//! What is decided of mounts before any is made.

use super::layout::{Layout, Way};
use crate::plan::{Access, Mount, MountKind, Origin, Root};
use std::path::Path;

fn mount(destination: &str, kind: MountKind) -> Mount {
    Mount { destination: destination.into(), kind, origin: Origin::Default("a test".into()) }
}

#[test]
fn what_lies_in_a_tmpfs_in_a_bind_is_reached_as_what_lies_in_the_bind() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("a/tmpfs")).expect("a folder in it");
    let source = folder.path().canonicalize().expect("a real path");
    let bind = |access| MountKind::Bind { source: source.clone(), access };
    let tmpfs = |size| MountKind::Tmpfs { size, mode: 0o755 };
    let ways = |mounts: &[Mount]| {
        let layout = Layout::prepare(&Root::Tmpfs { size: None }, mounts, None, None).expect("a layout");
        layout.items.iter().map(|item| (item.destination.clone(), item.way)).collect::<Vec<_>>()
    };
    for size in [None, Some(4096)] {
        let mounts = [
            mount("/work", bind(Access::Write)),
            mount("/work/a/tmpfs", tmpfs(size)),
            mount("/work/a/tmpfs/deep/in", bind(Access::Read)),
        ];
        let (path, way) = ways(&mounts).pop().expect("three mounts");
        assert_eq!((&*path, way), (Path::new("work/a/tmpfs/deep/in"), Way::Foreign));
    }
    // Control: in the root's own tmpfs nobody else can put anything in the way.
    let own = ways(&[mount("/work", tmpfs(None)), mount("/work/in", bind(Access::Read))]);
    assert!(own.iter().all(|(_, way)| *way == Way::Own), "{own:?}");
}
