//! Which promises a profile opens by name, by the plan alone: what is opened on purpose is not broken.

use super::expectations::{self, Call, is_usual_device, let_through, shown_by};
use crate::execute;
use crate::host::wayland::Reception;
use crate::plan::{
    Answer, Architecture, Enforcement, Filter, Init, MountKind, Nested, Network, Origin, Plan, ProcSource, Resource,
    Root, Service, ServiceKind, Syscalls, Unlisted, Verdict,
};
use std::path::{Path, PathBuf};

/// The number of socketcall for 32-bit x86 (asm/unistd_32.h).
const SOCKETCALL: u32 = 102;

/// What is promised, and what it is that this host is asked for.
#[derive(Debug)]
pub struct Claim<'p> {
    /// The plan whose promises are to hold.
    pub plan: &'p Plan,
    /// Which protections this kernel can enforce.
    pub protections: execute::Report,
    /// How the compositor of the plan takes the programs of a sandbox, where that is known.
    pub reception: Option<Reception>,
    /// Where the bait lies.
    pub bait: &'p Path,
    /// The sockets of the session that there are.
    pub session_sockets: &'p [PathBuf],
}

/// What the plan says of a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is to be kept.
    Kept,
    /// It is open.
    Open(Vec<Opening>),
    /// Part of it is open, which is not attacked; the rest is to be kept.
    PartlyOpen(Vec<Opening>),
    /// There is nothing that it could be about.
    Void(&'static str),
}

/// What opens a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// What is open.
    pub what: String,
    /// Who says so.
    pub by: String,
}

impl Opening {
    fn new(what: impl Into<String>, origin: &Origin) -> Self {
        Self { what: what.into(), by: origin.to_string() }
    }

    /// What a profile accepts where this kernel lacks a protection, or does without; the plan has no line for it.
    fn protection(what: &str, key: &str, state: Enforcement) -> Option<Self> {
        let by =
            |words: &str| Some(Self { what: what.to_owned(), by: format!("`protections`, which {words} `{key}`") });
        match state {
            Enforcement::Missing => by("accepts that this kernel lacks"),
            Enforcement::Off => by("does without"),
            Enforcement::Enforced | Enforcement::Unneeded => None,
        }
    }
}

/// Open by these, if there are any.
fn open_by(openings: impl IntoIterator<Item = Opening>) -> Standing {
    let openings: Vec<_> = openings.into_iter().collect();
    if openings.is_empty() { Standing::Kept } else { Standing::Open(openings) }
}

/// Partly open by these, each line with all that it opens.
fn partly_open_by(openings: impl IntoIterator<Item = Opening>) -> Standing {
    let mut joined: Vec<Opening> = Vec::new();
    for opening in openings {
        match joined.iter_mut().find(|known| known.by == opening.by) {
            Some(known) => known.what += &format!(", {}", opening.what),
            None => joined.push(opening),
        }
    }
    if joined.is_empty() { Standing::Kept } else { Standing::PartlyOpen(joined) }
}

/// No profile can open it.
pub fn kept(_: &Claim<'_>) -> Standing {
    Standing::Kept
}

pub fn host_files(claim: &Claim<'_>) -> Standing {
    let opening = |origin| Opening::new(format!("{} is shown", claim.bait.display()), origin);
    open_by(shown_by(claim.plan, claim.bait).map(opening))
}

fn root_of_host(plan: &Plan) -> Option<Opening> {
    match &plan.root {
        Root::Directory { source, origin, .. } => {
            Some(Opening::new(format!("the root is {}", source.display()), origin))
        }
        Root::Tmpfs { .. } => None,
    }
}

pub fn root_folder(claim: &Claim<'_>) -> Standing {
    open_by(root_of_host(claim.plan))
}

pub fn devices(claim: &Claim<'_>) -> Standing {
    let named = claim.plan.mounts.iter().filter_map(|mount| {
        let is_named = matches!(mount.kind, MountKind::Device { .. }) && !is_usual_device(&mount.destination);
        is_named.then(|| Opening::new(mount.destination.display().to_string(), &mount.origin))
    });
    partly_open_by(named)
}

pub fn set_user_id(claim: &Claim<'_>) -> Standing {
    let lent = &claim.plan.identity;
    let as_root = lent.has_ranges().then(|| Opening::new("root with other users may set it", &lent.origin));
    open_by(as_root.into_iter().chain(call(claim.plan, "fchmodat", libc::SYS_fchmodat)))
}

