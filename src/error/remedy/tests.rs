//! Fixtures of hosts, and what nsbox makes of their refusals; those that no machine of ours is, too.

use super::cause::diagnose;
use super::{Attempt, Cause, Circumstance, Container, Evidence, Impostor, Kind, find};
use crate::error::{Errno, Fault};

fn remedy(step: &str, call: &'static str, errno: i32, evidence: &Evidence) -> String {
    find(step, &Fault::of(call, "")(Errno(errno)), evidence).unwrap_or_default()
}

/// An Ubuntu of 24.04, where init was given the profile of those who have none.
fn ubuntu() -> Evidence {
    Evidence {
        apparmor_restricts: true,
        apparmor_profile: Some("unprivileged_userns".into()),
        program: "/usr/local/bin/nsbox".into(),
        ..Evidence::default()
    }
}

/// A container of Docker on a host with AppArmor, without options.
fn docker() -> Evidence {
    Evidence {
        container: Some(Container::Docker),
        filtered: true,
        apparmor_profile: Some("docker-default".into()),
        masks_in_proc: vec!["/proc/kcore".into(), "/proc/sys".into()],
        ..Evidence::default()
    }
}

#[test]
fn the_evidence_decides_what_a_refused_clone_means() {
    let cases = [
        (libc::ENOSPC, Evidence { limits: vec![(Kind::User, 0)], ..Evidence::default() }, Cause::UserNamespacesOff),
        (libc::ENOSPC, Evidence { limits: vec![(Kind::Mount, 0)], ..Evidence::default() }, Cause::KindOff(Kind::Mount)),
        (libc::ENOSPC, Evidence { in_user_namespace: true, ..Evidence::default() }, Cause::OuterSandbox),
        (libc::ENOSPC, Evidence::default(), Cause::LimitReached),
        (libc::EPERM, Evidence { in_chroot: true, filtered: true, ..Evidence::default() }, Cause::Chroot),
        (libc::EPERM, Evidence { userns_clone_off: true, ..Evidence::default() }, Cause::UsernsCloneOff),
        (libc::EPERM, Evidence { filtered: true, ..Evidence::default() }, Cause::OuterFilter),
        (libc::EPERM, docker(), Cause::OuterFilter),
        (libc::EACCES, Evidence { apparmor_restricts: true, ..Evidence::default() }, Cause::AppArmor),
        (
            libc::EACCES,
            Evidence { selinux_context: Some("user_u:user_r:user_t:s0".into()), ..Evidence::default() },
            Cause::Selinux,
        ),
        (
            libc::EACCES,
            Evidence { selinux_context: Some("u:r:unconfined_t:s0".into()), ..Evidence::default() },
            Cause::Selinux,
        ),
        (libc::EINVAL, Evidence { kernel: Some((4, 18)), ..Evidence::default() }, Cause::OldKernel),
        (libc::EPERM, Evidence { kernel: Some((5, 10)), ..Evidence::default() }, Cause::OldKernel),
        (libc::EINVAL, Evidence { kernel: Some((6, 1)), ..Evidence::default() }, Cause::NotInKernel),
        (libc::EINVAL, Evidence { impostor: Some(Impostor::Gvisor), ..Evidence::default() }, Cause::Gvisor),
        (libc::EINVAL, Evidence { impostor: Some(Impostor::Wsl1), ..Evidence::default() }, Cause::Wsl1),
        (libc::EPERM, Evidence::default(), Cause::Unknown),
    ];
    for (errno, evidence, cause) in cases {
        assert_eq!(diagnose(Attempt::Namespaces, errno, &evidence), cause, "{evidence:?}");
    }
}

