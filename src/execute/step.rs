//! The one table of steps: who does what, in which order, and why just there.

use std::fmt;

/// A process of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// The process on the host side that supervises.
    Monitor,
    /// The first process of the sandbox.
    Init,
    /// The process that becomes the command.
    Payload,
}

impl Actor {
    /// All of them, outermost first.
    pub const ALL: [Self; 3] = [Self::Monitor, Self::Init, Self::Payload];
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Monitor => "monitor",
            Self::Init => "init",
            Self::Payload => "payload",
        })
    }
}

macro_rules! steps {
    ($($actor:ident: $($step:ident $name:literal $reason:literal)*;)*) => {
        /// One step of a launch. Within an actor, steps are played in the order they have here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Step {
            $($(#[doc = $reason] $step,)*)*
        }

        impl Step {
            /// Every step, in order.
            pub const ALL: &[Self] = &[$($(Self::$step,)*)*];

            /// The process that takes the step.
            pub const fn actor(self) -> Actor {
                match self { $($(Self::$step => Actor::$actor,)*)* }
            }

            /// The name by which failures are reported.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$step => $name,)*)* }
            }

            /// Why it is taken, and why at this point.
            pub const fn reason(self) -> &'static str {
                match self { $($(Self::$step => $reason,)*)* }
            }
        }
    };
}

steps! {
    Monitor:
        Stage "stage"
            "Whatever can fail early does: sources are looked up and the filter is compiled before any process is made"
        StartServices "start-services"
            "What the payload is served by can be reached before anything of the sandbox is there that would need it"
        CloneInit "clone-init"
            "One clone makes init in all its new namespaces; the user namespace comes first and owns the others"
        NameSandbox "name-sandbox"
            "Portals ask which process is the sandbox's first: it is known now, and nobody inside can ask them yet"
        WriteIdMaps "write-id-maps"
            "The maps are written from outside, the only side that may write them for another process"
        ReleaseInit "release-init"
            "The ids of init are mapped: what needs them can begin"
        Supervise "supervise"
            "Signals go in and the exit status comes out, while the terminal stays usable on either side";
    Init:
        DieWithMonitor "die-with-monitor"
            "Before anything else: nobody else would end a sandbox whose monitor is gone"
        BringUpLoopback "bring-up-loopback"
            "A new network namespace has nothing but a loopback that is down, and programs expect it up"
        SetHostname "set-hostname"
            "The host's name is the host's business"
        MakeMountsPrivate "make-mounts-private"
            "Before anything is mounted: or later mounts of the host would appear inside, and writable"
        BoundCapabilities "bound-capabilities"
            "Nothing inside has a use for any unless some are kept, so no exec shall give one; the time is there, while the monitor writes the maps"
        InitAwaitRelease "await-release"
            "Until its ids are mapped init is nobody, who can create no file: it waits for the monitor's word, and ends if that dies before it"
        SetClocks "set-clocks"
            "A time namespace takes in children only, and its clocks can be set only while it has none"
        OpenSources "open-sources"
            "In this mount namespace, and before there is anything new in it: sources for places where others may have put something in the way. Each must still be what was looked up, as must those that are bound by their path later"
        BuildRoot "build-root"
            "A root of nothing, and only what the plan names on it; parents before children"
        LimitUserNamespaces "limit-user-namespaces"
            "While /proc/sys can still be written: most kernel holes of late needed a user namespace to be reached"
        OpenPorts "open-ports"
            "Capabilities over the network are kept by nobody, so root inside may bind the low ports of its own without"
        LockRoot "lock-root"
            "One call makes all of it read-only, nosuid and nodev; what is writable is added only then"
        PivotRoot "pivot-root"
            "The new root becomes the root: unlike a chroot, no path leads back"
        DetachOldRoot "detach-old-root"
            "Nothing foreign has run so far; from here on the host's files are out of everyone's reach"
        OpenTerminal "open-terminal"
            "In the sandbox's own devpts, or its programs could not find it, and in a session that init leads; the other side goes to the monitor"
        ForkPayload "fork-payload"
            "A payload that keeps capabilities, has no pid namespace that ends it with init, or can be stopped at its terminal on the way, is forked while init can still write its maps, and waits"
        WritePayloadMaps "write-payload-maps"
            "Only the user namespace around another may map more than one id there, and nobody once init is sealed"
        SealInit "seal-init"
            "Not dumpable and with its arguments wiped: nobody inside may read or trace init, whose memory was the host's"
        DropInitCapabilities "drop-init-capabilities"
            "Init needs none to reap; it gives them up for good before anything foreign runs"
        ReleasePayload "release-payload"
            "Only now, beside a sealed init without privilege, may the payload go on"
        SpawnPayload "spawn-payload"
            "Any other payload is made only now and inherits that it may nothing; init waits until it has become the command, and lends it its memory"
        Reap "reap"
            "Pid 1 adopts orphans and must reap them; when the payload ends, the sandbox ends";
    Payload:
        EnterUserNamespace "enter-user-namespace"
            "Where capabilities are kept they are kept in a namespace that owns no mount, network or host name"
        PayloadAwaitRelease "await-release"
            "One that was forked waits until init is sealed, and ends if init dies before"
        AssumeIdentity "assume-identity"
            "The ids must be those of the plan, before anything else relies on them. Init did it for a payload that it spawned"
        TakeSession "take-session"
            "A process group of its own, so that kill(0) stays inside; the terminal's foreground one if nsbox was"
        EnterDirectory "enter-directory"
            "After the pivot, and by no link of procfs, so that the directory cannot hold on to a path of the host"
        RestoreSignals "restore-signals"
            "Dispositions and mask are the caller's again, not those that nsbox needs"
        RestoreUmask "restore-umask"
            "It was 0 while the root was built"
        SetLimits "set-limits"
            "Init raised its own limits while it held the sources; the payload gets the caller's, or the plan's where lower"
        NewKeyring "new-keyring"
            "Where keyctl is allowed, the caller's session keyring must not be the payload's"
        LockPrivileges "lock-privileges"
            "While the capability to do so is there: no exec and no set-id program may bring privilege back. Init did it for a payload that it spawned"
        DropCapabilities "drop-capabilities"
            "All five sets are empty from here on"
        NoNewPrivileges "no-new-privileges"
            "Set-id bits mean nothing any more; Landlock and seccomp demand it as well"
        RestrictLandlock "restrict-landlock"
            "After the pivot, and before the filter that need not allow it"
        CloseDescriptors "close-descriptors"
            "Only 0, 1, 2 and those that were named are left, before any path of the command is followed: an open folder of the host is a way out"
        CheckProgram "check-program"
            "The filter is about to close the entry of 32-bit programs: one would end by a signal that explains nothing"
        InstallSeccomp "install-seccomp"
            "Last, so that the filter need allow nothing but exec and the report that it failed"
        Exec "exec"
            "The command takes over";
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{Actor, Step};

    #[test]
    fn steps_of_an_actor_stand_together_and_have_names_of_their_own() {
        assert!(Step::ALL.is_sorted_by_key(|step| step.actor()));
        for actor in Actor::ALL {
            let mut names: Vec<_> = Step::ALL.iter().filter(|s| s.actor() == actor).map(|s| s.name()).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{actor}");
        }
    }

    #[test]
    fn a_step_is_its_own_index() {
        for (index, step) in Step::ALL.iter().enumerate() {
            assert_eq!(*step as usize, index, "{step}");
        }
    }
}
