//! The payload's environment: what the profile lets in, who the payload is, and what the profile sets.

use super::identity::Names;
use super::origin;
use crate::frontend::profile::merged::{Pattern, Profile};
use crate::host::HostFacts;
use crate::plan::{Identity, Origin, Variable};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Every variable of the payload, by name; what comes later in this function wins.
pub fn lower(
    profile: &Profile,
    identity: &Identity,
    home: &Path,
    directory: &Path,
    facts: &HostFacts,
) -> Vec<Variable> {
    let mut variables: BTreeMap<OsString, (OsString, Origin)> = BTreeMap::new();
    for (name, value) in &facts.environment {
        let fits = profile.inherit.iter().find(|pattern| match &pattern.value {
            Pattern::All => true,
            Pattern::Glob(glob) => matches(glob.as_bytes(), name.as_bytes()),
        });
        if let Some(pattern) = fits {
            // Of a name that stands twice, the first is the one that getenv(3) finds.
            variables.entry(name.clone()).or_insert_with(|| (value.clone(), pattern.place.origin()));
        }
    }
    let user = OsStr::new(Names::of(identity, facts).user);
    let own = [
        ("HOME", home.as_os_str(), origin(&profile.user, "identity.user")),
        ("USER", user, origin(&profile.user, "identity.user")),
        ("LOGNAME", user, origin(&profile.user, "identity.user")),
        ("SHELL", facts.shell.as_os_str(), origin(&profile.user, "identity.user")),
        ("PWD", directory.as_os_str(), origin(&profile.directory, "command.directory")),
    ];
    for (name, value, origin) in own {
        variables.insert(name.into(), (value.to_owned(), origin));
    }
    for (name, value) in &profile.set {
        variables.insert(name.clone(), (value.value.clone(), value.place.origin()));
    }
    variables.into_iter().map(|(name, (value, origin))| Variable { name, value, origin }).collect()
}

/// Whether a name fits a pattern in which `*` stands for any run of characters.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let mut parts = pattern.split(|byte| *byte == b'*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        // The earliest place leaves the most for what follows.
        let at = (0..=rest.len()).find(|at| rest[*at..].starts_with(part));
        let Some(at) = at else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        let cases = [
            ("LANG", "LANG", true),
            ("LANG", "LANGUAGE", false),
            ("LC_*", "LC_ALL", true),
            ("LC_*", "LC_", true),
            ("LC_*", "XLC_ALL", false),
            ("*", "ANY", true),
            ("*_PROXY", "HTTP_PROXY", true),
            ("*_PROXY", "HTTP_PROXY_", false),
            ("A*B*C", "AxBxBxC", true),
            ("A*B*C", "AxCxB", false),
            ("AB*BA", "ABA", false),
            ("**", "x", true),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
