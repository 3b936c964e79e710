//! Checks an answer without any code of the solvers: decisions D1-D12 are rebuilt here from the problem, pair by pair,
//! then constraints, optimality and objective are measured. What is measured becomes the certificate.
//!
//! Optimality is measured twice. The natural residual is how far a projected gradient step would move the answer, in
//! share units. The bound follows from convexity: no feasible consumption lies below
//! `J(u) + min over the constraints of ∇J(u)·(x - u)`, and that minimum is found node by node.

use ranform_network::{AnswerKind, AnswerStatus, Certificate};

use crate::slicing::matrix::Matrix;
use crate::slicing::{Problem, Sla};

/// Largest accepted violation of a constraint, in share units.
pub const CONSTRAINT_LIMIT: f64 = 1e-9;
/// Largest accepted difference between the given shares and those that follow from the consumption.
pub const SHARE_LIMIT: f64 = 1e-9;

/// An answer as it is claimed.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// A x S consumption.
    pub consumption: &'a Matrix,
    /// A x S enforced shares.
    pub share: &'a Matrix,
    /// J x S multipliers of the area rows, positive at a cap, negative at a guarantee; empty where there are no rows.
    pub area_multiplier: &'a [f64],
    /// Largest accepted natural residual: what the strategy promises.
    pub residual_limit: f64,
}

/// Measures `claim` against `problem`.
pub fn verify(problem: &Problem, claim: Claim) -> Certificate {
    let certificate =
        Certificate::new(AnswerKind::Slicing, AnswerStatus::Optimal, "optimality conditions and convexity");
    let (nodes, tenants) = (problem.node_count(), problem.tenant_count());
    let fits = |matrix: &Matrix| matrix.height() == nodes && matrix.width() == tenants && matrix.ragged().is_none();
    let finite = |matrix: &Matrix| matrix.values().iter().all(|value| value.is_finite());
    let multipliers_fit =
        claim.area_multiplier.is_empty() || claim.area_multiplier.len() == problem.parts().slas.len() * tenants;
    if !(fits(claim.consumption) && fits(claim.share) && multipliers_fit) {
        return certificate.residual("size", f64::INFINITY, 0.0);
    }
    if !(finite(claim.consumption)
        && finite(claim.share)
        && claim.area_multiplier.iter().all(|value| value.is_finite()))
    {
        return certificate.residual("finite numbers", f64::INFINITY, 0.0);
    }
    Check::new(problem, claim).measure(certificate)
}

/// Whether `direction` (J x S prices of the weighted means) proves that no consumption obeys the area rows: the least
/// value the nodes can give exceeds the greatest that the rows allow. Returns by how much, in share units.
pub fn separation(problem: &Problem, direction: &[f64]) -> f64 {
    let nodes: Vec<NodeLimits> = (0..problem.node_count()).map(|node| NodeLimits::new(problem, node)).collect();
    let tenants = problem.tenant_count();
    let mut allowed = 0.0;
    let mut size = 0.0f64;
    let mut usable = direction.to_vec();
    for (index, sla) in problem.parts().slas.iter().enumerate() {
        let rows = area_rows(problem, sla, &nodes);
        for (tenant, (least, most)) in rows.into_iter().enumerate() {
            let price = &mut usable[index * tenants + tenant];
            let bound = if *price > 0.0 { most } else { least };
            if bound.is_finite() {
                allowed += *price * bound;
                size = size.max(price.abs());
            } else {
                *price = 0.0;
            }
        }
    }
    let shares = AreaShares::new(problem);
    let given: f64 = nodes
        .iter()
        .enumerate()
        .map(|(node, limits)| {
            let cost = |tenant: usize| shares.of(node).map(|(sla, part)| part * usable[sla * tenants + tenant]).sum();
            limits.least_cost(&(0..tenants).map(cost).collect::<Vec<f64>>())
        })
        .sum();
    if size > 0.0 { (given - allowed) / size } else { 0.0 }
}

/// Whether limits contradict each other by themselves: guarantees above a node's capacity, a floor above a cap, or a
/// guarantee over an area above the cap there.
pub fn contradiction(problem: &Problem) -> bool {
    let parts = problem.parts();
    let nodes: Vec<NodeLimits> = (0..problem.node_count()).map(|node| NodeLimits::new(problem, node)).collect();
    let on_a_node = nodes.iter().enumerate().filter(|(node, _)| !parts.passive[*node]).any(|(node, limits)| {
        let floors: f64 = limits.floor.iter().sum();
        let crossed = limits.floor.iter().zip(&limits.cap).any(|(floor, cap)| *floor > cap + 1e-12);
        crossed || floors > parts.capacity[node] + 1e-12
    });
    let crossed = |sla: &Sla| area_rows(problem, sla, &nodes).into_iter().any(|(least, most)| least > most);
    on_a_node || parts.slas.iter().any(crossed)
}

