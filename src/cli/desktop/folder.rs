//! A folder that was opened: what is read and written in it is a name, so that no symlink leads elsewhere.

use nsbox::error::Fault;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RenameFlags};
use rustix::fs::{fchmod, fstat, fsync, linkat, mkdir, openat, renameat, renameat_with, unlinkat};
use rustix::io::Errno;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Folders that are made get what the XDG Base Directory Specification 0.8 asks for.
const FOLDER_MODE: Mode = Mode::RWXU;

/// An opened folder.
#[derive(Debug)]
pub struct Folder {
    descriptor: OwnedFd,
    path: PathBuf,
}

/// What has a name in a folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A regular file, with its bytes up to the limit and one more.
    File(Vec<u8>),
    /// A symlink, a folder, or anything else.
    Other,
}

/// Whether a file may take another's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// There must be none.
    Empty,
    /// There is one, which nsbox wrote.
    Taken,
}

impl Place {
    /// The place of what nsbox may have written earlier.
    pub fn of<T>(before: &Option<T>) -> Self {
        if before.is_some() { Self::Taken } else { Self::Empty }
    }
}

impl Folder {
    /// Opens a folder, if there is one.
    ///
    /// # Errors
    /// As openat(2), but for ENOENT.
    pub fn open(path: &Path) -> Result<Option<Self>, Fault> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match openat(CWD, path, flags, Mode::empty()) {
            Ok(descriptor) => Ok(Some(Self { descriptor, path: path.to_owned() })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Fault::of("open", path.display())(errno)),
        }
    }

    /// Opens a folder, made where it is missing, with those above it; notes the ones that were made, the outermost first.
    ///
    /// # Errors
    /// As mkdir(2) and openat(2).
    pub fn make(path: &Path, made: &mut Vec<PathBuf>) -> Result<Self, Fault> {
        let missing: Vec<&Path> = path.ancestors().take_while(|path| !path.exists()).collect();
        for folder in missing.into_iter().rev() {
            match mkdir(folder, FOLDER_MODE) {
                Ok(()) => made.push(folder.to_owned()),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(Fault::of("make the folder", folder.display())(errno)),
            }
        }
        Self::open(path)?.ok_or_else(|| Fault::of("open", path.display())(Errno::NOENT))
    }

    /// Looks at what has this name, and reads it if it is a file.
    ///
    /// # Errors
    /// As openat(2) and read(2).
    pub fn read(&self, name: &str, limit: usize) -> Result<Found, Fault> {
        let path = self.path.join(name);
        let fault = || Fault::of("read", path.display());
        // Not to hang on a pipe that somebody put there.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match openat(&self.descriptor, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(Found::Nothing),
            Err(Errno::LOOP | Errno::NXIO) => return Ok(Found::Other),
            Err(errno) => return Err(fault()(errno)),
        };
        if FileType::from_raw_mode(fstat(&file).map_err(fault())?.st_mode) != FileType::RegularFile {
            return Ok(Found::Other);
        }
        let mut bytes = Vec::new();
        File::from(file).take(limit as u64 + 1).read_to_end(&mut bytes).map_err(errno).map_err(fault())?;
        Ok(Found::File(bytes))
    }

    /// Writes a file of this name: whole, or not at all.
    ///
    /// # Errors
    /// As openat(2), write(2), fsync(2) and renameat2(2); EEXIST where the place should be empty and is not.
    pub fn write(&self, name: &str, bytes: &[u8], mode: Mode, place: Place) -> Result<(), Fault> {
        let draft = format!(".nsbox-{}", std::process::id());
        // One of this number that died in the middle of it.
        unlinkat(&self.descriptor, &draft, AtFlags::empty()).ok();
        let written = self.draft(&draft, bytes, mode).and_then(|()| self.put(&draft, name, place));
        if written.is_err() {
            unlinkat(&self.descriptor, &draft, AtFlags::empty()).ok();
        }
        written.and_then(|()| fsync(&self.descriptor)).map_err(Fault::of("write", self.path.join(name).display()))
    }

    /// Writes a new file, and has the disk keep it.
    fn draft(&self, name: &str, bytes: &[u8], mode: Mode) -> Result<(), Errno> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.descriptor, name, flags, Mode::RUSR | Mode::WUSR)?);
        file.write_all(bytes).map_err(errno)?;
        fchmod(&file, mode)?;
        file.sync_all().map_err(errno)
    }

    /// Gives a new file its name.
    fn put(&self, draft: &str, name: &str, place: Place) -> Result<(), Errno> {
        let folder = &self.descriptor;
        if place == Place::Taken {
            return renameat(folder, draft, folder, name);
        }
        match renameat_with(folder, draft, folder, name, RenameFlags::NOREPLACE) {
            // Network file systems do not know that flag; a link takes no other file's place either.
            Err(Errno::INVAL) => linkat(folder, draft, folder, name, AtFlags::empty())
                .and_then(|()| unlinkat(folder, draft, AtFlags::empty())),
            answer => answer,
        }
    }

    /// Removes the file of this name.
    ///
    /// # Errors
    /// As unlinkat(2).
    pub fn remove(&self, name: &str) -> Result<(), Fault> {
        unlinkat(&self.descriptor, name, AtFlags::empty())
            .and_then(|()| fsync(&self.descriptor))
            .map_err(Fault::of("remove", self.path.join(name).display()))
    }

    /// The names in it, sorted.
    ///
    /// # Errors
    /// As getdents(2).
    pub fn names(&self) -> Result<Vec<std::ffi::OsString>, Fault> {
        use std::os::unix::ffi::OsStrExt;
        let fault = || Fault::of("list", self.path.display());
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.descriptor).map_err(fault())? {
            names.push(std::ffi::OsStr::from_bytes(entry.map_err(fault())?.file_name().to_bytes()).to_owned());
        }
        names.sort_unstable();
        Ok(names)
    }
}

