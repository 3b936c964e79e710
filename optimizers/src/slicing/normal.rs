//! The normal form: decisions D1-D12 of docs/src/optimizers/slicing.md turn any checked problem into boxes,
//! node sums, goals and means that a solver can work on. The names of the decisions stand beside the lines.
//!
//! `minimize Σ_j Σ_s (Σ_a k_ja u_as - g_js)² + Σ_j γ_j Σ_(M_j) (u_as/λ_as - m_js)²` subject to
//! `Σ_s u_as = total_a`, `lower_as <= u_as <= upper_as`, `least_js <= Σ_a k_ja u_as <= most_js`.

use rayon::prelude::*;

use crate::slicing::{Problem, Sla};

/// From how many nodes on they are taken side by side; below, waking another thread takes longer than the work.
pub const MANY_NODES: usize = 4096;
/// Nodes that one thread takes at a time.
pub const STRETCH: usize = 256;

/// How far demand may exceed what a node can give and still be served in full: rounding of the sums.
const DEMAND_TOLERANCE: f64 = 1e-12;

/// What is to be decided on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Demand exceeds what there is: the node's shares are decided.
    Contended,
    /// Demand fits and is served in full (D3).
    Served,
    /// The node takes no orders; its use is a constant (D4).
    Passive,
}

/// A problem after D1-D12. Flat arrays, A rows of S numbers.
#[derive(Clone, Debug)]
pub struct NormalForm<'a> {
    /// The problem it was made from.
    pub problem: &'a Problem,
    /// A x S least consumption.
    pub lower: Vec<f64>,
    /// A x S greatest consumption.
    pub upper: Vec<f64>,
    /// A sums of consumption (b in the formulation).
    pub total: Vec<f64>,
    /// A: what is to be decided.
    pub kind: Vec<NodeKind>,
    /// A: the common floor after D1.
    pub floor: Vec<f64>,
    /// Which SLAs cover a node, and with which coefficient.
    pub cover: Cover,
    /// The SLAs.
    pub slas: Vec<NormalSla>,
}

/// Per node the SLAs that cover it and the coefficients k_ja.
#[derive(Clone, Debug, Default)]
pub struct Cover {
    start: Vec<u32>,
    entries: Vec<(u32, f64)>,
}

impl Cover {
    /// The SLAs over `node` with their coefficients.
    #[inline]
    pub fn of(&self, node: usize) -> &[(u32, f64)] {
        &self.entries[self.start[node] as usize..self.start[node + 1] as usize]
    }

    fn new(nodes: usize, weight: &[f64], slas: &[Sla]) -> Self {
        let mut start = vec![0u32; nodes + 1];
        for &node in slas.iter().flat_map(|sla| &sla.nodes) {
            start[node + 1] += 1;
        }
        for node in 0..nodes {
            start[node + 1] += start[node];
        }
        let mut entries = vec![(0, 0.0); start[nodes] as usize];
        let mut next = start.clone();
        for (index, sla) in slas.iter().enumerate() {
            let sum: f64 = sla.nodes.iter().map(|&node| weight[node]).sum();
            for &node in &sla.nodes {
                entries[next[node] as usize] = (index as u32, sla.epsilon * (weight[node] / sum));
                next[node] += 1;
            }
        }
        Self { start, entries }
    }
}

/// One SLA in normal form; S numbers each.
#[derive(Clone, Debug, Default)]
pub struct NormalSla {
    /// The goal g of Σ k u.
    pub goal: Vec<f64>,
    /// The mean m of the clipped previous ratios over M (D5, D6).
    pub mean: Vec<f64>,
    /// The number of pairs in M.
    pub pairs: Vec<f64>,
    /// Σ k u must be at least this (minus infinity without a guarantee).
    pub least: Vec<f64>,
    /// Σ k u must be at most this (infinity without a cap).
    pub most: Vec<f64>,
    /// Loop period over window.
    pub epsilon: f64,
    /// The weight of evenness.
    pub gamma: f64,
}

