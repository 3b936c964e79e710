//! What several checks look up: who is on which interface, which SLA covers it, which services a chunk has.
//! Sorted vectors, built once; every list is in order of ids, so findings come out in one order.

use std::collections::BTreeMap;

use ranform_network::Network;
use ranform_network::ids::*;
use ranform_network::network::*;
use rayon::prelude::*;

use crate::damage::Damage;

/// A network with its indexes.
pub struct Context<'a> {
    /// The network.
    pub network: &'a Network,
    damage: &'a Damage,
    presences: Vec<Presence>,
    covers: Vec<(Interface, SlaId)>,
    services: Vec<(ChunkId, ServiceId)>,
    set_aside: BTreeMap<NodeId, BTreeMap<Name, f64>>,
}

/// A tenant on an interface, by a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Presence {
    /// The interface.
    pub interface: Interface,
    /// The tenant.
    pub tenant: TenantId,
    /// The chunk that says so.
    pub chunk: ChunkId,
}

impl<'a> Context<'a> {
    /// Indexes `network`, of which some may be damaged.
    pub fn new(network: &'a Network, damage: &'a Damage) -> Self {
        let mut presences: Vec<Presence> = network
            .chunks
            .iter()
            .flat_map(|(chunk, data)| {
                let at = move |&interface: &Interface| Presence { interface, tenant: data.tenant.value, chunk };
                data.interfaces.iter().map(at)
            })
            .collect();
        presences.par_sort_unstable();
        let mut covers: Vec<(Interface, SlaId)> = network
            .slas
            .iter()
            .flat_map(|(sla, data)| data.interfaces.iter().map(move |interface| (*interface, sla)))
            .collect();
        covers.par_sort_unstable();
        let mut services: Vec<(ChunkId, ServiceId)> =
            network.services.iter().map(|(id, service)| (service.chunk.value, id)).collect();
        services.sort_unstable();
        Self { network, damage, presences, covers, services, set_aside: network.set_aside() }
    }

    /// Whether the thing was declared without an error.
    pub fn is_sound(&self, entity: &Entity) -> bool {
        !self.damage.holds(entity.span)
    }

    /// How much of a node's resource is set aside for those that it hosts.
    pub fn set_aside(&self, node: NodeId, resource: &str) -> f64 {
        self.set_aside.get(&node).and_then(|amounts| amounts.get(resource)).copied().unwrap_or(0.0)
    }

    /// Who is on `interface`, by tenant then chunk.
    pub fn at(&self, interface: Interface) -> &[Presence] {
        equal_range(&self.presences, |presence| presence.interface.cmp(&interface))
    }

    /// Who is on each interface that has anybody, in order of interfaces.
    pub fn by_interface(&self) -> impl Iterator<Item = (Interface, &[Presence])> {
        self.presences.chunk_by(|a, b| a.interface == b.interface).map(|group| (group[0].interface, group))
    }

    /// The SLAs that cover `interface`.
    pub fn slas_of(&self, interface: Interface) -> impl Iterator<Item = SlaId> + '_ {
        equal_range(&self.covers, |cover| cover.0.cmp(&interface)).iter().map(|cover| cover.1)
    }

    /// The services on `chunk`.
    pub fn services_of(&self, chunk: ChunkId) -> impl Iterator<Item = (ServiceId, &'a Service)> + '_ {
        let network = self.network;
        let found = equal_range(&self.services, |service| service.0.cmp(&chunk));
        found.iter().map(move |(_, id)| (*id, &network.services[*id]))
    }

    /// The distinct tenants on `interface`.
    pub fn tenants_at(&self, interface: Interface) -> Vec<TenantId> {
        let mut tenants: Vec<TenantId> = self.at(interface).iter().map(|presence| presence.tenant).collect();
        tenants.dedup();
        tenants
    }

    /// The name of a tenant, as written.
    pub fn tenant(&self, tenant: TenantId) -> &'a str {
        name(&self.network.tenants[tenant].entity)
    }

    /// The address of an interface.
    pub fn interface(&self, interface: Interface) -> &'a str {
        self.network.entity_of(interface).address.as_str()
    }

    /// The address of a node.
    pub fn node(&self, node: NodeId) -> &'a str {
        self.network.nodes[node].entity.address.as_str()
    }

    /// The mode in which an interface is shared; none for a port.
    pub fn mode(&self, interface: Interface) -> Option<SharingMode> {
        self.network.sharing_of(interface).map(|sharing| sharing.mode)
    }

    /// The technology of an interface; none for a port.
    pub fn technology(&self, interface: Interface) -> Option<Technology> {
        match interface {
            Interface::Cell(cell) => Some(self.network.cells[cell].technology()),
            Interface::Radio(_) => Some(Technology::Wifi),
            Interface::Port(_) => None,
        }
    }
}

/// The last name of an entity's address, as written.
pub fn name(entity: &Entity) -> &str {
    entity.address.last().1
}

/// Names in a sentence: `a`, `b` and `c`, each in backticks; after five the rest are counted.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let quoted: Vec<String> = names.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = names.len() - quoted.len();
    match (quoted.split_last(), more) {
        (None, _) => "none".to_owned(),
        (Some((last, [])), 0) => last.clone(),
        (Some((last, first)), 0) => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {more} more", quoted.join(", ")),
    }
}

pub use ranform_network::units::count;

/// The run of elements that `order` finds equal, in a slice sorted by it.
fn equal_range<T>(sorted: &[T], order: impl Fn(&T) -> std::cmp::Ordering) -> &[T] {
    let start = sorted.partition_point(|item| order(item).is_lt());
    let length = sorted[start..].partition_point(|item| order(item).is_le());
    &sorted[start..start + length]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list([]), "none");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(list(["a", "b", "c", "d", "e", "f"]), "`a`, `b`, `c`, `d`, `e` and 1 more");
        assert_eq!(count(1, "cell"), "1 cell");
        assert_eq!(count(0, "cell"), "0 cells");
    }
}
