//! What placed RICs have taken of the compute nodes, and what is set aside there for nodes that are hosted on them: gone for
//! the RICs placed after them, and for models.

use std::collections::BTreeMap;

use ranform_network::answers::RicPlacement;
use ranform_network::ids::{NodeId, RicId};
use ranform_network::network::{ComponentKind, Name, Network};

/// Resources in use by compute node, in the units of the network. A node with an entry is in use, so its
/// fixed cost is paid already.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken(BTreeMap<NodeId, BTreeMap<Name, f64>>);

impl Taken {
    /// What the instances of `placement` need, each its demand and more for each E2 node it serves, beside what the nodes
    /// that are hosted have set aside.
    pub fn of(network: &Network, placement: &RicPlacement) -> Self {
        let mut served: BTreeMap<(RicId, &Name, NodeId), u32> = BTreeMap::new();
        for one in &placement.assignments {
            *served.entry((one.ric, &one.component, one.on)).or_default() += 1;
        }
        for one in &placement.standby {
            served.entry((one.ric, &one.component, one.on)).or_default();
        }
        let mut taken = Self(network.set_aside());
        for ((ric, component, on), served) in served {
            let amounts = taken.0.entry(on).or_default();
            let (demand, more) = demands(network, ric, component);
            for (resource, amount) in demand {
                *amounts.entry(resource).or_insert(0.0) += amount;
            }
            for (resource, amount) in more {
                *amounts.entry(resource).or_insert(0.0) += amount * f64::from(served);
            }
        }
        taken
    }

    /// Whether something runs on `node`.
    pub fn is_used(&self, node: NodeId) -> bool {
        self.0.contains_key(&node)
    }

    /// How much of `resource` is in use on `node`.
    pub fn amount(&self, node: NodeId, resource: &str) -> f64 {
        self.0.get(&node).and_then(|amounts| amounts.get(resource)).copied().unwrap_or(0.0)
    }
}

type Amounts = Vec<(Name, f64)>;

/// What an instance of a component or xApp needs, all its replicas together, and needs more for each E2 node.
fn demands(network: &Network, ric: RicId, component: &str) -> (Amounts, Amounts) {
    let entry = &network.rics[ric];
    let kind = ComponentKind::ALL.iter().find(|(_, word)| *word == component).map(|(kind, _)| *kind);
    if let Some(one) = entry.components.iter().find(|one| Some(one.kind) == kind) {
        return (one.demand.clone(), one.demand_per_e2_node.clone());
    }
    let xapp = entry.xapps.iter().find(|xapp| xapp.entity.address.last().1 == component);
    xapp.map_or_else(Default::default, |xapp| (xapp.demand_of_all(), xapp.demand_of_all_per_e2_node()))
}