/// Why no consumption can obey a node's own limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// The guarantees on this node exceed its capacity.
    Guarantees(usize),
    /// The floor or guarantee of this tenant on this node exceeds its cap.
    Cap(usize, usize),
    /// The guarantee of this tenant over the area of this SLA exceeds its cap there.
    Area(usize, usize),
}

impl<'a> NormalForm<'a> {
    /// Applies D1-D12 to `problem`.
    pub fn new(problem: &'a Problem) -> Result<Self, Contradiction> {
        let parts = problem.parts();
        let (nodes, tenants) = (problem.node_count(), problem.tenant_count());
        let mut form = Self {
            problem,
            lower: vec![0.0; nodes * tenants],
            upper: vec![0.0; nodes * tenants],
            total: vec![0.0; nodes],
            kind: vec![NodeKind::Passive; nodes],
            floor: vec![0.0; nodes],
            cover: Cover::new(nodes, &parts.weight, &parts.slas),
            slas: parts.slas.iter().map(|sla| normal_sla(sla, tenants)).collect(),
        };
        form.limit_nodes()?;
        form.average_ratios();
        form.bound_areas()?;
        Ok(form)
    }

    /// The number of tenants.
    pub fn tenants(&self) -> usize {
        self.problem.tenant_count()
    }

    /// The floor of a pair after D1, D9 and D11: what stays reserved in its share.
    #[inline]
    pub fn pair_floor(&self, node: usize, tenant: usize) -> f64 {
        if !self.problem.is_member(node, tenant) {
            return 0.0;
        }
        let minimum = self.problem.parts().minimum.as_ref().map_or(0.0, |minimum| minimum.row(node)[tenant]);
        self.floor[node].max(minimum)
    }

    /// D1-D4, D9 and D11 node by node, stretches of nodes side by side; the first contradiction ends it.
    fn limit_nodes(&mut self) -> Result<(), Contradiction> {
        let problem = self.problem;
        let all = Stretch {
            first: 0,
            lower: &mut self.lower,
            upper: &mut self.upper,
            total: &mut self.total,
            kind: &mut self.kind,
            floor: &mut self.floor,
        };
        if all.total.len() < MANY_NODES {
            return all.limit(problem);
        }
        let width = STRETCH * problem.tenant_count().max(1);
        let columns = (
            all.lower.par_chunks_mut(width),
            all.upper.par_chunks_mut(width),
            all.total.par_chunks_mut(STRETCH),
            all.kind.par_chunks_mut(STRETCH),
            all.floor.par_chunks_mut(STRETCH),
        );
        let stretches = columns.into_par_iter().enumerate().map(|(stretch, (lower, upper, total, kind, floor))| {
            Stretch { first: stretch * STRETCH, lower, upper, total, kind, floor }.limit(problem)
        });
        stretches.collect::<Vec<_>>().into_iter().collect()
    }

    /// D5 and D6: the mean of min(previous share / load, 1) over the pairs that are decided, per SLA and tenant.
    fn average_ratios(&mut self) {
        let tenants = self.tenants();
        let parts = self.problem.parts();
        let mut ratio = vec![0.0; tenants];
        let mut decided = vec![0.0; tenants];
        for (node, kind) in self.kind.iter().enumerate() {
            if *kind != NodeKind::Contended {
                continue;
            }
            let (load, previous) = (parts.load.row(node), parts.previous_share.row(node));
            let range = node * tenants..(node + 1) * tenants;
            let boxes = self.lower[range.clone()].iter().zip(&self.upper[range]);
            for (tenant, (lower, upper)) in boxes.enumerate() {
                let inside = lower < upper;
                decided[tenant] = if inside { 1.0 } else { 0.0 };
                ratio[tenant] = if inside { smaller(previous[tenant] / load[tenant], 1.0) } else { 0.0 };
            }
            for &(sla, _) in self.cover.of(node) {
                let sla = &mut self.slas[sla as usize];
                sla.mean.iter_mut().zip(&ratio).for_each(|(sum, ratio)| *sum += ratio);
                sla.pairs.iter_mut().zip(&decided).for_each(|(count, decided)| *count += decided);
            }
        }
        for sla in &mut self.slas {
            sla.mean.iter_mut().zip(&sla.pairs).for_each(|(mean, &pairs)| *mean /= larger(pairs, 1.0));
        }
    }