#[test]
fn apparmor_is_named_where_it_surfaces_with_the_profile_that_init_was_given() {
    for (step, errno) in [("bring-up-loopback", libc::EPERM), ("make-mounts-private", libc::EACCES)] {
        let text = remedy(step, "mount MS_PRIVATE", errno, &ubuntu());
        assert!(text.contains("apparmor_restrict_unprivileged_userns = 1, profile `unprivileged_userns`"), "{text}");
        assert!(text.contains("`/usr/local/bin/nsbox doctor --apparmor | sudo tee /etc/apparmor.d/nsbox`"), "{text}");
    }
    // Before it is known which profile init has, the setting alone tells.
    let unlabelled = Evidence { apparmor_profile: None, ..ubuntu() };
    assert_eq!(diagnose(Attempt::Privileged, libc::EPERM, &unlabelled), Cause::AppArmor);
    // One that names another profile, as of a container, is not Ubuntu's.
    assert_eq!(diagnose(Attempt::Privileged, libc::EACCES, &docker()), Cause::AppArmorProfile);
}

#[test]
fn a_container_is_told_all_its_options_at_once() {
    let walls =
        [(Attempt::Namespaces, libc::EPERM), (Attempt::Privileged, libc::EACCES), (Attempt::NewProc, libc::EPERM)];
    let commands = walls.map(|(attempt, errno)| diagnose(attempt, errno, &docker()).explain(&docker()).paste);
    assert!(commands[0][0].contains("seccomp=unconfined") && commands[0][0].contains("systempaths=unconfined"));
    assert!(commands.iter().all(|command| *command == commands[0]), "{commands:?}");
    for (container, word) in [
        (Container::Podman, "unmask=ALL"),
        (Container::Kubernetes, "procMount: Unmasked"),
        (Container::Lxc, "security.nesting"),
    ] {
        let evidence = Evidence { container: Some(container), ..docker() };
        assert!(remedy("clone-init", "clone", libc::EPERM, &evidence).contains(word), "{container:?}");
    }
}

#[test]
fn a_masked_proc_can_be_gone_without() {
    let text = remedy("build-root", "mount proc on", libc::EPERM, &docker());
    assert!(text.contains("(`/proc/kcore` and 1 more)"), "{text}");
    assert!(text.contains("--set 'filesystem.proc=\"existing\"'"), "{text}");
    assert!(text.ends_with("`nsbox doctor` says more"), "{text}");
}

#[test]
fn selinux_confines_only_who_has_rules() {
    let of = |context: &str| Evidence { selinux_context: Some(context.into()), ..Evidence::default() };
    let confined = of("system_u:system_r:container_t:s0:c1,c2");
    assert_eq!(diagnose(Attempt::Privileged, libc::EACCES, &confined), Cause::Selinux);
    assert!(Cause::Selinux.explain(&confined).paste[0].contains("audit2allow"));
    let free = of("unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023");
    assert_eq!(diagnose(Attempt::Privileged, libc::EACCES, &free), Cause::Unknown);
}

#[test]
fn an_older_kernel_is_told_by_its_version() {
    for (kernel, text) in [((5, 12), "this kernel is 5.12, and nsbox needs Linux 5.14 or later"), ((5, 13), "is 5.13,")]
    {
        let told = remedy("stage", "run on", libc::ENOSYS, &Evidence { kernel: Some(kernel), ..Evidence::default() });
        assert!(told.contains(text) && told.ends_with("`nsbox doctor` says more"), "{told}");
    }
}

#[test]
fn landlock_that_is_missing_is_told_from_landlock_that_is_old() {
    let of = |landlock| Evidence { landlock, ..Evidence::default() };
    assert_eq!(diagnose(Attempt::Scopes, libc::EOPNOTSUPP, &of(Some(4))), Cause::NoScopes);
    assert_eq!(diagnose(Attempt::Scopes, libc::EOPNOTSUPP, &of(None)), Cause::NoLandlock);
    assert_eq!(diagnose(Attempt::Landlock, libc::ENOSYS, &of(None)), Cause::NoLandlock);
}

