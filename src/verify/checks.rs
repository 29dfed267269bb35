//! The table of checks: the promise, what is tried against it, and what makes it open on purpose.

use super::inside::{Inside, files, identity, islands, processes, reach, streams, surface};
use super::openings::{self, Claim, Standing};
use super::testimony::Seen;

/// A promise that is attacked from inside.
#[derive(Debug)]
pub struct Check {
    /// A name that stays the same from version to version.
    pub name: &'static str,
    /// Where it stands in the list.
    pub group: Group,
    /// The promise.
    pub promise: &'static str,
    /// What is tried against it, as a phrase.
    pub tries: &'static str,
    /// What the plan says of it.
    pub(super) standing: fn(&Claim<'_>) -> Standing,
    /// What is done inside.
    pub(super) attack: fn(&Inside, &mut Seen),
}

/// Promises that stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Files.
    Files,
    /// Processes.
    Processes,
    /// The terminal, descriptors and the environment.
    Streams,
    /// Identity and privilege.
    Identity,
    /// What can be reached beyond files.
    Reach,
    /// The kernel's surface.
    Kernel,
}

impl Group {
    /// All of them, in the order of the list.
    pub const ALL: [Self; 6] = [Self::Files, Self::Processes, Self::Streams, Self::Identity, Self::Reach, Self::Kernel];

    /// What the list calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Processes => "processes",
            Self::Streams => "streams",
            Self::Identity => "identity",
            Self::Reach => "reach",
            Self::Kernel => "kernel",
        }
    }
}

macro_rules! checks {
    ($($group:ident: $($name:literal $promise:literal $tries:literal $standing:path, $attack:path;)*)*) => {
        /// Every check, in order.
        pub const CHECKS: &[Check] = &[$($(Check {
            name: $name,
            group: Group::$group,
            promise: $promise,
            tries: $tries,
            standing: $standing,
            attack: $attack,
        },)*)*];
    };
}

