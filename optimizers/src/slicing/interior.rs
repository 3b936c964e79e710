//! The structured interior point method: the same component, by a path through the inside of its boxes.
//!
//! Its work per step is O(A S² + (S J)³), like a Newton step on the dual, because boxes are diagonal and every node
//! couples to the others through the S·J prices only. It never stalls on the many pieces of the dual, but ends close
//! to the answer instead of on it; `newton.rs` finishes from its prices.
//!
//! Scaled to share units: V = v/ε, k = k/ε, objective times the largest give, prices accordingly.

use ranform_network::Control;

use crate::slicing::component::{Component, NodeData, add_slope};
use crate::slicing::dense::solve_symmetric;
use crate::slicing::newton::{Ending, Search};
use crate::slicing::separate::separate;

const MOST_STEPS: u64 = 200;
/// Mean complementarity, in scaled units, at which the path ends.
const CLOSE: f64 = 1e-12;
/// Part of the way to the nearest bound that a step may go.
const BOUNDARY: f64 = 0.995;

/// Follows the path to its end; the prices are right to about the square root of rounding.
pub fn follow(component: &Component, control: &dyn Control) -> Search {
    let mut path = Path::new(component);
    let mut search = Search { prices: path.unscaled_prices(), ending: Ending::Stalled, steps: 0 };
    let mut last_step = 1.0;
    while search.steps < MOST_STEPS {
        if control.should_stop() {
            search.ending = Ending::Stopped;
            break;
        }
        let complementarity = path.complementarity();
        path.assemble(complementarity * if last_step > 0.9 { 0.05 } else { 0.4 });
        if complementarity < CLOSE && path.residual < 1e-11 {
            search.ending = Ending::Converged;
            break;
        }
        search.steps += 1;
        last_step = path.advance();
        let prices = path.unscaled_prices();
        if last_step < 1e-12 || prices.iter().any(|price| !price.is_finite()) {
            // Rounding has eaten the distance to a bound: the prices before are as good as they get.
            break;
        }
        search.prices = prices;
        let proof = if component.is_bounded() { separate(component, &search.prices) } else { None };
        if let Some(proof) = proof {
            search.prices = proof;
            search.ending = Ending::Infeasible;
            break;
        }
    }
    search
}

/// A variable between two bounds with the multipliers of both; an infinite bound has multiplier 0.
#[derive(Clone, Copy, Debug)]
struct Between {
    value: f64,
    lower: f64,
    upper: f64,
    lower_price: f64,
    upper_price: f64,
    change: f64,
}

impl Between {
    fn new(start: f64, lower: f64, upper: f64) -> Self {
        let value = match (lower.is_finite(), upper.is_finite()) {
            (true, true) => 0.5 * (lower + upper),
            (true, false) => start.max(lower + 1.0),
            (false, true) => start.min(upper - 1.0),
            (false, false) => start,
        };
        let price = |bound: f64| if bound.is_finite() { 1.0 } else { 0.0 };
        Self { value, lower, upper, lower_price: price(lower), upper_price: price(upper), change: 0.0 }
    }

    /// The curvature that the bounds add, and the gradient of the barrier at `target` complementarity.
    fn barrier(&self, target: f64) -> (f64, f64) {
        let (mut curvature, mut gradient) = (0.0, 0.0);
        if self.lower_price > 0.0 {
            curvature += self.lower_price / (self.value - self.lower);
            gradient -= target / (self.value - self.lower);
        }
        if self.upper_price > 0.0 {
            curvature += self.upper_price / (self.upper - self.value);
            gradient += target / (self.upper - self.value);
        }
        (curvature, gradient)
    }

    /// The sum of both complementarity products, and how many there are.
    fn products(&self) -> (f64, f64) {
        let lower = if self.lower_price > 0.0 { self.lower_price * (self.value - self.lower) } else { 0.0 };
        let upper = if self.upper_price > 0.0 { self.upper_price * (self.upper - self.value) } else { 0.0 };
        let count = f64::from(u8::from(self.lower_price > 0.0)) + f64::from(u8::from(self.upper_price > 0.0));
        (lower + upper, count)
    }

    fn price_changes(&self, target: f64) -> (f64, f64) {
        let lower = if self.lower_price > 0.0 {
            (target - self.lower_price * self.change) / (self.value - self.lower) - self.lower_price
        } else {
            0.0
        };
        let upper = if self.upper_price > 0.0 {
            (target + self.upper_price * self.change) / (self.upper - self.value) - self.upper_price
        } else {
            0.0
        };
        (lower, upper)
    }

    /// The longest step (at most 1 / BOUNDARY) that keeps value and prices on their side.
    fn longest_step(&self, target: f64) -> f64 {
        let (lower, upper) = self.price_changes(target);
        let mut step = 1.0 / BOUNDARY;
        let mut keep = |room: f64, change: f64| {
            if change < 0.0 {
                step = step.min(-room / change);
            }
        };
        keep(self.value - self.lower, self.change);
        keep(self.upper - self.value, -self.change);
        keep(self.lower_price, lower);
        keep(self.upper_price, upper);
        step
    }