/// The first mount of the host's own procfs.
fn existing_proc(plan: &Plan) -> Option<Opening> {
    let is_existing = |kind: &MountKind| matches!(kind, MountKind::Proc { source: ProcSource::Existing, .. });
    let mount = plan.mounts.iter().find(|mount| is_existing(&mount.kind))?;
    Some(Opening::new("the procfs is the host's own", &mount.origin))
}

fn nesting(plan: &Plan, what: &str) -> Option<Opening> {
    match &plan.namespaces.nested {
        Nested::Allow { origin } => Some(Opening::new(what, origin)),
        Nested::Deny => None,
    }
}

pub fn proc_masks(claim: &Claim<'_>) -> Standing {
    let again = nesting(claim.plan, "a procfs can be mounted inside without its masks");
    open_by(existing_proc(claim.plan).into_iter().chain(again).chain(root_of_host(claim.plan)))
}

pub fn islands(claim: &Claim<'_>) -> Standing {
    match expectations::islands(claim.plan).is_empty() {
        true => Standing::Void("the profile hides nothing in a writable folder"),
        false => Standing::Kept,
    }
}

pub fn host_processes(claim: &Claim<'_>) -> Standing {
    open_by(existing_proc(claim.plan))
}

pub fn signals(_: &Claim<'_>) -> Standing {
    Standing::Kept
}

pub fn first_process(claim: &Claim<'_>) -> Standing {
    match claim.plan.namespaces.init {
        Init::Own => open_by(existing_proc(claim.plan)),
        Init::Payload => Standing::Void("pid 1 is the command itself"),
    }
}

pub fn process_limit(claim: &Claim<'_>) -> Standing {
    match claim.plan.limits.iter().any(|limit| limit.resource == Resource::Processes) {
        true => Standing::Kept,
        false => Standing::Void("the profile says nothing of a number"),
    }
}

/// What lets a system call through whatever its arguments.
fn call(plan: &Plan, name: &str, number: libc::c_long) -> Option<Opening> {
    let what = || format!("{name} is allowed whatever its arguments");
    match &plan.syscalls {
        Syscalls::Unfiltered { origin } => Some(Opening::new("no system call is filtered", origin)),
        Syscalls::Filtered(filter) => match filter.answer(Architecture::NATIVE, number as u32) {
            Answer::Allowed => Some(Opening::new(what(), allower(plan, filter, name))),
            Answer::If(_) | Answer::Refused | Answer::Unknown => None,
        },
    }
}

/// Who says that a call is allowed: its own exception, or one of a group, or nesting, or the policy.
fn allower<'p>(plan: &'p Plan, filter: &'p Filter, name: &str) -> &'p Origin {
    let allowed = || filter.exceptions.iter().filter(|exception| exception.verdict == Verdict::Allow);
    let by_name = allowed().find(|exception| exception.calls == name);
    let nested = match &plan.namespaces.nested {
        Nested::Allow { origin } => Some(origin),
        Nested::Deny => None,
    };
    let by_group = || allowed().find(|exception| exception.calls.starts_with('@')).map(|exception| &exception.origin);
    by_name.map(|exception| &exception.origin).or_else(by_group).or(nested).unwrap_or(&filter.origin)
}

/// What is not filtered at all.
fn unfiltered(plan: &Plan) -> Option<Opening> {
    match &plan.syscalls {
        Syscalls::Unfiltered { origin } => Some(Opening::new("no system call is filtered", origin)),
        Syscalls::Filtered(filter) if filter.unlisted == Unlisted::Allow => {
            Some(Opening::new("only what is denied is filtered", &filter.origin))
        }
        Syscalls::Filtered(_) => None,
    }
}

pub fn keystrokes(claim: &Claim<'_>) -> Standing {
    open_by(call(claim.plan, "ioctl", libc::SYS_ioctl))
}

pub fn reopening(claim: &Claim<'_>) -> Standing {
    let nested = nesting(claim.plan, "who may mount inside is under no rule about files");
    nested.map_or_else(|| rules_about_files(claim.protections), |opening| Standing::Open(vec![opening]))
}

