//! Where a Kubernetes cluster runs an instance, and how: decided here, so that a target decides nothing.

use super::assemble::Assembly;
use super::*;
use crate::address::slug;
use crate::ids::NodeId;
use crate::network::{Management, Node, Protocol};

/// The namespace of a RIC's objects.
pub(super) fn namespace_of(ric: &Address) -> String {
    let name = if ric.as_str().starts_with("module.") { ric.as_str() } else { ric.last().1.trim_matches('"') };
    slug(&format!("ric-{name}"))
}

/// The name of a compute node in its cluster (`kubernetes.io/hostname`); none for a node that is no cluster's.
pub fn cluster_node(address: &Address, management: Option<&Management>) -> Option<String> {
    let management = management.filter(|way| way.protocol == Protocol::Kubernetes)?;
    let written = management.cluster.as_ref().and_then(|access| access.node.as_ref());
    let own = || address.last().1.trim_matches('"').to_owned();
    Some(written.map_or_else(own, |name| name.value.to_string()))
}

fn node_of(node: &Node) -> Option<String> {
    cluster_node(&node.entity.address, node.management.as_ref())
}

impl Assembly<'_> {
    /// The place of an instance on a node; none where no cluster runs it. A namespace that state knows stays.
    pub(super) fn cluster_place(&self, address: &Address, on: NodeId, namespace: &str) -> Option<ClusterPlace> {
        let node = node_of(&self.network.nodes[on])?;
        let known = self.recorded.get(address).and_then(|known| known.resource.cluster());
        let namespace = known.map_or(namespace, |known| &known.namespace).to_owned();
        Some(ClusterPlace { node, namespace, replicas: 1, update: UpdateStrategy::Recreate, altered: Vec::new() })
    }

    /// New versions start before the old ones stop where a node has room for both: E2 terminations first, then in
    /// address order, as long as all who do can do so at once.
    pub(super) fn update_strategies(&mut self) {
        let network = self.network;
        for (_, node) in network.nodes.iter().filter(|(_, node)| node_of(node).is_some()) {
            let device = &node.entity.address;
            let here = self.deployment.placed.iter_mut().filter(|(_, placed)| placed.device == *device);
            let mut here: Vec<(&Address, &mut Resource)> =
                here.map(|(address, placed)| (address, &mut placed.resource)).collect();
            let mut room: Amounts =
                node.capacity.iter().map(|(name, amount)| (name.to_string(), amount.value)).collect();
            for (_, resource) in &here {
                take(&mut room, resource.demand());
            }
            here.sort_by_key(|(address, resource)| (!is_termination(resource), (*address).clone()));
            for (_, resource) in here {
                let fits = |(name, amount): (&String, &f64)| room.get(name).is_none_or(|left| left >= amount);
                if has_state(resource) || !resource.demand().into_iter().flatten().all(fits) {
                    continue;
                }
                take(&mut room, resource.demand());
                if let Some(place) = resource.cluster_mut() {
                    place.update = UpdateStrategy::Surge;
                }
            }
        }
    }
}

/// Takes a demand from what a node says it has; what it does not name is not counted.
fn take(room: &mut Amounts, demand: Option<&Amounts>) {
    for (name, amount) in demand.into_iter().flatten() {
        if let Some(left) = room.get_mut(name) {
            *left -= amount;
        }
    }
}

fn is_termination(resource: &Resource) -> bool {
    matches!(resource, Resource::RicInstance(instance) if instance.component == RicPart::E2t)
}

/// Whether it keeps state on its node: two of it are never there at once.
pub fn has_state(resource: &Resource) -> bool {
    matches!(resource, Resource::RicInstance(instance) if instance.component == RicPart::Nib)
}