    /// D11 over areas: a guarantee never asks for more than demand lets through; rows that cannot bind are left out.
    fn bound_areas(&mut self) -> Result<(), Contradiction> {
        let parts = self.problem.parts();
        for (index, sla) in parts.slas.iter().enumerate() {
            if let Some(maximum) = &sla.area_maximum {
                let most = |maximum: &f64| if *maximum < 1.0 { sla.epsilon * maximum } else { f64::INFINITY };
                self.slas[index].most = maximum.iter().map(most).collect();
            }
            if let Some(minimum) = &sla.area_minimum {
                let reachable = self.greatest_use(index, sla);
                let least = |(&minimum, &reach): (&f64, &f64)| {
                    if minimum > 0.0 { reach.min(sla.epsilon * minimum) } else { f64::NEG_INFINITY }
                };
                self.slas[index].least = minimum.iter().zip(&reachable).map(least).collect();
            }
            let normal = &self.slas[index];
            let slack = DEMAND_TOLERANCE * sla.epsilon;
            if let Some(tenant) = normal.least.iter().zip(&normal.most).position(|(least, most)| *least > most + slack)
            {
                return Err(Contradiction::Area(index, tenant));
            }
        }
        Ok(())
    }

    /// Σ k upper of each tenant over the area.
    fn greatest_use(&self, index: usize, sla: &Sla) -> Vec<f64> {
        let tenants = self.tenants();
        let mut reachable = vec![0.0; tenants];
        for &node in &sla.nodes {
            let covering = self.cover.of(node).iter().find(|(covering, _)| *covering as usize == index);
            let k = covering.map_or(0.0, |(_, k)| *k);
            let upper = &self.upper[node * tenants..(node + 1) * tenants];
            reachable.iter_mut().zip(upper).for_each(|(sum, upper)| *sum += k * upper);
        }
        reachable
    }
}

/// The rows of some nodes while they are filled.
struct Stretch<'r> {
    /// The number of the first node.
    first: usize,
    lower: &'r mut [f64],
    upper: &'r mut [f64],
    total: &'r mut [f64],
    kind: &'r mut [NodeKind],
    floor: &'r mut [f64],
}

impl Stretch<'_> {
    fn limit(self, problem: &Problem) -> Result<(), Contradiction> {
        let tenants = problem.tenant_count();
        let mut limits = RowLimits::new(tenants);
        for at in 0..self.total.len() {
            let row = at * tenants..(at + 1) * tenants;
            let (lower, upper) = (&mut self.lower[row.clone()], &mut self.upper[row]);
            let mut node = NodeRow { lower, upper, total: &mut self.total[at], kind: &mut self.kind[at] };
            let number = self.first + at;
            if problem.parts().passive[number] {
                node.fix_passive(problem, number);
            } else {
                limits.fill(problem, number)?;
                self.floor[at] = limits.common_floor;
                node.limit_active(problem, number, &limits);
            }
        }
        Ok(())
    }
}

/// The row of one node while it is filled.
struct NodeRow<'r> {
    lower: &'r mut [f64],
    upper: &'r mut [f64],
    total: &'r mut f64,
    kind: &'r mut NodeKind,
}

