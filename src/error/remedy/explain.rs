//! The one table of causes: what each means, what still works, and the line to paste. Errors of a run and
//! `nsbox doctor` both take their words from here.

use super::cause::{Cause, KERNEL_OLDEST};
use super::evidence::{Container, Evidence};

/// Settings of a run, as pairs of a key and its value in TOML.
pub type Settings = &'static [(&'static str, &'static str)];

/// A cause, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it is and does; a sentence without its period.
    pub means: String,
    /// What works all the same; empty where that is nothing.
    pub works: &'static str,
    /// What to do; ends where the lines to paste begin, if there are any.
    pub remedy: String,
    /// What to paste: commands, or lines for the place that `remedy` names.
    pub paste: Vec<String>,
    /// Settings of a run under which it does not matter, as `--set` takes them.
    pub settings: Settings,
}

/// With these, a /proc that is there does.
const EXISTING_PROC: Settings =
    &[("filesystem.proc", "\"existing\""), ("protections.best-effort", "[\"user-namespace-limit\"]")];
const NO_LIMIT: Settings = &[("protections.best-effort", "[\"user-namespace-limit\"]")];

const NOTHING: &str = "";
const ALL_BUT_LENT: &str =
    "All but `identity.subordinate-ids`; `--user root` without it is root of the caller's own files";

impl Explanation {
    pub(super) fn new(means: impl Into<String>, works: &'static str, remedy: impl Into<String>) -> Self {
        Self { means: means.into(), works, remedy: remedy.into(), paste: Vec::new(), settings: &[] }
    }

    pub(super) fn paste<const N: usize>(mut self, lines: [String; N]) -> Self {
        self.paste.extend(lines);
        self
    }

    fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// As the hint of an error: one text, with what to paste in backticks.
    pub fn hint(&self) -> String {
        let mut text = format!("{}; {}", self.means, self.remedy);
        if !self.paste.is_empty() {
            text += &format!(": `{}`", self.paste.join("`, `"));
        }
        if !self.settings.is_empty() {
            text += &format!("; or go without, in this run: `{}`", flags(self.settings));
        }
        text
    }
}

/// Settings as a person types them.
pub fn flags(settings: Settings) -> String {
    settings.iter().map(|(key, value)| format!("--set '{key}={value}'")).collect::<Vec<_>>().join(" ")
}

impl Cause {
    /// A name that stays the same from version to version.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserNamespacesOff => "user-namespaces-off",
            Self::KindOff(_) => "namespaces-off",
            Self::LimitReached => "namespace-limit",
            Self::OuterSandbox => "outer-sandbox",
            Self::UsernsCloneOff => "userns-clone-off",
            Self::AppArmor => "apparmor",
            Self::AppArmorProfile => "apparmor-profile",
            Self::Selinux => "selinux",
            Self::Chroot => "chroot",
            Self::OuterFilter => "outer-filter",
            Self::MaskedProc => "masked-proc",
            Self::NoProc => "no-proc",
            Self::ReadOnlySettings => "read-only-settings",
            Self::Gvisor => "gvisor",
            Self::Wsl1 => "wsl1",
            Self::OldKernel => "old-kernel",
            Self::NotInKernel => "not-in-kernel",
            Self::NoSetfcap => "no-setfcap",
            Self::NoOverlay => "no-overlay",
            Self::NoMapPrograms => "no-newuidmap",
            Self::NoLentIds => "no-subordinate-ids",
            Self::LentIdsRefused => "subordinate-ids-refused",
            Self::NoLandlock => "no-landlock",
            Self::NoScopes => "no-landlock-scopes",
            Self::Unknown => "unknown",
        }
    }

    /// What it means on this host, and what to do about it.
    pub fn explain(self, evidence: &Evidence) -> Explanation {
        match self {
            Self::UserNamespacesOff | Self::KindOff(_) | Self::LimitReached | Self::UsernsCloneOff => {
                switch(self, evidence)
            }
            Self::AppArmor => apparmor(evidence),
            Self::AppArmorProfile => apparmor_profile(evidence),
            Self::Selinux => selinux(evidence),
            Self::OuterFilter => outer_filter(evidence),
            Self::MaskedProc => masked_proc(evidence),
            Self::NoMapPrograms | Self::NoLentIds | Self::LentIdsRefused => lent_ids(self, evidence),
            Self::Gvisor | Self::Wsl1 | Self::OldKernel | Self::NoOverlay | Self::NotInKernel => kernel(self, evidence),
            Self::NoLandlock | Self::NoScopes => landlock(self, evidence),
            Self::OuterSandbox
            | Self::NoSetfcap
            | Self::Chroot
            | Self::NoProc
            | Self::ReadOnlySettings
            | Self::Unknown => around(self),
        }
    }
}

