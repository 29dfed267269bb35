//! The system calls by purpose: each group's name, why it exists, and its members on every architecture.
//!
//! A name stands in one group only. What an architecture lacks is skipped when the names become numbers.

/// A set of system calls that stand or fall together.
#[derive(Debug)]
pub struct Group {
    /// The word by which a person names it: `@debug`.
    pub name: &'static str,
    /// What its members are for, in one line.
    pub purpose: &'static str,
    /// The names of its system calls.
    pub calls: &'static [&'static str],
}

/// Every group, for look-ups by name and for tests.
pub const ALL: &[&Group] = &[
    &BASIC_IO,
    &EVENTS,
    &FILE_SYSTEM,
    &MEMORY,
    &PROCESS,
    &SIGNAL,
    &TIMER,
    &IDENTITY,
    &SYSTEM,
    &SCHEDULER,
    &IPC,
    &NETWORK,
    &CONFINEMENT,
    &PROBE,
    &ASYNC_IO,
    &NUMA,
    &OLD_X86,
    &DEBUG,
    &MOUNT,
    &NAMESPACE,
    &KEYRING,
    &MODULE,
    &BOOT,
    &SWAP,
    &ACCOUNTING,
    &CLOCK,
    &RAW_IO,
    &KERNEL_LOG,
    &HOST_NAME,
    &OBSERVE,
    &USER_FAULT,
    &IO_URING,
    &FILE_HANDLE,
    &HANG_UP,
    &SECCOMP,
];

/// Reading, writing and passing on what is already open.
pub const BASIC_IO: Group = Group {
    name: "@basic-io",
    purpose: "reads, writes and duplicates what is already open",
    calls: &[
        "read",
        "write",
        "readv",
        "writev",
        "pread64",
        "pwrite64",
        "preadv",
        "pwritev",
        "preadv2",
        "pwritev2",
        "lseek",
        "close",
        "close_range",
        "dup",
        "dup2",
        "dup3",
        "pipe",
        "pipe2",
        "fcntl",
        "sendfile",
        "splice",
        "tee",
        "vmsplice",
        "copy_file_range",
    ],
};

/// Waiting for something to happen.
pub const EVENTS: Group = Group {
    name: "@events",
    purpose: "waits for descriptors, signals, timers and changed files",
    calls: &[
        "poll",
        "ppoll",
        "select",
        "pselect6",
        "epoll_create",
        "epoll_create1",
        "epoll_ctl",
        "epoll_wait",
        "epoll_pwait",
        "epoll_pwait2",
        "eventfd",
        "eventfd2",
        "signalfd",
        "signalfd4",
        "timerfd_create",
        "timerfd_settime",
        "timerfd_gettime",
        "inotify_init",
        "inotify_init1",
        "inotify_add_watch",
        "inotify_rm_watch",
    ],
};

/// Files by path and by descriptor; the mounts, not the filter, decide which.
pub const FILE_SYSTEM: Group = Group {
    name: "@file-system",
    purpose: "opens, describes, makes, renames and removes files; which ones is for the mounts to say",
    calls: &[
        "open",
        "openat",
        "openat2",
        "creat",
        "stat",
        "lstat",
        "fstat",
        "newfstatat",
        "fstatat",
        "statx",
        "statfs",
        "fstatfs",
        "access",
        "faccessat",
        "faccessat2",
        "getdents",
        "getdents64",
        "readlink",
        "readlinkat",
        "getcwd",
        "chdir",
        "fchdir",
        "mkdir",
        "mkdirat",
        "mknod",
        "mknodat",
        "rmdir",
        "unlink",
        "unlinkat",
        "rename",
        "renameat",
        "renameat2",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "truncate",
        "ftruncate",
        "fallocate",
        "fadvise64",
        "readahead",
        "chmod",
        "fchmod",
        "fchmodat",
        "fchmodat2",
        "chown",
        "fchown",
        "lchown",
        "fchownat",
        "umask",
        "utime",
        "utimes",
        "futimesat",
        "utimensat",
        "flock",
        "fsync",
        "fdatasync",
        "sync",
        "syncfs",
        "sync_file_range",
        "setxattr",
        "lsetxattr",
        "fsetxattr",
        "setxattrat",
        "getxattr",
        "lgetxattr",
        "fgetxattr",
        "getxattrat",
        "listxattr",
        "llistxattr",
        "flistxattr",
        "listxattrat",
        "removexattr",
        "lremovexattr",
        "fremovexattr",
        "removexattrat",
        "file_getattr",
        "file_setattr",
        // Answers only for files one may write or owns, since Linux 6.13; before, no more than mincore tells.
        "cachestat",
    ],
};