checks! {
    Files:
        "host-files" "Only what the profile names is visible; the old root is out of reach"
            "read a file outside by its path, by `..`, /proc/1/root, descriptors and a second chroot"
            openings::host_files, files::host_files;
        "root-folder" "The root holds only what the profile names"
            "find another entry in the root"
            openings::root_folder, files::root_folder;
        "read-only" "Read-only is read-only through every submount"
            "open what is below each read-only mount for writing"
            openings::kept, files::read_only;
        "read-only-locked" "What is read-only cannot be remounted, linked around or undone from a nested user namespace"
            "remount each read-only mount, detach it, link around it, and the same from a user namespace"
            openings::kept, files::locked;
        "nosuid-nodev" "Every mount is nosuid, and nodev but for the devices that are named"
            "find a mount without these"
            openings::kept, files::nosuid_nodev;
        "device-nodes" "No device node can be made"
            "make one of /dev/null's number wherever something can be written"
            openings::kept, files::device_nodes;
        "devices" "No device of the host is there but those that every program expects, and those that are named"
            "find another one below /dev"
            openings::devices, files::devices;
        "set-user-id" "No program is left behind that runs as you for others"
            "give a file the set-user-id bit"
            openings::set_user_id, files::set_user_id;
        "own-binary" "nsbox's own file cannot be altered"
            "open /proc/1/exe and /proc/self/exe for writing, and change their permissions"
            openings::kept, files::own_binary;
        "proc-masks" "The kernel's settings, its keys, timers and the like are masked or read-only"
            "write below /proc/sys, and look behind each mask of /proc"
            openings::proc_masks, files::proc_masks;
        "sys-folder" "Of /sys only what the profile names is there, read-only"
            "find another entry in /sys"
            openings::root_folder, files::sys_folder;
        "islands" "What is hidden or read-only in a writable folder cannot be uncovered"
            "read it, write to it, move it and each folder above it away, detach it"
            openings::islands, islands::islands;
        "tmpfs-bounded" "Every tmpfs is bounded"
            "ask each for its size"
            openings::kept, files::tmpfs_bounded;
        "nothing-stays" "Nothing that is written outside the writable binds survives"
            "leave a file in each folder in memory"
            openings::kept, files::nothing_stays;
    Processes:
        "host-processes" "No process of the host is visible"
            "find a process of the host in /proc"
            openings::host_processes, processes::visible;
        "signals" "No process outside is signalled, not even by kill(0) or kill(-1)"
            "signal a process of the host by its number, its pidfd, and as one of a group"
            openings::signals, processes::signals;
        "tracing" "No process outside is traced or read"
            "trace a process of the host, and read its memory and its environment"
            openings::signals, processes::tracing;
        "first-process" "Pid 1 can be neither read nor traced, and holds none of the host's environment"
            "read its environment, memory and folders, and trace it"
            openings::first_process, processes::first_process;
        "process-limit" "The number of processes is bounded when the profile says so"
            "ask for the limit, and raise it"
            openings::process_limit, processes::limit;
    Streams:
        "keystrokes" "Keystrokes cannot be injected into your terminal"
            "use TIOCSTI, TIOCLINUX and TIOCSETD, also with high bits set"
            openings::keystrokes, streams::keystrokes;
        "descriptors" "Only descriptors 0, 1, 2 and those named cross over"
            "find another one"
            openings::kept, streams::descriptors;
        "reopening" "A file given as a stream cannot be opened again for more than it was opened for"
            "open it through /proc/self/fd: what is for reading to write, what is for writing to read"
            openings::reopening, streams::reopening;
        "environment" "Only the variables that the profile names cross over"
            "find another one"
            openings::kept, streams::environment;
    Identity:
        "capabilities" "All five sets of capabilities are empty"
            "ask for each, and for a capability back"
            openings::capabilities, identity::capabilities;
        "no-new-privileges" "No new privileges: the bit is set, and the secure bits are locked"
            "ask for both, and clear them"
            openings::secure_bits, identity::no_new_privileges;
        "groups" "Groups and ids cannot be changed to gain access"
            "drop the supplementary groups, and become each id that is mapped"
            openings::ids, identity::groups;
        "user-namespaces" "No namespace can be made inside"
            "make each kind by unshare, clone and clone3"
            openings::namespaces, identity::namespaces;
        "keyrings" "Your keyrings are out of reach"
            "ask for the session keyring, and search the user's"
            openings::keyrings, identity::keyrings;
    Reach:
        "network" "Nothing but its own loopback is reached over the network"
            "connect to ports of the host's loopback, and look for its interfaces"
            openings::network, reach::network;
        "abstract-sockets" "No abstract socket of the host is reached"
            "connect to one"
            openings::abstract_sockets, reach::abstract_sockets;
        "path-sockets" "No socket file of the host is reached"
            "connect to one"
            openings::host_files, reach::path_sockets;
        "session-sockets" "No socket of your session is reached unless named"
            "connect to those of D-Bus, X11, Wayland, sound, ssh-agent and gpg-agent that are there"
            openings::session_sockets, reach::session_sockets;
        "socket-families" "AF_VSOCK, AF_PACKET, AF_ALG, and AF_NETLINK beyond route are refused"
            "make a socket of each"
            openings::socket_families, reach::socket_families;
        "ipc" "System V and POSIX IPC and /dev/shm are the sandbox's own"
            "read shared memory of the host by its number and by its name"
            openings::shared_memory, reach::ipc;
        "host-name" "The host name is the sandbox's own"
            "set it, and compare its namespace"
            openings::kept, reach::host_name;
    Kernel:
        "refused-calls" "What the policy refuses answers EPERM"
            "make each system call of that kind with arguments that do nothing"
            openings::refused_calls, surface::refused_calls;
        "unknown-calls" "clone3, and what the policy does not know, answer ENOSYS"
            "make such calls with arguments that do nothing"
            openings::unknown_calls, surface::unknown_calls;
        "i386" "The entry point of 32-bit programs is closed, or under the same policy"
            "make system calls by it"
            openings::i386, surface::i386;
        "x32" "The entry point of x32 is closed"
            "make a system call by it"
            openings::x32, surface::x32;
}
