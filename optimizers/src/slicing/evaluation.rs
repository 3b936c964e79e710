//! What prices lead to: every node projected, and the sums of it.
//!
//! Where there are many nodes they are taken in [`PARTS`] runs, side by side on as many threads as there are, and the
//! sums of the runs are added in order: the same numbers on any machine.

use rayon::prelude::*;

use crate::slicing::component::{Component, NodeData, add_slope};
use crate::slicing::project::{LANES, Projection};

/// From how many nodes on they are taken in runs.
pub const MANY_NODES: usize = 512;
/// The number of runs.
const PARTS: usize = 8;
/// With more prices than this a run's slope takes longer to add than to make.
const FEW_PRICES: usize = 256;

/// The prices, and what they lead to; reused from evaluation to evaluation.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Per node its last price.
    node_price: Vec<f64>,
    /// Sums over runs of nodes; the first becomes the sum of all.
    parts: Vec<Part>,
}

/// The sums over one run of nodes.
#[derive(Clone, Debug)]
struct Part {
    /// J x S: Σ k u at the last prices.
    value: Vec<f64>,
    /// (J S)²: the lower triangle of the negative of its derivative with respect to the prices.
    slope: Vec<f64>,
    batch: Batch,
    projection: Projection,
}

impl Evaluation {
    /// Room for evaluations of `component`.
    pub fn new(component: &Component) -> Self {
        let size = component.size();
        let nodes = component.nodes.len();
        let part = || Part {
            value: vec![0.0; size],
            slope: vec![0.0; size * size],
            batch: Batch::new(component.tenants, size),
            projection: Projection::new(component.tenants),
        };
        let count = if nodes < MANY_NODES || size > FEW_PRICES { 1 } else { PARTS };
        Self { node_price: vec![0.0; nodes], parts: (0..count).map(|_| part()).collect() }
    }

    /// J x S: Σ k u at the last prices.
    pub fn value(&self) -> &[f64] {
        &self.parts[0].value
    }

    /// (J S)²: the lower triangle of the negative of the derivative of [`Evaluation::value`] with respect to the prices.
    pub fn slope(&self) -> &[f64] {
        &self.parts[0].slope
    }

    /// The nodes of a run.
    fn run(&self) -> usize {
        self.node_price.len().div_ceil(self.parts.len()).max(1)
    }
}

impl Component {
    /// Projects every node at prices `y`, and sums up value and slope.
    pub fn evaluate(&self, y: &[f64], state: &mut Evaluation) {
        let run = state.run();
        if let [only] = &mut state.parts[..] {
            self.evaluate_run(y, 0, &mut state.node_price, only);
        } else {
            let runs = state.parts.par_iter_mut().zip(state.node_price.par_chunks_mut(run)).enumerate();
            runs.for_each(|(index, (part, prices))| self.evaluate_run(y, index * run, prices, part));
        }
        let Some((all, others)) = state.parts.split_first_mut() else { return };
        for part in others {
            all.value.iter_mut().zip(&part.value).for_each(|(sum, value)| *sum += value);
            all.slope.iter_mut().zip(&part.slope).for_each(|(sum, slope)| *sum += slope);
        }
    }

    /// The sums over the nodes from `first` on, one for each of `prices`.
    fn evaluate_run(&self, y: &[f64], first: usize, prices: &mut [f64], part: &mut Part) {
        let Part { value, slope, batch, projection } = part;
        if first == 0 {
            value.copy_from_slice(&self.base);
        } else {
            value.fill(0.0);
        }
        slope.fill(0.0);
        for (index, node_price) in prices.iter_mut().enumerate() {
            let node = self.node(first + index);
            set_target(&mut projection.target, &node, y, self.tenants);
            let (price, free) = projection.project(node.boxes, *node_price);
            *node_price = price;
            for &(sla, k) in node.cover {
                let value = &mut value[sla as usize * self.tenants..][..self.tenants];
                value.iter_mut().zip(&projection.used).for_each(|(value, used)| *value += k * used);
            }
            if free > 0.0 {
                batch.add(slope, node.cover, &projection.free, free);
            }
        }
        batch.finish(slope);
    }

    /// How far the sum of a node's consumption at prices `y` is from its total, for the node where it is farthest. Only
    /// prices so large that bounds vanish beside them leave more than rounding: no node price gives the total then.
    pub fn largest_miss(&self, y: &[f64], state: &mut Evaluation) -> f64 {
        let projection = &mut state.parts[0].projection;
        let mut largest = 0.0f64;
        for index in 0..self.nodes.len() {
            let node = self.node(index);
            set_target(&mut projection.target, &node, y, self.tenants);
            projection.project(node.boxes, state.node_price[index]);
            let miss = (projection.used.iter().sum::<f64>() - node.boxes.total).abs();
            largest = if miss > largest || miss.is_nan() { miss } else { largest };
        }
        largest
    }