/// A switch of the kernel that is off.
fn switch(cause: Cause, evidence: &Evidence) -> Explanation {
    let off = |what: &str, setting: &str| {
        let means = format!("{what} are switched off here ({setting} = 0)");
        if evidence.in_user_namespace {
            // It is a setting of this user namespace, which somebody made.
            return Explanation::new(means, NOTHING, OUTER);
        }
        Explanation::new(means, NOTHING, "allow them, now and after the next start").paste(sysctl(setting, "15000"))
    };
    match cause {
        Cause::UserNamespacesOff => off("user namespaces", "user.max_user_namespaces"),
        Cause::KindOff(kind) => {
            off(&format!("new {} namespaces", kind.name()), &format!("user.max_{}_namespaces", kind.short()))
        }
        Cause::UsernsCloneOff => Explanation::new(
            "user namespaces are switched off for ordinary users (kernel.unprivileged_userns_clone = 0)",
            NOTHING,
            "allow them, now and after the next start",
        )
        .paste(sysctl("kernel.unprivileged_userns_clone", "1")),
        _ => Explanation::new(
            "a limit on the number of namespaces is reached, or they are nested 32 deep",
            "What runs already",
            "see which one, and raise it",
        )
        .paste(["sysctl user | grep max_".to_owned()]),
    }
}

/// What is to be done about a sandbox or container that nsbox is in.
const OUTER: &str = "what is around must allow them: nsbox by `namespaces.nested = \"allow\"`, bubblewrap without \
                     `--disable-userns`";

/// How a setting is changed, for now and for later.
fn sysctl(name: &str, value: &str) -> [String; 2] {
    [format!("sudo sysctl {name}={value}"), format!("echo {name}={value} | sudo tee /etc/sysctl.d/60-nsbox.conf")]
}

fn apparmor(evidence: &Evidence) -> Explanation {
    let program = evidence.program.display();
    let confined = evidence.apparmor_profile.as_ref().map(|profile| format!(", profile `{profile}`"));
    let means = format!(
        "AppArmor takes the privileges of new user namespaces away from programs without a profile, as Ubuntu does since \
         23.10 (kernel.apparmor_restrict_unprivileged_userns = 1{})",
        confined.unwrap_or_default()
    );
    Explanation::new(means, NOTHING, "give nsbox a profile, which lets nothing else through")
        .paste([format!("{program} doctor --apparmor | sudo tee /etc/apparmor.d/nsbox"), APPARMOR_LOAD.into()])
}

/// How a profile of AppArmor is loaded; it is loaded again at every start.
const APPARMOR_LOAD: &str = "sudo apparmor_parser -r /etc/apparmor.d/nsbox";

fn apparmor_profile(evidence: &Evidence) -> Explanation {
    let profile = evidence.apparmor_profile.as_deref().unwrap_or_default();
    let means = format!("AppArmor confines nsbox itself, by the profile `{profile}`, which refuses this");
    with_container(means, evidence, "it must allow `userns` and `mount`, or nsbox be started outside of it")
}

fn selinux(evidence: &Evidence) -> Explanation {
    let context = evidence.selinux_context.as_deref().unwrap_or_default();
    let means = format!("SELinux is enforcing, and refuses this to `{context}`");
    if evidence.container.is_some() {
        return with_container(means, evidence, "allow it in the policy of that context");
    }
    Explanation::new(means, NOTHING, "look at what was refused, and allow it in a module of your policy").paste([
        "sudo ausearch -m avc -ts recent | audit2allow -M nsbox-local".into(),
        "sudo semodule -i nsbox-local.pp".into(),
    ])
}

