//! A policy and what a person says beside it, resolved to numbers.

use super::conditions::{self, Conditions};
use super::groups;
use super::names::Calls;
use super::policy::Policy;
use super::table::{Answer, ENTRIES, Numbers};
use super::twins;
use crate::plan::{
    Architecture, Conditional, Exception, Filter, OnDenied, Origin, Otherwise, Syscalls, Table, Unlisted, Verdict,
};

/// What a sandbox within the sandbox is made with; its flags lie behind a pointer in `clone3`, and are many in the
/// other two, so that they are opened as they are.
const FOR_NESTING: [Calls; 6] = [
    Calls::Group(&groups::MOUNT),
    Calls::Group(&groups::NAMESPACE),
    Calls::Group(&groups::HOST_NAME),
    Calls::One("clone"),
    Calls::One("clone3"),
    Calls::One("unshare"),
];

/// What gives a file the set-user-id bit: with ids that are lent to the caller, systems are installed.
const FOR_LENT_IDS: [Calls; 4] =
    [Calls::One("chmod"), Calls::One("fchmod"), Calls::One("fchmodat"), Calls::One("fchmodat2")];

/// All that is said of system calls.
#[derive(Debug, Clone)]
pub struct Selection {
    /// What everything else is an exception to.
    pub policy: Policy,
    /// Who chose it.
    pub origin: Origin,
    /// What is allowed beyond it.
    pub allow: Vec<Said>,
    /// What is denied, whoever allows it.
    pub deny: Vec<Said>,
    /// What happens to a call that is refused.
    pub on_denied: OnDenied,
    /// Who says so.
    pub on_denied_origin: Origin,
    /// Whose programs run beside the machine's own, where somebody said so.
    pub entries: Option<Entries>,
    /// Whether sandboxes can be made within this one.
    pub nested: bool,
    /// Whether root inside owns more ids than its own.
    pub lent_ids: bool,
}

/// Some system calls, and who named them.
#[derive(Debug, Clone)]
pub struct Said {
    /// Which.
    pub calls: Calls,
    /// By whom.
    pub origin: Origin,
}

/// The entry points that are open.
#[derive(Debug, Clone)]
pub struct Entries {
    /// Those beside the native one.
    pub foreign: Vec<Architecture>,
    /// Who opened them, and closed all others.
    pub origin: Origin,
}

impl Selection {
    /// A policy as it is.
    pub fn of(policy: Policy, origin: Origin) -> Self {
        Self {
            policy,
            allow: Vec::new(),
            deny: Vec::new(),
            on_denied: OnDenied::default(),
            on_denied_origin: Origin::Default("syscalls.on-denied".into()),
            entries: None,
            nested: false,
            lent_ids: false,
            origin,
        }
    }

    /// Who opened an entry point; nothing where it is closed.
    fn opened_by(&self, architecture: Architecture) -> Option<&Origin> {
        match &self.entries {
            Some(entries) if entries.foreign.contains(&architecture) => Some(&entries.origin),
            _ => (architecture == Architecture::NATIVE).then_some(&self.origin),
        }
    }

    /// Whether a call is denied, or does the work of one that is.
    fn denies(&self, name: &str) -> bool {
        self.deny
            .iter()
            .any(|said| said.calls.hold(name) || twins::work_of(name).iter().any(|call| said.calls.hold(call)))
    }

    /// What is to be allowed beyond the policy.
    fn opened(&self) -> Vec<Calls> {
        let said = self.allow.iter().map(|said| said.calls);
        // A group of the policy's own is open already, under conditions that only their call's own name lifts.
        let news = said.filter(|calls| !matches!(calls, Calls::Group(group) if self.policy.allows(group)));
        let nesting = FOR_NESTING.into_iter().filter(|_| self.nested);
        news.chain(nesting).chain(FOR_LENT_IDS.into_iter().filter(|_| self.lent_ids)).collect()
    }
}

