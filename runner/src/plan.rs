//! From a planned pipeline run to a bundle: what is reviewed and applied.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::address::Address;
use ranform_network::bundle::{Bundle, Origin, StateUpdate};
use ranform_network::deployment::{Change, Device};

use crate::apply::pack;
use crate::cause::block_digest;
use crate::pipeline::{Inputs, Planned};
use crate::project::Project;

/// The bundle of a complete plan.
pub fn bundle(planned: &Planned, inputs: &Inputs<'_>, project: &Project) -> Bundle {
    Bundle {
        origin: Origin {
            ranform_version: env!("CARGO_PKG_VERSION").to_owned(),
            intents: planned.intents_digest.clone(),
            observation: project.observation.clone(),
            snapshot: project.snapshot.clone(),
            state_serial: project.serial,
            selection: inputs.selection.words(),
        },
        decisions: serde_json::to_value(&planned.summary).unwrap_or_default(),
        certificates: planned.certificates.clone(),
        inverse: planned.changes.iter().map(Change::inverse).collect(),
        devices: devices(planned, project),
        state: state_update(planned),
        artifacts: pack(&planned.artifacts),
        changes: planned.changes.clone(),
    }
}

/// The devices that change; one that left the intents is known from state.
fn devices(planned: &Planned, project: &Project) -> BTreeMap<Address, Device> {
    let touched: BTreeSet<&Address> = planned.changes.iter().map(|change| &change.device).collect();
    touched
        .into_iter()
        .filter_map(|address| {
            let device = planned.deployment.devices.get(address).or_else(|| project.devices.get(address))?;
            Some((address.clone(), device.clone()))
        })
        .collect()
}

fn state_update(planned: &Planned) -> StateUpdate {
    let network = &planned.network;
    let lines = planned.deployment.placed.iter();
    StateUpdate {
        renamed: planned.renamed.clone(),
        forgotten: network.forgotten.iter().map(|address| address.value.clone()).collect(),
        protected: protected(planned),
        lines: lines.map(|(address, placed)| (address.clone(), block_digest(&planned.sources, placed.span))).collect(),
        populations: network.populations.iter().cloned().collect(),
    }
}

/// Every decided address at or below a `protect` line.
fn protected(planned: &Planned) -> Vec<Address> {
    let lines = &planned.network.protected;
    let covered = |address: &&Address| lines.iter().any(|line| address.is_within(&line.value));
    planned.deployment.placed.keys().filter(covered).cloned().collect()
}

/// Whether applying the bundle would do anything at all: a rename or a `forget` touches only state.
pub fn is_empty(bundle: &Bundle, recorded: &BTreeSet<Address>) -> bool {
    let forgets = bundle.state.forgotten.iter().any(|path| recorded.iter().any(|address| address.is_within(path)));
    bundle.changes.is_empty() && bundle.state.renamed.is_empty() && !forgets
}
