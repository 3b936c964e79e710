//! Where software runs, as the status of its custom resource says it: what the plan decides.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::answers::Decisions;
use ranform_network::ids::{NodeId, RicId};
use ranform_network::{Address, Network};
use ranform_targets::custom_resources::{MOST_PLACES, node_name};
use serde_json::{Value, json};

/// The most nodes of the line for `kubectl get`.
const MOST_NAMES: usize = 3;

/// Adds what is decided on the RIC or request of an address to its status.
pub fn add(status: &mut Value, kind: &str, address: &Address, network: &Network, decisions: &Decisions) {
    match kind {
        "RicDeployment" => placement(status, address, network, decisions),
        "ModelRequest" => hosts(status, address, network, decisions),
        _ => {}
    }
}

/// E2 nodes that an instance serves, and for which it stands by.
#[derive(Default)]
struct Served {
    now: usize,
    standing_by: usize,
}

fn placement(status: &mut Value, address: &Address, network: &Network, decisions: &Decisions) {
    let own = |ric: RicId| network.rics[ric].entity.address == *address;
    let mut places: BTreeMap<(&str, NodeId), Served> = BTreeMap::new();
    for one in decisions.placement.assignments.iter().filter(|one| own(one.ric)) {
        places.entry((&*one.component, one.on)).or_default().now += 1;
    }
    for one in decisions.placement.standby.iter().filter(|one| own(one.ric)) {
        places.entry((&*one.component, one.on)).or_default().standing_by += 1;
    }
    if places.is_empty() {
        return;
    }
    let place = |((component, on), served): (&(&str, NodeId), &Served)| {
        let component = component.trim_matches('"');
        let mut place = json!({ "component": component, "node": node_name(network, *on), "e2Nodes": served.now });
        if served.standing_by > 0 {
            place["standsByFor"] = served.standing_by.into();
        }
        place
    };
    status["placement"] = places.iter().take(MOST_PLACES).map(place).collect();
    status["runsOn"] = line(network, places.keys().map(|(_, on)| *on)).into();
}

fn hosts(status: &mut Value, address: &Address, network: &Network, decisions: &Decisions) {
    let Some((id, request)) = network.requests.iter().find(|(_, request)| request.entity.address == *address) else {
        return;
    };
    if !decisions.models.accepted.contains(&id) {
        status["decision"] = "Rejected".into();
        return;
    }
    status["decision"] = "Accepted".into();
    let own = || decisions.models.assignments.iter().filter(move |one| one.request == id);
    let host = |one: &ranform_network::answers::ModelAssignment| {
        let target = request.targets.get(one.target as usize)?;
        Some(json!({
            "function": &*target.function.value,
            "node": node_name(network, target.node),
            "model": network.models[one.model].entity.address.last().1.trim_matches('"'),
            "host": node_name(network, one.on),
        }))
    };
    status["hosts"] = own().filter_map(host).take(MOST_PLACES).collect();
    status["runsOn"] = line(network, own().map(|one| one.on)).into();
}

/// A few names, the rest counted.
fn line(network: &Network, nodes: impl Iterator<Item = NodeId>) -> String {
    let nodes: BTreeSet<NodeId> = nodes.collect();
    let names: Vec<String> = nodes.iter().take(MOST_NAMES).map(|node| node_name(network, *node)).collect();
    let more = nodes.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}
