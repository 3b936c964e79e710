//! Latency and rate between two nodes of a network: a table entry, a link, or the shortest way over links.

use std::collections::BTreeMap;

use ranform_network::ids::NodeId;
use ranform_network::network::Network;

use super::problem::Uplink;
use super::validate::MAX_NUMBER;
use crate::ways::Ways;

/// The links and latencies of a network by their ends.
pub(crate) struct Paths {
    table: BTreeMap<(NodeId, NodeId), u64>,
    ways: Ways,
}

impl Paths {
    /// Indexes the links; a table entry counts both ways where the other way is not given.
    pub(crate) fn new(network: &Network) -> Self {
        let mut table = BTreeMap::new();
        for entry in &network.latencies {
            table.insert((entry.from, entry.to), entry.latency.0);
        }
        for entry in &network.latencies {
            table.entry((entry.to, entry.from)).or_insert(entry.latency.0);
        }
        Self { table, ways: Ways::new(network) }
    }

    /// The way from one node to another as one link; none if there is no way. One node is no distance
    /// from itself. A latency from the table replaces that of the links, never their rates.
    pub(crate) fn uplink(&self, from: NodeId, to: NodeId) -> Option<Uplink> {
        let way = self.ways.between(from, to);
        let latency = self.table.get(&(from, to)).copied().or(way.map(|way| way.latency))?;
        let per_byte = way.map_or(0, |way| way.per_byte);
        let fit = |number: u64| i64::try_from(number).unwrap_or(MAX_NUMBER).min(MAX_NUMBER);
        Some(Uplink { ps_per_byte: fit(per_byte), propagation_ns: fit(latency) })
    }
}
