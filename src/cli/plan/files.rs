//! What a plan says of files: what can be read, what can be changed, what is only in memory, what is covered.

use super::folding::{Entry, Folding, join, list};
use super::layout::{Line, Section};
use nsbox::plan::{Access, Mount, MountKind, Plan, ProcSource, Root, RootAccess};
use std::path::Path;

/// What stands where there is nothing to list, and its absence would be overlooked.
pub const NOTHING: &str = "Nothing";

/// The sections about files.
pub fn sections(plan: &Plan, folding: Folding) -> Vec<Section> {
    vec![
        Section::new("It can read, but not change", readable(plan, folding)),
        Section::new("It can change, on the host itself", changeable(plan, folding)),
        Section::new("It can change for itself, in memory", root(plan, RootAccess::Discard).into_iter().collect()),
        Section::new(memory_heading(plan), memory(plan, folding)),
        Section::new("It is given, made by nsbox", made(plan, folding)),
        Section::new(
            "It sees as empty",
            listed(plan, folding, |mount| mount.kind == MountKind::Hide && !is_system(mount)),
        ),
    ]
}

fn readable(plan: &Plan, folding: Folding) -> Vec<Line> {
    let mut lines = listed(plan, folding, |mount| match &mount.kind {
        MountKind::Bind { access, .. } => *access == Access::Read,
        MountKind::ReadOnly => !is_system(mount),
        _ => false,
    });
    lines.extend(root(plan, RootAccess::Read));
    lines.extend(listed(plan, folding, |mount| matches!(mount.kind, MountKind::Symlink { .. }) && !is_system(mount)));
    let other = if lines.is_empty() { "No file" } else { "No other file" };
    lines.push(Line::new(format!("{other} of the host is there, but for what follows")));
    lines
}

fn changeable(plan: &Plan, folding: Folding) -> Vec<Line> {
    let mut lines = listed(plan, folding, |mount| mount.kind.is_writable_of_host());
    lines.extend(root(plan, RootAccess::Write));
    if lines.is_empty() { vec![Line::new(NOTHING)] } else { lines }
}

/// The folder of the host that is the root, under the heading that fits.
fn root(plan: &Plan, shown: RootAccess) -> Option<Line> {
    let Root::Directory { source, access, origin } = &plan.root else { return None };
    let changes = if shown == RootAccess::Discard { ", where nothing changes" } else { "" };
    let text = format!("/ (on the host: {}{changes})", source.display());
    (*access == shown).then(|| Line::asked(text, origin))
}

fn memory_heading(plan: &Plan) -> String {
    let bound = match plan.root {
        Root::Tmpfs { size: Some(bound) } => size(bound),
        _ => "half of the memory".to_owned(),
    };
    format!("It has in memory, empty at first and gone at the end, together at most {bound}")
}

fn memory(plan: &Plan, folding: Folding) -> Vec<Line> {
    // A tmpfs at /dev itself only holds the devices.
    let tmpfs = plan.mounts.iter().filter(|mount| matches!(mount.kind, MountKind::Tmpfs { .. }));
    let tmpfs = tmpfs.filter(|mount| mount.destination != Path::new("/dev"));
    let tmpfs = tmpfs.map(|mount| (format!("{}{}", mount.destination.display(), note(mount)), &mount.origin));
    join(tmpfs, folding)
}

/// What is neither the host's nor memory to work in: small files, processes, devices.
fn made(plan: &Plan, folding: Folding) -> Vec<Line> {
    let mut lines = listed(plan, folding, |mount| matches!(mount.kind, MountKind::File { .. } | MountKind::Sockets));
    lines.extend(plan.mounts.iter().filter_map(|mount| proc(plan, mount)));
    lines.extend(devices(plan));
    lines
}

/// Lists the mounts that a test picks.
fn listed(plan: &Plan, folding: Folding, pick: impl Fn(&Mount) -> bool) -> Vec<Line> {
    let picked = plan.mounts.iter().filter(|mount| pick(mount));
    list(
        picked.map(|mount| Entry { path: &mount.destination, note: note(mount), origin: &mount.origin }).collect(),
        folding,
    )
}

