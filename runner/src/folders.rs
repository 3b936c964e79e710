//! Folders that several nodes of a cluster have their objects in: what is written there by all of them, and their one lock.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use ranform_network::deployment::{Device, Recorded, played_node};
use ranform_network::{Address, Change, Deployment};
use ranform_targets::Thing;
use ranform_targets::kubernetes::{Folder, Held};

/// A folder of several nodes, in one transaction.
#[derive(Debug, Default)]
pub struct SharedFolder {
    /// What the nodes write there.
    pub files: Folder,
    turn: Mutex<()>,
    lock: Mutex<Weak<File>>,
}

impl SharedFolder {
    /// Waits until no other node works in the folder.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock of the folder, which its nodes hold together; `take` gets it where none of them has it yet.
    ///
    /// # Errors
    /// Of `take`.
    pub fn lock<E>(&self, take: impl FnOnce() -> Result<File, E>) -> Result<Arc<File>, E> {
        let mut held = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.upgrade() {
            return Ok(held);
        }
        let taken = Arc::new(take()?);
        *held = Arc::downgrade(&taken);
        Ok(taken)
    }
}

/// The folders of several nodes, by node, where `recorded` is what was there before these changes.
pub fn of_transaction(
    devices: &BTreeMap<Address, Device>,
    recorded: &BTreeMap<Address, Recorded>,
    changes: &[Change],
) -> BTreeMap<Address, Arc<SharedFolder>> {
    let mut after: Held<'_> = BTreeMap::new();
    for (address, known) in recorded {
        after.insert(address, (&known.device, Thing { resource: &known.resource, device_id: &known.device_id }));
    }
    for change in changes {
        match &change.after {
            Some(resource) => {
                after.insert(&change.address, (&change.device, Thing { resource, device_id: &change.device_id }));
            }
            None => drop(after.remove(&change.address)),
        }
    }
    shared(devices.iter(), after, changes)
}

/// The same of a plan; `former` are the devices that state knows.
pub fn of_plan(
    deployment: &Deployment,
    changes: &[Change],
    former: &BTreeMap<Address, Device>,
) -> BTreeMap<Address, Arc<SharedFolder>> {
    let mut after: Held<'_> = BTreeMap::new();
    for (address, placed) in &deployment.placed {
        after.insert(address, (&placed.device, Thing { resource: &placed.resource, device_id: &placed.device_id }));
    }
    let gone = former.iter().filter(|(address, _)| !deployment.devices.contains_key(*address));
    shared(deployment.devices.iter().chain(gone), after, changes)
}

fn shared<'a>(
    devices: impl Iterator<Item = (&'a Address, &'a Device)>,
    after: Held<'_>,
    changes: &[Change],
) -> BTreeMap<Address, Arc<SharedFolder>> {
    let mut folders: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
    for (address, device) in devices {
        let Some(way) = &device.management else { continue };
        if played_node(address, &device.profile, Some(way)).is_some() {
            folders.entry(&way.endpoint.value).or_default().push(address);
        }
    }
    folders.retain(|_, nodes| nodes.len() > 1);
    let folder_of: BTreeMap<&Address, &str> =
        folders.iter().flat_map(|(folder, nodes)| nodes.iter().map(|node| (*node, *folder))).collect();
    let mut held: BTreeMap<&str, (Held<'_>, Vec<&Change>)> = BTreeMap::new();
    for (address, (device, thing)) in after {
        if let Some(folder) = folder_of.get(device) {
            held.entry(folder).or_default().0.insert(address, (device, thing));
        }
    }
    for change in changes {
        if let Some(folder) = folder_of.get(&change.device) {
            held.entry(folder).or_default().1.push(change);
        }
    }
    let mut shared = BTreeMap::new();
    for (folder, nodes) in folders {
        let (after, changes) = held.remove(folder).unwrap_or_default();
        let one = Arc::new(SharedFolder { files: Folder::new(&after, &changes), ..SharedFolder::default() });
        shared.extend(nodes.into_iter().map(|node| (node.clone(), one.clone())));
    }
    shared
}