fn errno(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}

#[cfg(test)]
mod tests {
    use super::{Folder, Found, Place};
    use rustix::fs::Mode;
    use std::os::unix::fs::PermissionsExt;

    const MODE: Mode = Mode::from_raw_mode(0o755);

    #[test]
    fn a_file_is_written_whole_with_its_mode_and_only_where_it_may() {
        let scratch = tempfile::tempdir().expect("a folder");
        let (mut made, path) = (Vec::new(), scratch.path().join("a/b"));
        let folder = Folder::make(&path, &mut made).expect("a folder");
        assert_eq!(made, [scratch.path().join("a"), path.clone()]);
        folder.write("x", b"one", MODE, Place::Empty).expect("a file");
        let refused = folder.write("x", b"two", MODE, Place::Empty).expect_err("a file that is there");
        assert_eq!(refused.errno.0, libc::EEXIST);
        assert_eq!(folder.read("x", 9), Ok(Found::File(b"one".to_vec())));
        folder.write("x", b"two", MODE, Place::Taken).expect("a file in the place of another");
        assert_eq!(std::fs::read(path.join("x")).expect("a file"), b"two");
        assert_eq!(std::fs::metadata(path.join("x")).expect("a file").permissions().mode() & 0o7777, 0o755);
        assert_eq!(std::fs::read_dir(&path).expect("a folder").count(), 1, "no draft stays");
        assert_eq!(folder.read("x", 1), Ok(Found::File(b"tw".to_vec())), "but one byte more than the limit");
    }

    #[test]
    fn no_symlink_is_followed_and_no_pipe_waited_for() {
        let scratch = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(scratch.path()).expect("an answer").expect("a folder");
        std::fs::write(scratch.path().join("file"), "mine").expect("a file");
        std::os::unix::fs::symlink("file", scratch.path().join("link")).expect("a symlink");
        rustix::fs::mknodat(rustix::fs::CWD, scratch.path().join("pipe"), rustix::fs::FileType::Fifo, MODE, 0)
            .expect("a pipe");
        std::fs::create_dir(scratch.path().join("folder")).expect("a folder");
        for name in ["link", "pipe", "folder"] {
            assert_eq!(folder.read(name, 9), Ok(Found::Other), "{name}");
            folder.write(name, b"x", MODE, Place::Empty).expect_err(name);
        }
        assert_eq!(folder.read("nothing", 9), Ok(Found::Nothing));
        assert_eq!(std::fs::read(scratch.path().join("file")).expect("a file"), b"mine");
    }
}
