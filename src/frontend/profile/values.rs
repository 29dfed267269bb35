//! How the keys that are neither file-system entries nor variables read their values and merge them.

use super::form::quoted;
use super::merged::{Directory, Protection};
use super::quantity;
use super::reader::{Reader, plain, words};
use super::text::Located;
use super::tree::{Node, Value};
use crate::error::{Diagnostic, suggest};
use crate::plan::{Capability, Clock, Resource};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// The longest host name that the kernel takes, in bytes (`__NEW_UTS_LEN`, linux/utsname.h).
const HOSTNAME_MAX: usize = 64;

/// `command.argv`: replaced as a whole, since half of a command is none.
pub fn argv(reader: &mut Reader<'_>, node: &Node) {
    let words: Vec<OsString> = reader.list(node).iter().filter_map(|item| Some(reader.text(item)?.value)).collect();
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        reader.report(node.place.error("a command needs at least one word"));
    }
    reader.profile.argv = Some(words);
}

/// `command.directory`: `${PWD}` spelled out is the default, with its way out where that folder is not visible.
pub fn directory(reader: &mut Reader<'_>, node: &Node) {
    let default = matches!(&node.value, Value::Text(text) if text == "${PWD}");
    let directory = match default {
        true => Some(Located { value: Directory::Caller, place: node.place.clone() }),
        false => reader.path(node).map(|path| Located { value: Directory::At(path.value), place: path.place }),
    };
    reader.profile.directory = directory.or(reader.profile.directory.take());
}

/// `identity.hostname`.
pub fn hostname(reader: &mut Reader<'_>, node: &Node) {
    let Some(name) = reader.text(node) else { return };
    let bytes = name.value.as_bytes();
    // What follows a space or a newline would become a line of its own in /etc/hosts.
    let printable = bytes.iter().all(|byte| byte.is_ascii_graphic());
    let message = match bytes.len() {
        0 => "an empty host name".to_owned(),
        length if length > HOSTNAME_MAX => format!("a host name of {length} bytes is too long"),
        _ if !printable => format!("`{}` cannot be a host name", name.value.display()),
        _ => {
            reader.profile.hostname = Some(name);
            return;
        }
    };
    let hint = format!("1 to {HOSTNAME_MAX} letters, digits, `-` and `.`");
    reader.report(node.place.error(message).hint(hint));
}

/// `capabilities.keep`: appended; said at all, it is no longer for nsbox to decide.
pub fn keep(reader: &mut Reader<'_>, node: &Node) {
    let mut kept = reader.profile.keep.take().map(|said| said.value).unwrap_or_default();
    for item in reader.list(node) {
        let Some(name) = plain(item) else {
            reader.wrong_type("the name of a capability", item);
            continue;
        };
        match Capability::named(&name) {
            Some(value) => kept.push(Located { value, place: item.place.clone() }),
            None => reader.report(no_capability(&name, item)),
        }
    }
    reader.profile.keep = Some(Located { value: kept, place: node.place.clone() });
}

fn no_capability(name: &str, node: &Node) -> Diagnostic {
    let problem = node.place.error(format!("`{name}` is no capability"));
    // As the kernel's headers have it, and as other programs do.
    let plain = name.to_ascii_lowercase().replace('_', "-");
    let plain = plain.strip_prefix("cap-").unwrap_or(&plain);
    match suggest::nearest(plain, Capability::names().iter().copied()) {
        Some(near) => problem.label(format!("did you mean `{near}`?")),
        None => problem.hint("capabilities(7) has their names, which are written as in `net-bind-service`"),
    }
}

/// `namespaces.time`: merged clock by clock.
pub fn clocks(reader: &mut Reader<'_>, node: &Node) {
    let Value::Table(table) = &node.value else { return reader.unfit(node) };
    let fields = reader.fields(table, ["boottime", "monotonic"]);
    for (clock, field) in [Clock::Boottime, Clock::Monotonic].into_iter().zip(fields) {
        match field.map(|node| (quantity::offset(node), node)) {
            None => {}
            Some((Ok(value), node)) => {
                reader.profile.clocks.insert(clock, Located { value, place: node.place.clone() });
            }
            Some((Err(problem), _)) => reader.report(problem),
        }
    }
}

/// The keys of `[limits]` that the kernel holds each process to.
pub fn limit(reader: &mut Reader<'_>, node: &Node, resource: Resource) {
    let value = match resource {
        Resource::CoreSize => quantity::size_or_none(node, reader.facts.memory),
        Resource::AddressSpace | Resource::FileSize | Resource::LockedMemory | Resource::StackSize => {
            quantity::size(node, reader.facts.memory)
        }
        Resource::CpuTime => quantity::span(node),
        Resource::Processes | Resource::OpenFiles => quantity::count(node),
    };
    match value {
        Ok(value) => {
            reader.profile.limits.insert(resource, Located { value, place: node.place.clone() });
        }
        Err(problem) => reader.report(problem),
    }
}

/// `limits.wall-time`.
pub fn wall_time(reader: &mut Reader<'_>, node: &Node) {
    match quantity::span(node) {
        Ok(value) => reader.profile.wall_time = Some(Located { value, place: node.place.clone() }),
        Err(problem) => reader.report(problem),
    }
}

/// `protections.best-effort`: appended.
pub fn best_effort(reader: &mut Reader<'_>, node: &Node) {
    let known = format!("one of {}", quoted(&words::<Protection>()));
    for item in reader.list(node) {
        if let Some(named) = reader.choice_of(item, &known) {
            reader.profile.best_effort.push(named);
        }
    }
}
