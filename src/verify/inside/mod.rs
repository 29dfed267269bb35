//! What nsbox does as its own payload: every attack of the table, each in a process of its own, none of which hurts anything
//! should it succeed.

pub mod files;
pub mod identity;
pub mod islands;
mod mounts;
pub mod processes;
pub mod reach;
pub mod streams;
pub mod surface;

use super::checks::CHECKS;
use super::scene::Scene;
use super::testimony::{Seen, Testimony};
use crate::plan::Plan;
use crate::sys::attempt::{Ended, apart};
use mounts::MountPoint;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What is known before the first attack.
#[derive(Debug)]
pub struct Inside {
    /// What the outside tells.
    scene: Scene,
    /// What is mounted; nothing where there is no /proc.
    mounts: Option<Vec<MountPoint>>,
    /// Whether kill(-1) would reach anyone, as long as no child of this process is there to be reached.
    reaches_others: bool,
}

/// Attacks all promises of a scene; nothing, where this is no sandbox at all.
///
/// Every sandbox has a mount namespace of its own. In the caller's, what is detached would be the caller's.
pub fn play(scene: Scene) -> Option<Testimony> {
    let (here, there) = (whereabouts(), &scene.outside);
    let is_outside = match (&here.0, &there.0) {
        (Some(here), Some(there)) => here == there,
        _ => (here.1, here.2) == (there.1, there.2),
    };
    if is_outside {
        return None;
    }
    // Before any child is made. With signal 0, nobody gets one.
    let reaches_others = processes::reaches_others();
    let inside = Inside { scene, mounts: mounts::read(), reaches_others };
    let checks = CHECKS.iter().map(|check| {
        let said = apart(|| {
            let mut seen = Seen::default();
            (check.attack)(&inside, &mut seen);
            serde_json::to_vec(&seen).unwrap_or_default()
        });
        (check.name.to_owned(), heard(said))
    });
    Some(Testimony { checks: checks.collect() })
}

/// The mount namespace of this process, where that can be told, and the device and the inode of its root.
pub fn whereabouts() -> (Option<String>, u64, u64) {
    let namespace = std::fs::read_link("/proc/self/ns/mnt").ok().map(|link| link.to_string_lossy().into_owned());
    let root = std::fs::metadata("/").map_or((0, 0), |found| (found.dev(), found.ino()));
    (namespace, root.0, root.1)
}

/// What a process has said of a check; nothing that it could have proved is taken for granted where it has not.
fn heard(said: Result<Vec<u8>, Ended>) -> Seen {
    let untried = |why: String| Seen { untried: Some(why), ..Seen::default() };
    match said {
        Ok(said) => serde_json::from_slice(&said).unwrap_or_else(|_| untried("its process said nothing".into())),
        Err(Ended::Killed(signal)) => {
            let name = nix::sys::signal::Signal::try_from(signal).map_or("a signal", |signal| signal.as_str());
            untried(format!("its process was ended by {name}"))
        }
        Err(Ended::Failed(errno)) => untried(format!("no process could be made for it: {errno}")),
    }
}

impl Inside {
    fn claim(&self) -> &Plan {
        &self.scene.claim
    }

    /// The mounts, or the reason why they are not known.
    fn mounts(&self, seen: &mut Seen) -> &[MountPoint] {
        match &self.mounts {
            Some(mounts) => mounts,
            None => {
                seen.cannot("there is no /proc inside to read");
                &[]
            }
        }
    }

    /// A folder inside in which something can be made.
    fn writable_folder(&self) -> Option<PathBuf> {
        let mut folders = super::expectations::folders_in_memory(self.claim());
        folders.push("/tmp".into());
        folders.into_iter().find(|folder| rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok())
    }

    /// The name of a file that nobody else has.
    fn stray(&self) -> &str {
        &self.scene.lure.stray
    }
}

/// Does something in a child that may be ended by it, and adds what that saw.
fn aside(seen: &mut Seen, act: impl FnOnce(&mut Seen)) {
    let said = apart(|| {
        let mut seen = Seen::default();
        act(&mut seen);
        serde_json::to_vec(&seen).unwrap_or_default()
    });
    match said {
        // A filter that ends who makes a call has refused it.
        Err(Ended::Killed(libc::SIGSYS)) => seen.tried += 1,
        said => {
            let other = heard(said);
            seen.tried += other.tried;
            seen.reached.extend(other.reached);
            seen.got.extend(other.got);
            seen.namespaces.extend(other.namespaces);
            if let Some(why) = other.untried {
                seen.cannot(why);
            }
        }
    }
}

/// Adds the number of one of this process's namespaces.
fn compare_namespace(seen: &mut Seen, kind: &str) {
    match std::fs::read_link(Path::new("/proc/self/ns").join(kind)) {
        Ok(link) => {
            seen.tries();
            seen.namespaces.push(link.to_string_lossy().into_owned());
        }
        Err(_) => seen.cannot("there is no /proc inside to read"),
    }
}