    fn advance(&mut self, step: f64, target: f64) {
        let (lower, upper) = self.price_changes(target);
        self.value += step * self.change;
        self.lower_price += step * lower;
        self.upper_price += step * upper;
    }
}

/// The point on the path and the linear system of one step.
struct Path<'a> {
    component: &'a Component,
    /// The largest give: the objective is multiplied by it.
    unit: f64,
    /// Per contended pair; fixed pairs have equal bounds and are passed over.
    pairs: Vec<Between>,
    means: Vec<Between>,
    prices: Vec<f64>,
    node_price: Vec<f64>,
    price_change: Vec<f64>,
    matrix: Vec<f64>,
    target: f64,
    /// The largest violation of the linear conditions at the last assembly.
    residual: f64,
}

impl<'a> Path<'a> {
    fn new(component: &'a Component) -> Self {
        let size = component.size();
        let mut pairs = Vec::with_capacity(component.nodes.len() * component.tenants);
        let mut unit = 0.0f64;
        for index in 0..component.nodes.len() {
            let node = component.node(index);
            unit = node.boxes.give.iter().fold(unit, |unit, &give| unit.max(give));
            add_pairs(&mut pairs, &node);
        }
        let mean = |index: usize| {
            let scale = component.scale[index];
            Between::new(component.goal[index] / scale, component.least[index] / scale, component.most[index] / scale)
        };
        Self {
            component,
            unit: if unit > 0.0 { unit } else { 1.0 },
            pairs,
            means: (0..size).map(mean).collect(),
            prices: vec![0.0; size],
            node_price: vec![0.0; component.nodes.len()],
            price_change: vec![0.0; size],
            matrix: vec![0.0; size * size],
            target: 0.0,
            residual: f64::INFINITY,
        }
    }

    /// The prices in the units of the component.
    fn unscaled_prices(&self) -> Vec<f64> {
        self.prices.iter().zip(&self.component.scale).map(|(price, scale)| price / (self.unit * scale)).collect()
    }

