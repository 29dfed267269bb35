//! The root itself: nsbox's own, or a folder of the host such as an unpacked image.

use super::layout::Host;
use super::mounts::lost;
use super::walk::{Astray, Crossing, Walker};
use crate::error::Diagnostics;
use crate::frontend::profile::merged::{Profile, RootFolder};
use crate::frontend::profile::text::Located;
use crate::plan::{Access, Mount, MountKind, Root, RootAccess};
use std::path::PathBuf;

const UNPACK: &str = "an image is unpacked into a folder first";

/// The root of a plan.
pub fn lower(profile: &Profile, host: &Host<'_>, found: &mut Diagnostics) -> Root {
    let Some((root, folder)) = chosen(profile) else { return Root::Tmpfs { size: None } };
    let walker = Walker::new(host, &[], &|_| Crossing::Open);
    let problem = match walker.to_source(&folder.path) {
        Ok(walk) if host.is_folder(&walk.host) => {
            return Root::Directory { source: walk.host, access: folder.access, origin: root.place.origin() };
        }
        Ok(_) => root.place.error(format!("`{}` is no folder", folder.path.display())).hint(UNPACK),
        Err(astray @ Astray::Missing(_)) => lost(&folder.path, &root.place, &astray, host).hint(UNPACK),
        Err(astray) => lost(&folder.path, &root.place, &astray, host),
    };
    found.push(problem);
    // Nothing is to be said of what would be in it.
    Root::Tmpfs { size: None }
}

/// A folder that is the root, and where that is said.
pub type Chosen<'p> = (&'p Located<Option<RootFolder>>, &'p RootFolder);

/// The folder that a profile has as its root.
pub fn chosen(profile: &Profile) -> Option<Chosen<'_>> {
    let root = profile.root.as_ref()?;
    Some((root, root.value.as_ref()?))
}

/// The root as the mount that everything else is mounted on; nothing where it is nsbox's own, which shows nothing.
pub fn as_mount(root: &Root) -> Option<Mount> {
    let Root::Directory { source, access, origin } = root else { return None };
    let access = if *access == RootAccess::Read { Access::Read } else { Access::Write };
    let kind = MountKind::Bind { source: source.clone(), access };
    Some(Mount { destination: PathBuf::from("/"), kind, origin: origin.clone() })
}
