//! What an older kernel lacks, and what nsbox therefore says in every run.

use nsbox::isolate::landlock::Support;

/// How the words begin.
const NO_SCOPES: &str = "this kernel has no Landlock scopes";

/// Whether this kernel has the scopes of Landlock (Linux 6.12).
pub fn has_scopes() -> bool {
    Support::of_kernel().is_ok_and(|found| found >= Support::SCOPES)
}

/// Whether this kernel has rules about truncating files (Linux 6.2).
pub fn has_truncate_rule() -> bool {
    Support::of_kernel().is_ok_and(|found| found >= Support::TRUNCATING)
}

/// Whether a warning is only there because this kernel lacks scopes.
///
/// The tests are about what else is said; that it is said there, `tests/kernels` holds.
pub fn is_of_kernel(message: &str) -> bool {
    !has_scopes() && message.starts_with(NO_SCOPES)
}

/// What else was said.
pub fn without_kernels_own(said: &str) -> String {
    let is_other = |line: &&str| !line.strip_prefix("warning: ").is_some_and(is_of_kernel);
    said.split_inclusive('\n').filter(is_other).collect()
}