/// What the nodes' own rows allow: D1-D4, D9 and D11 for one node.
struct NodeLimits {
    floor: Vec<f64>,
    cap: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    total: f64,
    /// Whether demand exceeds what there is, so that shares are decided.
    decided: bool,
}

impl NodeLimits {
    fn new(problem: &Problem, node: usize) -> Self {
        let parts = problem.parts();
        let tenants = 0..problem.tenant_count();
        let member = |tenant: usize| problem.is_member(node, tenant);
        if parts.passive[node] {
            let used = |tenant: usize| if member(tenant) { parts.observed.row(node)[tenant] } else { 0.0 };
            let used: Vec<f64> = tenants.map(used).collect();
            let total = used.iter().sum();
            return Self {
                floor: used.clone(),
                cap: used.clone(),
                lower: used.clone(),
                upper: used,
                total,
                decided: false,
            };
        }
        let capacity = parts.capacity[node];
        let minimum = |tenant: usize| match &parts.minimum {
            Some(minimum) if member(tenant) => minimum.row(node)[tenant],
            _ => 0.0,
        };
        let members = tenants.clone().filter(|&tenant| member(tenant)).count();
        let guaranteed: f64 = tenants.clone().map(minimum).sum();
        let room = (capacity - guaranteed).max(0.0) / members.max(1) as f64;
        let common = parts.floor[node].min(room);
        let floor = |tenant: usize| if member(tenant) { common.max(minimum(tenant)) } else { 0.0 };
        let cap = |tenant: usize| match &parts.maximum {
            _ if !member(tenant) => 0.0,
            Some(maximum) => capacity.min(maximum.row(node)[tenant]),
            None => capacity,
        };
        let load = parts.load.row(node);
        let floor: Vec<f64> = tenants.clone().map(floor).collect();
        let cap: Vec<f64> = tenants.clone().map(cap).collect();
        let lower: Vec<f64> = tenants.clone().map(|tenant| floor[tenant].min(load[tenant])).collect();
        let upper: Vec<f64> = tenants.clone().map(|tenant| load[tenant].min(cap[tenant])).collect();
        let reserved: f64 = tenants.map(|tenant| (floor[tenant] - load[tenant]).max(0.0)).sum();
        let demand: f64 = upper.iter().sum();
        if demand <= capacity - reserved + 1e-12 {
            Self { floor, cap, lower: upper.clone(), upper, total: demand, decided: false }
        } else {
            Self { floor, cap, lower, upper, total: capacity - reserved, decided: true }
        }
    }

    /// Whether a pair belongs to M (D5).
    fn counts(&self, tenant: usize) -> bool {
        self.decided && self.lower[tenant] < self.upper[tenant]
    }

    /// The least `Σ cost x` over the node: the cheapest pairs are filled first.
    fn least_cost(&self, cost: &[f64]) -> f64 {
        let mut order: Vec<usize> = (0..cost.len()).collect();
        order.sort_by(|&a, &b| cost[a].total_cmp(&cost[b]));
        let mut left = self.total - self.lower.iter().sum::<f64>();
        let mut value = 0.0;
        for tenant in order {
            let more = left.clamp(0.0, (self.upper[tenant] - self.lower[tenant]).max(0.0));
            left -= more;
            value += cost[tenant] * (self.lower[tenant] + more);
        }
        value
    }

    /// D3, D9, D11: the shares that follow from `consumption`.
    fn shares(&self, problem: &Problem, node: usize, covering: &[usize], consumption: &[f64]) -> Vec<f64> {
        let parts = problem.parts();
        if parts.passive[node] {
            return consumption.to_vec();
        }
        let mut shares: Vec<f64> = consumption.iter().zip(&self.floor).map(|(used, floor)| used.max(*floor)).collect();
        let surplus = parts.capacity[node] - shares.iter().sum::<f64>();
        if self.decided || surplus <= 0.0 {
            return shares;
        }
        let members: Vec<usize> = (0..shares.len()).filter(|&tenant| problem.is_member(node, tenant)).collect();
        let agreed = |tenant: usize| -> f64 { covering.iter().map(|&sla| parts.slas[sla].sla_share[tenant]).sum() };
        let sum: f64 = members.iter().map(|&tenant| agreed(tenant)).sum();
        for &tenant in &members {
            let part = if sum > 0.0 { agreed(tenant) / sum } else { 1.0 / members.len() as f64 };
            let cap = parts.maximum.as_ref().map_or(f64::INFINITY, |maximum| maximum.row(node)[tenant]);
            shares[tenant] += (surplus * part).min((cap - shares[tenant]).max(0.0));
        }
        shares
    }
}

