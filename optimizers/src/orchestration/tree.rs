//! The tree of nodes, ready for constant-time questions: who reaches whom, and how long data take.
//!
//! Two nodes reach each other iff one is an ancestor of the other. Data are stored and forwarded: each
//! hop costs its propagation plus the bytes times its picoseconds per byte.

use super::problem::Problem;

/// Depth-first intervals and delays summed from the root.
pub(crate) struct Tree {
    /// Nodes in depth-first order, ancestors first.
    order: Vec<u32>,
    /// Position of each node in `order`; its descendants follow without a gap up to `end`.
    start: Vec<u32>,
    end: Vec<u32>,
    parent: Vec<Option<u32>>,
    propagation_ps: Vec<i128>,
    ps_per_byte: Vec<i128>,
}

impl Tree {
    /// Reads the tree of a valid problem.
    pub(crate) fn new(problem: &Problem) -> Self {
        let count = problem.nodes.len();
        let parent: Vec<Option<u32>> = problem.nodes.iter().map(|node| node.parent.map(narrow)).collect();
        let mut children = vec![Vec::new(); count];
        let mut stack = Vec::new();
        for (at, above) in parent.iter().enumerate().rev() {
            match above {
                Some(above) => children[*above as usize].push(narrow(at)),
                None => stack.push(narrow(at)),
            }
        }
        let mut tree = Self {
            order: Vec::with_capacity(count),
            start: vec![0; count],
            end: vec![0; count],
            parent,
            propagation_ps: vec![0; count],
            ps_per_byte: vec![0; count],
        };
        while let Some(node) = stack.pop() {
            let at = node as usize;
            if let (Some(above), Some(uplink)) = (tree.parent[at], problem.nodes[at].uplink) {
                let above = above as usize;
                tree.propagation_ps[at] = tree.propagation_ps[above] + i128::from(uplink.propagation_ns) * 1000;
                tree.ps_per_byte[at] = tree.ps_per_byte[above] + i128::from(uplink.ps_per_byte);
            }
            tree.start[at] = narrow(tree.order.len());
            tree.order.push(node);
            stack.extend(&children[at]);
        }
        tree.close_intervals();
        tree
    }

    fn close_intervals(&mut self) {
        for (at, start) in self.start.iter().enumerate() {
            self.end[at] = start + 1;
        }
        for &node in self.order.iter().rev() {
            if let Some(above) = self.parent[node as usize] {
                let end = self.end[node as usize];
                let above = &mut self.end[above as usize];
                *above = (*above).max(end);
            }
        }
    }

    /// Whether `below` is `above` or under it.
    pub(crate) fn is_under(&self, below: usize, above: usize) -> bool {
        self.start[above] <= self.start[below] && self.start[below] < self.end[above]
    }

    /// Whether the two nodes reach each other.
    pub(crate) fn reaches(&self, one: usize, other: usize) -> bool {
        self.is_under(one, other) || self.is_under(other, one)
    }

    /// Picoseconds that `bytes` take between two nodes that reach each other, either way.
    pub(crate) fn delay_ps(&self, one: usize, other: usize, bytes: i64) -> i128 {
        let propagation = (self.propagation_ps[one] - self.propagation_ps[other]).abs();
        let rate = (self.ps_per_byte[one] - self.ps_per_byte[other]).abs();
        propagation + rate * i128::from(bytes)
    }

    /// The node itself, then those above it up to the root.
    pub(crate) fn ancestors(&self, node: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(narrow(node)), |&at| self.parent[at as usize]).map(|at| at as usize)
    }

    /// The nodes strictly under `node`, ancestors first.
    pub(crate) fn descendants(&self, node: usize) -> impl Iterator<Item = usize> {
        let range = self.start[node] as usize + 1..self.end[node] as usize;
        self.order[range].iter().map(|&at| at as usize)
    }
}

/// Indexes of nodes, models, targets and columns are kept in 32 bits; a document of at most 1 GiB has
/// fewer of each.
pub(crate) fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
