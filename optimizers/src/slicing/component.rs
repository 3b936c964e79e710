//! The SLAs that share contended nodes, as one dual problem in S·J prices; SLAs that share none are separate.
//!
//! The dual: give every weighted mean `v_js = Σ_a k_ja u_as` a price y_js. Then every node is alone (a projection, see
//! `project.rs`), and so is every v_js: it is `clip(g + y/2, least, most)`, which is how area rows (D11) enter without
//! multipliers of their own. The prices are right when the two sides agree.

use crate::slicing::normal::{NodeKind, NormalForm};
use crate::slicing::project::{Boxes, LANES, Projection};

/// One dual problem: flat, read from front to back by every evaluation.
#[derive(Clone, Debug)]
pub struct Component {
    /// The number of tenants.
    pub tenants: usize,
    /// The SLAs, by index into the problem.
    pub slas: Vec<usize>,
    /// The contended nodes, by index into the problem.
    pub nodes: Vec<u32>,
    /// Per node 4 S numbers: lower, upper, centre, give.
    blocks: Vec<f64>,
    /// Per node the sum of its consumption.
    totals: Vec<f64>,
    /// Per node the end of its SLAs in `cover`.
    cover_end: Vec<u32>,
    /// The SLAs of each node (local index) and k.
    cover: Vec<(u32, f64)>,
    /// J x S: what the nodes that are not decided contribute to v.
    pub base: Vec<f64>,
    /// J x S goals.
    pub goal: Vec<f64>,
    /// J x S least v.
    pub least: Vec<f64>,
    /// J x S greatest v.
    pub most: Vec<f64>,
    /// J x S scale of v: the SLA's epsilon.
    pub scale: Vec<f64>,
}

/// A contended node as the solvers read it.
#[derive(Clone, Copy, Debug)]
pub struct NodeData<'a> {
    /// Boxes, give and total.
    pub boxes: Boxes<'a>,
    /// Where each pair's evenness term would like it.
    pub centre: &'a [f64],
    /// The SLAs (local index) and k.
    pub cover: &'a [(u32, f64)],
}

/// The prices, and what they lead to; reused from evaluation to evaluation.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// J x S: Σ k u at the last prices.
    pub value: Vec<f64>,
    /// (J S)²: the lower triangle of the negative of its derivative with respect to the prices.
    pub slope: Vec<f64>,
    batch: Batch,
    /// Per node its last price.
    pub node_price: Vec<f64>,
    projection: Projection,
}

impl Component {
    /// The components of `form`, in the order of their first SLA.
    pub fn split(form: &NormalForm) -> Vec<Component> {
        let groups = group_slas(form);
        let mut local = vec![(0u32, 0u32); form.slas.len()];
        for (group, slas) in groups.iter().enumerate() {
            for (position, &sla) in slas.iter().enumerate() {
                local[sla] = (group as u32, position as u32);
            }
        }
        let contended = form.kind.iter().filter(|kind| **kind == NodeKind::Contended).count();
        let room = if groups.len() == 1 { contended } else { 0 };
        let mut components: Vec<_> = groups.into_iter().map(|slas| Component::empty(form, slas, room)).collect();
        for node in 0..form.kind.len() {
            if form.kind[node] == NodeKind::Contended {
                let group = local[form.cover.of(node)[0].0 as usize].0;
                components[group as usize].add_node(form, node, &local);
            } else {
                for &(sla, k) in form.cover.of(node) {
                    let (group, position) = local[sla as usize];
                    components[group as usize].add_constant(form, node, position as usize, k);
                }
            }
        }
        components
    }

    fn empty(form: &NormalForm, slas: Vec<usize>, room: usize) -> Self {
        let tenants = form.tenants();
        let gather = |field: fn(&crate::slicing::normal::NormalSla) -> &Vec<f64>| {
            slas.iter().flat_map(|&sla| field(&form.slas[sla]).iter().copied()).collect()
        };
        Self {
            tenants,
            nodes: Vec::with_capacity(room),
            blocks: Vec::with_capacity(room * 4 * tenants),
            totals: Vec::with_capacity(room),
            cover_end: Vec::with_capacity(room),
            cover: Vec::with_capacity(room),
            base: vec![0.0; slas.len() * tenants],
            goal: gather(|sla| &sla.goal),
            least: gather(|sla| &sla.least),
            most: gather(|sla| &sla.most),
            scale: slas.iter().flat_map(|&sla| std::iter::repeat_n(form.slas[sla].epsilon, tenants)).collect(),
            slas,
        }
    }

    fn add_constant(&mut self, form: &NormalForm, node: usize, sla: usize, k: f64) {
        let consumption = &form.lower[node * self.tenants..(node + 1) * self.tenants];
        let base = &mut self.base[sla * self.tenants..(sla + 1) * self.tenants];
        base.iter_mut().zip(consumption).for_each(|(base, used)| *base += k * used);
    }

