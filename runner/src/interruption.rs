//! What stops serving users while a plan is applied, and whether it is taken out of service first.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::{Action, Change, Device, Resource, RicPart, UpdateStrategy, has_state};
use ranform_network::network::Protocol;
use ranform_network::profile::{AdministrativeState, Effect};
use ranform_network::units::count;
use serde::{Deserialize, Serialize};

use crate::software::rollout;

/// A cell, a radio or a node that restarts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    /// The cell, radio or node.
    pub address: Address,
    /// What happens to it.
    pub effect: Effect,
    /// The administrative states that it goes through first; none where the change comes as it is.
    pub states: Vec<AdministrativeState>,
    /// The profile of its device.
    pub profile: String,
    /// Software that stops before its new version starts: why, and who is without it meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<String>,
}

/// What becomes of a cell or radio that is removed.
const GONE: &str = "goes off the air, and is not put back";

/// The interruptions of a plan, in address order. What is new serves nobody yet. `roomy` are the instances whose node has
/// room for another of them.
pub fn of(changes: &[Change], devices: &BTreeMap<Address, Device>, roomy: &BTreeSet<Address>) -> Vec<Interruption> {
    let new: BTreeSet<&Address> =
        changes.iter().filter(|change| change.action == Action::Create).map(|change| &change.address).collect();
    let removed =
        changes.iter().filter(|change| change.action == Action::Delete && interrupted(change) == change.address);
    let gone: BTreeSet<&Address> = removed.map(|change| &change.address).collect();
    let mut worst: BTreeMap<Address, (Effect, &Change)> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.effect >= Effect::CellRestart) {
        let address = interrupted(change);
        if new.contains(&address) {
            continue;
        }
        let entry = worst.entry(address).or_insert((change.effect, change));
        entry.0 = entry.0.max(change.effect);
    }
    let one = |(address, (effect, change)): (Address, (Effect, &Change))| {
        let device = devices.get(&change.device);
        let reached = device.and_then(|device| device.management.as_ref()).map(|management| management.protocol);
        let lock = device.and_then(|device| device.profile.lock.as_ref());
        let lock = lock.filter(|_| reached == Some(Protocol::Netconf) && !is_radio(&address));
        Interruption {
            effect,
            states: lock.map(|lock| lock.states.clone()).unwrap_or_default(),
            profile: device.map(|device| device.profile.name.clone()).unwrap_or_default(),
            outage: gone.contains(&address).then(|| GONE.to_owned()),
            address,
        }
    };
    let mut all: Vec<Interruption> = worst.into_iter().map(one).collect();
    all.extend(changes.iter().filter_map(|change| outage(change, devices, roomy.contains(&change.address))));
    all.sort_by(|a, b| a.address.cmp(&b.address));
    all
}

/// Software whose node has no room for two versions, or keeps it for others.
fn outage(change: &Change, devices: &BTreeMap<Address, Device>, has_room: bool) -> Option<Interruption> {
    let interruption = |words: String| Interruption {
        address: change.address.clone(),
        effect: change.effect,
        states: Vec::new(),
        profile: devices.get(&change.device).map(|device| device.profile.name.clone()).unwrap_or_default(),
        outage: Some(words),
    };
    if let Some(nodes) = handed_over(change) {
        let nodes = count(nodes, "E2 node");
        return Some(interruption(format!(
            "its E2 address goes over to the new one when all else is confirmed; {nodes} without it until they connect anew"
        )));
    }
    let replaced = rollout::replaced(change)? == UpdateStrategy::Recreate;
    let after = change.after.as_ref().filter(|_| replaced)?;
    let why = match (has_state(after), has_room) {
        (true, _) => "it keeps state",
        (_, true) => "its node keeps its room for new versions of others, E2 terminations and tighter loops first",
        (_, false) => "its node has no room for both",
    };
    let meanwhile = match after {
        Resource::RicInstance(instance) => count(instance.e2_nodes.len(), "E2 node"),
        Resource::ModelInstance(model) => count(model.consumers.len(), "target"),
        _ => return None,
    };
    Some(interruption(format!("stops before its new version starts ({why}); {meanwhile} without it meanwhile")))
}

/// How many E2 nodes an E2 termination serves whose address goes over to its replacement in another namespace; none of
/// anything else.
fn handed_over(change: &Change) -> Option<usize> {
    match &change.after {
        Some(Resource::RicInstance(one)) if one.component == RicPart::E2t && rollout::is_moved(change) => {
            Some(one.e2_nodes.len())
        }
        _ => None,
    }
}

/// The cell or radio that a change restarts, or else its node.
fn interrupted(change: &Change) -> Address {
    let mut above = std::iter::successors(Some(change.address.clone()), Address::parent);
    above.find(|address| matches!(address.last().0, "cell" | "radio")).unwrap_or_else(|| change.device.clone())
}

fn is_radio(address: &Address) -> bool {
    address.last().0 == "radio"
}

impl Interruption {
    /// What happens, in words.
    pub fn words(&self) -> String {
        if let Some(outage) = &self.outage {
            return outage.clone();
        }
        let first = match self.states.as_slice() {
            [] => format!("not locked first: profile `{}` has no lock", self.profile),
            [AdministrativeState::ShuttingDown, ..] => {
                "shut down and locked first, unlocked after read-back".to_owned()
            }
            _ => "locked first, unlocked after read-back".to_owned(),
        };
        format!("{}, {first}", self.effect.word())
    }
}
