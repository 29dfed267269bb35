//! What each probe does in its own process: the very calls of a launch, in their smallest form.

use super::trial::Caller;
use crate::error::{Errno, Fault};
use crate::host;
use crate::isolate::landlock::Support;
use crate::isolate::{capabilities, clocks, identity, mount, network};
use crate::plan::{Clock, ClockOffset, Network, Origin};
use crate::sys::landlock::{Rights, Scopes, create_ruleset, restrict_self};
use crate::sys::mount::{Attributes, Reach, set_attributes};
use crate::sys::{keyring, procfs, seccomp};
use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use rustix::mount::{MountFlags, MoveMountFlags, OpenTreeFlags, mount, move_mount, open_tree};
use rustix::pty::unlockpt;
use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Nothing more: being there is what was tried.
pub fn nothing(_: &Caller) -> Result<(), Fault> {
    Ok(())
}

pub fn kernel(_: &Caller) -> Result<(), Fault> {
    host::kernel::refuse_older()
}

pub fn time(_: &Caller) -> Result<(), Fault> {
    let origin = Origin::Default("clocks".into());
    clocks::apply(&[ClockOffset { clock: Clock::Monotonic, seconds: 1, origin }])
}

pub fn map_programs(caller: &Caller) -> Result<(), Fault> {
    identity::MapPrograms::prepare(&caller.with_lent_ids()).map(drop)
}

pub fn lent_ids(caller: &Caller) -> Result<(), Fault> {
    let none = |file| Err(Fault::of("find ids lent in", file)(Errno(libc::ENODATA)));
    match (caller.lent_users.is_empty(), caller.lent_groups.is_empty()) {
        (true, _) => none("/etc/subuid"),
        (_, true) => none("/etc/subgid"),
        _ => Ok(()),
    }
}

pub fn loopback(_: &Caller) -> Result<(), Fault> {
    network::apply(&Network::None { origin: Origin::Default("loopback".into()) })
}

pub fn hostname(caller: &Caller) -> Result<(), Fault> {
    let mut identity = caller.alone();
    identity.hostname = Some("nsbox".into());
    identity::set_hostname(&identity)
}

pub fn private(_: &Caller) -> Result<(), Fault> {
    mount::make_private()
}

/// Mounts a tmpfs over the root, and enters it: a relative path is in there then, and an absolute one the host's.
pub fn tmpfs(_: &Caller) -> Result<(), Fault> {
    mount::make_private()?;
    mount("tmpfs", "/", "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, c"mode=0755")
        .map_err(Fault::of("mount tmpfs on", "/"))?;
    rustix::process::chdir("/..").map_err(Fault::of("chdir", "the new root"))
}

fn folder(name: &CStr) -> Result<(), Fault> {
    mkdirat(CWD, name, Mode::from_raw_mode(0o755)).map_err(Fault::of("mkdir", name.to_string_lossy()))
}

fn mount_new(kind: &'static str, call: &'static str, options: &CStr) -> Result<(), Fault> {
    folder(c"new")?;
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount(kind, c"new", kind, flags, options).map_err(Fault::of(call, "/"))
}

/// A copy of the host's root with all that is mounted in it, attached nowhere.
fn host_tree() -> Result<OwnedFd, Fault> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    open_tree(CWD, "/", flags).map_err(Fault::of("open_tree", "/"))
}

fn attach(tree: &OwnedFd) -> Result<(), Fault> {
    folder(c"bound")?;
    move_mount(tree, c"", CWD, c"bound", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH).map_err(Fault::of("move_mount", "/"))
}

pub fn bind(caller: &Caller) -> Result<(), Fault> {
    tmpfs(caller)?;
    attach(&host_tree()?)
}

pub fn read_only(caller: &Caller) -> Result<(), Fault> {
    tmpfs(caller)?;
    let tree = host_tree()?;
    let set = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    set_attributes(tree.as_fd(), c"", Reach::Tree, Attributes { set, clear: 0 })
        .map_err(Fault::of("mount_setattr", "/"))?;
    attach(&tree)
}

pub fn proc(caller: &Caller) -> Result<(), Fault> {
    tmpfs(caller)?;
    mount_new("proc", "mount proc on", c"")
}

pub fn devpts(caller: &Caller) -> Result<(), Fault> {
    tmpfs(caller)?;
    mount_new("devpts", "mount devpts on", c"newinstance,ptmxmode=0666,mode=620")?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = openat(CWD, "new/ptmx", flags, Mode::empty()).map_err(Fault::of("open", "/dev/pts/ptmx"))?;
    unlockpt(&terminal).map_err(Fault::of("ioctl TIOCSPTLCK", ""))
}

pub fn overlay(caller: &Caller) -> Result<(), Fault> {
    tmpfs(caller)?;
    [c"lower", c"upper", c"work", c"over"].into_iter().try_for_each(folder)?;
    let options = c"lowerdir=lower,upperdir=upper,workdir=work,userxattr";
    mount("overlay", c"over", "overlay", MountFlags::NOSUID | MountFlags::NODEV, options)
        .map_err(Fault::of("mount overlay on", "/"))
}

pub fn pivot(caller: &Caller) -> Result<(), Fault> {
    tmpfs(caller)?;
    mount::pivot_root()?;
    mount::detach_old_root()
}

/// In a procfs of its own where that can be had, since the host's may be read-only; else in the host's.
pub fn namespace_limit(_: &Caller) -> Result<(), Fault> {
    mount::make_private()?;
    let _: rustix::io::Result<()> = mount("proc", "/proc", "proc", MountFlags::NOSUID | MountFlags::NOEXEC, c"");
    let setting = Path::new("/proc/sys/user/max_user_namespaces");
    procfs::write(setting, "0").map_err(Fault::of("write to", setting.display()))
}

pub fn capabilities(_: &Caller) -> Result<(), Fault> {
    capabilities::lock(&[], false)?;
    capabilities::drop_all()
}

pub fn no_new_privileges(_: &Caller) -> Result<(), Fault> {
    rustix::thread::set_no_new_privs(true).map_err(Fault::of("prctl PR_SET_NO_NEW_PRIVS", ""))
}

pub fn seccomp(caller: &Caller) -> Result<(), Fault> {
    no_new_privileges(caller)?;
    // A filter that allows everything: `return SECCOMP_RET_ALLOW`.
    let allow =
        libc::sock_filter { code: (libc::BPF_RET | libc::BPF_K) as u16, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW };
    seccomp::set_filter(&[allow], 0).map_err(Fault::of("seccomp", ""))
}

pub fn landlock(caller: &Caller) -> Result<(), Fault> {
    restrict(caller, Support::OLDEST, Rights::EXECUTE, Scopes::NONE)
}

pub fn scopes(caller: &Caller) -> Result<(), Fault> {
    restrict(caller, Support::SCOPES, Rights::NONE, Scopes::ALL)
}

fn restrict(caller: &Caller, since: Support, handled: Rights, scoped: Scopes) -> Result<(), Fault> {
    no_new_privileges(caller)?;
    let created = match Support::of_kernel() {
        Ok(support) if support < since => Err(Errno(libc::EOPNOTSUPP)),
        Ok(_) => create_ruleset(handled, scoped),
        Err(errno) => Err(errno),
    };
    let ruleset = created.map_err(Fault::of("landlock_create_ruleset", ""))?;
    restrict_self(ruleset.as_fd()).map_err(Fault::of("landlock_restrict_self", ""))
}

pub fn keyring(_: &Caller) -> Result<(), Fault> {
    keyring::join_new_session().map_err(Fault::of("keyctl KEYCTL_JOIN_SESSION_KEYRING", ""))
}