#[test]
fn what_the_kernel_cannot_do_is_not_advised() {
    let of = |kernel, landlock| Evidence { kernel: Some(kernel), landlock: Some(landlock), ..Evidence::default() };
    let (bookworm, later) = (of((6, 1), 2), of((6, 2), 3));
    assert!(Circumstance::LegacyTiocsti.explain(&bookworm).paste.is_empty());
    assert_eq!(Circumstance::LegacyTiocsti.explain(&later).paste, ["sudo sysctl dev.tty.legacy_tiocsti=0"]);
    assert!(Cause::NoScopes.explain(&bookworm).remedy.contains("from being emptied"));
    assert!(!Cause::NoScopes.explain(&later).remedy.contains("emptied"));
}

#[test]
fn what_nobody_knows_has_no_remedy() {
    let find = |step, call| find(step, &Fault::of(call, "")(Errno(libc::EFAULT)), &Evidence::default());
    assert_eq!(find("reap", "poll"), None);
    assert_eq!(find("open-sources", "open_tree"), None);
}

#[test]
fn every_cause_can_be_told() {
    let causes = [
        Cause::UserNamespacesOff,
        Cause::KindOff(Kind::Mount),
        Cause::LimitReached,
        Cause::OuterSandbox,
        Cause::UsernsCloneOff,
        Cause::AppArmor,
        Cause::AppArmorProfile,
        Cause::Selinux,
        Cause::Chroot,
        Cause::OuterFilter,
        Cause::MaskedProc,
        Cause::NoProc,
        Cause::ReadOnlySettings,
        Cause::Gvisor,
        Cause::Wsl1,
        Cause::OldKernel,
        Cause::NotInKernel,
        Cause::NoSetfcap,
        Cause::NoOverlay,
        Cause::NoMapPrograms,
        Cause::NoLentIds,
        Cause::LentIdsRefused,
        Cause::NoLandlock,
        Cause::NoScopes,
        Cause::Unknown,
    ];
    let mut names = Vec::new();
    for cause in causes {
        let told = cause.explain(&ubuntu());
        assert!(!told.means.is_empty() && !told.means.ends_with('.'), "{cause:?}");
        assert!(!told.remedy.is_empty() && !told.remedy.ends_with(['.', ':']), "{cause:?}");
        names.push(cause.name());
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), causes.len());
}

#[test]
fn root_that_may_not_map_itself_is_told_what_it_lacks() {
    let root = Evidence { is_root: true, ..Evidence::default() };
    let text = remedy("write-id-maps", "write to", libc::EPERM, &root);
    assert!(text.contains("`keep = [\"setfcap\"]`") && text.contains("--cap-add SETFCAP"), "{text}");
    assert_eq!(diagnose(Attempt::OwnIds, libc::EPERM, &Evidence::default()), Cause::Unknown);
}

#[test]
fn what_keeps_a_service_from_starting_has_a_way_out() {
    let none = Evidence::default();
    let said = |call, errno| remedy("start-services", call, errno, &none);
    assert!(said("start", libc::ENOEXEC).contains("`nsbox --profile builtin:dbus-proxy`"));
    let mut filter = Fault::of("start", crate::sound::PROGRAM)(Errno(libc::ENOEXEC));
    filter.subject.push_str(", which said: no");
    assert!(find("start-services", &filter, &none).is_some_and(|hint| hint.contains("builtin:sound-filter`")));
    assert!(said("wait for the start of", libc::ETIMEDOUT).contains("`nsbox --profile builtin:dbus-proxy`"));
    let server = Fault::of("wait for the start of", "Xwayland")(Errno(libc::EINTR));
    assert!(find("start-services", &server, &none).expect("a remedy").contains("builtin:x-server"));
    assert!(remedy("stage", "connect to", libc::ECONNREFUSED, &none).contains("DBUS_SESSION_BUS_ADDRESS"));
    assert!(said("start, by a program that is not nsbox,", libc::ENOEXEC).contains("`Staged::served_by`"));
    assert!(said("mkdir", libc::ENOSPC).contains("XDG_RUNTIME_DIR"));
    assert!(remedy("stage", "use the folder", libc::EPERM, &none).contains("XDG_RUNTIME_DIR"));
}
