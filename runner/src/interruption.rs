//! What stops serving users while a plan is applied, and whether it is taken out of service first.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Address;
use ranform_network::deployment::{Action, Change, Device};
use ranform_network::network::Protocol;
use ranform_network::profile::{AdministrativeState, Effect};
use serde::{Deserialize, Serialize};

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
}

/// The interruptions of a plan, in address order. What is new serves nobody yet.
pub fn of(changes: &[Change], devices: &BTreeMap<Address, Device>) -> Vec<Interruption> {
    let new: BTreeSet<&Address> =
        changes.iter().filter(|change| change.action == Action::Create).map(|change| &change.address).collect();
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
            address,
            effect,
            states: lock.map(|lock| lock.states.clone()).unwrap_or_default(),
            profile: device.map(|device| device.profile.name.clone()).unwrap_or_default(),
        }
    };
    worst.into_iter().map(one).collect()
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
