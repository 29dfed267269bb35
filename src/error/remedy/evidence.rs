//! What a host says of itself that may explain a refusal; plain data, so that every host can be a fixture.

use std::path::PathBuf;

/// A kind of namespace that nsbox makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Ids and capabilities.
    User,
    /// Mounts.
    Mount,
    /// Processes.
    Pid,
    /// The network.
    Network,
    /// System V and POSIX IPC.
    Ipc,
    /// The host name.
    Uts,
    /// The view of control groups.
    Cgroup,
    /// Clocks.
    Time,
}

impl Kind {
    /// All of them, as many as the kernel has.
    pub const ALL: [Self; 8] =
        [Self::User, Self::Mount, Self::Pid, Self::Network, Self::Ipc, Self::Uts, Self::Cgroup, Self::Time];

    /// As the settings in `/proc/sys/user` call it (namespaces(7)).
    pub const fn short(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Mount => "mnt",
            Self::Pid => "pid",
            Self::Network => "net",
            Self::Ipc => "ipc",
            Self::Uts => "uts",
            Self::Cgroup => "cgroup",
            Self::Time => "time",
        }
    }

    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Mount => "mount",
            Self::Pid => "pid",
            Self::Network => "network",
            Self::Ipc => "IPC",
            Self::Uts => "UTS",
            Self::Cgroup => "cgroup",
            Self::Time => "time",
        }
    }

    /// As clone(2) calls it.
    pub const fn flag(self) -> i32 {
        match self {
            Self::User => libc::CLONE_NEWUSER,
            Self::Mount => libc::CLONE_NEWNS,
            Self::Pid => libc::CLONE_NEWPID,
            Self::Network => libc::CLONE_NEWNET,
            Self::Ipc => libc::CLONE_NEWIPC,
            Self::Uts => libc::CLONE_NEWUTS,
            Self::Cgroup => libc::CLONE_NEWCGROUP,
            Self::Time => libc::CLONE_NEWTIME,
        }
    }
}

/// What nsbox runs in, where that leaves its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// Docker.
    Docker,
    /// Podman, and what is made with it.
    Podman,
    /// A pod of Kubernetes.
    Kubernetes,
    /// LXC, LXD or Incus.
    Lxc,
    /// Another, which says only that it is one.
    Other,
}

impl Container {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docker => "Docker",
            Self::Podman => "Podman",
            Self::Kubernetes => "Kubernetes",
            Self::Lxc => "LXC",
            Self::Other => "a container",
        }
    }
}

/// A kernel that is not what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impostor {
    /// gVisor, a kernel in user space.
    Gvisor,
    /// The first Windows Subsystem for Linux, which has no Linux kernel.
    Wsl1,
}

/// What this host says of itself, as far as it says anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The kernel's version: the two numbers that count.
    pub kernel: Option<(u32, u32)>,
    /// What only looks like Linux.
    pub impostor: Option<Impostor>,
    /// Whether this is the second Windows Subsystem for Linux, and starts Windows programs.
    pub wsl_interop: bool,
    /// The container around nsbox.
    pub container: Option<Container>,
    /// How many namespaces may be made (`user.max_*_namespaces`), of the kinds that tell.
    pub limits: Vec<(Kind, u64)>,
    /// Whether nsbox is in another user namespace than the first.
    pub in_user_namespace: bool,
    /// Whether Debian's `kernel.unprivileged_userns_clone` is 0.
    pub userns_clone_off: bool,
    /// Whether Ubuntu's `kernel.apparmor_restrict_unprivileged_userns` is 1.
    pub apparmor_restricts: bool,
    /// The AppArmor profile in force on the process that was refused something: not where it is unconfined.
    pub apparmor_profile: Option<String>,
    /// The SELinux context of this process, where SELinux is enforcing.
    pub selinux_context: Option<String>,
    /// Whether nsbox itself runs in a chroot.
    pub in_chroot: bool,
    /// Whether nsbox itself runs under a syscall filter.
    pub filtered: bool,
    /// What is mounted over parts of this host's own /proc, as containers do.
    pub masks_in_proc: Vec<String>,
    /// Whether there is no /proc, or one that knows this process by another number.
    pub no_proc: bool,
    /// The version of Landlock's interface, 0 where there is none.
    pub landlock: Option<u32>,
    /// Whether the kernel lets programs type into their terminal (`dev.tty.legacy_tiocsti`); old ones always do.
    pub legacy_tiocsti: bool,
    /// The cgroup controllers that are delegated to the caller.
    pub controllers: Vec<String>,
    /// The caller's name.
    pub user: String,
    /// Whether the caller is root, of the host or of a user namespace.
    pub is_root: bool,
    /// Whether the caller is root of the host.
    pub is_real_root: bool,
    /// Where nsbox is installed, for a profile of its own.
    pub program: PathBuf,
    /// Where the host has the program that could not be run.
    pub program_on_host: Option<PathBuf>,
}

impl Evidence {
    /// How many namespaces of a kind may be made.
    pub fn limit(&self, kind: Kind) -> Option<u64> {
        self.limits.iter().find(|(known, _)| *known == kind).map(|(_, limit)| *limit)
    }
}
