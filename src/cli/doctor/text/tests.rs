//! Reports of hosts that are not here, as people read them.

use super::write;
use crate::cli::terminal::{Paint, Target};
use nsbox::doctor::{Launch, PROBES, Probe, Tried, report};
use nsbox::error::remedy::{Evidence, Settings};
use nsbox::error::{Errno, Fault};

/// An Ubuntu 24.04 on which nsbox has no profile: what its kernel 6.8 was seen to answer, with the profile `unprivileged_userns`
/// of its package loaded.
fn ubuntu(width: Option<usize>) -> String {
    let confined = Some("unprivileged_userns".to_owned());
    let refused = |call: &'static str, subject: &str, errno| {
        Tried::Refused(Fault::of(call, subject)(Errno(errno)), confined.clone())
    };
    let tried = |name: &str| match name {
        "time-namespace" => refused("unshare", "CLONE_NEWTIME", libc::EPERM),
        "landlock-scopes" => Tried::Refused(Fault::of("landlock_create_ruleset", "")(Errno(libc::EOPNOTSUPP)), None),
        "loopback" => refused("ioctl SIOCSIFFLAGS", "lo", libc::EPERM),
        "host-name" => refused("sethostname", "nsbox", libc::EPERM),
        "private-mounts" => refused("mount MS_PRIVATE", "/", libc::EACCES),
        "tmpfs" => refused("mount MS_PRIVATE", "/", libc::EACCES),
        "bind" | "read-only" | "proc" | "devpts" | "overlay" | "pivot-root" => Tried::Without("tmpfs"),
        "namespace-limit" => refused("mount MS_PRIVATE", "/", libc::EACCES),
        "capabilities" => refused("prctl PR_SET_SECUREBITS", "", libc::EPERM),
        "newuidmap" => Tried::Refused(Fault::of("find", "newuidmap")(Errno(libc::ENOENT)), None),
        "subordinate-map" => Tried::Without("newuidmap"),
        _ => Tried::Works,
    };
    let evidence = Evidence {
        kernel: Some((6, 8)),
        landlock: Some(4),
        apparmor_restricts: true,
        controllers: vec!["memory".into(), "pids".into()],
        user: "ann".into(),
        program: "/usr/local/bin/nsbox".into(),
        ..Evidence::default()
    };
    let tried = PROBES.iter().map(|probe| tried(probe.name)).collect();
    let mut start = |_: Settings| Launch::Failed { message: "no".into(), hint: None };
    write(&report(tried, &evidence, &mut start), &evidence, Target { paint: Paint::Plain, width })
}

#[test]
fn a_newcomer_on_ubuntu_reads_what_stands_in_the_way_and_the_lines_that_mend_it() {
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "\
nsbox {version} on Linux 6.8, Landlock 4, cgroup controllers delegated: memory pids

ok       namespaces   user, mount, pid, network, IPC, UTS, cgroup
refused  namespaces   time: unshare CLONE_NEWTIME: Operation not permitted
                      (EPERM)
ok       ids          your own, lent to you
missing  ids          newuidmap
ok       set-up       kernel
refused  set-up       loopback, host name: ioctl SIOCSIFFLAGS lo: Operation not
                      permitted (EPERM)
refused  mounts       private, tmpfs: mount MS_PRIVATE /: Permission denied
                      (EACCES)
ok       protections  no new privileges, syscall filter, Landlock, keyring of
                      its own
refused  protections  user namespaces limited, capabilities dropped: mount
                      MS_PRIVATE /: Permission denied (EACCES)
missing  protections  its scopes
untried  the rest     5 more, for want of the tmpfs
refused  a sandbox    under the profile `shell`

error: AppArmor takes the privileges of new user namespaces away from programs
       without a profile, as Ubuntu does since 23.10
       (kernel.apparmor_restrict_unprivileged_userns = 1, profile
       `unprivileged_userns`)
hint: give nsbox a profile, which lets nothing else through:
    /usr/local/bin/nsbox doctor --apparmor | sudo tee /etc/apparmor.d/nsbox
    sudo apparmor_parser -r /etc/apparmor.d/nsbox

missing: `newuidmap` and `newgidmap` are not both installed, which map ids that
         are lent to a user
works: All but `identity.subordinate-ids`; `--user root` without it is root of
       the caller's own files
hint: install them (Fedora: `shadow-utils`, Arch: `shadow`):
    sudo apt install uidmap

missing: Landlock has no scopes in this kernel (its version is 4, and 6 came
         with Linux 6.12)
works: All: the shipped profiles accept its lack, with one warning
hint: a newer kernel also closes abstract sockets of the host where the network
      is shared

nsbox does not work here yet: what is marked as an error stands in the way.
"
    );
    assert_eq!(ubuntu(Some(80)), expected);
}

/// A Fedora whose administrator lets this user make no user namespaces.
#[test]
fn a_user_whom_selinux_confines_reads_how_to_find_out_and_to_allow_it() {
    let tried = |probe: &Probe| match probe.name {
        "user-namespace" => Tried::Refused(Fault::of("clone", "of new namespaces")(Errno(libc::EACCES)), None),
        _ if probe.after.contains(&"user-namespace") => Tried::Without("user-namespace"),
        _ => Tried::Works,
    };
    let evidence = Evidence { selinux_context: Some("user_u:user_r:user_t:s0".into()), ..Evidence::default() };
    let mut start = |_: Settings| Launch::Failed { message: "no".into(), hint: None };
    let report = report(PROBES.iter().map(tried).collect(), &evidence, &mut start);
    let expected = "
error: SELinux is enforcing, and refuses this to `user_u:user_r:user_t:s0`
hint: look at what was refused, and allow it in a module of your policy:
    sudo ausearch -m avc -ts recent | audit2allow -M nsbox-local
    sudo semodule -i nsbox-local.pp

nsbox does not work here yet: what is marked as an error stands in the way.
";
    let text = write(&report, &evidence, Target { paint: Paint::Plain, width: Some(80) });
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn what_is_to_be_pasted_stays_in_one_line_however_narrow_the_terminal() {
    let paste = "    /usr/local/bin/nsbox doctor --apparmor | sudo tee /etc/apparmor.d/nsbox\n";
    assert!(ubuntu(Some(40)).contains(paste));
    assert!(ubuntu(None).contains(paste));
}
