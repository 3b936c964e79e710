//! What an operator meant: every reference bound, every unit converted, defaults filled in.
//!
//! Columns of plain structs with public fields, made by `compiler::resolve`, read by the optimizers and
//! the deployment. Spans stay with the values that a check may want to point at. Decides nothing.

mod capacity;
mod functions;
mod intents;
mod inventory;
mod management;
mod policies;
mod policy_peers;
mod rules;
mod toleration;

pub use functions::*;
pub use intents::*;
pub use inventory::*;
pub use management::*;
pub use policies::*;
pub use policy_peers::*;
pub use rules::*;
pub use toleration::*;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::address::Address;
use crate::ids::*;
use crate::radio::{GnbId, Plmn};
use crate::source::{Located, Span};

/// A name as written: a DNS label or, for imported things, any text.
pub type Name = Arc<str>;

/// What every entity has.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Entity {
    /// Its stable address.
    pub address: Address,
    /// Where it is declared (its name, or the table row it comes from).
    pub span: Span,
    /// The team that owns it, directly or by inheritance.
    pub owner: Option<Name>,
    /// Free labels, sorted by key.
    pub labels: Vec<(Name, Name)>,
}

/// The resolved network.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Network {
    /// The language version, 1.
    pub language: u32,
    /// Sites.
    pub sites: Column<SiteId, Site>,
    /// Areas.
    pub areas: Column<AreaId, Area>,
    /// Tenants.
    pub tenants: Column<TenantId, Tenant>,
    /// Nodes; a parent may stand after its child.
    pub nodes: Column<NodeId, Node>,
    /// NR and LTE cells.
    pub cells: Column<CellId, Cell>,
    /// Wi-Fi radios.
    pub radios: Column<RadioId, Radio>,
    /// Ethernet ports.
    pub ports: Column<PortId, Port>,
    /// Links between nodes.
    pub links: Column<LinkId, Link>,
    /// Imported one-way latencies, where a table gives them: (from, to, latency).
    pub latencies: Vec<Latency>,
    /// Chunks.
    pub chunks: Column<ChunkId, Chunk>,
    /// Services.
    pub services: Column<ServiceId, Service>,
    /// SLAs.
    pub slas: Column<SlaId, Sla>,
    /// Near-RT RICs to place.
    pub rics: Column<RicId, Ric>,
    /// The model catalog.
    pub models: Column<ModelId, Model>,
    /// Requests for models.
    pub requests: Column<RequestId, Request>,
    /// Policies for near-RT RICs.
    pub policies: Column<PolicyId, Policy>,
    /// Guards.
    pub guards: Vec<Guard>,
    /// Blast radius limits.
    pub limits: Vec<Limit>,
    /// Stability wishes.
    pub keeps: Vec<Keep>,
    /// Owners.
    pub owners: Vec<Owner>,
    /// Protected addresses.
    pub protected: Vec<Located<Address>>,
    /// Addresses to stop managing.
    pub forgotten: Vec<Located<Address>>,
    /// Renames.
    pub moved: Vec<Moved>,
    /// What to do about changes made by others.
    pub outside_changes: Vec<OutsideChange>,
    /// How many entities each table and selection yielded, by address, for the `limit` on emptied sets.
    pub populations: Vec<(Address, u64)>,
}

impl Network {
    /// The node that an interface is on.
    pub fn node_of(&self, interface: Interface) -> NodeId {
        match interface {
            Interface::Cell(cell) => self.cells[cell].node,
            Interface::Radio(radio) => self.radios[radio].node,
            Interface::Port(port) => self.ports[port].node,
        }
    }

    /// The gNB identity of a node: its own, or that of the node above it that is a part of the same gNB (TS 38.401 6.1).
    pub fn gnb_id_of(&self, node: NodeId) -> Option<Located<GnbId>> {
        self.of_its_gnb(node, |node| node.gnb_id)
    }

    /// The operator's PLMN of a node: its own, or that of the node above it that is a part of the same gNB.
    pub fn host_plmn_of(&self, node: NodeId) -> Option<Located<Plmn>> {
        self.of_its_gnb(node, |node| node.host_plmn)
    }

    fn of_its_gnb<T>(&self, node: NodeId, of: impl Fn(&Node) -> Option<T>) -> Option<T> {
        let mut at = &self.nodes[node];
        // A circle of parents is a finding of its own; the tree of a gNB has no more than these levels.
        for _ in 0..4 {
            if let Some(found) = of(at) {
                return Some(found);
            }
            let above = at.parent.map(|parent| &self.nodes[parent.value]);
            at = above.filter(|above| at.kind.is_part_of_gnb() && above.kind.is_part_of_gnb())?;
        }
        None
    }

    /// The node that runs the software that is decided for a node: the one that it is hosted on, or itself.
    pub fn host_of(&self, node: NodeId) -> NodeId {
        self.nodes[node].hosted_on.map_or(node, |host| host.value)
    }

    /// What the nodes that are hosted on compute nodes have set aside there: the sums of their capacities, by resource.
    pub fn set_aside(&self) -> BTreeMap<NodeId, BTreeMap<Name, f64>> {
        let mut sums: BTreeMap<NodeId, BTreeMap<Name, f64>> = BTreeMap::new();
        for (_, node) in self.nodes.iter() {
            let Some(host) = node.hosted_on else { continue };
            let sums = sums.entry(host.value).or_default();
            for (name, amount) in &node.capacity {
                *sums.entry(name.clone()).or_insert(0.0) += amount.value;
            }
        }
        sums
    }

    /// Whether an E2 node can be told another E2 termination; one that cannot is bound to the one it has.
    pub fn moves_e2(&self, node: NodeId) -> bool {
        let node = &self.nodes[node];
        node.management.is_some() && node.profile.moves_e2()
    }

    /// What every entity has, of an interface.
    pub fn entity_of(&self, interface: Interface) -> &Entity {
        match interface {
            Interface::Cell(cell) => &self.cells[cell].entity,
            Interface::Radio(radio) => &self.radios[radio].entity,
            Interface::Port(port) => &self.ports[port].entity,
        }
    }

    /// How the resource of an interface is shared; none for a port.
    pub fn sharing_of(&self, interface: Interface) -> Option<&Sharing> {
        match interface {
            Interface::Cell(cell) => Some(&self.cells[cell].sharing),
            Interface::Radio(radio) => Some(&self.radios[radio].sharing),
            Interface::Port(_) => None,
        }
    }
}
