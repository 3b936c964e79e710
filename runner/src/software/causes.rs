//! Why software comes, moves and goes: a line of the intents, or the placement it is a part of.

use std::collections::{BTreeMap, BTreeSet};

use ranform_network::Network;
use ranform_network::address::Address;
use ranform_network::answers::RicPlacement;
use ranform_network::deployment::{
    Action, Cause, Change, ModelInstanceResource, Recorded, Resource, RicInstanceResource, attributes_at,
};

/// Replaces causes of changes that follow from a placement; drift stays drift.
pub fn settle(
    network: &Network,
    placement: &RicPlacement,
    recorded: &BTreeMap<Address, Recorded>,
    changes: &mut [Change],
) {
    let known = Known::new(network, placement, recorded);
    for change in changes.iter_mut().filter(|change| change.cause != Cause::Drift) {
        if let Some(of) = known.origin(change) {
            change.cause = Cause::Consequence { of };
        }
    }
}

/// Whether a line of its component or xApp says what changes. Its demand may grow with the E2 nodes that it serves.
fn is_said_by_its_own_line(change: &Change, before: &RicInstanceResource, after: &RicInstanceResource) -> bool {
    let serves_as_before = before.e2_nodes == after.e2_nodes;
    change.leaves().iter().any(|(leaf, _, _)| {
        let own = |attribute: &str| attribute.starts_with("component.") || attribute.starts_with("xapp.");
        (serves_as_before || !leaf.starts_with("ric-instance.demand")) && attributes_at(&change.address, leaf).any(own)
    })
}

/// What is declared, and what was there.
struct Known<'a> {
    declared: BTreeSet<&'a Address>,
    /// RICs of which something is recorded.
    placed_before: BTreeSet<&'a Address>,
    /// The RIC that serves each E2 node.
    serving: BTreeMap<&'a Address, &'a Address>,
}

impl<'a> Known<'a> {
    fn new(network: &'a Network, placement: &RicPlacement, recorded: &'a BTreeMap<Address, Recorded>) -> Self {
        let rics = network.rics.iter().map(|(_, ric)| &ric.entity.address);
        let models = network.models.iter().map(|(_, model)| &model.entity.address);
        let requests = network.requests.iter().map(|(_, request)| &request.entity.address);
        let instances = recorded.values().filter_map(|thing| match &thing.resource {
            Resource::RicInstance(instance) => Some(&instance.ric),
            _ => None,
        });
        let serving = placement.assignments.iter().filter(|one| &*one.component == "e2t");
        Self {
            declared: rics.chain(models).chain(requests).collect(),
            placed_before: instances.collect(),
            serving: serving
                .map(|one| (&network.nodes[one.e2_node].entity.address, &network.rics[one.ric].entity.address))
                .collect(),
        }
    }

    /// The address that a change follows from; none where it follows from its own line.
    fn origin(&self, change: &Change) -> Option<Address> {
        match (&change.before, &change.after) {
            (Some(Resource::RicInstance(before)), Some(Resource::RicInstance(after)))
                if is_said_by_its_own_line(change, before, after) =>
            {
                None
            }
            (Some(Resource::RicInstance(instance)), _) => self.declared(&instance.ric),
            (None, Some(Resource::RicInstance(instance))) if self.placed_before.contains(&instance.ric) => {
                Some(instance.ric.clone())
            }
            (Some(Resource::ModelInstance(before)), Some(Resource::ModelInstance(after))) => {
                self.other_request(before, after).or_else(|| self.declared(&after.model))
            }
            (Some(Resource::ModelInstance(before)), None) => self.declared(&before.model),
            (Some(Resource::Node(_)), Some(Resource::Node(_))) if change.action == Action::Update => {
                let leaves = change.leaves();
                let only = leaves.iter().all(|(path, _, _)| path == "node.e2_endpoint") && !leaves.is_empty();
                self.serving.get(&change.address).filter(|_| only).map(|ric| (*ric).clone())
            }
            _ => None,
        }
    }

    fn declared(&self, address: &Address) -> Option<Address> {
        self.declared.contains(address).then(|| address.clone())
    }

    /// A request that one of the two serves and the other does not.
    fn other_request(&self, before: &ModelInstanceResource, after: &ModelInstanceResource) -> Option<Address> {
        let of = |one: &ModelInstanceResource| -> BTreeSet<Address> {
            one.consumers.iter().map(|consumer| consumer.request.clone()).collect()
        };
        of(before).symmetric_difference(&of(after)).find(|request| self.declared.contains(request)).cloned()
    }
}
