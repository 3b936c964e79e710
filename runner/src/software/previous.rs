//! What is in force: the placement and the mapping that recorded state (or a snapshot) shows.

use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::answers::{ModelAssignment, ModelMapping, RicAssignment, RicPlacement};
use ranform_network::deployment::{ModelInstanceResource, Recorded, Resource, RicInstanceResource, component_of};
use ranform_network::ids::{ModelId, NodeId, RequestId, RicId};

use crate::moves::renamed;

/// What is in force; empty where nothing is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Previous {
    /// Places of RIC components.
    pub placement: RicPlacement,
    /// Models and whom they serve.
    pub models: ModelMapping,
}

/// Reads it from what is recorded under today's names. Things that are no longer declared are left out.
pub fn read(network: &Network, recorded: &BTreeMap<Address, Recorded>) -> Previous {
    let names = Names::new(network);
    let mut previous = Previous::default();
    for (address, thing) in recorded {
        let hosted = match &thing.resource {
            Resource::ModelInstance(instance) => instance.hosted.as_ref(),
            _ => None,
        };
        let Some(on) = names.node(hosted.unwrap_or(&thing.device)) else { continue };
        match &thing.resource {
            Resource::RicInstance(instance) => {
                previous.placement.assignments.extend(names.ric(address, instance, &instance.e2_nodes, on));
                previous.placement.standby.extend(names.standby(address, instance, on));
            }
            Resource::ModelInstance(instance) => {
                previous.models.assignments.extend(names.model(address, instance, on));
            }
            _ => {}
        }
    }
    previous
        .placement
        .assignments
        .sort_by(|a, b| (a.ric, a.e2_node, &a.component).cmp(&(b.ric, b.e2_node, &b.component)));
    previous.placement.standby.sort_by(|a, b| (a.ric, a.e2_node, &a.component).cmp(&(b.ric, b.e2_node, &b.component)));
    previous.models.assignments.sort();
    let mut accepted: Vec<RequestId> = previous.models.assignments.iter().map(|one| one.request).collect();
    accepted.sort_unstable();
    accepted.dedup();
    previous.models.accepted = accepted;
    previous
}

/// Today's entities by address.
struct Names<'n> {
    network: &'n Network,
    nodes: BTreeMap<&'n Address, NodeId>,
    rics: BTreeMap<&'n Address, RicId>,
    models: BTreeMap<&'n Address, ModelId>,
    requests: BTreeMap<&'n Address, RequestId>,
}

impl<'n> Names<'n> {
    fn new(network: &'n Network) -> Self {
        Self {
            network,
            nodes: network.nodes.iter().map(|(id, node)| (&node.entity.address, id)).collect(),
            rics: network.rics.iter().map(|(id, ric)| (&ric.entity.address, id)).collect(),
            models: network.models.iter().map(|(id, model)| (&model.entity.address, id)).collect(),
            requests: network.requests.iter().map(|(id, request)| (&request.entity.address, id)).collect(),
        }
    }

    fn node(&self, address: &Address) -> Option<NodeId> {
        self.nodes.get(&renamed(self.network, address)).copied()
    }

    /// For whom an instance stands by. One that serves nobody is there for standbys; where it does not say for whose,
    /// one E2 node stands for all.
    fn standby(&self, address: &Address, instance: &RicInstanceResource, on: NodeId) -> Vec<RicAssignment> {
        if !instance.stands_by_for.is_empty() || !instance.e2_nodes.is_empty() {
            return self.ric(address, instance, &instance.stands_by_for, on);
        }
        let Some((ric, component)) = self.part(address, instance) else { return Vec::new() };
        let first = self.network.rics[ric].e2_nodes.first();
        first
            .map(|e2_node| RicAssignment { ric, component: component.into(), e2_node: *e2_node, on })
            .into_iter()
            .collect()
    }

    fn ric(
        &self,
        address: &Address,
        instance: &RicInstanceResource,
        e2_nodes: &[Address],
        on: NodeId,
    ) -> Vec<RicAssignment> {
        let Some((ric, component)) = self.part(address, instance) else { return Vec::new() };
        let e2_nodes = e2_nodes.iter().filter_map(|address| self.node(address));
        e2_nodes.map(|e2_node| RicAssignment { ric, component: component.into(), e2_node, on }).collect()
    }

    /// The RIC and the name of the component or xApp of an instance.
    fn part<'a>(&'a self, address: &Address, instance: &'a RicInstanceResource) -> Option<(RicId, &'a str)> {
        let &ric = self.rics.get(&renamed(self.network, &instance.ric))?;
        let name = component_of(&self.network.rics[ric], address, instance);
        // Decisions call an xApp as its address does, with quotation marks where it has some.
        let xapps = self.network.rics[ric].xapps.iter().map(|xapp| xapp.entity.address.last().1);
        let quoted = xapps.filter(|_| instance.xapp.is_some()).find(|quoted| quoted.trim_matches('"') == name);
        Some((ric, quoted.unwrap_or(name)))
    }

    fn model(&self, address: &Address, instance: &ModelInstanceResource, on: NodeId) -> Vec<ModelAssignment> {
        let Some(&model) = self.models.get(&renamed(self.network, &instance.model)) else { return Vec::new() };
        let number = match address.last() {
            ("instance", number) => number.parse().unwrap_or(0),
            _ => 0,
        };
        let mut assignments = Vec::new();
        for consumer in &instance.consumers {
            let request = self.requests.get(&renamed(self.network, &consumer.request)).copied();
            let (Some(request), Some(node)) = (request, self.node(&consumer.target)) else { continue };
            let targets = &self.network.requests[request].targets;
            let target = targets.iter().position(|one| one.node == node && *one.function.value == *consumer.function);
            if let Some(target) = target.and_then(|target| u32::try_from(target).ok()) {
                assignments.push(ModelAssignment { request, target, model, on, instance: number });
            }
        }
        assignments
    }
}