/// The caller's own memory.
pub const MEMORY: Group = Group {
    name: "@memory",
    purpose: "maps, protects and locks the caller's own memory",
    calls: &[
        "brk",
        "mmap",
        "munmap",
        "mremap",
        "mprotect",
        "madvise",
        "msync",
        "mincore",
        "mlock",
        "mlock2",
        "munlock",
        "mlockall",
        "munlockall",
        "memfd_create",
        "memfd_secret",
        "pkey_alloc",
        "pkey_free",
        "pkey_mprotect",
        "remap_file_pages",
        "membarrier",
        "mseal",
        "map_shadow_stack",
    ],
};

/// Processes and threads; `clone` itself is allowed under conditions.
pub const PROCESS: Group = Group {
    name: "@process",
    purpose: "starts, runs, waits for and ends processes and threads, and lets threads wait for each other",
    calls: &[
        "fork",
        "vfork",
        "execve",
        "execveat",
        "exit",
        "exit_group",
        "wait4",
        "waitid",
        "getpid",
        "getppid",
        "gettid",
        "getpgid",
        "getpgrp",
        "setpgid",
        "getsid",
        "setsid",
        "set_tid_address",
        "prctl",
        "arch_prctl",
        "getcpu",
        "rseq",
        "restart_syscall",
        "set_robust_list",
        "get_robust_list",
        "futex",
        "futex_waitv",
        "futex_wake",
        "futex_wait",
        "futex_requeue",
        "pidfd_open",
        "getrusage",
        "times",
    ],
};

/// Signals; the pid namespace bounds whom they reach.
pub const SIGNAL: Group = Group {
    name: "@signal",
    purpose: "sends and receives signals, within the sandbox's pid namespace",
    calls: &[
        "kill",
        "tkill",
        "tgkill",
        "pidfd_send_signal",
        "pause",
        "rt_sigaction",
        "rt_sigprocmask",
        "rt_sigreturn",
        "rt_sigpending",
        "rt_sigtimedwait",
        "rt_sigqueueinfo",
        "rt_tgsigqueueinfo",
        "rt_sigsuspend",
        "sigaltstack",
    ],
};

/// Reading clocks and waiting for them.
pub const TIMER: Group = Group {
    name: "@timer",
    purpose: "reads clocks and sleeps",
    calls: &[
        "time",
        "gettimeofday",
        "clock_gettime",
        "clock_getres",
        "clock_nanosleep",
        "nanosleep",
        "alarm",
        "getitimer",
        "setitimer",
        "timer_create",
        "timer_settime",
        "timer_gettime",
        "timer_getoverrun",
        "timer_delete",
        // What they would change hides behind a pointer. Changing needs CAP_SYS_TIME over the host, which nothing
        // inside holds, so that they only read: ntp_gettime of the C library is made of them.
        "adjtimex",
        "clock_adjtime",
    ],
};

/// Who the caller is; no new privileges and empty capability sets make the setters harmless.
pub const IDENTITY: Group = Group {
    name: "@identity",
    purpose: "asks for and lowers the caller's ids and capabilities",
    calls: &[
        "getuid",
        "geteuid",
        "getresuid",
        "setuid",
        "setreuid",
        "setresuid",
        "setfsuid",
        "getgid",
        "getegid",
        "getresgid",
        "setgid",
        "setregid",
        "setresgid",
        "setfsgid",
        "getgroups",
        "setgroups",
        "capget",
        "capset",
    ],
};

/// What the system is, and randomness.
pub const SYSTEM: Group = Group {
    name: "@system",
    purpose: "asks what system this is, for random bytes, and for limits",
    calls: &["uname", "sysinfo", "getrandom", "getrlimit", "setrlimit", "prlimit64"],
};

/// Priorities.
pub const SCHEDULER: Group = Group {
    name: "@scheduler",
    purpose: "reads and lowers priorities, and pins threads to processors",
    calls: &[
        "sched_yield",
        "sched_setparam",
        "sched_getparam",
        "sched_setscheduler",
        "sched_getscheduler",
        "sched_get_priority_max",
        "sched_get_priority_min",
        "sched_rr_get_interval",
        "sched_setaffinity",
        "sched_getaffinity",
        "sched_setattr",
        "sched_getattr",
        "getpriority",
        "setpriority",
        "ioprio_set",
        "ioprio_get",
    ],
};