    fn add_node(&mut self, form: &NormalForm, node: usize, local: &[(u32, u32)]) {
        let tenants = self.tenants;
        let cover = form.cover.of(node);
        let range = node * tenants..(node + 1) * tenants;
        let load = form.problem.parts().load.row(node);
        let gamma: f64 = cover.iter().map(|&(sla, _)| form.slas[sla as usize].gamma).sum();
        let start = self.blocks.len();
        self.blocks.extend_from_slice(&form.lower[range.clone()]);
        self.blocks.extend_from_slice(&form.upper[range]);
        if let [(only, _)] = cover {
            let mean = &form.slas[*only as usize].mean;
            self.blocks.extend(load.iter().zip(mean).map(|(load, mean)| load * mean));
        } else {
            let mean = |tenant: usize| -> f64 {
                cover.iter().map(|&(sla, _)| form.slas[sla as usize].gamma * form.slas[sla as usize].mean[tenant]).sum()
            };
            self.blocks.extend(load.iter().enumerate().map(|(tenant, load)| load * (mean(tenant) / gamma)));
        }
        let half = 0.5 / gamma;
        for (tenant, &load) in load.iter().enumerate() {
            let decided = self.blocks[start + tenant] < self.blocks[start + tenants + tenant];
            self.blocks.push(if decided { load * load * half } else { 0.0 });
        }
        self.nodes.push(node as u32);
        self.totals.push(form.total[node]);
        self.cover.extend(cover.iter().map(|&(sla, k)| (local[sla as usize].1, k)));
        self.cover_end.push(self.cover.len() as u32);
    }

    /// The number of prices.
    pub fn size(&self) -> usize {
        self.goal.len()
    }

    /// Whether any v is bounded by an area row.
    pub fn is_bounded(&self) -> bool {
        self.least.iter().any(|least| least.is_finite()) || self.most.iter().any(|most| most.is_finite())
    }

