//! The payload's environment: what the profile lets in, who the payload is, and what the profile sets.

use super::identity::Names;
use super::origin;
use crate::frontend::profile::globs::Name;
use crate::frontend::profile::merged::{Pattern, Profile};
use crate::frontend::profile::text::Place;
use crate::host::HostFacts;
use crate::plan::{Identity, Origin, Variable};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Every variable of the payload, by name; what comes later in this function wins.
pub fn lower(
    profile: &Profile,
    identity: &Identity,
    home: &Path,
    directory: &Path,
    desktop: &[Variable],
    facts: &HostFacts,
) -> Vec<Variable> {
    let mut variables: BTreeMap<OsString, (OsString, Origin)> = BTreeMap::new();
    let patterns: Vec<(Name, &Place)> =
        profile.inherit.iter().map(|pattern| (name(&pattern.value), &pattern.place)).collect();
    for (name, value) in &facts.environment {
        if let Some((_, place)) = patterns.iter().find(|(pattern, _)| pattern.fits(name)) {
            // Of a name that stands twice, the first is the one that getenv(3) finds.
            variables.entry(name.clone()).or_insert_with(|| (value.clone(), place.origin()));
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
    for variable in desktop {
        variables.insert(variable.name.clone(), (variable.value.clone(), variable.origin.clone()));
    }
    for (name, value) in &profile.set {
        variables.insert(name.clone(), (value.value.clone(), value.place.origin()));
    }
    variables.into_iter().map(|(name, (value, origin))| Variable { name, value, origin }).collect()
}

/// The names that a pattern stands for.
fn name(pattern: &Pattern) -> Name {
    match pattern {
        Pattern::All => Name::new(OsStr::new("*")),
        Pattern::Glob(glob) => Name::new(glob),
    }
}
