//! Who starts nsbox: what must not be, and what is weaker for some.

use nsbox::error::{Diagnostic, Fault};
use nsbox::host::{HostFacts, supplementary_groups};
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

/// The caller's supplementary groups that stay with the command.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// Those that are powerful on a usual host, by name, each with its power.
    pub powerful: Vec<(String, &'static str)>,
    /// Others by name, or by number where they have none; the first ones only.
    pub others: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

/// How many groups without power are looked up and named: a directory service may have put somebody into thousands.
const NAMED_MAX: usize = 12;

/// Looks up the caller's supplementary groups; and its own group, should that be a powerful one.
///
/// # Errors
/// As getgroups(2).
pub fn groups(facts: &HostFacts) -> Result<Groups, Fault> {
    let own = supplementary_groups()?;
    let gid = |name: &str| Some(nix::unistd::Group::from_name(name).ok()??.gid.as_raw());
    let has = |gid: u32| own.contains(&gid) || gid == facts.gid && !facts.is_real_root;
    let powers = POWERFUL.iter().filter_map(|(name, power)| Some((gid(name)?, *name, *power)));
    let powers: Vec<_> = powers.filter(|(gid, ..)| has(*gid)).collect();
    let is_other = |gid: &&u32| **gid != facts.gid && powers.iter().all(|(powerful, ..)| powerful != *gid);
    let mut others = own.iter().filter(is_other);
    let named = others.by_ref().take(NAMED_MAX).map(|gid| name(*gid)).collect();
    let powerful = powers.iter().map(|(_, name, power)| ((*name).to_owned(), *power)).collect();
    Ok(Groups { powerful, others: named, more: others.count() })
}

fn name(gid: u32) -> String {
    nix::unistd::Group::from_gid(gid.into()).ok().flatten().map_or_else(|| gid.to_string(), |group| group.name)
}
