//! A plan in plain words: what the command can see, change and reach, and who says so.

use super::caller::Caller;
pub use super::files::NOTHING;
use super::folding::{Folding, join};
use super::layout::{Line, Section};
use super::{files, hardware, services, syscalls};
use crate::cli::launcher::Groups;
use crate::cli::text::{columns, quoted, span};
use nsbox::execute::Report;
use nsbox::plan::{
    Clock, Demand, Descriptors, Enforcement, IdRange, Identity, Nested, Network, Plan, Resource, ResourceLimit,
    Syscalls, Terminal,
};

/// A longer value of a variable is cut; `--json` has all of it.
const VALUE_MAX: usize = 60;

/// Explains a plan.
pub fn explain(plan: &Plan, caller: &Caller, folding: Folding) -> Vec<Section> {
    let mut sections = all(plan, caller, folding);
    let words: Vec<_> = plan.command.argv.iter().map(|word| quoted(word)).collect();
    sections[0].heading = format!("nsbox would run: {}", words.join(" "));
    sections.retain(|section| !section.lines.is_empty());
    sections
}

/// All that is to be said of a plan whatever its command is, a line each, in sections that are always the same.
pub fn statements(plan: &Plan, caller: &Caller) -> Vec<Section> {
    all(plan, caller, Folding::Unfolded)
}

fn all(plan: &Plan, caller: &Caller, folding: Folding) -> Vec<Section> {
    let mut sections = vec![Section::new("Who and where it is", command(plan))];
    sections.extend(files::sections(plan, folding));
    sections.push(Section::new("It can reach", reach(plan, caller)));
    sections.push(environment(plan, folding));
    sections.push(Section::new("The kernel holds it to", bounds(plan, caller, folding)));
    sections.push(Section::new("Weaker than it could be", weaker(plan, caller)));
    sections
}

fn command(plan: &Plan) -> Vec<Line> {
    let identity = &plan.identity;
    let directory = &plan.command;
    let mut lines = vec![
        Line::asked(format!("Starts in {}", directory.directory.display()), &directory.directory_origin),
        Line::asked(who(identity), &identity.origin),
    ];
    lines.push(Line::new(match &identity.hostname {
        Some(name) => format!("Sees the host name {name}"),
        None => "Sees the host's own name".to_owned(),
    }));
    lines.push(match &plan.terminal {
        Terminal::Shared { origin } => Line::asked("Talks to your terminal, under job control", origin),
        Terminal::Private { origin } => {
            Line::asked("Talks to a terminal of its own, which nsbox shows in yours", origin)
        }
    });
    lines.extend(plan.namespaces.time.iter().map(|offset| {
        let clock = match offset.clock {
            Clock::Boottime => "time since boot",
            Clock::Monotonic => "monotonic clock",
        };
        Line::asked(format!("Sees the {clock} set forward by {}", span(offset.seconds)), &offset.origin)
    }));
    lines
}

fn who(identity: &Identity) -> String {
    let outside = |id: u32, map: &[IdRange]| map.iter().find_map(|range| range.outside_of(id)).unwrap_or(id);
    let inside = (identity.uid, identity.gid);
    let outside = (outside(identity.uid, &identity.uid_map), outside(identity.gid, &identity.gid_map));
    let mut text = match inside == outside {
        true => format!("Is uid {}, gid {}, inside as outside", inside.0, inside.1),
        false => format!(
            "Is uid {}, gid {} inside; on the host it acts as uid {}, gid {}",
            inside.0, inside.1, outside.0, outside.1
        ),
    };
    if identity.has_ranges() {
        let count = |map: &[IdRange]| map.iter().map(|range| u64::from(range.count)).sum::<u64>();
        text += &format!(
            "; there are {} user and {} group ids, lent by the host; its other groups are gone",
            count(&identity.uid_map),
            count(&identity.gid_map)
        );
    }
    text
}

/// The network, and other processes.
fn reach(plan: &Plan, caller: &Caller) -> Vec<Line> {
    let new = &plan.namespaces;
    let network = match &plan.network {
        Network::None { origin } => {
            Line::asked("No network: a loopback interface of its own, and nothing else", origin)
        }
        Network::Host { origin } => {
            Line::asked("The host's network as it is, with the services that listen on this host only", origin)
        }
    };
    let processes = match new.pid {
        true => "Its own processes only; when it ends, whatever it started ends too",
        false => "It sees the processes of the host",
    };
    let shared: Vec<_> = [(new.ipc, "System V and POSIX IPC"), (new.uts, "host name"), (new.cgroup, "view of cgroups")]
        .into_iter()
        .filter_map(|(own, what)| (!own).then_some(what))
        .collect();
    let mut lines = vec![network, Line::new(processes)];
    lines.extend(hardware::told(plan));
    lines.extend(services::told(plan, caller));
    if !shared.is_empty() {
        lines.push(Line::new(format!("The host's {}", shared.join(", "))));
    }
    match &plan.descriptors {
        Descriptors::Only(kept) if kept.is_empty() => {}
        Descriptors::Only(kept) => {
            let kept: Vec<_> = kept.iter().map(ToString::to_string).collect();
            lines.push(Line::new(format!("The caller's open descriptors {}", kept.join(", "))));
        }
        Descriptors::Inherit => lines.push(Line::new("Every descriptor that the caller left open")),
    }
    lines
}

