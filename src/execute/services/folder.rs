//! The folder on the host in which the sockets of a sandbox's services are.

use crate::error::{Errno, Fault};
use nix::unistd::geteuid;
use rustix::fs::{AtFlags, CWD, Dir, FlockOperation, Mode, OFlags, flock, fstat, lstat, open, openat, unlinkat};
use rustix::path::Arg;
use std::fs::DirBuilder;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The name of nsbox's folder in the caller's runtime folder.
const NAME: &str = "nsbox";
/// Where portals look for the instances of sandboxes, in the caller's runtime folder (Flatpak).
const INSTANCES: &str = ".flatpak";
/// How many sandboxes can have been made by processes of one number, each in a pid namespace of its own.
const ALIKE_MAX: u32 = 1000;

/// The folder of one sandbox: locked while that runs, and gone with it. What one leaves behind whose monitor was killed, the
/// next one removes.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// What portals know the sandbox by, which no other has at the time.
    instance: String,
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
        Self::make_in(&place)
    }

    fn make_in(place: &Path) -> Result<Self, Fault> {
        let own = std::process::id();
        for nth in 0..ALIKE_MAX {
            let name = format!("{own}.{nth}");
            let path = place.join(&name);
            match DirBuilder::new().mode(0o700).create(&path) {
                // That of a process of this number in another pid namespace, or one that could not be swept.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
                made => made.map_err(Fault::of("mkdir", path.display()))?,
            }
            match lock(&path).and_then(|lock| Ok((is_still(&path, &lock)?, lock))) {
                Ok((true, lock)) => return Ok(Self { path, instance: format!("{NAME}-{name}"), _lock: lock }),
                // Somebody swept it before it was locked.
                Ok((false, _)) | Err(rustix::io::Errno::NOENT | rustix::io::Errno::WOULDBLOCK) => {}
                Err(errno) => {
                    std::fs::remove_dir(&path).ok();
                    return Err(Fault::of("flock", path.display())(errno));
                }
            }
        }
        Err(Fault::of("mkdir", place.join(own.to_string()).display())(Errno(libc::EEXIST)))
    }

    /// Where it is on the host.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What portals know the sandbox by.
    pub fn instance(&self) -> &str {
        &self.instance
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

    /// Writes down the first process of the sandbox, by its number on the host, where portals look for it: newer
    /// ones answer nobody else who says that it is in a sandbox.
    ///
    /// # Errors
    /// As mkdir(2), open(2) and write(2).
    pub fn announce(&self, init: i32) -> Result<(), Fault> {
        let Some(folder) = instance(&self.path) else { return Ok(()) };
        let instances = folder.parent().unwrap_or(&folder);
        match DirBuilder::new().mode(0o700).create(instances) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(Fault::of("mkdir", instances.display())(error));
            }
            _ => make(&folder)?,
        }
        let file = folder.join("bwrapinfo.json");
        std::fs::write(&file, format!("{{ \"child-pid\": {init} }}\n")).map_err(Fault::of("write", file.display()))
    }

    /// Removes it with all that is in it; what cannot be removed is for the next sandbox to sweep.
    pub fn remove(&self) {
        remove(&self.path);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Where portals look for the sandbox of a folder; nothing where they do not, since it is not in a runtime folder.
fn instance(folder: &Path) -> Option<PathBuf> {
    let (place, name) = (folder.parent()?, folder.file_name()?.to_str()?);
    let runtime = place.parent().filter(|_| place.file_name().is_some_and(|place| place == NAME))?;
    Some(runtime.join(INSTANCES).join(format!("{NAME}-{name}")))
}

fn remove(folder: &Path) {
    // First what would be taken for a sandbox that is there; what is left of it is found again by the folder.
    let gone = instance(folder).is_none_or(|instance| {
        let removed = remove_tree(CWD, &instance);
        matches!(removed, Ok(()) | Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR))
    });
    if gone {
        remove_tree(CWD, folder).ok();
    }
}

