//! Who starts nsbox: what must not be, and what is weaker for some.

use nsbox::error::Diagnostic;
use nsbox::host::HostFacts;
use nsbox::sys::privilege;

/// Groups whose members are powerful on a usual host, and why; the payload stays a member.
const POWERFUL: &[(&str, &str)] = &[
    ("root", "its files"),
    ("docker", "whoever reaches its socket is root"),
    ("lxd", "whoever reaches its socket is root"),
    ("incus-admin", "whoever reaches its socket is root"),
    ("podman", "whoever reaches its socket runs containers"),
    ("libvirt", "whoever reaches its socket runs machines"),
    ("disk", "every block device"),
    ("kmem", "the kernel's memory"),
    ("shadow", "password hashes"),
    ("sudo", "administrators"),
    ("wheel", "administrators"),
    ("admin", "administrators"),
    ("adm", "system logs"),
    ("systemd-journal", "system logs"),
    ("kvm", "virtual machines"),
    ("video", "graphics devices"),
    ("render", "graphics devices"),
    ("input", "keyboards and mice"),
    ("tty", "terminals of others"),
    ("dialout", "serial lines"),
    ("netdev", "network settings"),
    ("wireshark", "network traffic"),
];

/// Refuses to go on with privilege that the person who started nsbox does not have.
///
/// nsbox needs none, and was not written to be trusted with any: with a set-id bit or file capabilities every option
/// would act with them.
///
/// # Errors
/// Where exec gave this process more than its caller had.
pub fn refuse_privilege() -> Result<(), Diagnostic> {
    if !privilege::gained_by_exec() {
        return Ok(());
    }
    Err(Diagnostic::error("nsbox refuses to run with set-id bits or file capabilities")
        .hint("it needs no privilege: take them from its file with `chmod u-s,g-s` and `setcap -r`"))
}

/// What is weaker where real root starts nsbox.
pub fn root_warning(facts: &HostFacts) -> Option<Diagnostic> {
    facts.is_real_root.then(|| {
        Diagnostic::warning(
            "started by root: the command owns root's files wherever it sees them, so only read-only mounts and \
             masks protect those, and no limit on processes binds it",
        )
    })
}

/// The caller's supplementary groups, by name, with what is known of their power.
pub fn groups(facts: &HostFacts) -> Vec<(String, Option<&'static str>)> {
    let beyond = facts.groups.iter().filter(|gid| **gid != facts.gid);
    beyond.map(|gid| group(*gid)).collect()
}

fn group(gid: u32) -> (String, Option<&'static str>) {
    let known = nix::unistd::Group::from_gid(gid.into()).ok().flatten();
    let name = known.map_or_else(|| gid.to_string(), |group| group.name);
    let power = POWERFUL.iter().find(|(powerful, _)| *powerful == name).map(|(_, power)| *power);
    (name, power)
}
