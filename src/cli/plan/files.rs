//! What a plan says of files: what can be read, what can be changed, what is only in memory, what is covered.

use super::folding::{Entry, Folding, list};
use super::layout::{Line, Section};
use nsbox::plan::{Access, Mount, MountKind, Plan, ProcSource, Root};
use std::path::Path;

/// The sections about files.
pub fn sections(plan: &Plan, folding: Folding) -> Vec<Section> {
    let mut sections = vec![
        Section::new("It can read, but not change", readable(plan, folding)),
        Section::new("It can change, on the host itself", changeable(plan, folding)),
        Section::new(memory_heading(plan), listed(plan, folding, is_memory)),
        Section::new("It is also given", given(plan, folding)),
        Section::new(
            "It sees as empty",
            listed(plan, folding, |mount| mount.kind == MountKind::Hide && !is_system(mount)),
        ),
    ];
    sections.retain(|section| !section.lines.is_empty());
    sections
}

fn readable(plan: &Plan, folding: Folding) -> Vec<Line> {
    let mut lines = listed(plan, folding, |mount| match &mount.kind {
        MountKind::Bind { access, .. } => *access == Access::Read,
        MountKind::ReadOnly => !is_system(mount),
        _ => false,
    });
    lines.push(Line::new("No other file of the host is there, but for what follows"));
    lines
}

fn changeable(plan: &Plan, folding: Folding) -> Vec<Line> {
    let lines = listed(plan, folding, |mount| matches!(mount.kind, MountKind::Bind { access: Access::Write, .. }));
    if lines.is_empty() { vec![Line::new("Nothing")] } else { lines }
}

/// What is neither the host's nor memory to work in: links, small files, processes, devices.
fn given(plan: &Plan, folding: Folding) -> Vec<Line> {
    let mut lines = listed(plan, folding, |mount| matches!(mount.kind, MountKind::Symlink { .. }) && !is_system(mount));
    lines.extend(listed(plan, folding, |mount| matches!(mount.kind, MountKind::File { .. })));
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
        MountKind::Symlink { target } => format!(" -> {}", target.display()),
        MountKind::File { .. } => " (made by nsbox)".to_owned(),
        MountKind::Tmpfs { size: Some(bytes), .. } => format!(" (at most {})", size(*bytes)),
        _ => String::new(),
    }
}

fn memory_heading(plan: &Plan) -> String {
    let Root::Tmpfs { size: bound } = plan.root;
    let bound = bound.map_or_else(|| "half of the memory".to_owned(), size);
    format!("It has in memory, empty at first and gone at the end, together at most {bound}")
}

fn is_memory(mount: &Mount) -> bool {
    matches!(mount.kind, MountKind::Tmpfs { .. }) && mount.destination != Path::new("/dev")
}

/// Whether a mount belongs to the file systems that every Linux program expects, which are told in a line of their own.
fn is_system(mount: &Mount) -> bool {
    ["/proc", "/dev"].iter().any(|folder| mount.destination.starts_with(folder))
}

fn proc(plan: &Plan, mount: &Mount) -> Option<Line> {
    let MountKind::Proc { source: ProcSource::New } = mount.kind else { return None };
    let below = |kind: &MountKind| {
        plan.mounts.iter().filter(|m| m.kind == *kind && m.destination.starts_with(&mount.destination)).count()
    };
    let (covered, locked) = (below(&MountKind::Hide), below(&MountKind::ReadOnly));
    let what = "the sandbox's own processes";
    let text = match (covered, locked) {
        (0, 0) => format!("{}: {what}", mount.destination.display()),
        _ => format!("{}: {what}; {covered} entries look empty, {locked} are read-only", mount.destination.display()),
    };
    Some(Line::asked(text, &mount.origin))
}

/// One line for all that is in `/dev`, and one for each device elsewhere.
fn devices(plan: &Plan) -> Vec<Line> {
    let is_device = |mount: &&Mount| matches!(mount.kind, MountKind::Device { .. } | MountKind::Devpts);
    let (usual, other): (Vec<_>, Vec<_>) = plan.mounts.iter().filter(is_device).partition(|m| is_system(m));
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
    if mount.kind == MountKind::Devpts { format!("{name} (terminals of its own)") } else { name.to_string() }
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
