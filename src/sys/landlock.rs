//! Landlock's three calls: landlock_create_ruleset(2), landlock_add_rule(2) and landlock_restrict_self(2).

use crate::error::Errno;
use std::ops::{BitAnd, BitOr, Sub};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// `LANDLOCK_CREATE_RULESET_VERSION` (linux/landlock.h).
const VERSION: u32 = 1;
/// `LANDLOCK_RULE_PATH_BENEATH` (linux/landlock.h).
const PATH_BENEATH: u32 = 1;

/// What may be done with files: a set of `LANDLOCK_ACCESS_FS_*` (linux/landlock.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rights(u64);

impl Rights {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// To execute a file.
    pub const EXECUTE: Self = Self(1 << 0);
    /// To open a file for writing.
    pub const WRITE_FILE: Self = Self(1 << 1);
    /// To open a file for reading.
    pub const READ_FILE: Self = Self(1 << 2);
    /// To move or link a file from one folder to another: a right that only folders give (version 2).
    pub const REFER: Self = Self(1 << 13);
    /// To truncate a file (version 3).
    pub const TRUNCATE: Self = Self(1 << 14);

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether all of the others are among them.
    pub fn contains(self, others: Self) -> bool {
        self & others == others
    }
}

impl BitOr for Rights {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

impl BitAnd for Rights {
    type Output = Self;

    fn bitand(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }
}

impl Sub for Rights {
    type Output = Self;

    fn sub(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

/// What of a ruleset's process cannot be reached from inside any more: a set of `LANDLOCK_SCOPE_*` (linux/landlock.h, version 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u64);

impl Scopes {
    /// Nothing is closed.
    pub const NONE: Self = Self(0);
    /// Abstract sockets that were made outside, and processes outside as the receivers of signals.
    pub const ALL: Self = Self(1 << 0 | 1 << 1);
}

/// `struct landlock_ruleset_attr` (linux/landlock.h). An older kernel knows its beginning only, and takes the rest where that
/// is zero.
#[repr(C)]
struct RulesetAttr {
    handled_access_fs: u64,
    handled_access_net: u64,
    scoped: u64,
}

/// `struct landlock_path_beneath_attr` (linux/landlock.h).
#[repr(C, packed)]
struct PathBeneathAttr {
    allowed_access: u64,
    parent_fd: i32,
}

/// The version of the interface.
///
/// `int landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);`
///
/// # Errors
/// ENOSYS where the kernel was built without Landlock, EOPNOTSUPP where it is switched off.
pub fn version() -> Result<u32, Errno> {
    // SAFETY: with this flag the call reads no memory: the pointer is null and the size 0.
    let answer = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0usize, 0usize, VERSION) };
    u32::try_from(answer).map_err(|_| Errno::last())
}

/// Makes a ruleset, which closes on exec: of these rights, who is under it has only those that its rules give.
///
/// `int landlock_create_ruleset(const struct landlock_ruleset_attr *attr, size_t size, uint32_t flags);`
///
/// # Errors
/// As landlock_create_ruleset(2): ENOMSG where it would restrict nothing, EINVAL for rights and E2BIG for scopes that are newer
/// than the kernel.
pub fn create_ruleset(handled: Rights, scoped: Scopes) -> Result<OwnedFd, Errno> {
    let attr = RulesetAttr { handled_access_fs: handled.0, handled_access_net: 0, scoped: scoped.0 };
    // SAFETY: the kernel reads a whole `attr` of its true size.
    let ruleset =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, &raw const attr, size_of::<RulesetAttr>(), 0u32) };
    match i32::try_from(ruleset) {
        // SAFETY: the kernel has just made this descriptor for us, and nobody else knows it.
        Ok(ruleset @ 0..) => Ok(unsafe { OwnedFd::from_raw_fd(ruleset) }),
        _ => Err(Errno::last()),
    }
}

/// Gives rights to a file, or to a folder and all that is below it.
///
/// `int landlock_add_rule(int ruleset_fd, enum landlock_rule_type rule_type, const void *rule_attr, uint32_t flags);`
///
/// # Errors
/// As landlock_add_rule(2): ENOMSG where no right is given, EINVAL for one that the ruleset does not handle, or that a file
/// which is no folder cannot give; EBADFD where the descriptor leads to what is in no file system that paths lead to.
pub fn add_rule(ruleset: BorrowedFd<'_>, place: BorrowedFd<'_>, rights: Rights) -> Result<(), Errno> {
    let attr = PathBeneathAttr { allowed_access: rights.0, parent_fd: place.as_raw_fd() };
    // SAFETY: the kernel reads a whole `attr`, which is what a rule of this type is described by.
    let result =
        unsafe { libc::syscall(libc::SYS_landlock_add_rule, ruleset.as_raw_fd(), PATH_BENEATH, &raw const attr, 0u32) };
    if result == 0 { Ok(()) } else { Err(Errno::last()) }
}

/// Puts this thread, and every child it makes from here on, under a ruleset for good.
///
/// `int landlock_restrict_self(int ruleset_fd, uint32_t flags);`
///
/// # Errors
/// As landlock_restrict_self(2): EPERM without no_new_privs or CAP_SYS_ADMIN, E2BIG under too many rulesets already.
pub fn restrict_self(ruleset: BorrowedFd<'_>) -> Result<(), Errno> {
    // SAFETY: takes numbers only.
    let result = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0u32) };
    if result == 0 { Ok(()) } else { Err(Errno::last()) }
}

#[cfg(test)]
mod tests {
    use super::{Rights, Scopes, add_rule, create_ruleset, version};
    use crate::error::Errno;
    use std::fs::File;
    use std::os::fd::AsFd;

    #[test]
    fn sets_of_rights_are_sets() {
        let both = Rights::EXECUTE | Rights::REFER;
        assert!(both.contains(Rights::REFER) && !Rights::REFER.contains(both) && both.contains(Rights::NONE));
        assert_eq!(both - Rights::REFER, Rights::EXECUTE);
        assert!((both & Rights::TRUNCATE).is_empty() && !both.is_empty());
    }

    #[test]
    fn the_kernel_takes_a_rule_for_what_can_give_its_rights_and_no_other() {
        if version().unwrap_or(0) < 2 {
            return;
        }
        let handled = Rights::EXECUTE | Rights::REFER;
        let ruleset = create_ruleset(handled, Scopes::NONE).expect("a ruleset");
        let open = |path: &str| File::open(path).expect(path);
        let add = |place: &dyn AsFd, rights| add_rule(ruleset.as_fd(), place.as_fd(), rights);
        let (folder, file, (pipe, _)) = (open("/"), open("/proc/self/exe"), std::io::pipe().expect("a pipe"));
        assert_eq!((add(&folder, handled), add(&file, Rights::EXECUTE)), (Ok(()), Ok(())));
        assert_eq!(add(&file, handled), Err(Errno(libc::EINVAL)), "a file has nothing below it to be moved");
        assert_eq!(add(&folder, Rights::READ_FILE), Err(Errno(libc::EINVAL)), "that is not handled");
        assert_eq!(add(&folder, Rights::NONE), Err(Errno(libc::ENOMSG)));
        assert_eq!(add(&pipe, Rights::EXECUTE), Err(Errno(libc::EBADFD)));
        assert_eq!(create_ruleset(Rights::NONE, Scopes::NONE).map(drop), Err(Errno(libc::ENOMSG)));
    }
}
