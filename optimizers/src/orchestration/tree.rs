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
    /// Per node, where it stands: a bin stands with its parent.
    stand: Vec<u32>,
    /// Per node, its bins.
    bins: Vec<Vec<u32>>,
    propagation_ps: Vec<i128>,
    ps_per_byte: Vec<i128>,
}

impl Tree {
    /// Reads the tree of a valid problem.
    pub(crate) fn new(problem: &Problem) -> Self {
        let count = problem.nodes.len();
        let parent: Vec<Option<u32>> = problem.nodes.iter().map(|node| node.parent.map(narrow)).collect();
        let mut stand: Vec<u32> = (0..count).map(narrow).collect();
        let mut bins = vec![Vec::new(); count];
        for (at, node) in problem.nodes.iter().enumerate() {
            if let (true, Some(above)) = (node.bin, node.parent) {
                stand[at] = narrow(above);
                bins[above].push(narrow(at));
            }
        }
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
            stand,
            bins,
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
    fn is_under(&self, below: usize, above: usize) -> bool {
        self.start[above] <= self.start[below] && self.start[below] < self.end[above]
    }

    /// Whether the two nodes reach each other.
    pub(crate) fn reaches(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.stand[one] as usize, self.stand[other] as usize);
        self.is_under(one, other) || self.is_under(other, one)
    }

    /// Picoseconds that `bytes` take between two nodes that reach each other, either way.
    pub(crate) fn delay_ps(&self, one: usize, other: usize, bytes: i64) -> i128 {
        if one == other {
            return 0;
        }
        let (at, to) = (self.stand[one] as usize, self.stand[other] as usize);
        // Down the tree these are sums, so a bin's own link is what it has beyond where it stands.
        let along = |sum: &[i128]| (sum[at] - sum[to]).abs() + (sum[one] - sum[at]) + (sum[other] - sum[to]);
        along(&self.propagation_ps) + along(&self.ps_per_byte) * i128::from(bytes)
    }

    /// Every node that reaches `node`: where it stands, those above with their bins, those below.
    pub(crate) fn hosts(&self, node: usize) -> impl Iterator<Item = usize> {
        let stand = self.stand[node];
        let upwards = std::iter::successors(Some(stand), |&at| self.parent[at as usize]);
        let above = upwards.flat_map(move |at| {
            // The bins of `stand` itself come with what is below it.
            let bins = if at == stand { &[][..] } else { &self.bins[at as usize][..] };
            std::iter::once(at).chain(bins.iter().copied())
        });
        let range = self.start[stand as usize] as usize + 1..self.end[stand as usize] as usize;
        above.chain(self.order[range].iter().copied()).map(|at| at as usize)
    }
}

/// Indexes of nodes, models, targets and columns are kept in 32 bits; a document of at most 1 GiB has
/// fewer of each.
pub(crate) fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
