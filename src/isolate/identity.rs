//! User namespaces: who the payload is, and that it makes none of its own (user_namespaces(7)).

use crate::error::{Errno, Fault};
use crate::plan::{IdRange, Identity};
use crate::sys::namespaces;
use crate::sys::procfs::{self, Setting};
use rustix::fs::CWD;
use rustix::mount::{OpenTreeFlags, open_tree};
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// Writes the maps of the user namespace that the process `pid` has just been cloned into.
///
/// With a map of the caller's own id alone, supplementary groups cannot be dropped inside, or a file that is closed to a
/// group would open (CVE-2014-8989): the kernel demands this of an unprivileged writer. With ranges the set-id programs
/// do the writing, and real root does its own; then `sheds_groups` is true, and [`assume`] clears the groups.
///
/// # Errors
/// As write(2) to the files of user_namespaces(7); EPERM with the words of the program where that refuses.
pub fn write_maps(
    pid: i32,
    identity: &Identity,
    programs: Option<&MapPrograms>,
    sheds_groups: bool,
) -> Result<(), Fault> {
    if let Some(programs) = programs {
        run(&programs.uid, pid, &identity.uid_map)?;
        return run(&programs.gid, pid, &identity.gid_map);
    }
    let folder = format!("/proc/{pid}");
    if !sheds_groups {
        write_whole(format!("{folder}/setgroups").as_ref(), "deny")?;
    }
    write_whole(format!("{folder}/uid_map").as_ref(), &lines(&identity.uid_map, |range| range.outside))?;
    write_whole(format!("{folder}/gid_map").as_ref(), &lines(&identity.gid_map, |range| range.outside))
}

/// Writes the maps of a user namespace inside this one: every id there is the same id here.
///
/// # Errors
/// As write(2) to the files of user_namespaces(7).
pub fn write_inner_maps(proc: &Path, pid: i32, identity: &Identity) -> Result<(), Fault> {
    let folder = Path::new("/").join(proc).join(pid.to_string());
    write_whole(&folder.join("uid_map"), &lines(&identity.uid_map, |range| range.inside))?;
    write_whole(&folder.join("gid_map"), &lines(&identity.gid_map, |range| range.inside))
}

fn lines(map: &[IdRange], outside: impl Fn(&IdRange) -> u32) -> String {
    map.iter().map(|range| format!("{} {} {}\n", range.inside, outside(range), range.count)).collect()
}

/// Where these are, on most hosts and on NixOS and Guix; only then in the folders of PATH.
const FOLDERS: [&str; 4] = ["/usr/bin", "/usr/sbin", "/run/wrappers/bin", "/run/privileged/bin"];

/// The set-id programs that write maps of more than one id for ordinary users (newuidmap(1), newgidmap(1)).
#[derive(Debug, Clone)]
pub struct MapPrograms {
    uid: PathBuf,
    gid: PathBuf,
}

impl MapPrograms {
    /// Finds them, where the identity needs them.
    ///
    /// # Errors
    /// ENOENT where one is not installed.
    pub fn prepare(identity: &Identity) -> Result<Option<Self>, Fault> {
        if !identity.has_ranges() {
            return Ok(None);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> =
            FOLDERS.map(PathBuf::from).into_iter().chain(std::env::split_paths(&path)).collect();
        let find = |name: &'static str| {
            let missing = || Fault::of("find", name)(Errno(libc::ENOENT)).asked_for_by(&identity.origin);
            of_root(&folders, name).ok_or_else(missing)
        };
        Ok(Some(Self { uid: find("newuidmap")?, gid: find("newgidmap")? }))
    }
}

/// The first of these folders' programs of that name which belongs to root: PATH may lead into a project, in which an earlier
/// run has left one of its own.
fn of_root(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    let is_of_root = |file: &PathBuf| std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.uid() == 0);
    folders.iter().filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(is_of_root)
}

/// Runs one of them; what it says against a map is the fault's subject.
fn run(program: &Path, pid: i32, map: &[IdRange]) -> Result<(), Fault> {
    let numbers = map.iter().flat_map(|range| [range.inside, range.outside, range.count]);
    let mut command = Command::new(program);
    command.arg(pid.to_string()).args(numbers.map(|number| number.to_string()));
    let (status, told) = listen(&mut command).map_err(Fault::of("run", program.display()))?;
    if status.success() {
        return Ok(());
    }
    let told = if told.is_empty() { format!("{} {status}", program.display()) } else { told };
    Err(Fault::of("map ids:", told)(Errno(libc::EPERM)))
}

/// Runs a program to its end, and gives what it complained of. Not by `Command::output`, which panics where it cannot read.
fn listen(command: &mut Command) -> std::io::Result<(ExitStatus, String)> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut told = Vec::new();
    let read = child.stderr.take().map_or(Ok(0), |mut errors| errors.read_to_end(&mut told));
    let status = child.wait()?;
    read.map(|_| (status, String::from_utf8_lossy(&told).trim().to_owned()))
}