fn environment(plan: &Plan, folding: Folding) -> Section {
    let words = plan.environment.iter().map(|variable| {
        let value = quoted(&variable.value);
        let name = variable.name.display();
        (format!("{name}={}", if folding == Folding::Folded { cut(&value) } else { value }), &variable.origin)
    });
    Section::new("Its environment, and no other variable", join(words, folding))
}

fn cut(value: &str) -> String {
    if columns(value) <= VALUE_MAX {
        return value.to_owned();
    }
    let mut kept: String = value.chars().take(VALUE_MAX - 3).collect();
    kept.push_str("...");
    kept
}

/// System calls, privileges, limits.
fn bounds(plan: &Plan, caller: &Caller, folding: Folding) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Syscalls::Filtered(filter) = &plan.syscalls {
        lines.extend(syscalls::told(filter, folding));
    }
    lines.extend(privileges(plan));
    lines.extend(caller.protections.iter().flat_map(landlock));
    lines.extend(plan.limits.iter().map(|limit| Line::asked(bound(limit), &limit.origin)));
    lines.extend(plan.wall_time.as_ref().map(|time| {
        Line::asked(format!("Ends after {}, with exit status 124", span(time.seconds as i64)), &time.origin)
    }));
    lines
}

/// What Landlock adds on this host.
fn landlock(report: &Report) -> Vec<Line> {
    let told = [
        (report.landlock_scopes, "No signal to a process outside, no abstract socket of the host (Landlock)"),
        (report.landlock_execution, "No program but those it can see (Landlock)"),
        (report.landlock_reopening, "No file of a standard stream for more than it was opened for (Landlock)"),
    ];
    told.into_iter().filter(|(state, _)| *state == Enforcement::Enforced).map(|(_, text)| Line::new(text)).collect()
}

/// What it has of root's powers, and what it can get.
fn privileges(plan: &Plan) -> Vec<Line> {
    let keep = &plan.capabilities.keep;
    let own = match plan.namespaces.nested {
        Nested::Deny => ", no user namespace of its own",
        Nested::Allow { .. } => "",
    };
    let others = if keep.is_empty() { "No capability" } else { "No other capability" };
    let mut lines =
        vec![Line::new(format!("{others}, no new privilege from set-id programs or file capabilities{own}"))];
    if !keep.is_empty() {
        let names: Vec<_> = keep.iter().map(|capability| capability.name()).collect();
        let text = format!("It keeps, over its own ids and nothing else: {}", names.join(", "));
        lines.insert(0, Line::asked(text, &plan.capabilities.origin));
    }
    lines
}

fn bound(limit: &ResourceLimit) -> String {
    let value = limit.value;
    let most = match limit.resource {
        Resource::AddressSpace => format!("At most {} of address space a process", files::size(value)),
        Resource::CoreSize if value == 0 => return "No core dumps".to_owned(),
        Resource::CoreSize => format!("Core dumps of at most {}", files::size(value)),
        Resource::CpuTime => format!("At most {} of processor time a process", span(value as i64)),
        Resource::FileSize => format!("Files of at most {}", files::size(value)),
        Resource::LockedMemory => format!("At most {} of locked memory a process", files::size(value)),
        Resource::OpenFiles => format!("At most {value} open files a process"),
        Resource::Processes => format!("At most {value} processes and threads"),
        Resource::StackSize => format!("Stacks of at most {}", files::size(value)),
    };
    format!("{most}, or the caller's own limit where that is lower")
}

fn weaker(plan: &Plan, caller: &Caller) -> Vec<Line> {
    let mut lines = Vec::new();
    if caller.root {
        lines.push(Line::new(
            "Root starts it: it owns root's files wherever it sees them, so only read-only mounts and masks protect \
             those, and no limit on processes binds it",
        ));
    }
    lines.extend(syscalls::weaker(&plan.syscalls));
    lines.extend(services::weaker(plan, caller));
    if let Nested::Allow { origin } = &plan.namespaces.nested {
        let text = "It may make user namespaces, in which it is root and can reach much more of the kernel; a file that is \
                    one of its standard streams it can open again, for more than that was opened for";
        lines.push(Line::asked(text, origin));
    }
    lines.extend(hardware::weaker(plan));
    if let Some(report) = &caller.protections {
        lines.extend(report.missing(plan).into_iter().map(|warning| Line::new(sentence(&warning.message))));
    }
    let on_host_network = matches!(plan.network, Network::Host { .. });
    if on_host_network && plan.protections.landlock_scopes == Demand::Off {
        lines.push(Line::new("Abstract sockets of the host are not closed by Landlock"));
    }
    lines.extend(groups(caller).filter(|_| !plan.identity.has_ranges()));
    lines
}

/// With a capital letter, as every line here.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// An unprivileged map cannot shed supplementary groups (user_namespaces(7)).
fn groups(caller: &Caller) -> Option<Line> {
    let Groups { powerful, others, more } = &caller.groups;
    let powerful = powerful.iter().map(|(name, power)| format!("{name} ({power})"));
    let names: Vec<_> = powerful.chain(others.iter().cloned()).collect();
    let more = if *more == 0 { String::new() } else { format!(", and {more} more") };
    let (groups, they) = match names.as_slice() {
        [] => return None,
        [_] if more.is_empty() => ("a group", "its members"),
        _ => ("groups", "they"),
    };
    let names = names.join(", ");
    Some(Line::new(format!(
        "It stays a member of {groups}, and what {they} may use, it may use wherever it sees it: {names}{more}"
    )))
}

#[cfg(test)]
mod tests;