/// Turns a selection into numbers.
///
/// The policy without a filter stays without one as long as nothing is denied and no entry point is closed.
pub fn resolve(selection: &Selection) -> Syscalls {
    let unlisted = match selection.policy {
        Policy::None if selection.deny.is_empty() && selection.entries.is_none() => {
            return Syscalls::Unfiltered { origin: selection.origin.clone() };
        }
        Policy::None => Unlisted::Allow,
        Policy::Default | Policy::Strict => Unlisted::Unknown,
    };
    let opened = selection.opened();
    let open = ENTRIES.iter().filter_map(|numbers| Some((numbers, selection.opened_by(numbers.architecture)?)));
    Syscalls::Filtered(Filter {
        policy: selection.policy.name().to_owned(),
        tables: open.map(|(numbers, origin)| table(selection, &opened, numbers, origin.clone())).collect(),
        unlisted,
        on_denied: selection.on_denied,
        on_denied_origin: selection.on_denied_origin.clone(),
        exceptions: exceptions(selection),
        origin: selection.origin.clone(),
    })
}

/// What is said beside the policy, by name, so that the order of lines does not matter here either.
fn exceptions(selection: &Selection) -> Vec<Exception> {
    let of = |verdict| {
        move |said: &Said| Exception { calls: said.calls.word().to_owned(), verdict, origin: said.origin.clone() }
    };
    let (allowed, denied) =
        (selection.allow.iter().map(of(Verdict::Allow)), selection.deny.iter().map(of(Verdict::Deny)));
    let mut exceptions: Vec<_> = allowed.chain(denied).collect();
    exceptions.sort_by(|a, b| (a.verdict, &a.calls).cmp(&(b.verdict, &b.calls)));
    exceptions.dedup_by(|later, earlier| (later.verdict, &later.calls) == (earlier.verdict, &earlier.calls));
    exceptions
}

/// The answers by one entry point.
fn table(selection: &Selection, opened: &[Calls], numbers: &Numbers, origin: Origin) -> Table {
    let size = numbers.names.len();
    let (mut allow, mut refuse) = (Vec::with_capacity(size), Vec::with_capacity(size));
    let mut allow_if = Vec::with_capacity(8);
    let policy = numbers.answers(selection.policy);
    let conditional = |number, conditions: &Conditions, otherwise| Conditional {
        number,
        any_of: conditions.any_of.iter().map(|set| set.to_vec()).collect(),
        otherwise,
    };
    for (number, name) in (0_u32..).zip(numbers.names) {
        let usual = policy.map_or(Answer::Unknown, |answers| answers[number as usize]);
        let answer = match name {
            &"" => Answer::Unknown,
            name if selection.denies(name) => Answer::Refuse,
            name if opened.iter().any(|calls| calls.hold(name)) => Answer::Allow,
            // Each sandbox inside begins a keyring of its own.
            &"keyctl" if selection.nested => {
                allow_if.push(conditional(number, &conditions::NEW_KEYRING, Otherwise::Refused));
                continue;
            }
            _ => usual,
        };
        match answer {
            Answer::Unknown => {}
            Answer::Allow => allow.push(number),
            Answer::Refuse => refuse.push(number),
            Answer::AllowIf(index) => match selection.policy.conditions(index) {
                Conditions { any_of: [], .. } => refuse.push(number),
                conditions => allow_if.push(conditional(number, conditions, otherwise(name))),
            },
        }
    }
    Table { architecture: numbers.architecture, allow, allow_if, refuse, origin }
}

/// What a call answers whose arguments do not fit: a family of sockets is one that this kernel lacks, which programs know how
/// to do without; libaudit's, for one, take anything else for a reason to give up.
fn otherwise(name: &str) -> Otherwise {
    if matches!(name, "socket" | "socketpair") { Otherwise::NoSuchFamily } else { Otherwise::Refused }
}