/// Removes a file, or a folder with all that is in it, no symlink being followed. The language's own way ends the process where
/// a folder cannot be closed.
fn remove_tree(parent: BorrowedFd<'_>, path: impl Arg + Copy) -> rustix::io::Result<()> {
    match unlinkat(parent, path, AtFlags::empty()) {
        Err(rustix::io::Errno::ISDIR) => {}
        answer => return answer,
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = openat(parent, path, flags, Mode::empty())?;
    for entry in Dir::read_from(&folder)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            remove_tree(folder.as_fd(), entry.file_name())?;
        }
    }
    unlinkat(parent, path, AtFlags::REMOVEDIR)
}

/// The caller's runtime folder; where there is none, one of the caller's own in /tmp.
fn place() -> Result<PathBuf, Fault> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let is_own = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_dir() && is_callers(found.uid()));
    let place = match runtime.filter(|path| path.is_absolute() && is_own(path)) {
        Some(runtime) => runtime.canonicalize().unwrap_or(runtime).join(NAME),
        None => PathBuf::from(format!("/tmp/{NAME}-{}", geteuid())),
    };
    match DirBuilder::new().mode(0o700).create(&place) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Fault::of("mkdir", place.display())(error));
        }
        _ => {}
    }
    // In /tmp somebody else may have been first.
    let found = place.symlink_metadata().map_err(Fault::of("stat", place.display()))?;
    match found.is_dir() && is_callers(found.uid()) && found.mode() & 0o077 == 0 {
        true => Ok(place),
        false => Err(Fault::of("use the folder", place.display())(Errno(libc::EPERM))),
    }
}

fn is_callers(uid: u32) -> bool {
    uid == geteuid().as_raw()
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

/// Whether what is at a path is what was opened there.
fn is_still(path: &Path, folder: &OwnedFd) -> rustix::io::Result<bool> {
    let (there, opened) = (lstat(path)?, fstat(folder)?);
    Ok((there.st_dev, there.st_ino) == (opened.st_dev, opened.st_ino))
}

/// Removes what sandboxes left behind that nobody could clean up after.
fn sweep(place: &Path) {
    let Ok(entries) = std::fs::read_dir(place) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_of_sandbox)) {
        // Held while it is removed: nobody takes it for one that is left behind as well.
        if let Ok(_lock) = lock(&entry.path()) {
            remove(&entry.path());
        }
    }
}

/// Whether a folder has a name as the folders of sandboxes have.
fn is_of_sandbox(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    name.split_once('.').is_some_and(|(process, nth)| is_number(process) && is_number(nth))
}

#[cfg(test)]
mod tests {
    use super::{Folder, instance, lock, sweep};
    use std::path::Path;

    #[test]
    fn what_nobody_uses_any_more_is_swept() {
        let runtime = tempfile::tempdir().expect("a folder");
        let place = runtime.path().join("nsbox");
        let [used, left, foreign] = ["1.0", "2.0", "other"].map(|name| place.join(name));
        for folder in [&used, &left, &foreign] {
            std::fs::create_dir_all(folder).expect("a folder");
            std::fs::write(folder.join("bus"), "").expect("a file");
        }
        let known = instance(&left).expect("a place for it");
        assert_eq!(known, runtime.path().join(".flatpak/nsbox-2.0"));
        std::fs::create_dir_all(&known).expect("an instance");
        // Where a link leads is no business of nsbox.
        std::os::unix::fs::symlink(&foreign, place.join("3.0")).expect("a link");
        let lock = lock(&used).expect("a lock");
        sweep(&place);
        assert!(used.join("bus").exists() && foreign.join("bus").exists() && !left.exists() && !known.exists());
        drop(lock);
        // What another test forks meanwhile holds it too, until that executes something.
        for _ in 0..1000 {
            sweep(&place);
            if !used.exists() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(!used.exists() && foreign.join("bus").exists());
    }

    #[test]
    fn two_sandboxes_of_one_number_have_folders_of_their_own() {
        let place = tempfile::tempdir().expect("a folder");
        let [first, second] = [(); 2].map(|()| Folder::make_in(place.path()).expect("a folder"));
        assert!(first.path() != second.path() && first.instance() != second.instance());
        sweep(place.path());
        assert!(first.path().exists() && second.path().exists());
        let gone = first.path().to_owned();
        drop(first);
        assert!(!gone.exists() && second.path().exists());
        // Not in a runtime folder, where no portal looks.
        assert_eq!(instance(Path::new("/tmp/nsbox-1000/7.0")), None);
        second.announce(1).expect("nothing to write");
    }
}
