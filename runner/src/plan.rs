//! From a planned pipeline run to a bundle: what is reviewed and applied.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::bundle::{Bundle, Origin, Outside, StateUpdate};
use ranform_network::deployment::{Change, Device, Recorded};

use crate::apply::pack;
use crate::cause::block_digest;
use crate::forgets;
use crate::memory::Memory;
use crate::order;
use crate::outside;
use crate::owners;
use crate::pipeline::{Inputs, Planned};
use crate::scope::Protection;
use crate::state::StateRecord;
use crate::summary::Summary;

/// The bundle of a complete plan.
pub fn bundle(planned: &Planned, inputs: &Inputs<'_>) -> Bundle {
    let state = state_update(planned, inputs);
    Bundle {
        origin: Origin {
            ranform_version: env!("CARGO_PKG_VERSION").to_owned(),
            intents: planned.intents_digest.clone(),
            observation: inputs.observation.to_owned(),
            snapshot: inputs.snapshot.map(|snapshot| snapshot.digest.clone()).unwrap_or_default(),
            state_serial: inputs.memory.serial,
            selection: inputs.selection.words(),
            valid_until: valid_until(planned, inputs.today),
        },
        decisions: serde_json::to_value(summary(planned, inputs)).unwrap_or_default(),
        certificates: planned.certificates.clone(),
        inverse: planned.changes.iter().map(Change::inverse).collect(),
        devices: devices(planned, &inputs.memory.devices, &state),
        state,
        artifacts: pack(&planned.artifacts),
        changes: planned.changes.clone(),
    }
}

/// What it means to people, with what an apply does beside the changes and in which order.
fn summary(planned: &Planned, inputs: &Inputs<'_>) -> Summary {
    let (changes, recorded) = (&planned.changes, &planned.present.recorded);
    let mut devices = inputs.memory.devices.clone();
    devices.extend(planned.deployment.devices.clone());
    let (order, put_back) = (order::lines(changes, recorded, &devices), order::put_back(changes, recorded, &devices));
    Summary { order, put_back, ..planned.summary.clone() }
}

/// The first day that ends among the exceptions of guards and the outside changes that are let be.
fn valid_until(planned: &Planned, today: Option<&str>) -> Option<String> {
    let exceptions = planned.network.guards.iter().flat_map(|guard| &guard.exceptions);
    let exceptions = exceptions.map(|exception| exception.until.value.to_string());
    let kept = planned.summary.kept.iter().filter_map(|kept| kept.until.clone());
    exceptions.chain(kept).filter(|day| today.is_none_or(|today| today <= day.as_str())).min()
}

/// The devices that change, those of what is adopted, those that are reached otherwise than state knows, and beside any of
/// these those that have otherwise much for software than it knows; one that left the intents is known from state.
fn devices(planned: &Planned, known: &BTreeMap<Address, Device>, state: &StateUpdate) -> BTreeMap<Address, Device> {
    let touched = planned.changes.iter().map(|change| &change.device);
    let adopted = state.adopted.values().map(|adopted| &adopted.device);
    let mut concerned: BTreeSet<&Address> = touched.chain(adopted).chain(&planned.present.elsewhere).collect();
    if !concerned.is_empty() {
        let grown = planned.deployment.devices.iter();
        let grown =
            grown.filter(|(address, device)| known.get(*address).is_some_and(|old| old.capacity != device.capacity));
        concerned.extend(grown.map(|(address, _)| address));
    }
    concerned
        .into_iter()
        .filter_map(|address| {
            let device = planned.deployment.devices.get(address).or_else(|| known.get(address))?;
            Some((address.clone(), device.clone()))
        })
        .collect()
}