/// What is open where this kernel's Landlock lacks rules about files, or one of them.
fn rules_about_files(protections: execute::Report) -> Standing {
    let open =
        |what| Opening::protection(what, "landlock-scopes", protections.landlock_reopening).into_iter().collect();
    match (protections.landlock_execution, protections.landlock_reopening) {
        // It has the others: such a file can be emptied, and nothing else.
        (Enforcement::Enforced, Enforcement::Missing) => {
            Standing::PartlyOpen(open("there is no rule about truncating files (Linux 6.2): it can be emptied"))
        }
        _ => open_by(open("there is no rule about files")),
    }
}

pub fn capabilities(claim: &Claim<'_>) -> Standing {
    let kept = &claim.plan.capabilities;
    open_by((!kept.keep.is_empty()).then(|| Opening::new("capabilities over its own namespace are kept", &kept.origin)))
}

pub fn secure_bits(claim: &Claim<'_>) -> Standing {
    let kept = &claim.plan.capabilities;
    let is_root = claim.plan.identity.uid == 0 && !kept.keep.is_empty();
    open_by(is_root.then(|| Opening::new("root's capabilities come and go with its user id", &kept.origin)))
}

pub fn ids(claim: &Claim<'_>) -> Standing {
    let kept = &claim.plan.capabilities;
    let changes = ["setuid", "setgid"];
    let keeps = kept.keep.iter().any(|capability| changes.contains(&capability.name()));
    open_by(keeps.then(|| Opening::new("the capability to change ids is kept", &kept.origin)))
}

pub fn namespaces(claim: &Claim<'_>) -> Standing {
    open_by(nesting(claim.plan, "sandboxes can be made inside"))
}

pub fn keyrings(claim: &Claim<'_>) -> Standing {
    open_by(call(claim.plan, "keyctl", libc::SYS_keyctl))
}

fn host_network(plan: &Plan) -> Option<Opening> {
    match &plan.network {
        Network::Host { origin } => Some(Opening::new("the network is the host's own", origin)),
        Network::None { .. } => None,
    }
}

pub fn network(claim: &Claim<'_>) -> Standing {
    open_by(host_network(claim.plan))
}

pub fn abstract_sockets(claim: &Claim<'_>) -> Standing {
    let Some(network) = host_network(claim.plan) else { return Standing::Kept };
    let what = "abstract sockets are the host's as well";
    let state = Opening::protection(what, "landlock-scopes", claim.protections.landlock_scopes);
    open_by(state.into_iter().flat_map(|state| [network.clone(), state]))
}

pub fn session_sockets(claim: &Claim<'_>) -> Standing {
    let shown = claim.session_sockets.iter().filter_map(|path| {
        let origin = shown_by(claim.plan, path)?;
        Some(Opening::new(format!("{} is shown", path.display()), origin))
    });
    let openings: Vec<_> = shown.chain(claim.plan.services.iter().flat_map(|service| served(service, claim))).collect();
    match (claim.session_sockets.is_empty() && openings.is_empty(), openings.is_empty()) {
        (true, _) => Standing::Void("there is none on this host"),
        (false, true) => Standing::Kept,
        (false, false) => Standing::PartlyOpen(openings),
    }
}

/// What a service of the session's lets the payload do there.
fn served(service: &Service, claim: &Claim<'_>) -> Vec<Opening> {
    match &service.kind {
        ServiceKind::Bus { bus, rules, .. } => {
            rules.iter().map(|rule| Opening::new(format!("on {bus} it may {rule}"), &rule.origin)).collect()
        }
        ServiceKind::Sound { socket, microphone, .. } => {
            let may = if *microphone { "plays and records" } else { "plays" };
            vec![Opening::new(
                format!("the sound server at {} {may} for it, filtered", socket.display()),
                &service.origin,
            )]
        }
        ServiceKind::Wayland { socket, application } => {
            let name = format!("the compositor at {} is reached", socket.display());
            let what = match &claim.reception {
                Some(Reception::Sandboxed) => {
                    format!("{name} by a socket of its own, as the sandboxed application {application}")
                }
                Some(taken) => {
                    let powers =
                        taken.powers().map(|powers| format!(": each program may {powers}")).unwrap_or_default();
                    format!("{name} by the session's own socket, and has no security contexts for sandboxes{powers}")
                }
                None => name,
            };
            vec![Opening::new(what, &service.origin)]
        }
        ServiceKind::X11Host { host, .. } => {
            vec![Opening::new(format!("display :{} is the session's own", host.number), &service.origin)]
        }
        ServiceKind::X11Isolated { .. } => Vec::new(),
    }
}

