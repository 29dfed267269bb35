//! The folder on the host in which the sockets of a sandbox's services are.

use crate::error::{Errno, Fault};
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use std::fs::{DirBuilder, remove_dir_all};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The name of nsbox's folder in the caller's runtime folder.
const NAME: &str = "nsbox";

/// The folder of one sandbox: locked while that runs, and gone with it. What one leaves behind whose monitor was killed, the
/// next one removes.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whoever can lock it knows that nobody uses it.
    _lock: OwnedFd,
}

impl Folder {
    /// Makes one.
    ///
    /// # Errors
    /// EPERM where the place for such folders belongs to somebody else, else as mkdir(2), open(2) and flock(2).
    pub fn make() -> Result<Self, Fault> {
        let place = place()?;
        sweep(&place);
        let path = place.join(std::process::id().to_string());
        // That of an earlier process of this number, which was not to be swept.
        remove_dir_all(&path).ok();
        make(&path)?;
        let lock = lock(&path).map_err(Fault::of("flock", path.display()))?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is on the host.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder of a service in it.
    ///
    /// # Errors
    /// As mkdir(2).
    pub fn of(&self, service: &str) -> Result<PathBuf, Fault> {
        let path = self.path.join(service);
        make(&path)?;
        Ok(path)
    }

    /// Removes it with all that is in it; what cannot be removed is for the next sandbox to sweep.
    pub fn remove(&self) {
        remove_dir_all(&self.path).ok();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The caller's runtime folder; where there is none, one of the caller's own in /tmp.
fn place() -> Result<PathBuf, Fault> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let own = nix::unistd::geteuid().as_raw();
    let is_own = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_dir() && found.uid() == own);
    let place = match runtime.filter(|path| path.is_absolute() && is_own(path)) {
        Some(runtime) => runtime.canonicalize().unwrap_or(runtime).join(NAME),
        None => PathBuf::from(format!("/tmp/{NAME}-{own}")),
    };
    match DirBuilder::new().mode(0o700).create(&place) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Fault::of("mkdir", place.display())(error));
        }
        _ => {}
    }
    // In /tmp somebody else may have been first.
    let found = place.symlink_metadata().map_err(Fault::of("stat", place.display()))?;
    match found.is_dir() && found.uid() == own && found.mode() & 0o077 == 0 {
        true => Ok(place),
        false => Err(Fault::of("use the folder", place.display())(Errno(libc::EPERM))),
    }
}

fn make(path: &Path) -> Result<(), Fault> {
    DirBuilder::new().mode(0o700).create(path).map_err(Fault::of("mkdir", path.display()))
}

fn lock(path: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = open(path, flags, Mode::empty())?;
    flock(&folder, FlockOperation::NonBlockingLockExclusive)?;
    Ok(folder)
}

/// Removes what sandboxes left behind that nobody could clean up after.
fn sweep(place: &Path) {
    let Ok(entries) = std::fs::read_dir(place) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if lock(&path).is_ok() {
            remove_dir_all(&path).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{lock, sweep};

    #[test]
    fn what_nobody_uses_any_more_is_swept() {
        let place = tempfile::tempdir().expect("a folder");
        let (used, left) = (place.path().join("1"), place.path().join("2"));
        for folder in [&used, &left] {
            std::fs::create_dir(folder).expect("a folder");
            std::fs::write(folder.join("bus"), "").expect("a file");
        }
        let lock = lock(&used).expect("a lock");
        sweep(place.path());
        assert!(used.join("bus").exists() && !left.exists());
        drop(lock);
        sweep(place.path());
        assert!(!used.exists());
    }
}
