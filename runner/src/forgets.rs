//! `forget` lines: which of them let something go, and which name what was never managed.

use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Recorded, Resource};
use ranform_network::diagnostic::{Diagnostic, Severity, codes};

use crate::memory::Memory;
use crate::moves;
use crate::scope;
use crate::state::{Result, State, StateRecord};

/// The most applies that are looked through for what a line let go before.
const MOST_APPLIES: usize = 200;

/// What this plan lets go: the addresses of `forget` lines under which state holds something, and where policies, models and
/// xApps that are named so stand on devices.
pub fn due(network: &Network, memory: &Memory) -> Vec<Address> {
    let mut due: Vec<Address> = Vec::new();
    for path in network.forgotten.iter().map(|line| &line.value) {
        let found = held(network, memory, path);
        let mut carried: Vec<Address> = found
            .filter(|(address, _)| !address.is_within(path))
            .map(|(address, record)| moves::of(network, address, &record.recorded))
            .filter(|now| !now.is_within(path))
            .collect();
        if !carried.is_empty() || held(network, memory, path).next().is_some() {
            due.push(path.clone());
        }
        due.append(&mut carried);
    }
    due
}

/// What state holds of a line.
fn held<'a>(
    network: &'a Network,
    memory: &'a Memory,
    path: &'a Address,
) -> impl Iterator<Item = (&'a Address, &'a StateRecord)> {
    memory.records.iter().filter(move |(address, record)| lets_go(network, path, address, &record.recorded))
}

/// Whether `forget PATH` lets go of what is recorded at an address, under its name then or today's.
pub(crate) fn lets_go(network: &Network, path: &Address, address: &Address, known: &Recorded) -> bool {
    let named = |at: &Address| at.is_within(path) || scope::stands_for(path, at, &known.resource);
    named(address) || (!network.moved.is_empty() && named(&moves::of(network, address, known)))
}

/// Base stations keep the E2 termination of a RIC that goes on without us: where no RIC of the intents serves them now, the
/// address that followed from it is no longer ours, as the RIC is not.
pub fn let_stay(network: &Network, memory: &Memory, recorded: &mut BTreeMap<Address, Recorded>) {
    const LEAF: &str = "node.e2_endpoint";
    for (address, record) in memory.records.iter().filter(|_| !network.forgotten.is_empty()) {
        let Resource::RicInstance(instance) = &record.recorded.resource else { continue };
        let mut lines = network.forgotten.iter();
        if !lines.any(|line| lets_go(network, &line.value, address, &record.recorded)) {
            continue;
        }
        for node in instance.e2_nodes.iter().map(|node| moves::renamed(network, node)) {
            let Some(known) = recorded.get_mut(&node).filter(|_| !has_termination(network, &node)) else { continue };
            let Resource::Node(device) = &known.resource else { continue };
            let followed = device.e2_endpoint.is_some() && device.e2_endpoint == instance.endpoint;
            if let Some(without) = known.resource.with_leaf(LEAF, None).filter(|_| followed) {
                known.resource = without;
            }
        }
    }
}

/// Whether the intents say to which E2 termination a node connects.
fn has_termination(network: &Network, address: &Address) -> bool {
    let Some((id, node)) = network.nodes.iter().find(|(_, node)| node.entity.address == *address) else { return false };
    node.e2_endpoint.is_some() || network.rics.iter().any(|(_, ric)| ric.e2_nodes.contains(&id))
}

/// Warns of lines about what was never managed. A line that was carried out may stay; it says nothing any more.
pub fn findings(network: &Network, memory: &Memory, state: Option<&State>) -> Vec<Diagnostic> {
    let lines = network.forgotten.iter().filter(|line| held(network, memory, &line.value).next().is_none());
    let never = lines.filter(|line| match state.map(|state| was_managed(state, &line.value)) {
        None | Some(Ok(false)) => true,
        // What cannot be read is no ground to doubt a line.
        Some(Ok(true) | Err(_)) => false,
    });
    never
        .map(|line| {
            let message = format!("`forget {}` names nothing that was ever managed", line.value);
            let mut finding = Diagnostic::error(&codes::UNKNOWN_ADDRESS, line.span, message);
            finding.severity = Severity::Warning;
            let of_request = (line.value.last().0 == "request")
                .then(|| "a request stands on no device itself: forget the `model` that serves it".to_owned());
            let help = of_request.or_else(|| near(memory, &line.value));
            finding.maybe_help(help).help("the line does nothing and may go")
        })
        .collect()
}

/// Whether an apply made, changed or let go something at or below the path.
fn was_managed(state: &State, path: &Address) -> Result<bool> {
    for entry in state.history()?.entries.iter().rev().take(MOST_APPLIES) {
        let Some(bundle) = state.bundle_of(entry.serial)? else { continue };
        let of_it = |address: &Address, resource: Option<&Resource>| {
            address.is_within(path) || resource.is_some_and(|resource| scope::stands_for(path, address, resource))
        };
        let mut changes = bundle.changes.iter();
        let mut adopted = bundle.state.adopted.iter();
        if bundle.state.forgotten.contains(path)
            || changes.any(|change| of_it(&change.address, change.before.as_ref().or(change.after.as_ref())))
            || adopted.any(|(address, adopted)| of_it(address, Some(&adopted.resource)))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn near(memory: &Memory, path: &Address) -> Option<String> {
    let distance = |known: &Address| strsim::damerau_levenshtein(known.as_str(), path.as_str());
    let near = memory.records.keys().map(|known| (distance(known), known)).min();
    near.filter(|(distance, _)| *distance <= 2).map(|(_, known)| format!("did you mean `{known}`?"))
}