pub fn socket_families(claim: &Claim<'_>) -> Standing {
    match call(claim.plan, "socket", libc::SYS_socket) {
        Some(opening) => Standing::Open(vec![opening]),
        // By the entry that is attacked they are refused all the same.
        None => partly_open_by(socketcall(claim.plan)),
    }
}

/// What lets programs make sockets of any family by the entry point of those of 32 bits.
fn socketcall(plan: &Plan) -> Option<Opening> {
    let Syscalls::Filtered(filter) = &plan.syscalls else { return None };
    let is_open = matches!(filter.answer(Architecture::X86, SOCKETCALL), Answer::Allowed);
    is_open.then(|| Opening::new("sockets of any family by socketcall", allower(plan, filter, "socketcall")))
}

pub fn shared_memory(claim: &Claim<'_>) -> Standing {
    let folder = Path::new("/dev/shm");
    let opening = |origin| Opening::new("/dev/shm is the host's own", origin);
    open_by(shown_by(claim.plan, folder).map(opening))
}

pub fn refused_calls(claim: &Claim<'_>) -> Standing {
    if let Some(opening) = unfiltered(claim.plan) {
        return Standing::Open(vec![opening]);
    }
    let Syscalls::Filtered(filter) = &claim.plan.syscalls else { return Standing::Kept };
    let opening = |call: Call| Opening::new(&*call.name, allower(claim.plan, filter, &call.name));
    partly_open_by(let_through(claim.plan).into_iter().map(opening))
}

pub fn unknown_calls(claim: &Claim<'_>) -> Standing {
    let clone3 = call(claim.plan, "clone3", libc::SYS_clone3);
    open_by(unfiltered(claim.plan).or(clone3))
}

pub fn i386(claim: &Claim<'_>) -> Standing {
    let opening = match &claim.plan.syscalls {
        Syscalls::Unfiltered { origin } => Some(Opening::new("no system call is filtered", origin)),
        Syscalls::Filtered(filter) => {
            let table = filter.table(Architecture::X86);
            table.map(|table| Opening::new("32-bit programs run, under the same policy", &table.origin))
        }
    };
    match (Architecture::NATIVE.also_runs(Architecture::X86), &claim.plan.syscalls, opening) {
        (false, ..) => Standing::Void("this machine has no such entry point"),
        // What comes in by it is still held to the policy.
        (true, Syscalls::Filtered(_), Some(opening)) => Standing::PartlyOpen(vec![opening]),
        (true, _, opening) => open_by(opening),
    }
}

pub fn x32(claim: &Claim<'_>) -> Standing {
    match (Architecture::NATIVE, &claim.plan.syscalls) {
        (Architecture::X86_64, Syscalls::Unfiltered { origin }) => {
            Standing::Open(vec![Opening::new("no system call is filtered", origin)])
        }
        (Architecture::X86_64, Syscalls::Filtered(_)) => Standing::Kept,
        _ => Standing::Void("this machine has no such entry point"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, rules_about_files};
    use crate::execute::Report;
    use crate::plan::Enforcement::{self, Enforced, Missing, Off, Unneeded};

    #[test]
    fn where_files_can_only_be_emptied_the_rest_is_attacked() {
        let of = |landlock_execution, landlock_reopening| {
            let (landlock_scopes, user_namespace_limit) = (Missing, Enforced);
            let report = Report { landlock_scopes, landlock_execution, landlock_reopening, user_namespace_limit };
            rules_about_files(report)
        };
        let told = |openings: &[super::Opening]| format!("{} by {}", openings[0].what, openings[0].by);
        let Standing::PartlyOpen(partly) = of(Enforced, Missing) else { panic!("Landlock 2") };
        assert!(told(&partly).starts_with("there is no rule about truncating files (Linux 6.2)"), "{partly:?}");
        let all = |state: Enforcement| match of(state, state) {
            Standing::Open(openings) => told(&openings),
            other => panic!("{other:?}"),
        };
        assert!(all(Missing).starts_with("there is no rule about files by `protections`, which accepts"));
        assert!(all(Off).contains("does without"));
        assert_eq!(of(Enforced, Enforced), Standing::Kept);
        assert_eq!(of(Enforced, Unneeded), Standing::Kept);
    }
}