/// System V and POSIX IPC, in an IPC namespace of the sandbox's own.
pub const IPC: Group = Group {
    name: "@ipc",
    purpose: "System V shared memory, semaphores and queues, and POSIX queues, in the sandbox's own namespace",
    calls: &[
        "shmget",
        "shmat",
        "shmdt",
        "shmctl",
        "semget",
        "semop",
        "semtimedop",
        "semctl",
        "msgget",
        "msgsnd",
        "msgrcv",
        "msgctl",
        "mq_open",
        "mq_unlink",
        "mq_timedsend",
        "mq_timedreceive",
        "mq_notify",
        "mq_getsetattr",
    ],
};

/// Using sockets; making one is allowed under conditions.
pub const NETWORK: Group = Group {
    name: "@network",
    purpose: "uses sockets; which families can be made is a condition of its own",
    calls: &[
        "bind",
        "connect",
        "listen",
        "accept",
        "accept4",
        "shutdown",
        "getsockname",
        "getpeername",
        "setsockopt",
        "getsockopt",
        "sendto",
        "sendmsg",
        "sendmmsg",
        "recvfrom",
        "recvmsg",
        "recvmmsg",
    ],
};

/// Programs that confine themselves further: they can only take away.
pub const CONFINEMENT: Group = Group {
    name: "@confinement",
    purpose: "lets a program confine itself further, which under no_new_privs can only take away",
    calls: &[
        "landlock_create_ruleset",
        "landlock_add_rule",
        "landlock_restrict_self",
        "lsm_get_self_attr",
        "lsm_set_self_attr",
        "lsm_list_modules",
    ],
};

/// Filters of a program's own, and supervisors that answer system calls for another.
pub const SECCOMP: Group = Group {
    name: "@seccomp",
    purpose: "installs filters of the program's own, with or without a supervisor",
    calls: &["seccomp"],
};

/// What the kernel plants into a program that the host traces: refused, the traced program would crash.
pub const PROBE: Group = Group {
    name: "@probe",
    purpose: "the landing places of the host's own uprobes; anywhere else the kernel answers with SIGILL",
    calls: &["uretprobe", "uprobe"],
};

/// The asynchronous I/O of databases, an older and smaller thing than io_uring.
pub const ASYNC_IO: Group = Group {
    name: "@async-io",
    purpose: "asynchronous disk I/O of the old kind, which databases use and others fall back from",
    calls: &["io_setup", "io_destroy", "io_submit", "io_cancel", "io_getevents", "io_pgetevents"],
};

/// Where memory lies on machines of several nodes.
pub const NUMA: Group = Group {
    name: "@numa",
    purpose: "places memory on the nodes of a large machine; libraries fall back where it is missing",
    calls: &["mbind", "set_mempolicy", "get_mempolicy", "set_mempolicy_home_node", "migrate_pages", "move_pages"],
};

/// Segments of 16-bit and 32-bit programs.
pub const OLD_X86: Group = Group {
    name: "@old-x86",
    purpose: "segment tables for Windows programs of 16 and 32 bits; a kernel may be built without",
    calls: &["modify_ldt"],
};

