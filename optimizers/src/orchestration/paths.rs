//! Latency and rate between two nodes of a network: a table entry, a link, or the shortest way over links.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use ranform_network::ids::NodeId;
use ranform_network::network::Network;

use super::problem::Uplink;
use super::validate::MAX_NUMBER;

/// The links and latencies of a network by their ends.
pub(crate) struct Paths<'n> {
    table: BTreeMap<(NodeId, NodeId), u64>,
    links: BTreeMap<NodeId, Vec<(NodeId, u64, u64)>>,
    network: &'n Network,
}

/// Picoseconds per byte at this many bits per second; a link without a rate takes no time per byte.
fn ps_per_byte(bits_per_second: Option<u64>) -> u64 {
    bits_per_second.map_or(0, |rate| 8_000_000_000_000u64.div_ceil(rate.max(1)))
}

impl<'n> Paths<'n> {
    /// Indexes links both ways; a table entry counts both ways where the other way is not given.
    pub(crate) fn new(network: &'n Network) -> Self {
        let mut table = BTreeMap::new();
        for entry in &network.latencies {
            table.insert((entry.from, entry.to), entry.latency.0);
        }
        for entry in &network.latencies {
            table.entry((entry.to, entry.from)).or_insert(entry.latency.0);
        }
        let mut links: BTreeMap<NodeId, Vec<(NodeId, u64, u64)>> = BTreeMap::new();
        for link in network.links.as_slice() {
            let (from, to) = (link.from.value, link.to.value);
            let per_byte = ps_per_byte(link.rate.map(|rate| rate.0));
            links.entry(from).or_default().push((to, link.latency.0, per_byte));
            links.entry(to).or_default().push((from, link.latency.0, per_byte));
        }
        Self { table, links, network }
    }

    /// The way from one node to another as one link; none if there is no way. One node is no distance
    /// from itself. A latency from the table replaces that of the links, never their rates.
    pub(crate) fn uplink(&self, from: NodeId, to: NodeId) -> Option<Uplink> {
        let way = self.shortest(from, to);
        let latency = self.table.get(&(from, to)).copied().or(way.map(|(latency, _)| latency))?;
        let per_byte = way.map_or(0, |(_, per_byte)| per_byte);
        let fit = |number: u64| i64::try_from(number).unwrap_or(MAX_NUMBER).min(MAX_NUMBER);
        Some(Uplink { ps_per_byte: fit(per_byte), propagation_ns: fit(latency) })
    }

    /// Dijkstra by latency, then by time per byte, then by node: ties never depend on the order of links.
    fn shortest(&self, from: NodeId, to: NodeId) -> Option<(u64, u64)> {
        let mut best: BTreeMap<NodeId, (u64, u64)> = BTreeMap::new();
        let mut queue = BinaryHeap::from([Reverse((0u64, 0u64, from))]);
        while let Some(Reverse((latency, per_byte, node))) = queue.pop() {
            if node == to {
                return Some((latency, per_byte));
            }
            if best.get(&node).is_some_and(|known| *known < (latency, per_byte)) {
                continue;
            }
            for &(next, more, more_per_byte) in self.links.get(&node).into_iter().flatten() {
                let way = (latency.saturating_add(more), per_byte.saturating_add(more_per_byte));
                let is_known = self.network.nodes.get(next).is_some();
                if is_known && best.get(&next).is_none_or(|known| way < *known) {
                    best.insert(next, way);
                    queue.push(Reverse((way.0, way.1, next)));
                }
            }
        }
        None
    }
}
