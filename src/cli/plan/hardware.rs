//! What a plan opens of the machine's sound, screen, cameras and keyboards, in plain words: told by the mounts themselves, so
//! that it is said whoever asks for them.

use super::layout::Line;
use nsbox::plan::{Mount, MountKind, Plan};

/// A kind of thing that a mount can open.
struct Kind {
    is_opened_by: fn(&Mount) -> bool,
    told: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        is_opened_by: |mount| SOCKETS.iter().any(|(socket, _)| is_shown(mount, socket)),
        told: "It plays and records sound, also by your microphone, and hears what other programs play",
    },
    Kind {
        is_opened_by: |mount| is_node(mount, "/dev/dri/") || is_node(mount, "/dev/nvidia"),
        told: "It draws by the graphics card, which means much of the kernel: the whole of a driver",
    },
    Kind {
        is_opened_by: |mount| is_node(mount, "/dev/video"),
        told: "It sees through your cameras, as far as you may use them",
    },
    Kind {
        is_opened_by: |mount| is_node(mount, "/dev/input"),
        told: "It reads every input device that you may read, now and plugged in later; that of a keyboard tells all that \
               you type, to whichever program",
    },
];

/// The sockets of sound servers, where nothing filters them, and what is weaker for that (pulse-daemon.conf(5), pipewire(1)).
const SOCKETS: [(&str, &str); 2] = [
    (
        "pulse/native",
        "The sound server may load modules for it, which run outside and can write there; PulseAudio started with \
         `--disallow-module-loading` loads none",
    ),
    (
        "pipewire-0",
        "PipeWire's own socket is not filtered: unless your session manager restricts it, it has PipeWire start commands \
         outside, records, sees through cameras, and changes what plays for other programs and where",
    ),
];

/// How it is weaker for those than it could be.
pub fn weaker(plan: &Plan) -> impl Iterator<Item = Line> {
    SOCKETS.iter().filter_map(|(socket, told)| {
        let mount = plan.mounts.iter().find(|mount| is_shown(mount, socket))?;
        Some(Line::asked(*told, &mount.origin))
    })
}

/// Whether a mount is such a socket itself, and no link to one of the sandbox's own.
fn is_shown(mount: &Mount, socket: &str) -> bool {
    mount.destination.ends_with(socket) && !matches!(mount.kind, MountKind::Symlink { .. })
}

/// Whether a mount is a device whose name begins so.
fn is_node(mount: &Mount, start: &str) -> bool {
    let is_device = matches!(mount.kind, MountKind::Device { .. });
    is_device && mount.destination.to_str().is_some_and(|path| path.starts_with(start))
}

/// A line for each kind that is open.
pub fn told(plan: &Plan) -> impl Iterator<Item = Line> {
    KINDS.iter().filter_map(|kind| {
        let mount = plan.mounts.iter().find(|mount| (kind.is_opened_by)(mount))?;
        Some(Line::asked(kind.told, &mount.origin))
    })
}
