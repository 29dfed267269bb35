//! What stands in a home that is kept: a program had it to itself in earlier runs, and may have left anything there.

use super::layout::{Layout, shown_by};
use crate::error::Diagnostic;
use crate::frontend::profile::text::Place;
use crate::host::{FileKind, Look};
use crate::plan::{Mount, MountKind, folders_above};
use std::path::Path;

/// What a mount needs at its destination.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// A folder, or nothing yet.
    Folder,
    /// A file, or nothing yet.
    File,
    /// No folder: what else is there is replaced.
    Replaceable,
}

/// Reports a home that is none, and what is in the way of a mount in one. All that is there already is reported here, where
/// the line is known that asks for the mount; init follows nothing that is planted later.
pub fn problem(layout: &Layout<'_>, mount: &Mount, place: Option<&Place>) -> Option<Diagnostic> {
    let error = |message: String| place.map_or_else(|| Diagnostic::error(&message), |place| place.error(&message));
    if let MountKind::Kept { source } = &mount.kind {
        let is_in_the_way = obstacle(layout, source, Need::Folder)?;
        return Some(
            error(format!("the home `{}` {is_in_the_way}", source.display())).hint("remove it, or name another"),
        );
    }
    let cover = layout.cover_above(&mount.destination).filter(|cover| matches!(cover.kind, MountKind::Kept { .. }))?;
    let between = folders_above(&mount.destination).take_while(|above| *above != cover.destination);
    let needed = [(mount.destination.as_path(), need(layout, mount)?)].into_iter();
    let needed = needed.chain(between.map(|folder| (folder, Need::Folder)));
    // What is nearest to the home is the reason of all below it.
    let (path, obstacle) = needed
        .filter_map(|(path, need)| {
            let on_host = shown_by(cover, path)?;
            let is_in_the_way = obstacle(layout, &on_host, need)?;
            Some((on_host, is_in_the_way))
        })
        .last()?;
    let problem = error(format!(
        "nothing can appear at `{}`: in its home, `{}` {obstacle}",
        mount.destination.display(),
        path.display()
    ));
    Some(problem.hint("the program may have left it there in an earlier run; remove it"))
}

fn need(layout: &Layout<'_>, mount: &Mount) -> Option<Need> {
    match &mount.kind {
        MountKind::Hide | MountKind::ReadOnly | MountKind::Pin => None,
        MountKind::Symlink { .. } | MountKind::File { .. } => Some(Need::Replaceable),
        MountKind::Bind { source, .. } | MountKind::Device { source } if !layout.host.is_folder(source) => {
            Some(Need::File)
        }
        MountKind::Console => Some(Need::File),
        _ => Some(Need::Folder),
    }
}

/// What is wrong with what stands at a path of the host.
fn obstacle(layout: &Layout<'_>, path: &Path, need: Need) -> Option<&'static str> {
    match (layout.host.look(path), need) {
        (Look::Missing, _) | (Look::Symlink(_), Need::Replaceable) => None,
        (Look::Forbidden, _) => Some("is in a folder that you may not look into"),
        (Look::Symlink(_), _) => Some("is a symlink"),
        (Look::Found { kind: FileKind::Folder, .. }, Need::Folder) => None,
        (Look::Found { kind: FileKind::Folder, .. }, _) => Some("is a folder"),
        (Look::Found { .. }, Need::Folder) => Some("is a file"),
        (Look::Found { .. }, _) => None,
    }
}
