//! From the person's words to a plan; pure: it knows the host by its facts only, and changes nothing.

mod defaults;
mod desktop;
mod destinations;
mod directory;
mod environment;
mod exclusions;
mod exposure;
mod files;
mod grants;
mod hides;
mod homes;
mod identity;
mod layout;
mod limits;
mod links;
mod locks;
mod matches;
mod mounts;
mod namespaces;
mod resolver;
mod root;
mod subordinate;
mod syscalls;
mod walk;

pub(super) use defaults::SYNTHESISED;
pub(super) use layout::Host;
pub(super) use mounts::root_itself;
pub(super) use walk::real;

use super::load::Chain;
use super::merged::{Network, Profile, Terminal};
use super::reader::Reader;
use super::text::Located;
use super::{Request, words};
use crate::error::{Diagnostic, Diagnostics};
use crate::host::HostFacts;
use crate::plan::{self, Command, Descriptors, Draft, Identity, Origin, Plan, Root, VERSION};
use std::ffi::OsString;
use std::path::Path;

/// Makes the plan that a chain of profiles and the flags of a request ask for, on this host.
///
/// # Errors
/// Everything that is wrong with them, at once; what is merely odd comes beside the plan.
pub fn lower(chain: &Chain, request: &Request, facts: &HostFacts) -> Result<(Plan, Diagnostics), Diagnostics> {
    let host = Host::new(facts.paths.as_ref());
    let (mut profile, mut found) = merge(chain, request, facts);
    host.expect(profile.entries.len());
    found.extend(exposure::refuse(&mut profile, &host, facts));
    let draft = draft(profile, request, &host, facts, &mut found);
    // What else was found may come of that alone.
    if let Some(problem) = unanswered(facts) {
        return Err(problem.into());
    }
    if found.has_errors() {
        return Err(found);
    }
    match Plan::try_from(draft) {
        Ok(plan) => Ok((plan, found)),
        Err(more) => {
            found.extend(more);
            Err(found)
        }
    }
}

/// A path that the host gave no answer about: without it nobody knows what must be hidden, for one.
fn unanswered(facts: &HostFacts) -> Option<Diagnostic> {
    let (path, errno) = facts.paths.trouble()?;
    Some(Diagnostic::error(format!("could not look at `{}`: {errno}", path.display())))
}

/// Everything that is wrong with a chain of profiles by itself: where one would lead from here is for a run to say.
pub(super) fn examine(chain: &Chain, facts: &HostFacts) -> Diagnostics {
    let host = Host::new(facts.paths.as_ref());
    // A profile may well leave the command to the command line.
    let request = Request { argv: vec!["true".into()], ..Request::default() };
    let (mut profile, mut found) = merge(chain, &request, facts);
    drop(exposure::refuse(&mut profile, &host, facts));
    let draft = draft(profile, &request, &host, facts, &mut found);
    if !found.has_errors() {
        Plan::try_from(draft).map_err(|more| found.extend(more)).ok();
    }
    found
}

/// Applies every profile of the chain, then every flag; flags come last and win.
pub(super) fn merge(chain: &Chain, request: &Request, facts: &HostFacts) -> (Profile, Diagnostics) {
    let mut reader = Reader::new(facts);
    for layer in &chain.layers {
        reader.apply(layer);
    }
    for setting in &request.settings {
        match words::layer(setting) {
            Ok(layer) => reader.apply(&layer),
            Err(found) => reader.found.extend(found),
        }
    }
    (reader.profile, reader.found)
}

fn draft(
    mut profile: Profile,
    request: &Request,
    host: &Host<'_>,
    facts: &HostFacts,
    found: &mut Diagnostics,
) -> Draft {
    let identity = identity::lower(&profile, facts, found);
    let root = root::lower(&profile, host, found);
    let desktop = desktop::lower(&profile, request, host, facts, found);
    mounts::complete(&mut profile, &root, &desktop, host, found);
    let profile = &profile;
    let argv = argv(profile, request, found);
    let grants = grants::named(profile, &argv, host, facts);
    let beside = mounts::Beside { grants: &grants, sockets: desktop.sockets.as_ref() };
    let layout = mounts::lower(profile, &beside, &identity, &root, host, facts, found);
    let home = home(&root, &identity, facts);
    let (directory, directory_origin) = directory::choose(profile, &layout, home, facts, found);
    if !found.has_errors() {
        found.extend(grants::misled(&grants, &directory, facts).into_iter().collect());
    }
    let environment = environment::lower(profile, &identity, home, &directory, &desktop.variables, facts);
    let capabilities = identity::capabilities(profile, &identity, facts, found);
    let syscalls = syscalls::lower(profile, &identity, found);
    Draft {
        version: VERSION,
        command: Command { argv, directory, directory_origin },
        environment,
        descriptors: Descriptors::Only(request.descriptors.clone()),
        capabilities,
        identity,
        namespaces: namespaces::lower(profile, facts, found),
        network: network(profile),
        root,
        mounts: layout.into_mounts(),
        services: desktop.services,
        syscalls,
        terminal: terminal(profile),
        limits: limits::lower(profile),
        wall_time: limits::wall_time(profile),
        protections: limits::protections(profile),
    }
}

fn argv(profile: &Profile, request: &Request, found: &mut Diagnostics) -> Vec<OsString> {
    if !request.argv.is_empty() {
        return request.argv.clone();
    }
    let argv = profile.argv.clone().unwrap_or_default();
    if profile.argv.is_none() {
        let hint = "name one, as in `nsbox bash`, or set `argv` in `[command]`";
        found.push(Diagnostic::error("no command to run").hint(hint));
    }
    argv
}

fn terminal(profile: &Profile) -> plan::Terminal {
    let origin = origin(&profile.terminal, "terminal.mode");
    match profile.terminal.as_ref().map(|mode| mode.value) {
        Some(Terminal::Private) => plan::Terminal::Private { origin },
        Some(Terminal::Shared) | None => plan::Terminal::Shared { origin },
    }
}

fn network(profile: &Profile) -> plan::Network {
    let origin = origin(&profile.network, "network.mode");
    match profile.network.as_ref().map(|mode| mode.value) {
        Some(Network::Host) => plan::Network::Host { origin },
        Some(Network::None) | None => plan::Network::None { origin },
    }
}

/// The home folder inside: the caller's own, but for root in a root folder, which has a home there.
fn home<'f>(root: &Root, identity: &Identity, facts: &'f HostFacts) -> &'f Path {
    match root {
        Root::Directory { .. } if identity.uid == 0 => Path::new("/root"),
        _ => &facts.home,
    }
}

/// Who set a key; the default of `key` where nobody did.
fn origin<T>(setting: &Option<Located<T>>, key: &str) -> Origin {
    setting.as_ref().map_or_else(|| Origin::Default(key.into()), |setting| setting.place.origin())
}
