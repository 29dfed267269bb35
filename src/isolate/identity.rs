//! User namespaces: who the payload is, and that it makes none of its own (user_namespaces(7)).

use crate::error::Fault;
use crate::plan::Identity;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Writes the maps of the user namespace that the process `pid` has just been cloned into.
///
/// Supplementary groups cannot be dropped inside, or a file that is closed to a group would open (CVE-2014-8989):
/// the kernel demands this of an unprivileged writer, and nsbox does it always.
///
/// # Errors
/// As write(2) to the files of user_namespaces(7).
pub fn write_maps(pid: i32, identity: &Identity) -> Result<(), Fault> {
    let folder = format!("/proc/{pid}");
    let line = |map: crate::plan::IdMap| format!("{} {} 1", map.inside, map.outside);
    write_whole(format!("{folder}/setgroups").as_ref(), "deny")?;
    write_whole(format!("{folder}/uid_map").as_ref(), &line(identity.uid_map))?;
    write_whole(format!("{folder}/gid_map").as_ref(), &line(identity.gid_map))
}

/// Lets no user namespace be made inside this one, nor in what comes below it.
///
/// `proc` is a procfs that is still writable, which inside is true only before the root is locked.
///
/// # Errors
/// As write(2) to `/proc/sys/user/max_user_namespaces` (namespaces(7)).
pub fn forbid_user_namespaces(proc: &Path) -> Result<(), Fault> {
    write_whole(&proc.join("sys/user/max_user_namespaces"), "0")
}

/// Becomes the identity of the plan.
///
/// With a map of one id there is nothing to change: what is mapped is what this process is. It is checked all the
/// same, as a wrong identity would be a wrong sandbox.
///
/// # Errors
/// EPERM where the kernel disagrees with the plan.
pub fn assume(identity: &Identity) -> Result<(), Fault> {
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

/// Writes a file of procfs in the single call that the kernel wants.
fn write_whole(path: &Path, text: &str) -> Result<(), Fault> {
    let result = OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    result.map_err(Fault::of("write to", path.display()))
}
