//! What a person can do about a refused call: one pure table, from the step, the error and the evidence on the host.

use super::Fault;
use std::path::PathBuf;

/// What this host says about namespaces, as far as it says anything; read only when something failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The value of `user.max_user_namespaces`.
    pub max_user_namespaces: Option<u64>,
    /// Whether Debian's `kernel.unprivileged_userns_clone` is 0.
    pub userns_clone_off: bool,
    /// Whether Ubuntu's `kernel.apparmor_restrict_unprivileged_userns` is 1.
    pub apparmor_restricts: bool,
    /// Whether nsbox itself runs in a chroot.
    pub in_chroot: bool,
    /// Whether nsbox itself runs under a syscall filter.
    pub filtered: bool,
    /// Whether something is mounted over parts of this host's own /proc, as containers do.
    pub proc_masked: bool,
    /// Where the host has the program that could not be run.
    pub program_on_host: Option<PathBuf>,
}

/// Finds the remedy for a call that was refused at the step of this name.
pub fn find(step: &str, fault: &Fault, evidence: &Evidence) -> Option<String> {
    let text = match (step, fault.errno.0) {
        ("clone-init", errno) => return clone_refused(errno, evidence),
        ("write-id-maps", libc::EPERM) => {
            "this user may not map ids here: inside a container, its runtime must allow user namespaces, and root inside\n\
             nsbox needs `keep = [\"setfcap\"]` in `[capabilities]`"
        }
        ("write-id-maps", libc::ENOENT) => "nsbox needs /proc mounted where it runs",
        (_, libc::EPERM | libc::EACCES) if evidence.apparmor_restricts && is_privileged(step) => {
            "AppArmor takes the privileges of unprivileged user namespaces away on this host\n\
             (kernel.apparmor_restrict_unprivileged_userns = 1); allow nsbox by an AppArmor profile with `userns,`,\n\
             or everyone: `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`"
        }
        ("build-root" | "lock-root", libc::EPERM) if fault.call.contains("proc") => {
            "parts of this host's /proc are covered, as in most containers, so the kernel lets nobody mount a new one;\n\
             run the container with its /proc unmasked (docker: `--security-opt systempaths=unconfined`), or show the one that\n\
             is there, with the container's processes: `--set 'filesystem.proc=\"existing\"'`"
        }
        ("build-root", libc::EINVAL) if fault.call.contains("overlay") => {
            "changes cannot be discarded in a folder that others are mounted in; unmount them, or name a copy"
        }
        ("pivot-root", libc::EINVAL) => "the root here is the initial ramdisk, which cannot be pivoted away from",
        ("limit-user-namespaces", libc::EACCES | libc::EPERM | libc::EROFS | libc::ENOENT) => {
            "/proc/sys/user is not writable here, so user namespaces inside could not be limited; to be content with what the\n\
             filter refuses: `--set 'protections.best-effort=[\"user-namespace-limit\"]'`"
        }
        ("stage" | "open-sources", libc::ELOOP) => "a symlink stands where a folder or file was found before",
        ("stage", libc::EISDIR) => {
            "an open folder is a way out of the sandbox; redirect that stream to a file or to /dev/null, and show the\n\
             folder by its path with `--read`"
        }
        ("stage", libc::EBADF) => {
            "nobody opened it for nsbox; a shell does so with `3< FILE` at the end of the command"
        }
        ("stage", libc::EACCES) => "you may not reach it yourself, so nsbox cannot either",
        ("open-sources", libc::ESTALE) => "somebody replaced it while the sandbox was made; if that was you, run again",
        ("open-sources", libc::EMFILE) => "raise the limit on open files: `ulimit -n`",
        (_, libc::EMFILE) => "a command cannot be started with so few open files: raise `limits.open-files`",
        ("exec", libc::ENOENT) if fault.call.contains("interpreter") => {
            "the first line of a script, or the header of a program, names it; `--read` shows it to the sandbox"
        }
        ("exec", libc::ENOENT | libc::ENOTDIR) => return Some(not_found(evidence)),
        ("exec", libc::EACCES) => {
            "it is there, but it is a folder, has no execute permission, is on a noexec mount, or leads outside"
        }
        ("check-program", _) => {
            "to run 32-bit programs under the same policy: `--set 'syscalls.architectures=[\"native\", \"x86\"]'`, or that\n\
             line in `[syscalls]` of a profile"
        }
        ("install-seccomp" | "restrict-landlock", libc::ENOSYS | libc::EOPNOTSUPP) => {
            "this kernel was built without it"
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// Whether a step needs privilege over the new namespaces, which AppArmor may have taken away.
fn is_privileged(step: &str) -> bool {
    matches!(
        step,
        "bring-up-loopback"
            | "set-hostname"
            | "make-mounts-private"
            | "open-sources"
            | "build-root"
            | "lock-privileges"
    )
}

fn not_found(evidence: &Evidence) -> String {
    match &evidence.program_on_host {
        Some(program) => {
            let program = program.display();
            format!("the host has `{program}`, which this sandbox does not show; `--read {program}` shows it")
        }
        None => "there is no such program in the sandbox, and none on the host".into(),
    }
}

fn clone_refused(errno: i32, evidence: &Evidence) -> Option<String> {
    let text = match errno {
        libc::ENOSPC | libc::EUSERS if evidence.max_user_namespaces == Some(0) => {
            "user namespaces are switched off here (user.max_user_namespaces = 0);\n\
             allow them: `sudo sysctl user.max_user_namespaces=10000`"
        }
        libc::ENOSPC | libc::EUSERS => {
            "a limit on namespaces is reached: `sysctl user | grep max_`, or they are nested 32 deep"
        }
        libc::EPERM if evidence.in_chroot => {
            "the kernel makes no user namespace inside a chroot; enter the folder with pivot_root instead, as\n\
             containers do, or run nsbox outside"
        }
        libc::EPERM if evidence.userns_clone_off => {
            "user namespaces are switched off for ordinary users (kernel.unprivileged_userns_clone = 0);\n\
             allow them: `sudo sysctl kernel.unprivileged_userns_clone=1`"
        }
        libc::EPERM | libc::ENOSYS if evidence.filtered => {
            "nsbox runs under a syscall filter that refuses new namespaces, as in a sandbox or container, which must allow\n\
             them (nsbox: `nested = \"allow\"` in `[namespaces]`; docker: `--security-opt seccomp=unconfined`)"
        }
        libc::EPERM => {
            "the kernel refuses user namespaces here: as it does inside a chroot, and where a security module or the\n\
             container around nsbox says so"
        }
        libc::EINVAL => "this kernel lacks one of the namespaces; nsbox needs Linux 5.14 or later",
        libc::EBUSY => "nsbox makes its sandbox by copying itself, so its process may have no other thread",
        libc::ENOMEM | libc::EAGAIN => "the machine, or this user, is out of memory or processes: `ulimit -u`",
        _ => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Evidence, find};
    use crate::error::{Errno, Fault};

    fn remedy(step: &str, call: &'static str, errno: i32, evidence: Evidence) -> String {
        find(step, &Fault::of(call, "")(Errno(errno)), &evidence).unwrap_or_default()
    }

    #[test]
    fn the_evidence_decides_what_a_refused_clone_means() {
        let off = Evidence { max_user_namespaces: Some(0), ..Evidence::default() };
        assert!(remedy("clone-init", "clone", libc::ENOSPC, off).contains("max_user_namespaces = 0"));
        let chroot = Evidence { in_chroot: true, ..Evidence::default() };
        assert!(remedy("clone-init", "clone", libc::EPERM, chroot).contains("chroot"));
        let filtered = Evidence { filtered: true, ..Evidence::default() };
        assert!(remedy("clone-init", "clone", libc::EPERM, filtered).contains("filter"));
        assert!(remedy("clone-init", "clone", libc::ENOSPC, Evidence::default()).contains("limit"));
    }

    #[test]
    fn apparmor_is_named_where_it_surfaces() {
        let ubuntu = Evidence { apparmor_restricts: true, ..Evidence::default() };
        let text = remedy("bring-up-loopback", "ioctl SIOCSIFFLAGS", libc::EPERM, ubuntu);
        assert!(text.contains("apparmor_restrict_unprivileged_userns"));
    }

    #[test]
    fn what_nobody_knows_has_no_remedy() {
        assert_eq!(find("reap", &Fault::of("poll", "")(Errno(libc::EFAULT)), &Evidence::default()), None);
    }
}
