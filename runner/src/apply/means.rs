//! What a way back means for what is there today: which new versions start first, what stops serving users, what becomes of
//! what is stored, and in which order it goes. The intents are not asked: they say what is wanted, not what was.

use std::collections::BTreeMap;

use ranform_network::address::Address;
use ranform_network::deployment::{Action, Deployment, Device, Recorded, Resource, effect_on, is_made_anew};
use ranform_network::{Change, Network};

use crate::software::{replacement, storage};
use crate::summary::Summary;
use crate::{identity, interruption, order};

/// What is recorded, and the devices that hold it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Today<'a> {
    pub(super) recorded: &'a BTreeMap<Address, Recorded>,
    pub(super) devices: &'a BTreeMap<Address, Device>,
}

impl Today<'_> {
    /// The changes as they lead from what is there: what a node has room for is decided anew, and what users notice is that
    /// of the way back. None that changes nothing.
    pub(super) fn carried_out(&self, changes: impl IntoIterator<Item = Change>) -> Vec<Change> {
        let mut changes: Vec<Change> = changes.into_iter().map(|change| self.found(change)).collect();
        let mut after = self.after(&changes);
        after.decide_updates(self.recorded);
        for change in &mut changes {
            let decided = after.placed.get(&change.address).and_then(|placed| placed.resource.cluster());
            let anew = match (&change.before, &change.after) {
                (Some(before), Some(after)) => is_made_anew(before, after),
                _ => true,
            };
            if let (Some(decided), Some(place), true) =
                (decided, change.after.as_mut().and_then(Resource::cluster_mut), anew)
            {
                place.update = decided.update;
            }
            if let Some(device) = self.devices.get(&change.device) {
                change.effect = effect_on(change, &device.profile);
            }
        }
        changes.retain(|change| change.before != change.after);
        changes
    }

    /// What they mean to people.
    pub(super) fn summary(&self, changes: &[Change]) -> Summary {
        let after = self.after(changes);
        let roomy = after.room_for_another(self.recorded);
        Summary {
            interruptions: interruption::of(changes, self.devices, &roomy),
            replacements: replacement::of(changes),
            storage: storage::lines(&Network::default(), &after, changes),
            put_back: order::put_back(changes, self.recorded, self.devices),
            order: order::lines(changes, self.recorded, self.devices),
            identity_changes: identity::changes(self.recorded, changes),
            ..Summary::default()
        }
    }

    /// A change that begins with the way of new versions that is there: a rollback before may have chosen another one.
    fn found(&self, mut change: Change) -> Change {
        let known = self.recorded.get(&change.address).and_then(|known| known.resource.cluster());
        if let (Some(known), Some(place)) = (known, change.before.as_mut().and_then(Resource::cluster_mut)) {
            place.update = known.update;
        }
        change
    }

    /// Everything that is there when the changes are made.
    fn after(&self, changes: &[Change]) -> Deployment {
        let placed = self.recorded.iter().map(|(address, known)| (address.clone(), known.placed()));
        let mut after =
            Deployment { placed: placed.collect(), devices: self.devices.clone(), undeployed: BTreeMap::new() };
        for change in changes {
            match (change.action, change.placed()) {
                (Action::Delete, _) | (_, None) => drop(after.placed.remove(&change.address)),
                (_, Some(placed)) => drop(after.placed.insert(change.address.clone(), placed)),
            }
        }
        after
    }
}