/// What a path alone does not tell.
fn note(mount: &Mount) -> String {
    match &mount.kind {
        MountKind::Bind { source, .. } if *source != mount.destination => {
            format!(" (on the host: {})", source.display())
        }
        MountKind::Kept { source } => format!(" (kept on the host: {})", source.display()),
        MountKind::Symlink { target } => format!(" -> {}", target.display()),
        MountKind::Sockets => " (sockets of what serves it alone)".to_owned(),
        MountKind::Tmpfs { size: Some(bytes), .. } => format!(" (at most {})", size(*bytes)),
        _ => String::new(),
    }
}

/// Whether a mount belongs to the file systems that every Linux program expects, which are told in a line of their own.
fn is_system(mount: &Mount) -> bool {
    ["/proc", "/dev"].iter().any(|folder| mount.destination.starts_with(folder))
}

fn proc(plan: &Plan, mount: &Mount) -> Option<Line> {
    let MountKind::Proc { source, masks, .. } = &mount.kind else { return None };
    let below = |kind: &MountKind| {
        plan.mounts.iter().filter(|m| m.kind == *kind && m.destination.starts_with(&mount.destination)).count()
    };
    let covered = masks.hidden.len() + below(&MountKind::Hide);
    let locked = masks.read_only.len() + below(&MountKind::ReadOnly);
    let what = match source {
        ProcSource::New => "the sandbox's own processes",
        ProcSource::Existing => "the host's own, with the names and arguments of all its processes",
    };
    let count = |number: usize, one: &str, many: &str| match number {
        0 => String::new(),
        1 => format!("; {number} {one}"),
        _ => format!("; {number} {many}"),
    };
    let covered = count(covered, "entry looks empty", "entries look empty");
    let locked = count(locked, "entry is read-only", "entries are read-only");
    Some(Line::asked(format!("{}: {what}{covered}{locked}", mount.destination.display()), &mount.origin))
}

/// One line for all that is in `/dev`, and one for each device elsewhere.
fn devices(plan: &Plan) -> Vec<Line> {
    let is_device =
        |mount: &&Mount| matches!(mount.kind, MountKind::Device { .. } | MountKind::Devpts | MountKind::Console);
    let terminals = plan.mounts.iter().find(|mount| mount.kind == MountKind::Devpts);
    let is_usual = |mount: &&Mount| is_system(mount) && terminals.is_some_and(|pts| pts.origin == mount.origin);
    let (usual, other): (Vec<_>, Vec<_>) = plan.mounts.iter().filter(is_device).partition(is_usual);
    let mut lines = Vec::new();
    if let Some(first) = usual.first() {
        let names: Vec<_> = usual.iter().map(|mount| device_name(mount)).collect();
        lines.push(Line::asked(format!("in /dev: {}", names.join(", ")), &first.origin));
    }
    lines.extend(other.iter().map(|mount| Line::asked(mount.destination.display().to_string(), &mount.origin)));
    lines
}

fn device_name(mount: &Mount) -> String {
    let path = &mount.destination;
    let name = path.strip_prefix("/dev").unwrap_or(path).display();
    match mount.kind {
        MountKind::Devpts => format!("{name} (terminals of its own)"),
        MountKind::Console => format!("{name} (your terminal, if you have one)"),
        _ if path == Path::new("/dev") => "every device of the host".to_owned(),
        _ => name.to_string(),
    }
}

/// A size as people write it, where it is a round one.
pub fn size(bytes: u64) -> String {
    let units = [(1 << 40, "T"), (1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")];
    let unit = units.iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{}{name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn round_sizes_have_units() {
        assert_eq!(size(1 << 30), "1G");
        assert_eq!(size(64 << 20), "64M");
        assert_eq!(size(1000), "1000 bytes");
        assert_eq!(size(0), "0 bytes");
    }
}
