//! Attacks on what is hidden or read-only in a writable folder; what succeeds is undone at once.

use super::Inside;
use super::files::can_be_written;
use super::mounts::c_path;
use crate::sys::attempt::{Answer, call};
use crate::verify::expectations::{self, Island};
use crate::verify::testimony::Seen;
use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use std::path::Path;

/// More are not attacked, where a pattern hides thousands.
const ISLANDS_MAX: usize = 200;

pub fn islands(inside: &Inside, seen: &mut Seen) {
    let islands = expectations::islands(inside.claim());
    for island in islands.iter().take(ISLANDS_MAX).filter(|island| std::fs::symlink_metadata(island.path).is_ok()) {
        contents(seen, island);
        detach(seen, island.path);
        let up_to = island.path.ancestors().take_while(|path| *path != island.around);
        for path in up_to {
            move_away(seen, path, inside.stray());
        }
    }
    if seen.tried == 0 {
        seen.cannot("none of them is there");
    }
}

/// Reads what is hidden, and opens what is read-only for writing.
fn contents(seen: &mut Seen, island: &Island<'_>) {
    let shown = island.path.display();
    let is_folder = island.path.is_dir();
    if island.is_hidden {
        let is_empty = match is_folder {
            true => std::fs::read_dir(island.path).map_or(true, |mut entries| entries.next().is_none()),
            false => std::fs::read(island.path).map_or(true, |bytes| bytes.is_empty()),
        };
        seen.expects(is_empty, format_args!("{shown} can be read"));
    }
    let flags = if is_folder { OFlags::TMPFILE | OFlags::WRONLY } else { OFlags::WRONLY };
    seen.expects(!can_be_written(island.path, flags), format_args!("{shown} can be written"));
}

fn detach(seen: &mut Seen, path: &Path) {
    let Some(place) = c_path(path) else { return };
    let flags = (libc::MNT_DETACH | libc::UMOUNT_NOFOLLOW) as usize;
    let answer = call(libc::SYS_umount2, [place.as_ptr() as usize, flags, 0, 0, 0, 0]);
    seen.expects(!matches!(answer, Answer::Value(_)), format_args!("{} can be detached", path.display()));
}

/// Moves something to a name beside it that nobody has, and back.
fn move_away(seen: &mut Seen, path: &Path, name: &str) {
    let beside = path.with_file_name(name);
    seen.tries();
    let rename = |from: &Path, to: &Path| renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE);
    if rename(path, &beside).is_ok() {
        match rename(&beside, path) {
            Ok(()) => seen.reaches(format_args!("{} can be moved away", path.display())),
            Err(errno) => seen.reaches(format_args!(
                "{} can be moved away, and is {} now, since it could not be moved back: {errno}",
                path.display(),
                beside.display()
            )),
        }
    }
}
