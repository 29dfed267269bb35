//! What a profile offers a program that somebody else starts, from a menu: for messages, before there is a plan.

use super::Request;
use super::entries::FOLLOWING;
use super::load::Chain;
use super::lower;
use super::merged::{GrantArgs, Network, Profile, Switch};
use crate::host::HostFacts;

/// What a profile offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Whether the files are visible that the program is started with.
    pub arguments: bool,
    /// Whether it reaches a network.
    pub network: bool,
    /// Whether it is heard.
    pub sound: bool,
    /// The variable by which what is opened depends on the folder that the caller is in.
    pub follows: Option<&'static str>,
}

impl Offer {
    /// That of a profile with all that it builds on.
    pub fn of(chain: &Chain, facts: &HostFacts) -> Self {
        let (profile, _) = lower::merge(chain, &Request::default(), facts);
        let arguments = profile.grant_args.as_ref().map(|said| said.value);
        let network = profile.network.as_ref().map(|said| &said.value);
        let is_on = |switch: &Switch| profile.desktop.switches.get(switch).is_some_and(|said| said.value);
        Self {
            arguments: matches!(arguments, Some(GrantArgs::As(_))),
            network: network.is_some_and(|network| *network != Network::None),
            sound: [Switch::Audio, Switch::Microphone, Switch::Pipewire].iter().any(is_on),
            follows: follows(&profile),
        }
    }
}

/// The first entry whose path begins at the folder that the caller is in.
fn follows(profile: &Profile) -> Option<&'static str> {
    let root = profile.root.as_ref().and_then(|root| root.value.as_ref()?.follows);
    let entries = profile.entries.iter().filter_map(|(_, entry)| entry.kind.follows());
    root.into_iter().chain(entries).find(|variable| FOLLOWING.contains(variable))
}
