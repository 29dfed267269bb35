//! What a person can do about a refused call: pure tables, from the step, the error and the evidence on the host.
//!
//! What the host refuses has a [`Cause`], found by [`diagnose`] and put into words by `explain`; `nsbox doctor` takes its
//! words from there as well. What lies in the profile or the command has its words here.

mod cause;
mod circumstance;
mod evidence;
mod explain;
#[cfg(test)]
mod tests;

pub use cause::{Attempt, Cause, KERNEL_OLDEST, diagnose};
pub use circumstance::Circumstance;
pub use evidence::{Container, Evidence, Impostor, Kind};
pub use explain::{Explanation, Settings, flags, lend};

use super::Fault;

/// Finds the remedy for a call that was refused at the step of this name.
pub fn find(step: &str, fault: &Fault, evidence: &Evidence) -> Option<String> {
    if let Some(text) = of_the_request(step, fault) {
        return Some(text.to_owned());
    }
    if matches!((step, fault.errno.0), ("exec", libc::ENOENT | libc::ENOTDIR)) {
        return Some(not_found(evidence));
    }
    let attempt = attempt(step, fault)?;
    match diagnose(attempt, fault.errno.0, evidence) {
        // A mistake of the request perhaps, of which nothing is known.
        Cause::Unknown | Cause::NotInKernel if !is_of_the_host(attempt) => None,
        cause => Some(format!("{}; `nsbox doctor` says more", cause.explain(evidence).hint())),
    }
}

/// What was tried at a step, where the host may be what refuses it.
fn attempt(step: &str, fault: &Fault) -> Option<Attempt> {
    Some(match (step, fault.errno.0) {
        ("stage", libc::ENOSYS) if fault.call == "run on" => Attempt::Kernel,
        ("stage", libc::ENOENT) if fault.subject.ends_with("idmap") => Attempt::LentIdsThere,
        ("stage" | "restrict-landlock", _) if fault.call.contains("landlock") => match &*fault.subject {
            "scopes" => Attempt::Scopes,
            _ => Attempt::Landlock,
        },
        ("clone-init", _) => Attempt::Namespaces,
        ("write-id-maps", _) if fault.call.contains("map ids") || fault.call.contains("run") => Attempt::LentIds,
        ("write-id-maps", _) => Attempt::OwnIds,
        ("set-clocks", _) => Attempt::Namespace(Kind::Time),
        ("build-root" | "lock-root", _) if fault.call.contains("proc") => Attempt::NewProc,
        ("build-root", _) if fault.call.contains("overlay") => Attempt::Overlay,
        ("limit-user-namespaces", _) => Attempt::NamespaceLimit,
        ("install-seccomp", _) => Attempt::Seccomp,
        ("new-keyring", _) => Attempt::Keyring,
        _ if is_privileged(step) => Attempt::Privileged,
        _ => return None,
    })
}

/// Whether what was tried depends on the host alone, so that there is something to say even without a clue.
fn is_of_the_host(attempt: Attempt) -> bool {
    !matches!(attempt, Attempt::Privileged | Attempt::Overlay)
}

/// Whether a step needs privilege over the new namespaces, which may have been taken away.
fn is_privileged(step: &str) -> bool {
    matches!(
        step,
        "bring-up-loopback"
            | "set-hostname"
            | "make-mounts-private"
            | "bound-capabilities"
            | "open-sources"
            | "build-root"
            | "open-ports"
            | "lock-root"
            | "pivot-root"
            | "drop-init-capabilities"
            | "lock-privileges"
    )
}

/// What lies in the profile, the command or the moment.
fn of_the_request(step: &str, fault: &Fault) -> Option<&'static str> {
    Some(match (step, fault.errno.0) {
        ("build-root", libc::EINVAL) if fault.call.contains("overlay") => {
            "changes cannot be discarded in a folder that others are mounted in; unmount them, or name a copy"
        }
        ("pivot-root", libc::EINVAL) => "the root here is the initial ramdisk, which cannot be pivoted away from",
        ("stage" | "open-sources", libc::ELOOP) => "a symlink stands where a folder or file was found before",
        ("enter-directory", libc::ELOOP) => {
            "links of /proc may lead outside, and are not followed; name the folder itself"
        }
        ("stage", libc::EISDIR) => {
            "an open folder is a way out of the sandbox; redirect that stream to a file or to /dev/null, and show the\n\
             folder by its path with `--read`"
        }
        ("stage", libc::EOPNOTSUPP) if fault.call.contains("io_uring") => {
            "a ring works outside the sandbox, in your name, whoever asks it; redirect that stream, or do not keep it"
        }
        ("stage", libc::EBADF) => {
            "nobody opened it for nsbox; a shell does so with `3< FILE` at the end of the command"
        }
        ("stage", libc::EACCES) => "you may not reach it yourself, so nsbox cannot either",
        ("stage", libc::EPERM) if fault.call == "use the folder" => {
            "somebody else may change what is in it; remove it, or set XDG_RUNTIME_DIR to a folder that is yours alone"
        }
        ("start-services", libc::ENOEXEC) if fault.call.contains("not nsbox") => {
            "a program with nsbox as its library names an nsbox for that, by `Staged::served_by`"
        }
        ("start-services", libc::ENOEXEC | libc::ETIMEDOUT | libc::EINTR) => match &*fault.subject {
            program if program.starts_with('X') => {
                "it has a sandbox of its own, which has to be made first: `nsbox --profile builtin:x-server` tries that"
            }
            program if program.contains("sound-filter") => {
                "it has a sandbox of its own, which has to be made first: `nsbox --profile builtin:sound-filter` tries that"
            }
            _ => {
                "it has a sandbox of its own, which has to be made first: `nsbox --profile builtin:dbus-proxy` tries that"
            }
        },
        ("stage", libc::ECONNREFUSED) => {
            "whoever listened there is gone, and has left its socket: log in again, or name another by\n\
             DBUS_SESSION_BUS_ADDRESS, WAYLAND_DISPLAY or the like; `dbus-run-session -- nsbox ...` starts a bus of its own"
        }
        ("stage" | "start-services" | "name-sandbox", libc::ENOSPC | libc::EDQUOT) => {
            "there is no room where XDG_RUNTIME_DIR is, or in /tmp without that variable"
        }
        ("open-sources" | "build-root" | "lock-root", libc::ESTALE) => {
            "somebody replaced it while the sandbox was made; if that was you, run again"
        }
        ("open-sources", libc::EMFILE) => "raise the limit on open files: `ulimit -n`",
        (_, libc::EMFILE) => "a command cannot be started with so few open files: raise `limits.open-files`",
        ("exec", libc::ENOENT) if fault.call.contains("interpreter") => {
            "the first line of a script, or the header of a program, names it; `--read` shows it to the sandbox"
        }
        ("exec", libc::EACCES) => {
            "it is there, but it is a folder, has no execute permission, is on a noexec mount, or leads outside"
        }
        ("check-program", _) => {
            "to run 32-bit programs under the same policy: `--set 'syscalls.architectures=[\"native\", \"x86\"]'`, or that\n\
             line in `[syscalls]` of a profile; one with windows needs the profile `game`, or `--allow-syscall socketcall` as well"
        }
        _ => return None,
    })
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
