//! The working directory inside.

use super::layout::{Layout, Standing};
use super::walk::real;
use crate::error::Diagnostics;
use crate::frontend::profile::merged::{Directory, Profile};
use crate::host::HostFacts;
use crate::plan::{MountKind, Origin, upwards};
use std::path::{Path, PathBuf};

/// The folder that the payload starts in, and who chose it.
///
/// A folder that is named must be there. The caller's own is only taken where it is: else the home folder, else `/`.
pub fn choose(
    profile: &Profile,
    layout: &Layout<'_>,
    home: &Path,
    facts: &HostFacts,
    found: &mut Diagnostics,
) -> (PathBuf, Origin) {
    let origin = super::origin(&profile.directory, "command.directory");
    if let Some(directory) = &profile.directory
        && let Directory::At(path) = &directory.value
    {
        if !is_visible(layout, path) {
            let problem = directory.place.error(format!("`{}` is no folder inside the sandbox", path.display()));
            found.push(match directory.place.text().is_flag() {
                _ if real(layout.host, path).is_none_or(|path| !layout.host.is_folder(&path)) => {
                    problem.hint("it is none on the host either")
                }
                true => problem.hint(format!("show it with `--read {0}` or `--write {0}`", directory.place.words())),
                false => problem.hint("show it with an entry in `read` or `write`"),
            });
        }
        return (path.clone(), origin);
    }
    let candidates = [facts.working_directory.as_path(), home];
    // In a root of the host's own making, a folder of the same name is another one, unless an entry shows it.
    let is_root = |path: &Path| layout.cover(path).is_some_and(|cover| cover.destination == Path::new("/"));
    let is_own = |path: &&Path| is_visible(layout, path) && (*path == home || !is_root(path));
    let visible = candidates.into_iter().find(is_own).unwrap_or(Path::new("/"));
    (visible.to_owned(), origin)
}

/// Whether a path is a folder inside, and not one that is hidden.
fn is_visible(layout: &Layout<'_>, path: &Path) -> bool {
    let Some(resolved) = layout.resolve(path) else { return false };
    let hidden = upwards(&resolved)
        .find_map(|above| layout.at(above))
        .is_some_and(|mount| mount.kind == MountKind::Hide && mount.destination != resolved);
    !hidden && layout.standing(&resolved) == Standing::Folder
}