fn outer_filter(evidence: &Evidence) -> Explanation {
    let around = evidence.container.map_or("a sandbox, a container or a service", Container::name);
    let means = format!("nsbox runs under a syscall filter of {around}, which refuses new namespaces or mounts");
    let own = "what is around must allow them: nsbox by `namespaces.nested = \"allow\"`, bubblewrap without its \
               `--seccomp`, systemd by `RestrictNamespaces=no`, docker and podman by \
               `--security-opt seccomp=unconfined`";
    with_container(means, evidence, own)
}

fn masked_proc(evidence: &Evidence) -> Explanation {
    let masks = match evidence.masks_in_proc.as_slice() {
        [] => String::new(),
        [only] => format!(" (`{only}`)"),
        [first, rest @ ..] => format!(" (`{first}` and {} more)", rest.len()),
    };
    let means = format!(
        "parts of this host's /proc are covered or read-only{masks}, as in most containers, so the kernel lets nobody mount \
         a new one"
    );
    let own = "run the container with its /proc unmasked (docker: `--security-opt systempaths=unconfined`)";
    let mut explained = with_container(means, evidence, own).settings(EXISTING_PROC);
    explained.works =
        "All but a /proc of the sandbox's own: with the one that is here, the command sees the processes around";
    explained
}

/// What to do in this container, so that all that nsbox needs is allowed at once; elsewhere, `otherwise`.
fn with_container(means: String, evidence: &Evidence, otherwise: &str) -> Explanation {
    let explain = |remedy: &str| Explanation::new(means.clone(), NOTHING, remedy);
    match evidence.container {
        Some(Container::Docker) => explain("start the container with").paste([
            "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined"
                .into(),
        ]),
        Some(Container::Podman) => explain("start the container with").paste([
            "podman run --security-opt seccomp=unconfined --security-opt label=disable --security-opt unmask=ALL".into(),
        ]),
        Some(Container::Kubernetes) => {
            explain("in the pod's specification, with user namespaces of the cluster (`hostUsers: false`)").paste([
                "securityContext: { seccompProfile: { type: Unconfined }, appArmorProfile: { type: Unconfined }, \
                 procMount: Unmasked }"
                    .into(),
            ])
        }
        Some(Container::Lxc) => explain("on the host of the container (`incus` likewise)")
            .paste(["lxc config set NAME security.nesting true".into()]),
        Some(Container::Other) | None => explain(otherwise),
    }
}

/// The command that lends ids to a user, by these options of usermod(8).
pub fn lend(user: &str, options: &[&str]) -> String {
    let lent: Vec<_> = options.iter().map(|option| format!("{option} 100000-165535")).collect();
    format!("sudo usermod {} {user}", lent.join(" "))
}

fn lent_ids(cause: Cause, evidence: &Evidence) -> Explanation {
    let user = &evidence.user;
    match cause {
        Cause::NoMapPrograms if evidence.in_user_namespace => Explanation::new(
            "nsbox is in a user namespace where nothing belongs to root, so `newuidmap` and `newgidmap` are nobody's",
            ALL_BUT_LENT,
            "for other users inside, run nsbox outside of it",
        ),
        Cause::NoMapPrograms => Explanation::new(
            "`newuidmap` and `newgidmap` are not both installed, which map ids that are lent to a user",
            ALL_BUT_LENT,
            "install them (Fedora: `shadow-utils`, Arch: `shadow`)",
        )
        .paste(["sudo apt install uidmap".into()]),
        Cause::NoLentIds => Explanation::new(
            format!("/etc/subuid and /etc/subgid do not both lend ids to `{user}`"),
            ALL_BUT_LENT,
            "lend some, in numbers that nobody else has",
        )
        .paste([lend(user, &["--add-subuids", "--add-subgids"])]),
        _ => Explanation::new(
            "`newuidmap` or `newgidmap` refused to map the ids that are lent",
            ALL_BUT_LENT,
            "see that both are set-user-id root or have their capability, on a mount without nosuid, and that nsbox was not started \
             under no_new_privs",
        )
        .paste(["ls -l /usr/bin/newuidmap /usr/bin/newgidmap; getcap /usr/bin/newuidmap /usr/bin/newgidmap".into()]),
    }
}

