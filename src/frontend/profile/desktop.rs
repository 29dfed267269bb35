//! How the keys of `[desktop]` are read, and how they merge.

use super::entries;
use super::expand::xdg_folder;
use super::merged::{Dconf, EntryKind, Part, Rule, Switch, X11};
use super::reader::{Choice, Reader};
use super::text::Located;
use super::tree::Node;
use crate::plan::{Access, Bus, BusAccess};

impl Choice for Part {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("session-bus", Self::SessionBus),
        ("system-bus", Self::SystemBus),
        ("portals", Self::Portals),
        ("wayland", Self::Wayland),
        ("x11", Self::X11),
        ("audio", Self::Audio),
        ("pipewire", Self::Pipewire),
        ("gpu", Self::Gpu),
        ("camera", Self::Camera),
        ("input-devices", Self::InputDevices),
        ("accessibility", Self::Accessibility),
    ];
}

impl Choice for Dconf {
    const WORDS: &'static [(&'static str, Self)] = &[("none", Self::None), ("read", Self::Read)];
}

impl Choice for X11 {
    const WORDS: &'static [(&'static str, Self)] =
        &[("none", Self::None), ("isolated", Self::Isolated), ("host", Self::Host)];
}

/// Where homes are kept, below the XDG data folder.
const HOMES: &str = "nsbox/homes";
/// The longest name of a home, in bytes.
const NAME_MAX: usize = 100;

/// `desktop.home`: a home that is kept for a program, where the person's own would be. A name, so that two profiles share a home only where both say so.
pub fn home(reader: &mut Reader<'_>, node: &Node) {
    let Some(name) = reader.text(node) else { return };
    let is_plain = |name: &str| {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        !name.is_empty() && name.len() <= NAME_MAX && !name.starts_with('.') && name.bytes().all(is_fit)
    };
    match name.value.to_str().filter(|name| is_plain(name)) {
        Some(plain) => {
            let data = xdg_folder("XDG_DATA_HOME", reader.facts).unwrap_or_else(|| reader.facts.home.clone());
            let path = Located { value: reader.facts.home.clone(), place: name.place };
            let folder = data.join(HOMES).join(plain);
            entries::add(reader, path, EntryKind::Kept(folder));
        }
        None => {
            let problem = node.place.error(format!("`{}` cannot be the name of a home", name.value.display()));
            let hint = format!("1 to {} letters, digits, `-`, `_` and `.`, no dot in front", NAME_MAX);
            reader.report(problem.hint(hint));
        }
    }
}

/// `desktop.shared`: folders that are the person's and the program's, as `filesystem.write` opens them; never the home folder.
pub fn shared(reader: &mut Reader<'_>, node: &Node) {
    entries::binds_for(reader, node, Access::Write, Some("desktop.shared"));
}

/// A list of rules of a bus: appended.
pub fn bus_rules(reader: &mut Reader<'_>, node: &Node, bus: Bus, access: BusAccess) {
    for item in reader.list(node) {
        let Some(name) = reader.text(item) else { continue };
        let Some(text) = name.value.to_str() else {
            reader.report(item.place.error("a name of a bus is plain text"));
            continue;
        };
        if let Some((message, hint)) = access.misfit(text) {
            reader.report(name.place.error(message).hint(hint));
            continue;
        }
        let rule = Rule { bus, access, name: text.to_owned() };
        reader.profile.desktop.rules.push(Located { value: rule, place: name.place });
    }
}

/// `desktop.optional`: appended.
pub fn optional(reader: &mut Reader<'_>, node: &Node) {
    for item in reader.list(node) {
        let part = reader.choice_of::<Part>(item, "a part of the desktop");
        reader.profile.desktop.optional.extend(part);
    }
}

/// A key that opens something, or does not.
pub fn switch(reader: &mut Reader<'_>, node: &Node, switch: Switch) {
    if let Some(said) = reader.boolean(node) {
        reader.profile.desktop.switches.insert(switch, said);
    }
}

/// `desktop.dconf`: a word, since one day it may be more than read.
pub fn dconf(reader: &mut Reader<'_>, node: &Node) {
    if let Some(Located { value, place }) = reader.choice::<Dconf>(node) {
        reader.profile.desktop.switches.insert(Switch::Dconf, Located { value: value == Dconf::Read, place });
    }
}
