//! The SLAs that share contended nodes, as one dual problem in S·J prices; SLAs that share none are separate.
//!
//! The dual: give every weighted mean `v_js = Σ_a k_ja u_as` a price y_js. Then every node is alone (a projection, see
//! `project.rs`), and so is every v_js: it is `clip(g + y/2, least, most)`, which is how area rows (D11) enter without
//! multipliers of their own. The prices are right when the two sides agree.

use crate::slicing::normal::{NodeKind, NormalForm};
use crate::slicing::project::Boxes;

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