/// Reading and steering other processes of the sandbox.
pub const DEBUG: Group = Group {
    name: "@debug",
    purpose: "debuggers and leak detectors, which look into other processes of the sandbox",
    calls: &["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "process_madvise", "process_mrelease"],
};

/// The mount table, by the old interface and the new, and the root folder: bug-ridden ground (CVE-2022-0185).
pub const MOUNT: Group = Group {
    name: "@mount",
    purpose: "changes what is mounted where, and what the root folder is",
    calls: &[
        "mount",
        "umount2",
        "pivot_root",
        "move_mount",
        "open_tree",
        "open_tree_attr",
        "fsopen",
        "fsconfig",
        "fsmount",
        "fspick",
        "mount_setattr",
        // Without capabilities the kernel refuses it too; with them, a second chroot leads out of the first.
        "chroot",
    ],
};

/// Joining namespaces; making them is a condition on `clone` and `unshare`.
pub const NAMESPACE: Group =
    Group { name: "@namespace", purpose: "joins the namespaces of another process", calls: &["setns"] };

/// Keys are not bound to namespaces: the caller's session keyring would be in reach.
pub const KEYRING: Group = Group {
    name: "@keyring",
    purpose: "the kernel's keyrings, where the caller keeps keys and tickets",
    calls: &["keyctl", "add_key", "request_key"],
};

/// Code in the kernel.
pub const MODULE: Group = Group {
    name: "@module",
    purpose: "loads and removes kernel modules",
    calls: &["init_module", "finit_module", "delete_module", "create_module", "get_kernel_syms", "query_module"],
};

/// The machine's end and beginning.
pub const BOOT: Group = Group {
    name: "@boot",
    purpose: "reboots, or loads another kernel",
    calls: &["reboot", "kexec_load", "kexec_file_load"],
};

/// Swap space of the machine.
pub const SWAP: Group = Group { name: "@swap", purpose: "adds and removes swap space", calls: &["swapon", "swapoff"] };

/// Bookkeeping of the machine.
pub const ACCOUNTING: Group = Group {
    name: "@accounting",
    purpose: "process accounting and disk quotas of the machine",
    calls: &["acct", "quotactl", "quotactl_fd"],
};

/// The machine's time.
pub const CLOCK: Group =
    Group { name: "@clock", purpose: "sets the machine's time", calls: &["settimeofday", "clock_settime"] };

/// Ports of the hardware.
pub const RAW_IO: Group =
    Group { name: "@raw-io", purpose: "opens hardware ports to the program", calls: &["iopl", "ioperm"] };

/// The kernel's messages hold addresses and what other people do.
pub const KERNEL_LOG: Group =
    Group { name: "@kernel-log", purpose: "reads and clears the kernel's messages", calls: &["syslog"] };

/// The names of the sandbox, which init has set.
pub const HOST_NAME: Group =
    Group { name: "@host-name", purpose: "sets host and domain name", calls: &["sethostname", "setdomainname"] };

/// Instruments that look into the kernel or at the whole machine: among its largest sources of privilege bugs.
pub const OBSERVE: Group = Group {
    name: "@observe",
    purpose: "instruments that watch the kernel, the processor or a whole file system",
    calls: &["bpf", "perf_event_open", "lookup_dcookie", "kcmp", "fanotify_init", "fanotify_mark"],
};

/// Stops the kernel in the middle of a copy for as long as one likes, which makes its race conditions winnable.
pub const USER_FAULT: Group = Group {
    name: "@user-fault",
    purpose: "answers page faults in user space, which widens every race in the kernel",
    calls: &["userfaultfd"],
};

/// A second system call table, whose operations no filter sees.
pub const IO_URING: Group = Group {
    name: "@io-uring",
    purpose: "operations by shared ring, which no filter sees",
    calls: &["io_uring_setup", "io_uring_enter", "io_uring_register"],
};

/// Files by handle instead of by path: how Docker's early sandboxes were left ("shocker").
pub const FILE_HANDLE: Group = Group {
    name: "@file-handle",
    purpose: "names and opens files by handle, past every mount",
    calls: &["name_to_handle_at", "open_by_handle_at"],
};

/// Takes the terminal from everybody on it.
pub const HANG_UP: Group =
    Group { name: "@hang-up", purpose: "hangs up the terminal for everybody on it", calls: &["vhangup"] };

/// Left without an answer on purpose: they get ENOSYS, as on a kernel that never had them.
///
/// Nothing reads this list but the test that holds it, with the groups, against the tables of system calls: a new one
/// cannot stay undecided.
#[cfg(test)]
pub const UNANSWERED: &[&str] = &[
    // Its flags lie behind a pointer, where no filter can read them; the C library falls back to clone.
    "clone3",
    // libmount falls back to /proc/self/mountinfo, whose masks and namespaces are in the sandbox's hand.
    "statmount",
    "listmount",
    // Gone from current kernels, or on their way; all their callers have learnt to live without.
    "uselib",
    "ustat",
    "sysfs",
    "_sysctl",
    "nfsservctl",
    // Numbers without a system call behind them.
    "getpmsg",
    "putpmsg",
    "afs_syscall",
    "tuxcall",
    "security",
    "vserver",
    "epoll_ctl_old",
    "epoll_wait_old",
    "set_thread_area",
    "get_thread_area",
];
