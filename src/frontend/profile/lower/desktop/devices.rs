//! `desktop.gpu`, `desktop.camera` and `desktop.input-devices`: nodes in `/dev`, and what `/sys` says of those devices alone.

use super::Session;
use crate::frontend::profile::lower::walk::real;
use crate::frontend::profile::merged::{EntryKind, Part, Switch};
use crate::frontend::profile::text::Place;
use crate::host::FileKind;
use std::path::Path;

/// Devices of one kind.
struct Devices {
    /// The key that opens them.
    switch: Switch,
    /// What they are where they may be missing.
    part: Part,
    /// Their nodes: a folder, and how names in it begin; where there is no name, the folder with what is plugged in later.
    nodes: &'static [(&'static str, &'static [&'static str])],
    /// Their folder in `/sys/class`.
    class: &'static str,
    /// What else programs need to use them.
    read: &'static [&'static str],
    /// What is said where there is none, and what to do about it.
    lacks: (&'static str, &'static str),
}

const KINDS: [Devices; 3] = [
    Devices {
        switch: Switch::Gpu,
        part: Part::Gpu,
        nodes: &[("/dev/dri", &["card", "renderD"]), ("/dev", &["nvidia"]), ("/dev/nvidia-caps", &["nvidia-cap"])],
        class: "drm",
        read: &["/dev/dri/by-path", "/etc/OpenCL", "/etc/drirc", "/etc/egl", "/etc/glvnd", "/etc/vulkan"],
        lacks: (
            "there is no graphics card here, or no driver of it",
            "leave `gpu` out: without it programs draw by the processor, with what package libgl1-mesa-dri brings",
        ),
    },
    Devices {
        switch: Switch::Camera,
        part: Part::Camera,
        nodes: &[("/dev", &["video", "media"])],
        class: "video4linux",
        read: &["/dev/v4l"],
        lacks: ("there is no camera here", "plug one in, or leave `camera` out"),
    },
    Devices {
        switch: Switch::InputDevices,
        part: Part::InputDevices,
        nodes: &[("/dev/input", &[])],
        class: "input",
        read: &[],
        lacks: ("there is no input device here", "plug one in, or leave `input-devices` out"),
    },
];

pub fn lower(session: &mut Session<'_>) {
    for kind in &KINDS {
        let Some(place) = session.opened(kind.switch) else { continue };
        if !open_nodes(session, kind, &place) {
            session.lacks(kind.part, &place, kind.lacks.0, kind.lacks.1);
            continue;
        }
        describe(session, kind.class, &place);
        session.read(kind.read, &place);
    }
}

/// Opens the nodes; gives whether there is any.
fn open_nodes(session: &mut Session<'_>, kind: &Devices, place: &Place) -> bool {
    let mut is_any = false;
    for (folder, starts) in kind.nodes {
        let folder = Path::new(folder);
        if starts.is_empty() && session.host.is_folder(folder) {
            session.entry(folder, EntryKind::Devices, place);
            is_any = true;
        }
        for name in session.names_in(folder) {
            let is_named = starts.iter().any(|start| name.to_string_lossy().starts_with(start));
            let node = folder.join(name);
            if is_named && session.is_there(&node, FileKind::Device) {
                session.entry(node, EntryKind::Device { optional: true }, place);
                is_any = true;
            }
        }
    }
    is_any
}

/// Shows what the kernel and udev(7) say of the devices of a class: their links, and the folders those lead to.
fn describe(session: &mut Session<'_>, class: &str, place: &Place) {
    let folder = Path::new("/sys/class").join(class);
    session.read_at(&folder, place);
    for name in session.names_in(&folder) {
        let device = folder.join(&name);
        session.read_at(&device, place);
        session.read_at(device.join("device"), place);
        // What a plug is called is said of the device that has it, one folder up.
        let plugged = real(session.host, &device.join("device")).and_then(|real| Some(real.parent()?.to_owned()));
        if let Some(plugged) = plugged.filter(|folder| session.is_there(&folder.join("idVendor"), FileKind::File)) {
            session.read_at(plugged, place);
        }
        let number = session.facts.paths.read(&device.join("dev"));
        let known = match number.as_deref().map(str::trim) {
            Some(number) => {
                session.read_at(Path::new("/sys/dev/char").join(number), place);
                format!("c{number}")
            }
            None => format!("+{class}:{}", name.to_string_lossy()),
        };
        session.read_at(Path::new("/run/udev/data").join(known), place);
    }
}
