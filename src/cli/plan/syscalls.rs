//! The syscall filter in plain words.

use super::folding::{Folding, join};
use super::layout::Line;
use nsbox::plan::{Architecture, Filter, OnDenied, Syscalls, Unlisted, Verdict};

/// What the filter holds the command to, and who says so.
pub fn told(filter: &Filter, folding: Folding) -> Vec<Line> {
    let mut lines = vec![Line::asked(policy(filter), &filter.origin)];
    lines.extend(exceptions(filter, Verdict::Allow, "Allowed beyond the policy: ", folding));
    lines.extend(exceptions(filter, Verdict::Deny, "Denied, whoever allows it: ", folding));
    let on_denied = match filter.on_denied {
        OnDenied::Errno => None,
        OnDenied::Kill => Some("A process that makes a refused call is ended, by SIGSYS"),
        OnDenied::Log => Some("The kernel logs each call that it refuses"),
    };
    lines.extend(on_denied.map(|text| Line::asked(text, &filter.on_denied_origin)));
    if let Some(table) = filter.table(Architecture::X86) {
        lines.push(Line::asked("32-bit programs run too, under the same policy by name", &table.origin));
    }
    lines
}

/// What is weaker for the want of a filter, or of a whole one.
pub fn weaker(syscalls: &Syscalls) -> Option<Line> {
    let (text, origin) = match syscalls {
        Syscalls::Unfiltered { origin } => {
            ("No system call is filtered, so every hole in the kernel can be tried", origin)
        }
        Syscalls::Filtered(filter) if filter.unlisted == Unlisted::Allow => {
            ("Only what is denied is filtered, so nearly every hole in the kernel can be tried", &filter.origin)
        }
        Syscalls::Filtered(_) => return None,
    };
    Some(Line::asked(text, origin))
}

fn policy(filter: &Filter) -> String {
    let count = |list: fn(&nsbox::plan::Table) -> usize| filter.tables.first().map_or(0, list);
    let (allowed, conditional, refused) =
        (count(|table| table.allow.len()), count(|table| table.allow_if.len()), count(|table| table.refuse.len()));
    let answer = if filter.on_denied == OnDenied::Kill { "" } else { " (EPERM)" };
    // On a machine that also runs programs of 32 bits, people wonder why theirs do not.
    let closed = Architecture::NATIVE.also_runs(Architecture::X86) && filter.table(Architecture::X86).is_none();
    let closed = |text| if closed { text } else { "" };
    if filter.unlisted == Unlisted::Allow {
        let closed = closed("; every one of a 32-bit program looks unknown to the kernel (ENOSYS)");
        return format!("All system calls, by the policy `{}`; {refused} refused{answer}{closed}", filter.policy);
    }
    let mut text = format!("The system calls of the policy `{}`: {allowed} allowed", filter.policy);
    if conditional > 0 {
        text += &format!(", {conditional} more if their arguments fit");
    }
    let closed = closed(", and so does every one of a 32-bit program");
    text + &format!("; {refused} refused{answer}; any other looks unknown to the kernel (ENOSYS){closed}")
}

/// What was said beside the policy, with the words that lead in.
fn exceptions(filter: &Filter, verdict: Verdict, lead: &str, folding: Folding) -> Vec<Line> {
    let said = filter.exceptions.iter().filter(|exception| exception.verdict == verdict);
    let mut lines = join(said.map(|exception| (exception.calls.clone(), &exception.origin)), folding);
    for line in &mut lines {
        line.text.insert_str(0, lead);
    }
    lines
}
