//! The caller: who, from where, with which environment.

use super::accounts::{Account, group_name};
use super::{LivePaths, Paths};
use crate::error::Fault;
use crate::sys::privilege;
use std::cell::LazyCell;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Who everybody is that does not exist in a user namespace (`/proc/sys/kernel/overflowuid`).
const NOBODY: u32 = 65534;

/// All that lowering may know of the host and the caller.
#[derive(Debug)]
pub struct HostFacts {
    /// The caller's effective user id.
    pub uid: u32,
    /// The caller's effective group id.
    pub gid: u32,
    /// Whether the caller is root of the host, rather than of a user namespace where root is an ordinary user.
    pub is_real_root: bool,
    /// The caller's user name; its number where it has none.
    pub user: String,
    /// The name of the caller's group; its number where it has none. Most launches need it not, and do not look it up.
    pub group: LazyCell<String, Box<dyn FnOnce() -> String>>,
    /// The home folder: HOME where it is an absolute path, else the one of the user database. The root is none: services and
    /// users of containers that have no home are said to live there. For them it is a folder that need not exist.
    pub home: PathBuf,
    /// The login shell; `/bin/sh` where none is known.
    pub shell: PathBuf,
    /// The working directory: PWD where it is the same inode as the real one, else the real one.
    pub working_directory: PathBuf,
    /// The memory of the machine, in bytes.
    pub memory: u64,
    /// The environment, in its order.
    pub environment: Vec<(OsString, OsString)>,
    /// What stands at which path.
    pub paths: Box<dyn Paths>,
}

impl HostFacts {
    /// Reads the facts of this process and this host.
    ///
    /// # Errors
    /// Where the working directory is gone or out of reach.
    pub fn read() -> Result<Self, Fault> {
        let (uid, gid) = (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw());
        let account = Account::of(uid);
        let environment: Vec<_> = std::env::vars_os().collect();
        let from_environment = |name: &str| {
            let value = environment.iter().find(|(n, _)| n == OsStr::new(name)).map(|(_, v)| v)?;
            Some(PathBuf::from(value)).filter(|path| path.is_absolute())
        };
        let shell = account.as_ref().map(|a| a.shell.clone()).filter(|shell| shell.is_absolute());
        let named_home = from_environment("HOME").or(account.as_ref().map(|a| a.home.clone()));
        let user = account.map_or_else(|| uid.to_string(), |a| a.name);
        Ok(Self {
            uid,
            gid,
            is_real_root: acts_as_real_root(uid),
            home: home(named_home, &user),
            user,
            group: LazyCell::new(Box::new(move || group_name(gid).unwrap_or_else(|| gid.to_string()))),
            working_directory: working_directory(from_environment("PWD"))
                .map_err(Fault::of("find out", "the current folder"))?,
            memory: memory(),
            shell: shell.unwrap_or_else(|| "/bin/sh".into()),
            environment,
            paths: Box::new(LivePaths::default()),
        })
    }

    /// The value of a variable of the caller's environment.
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_os_str())
    }
}

/// The home folder of a user, without a slash at its end, or two in a row.
fn home(named: Option<PathBuf>, user: &str) -> PathBuf {
    let named = named.map(|home| home.components().collect::<PathBuf>()).filter(|home| home.parent().is_some());
    named.unwrap_or_else(|| Path::new("/home").join(user))
}

/// The caller's supplementary groups, unless it may give them up, as real root may.
///
/// # Errors
/// As getgroups(2).
pub fn supplementary_groups() -> Result<Vec<u32>, Fault> {
    if privilege::may_set_groups() {
        return Ok(Vec::new());
    }
    let groups = nix::unistd::getgroups().map_err(Fault::of("find out", "the caller's groups"))?;
    Ok(groups.into_iter().map(|group| group.as_raw()).collect())
}

/// The memory of the machine (sysinfo(2)).
fn memory() -> u64 {
    let info = rustix::system::sysinfo();
    // The kernel's `unsigned long`, which is shorter on 32-bit machines.
    #[allow(clippy::useless_conversion)]
    u64::from(info.totalram).saturating_mul(info.mem_unit.into())
}

/// Whether this process acts as root of the host, by whatever number it knows itself.
pub fn is_real_root() -> bool {
    acts_as_real_root(nix::unistd::geteuid().as_raw())
}

/// Whether this effective user id of the process is that of the host's root.
///
/// The kernel's settings belong to the host's root in every user namespace; where that does not exist, to nobody.
fn acts_as_real_root(own: u32) -> bool {
    let map = || std::fs::read_to_string("/proc/self/uid_map").map_or(own == 0, |map| maps_to_root(&map, own));
    match std::fs::metadata("/proc/sys").map(|settings| settings.uid()) {
        Ok(owner) if owner != NOBODY => owner == own,
        Ok(_) if own != NOBODY => false,
        _ => map(),
    }
}

/// Whether a map leads from this id to 0 (user_namespaces(7)).
fn maps_to_root(map: &str, own: u32) -> bool {
    let own = own.to_string();
    map.lines().any(|line| line.split_ascii_whitespace().take(2).eq([own.as_str(), "0"]))
}

/// The logical name of the working directory if it is one, else its real path.
fn working_directory(logical: Option<PathBuf>) -> std::io::Result<PathBuf> {
    let real = std::env::current_dir()?;
    let Some(logical) = logical.filter(|path| *path != real && is_plain(path)) else { return Ok(real) };
    let identity = |path: &PathBuf| std::fs::metadata(path).map(|m| (m.dev(), m.ino()));
    match (identity(&logical), identity(&real)) {
        (Ok(a), Ok(b)) if a == b => Ok(logical),
        _ => Ok(real),
    }
}

/// Whether a path has neither `.` nor `..` nor a doubled slash.
fn is_plain(path: &Path) -> bool {
    let names = path.components().filter(|c| matches!(c, Component::RootDir | Component::Normal(_)));
    names.collect::<PathBuf>().as_os_str() == path.as_os_str()
}

#[cfg(test)]
mod tests {
    use super::{home, maps_to_root};
    use std::path::Path;

    #[test]
    fn who_is_said_to_live_in_the_root_has_a_home_elsewhere() {
        assert_eq!(home(Some("//srv/ann/".into()), "ann"), Path::new("/srv/ann"));
        assert_eq!(home(Some("/".into()), "daemon"), Path::new("/home/daemon"));
        assert_eq!(home(None, "54000"), Path::new("/home/54000"));
    }

    #[test]
    fn root_of_a_user_namespace_is_not_root() {
        assert!(maps_to_root("         0          0 4294967295\n", 0));
        assert!(!maps_to_root("         0       1000          1\n", 0));
        assert!(!maps_to_root("         0     100000      65536\n", 0));
        assert!(maps_to_root("      1000          0          1\n", 1000));
    }
}