/// The kinds of namespace that only capabilities can make, as the settings of namespaces(7) name them; but for that of
/// mounts, which has a setting of its own.
const PRIVILEGED_KINDS: [&str; 6] = ["cgroup", "ipc", "net", "pid", "time", "uts"];

/// The limit on mount namespaces, which can only be set once the root is locked: to the kernel, every copy of a mount that
/// is not attached yet is in a mount namespace of its own.
#[derive(Debug)]
pub struct MountNamespaces(Setting);

impl MountNamespaces {
    /// Opens the setting in a copy of that procfs, which the lock does not reach.
    fn of(proc: &Path) -> Result<Self, Fault> {
        let copy = open_tree(CWD, proc, OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC);
        let copy = copy.map_err(Fault::of("open_tree", proc.display()))?;
        let setting = Setting::open(copy.as_fd(), "sys/user/max_mnt_namespaces".as_ref());
        setting.map(Self).map_err(Fault::of("open", "/proc/sys/user/max_mnt_namespaces"))
    }

    /// Lets none be made any more.
    ///
    /// # Errors
    /// As write(2).
    pub fn end(self) -> Result<(), Fault> {
        self.0.write("0").map_err(Fault::of("write to", "/proc/sys/user/max_mnt_namespaces"))
    }
}

/// Lets no user namespace be made inside this one, and in what comes below it; but for the one of a payload that keeps
/// capabilities, in which then no namespace of another kind can be made: there they would hold over network and mounts.
///
/// `proc` is a procfs that is still writable, which inside is true only before the root is locked.
///
/// # Errors
/// As write(2) to the files in `/proc/sys/user` (namespaces(7)).
pub fn limit_namespaces(proc: &Path, keeps_capabilities: bool) -> Result<Option<MountNamespaces>, Fault> {
    let limit = |kind: &str, count| write_whole(&proc.join(format!("sys/user/max_{kind}_namespaces")), count);
    if !keeps_capabilities {
        return limit("user", "0").map(|()| None);
    }
    PRIVILEGED_KINDS.iter().try_for_each(|kind| limit(kind, "0"))?;
    limit("user", "1")?;
    MountNamespaces::of(proc).map(Some)
}

/// Enters a user namespace of this process's own, whose maps are yet to be written.
///
/// # Errors
/// As unshare(2).
pub fn enter_user_namespace() -> Result<(), Fault> {
    namespaces::unshare(libc::CLONE_NEWUSER).map_err(Fault::of("unshare", "CLONE_NEWUSER"))
}

/// Becomes the identity of the plan.
///
/// The caller is mapped to it, so that there are no ids to change. It is checked all the same, as a wrong identity would
/// be a wrong sandbox. Where the maps were written with privilege, the caller's supplementary groups go.
///
/// # Errors
/// EPERM where the kernel disagrees with the plan.
pub fn assume(identity: &Identity, sheds_groups: bool) -> Result<(), Fault> {
    if sheds_groups {
        nix::unistd::setgroups(&[]).map_err(Fault::of("setgroups", ""))?;
    }
    let (uid, gid) = (nix::unistd::getresuid(), nix::unistd::getresgid());
    let uid = uid.map_err(Fault::of("getresuid", ""))?;
    let gid = gid.map_err(Fault::of("getresgid", ""))?;
    let user = [uid.real, uid.effective, uid.saved].iter().all(|id| id.as_raw() == identity.uid);
    let group = [gid.real, gid.effective, gid.saved].iter().all(|id| id.as_raw() == identity.gid);
    if user && group {
        return Ok(());
    }
    let subject = format_args!("{}:{} instead of {}:{}", uid.effective, gid.effective, identity.uid, identity.gid);
    Err(Fault::of("check of the identity", subject)(nix::errno::Errno::EPERM).asked_for_by(&identity.origin))
}

/// Sets the host name of the sandbox.
///
/// # Errors
/// As sethostname(2).
pub fn set_hostname(identity: &Identity) -> Result<(), Fault> {
    let Some(name) = &identity.hostname else { return Ok(()) };
    nix::unistd::sethostname(name).map_err(Fault::of("sethostname", name))
}

fn write_whole(path: &Path, text: &str) -> Result<(), Fault> {
    procfs::write(path, text).map_err(Fault::of("write to", path.display()))
}

#[cfg(test)]
mod tests {
    use super::of_root;
    use std::path::PathBuf;

    #[test]
    fn a_program_that_writes_maps_is_taken_from_nobody_but_root() {
        let planted = tempfile::tempdir().expect("a folder");
        let file = planted.path().join("sh");
        std::fs::write(&file, "#!/bin/sh\n").expect("a program");
        if nix::unistd::geteuid().is_root() {
            std::os::unix::fs::chown(&file, Some(12345), None).expect("a program of somebody else");
        }
        let folders = [planted.path().to_owned(), PathBuf::from("bin"), PathBuf::from("/bin")];
        assert_eq!(of_root(&folders, "sh"), Some(PathBuf::from("/bin/sh")));
        assert_eq!(of_root(&folders[..2], "sh"), None);
    }
}