/// Which part of each area a node is: w_a / Σ w, per SLA.
struct AreaShares {
    of_node: Vec<Vec<(usize, f64)>>,
}

impl AreaShares {
    fn new(problem: &Problem) -> Self {
        let parts = problem.parts();
        let mut of_node = vec![Vec::new(); problem.node_count()];
        for (index, sla) in parts.slas.iter().enumerate() {
            let sum: f64 = sla.nodes.iter().map(|&node| parts.weight[node]).sum();
            for &node in &sla.nodes {
                of_node[node].push((index, parts.weight[node] / sum));
            }
        }
        Self { of_node }
    }

    fn of(&self, node: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.of_node[node].iter().copied()
    }
}

/// D11 over an area: least and most of each tenant's weighted mean use.
fn area_rows(problem: &Problem, sla: &Sla, nodes: &[NodeLimits]) -> Vec<(f64, f64)> {
    let weight = &problem.parts().weight;
    let sum: f64 = sla.nodes.iter().map(|&node| weight[node]).sum();
    let row = |tenant: usize| {
        let reachable: f64 = sla.nodes.iter().map(|&node| weight[node] / sum * nodes[node].upper[tenant]).sum();
        let least = sla.area_minimum.as_ref().map_or(f64::NEG_INFINITY, |minimum| minimum[tenant].min(reachable));
        let most = sla.area_maximum.as_ref().map_or(f64::INFINITY, |maximum| maximum[tenant]);
        (least, most)
    };
    (0..problem.tenant_count()).map(row).collect()
}

/// Everything the measurements share.
struct Check<'a> {
    problem: &'a Problem,
    claim: Claim<'a>,
    nodes: Vec<NodeLimits>,
    shares: AreaShares,
    /// J x S weighted mean use.
    area_use: Vec<f64>,
    /// J x S means of D6.
    mean: Vec<f64>,
}

impl<'a> Check<'a> {
    fn new(problem: &'a Problem, claim: Claim<'a>) -> Self {
        let nodes: Vec<NodeLimits> = (0..problem.node_count()).map(|node| NodeLimits::new(problem, node)).collect();
        let shares = AreaShares::new(problem);
        let tenants = problem.tenant_count();
        let mut area_use = vec![0.0; problem.parts().slas.len() * tenants];
        let mut mean = area_use.clone();
        let mut count = area_use.clone();
        for (node, limits) in nodes.iter().enumerate() {
            for (sla, part) in shares.of(node) {
                for tenant in 0..tenants {
                    let index = sla * tenants + tenant;
                    area_use[index] += part * claim.consumption.row(node)[tenant];
                    if limits.counts(tenant) {
                        let parts = problem.parts();
                        mean[index] += (parts.previous_share.row(node)[tenant] / parts.load.row(node)[tenant]).min(1.0);
                        count[index] += 1.0;
                    }
                }
            }
        }
        mean.iter_mut().zip(&count).filter(|(_, count)| **count > 0.0).for_each(|(mean, count)| *mean /= count);
        Self { problem, claim, nodes, shares, area_use, mean }
    }

    fn measure(&self, certificate: Certificate) -> Certificate {
        let objective = self.objective();
        let (rows, complementarity) = self.area_violations();
        certificate
            .residual("boxes", self.box_violation(), CONSTRAINT_LIMIT)
            .residual("node sums", self.sum_violation(), CONSTRAINT_LIMIT)
            .residual("area rows", rows, CONSTRAINT_LIMIT)
            .residual("shares", self.share_violation(), SHARE_LIMIT)
            .residual("area multipliers", complementarity, self.claim.residual_limit)
            .residual("natural residual", self.natural_residual(), self.claim.residual_limit)
            .bounded(objective, self.lower_bound(objective))
    }