    /// The data of the contended node at `index`.
    #[inline(always)]
    pub fn node(&self, index: usize) -> NodeData<'_> {
        let tenants = self.tenants;
        let block = &self.blocks[index * 4 * tenants..(index + 1) * 4 * tenants];
        let (lower, rest) = block.split_at(tenants);
        let (upper, rest) = rest.split_at(tenants);
        let (centre, give) = rest.split_at(tenants);
        let start = if index == 0 { 0 } else { self.cover_end[index - 1] };
        let cover = &self.cover[start as usize..self.cover_end[index] as usize];
        NodeData { boxes: Boxes { lower, upper, give, total: self.totals[index] }, centre, cover }
    }

    /// What the goals, bounds and price lead v to, and how fast it follows the price.
    #[inline]
    pub fn wanted(&self, index: usize, price: f64) -> (f64, f64) {
        let free = self.goal[index] + 0.5 * price;
        if free <= self.least[index] {
            (self.least[index], 0.0)
        } else if free >= self.most[index] {
            (self.most[index], 0.0)
        } else {
            (free, 0.5)
        }
    }

    /// Every `stride`-th node, each counting for `stride`: its prices are close to those of the whole.
    pub fn sample(&self, stride: usize) -> Self {
        let mut sample = self.without_nodes();
        let width = 4 * self.tenants;
        let factor = self.nodes.len() as f64 / self.nodes.len().div_ceil(stride) as f64;
        for index in (0..self.nodes.len()).step_by(stride) {
            sample.nodes.push(self.nodes[index]);
            sample.blocks.extend_from_slice(&self.blocks[index * width..(index + 1) * width]);
            sample.totals.push(self.totals[index]);
            sample.cover.extend(self.node(index).cover.iter().map(|&(sla, k)| (sla, factor * k)));
            sample.cover_end.push(sample.cover.len() as u32);
            // Each of the nodes it stands for moves as it does alone: give times k stays what it is.
            let give = sample.blocks.len() - self.tenants;
            sample.blocks[give..].iter_mut().for_each(|give| *give /= factor);
        }
        sample
    }

    fn without_nodes(&self) -> Self {
        Self {
            tenants: self.tenants,
            slas: self.slas.clone(),
            nodes: Vec::new(),
            blocks: Vec::new(),
            totals: Vec::new(),
            cover_end: Vec::new(),
            cover: Vec::new(),
            base: self.base.clone(),
            goal: self.goal.clone(),
            least: self.least.clone(),
            most: self.most.clone(),
            scale: self.scale.clone(),
        }
    }

    /// The part of right prices that comes from area rows: what is left beyond the pull of the goal.
    pub fn area_multipliers(&self, prices: &[f64]) -> Vec<f64> {
        let beyond = |(index, &price): (usize, &f64)| price - 2.0 * (self.wanted(index, price).0 - self.goal[index]);
        // Rounding of the difference is no multiplier.
        prices
            .iter()
            .enumerate()
            .map(beyond)
            .zip(prices)
            .map(|(m, y)| if m.abs() <= 1e-14 * y.abs() { 0.0 } else { m })
            .collect()
    }

    /// Projects every node at prices `y`, and sums up value and slope.
    pub fn evaluate(&self, y: &[f64], state: &mut Evaluation) {
        state.value.copy_from_slice(&self.base);
        state.slope.fill(0.0);
        for index in 0..self.nodes.len() {
            let node = self.node(index);
            set_target(&mut state.projection.target, &node, y, self.tenants);
            let (price, free) = state.projection.project(node.boxes, state.node_price[index]);
            state.node_price[index] = price;
            for &(sla, k) in node.cover {
                let value = &mut state.value[sla as usize * self.tenants..][..self.tenants];
                value.iter_mut().zip(&state.projection.used).for_each(|(value, used)| *value += k * used);
            }
            if free > 0.0 {
                state.batch.add(&mut state.slope, node.cover, &state.projection.free, free);
            }
        }
        state.batch.finish(&mut state.slope);
    }

    /// How far the sum of a node's consumption at prices `y` is from its total, for the node where it is farthest. Only
    /// prices so large that bounds vanish beside them leave more than rounding: no node price gives the total then.
    pub fn largest_miss(&self, y: &[f64], state: &mut Evaluation) -> f64 {
        let mut largest = 0.0f64;
        for index in 0..self.nodes.len() {
            let node = self.node(index);
            set_target(&mut state.projection.target, &node, y, self.tenants);
            state.projection.project(node.boxes, state.node_price[index]);
            let miss = (state.projection.used.iter().sum::<f64>() - node.boxes.total).abs();
            largest = if miss > largest || miss.is_nan() { miss } else { largest };
        }
        largest
    }

    /// Writes the consumption at prices `y` into the rows of the contended nodes (A x S, flat).
    pub fn write_consumption(&self, y: &[f64], state: &mut Evaluation, consumption: &mut [f64]) {
        for (index, &number) in self.nodes.iter().enumerate() {
            let node = self.node(index);
            set_target(&mut state.projection.target, &node, y, self.tenants);
            state.projection.project(node.boxes, state.node_price[index]);
            state.projection.settle(node.boxes);
            consumption[number as usize * self.tenants..][..self.tenants].copy_from_slice(&state.projection.used);
        }
    }
}

impl Evaluation {
    /// Room for evaluations of `component`.
    pub fn new(component: &Component) -> Self {
        let size = component.size();
        Self {
            value: vec![0.0; size],
            slope: vec![0.0; size * size],
            batch: Batch::new(component.tenants, size),
            node_price: vec![0.0; component.nodes.len()],
            projection: Projection::new(component.tenants),
        }
    }
}

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

/// Adds `k k' (diag(free) - free free' / sum)` for every pair of SLAs over the node.
#[inline(always)]
pub fn add_slope(slope: &mut [f64], cover: &[(u32, f64)], free: &[f64], sum: f64, size: usize) {
    let tenants = free.len();
    for &(first, k_first) in cover {
        for &(second, k_second) in cover {
            let scale = k_first * k_second;
            for (tenant, &give) in free.iter().enumerate().filter(|(_, give)| **give > 0.0) {
                let start = (first as usize * tenants + tenant) * size + second as usize * tenants;
                let row = &mut slope[start..start + tenants];
                let shared = scale * give / sum;
                row.iter_mut().zip(free).for_each(|(entry, free)| *entry -= shared * free);
                row[tenant] += scale * give;
            }
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

/// SLAs joined by contended nodes, each group in order, groups in the order of their first SLA.
fn group_slas(form: &NormalForm) -> Vec<Vec<usize>> {
    let count = form.slas.len();
    let mut parent: Vec<usize> = (0..count).collect();
    for (node, _) in form.kind.iter().enumerate().filter(|(_, kind)| **kind == NodeKind::Contended) {
        if let [(first, _), others @ ..] = form.cover.of(node) {
            for (other, _) in others {
                let (a, b) = (root(&mut parent, *first as usize), root(&mut parent, *other as usize));
                parent[a.max(b)] = a.min(b);
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); count];
    for sla in 0..count {
        groups[root(&mut parent, sla)].push(sla);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn root(parent: &mut [usize], mut index: usize) -> usize {
    while parent[index] != index {
        parent[index] = parent[parent[index]];
        index = parent[index];
    }
    index
}