fn state_update(planned: &Planned, inputs: &Inputs<'_>) -> StateUpdate {
    let network = &planned.network;
    let lines = planned.deployment.placed.iter();
    StateUpdate {
        renamed: planned.renamed.clone(),
        forgotten: forgets::due(network, inputs.memory),
        protected: protected(planned),
        lines: lines.map(|(address, placed)| (address.clone(), block_digest(&planned.sources, placed.span))).collect(),
        populations: network.populations.iter().cloned().collect(),
        crossings: owners::crossings(network, &planned.changes),
        ..learned(planned)
    }
}

/// What state takes from the devices without a change of them.
fn learned(planned: &Planned) -> StateUpdate {
    let changed: BTreeSet<&Address> = planned.changes.iter().map(|change| &change.address).collect();
    let (records, kept) = (&planned.present.records, &planned.summary.kept);
    // What is only let be for a while is no reason to write state.
    let awaited = |address: &Address| {
        let mut of = kept.iter().filter(|kept| kept.address == *address).peekable();
        of.peek().is_some() && of.all(|kept| kept.until.is_some())
    };
    let adopted: BTreeMap<Address, Recorded> = planned
        .deployment
        .placed
        .iter()
        .filter(|(address, _)| planned.present.recorded.contains_key(*address) && !changed.contains(address))
        .filter(|(address, placed)| match records.get(*address) {
            Some(record) => record.recorded.resource != placed.resource && !awaited(address),
            None => true,
        })
        .map(|(address, placed)| (address.clone(), placed.recorded()))
        .collect();
    let left = |address: &Address| kept.iter().any(|kept| kept.address == *address);
    let here = |address: &Address| {
        planned.deployment.placed.contains_key(address) || planned.present.recorded.contains_key(address)
    };
    let gone = records.keys().filter(|address| !here(address) && !changed.contains(address) && !left(address));
    let gone = gone.cloned().collect();
    let mut outside = outside::marks(kept);
    outside.retain(|address, _| {
        let marked = records.get(address).is_some_and(|record| !record.outside.is_empty());
        marked || changed.contains(address) || !awaited(address)
    });
    for found in &planned.put_off {
        let mark = records.get(&found.address).and_then(|record| record.outside.get(&found.leaf));
        if let Some(mark) = mark {
            outside.entry(found.address.clone()).or_default().insert(found.leaf.clone(), mark.clone());
        }
    }
    StateUpdate { adopted, gone, outside, ..StateUpdate::default() }
}

/// Every decided address that a `protect` line names, itself or by what is above it, and that state does not protect yet.
fn protected(planned: &Planned) -> Vec<Address> {
    let (lines, records) = (Protection::new(&planned.network, &planned.present.recorded), &planned.present.records);
    let known = |address: &Address| records.get(address).is_some_and(|record| record.protected);
    let covered = |address: &&Address| lines.line(address).is_some() && !known(address);
    planned.deployment.placed.keys().filter(covered).cloned().collect()
}

/// Whether applying the bundle would do anything at all, to devices or to state.
pub fn is_empty(bundle: &Bundle, memory: &Memory) -> bool {
    let state = &bundle.state;
    let unmarked = |(address, leaves): (&Address, &BTreeMap<String, Outside>)| {
        memory.records.get(address).is_none_or(|record| leaves.keys().any(|leaf| !record.outside.contains_key(leaf)))
    };
    let settled = |(address, record): (&Address, &StateRecord)| {
        let left = state.outside.get(address);
        record.outside.keys().any(|leaf| left.is_none_or(|left| !left.contains_key(leaf)))
    };
    let elsewhere = |(address, device): (&Address, &Device)| {
        memory.devices.get(address).is_some_and(|known| known.reach(address) != device.reach(address))
    };
    bundle.changes.is_empty()
        && !bundle.devices.iter().any(elsewhere)
        && state.renamed.is_empty()
        && state.forgotten.is_empty()
        && state.adopted.is_empty()
        && state.gone.is_empty()
        && state.protected.is_empty()
        && !state.outside.iter().any(unmarked)
        && !memory.records.iter().any(settled)
}