    fn box_violation(&self) -> f64 {
        let mut worst = 0.0f64;
        for (node, limits) in self.nodes.iter().enumerate() {
            for (tenant, &used) in self.claim.consumption.row(node).iter().enumerate() {
                worst = worst.max(limits.lower[tenant] - used).max(used - limits.upper[tenant]);
            }
        }
        worst
    }

    fn sum_violation(&self) -> f64 {
        let miss = |(node, limits): (usize, &NodeLimits)| {
            (self.claim.consumption.row(node).iter().sum::<f64>() - limits.total).abs()
        };
        self.nodes.iter().enumerate().map(miss).fold(0.0, f64::max)
    }

    fn share_violation(&self) -> f64 {
        let mut worst = 0.0f64;
        for (node, limits) in self.nodes.iter().enumerate() {
            let covering: Vec<usize> = self.shares.of(node).map(|(sla, _)| sla).collect();
            let expected = limits.shares(self.problem, node, &covering, self.claim.consumption.row(node));
            for (expected, found) in expected.iter().zip(self.claim.share.row(node)) {
                worst = worst.max((expected - found).abs());
            }
        }
        worst
    }

    fn multiplier(&self, index: usize) -> f64 {
        self.claim.area_multiplier.get(index).copied().unwrap_or(0.0)
    }

    /// How far the area rows are violated, and how far multipliers push where their row does not hold (relative to
    /// the pull of the agreement).
    fn area_violations(&self) -> (f64, f64) {
        let tenants = self.problem.tenant_count();
        let (mut rows, mut idle) = (0.0f64, 0.0f64);
        for (index, sla) in self.problem.parts().slas.iter().enumerate() {
            for (tenant, (least, most)) in area_rows(self.problem, sla, &self.nodes).into_iter().enumerate() {
                let used = self.area_use[index * tenants + tenant];
                rows = rows.max(least - used).max(used - most);
                let multiplier = self.multiplier(index * tenants + tenant);
                let slack = if multiplier > 0.0 { most - used } else { used - least };
                if multiplier != 0.0 {
                    idle = idle.max((slack.abs()).min(multiplier.abs() / (2.0 * sla.epsilon)));
                }
            }
        }
        (rows, idle)
    }

    fn objective(&self) -> f64 {
        let tenants = self.problem.tenant_count();
        let parts = self.problem.parts();
        let mut objective = 0.0;
        for (index, sla) in parts.slas.iter().enumerate() {
            for tenant in 0..tenants {
                let miss = self.miss(sla, index, tenant);
                objective += miss * miss;
            }
        }
        for (node, limits) in self.nodes.iter().enumerate() {
            for tenant in (0..tenants).filter(|&tenant| limits.counts(tenant)) {
                let ratio = self.claim.consumption.row(node)[tenant] / parts.load.row(node)[tenant];
                for (sla, _) in self.shares.of(node) {
                    let miss = ratio - self.mean[sla * tenants + tenant];
                    objective += parts.slas[sla].gamma * miss * miss;
                }
            }
        }
        objective
    }

    /// ε·(area use) + (1-ε) e - σ.
    fn miss(&self, sla: &Sla, index: usize, tenant: usize) -> f64 {
        let used = self.area_use[index * self.problem.tenant_count() + tenant];
        sla.epsilon * used - (sla.sla_share[tenant] - (1.0 - sla.epsilon) * sla.ewma[tenant])
    }

    /// The part of the gradient of a node's pair that comes from areas: Σ_j k (2 miss + multiplier).
    fn area_gradient(&self, node: usize, tenant: usize) -> f64 {
        let tenants = self.problem.tenant_count();
        self.shares
            .of(node)
            .map(|(index, part)| {
                let sla = &self.problem.parts().slas[index];
                let pull = 2.0 * self.miss(sla, index, tenant) + self.multiplier(index * tenants + tenant);
                sla.epsilon * part * pull
            })
            .sum()
    }

    /// The part that comes from evenness, times the load: Σ_j 2 γ (u/λ - m); 0 outside M.
    fn even_gradient(&self, node: usize, tenant: usize) -> (f64, f64) {
        if !self.nodes[node].counts(tenant) {
            return (0.0, 0.0);
        }
        let parts = self.problem.parts();
        let ratio = self.claim.consumption.row(node)[tenant] / parts.load.row(node)[tenant];
        let tenants = self.problem.tenant_count();
        let mut sums = (0.0, 0.0);
        for (sla, _) in self.shares.of(node) {
            let gamma = parts.slas[sla].gamma;
            sums.0 += 2.0 * gamma * (ratio - self.mean[sla * tenants + tenant]);
            sums.1 += 2.0 * gamma;
        }
        sums
    }

