//! The project that the caller is in, and its repository: `${PROJECT}` and `${GIT_COMMON_DIR}`.

use super::home::{Home, identity};
use super::lower::{Host, real};
use crate::host::{FileKind, HostFacts, Look};
use crate::plan::normalise;
use std::path::{Path, PathBuf};

/// The nearest folder from the working directory upwards that holds `.git`, else the working directory itself.
///
/// Neither the home folder nor one above it is a project, nor is the root, wherever the caller is: whoever keeps a
/// repository there did not mean to open everything. Nor does a `.git` count that belongs to another user than the
/// caller or root. It is sought where the working directory really is, and named as
/// the caller names it where that is the same folder.
pub fn folder(facts: &HostFacts) -> PathBuf {
    let host = Host::new(facts.paths.as_ref());
    let named = &facts.working_directory;
    let Some(here) = real(&host, named) else { return named.clone() };
    let home = Home::of(facts, &host);
    // As git does: in a folder where anybody can write, such as /tmp, anybody can make a repository of it.
    let is_own =
        |folder: &Path| facts.paths.owner(&folder.join(".git")).is_some_and(|uid| uid == facts.uid || uid == 0);
    let mut candidates = here.ancestors().take_while(|folder| !home.is_within(folder, &host)).enumerate();
    match candidates.find(|(_, folder)| holds_git(folder, &host) && is_own(folder)) {
        None => named.clone(),
        Some((up, folder)) => {
            let alias = named.ancestors().nth(up).filter(|alias| identity(alias, &host) == identity(folder, &host));
            alias.unwrap_or(folder).to_owned()
        }
    }
}

fn holds_git(folder: &Path, host: &Host<'_>) -> bool {
    match host.look(&folder.join(".git")) {
        Look::Found { kind, .. } => matches!(kind, FileKind::Folder | FileKind::File),
        Look::Symlink(_) => true,
        Look::Missing | Look::Forbidden => false,
    }
}

/// What git calls the common folder of a project's repository: `.git` in it, or for a worktree that of the main one.
pub fn common_folder(project: &Path, facts: &HostFacts) -> PathBuf {
    let own = project.join(".git");
    let host = Host::new(facts.paths.as_ref());
    of_worktree(&own, facts, &host).unwrap_or(own)
}

/// The common folder that a worktree's `.git` file leads to (gitrepository-layout(5)).
///
/// Whoever can write to the project can write that file, and with it name any folder. So the repository itself must
/// say that the worktree is its own: its folder `worktrees/NAME` must name this `.git` and lead back to the repository,
/// and the repository must look like one, since a folder called `worktrees` is nothing special anywhere else.
fn of_worktree(file: &Path, facts: &HostFacts, host: &Host<'_>) -> Option<PathBuf> {
    if !matches!(host.look(file), Look::Found { kind: FileKind::File, .. }) {
        return None;
    }
    let line = |file: &Path| Some(facts.paths.read(file)?.trim_end_matches(['\n', '\r']).to_owned());
    let written = file.parent()?.join(line(file)?.strip_prefix("gitdir: ")?);
    let private = real(host, &written)?;
    let common = private.parent().filter(|above| above.ends_with("worktrees"))?.parent()?;
    let leads = |name: &str| real(host, &private.join(line(&private.join(name))?));
    let is_proven = leads("gitdir")? == real(host, file)? && leads("commondir")? == common;
    if !is_proven || !is_repository(common, host) || Home::of(facts, host).is_within(common, host) {
        return None;
    }
    // The name that git itself will follow inside, where it means the same.
    let named = normalise(&written)?.ancestors().nth(2).map(Path::to_owned);
    named.filter(|named| real(host, named).as_deref() == Some(common)).or_else(|| Some(common.to_owned()))
}

/// Whether a folder has what git itself asks of a repository.
fn is_repository(folder: &Path, host: &Host<'_>) -> bool {
    let head = host.look(&folder.join("HEAD"));
    let has_head = matches!(head, Look::Found { kind: FileKind::File, .. } | Look::Symlink(_));
    has_head && ["objects", "refs"].iter().all(|name| host.is_folder(&folder.join(name)))
}
