//! The fastest ways over the links of a network.

use std::ops::Add;

use petgraph::algo::dijkstra;
use petgraph::graph::{NodeIndex, UnGraph};
use ranform_network::Network;
use ranform_network::ids::NodeId;

/// What a way takes: first its latency counts, then its time per byte. Sums stay at the largest number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    /// Nanoseconds.
    pub latency: u64,
    /// Picoseconds per byte.
    pub per_byte: u64,
}

impl Add for Way {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            latency: self.latency.saturating_add(more.latency),
            per_byte: self.per_byte.saturating_add(more.per_byte),
        }
    }
}

/// The links of a network, which are walked both ways. Its nodes are numbered as the network's.
pub(crate) struct Ways {
    links: UnGraph<(), Way>,
}

impl Ways {
    /// Indexes the links.
    pub fn new(network: &Network) -> Self {
        let (nodes, count) = (network.nodes.len(), network.links.len());
        let mut links = UnGraph::with_capacity(nodes, count);
        for _ in 0..nodes {
            links.add_node(());
        }
        let ends = |node: NodeId| network.nodes.get(node).is_some();
        for (_, link) in network.links.iter().filter(|(_, link)| ends(link.from.value) && ends(link.to.value)) {
            let way = Way { latency: link.latency.0, per_byte: ps_per_byte(link.rate.map(|rate| rate.0)) };
            links.add_edge(index(link.from.value), index(link.to.value), way);
        }
        Self { links }
    }

    /// The fastest way between two nodes.
    pub fn between(&self, from: NodeId, to: NodeId) -> Option<Way> {
        dijkstra(&self.links, index(from), Some(index(to)), |link| *link.weight()).get(&index(to)).copied()
    }

    /// The fastest way from each node of the network, by its number, to this one.
    pub fn to(&self, node: NodeId) -> Vec<Option<Way>> {
        let ways = dijkstra(&self.links, index(node), None, |link| *link.weight());
        self.links.node_indices().map(|from| ways.get(&from).copied()).collect()
    }
}

fn index(node: NodeId) -> NodeIndex {
    NodeIndex::new(node.0 as usize)
}

/// Picoseconds per byte at this many bits per second; a link without a rate takes no time per byte.
fn ps_per_byte(bits_per_second: Option<u64>) -> u64 {
    bits_per_second.map_or(0, |rate| 8_000_000_000_000u64.div_ceil(rate.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_counts_first_and_then_the_time_per_byte() {
        let way = |latency, per_byte| Way { latency, per_byte };
        let mut ways = Ways { links: UnGraph::new_undirected() };
        let nodes: Vec<NodeIndex> = (0..5).map(|_| ways.links.add_node(())).collect();
        for (from, to, weight) in
            [(0, 1, way(1, 9)), (1, 3, way(1, 9)), (0, 2, way(1, 1)), (2, 3, way(1, 1)), (0, 3, way(3, 0))]
        {
            ways.links.add_edge(nodes[from], nodes[to], weight);
        }
        assert_eq!(ways.between(NodeId(0), NodeId(3)), Some(way(2, 2)));
        assert_eq!(ways.between(NodeId(3), NodeId(0)), Some(way(2, 2)), "links are walked both ways");
        assert_eq!(ways.between(NodeId(0), NodeId(4)), None);
        assert_eq!(ways.between(NodeId(4), NodeId(4)), Some(way(0, 0)));
        let all = [Some(way(2, 2)), Some(way(1, 9)), Some(way(1, 1)), Some(way(0, 0)), None];
        assert_eq!(ways.to(NodeId(3)), all);
        assert_eq!(way(u64::MAX, 1) + way(1, u64::MAX), way(u64::MAX, u64::MAX));
    }
}
