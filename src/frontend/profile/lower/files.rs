//! Small files whose text stands in the profile itself.

use super::mounts::{Builder, Entries, endless, occupied};
use crate::frontend::profile::merged::EntryKind;
use crate::plan::{FILES_MAX, MountKind};

/// Adds the entries of `filesystem.files`, before nsbox adds files of its own.
pub fn place(builder: &mut Builder<'_, '_>, entries: &Entries<'_>) {
    let mut size = 0;
    for (path, entry) in entries.iter() {
        let EntryKind::File(contents) = &entry.kind else { continue };
        let is_within = size <= FILES_MAX;
        size += contents.len();
        if is_within && size > FILES_MAX {
            let problem = entry.place.error(format!("with `{}`, `files` holds more than 1 MiB", path.display()));
            builder.found.push(problem.hint("keep large files on the host, and show them with `read`"));
        }
        let Some(destination) = builder.layout.resolve_above(path) else {
            builder.found.push(endless(path, &entry.place));
            continue;
        };
        if let Some(other) = builder.layout.at(&destination) {
            let problem = occupied(&destination, &entry.place, &other.origin);
            builder.found.push(problem);
            continue;
        }
        let kind = MountKind::File { contents: contents.clone(), mode: 0o644 };
        builder.put(destination, kind, &entry.place);
    }
}