fn kernel(cause: Cause, evidence: &Evidence) -> Explanation {
    let version = |(major, minor): (u32, u32)| format!("{major}.{minor}");
    let found = evidence.kernel.map_or("of an unknown version".to_owned(), version);
    let oldest = version(KERNEL_OLDEST);
    match cause {
        Cause::Gvisor => Explanation::new(
            "the kernel here is gVisor's, which lacks mounts and filters that nsbox needs",
            NOTHING,
            "run nsbox outside of it; gVisor is a sandbox itself",
        ),
        Cause::Wsl1 => Explanation::new(
            "the first Windows Subsystem for Linux has no Linux kernel, and no namespaces",
            NOTHING,
            "convert the distribution, in Windows",
        )
        .paste(["wsl --set-version DISTRIBUTION 2".into()]),
        Cause::NoOverlay => Explanation::new(
            "overlayfs is not in this kernel, or its module is not loaded",
            "All but `access = \"discard\"` of `filesystem.root`",
            "load it",
        )
        .paste(["sudo modprobe overlay".into()]),
        Cause::OldKernel => Explanation::new(
            format!("this kernel is {found}, and nsbox needs Linux {oldest} or later"),
            NOTHING,
            "start a newer one",
        ),
        _ => Explanation::new(
            "this kernel was built without it",
            NOTHING,
            format!("start a kernel of your distribution, from {oldest} on"),
        ),
    }
}

fn landlock(cause: Cause, evidence: &Evidence) -> Explanation {
    const WITHOUT: &str = "All: the shipped profiles accept its lack, with one warning";
    match cause {
        Cause::NoScopes => Explanation::new(
            format!(
                "Landlock has no scopes in this kernel (its version is {}, and 6 came with Linux 6.12)",
                evidence.landlock.unwrap_or(0)
            ),
            WITHOUT,
            match evidence.landlock {
                Some(..3) => {
                    "a newer kernel also closes abstract sockets of the host where the network is shared, and from Linux 6.2 \
                     on it keeps a file that is given as a stream from being emptied"
                }
                _ => "a newer kernel also closes abstract sockets of the host where the network is shared",
            },
        ),
        _ => Explanation::new(
            "Landlock is not in this kernel, or not switched on at its start",
            WITHOUT,
            "where the kernel has it (CONFIG_SECURITY_LANDLOCK), add `landlock` to those of the kernel's parameter `lsm=`",
        )
        .paste(["cat /sys/kernel/security/lsm".into()]),
    }
}

/// What lies in how nsbox itself is started.
fn around(cause: Cause) -> Explanation {
    match cause {
        Cause::OuterSandbox => Explanation::new(
            "the sandbox or container around nsbox lets no more namespaces be made inside",
            NOTHING,
            OUTER,
        ),
        Cause::NoSetfcap => Explanation::new(
            "root without the capability setfcap may not map itself into a user namespace",
            NOTHING,
            "be an ordinary user, or have what is around keep it: nsbox by `keep = [\"setfcap\"]` in `[capabilities]`, \
             docker and podman by `--cap-add SETFCAP`",
        ),
        Cause::Chroot => Explanation::new(
            "the kernel makes no user namespace inside a chroot",
            NOTHING,
            "run nsbox outside, on the folder as a root of the sandbox's own (`filesystem.root`), or enter the folder by \
             pivot_root as containers do",
        ),
        Cause::NoProc => Explanation::new(
            "/proc is not mounted where nsbox runs, or is that of another pid namespace, and the maps of ids are written there",
            NOTHING,
            "mount it",
        )
        .paste(["sudo mount -t proc proc /proc".into()]),
        Cause::ReadOnlySettings => Explanation::new(
            "/proc/sys/user cannot be written here, so the kernel's count of user namespaces inside could not be limited",
            "All but that: the syscall filter refuses them too",
            "have /proc/sys mounted writable",
        )
        .settings(NO_LIMIT),
        _ => Explanation::new(
            "the kernel refuses this, and nothing that nsbox can see says why: a chroot, a security module or the container \
             around may",
            NOTHING,
            "the kernel's log may tell",
        )
        .paste(["sudo dmesg | tail".into()]),
    }
}