    fn complementarity(&self) -> f64 {
        let all = self.pairs.iter().filter(|pair| is_free(pair)).chain(&self.means).map(Between::products);
        let (sum, count) = all.fold((0.0, 0.0), |(sum, count), (more, number)| (sum + more, count + number));
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// Coefficient and weight of the squared distance of a mean from its goal.
    fn mean_weight(&self, index: usize) -> f64 {
        2.0 * self.unit * self.component.scale[index] * self.component.scale[index]
    }

    /// Builds and solves the system of S·J price changes for a step towards complementarity `target`.
    fn assemble(&mut self, target: f64) {
        self.target = target;
        self.matrix.fill(0.0);
        self.residual = 0.0;
        let (tenants, size) = (self.component.tenants, self.component.size());
        let mut right: Vec<f64> = (0..size)
            .map(|index| self.component.base[index] / self.component.scale[index] - self.means[index].value)
            .collect();
        let mut gap = right.clone();
        let (mut loose, mut pull) = (vec![0.0; tenants], vec![0.0; tenants]);
        for index in 0..self.component.nodes.len() {
            let node = self.component.node(index);
            let short = self.linearize(index, &mut loose, &mut pull);
            let sum: f64 = loose.iter().sum();
            let mean_pull = if sum > 0.0 { (short + weighted(&loose, &pull)) / sum } else { 0.0 };
            let pairs = &self.pairs[index * tenants..][..tenants];
            for &(sla, k) in node.cover {
                for tenant in 0..tenants {
                    let row = sla as usize * tenants + tenant;
                    let k = k / self.component.scale[row];
                    gap[row] += k * pairs[tenant].value;
                    right[row] += k * (pairs[tenant].value - loose[tenant] * (pull[tenant] - mean_pull));
                }
            }
            let cover: Vec<(u32, f64)> =
                node.cover.iter().map(|&(sla, k)| (sla, k / self.component.scale[sla as usize * tenants])).collect();
            if sum > 0.0 {
                add_slope(&mut self.matrix, &cover, &loose, sum, size);
            }
        }
        for row in 0..size {
            let (theta, rho) = self.mean_terms(row);
            self.matrix[row * size + row] += 1.0 / theta;
            right[row] += rho / theta;
            self.residual = self.residual.max(gap[row].abs());
        }
        let largest = (0..size).fold(0.0f64, |largest, row| largest.max(self.matrix[row * size + row]));
        solve_symmetric(&mut self.matrix, &mut right, 1e-16 * largest);
        self.price_change = right;
    }

    /// Curvature and gradient of a mean at the current prices.
    fn mean_terms(&self, row: usize) -> (f64, f64) {
        let mean = &self.means[row];
        let weight = self.mean_weight(row);
        let goal = self.component.goal[row] / self.component.scale[row];
        let (curvature, barrier) = mean.barrier(self.target);
        (weight + curvature, weight * (mean.value - goal) - self.prices[row] + barrier)
    }

    /// Sets per pair of the node 1/curvature and gradient; returns how far the node's sum is from its total.
    fn linearize(&mut self, index: usize, loose: &mut [f64], pull: &mut [f64]) -> f64 {
        let component = self.component;
        let node = component.node(index);
        let tenants = component.tenants;
        let mut short = -node.boxes.total;
        for tenant in 0..tenants {
            let pair = &self.pairs[index * tenants + tenant];
            short += pair.value;
            (loose[tenant], pull[tenant]) = (0.0, 0.0);
            if !is_free(pair) {
                continue;
            }
            let stiffness = self.unit / node.boxes.give[tenant];
            let price: f64 =
                node.cover.iter().map(|&(sla, k)| scaled_price(component, &self.prices, sla, tenant, k)).sum();
            let (curvature, barrier) = pair.barrier(self.target);
            loose[tenant] = 1.0 / (stiffness + curvature);
            pull[tenant] = stiffness * (pair.value - node.centre[tenant]) + price + self.node_price[index] + barrier;
        }
        if loose.iter().any(|loose| *loose > 0.0) {
            self.residual = self.residual.max(short.abs());
        }
        // The node's own price makes up for what is short: du = -loose (pull + price changes + node price change).
        -short
    }

    /// Takes one step along the solved direction; returns its length.
    fn advance(&mut self) -> f64 {
        let component = self.component;
        let tenants = component.tenants;
        let (mut loose, mut pull) = (vec![0.0; tenants], vec![0.0; tenants]);
        let mut node_change = vec![0.0; component.nodes.len()];
        let mut step = 1.0 / BOUNDARY;
        for (index, node_change) in node_change.iter_mut().enumerate() {
            let node = component.node(index);
            let short = -self.linearize(index, &mut loose, &mut pull);
            for (tenant, pull) in pull.iter_mut().enumerate() {
                let more =
                    node.cover.iter().map(|&(sla, k)| scaled_price(component, &self.price_change, sla, tenant, k));
                *pull += more.sum::<f64>();
            }
            let sum: f64 = loose.iter().sum();
            *node_change = if sum > 0.0 { (short - weighted(&loose, &pull)) / sum } else { 0.0 };
            for tenant in (0..tenants).filter(|&tenant| loose[tenant] > 0.0) {
                let pair = &mut self.pairs[index * tenants + tenant];
                pair.change = -loose[tenant] * (pull[tenant] + *node_change);
                step = step.min(pair.longest_step(self.target));
            }
        }
        for row in 0..self.means.len() {
            let (theta, rho) = self.mean_terms(row);
            self.means[row].change = (self.price_change[row] - rho) / theta;
            step = step.min(self.means[row].longest_step(self.target));
        }
        self.move_by(BOUNDARY * step, &node_change)
    }

    fn move_by(&mut self, step: f64, node_change: &[f64]) -> f64 {
        let target = self.target;
        self.pairs.iter_mut().filter(|pair| is_free(pair)).for_each(|pair| pair.advance(step, target));
        self.means.iter_mut().for_each(|mean| mean.advance(step, target));
        self.prices.iter_mut().zip(&self.price_change).for_each(|(price, change)| *price += step * change);
        self.node_price.iter_mut().zip(node_change).for_each(|(price, change)| *price += step * change);
        step
    }
}

/// The part of a pair's price that one SLA contributes, in scaled units.
fn scaled_price(component: &Component, prices: &[f64], sla: u32, tenant: usize, k: f64) -> f64 {
    let row = sla as usize * component.tenants + tenant;
    k / component.scale[row] * prices[row]
}

fn weighted(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(weight, value)| weight * value).sum()
}

fn is_free(pair: &Between) -> bool {
    pair.lower < pair.upper
}

/// Pairs of a node that cannot move (equal bounds, or a total at the sum of the lower bounds) get equal bounds.
fn add_pairs(pairs: &mut Vec<Between>, node: &NodeData) {
    let boxes = node.boxes;
    let least: f64 = boxes.lower.iter().sum();
    let stuck = boxes.total - least <= 1e-12;
    for (tenant, (&lower, &upper)) in boxes.lower.iter().zip(boxes.upper).enumerate() {
        let fixed = if stuck { lower } else { node.centre[tenant].clamp(lower, upper.max(lower)) };
        let free = !stuck && boxes.give[tenant] > 0.0 && upper - lower > 1e-15;
        pairs.push(if free { Between::new(0.0, lower, upper) } else { Between::new(0.0, fixed, fixed) });
    }
}
