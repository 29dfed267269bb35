//! How old the kernel is.

use crate::error::remedy::KERNEL_OLDEST;
use crate::error::{Errno, Fault};

/// The first two numbers of the kernel's version; nothing where it has none that can be read.
pub fn version() -> Option<(u32, u32)> {
    parse(&rustix::system::uname().release().to_string_lossy())
}

/// Refuses a kernel that is older than those that nsbox runs on, on which it would be weaker than it says.
///
/// # Errors
/// ENOSYS for one that is older.
pub fn refuse_older() -> Result<(), Fault> {
    refuse(version())
}

fn refuse(version: Option<(u32, u32)>) -> Result<(), Fault> {
    match version.filter(|found| *found < KERNEL_OLDEST) {
        Some((major, minor)) => Err(Fault::of("run on", format!("Linux {major}.{minor}"))(Errno(libc::ENOSYS))),
        None => Ok(()),
    }
}

fn parse(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(['.', '-', '+']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::{parse, refuse};

    #[test]
    fn the_version_is_the_first_two_numbers() {
        assert_eq!(parse("6.12.117+deb13-cloud-amd64"), Some((6, 12)));
        assert_eq!(parse("5.14.0-503.el9.x86_64"), Some((5, 14)));
        assert_eq!(parse("7.0-rc1"), Some((7, 0)));
        assert_eq!(parse("next"), None);
    }

    #[test]
    fn kernels_older_than_the_oldest_are_refused() {
        for release in ["4.18.0-553.el8", "5.10.0-32-cloud-amd64", "5.12.19", "5.13.0-52-generic"] {
            let fault = refuse(parse(release)).expect_err(release).to_string();
            assert!(fault.starts_with("run on Linux ") && fault.ends_with("(ENOSYS)"), "{fault}");
        }
        for release in ["5.14.0-503.el9.x86_64", "5.15.0-160-generic", "6.1.0", "10.0.1"] {
            assert_eq!(refuse(parse(release)), Ok(()), "{release}");
        }
        // What tells no version is asked for each thing by itself.
        assert_eq!(refuse(parse("next")), Ok(()));
    }
}
