//! The rows that a bundle leaves behind: a pure function of the rows before and the bundle.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Device, Former, Recorded, Resource};
use ranform_network::{Address, Change};

use super::StateRecord;

/// Rows to write, or to remove where none.
pub(crate) type Rows = BTreeMap<Address, Option<StateRecord>>;

/// What applying `bundle` makes of `records`: only rows that differ.
pub(crate) fn after(records: &BTreeMap<Address, StateRecord>, bundle: &Bundle) -> Rows {
    let mut after = BTreeMap::new();
    for (address, record) in records {
        let mut record = record.clone();
        after.insert(rename(address, &mut record.recorded, &bundle.state.renamed), record);
    }
    for change in &bundle.changes {
        let old = after.remove(&change.address);
        if let Some(record) = record_of(change, old, bundle) {
            after.insert(change.address.clone(), record);
        }
    }
    after.retain(|address, _| !bundle.state.gone.contains(address));
    for (address, adopted) in &bundle.state.adopted {
        let known = after.remove(address);
        let mut record = StateRecord::new(adopted.clone(), &bundle.origin.observation);
        if let Some(known) = known {
            record.protected = known.protected;
            record.recorded.former = known.recorded.former;
        }
        after.insert(address.clone(), record);
    }
    for (address, record) in &mut after {
        record.outside = bundle.state.outside.get(address).cloned().unwrap_or_default();
        if let Some(lines) = bundle.state.lines.get(address) {
            record.lines.clone_from(lines);
        }
        record.protected |= bundle.state.protected.contains(address);
    }
    after.retain(|address, _| !bundle.state.forgotten.iter().any(|forgotten| address.is_within(forgotten)));
    difference(records, after)
}

/// What is recorded under the names that `bundle` gives.
pub(crate) fn renamed_all(recorded: BTreeMap<Address, Recorded>, bundle: &Bundle) -> BTreeMap<Address, Recorded> {
    let now = |(address, mut recorded): (Address, Recorded)| {
        (rename(&address, &mut recorded, &bundle.state.renamed), recorded)
    };
    recorded.into_iter().map(now).collect()
}

/// What taking back makes of `records`: the rows that there were. A device was told today's names of what it was given
/// back, and what it was not given back it says as it did. How new versions start was decided for the way back.
pub(crate) fn back(
    records: &BTreeMap<Address, StateRecord>,
    there_were: BTreeMap<Address, StateRecord>,
    bundle: &Bundle,
) -> BTreeMap<Address, StateRecord> {
    let then = &bundle.state.renamed;
    let told_today: Former = then.iter().map(|(now, then)| (then.clone(), now.clone())).collect();
    let given_back: BTreeSet<Address> = bundle.changes.iter().map(|change| renamed(&change.address, then)).collect();
    let (mut untouched, mut updates) = (BTreeMap::<Address, Former>::new(), BTreeMap::new());
    let update = |resource: &Resource| resource.cluster().map(|place| place.update);
    for (address, record) in records {
        let mut recorded = record.recorded.clone();
        let address = rename(address, &mut recorded, then);
        updates.extend(update(&recorded.resource).map(|update| (address.clone(), update)));
        untouched.insert(address, recorded.former);
    }
    for change in &bundle.changes {
        let told = change.after.as_ref().and_then(update);
        updates.extend(told.map(|update| (renamed(&change.address, then), update)));
    }
    let mut rows = there_were;
    for (address, row) in &mut rows {
        if let (Some(update), Some(place)) = (updates.get(address), row.recorded.resource.cluster_mut()) {
            place.update = *update;
        }
        row.recorded.former = match untouched.remove(address).filter(|_| !given_back.contains(address)) {
            Some(former) => former,
            None => {
                let names = row.recorded.resource.names().into_iter();
                names.filter_map(|name| Some((told_today.get(&name)?.clone(), name))).collect()
            }
        };
    }
    rows
}

/// Gives a record the names that these renames give, and tells its address.
fn rename(address: &Address, recorded: &mut Recorded, renames: &[(Address, Address)]) -> Address {
    if renames.is_empty() {
        return address.clone();
    }
    let now = renamed(address, renames);
    recorded.rename(&now, |name| renamed(name, renames));
    now
}

/// The devices as they are known after `bundle`.
pub(crate) fn devices_after(devices: &BTreeMap<Address, Device>, bundle: &Bundle) -> BTreeMap<Address, Device> {
    let now = |(address, device): (&Address, &Device)| match renamed(address, &bundle.state.renamed) {
        same if same == *address => (same, device.clone()),
        other => (other, device.leaving(address)),
    };
    let mut after: BTreeMap<Address, Device> = devices.iter().map(now).collect();
    after.extend(bundle.devices.clone());
    after
}

/// The devices of which a rollback of `records` deletes all that is recorded.
pub(crate) fn emptied(records: &BTreeMap<Address, StateRecord>, bundle: &Bundle) -> BTreeSet<Address> {
    let deleted = bundle.changes.iter().filter(|change| change.after.is_none()).map(|change| &change.address);
    let deleted: BTreeSet<&Address> = deleted.collect();
    let mut devices: BTreeMap<Address, bool> = BTreeMap::new();
    for (address, record) in records {
        let device = renamed(&record.recorded.device, &bundle.state.renamed);
        *devices.entry(device).or_insert(true) &= deleted.contains(address);
    }
    devices.into_iter().filter_map(|(device, empty)| empty.then_some(device)).collect()
}

/// Devices that a rollback leaves empty at the place that they had moved to are at their former one again, where nothing was
/// touched when they left it: `former` is how devices were reached at the serial that it leads to.
pub(crate) fn came_back(
    devices: &mut BTreeMap<Address, Device>,
    former: BTreeMap<Address, Device>,
    emptied: &BTreeSet<Address>,
) {
    for (address, then) in former.into_iter().filter(|(address, _)| emptied.contains(address)) {
        if let Some(now) = devices.get_mut(&address).filter(|now| now.reach(&address) != then.reach(&address)) {
            *now = then;
        }
    }
}

fn record_of(change: &Change, old: Option<StateRecord>, bundle: &Bundle) -> Option<StateRecord> {
    let recorded = Recorded {
        resource: change.after.clone()?,
        device: change.device.clone(),
        device_id: change.device_id.clone(),
        tenant: change.tenant.clone(),
        owner: change.owner.clone(),
        former: Former::new(),
    };
    let mut record = StateRecord::new(recorded, &bundle.origin.observation);
    record.protected = old.is_some_and(|old| old.protected);
    Some(record)
}

/// The address under its new name; the longest renamed address above it decides.
pub(crate) fn renamed(address: &Address, renames: &[(Address, Address)]) -> Address {
    let above = renames.iter().filter(|(old, _)| address.is_within(old));
    match above.max_by_key(|(old, _)| old.as_str().len()) {
        Some((old, new)) => Address::from_text(format!("{new}{}", &address.as_str()[old.as_str().len()..])),
        None => address.clone(),
    }
}

pub(crate) fn difference(before: &BTreeMap<Address, StateRecord>, after: BTreeMap<Address, StateRecord>) -> Rows {
    let gone = before.keys().filter(|address| !after.contains_key(*address)).map(|address| (address.clone(), None));
    let mut rows: Rows = gone.collect();
    let written = after.into_iter().filter(|(address, record)| before.get(address) != Some(record));
    rows.extend(written.map(|(address, record)| (address, Some(record))));
    rows
}