    /// max |u - P(u - W⁻¹ ∇J)| with W = diag(2γ/λ² on M) + 2 Σ_j ε_j k_ja and P in the W metric.
    fn natural_residual(&self) -> f64 {
        let tenants = self.problem.tenant_count();
        let parts = self.problem.parts();
        let mut worst = 0.0f64;
        let (mut moved, mut give) = (vec![0.0; tenants], vec![0.0; tenants]);
        for (node, limits) in self.nodes.iter().enumerate().filter(|(_, limits)| limits.decided) {
            let area_weight: f64 =
                self.shares.of(node).map(|(sla, part)| 2.0 * parts.slas[sla].epsilon.powi(2) * part).sum();
            for tenant in 0..tenants {
                let load = parts.load.row(node)[tenant];
                let (even, stiffness) = self.even_gradient(node, tenant);
                // W⁻¹ = λ² / (2 Σγ + λ² area weight), multiplied out so that no load is divided by twice.
                let inverse = if limits.counts(tenant) { 1.0 / (stiffness + load * load * area_weight) } else { 0.0 };
                give[tenant] = load * load * inverse;
                let step = load * inverse * even + give[tenant] * self.area_gradient(node, tenant);
                moved[tenant] = self.claim.consumption.row(node)[tenant] - step;
            }
            let price = price_of_sum(limits, &moved, &give);
            for tenant in 0..tenants {
                let projected =
                    (moved[tenant] - price * give[tenant]).min(limits.upper[tenant]).max(limits.lower[tenant]);
                worst = worst.max((projected - self.claim.consumption.row(node)[tenant]).abs());
            }
        }
        worst
    }

    /// The bound from convexity (module text), multipliers included.
    fn lower_bound(&self, objective: f64) -> f64 {
        let tenants = self.problem.tenant_count();
        let parts = self.problem.parts();
        let mut bound = objective;
        for (node, limits) in self.nodes.iter().enumerate().filter(|(_, limits)| limits.decided) {
            let gradient = |tenant: usize| {
                let even = self.even_gradient(node, tenant).0;
                let even = if even == 0.0 { 0.0 } else { even / parts.load.row(node)[tenant] };
                even + self.area_gradient(node, tenant)
            };
            let gradient: Vec<f64> = (0..tenants).map(gradient).collect();
            // Only differences between tenants matter under the node's sum, and they do not cancel.
            let middle = gradient.iter().copied().fold(f64::INFINITY, f64::min);
            let cost: Vec<f64> = gradient.iter().map(|gradient| gradient - middle).collect();
            let here: f64 = cost.iter().zip(self.claim.consumption.row(node)).map(|(cost, used)| cost * used).sum();
            bound += (limits.least_cost(&cost) - here).min(0.0);
        }
        for (index, sla) in parts.slas.iter().enumerate() {
            for (tenant, (least, most)) in area_rows(self.problem, sla, &self.nodes).into_iter().enumerate() {
                let multiplier = self.multiplier(index * tenants + tenant);
                if multiplier != 0.0 {
                    let row = if multiplier > 0.0 { most } else { least };
                    bound += sla.epsilon * multiplier * (self.area_use[index * tenants + tenant] - row);
                }
            }
        }
        bound
    }
}

/// The price at which the clipped consumption of a node adds up to its total, by halving an interval.
fn price_of_sum(limits: &NodeLimits, moved: &[f64], give: &[f64]) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (tenant, &give) in give.iter().enumerate().filter(|(_, give)| **give > 0.0) {
        low = low.min((moved[tenant] - limits.upper[tenant]) / give);
        high = high.max((moved[tenant] - limits.lower[tenant]) / give);
    }
    if !(low.is_finite() && high.is_finite()) {
        return 0.0;
    }
    let sum = |price: f64| -> f64 {
        let clipped =
            |tenant: usize| (moved[tenant] - price * give[tenant]).min(limits.upper[tenant]).max(limits.lower[tenant]);
        (0..moved.len()).map(clipped).sum()
    };
    for _ in 0..200 {
        let middle = low + 0.5 * (high - low);
        let excess = sum(middle) - limits.total;
        if excess == 0.0 || middle <= low || middle >= high {
            return middle;
        }
        if excess > 0.0 { low = middle } else { high = middle }
    }
    low + 0.5 * (high - low)
}