impl NodeRow<'_> {
    /// D4: what is observed is a constant; D9: nobody else's use is counted.
    fn fix_passive(&mut self, problem: &Problem, node: usize) {
        let observed = problem.parts().observed.row(node);
        for (tenant, &observed) in observed.iter().enumerate() {
            let used = if problem.is_member(node, tenant) { observed } else { 0.0 };
            (self.lower[tenant], self.upper[tenant]) = (used, used);
            *self.total += used;
        }
    }
    /// D2, D3 and D11 on an active node.
    fn limit_active(&mut self, problem: &Problem, node: usize, row: &RowLimits) {
        let load = problem.parts().load.row(node);
        let (lower, upper) = (&mut *self.lower, &mut *self.upper);
        let (mut demand, mut reserved) = (0.0, 0.0);
        let limits = row.floor.iter().zip(&row.cap);
        for (((lower, upper), &load), (&floor, &cap)) in lower.iter_mut().zip(upper.iter_mut()).zip(load).zip(limits) {
            *lower = smaller(floor, load);
            *upper = smaller(load, cap);
            demand += *upper;
            reserved += larger(floor - load, 0.0);
        }
        let available = problem.parts().capacity[node] - reserved;
        if demand <= available + DEMAND_TOLERANCE {
            lower.copy_from_slice(upper);
            (*self.total, *self.kind) = (demand, NodeKind::Served);
        } else {
            (*self.total, *self.kind) = (available, NodeKind::Contended);
        }
    }
}

/// Floors and caps of one node's pairs; a scratch row that is filled again for each node.
struct RowLimits {
    common_floor: f64,
    floor: Vec<f64>,
    cap: Vec<f64>,
}

impl RowLimits {
    fn new(tenants: usize) -> Self {
        Self { common_floor: 0.0, floor: vec![0.0; tenants], cap: vec![0.0; tenants] }
    }

    /// D1, D9 and D11: the common floor gives way, guarantees and caps do not.
    fn fill(&mut self, problem: &Problem, node: usize) -> Result<(), Contradiction> {
        let parts = problem.parts();
        let tenants = problem.tenant_count();
        let capacity = parts.capacity[node];
        let minimum = parts.minimum.as_ref().map(|minimum| minimum.row(node));
        let maximum = parts.maximum.as_ref().map(|maximum| maximum.row(node));
        let member = |tenant| problem.is_member(node, tenant);
        let members =
            if parts.member.is_none() { tenants } else { (0..tenants).filter(|&tenant| member(tenant)).count() };
        let guaranteed: f64 =
            minimum.map_or(0.0, |row| (0..tenants).filter(|&tenant| member(tenant)).map(|tenant| row[tenant]).sum());
        if guaranteed > capacity + DEMAND_TOLERANCE {
            return Err(Contradiction::Guarantees(node));
        }
        let clamp = if members == 0 { 0.0 } else { larger(capacity - guaranteed, 0.0) / members as f64 };
        self.common_floor = smaller(parts.floor[node], clamp);
        self.floor.fill(self.common_floor);
        self.cap.fill(capacity);
        if let Some(minimum) = minimum {
            self.floor.iter_mut().zip(minimum).for_each(|(floor, &minimum)| *floor = larger(*floor, minimum));
        }
        if let Some(maximum) = maximum {
            self.cap.iter_mut().zip(maximum).for_each(|(cap, &maximum)| *cap = smaller(*cap, maximum));
        }
        if parts.member.is_some() {
            for tenant in (0..tenants).filter(|&tenant| !member(tenant)) {
                (self.floor[tenant], self.cap[tenant]) = (0.0, 0.0);
            }
        }
        let crossed = self.floor.iter().zip(&self.cap).position(|(&floor, &cap)| floor > cap + DEMAND_TOLERANCE);
        crossed.map_or(Ok(()), |tenant| Err(Contradiction::Cap(node, tenant)))
    }
}

fn normal_sla(sla: &Sla, tenants: usize) -> NormalSla {
    let goal = sla.sla_share.iter().zip(&sla.ewma).map(|(share, ewma)| share - (1.0 - sla.epsilon) * ewma).collect();
    NormalSla {
        goal,
        mean: vec![0.0; tenants],
        pairs: vec![0.0; tenants],
        least: vec![f64::NEG_INFINITY; tenants],
        most: vec![f64::INFINITY; tenants],
        epsilon: sla.epsilon,
        gamma: sla.gamma,
    }
}

// Comparisons that compile to one instruction each; f64::min and f64::max also order NaN, which cannot occur here.
#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
