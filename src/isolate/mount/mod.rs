//! The sandbox's file system: a tmpfs root, binds, /proc and /dev, and the old root gone (mount_namespaces(7)).
//!
//! [`Layout::prepare`] decides and looks up on the host; the rest acts in init, in this order: [`make_private`],
//! [`open_sources`](Layout::open_sources), [`build_root`](Layout::build_root), [`lock_root`](Layout::lock_root),
//! [`pivot_root`], [`detach_old_root`].
//!
//! While the root is built, init's root folder is still the host's and its working directory the new root's: an
//! absolute path names a source, a relative one a destination. One `pivot_root` then suffices.

mod build;
mod layout;
mod made;
mod masks;
mod source;
mod target;
#[cfg(test)]
mod tests;

pub use build::{Unlocked, detach_old_root, make_private, pivot_root};
pub use layout::{Layout, Sockets};
pub use source::Sources;