    /// Writes the consumption at prices `y` into the rows of the contended nodes (A x S, flat).
    pub fn write_consumption(&self, y: &[f64], state: &mut Evaluation, consumption: &mut [f64]) {
        let run = state.run();
        let mut runs = Vec::with_capacity(state.parts.len());
        let mut rest = consumption;
        // Nodes stand in order, so that each run has a stretch of rows of its own.
        let mut from = 0;
        for (index, (part, prices)) in state.parts.iter_mut().zip(state.node_price.chunks(run)).enumerate() {
            let first = index * run;
            let next = self.nodes.get(first + run).map_or(from + rest.len(), |node| *node as usize * self.tenants);
            let (rows, after) = std::mem::take(&mut rest).split_at_mut(next - from);
            rest = after;
            runs.push((first, from, rows, prices, &mut part.projection));
            from = next;
        }
        let write = |(first, from, rows, prices, projection): Run<'_>| {
            for (index, price) in prices.iter().enumerate() {
                let node = self.node(first + index);
                set_target(&mut projection.target, &node, y, self.tenants);
                projection.project(node.boxes, *price);
                projection.settle(node.boxes);
                let start = self.nodes[first + index] as usize * self.tenants - from;
                rows[start..start + self.tenants].copy_from_slice(&projection.used);
            }
        };
        match runs.len() {
            1 => runs.into_iter().for_each(write),
            _ => runs.into_par_iter().for_each(write),
        }
    }
}

/// The first node of a run, the first row's place, the rows, the nodes' prices and scratch.
type Run<'r> = (usize, usize, &'r mut [f64], &'r [f64], &'r mut Projection);

/// Where each pair would go at prices `y` if the node had no sum to meet.
#[inline(always)]
fn set_target(target: &mut [f64], node: &NodeData, y: &[f64], tenants: usize) {
    let Some((&(sla, k), others)) = node.cover.split_first() else { return target.copy_from_slice(node.centre) };
    let prices = &y[sla as usize * tenants..][..tenants];
    let (centre, give) = (&node.centre[..tenants], &node.boxes.give[..tenants]);
    for (((target, centre), give), price) in target.iter_mut().zip(centre).zip(give).zip(prices) {
        *target = centre - give * (k * price);
    }
    for &(sla, k) in others {
        let prices = &y[sla as usize * tenants..][..tenants];
        for ((target, give), price) in target.iter_mut().zip(give).zip(prices) {
            *target -= give * (k * price);
        }
    }
}

/// Nodes whose parts of the slope are added together, which reads and writes the slope once for all of them.
const BATCHED: usize = 4;

/// Sums up slopes: nodes of one SLA a few at a time, the others one by one.
#[derive(Clone, Debug)]
struct Batch {
    tenants: usize,
    size: usize,
    /// The SLA of the nodes in it.
    sla: u32,
    count: usize,
    /// Per node `k² / sum`; 0 where there is no node.
    shared: [f64; BATCHED],
    /// Per node its S numbers `free`.
    free: Vec<f64>,
    /// J x S: `Σ k² free`.
    diagonal: Vec<f64>,
}

impl Batch {
    fn new(tenants: usize, size: usize) -> Self {
        let free = vec![0.0; BATCHED * tenants];
        Self { tenants, size, sla: 0, count: 0, shared: [0.0; BATCHED], free, diagonal: vec![0.0; size] }
    }

    /// Adds the part of one node, at once or later.
    #[inline(always)]
    fn add(&mut self, slope: &mut [f64], cover: &[(u32, f64)], free: &[f64], sum: f64) {
        let &[(sla, k)] = cover else { return add_slope(slope, cover, free, sum, self.size) };
        if sla != self.sla || self.count == BATCHED {
            self.flush(slope);
            self.sla = sla;
        }
        let scale = k * k;
        self.shared[self.count] = scale / sum;
        self.free[self.count * self.tenants..][..self.tenants].copy_from_slice(free);
        self.count += 1;
        let diagonal = &mut self.diagonal[sla as usize * self.tenants..][..self.tenants];
        diagonal.iter_mut().zip(free).for_each(|(entry, free)| *entry += scale * free);
    }

    /// `slope -= Σ shared free free'` over the nodes in it: the lower triangle, row by row.
    fn flush(&mut self, slope: &mut [f64]) {
        if self.count == 0 {
            return;
        }
        let tenants = self.tenants;
        let column = self.sla as usize * tenants;
        let (first, rest) = self.free.split_at(tenants);
        let (second, rest) = rest.split_at(tenants);
        let (third, fourth) = rest.split_at(tenants);
        let nodes = [first, second, third, fourth].map(|free| free.as_chunks::<LANES>());
        let rows = slope.chunks_exact_mut(self.size).skip(column).take(tenants);
        for (tenant, row) in rows.enumerate() {
            let factor: [f64; BATCHED] =
                std::array::from_fn(|node| self.shared[node] * self.free[node * tenants + tenant]);
            let (row, row_rest) = row[column..column + tenants].as_chunks_mut::<LANES>();
            for (chunk, row) in row.iter_mut().take(tenant / LANES + 1).enumerate() {
                let free = nodes.map(|(chunks, _)| chunks[chunk]);
                for (lane, entry) in row.iter_mut().enumerate() {
                    let first = factor[0] * free[0][lane] + factor[1] * free[1][lane];
                    let second = factor[2] * free[2][lane] + factor[3] * free[3][lane];
                    *entry -= first + second;
                }
            }
            for (index, row) in row_rest.iter_mut().enumerate() {
                *row -= nodes.iter().zip(factor).map(|((_, rest), factor)| factor * rest[index]).sum::<f64>();
            }
        }
        self.shared = [0.0; BATCHED];
        self.count = 0;
    }

    /// Adds what is still to be added.
    fn finish(&mut self, slope: &mut [f64]) {
        self.flush(slope);
        for (entry, sum) in slope.iter_mut().step_by(self.size + 1).zip(&mut self.diagonal) {
            *entry += std::mem::take(sum);
        }
    }
}
