//! Placed instances as guards see them: `over instances where component = e2t`, whether deployed or only decided.

use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::deployment::{Deployment, Placed, Resource, component_of};
use ranform_network::ids::NodeId;
use ranform_network::network::Literal;

use crate::rules::{Thing, of_node, optional, words};

/// All instances, in address order.
pub(crate) fn things<'a>(network: &'a Network, deployment: &'a Deployment) -> Vec<Thing<'a>> {
    let nodes: BTreeMap<&Address, NodeId> = network.nodes.iter().map(|(id, node)| (&node.entity.address, id)).collect();
    let deployed = deployment.placed.iter().map(|(address, placed)| (address, placed, true));
    let decided = deployment.undeployed.iter().map(|(address, thing)| (address, &thing.placed, false));
    let all: BTreeMap<&Address, (&Placed, bool)> =
        deployed.chain(decided).map(|(address, placed, deployed)| (address, (placed, deployed))).collect();
    let things = all.into_iter().filter_map(|(address, (placed, deployed))| {
        let node = nodes.get(&placed.device).copied();
        let own = attribute(&placed.resource)?;
        let component = component(network, address, &placed.resource);
        let attribute = move |path: &str| match path {
            "component" if component.is_some() => optional(component),
            "address" => words(address.as_str()),
            "kind" => words(placed.resource.kind()),
            "node" => words(placed.device.last().1.trim_matches('"')),
            "owner" => optional(placed.owner.as_deref()),
            "deployed" => Literal::Bool(deployed),
            "site" | "region" => node.map_or(Literal::Absent, |node| of_node(network, node, path)),
            _ => own(path),
        };
        Some(Thing { address: address.clone(), attribute: Box::new(attribute) })
    });
    things.collect()
}

/// The component or xApp that an instance of a RIC is of, by the name that the intents have for it today.
fn component<'a>(network: &'a Network, address: &Address, resource: &'a Resource) -> Option<&'a str> {
    let Resource::RicInstance(instance) = resource else { return None };
    let ric = network.rics.iter().find(|(_, ric)| ric.entity.address == instance.ric);
    Some(ric.map_or_else(|| instance.name(), |(_, ric)| component_of(ric, address, instance)))
}

/// Attributes by path.
type Attributes<'a> = Box<dyn Fn(&str) -> Literal + 'a>;

/// What only an instance has; none for anything else.
fn attribute(resource: &Resource) -> Option<Attributes<'_>> {
    let time = |ns: u64| Literal::Number(ns as f64, "duration");
    let count = |number: usize| Literal::Number(number as f64, "");
    match resource {
        Resource::RicInstance(instance) => Some(Box::new(move |path| match path {
            "ric" => words(instance.ric.last().1.trim_matches('"')),
            "image" => optional(instance.image.as_deref()),
            "version" => optional(instance.version.as_deref()),
            "serves" => count(instance.e2_nodes.len()),
            "loop" => instance.tightest_loop.as_ref().map_or(Literal::Absent, |one| time(one.worst_ns)),
            "slack" => instance
                .tightest_loop
                .as_ref()
                .map_or(Literal::Absent, |one| time(one.budget_ns.saturating_sub(one.worst_ns))),
            _ => Literal::Absent,
        })),
        Resource::ModelInstance(instance) => Some(Box::new(move |path| match path {
            "component" => words(&instance.application.word().to_lowercase()),
            "model" => words(instance.model.last().1.trim_matches('"')),
            "ric" => optional(instance.ric.as_ref().map(|ric| ric.last().1.trim_matches('"'))),
            "image" => optional(instance.image.as_deref()),
            "version" => optional(instance.version.as_deref()),
            "serves" => count(instance.consumers.len()),
            _ => Literal::Absent,
        })),
        _ => None,
    }
}
