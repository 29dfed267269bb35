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

/// Makes the groups' constants and the list of all; the names are written as plain words.
macro_rules! groups {
    ($($(#[$why:meta])* $constant:ident = $name:literal, $purpose:literal { $($call:ident)* })*) => {
        $(
            $(#[$why])*
            pub const $constant: Group =
                Group { name: $name, purpose: $purpose, calls: &[$(stringify!($call)),*] };
        )*

        /// Every group, for look-ups by name and for tests.
        pub const ALL: &[&Group] = &[$(&$constant),*];
    };
}

groups! {
    /// Reading, writing and passing on what is already open.
    BASIC_IO = "@basic-io", "reads, writes and duplicates what is already open" {
        read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range dup
        dup2 dup3 pipe pipe2 fcntl sendfile splice tee vmsplice copy_file_range
        _llseek fcntl64 sendfile64
        // What a device does is its own affair; what a terminal must not is a condition.
        ioctl
    }

    /// Waiting for something to happen.
    EVENTS = "@events", "waits for descriptors, signals, timers and changed files" {
        poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
        eventfd eventfd2 signalfd signalfd4 timerfd_create timerfd_settime timerfd_gettime inotify_init
        inotify_init1 inotify_add_watch inotify_rm_watch
        _newselect pselect6_time64 ppoll_time64 timerfd_settime64 timerfd_gettime64
    }

    /// Files by path and by descriptor; the mounts, not the filter, decide which.
    FILE_SYSTEM = "@file-system", "opens, describes, makes, renames and removes files; which ones is for the mounts to say" {
        open openat openat2 creat stat lstat fstat newfstatat fstatat statx statfs fstatfs access faccessat
        faccessat2 getdents getdents64 readlink readlinkat getcwd chdir fchdir mkdir mkdirat mknod mknodat
        rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat truncate ftruncate
        fallocate fadvise64 readahead chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat umask utime
        utimes futimesat utimensat flock fsync fdatasync sync syncfs sync_file_range setxattr lsetxattr
        fsetxattr setxattrat getxattr lgetxattr fgetxattr getxattrat listxattr llistxattr flistxattr
        listxattrat removexattr lremovexattr fremovexattr removexattrat file_getattr file_setattr
        // Current kernels answer only for files one owns or may write; older ones tell what mincore once told.
        cachestat
        oldstat oldlstat oldfstat stat64 lstat64 fstat64 fstatat64 statfs64 fstatfs64 readdir truncate64
        ftruncate64 fadvise64_64 chown32 fchown32 lchown32 utimensat_time64
    }

    /// The caller's own memory.
    MEMORY = "@memory", "maps, protects and locks the caller's own memory" {
        brk mmap munmap mremap mprotect madvise msync mincore mlock mlock2 munlock mlockall munlockall
        memfd_create memfd_secret pkey_alloc pkey_free pkey_mprotect remap_file_pages membarrier mseal
        map_shadow_stack
        mmap2
    }

    /// Processes and threads; `clone` itself is allowed under conditions.
    PROCESS = "@process", "starts, runs, waits for and ends processes and threads, and lets threads wait for each other" {
        fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid getpgid getpgrp setpgid
        getsid setsid set_tid_address prctl arch_prctl getcpu rseq restart_syscall set_robust_list
        get_robust_list futex futex_waitv futex_wake futex_wait futex_requeue pidfd_open getrusage times
        // New namespaces are a condition on both.
        clone unshare
        // What a program takes itself for, and where 32-bit ones keep what belongs to a thread.
        personality set_thread_area get_thread_area waitpid futex_time64
    }

    /// Signals; the pid namespace bounds whom they reach.
    SIGNAL = "@signal", "sends and receives signals, within the sandbox's pid namespace" {
        kill tkill tgkill pidfd_send_signal pause rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending
        rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo rt_sigsuspend sigaltstack
        signal sigaction sigprocmask sigpending sigsuspend sigreturn sgetmask ssetmask rt_sigtimedwait_time64
    }

    /// Reading clocks and waiting for them.
    TIMER = "@timer", "reads clocks and sleeps" {
        time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer
        timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_gettime64
        clock_getres_time64 clock_nanosleep_time64 timer_settime64 timer_gettime64
        // What they would change hides behind a pointer. Changing needs CAP_SYS_TIME over the host, which nothing
        // inside holds, so that they only read: ntp_gettime of the C library is made of them.
        adjtimex clock_adjtime clock_adjtime64
    }

    /// Who the caller is; no new privileges and empty capability sets make the setters harmless.
    IDENTITY = "@identity", "asks for and lowers the caller's ids and capabilities" {
        getuid geteuid getresuid setuid setreuid setresuid setfsuid getgid getegid getresgid setgid setregid
        setresgid setfsgid getgroups setgroups capget capset
        getuid32 geteuid32 getresuid32 setuid32 setreuid32 setresuid32 setfsuid32 getgid32 getegid32 getresgid32
        setgid32 setregid32 setresgid32 setfsgid32 getgroups32 setgroups32
    }

    /// What the system is, and randomness.
    SYSTEM = "@system", "asks what system this is, for random bytes, and for limits" {
        uname sysinfo getrandom getrlimit setrlimit prlimit64 olduname oldolduname ugetrlimit
    }

    /// Priorities.
    SCHEDULER = "@scheduler", "reads and lowers priorities, and pins threads to processors" {
        sched_yield sched_setparam sched_getparam sched_setscheduler sched_getscheduler sched_get_priority_max
        sched_get_priority_min sched_rr_get_interval sched_setaffinity sched_getaffinity sched_setattr
        sched_getattr getpriority setpriority ioprio_set ioprio_get
        nice sched_rr_get_interval_time64
    }

    /// System V and POSIX IPC, in an IPC namespace of the sandbox's own.
    IPC = "@ipc", "System V shared memory, semaphores and queues, and POSIX queues, in the sandbox's own namespace" {
        shmget shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink
        mq_timedsend mq_timedreceive mq_notify mq_getsetattr
        // All of System V by a number, on 32-bit x86.
        ipc semtimedop_time64 mq_timedsend_time64 mq_timedreceive_time64
    }

    /// Sockets; making one is allowed under conditions.
    NETWORK = "@network", "makes and uses sockets; which families can be made is a condition of its own" {
        bind connect listen accept accept4 shutdown getsockname getpeername setsockopt getsockopt sendto
        sendmsg sendmmsg recvfrom recvmsg recvmmsg
        recvmmsg_time64
        // Families are a condition, which cannot be put on the last: it keeps its arguments behind a pointer.
        socket socketpair socketcall
    }

    /// Programs that confine themselves further: they can only take away.
    CONFINEMENT = "@confinement", "lets a program confine itself further, which under no_new_privs can only take away" {
        landlock_create_ruleset landlock_add_rule landlock_restrict_self lsm_get_self_attr lsm_set_self_attr
        lsm_list_modules
    }

    /// Filters of a program's own, and supervisors that answer system calls for another.
    SECCOMP = "@seccomp", "installs filters of the program's own, with or without a supervisor" {
        seccomp
    }

    /// What the kernel plants into a program that the host traces: refused, the traced program would crash.
    PROBE = "@probe", "the landing places of the host's own uprobes; anywhere else the kernel answers with SIGILL" {
        uretprobe uprobe
    }

    /// The asynchronous I/O of databases, an older and smaller thing than io_uring.
    ASYNC_IO = "@async-io", "asynchronous disk I/O of the old kind, which databases use and others fall back from" {
        io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64
    }

    /// Where memory lies on machines of several nodes.
    NUMA = "@numa", "places memory on the nodes of a large machine; libraries fall back where it is missing" {
        mbind set_mempolicy get_mempolicy set_mempolicy_home_node migrate_pages move_pages
    }

    /// Segments of 16-bit and 32-bit programs.
    OLD_X86 = "@old-x86", "segment tables for Windows programs of 16 and 32 bits; a kernel may be built without" {
        modify_ldt
    }

    /// Reading and steering other processes of the sandbox.
    DEBUG = "@debug", "debuggers and leak detectors, which look into other processes of the sandbox" {
        ptrace process_vm_readv process_vm_writev pidfd_getfd process_madvise process_mrelease
    }

    /// The mount table, by the old interface and the new, and the root folder: bug-ridden ground (CVE-2022-0185).
    MOUNT = "@mount", "changes what is mounted where, and what the root folder is" {
        mount umount umount2 pivot_root move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick
        mount_setattr
        // Without capabilities the kernel refuses it too; with them, a second chroot leads out of the first.
        chroot
    }

    /// Joining namespaces; making them is a condition on `clone` and `unshare`.
    NAMESPACE = "@namespace", "joins the namespaces of another process" {
        setns
    }

    /// Keys are not bound to namespaces: the caller's session keyring would be in reach.
    KEYRING = "@keyring", "the kernel's keyrings, where the caller keeps keys and tickets" {
        keyctl add_key request_key
    }

    /// Code in the kernel.
    MODULE = "@module", "loads and removes kernel modules" {
        init_module finit_module delete_module create_module get_kernel_syms query_module
    }

    /// The machine's end and beginning.
    BOOT = "@boot", "reboots, or loads another kernel" {
        reboot kexec_load kexec_file_load
    }

    /// Swap space of the machine.
    SWAP = "@swap", "adds and removes swap space" {
        swapon swapoff
    }

    /// Bookkeeping of the machine.
    ACCOUNTING = "@accounting", "process accounting and disk quotas of the machine" {
        acct quotactl quotactl_fd
    }

    /// The machine's time.
    CLOCK = "@clock", "sets the machine's time" {
        settimeofday clock_settime clock_settime64 stime
    }

    /// Ports of the hardware.
    RAW_IO = "@raw-io", "opens hardware ports to the program" {
        iopl ioperm
    }

    /// The kernel's messages hold addresses and what other people do.
    KERNEL_LOG = "@kernel-log", "reads and clears the kernel's messages" {
        syslog
    }

    /// The names of the sandbox, which init has set.
    HOST_NAME = "@host-name", "sets host and domain name" {
        sethostname setdomainname
    }

    /// Instruments that look into the kernel or at the whole machine: among its largest sources of privilege bugs.
    OBSERVE = "@observe", "instruments that watch the kernel, the processor or a whole file system" {
        bpf perf_event_open lookup_dcookie kcmp fanotify_init fanotify_mark
    }

    /// Stops the kernel in the middle of a copy for as long as one likes, which makes its race conditions winnable.
    USER_FAULT = "@user-fault", "answers page faults in user space, which widens every race in the kernel" {
        userfaultfd
    }

    /// A second system call table, whose operations no filter sees.
    IO_URING = "@io-uring", "operations by shared ring, which no filter sees" {
        io_uring_setup io_uring_enter io_uring_register
    }

    /// Files by handle instead of by path: how Docker's early sandboxes were left ("shocker").
    FILE_HANDLE = "@file-handle", "names and opens files by handle, past every mount" {
        name_to_handle_at open_by_handle_at
    }

    /// Takes the terminal from everybody on it.
    HANG_UP = "@hang-up", "hangs up the terminal for everybody on it" {
        vhangup
    }
}

/// System calls that get ENOSYS on purpose, as on a kernel that never had them.
#[derive(Debug)]
pub struct Unanswered {
    /// Why, in a few words.
    pub reason: &'static str,
    /// Their names.
    pub calls: &'static [&'static str],
}

/// Left without an answer on purpose. With the groups they are all there is, which a test holds: a new system call
/// cannot stay undecided.
#[rustfmt::skip]
pub const UNANSWERED: &[Unanswered] = &[
    Unanswered {
        reason: "its flags lie behind a pointer, where no filter can read them; C libraries fall back to clone",
        calls: &["clone3"],
    },
    Unanswered {
        reason: "libmount falls back to /proc/self/mountinfo, whose masks and namespaces are in the sandbox's hand",
        calls: &["statmount", "listmount"],
    },
    Unanswered {
        reason: "gone from current kernels, or on its way, and its callers have learnt to live without",
        calls: &["uselib", "ustat", "sysfs", "_sysctl", "nfsservctl"],
    },
    Unanswered {
        reason: "a number without a system call behind it",
        calls: &[
            "getpmsg", "putpmsg", "afs_syscall", "tuxcall", "security", "vserver", "epoll_ctl_old", "epoll_wait_old",
            "bdflush", "ftime", "gtty", "idle", "lock", "mpx", "prof", "profil", "stty", "ulimit",
        ],
    },
    Unanswered {
        reason: "for programs of 16 bits, which 64-bit kernels do not run this way",
        calls: &["vm86", "vm86old"],
    },
];
