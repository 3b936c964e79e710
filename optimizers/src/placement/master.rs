//! Stage B's program: which places are open, and how far each E2T is claimed to reach.
//!
//! Columns: `used[m]`; `open[c,m]`; `wide[k,t,r]`, one for each E2T place `t` and each radius `r` at
//! which it would cover one more E2 node of class `k`: "the E2T on `t` reaches at least `r`". Rows:
//! each E2 node is within a claimed radius of some E2T; claims are nested and need the E2T open;
//! capacity, with the knapsack written out as covers. That a claim needs a chain near enough is left
//! to cuts ([`super::cuts`]), so the program is a relaxation at any time.
//!
//! Where instances serve a limited number, [`Seats`] add who is assigned to which: `seat[i,c,m]` for the
//! E2 termination and every limited slot. An E2 node then claims the E2T it is assigned to.

use std::collections::BTreeMap;

use super::Placement;
use super::cover::{Layout, chains};
use super::loops::Loops;
use super::problem::{E2T, Problem};
use super::reach::{Need, Reach, Row};
use super::relax::cost_unit;
use super::seats::Seats;
use crate::highs_model::{Kind, Model};

/// The most slots whose subsets are enumerated for covers of a capacity.
const MOST_COVERED_SLOTS: usize = 10;

/// The program with what its columns mean.
pub struct Master {
    /// The program, costs in units of `unit`.
    pub model: Model,
    /// The greatest common divisor of all costs.
    pub unit: i64,
    /// Per compute node.
    pub used: Vec<usize>,
    /// Per slot and compute node; `None` where the slot is of no use.
    pub open: Vec<Vec<Option<usize>>>,
    /// Per class and E2T place: (radius, column), radius increasing.
    pub wide: Vec<Vec<Vec<(i32, usize)>>>,
    /// Who is assigned to which instance, where that matters.
    pub seats: Seats,
}

impl Master {
    /// Builds the program without cuts.
    pub fn new(loops: &Loops<'_>, reach: &Reach) -> Self {
        let problem = loops.problem;
        let unit = cost_unit(problem);
        let mut model = Model::default();
        let column_cost = |cost: i64| (cost / unit) as f64;
        let used = problem.fixed_cost.iter().map(|cost| model.binary(column_cost(*cost))).collect();
        let open = useful(loops, reach).into_iter().enumerate().map(|(slot, useful)| {
            let price = |node: usize| column_cost(problem.instance_cost(slot, node));
            useful.into_iter().enumerate().map(|(node, useful)| useful.then(|| model.binary(price(node)))).collect()
        });
        let open: Vec<Vec<Option<usize>>> = open.collect();
        let wide = levels(loops, reach)
            .into_iter()
            .map(|class| {
                let columns = class.into_iter().map(|radii| {
                    radii.into_iter().map(|radius| (radius, model.column(0.0, 0.0, 1.0, Kind::Continuous))).collect()
                });
                columns.collect()
            })
            .collect();
        let seats = Seats::new(loops, reach, &open, &mut model);
        let mut master = Self { model, unit, used, open, wide, seats };
        master.add_links();
        master.add_cover_rows(loops, reach);
        master.add_capacities(problem);
        add_spreads(&mut master.model, &master.open, problem);
        add_moves(&mut master.model, &master.open, problem);
        master
    }

    /// The claim that the E2T on `e2t` reaches at least `latency`, or that it serves the E2 node.
    pub fn claim(&self, row: &Row, e2t: usize, latency: i32) -> Option<usize> {
        if row.need == Need::Assigned {
            return self.seats.column(E2T, row.e2, e2t);
        }
        let radii = &self.wide[row.class][e2t];
        radii.get(radii.partition_point(|(radius, _)| *radius < latency)).map(|(_, column)| *column)
    }

    /// That the E2 node of a row may use `slot` on `node`: it is open there, or the E2 node is assigned to it.
    pub fn place(&self, row: &Row, slot: usize, node: usize) -> Option<usize> {
        match row.need {
            Need::Assigned if self.seats.has(slot) => self.seats.column(slot, row.e2, node),
            _ => self.open[slot][node],
        }
    }

    /// The instances that a solution opens.
    pub fn instances(&self, columns: &[f64]) -> Vec<(usize, usize)> {
        let mut instances = Vec::new();
        for (slot, nodes) in self.open.iter().enumerate() {
            let open =
                nodes.iter().enumerate().filter(|(_, column)| column.is_some_and(|column| columns[column] > 0.5));
            instances.extend(open.map(|(node, _)| (slot, node)));
        }
        instances
    }

    /// Column values for a layout and its placement.
    pub fn start(&self, loops: &Loops<'_>, layout: &Layout, placement: &Placement) -> Vec<f64> {
        let mut columns = vec![0.0; self.model.columns()];
        for (slot, nodes) in layout.open.iter().enumerate() {
            for &node in nodes {
                if let Some(column) = self.open[slot][node] {
                    columns[column] = 1.0;
                }
                columns[self.used[node]] = 1.0;
            }
        }
        for (class, chains) in chains(loops, &layout.open).iter().enumerate() {
            for chain in chains {
                let reached = self.wide[class][chain.places[E2T]].iter().filter(|(radius, _)| *radius <= chain.radius);
                reached.for_each(|(_, column)| columns[*column] = 1.0);
            }
        }
        self.seats.start(placement, &mut columns);
        columns
    }

    fn add_links(&mut self) {
        for nodes in &self.open {
            for (column, used) in nodes.iter().zip(&self.used) {
                if let Some(column) = column {
                    self.model.row(0.0, f64::INFINITY, [(*used, 1.0), (*column, -1.0)]);
                }
            }
        }
        for class in &self.wide {
            for (node, radii) in class.iter().enumerate() {
                let mut wider = self.open[E2T][node];
                for (_, column) in radii {
                    let terms = wider.map(|wider| (wider, -1.0)).into_iter().chain([(*column, 1.0)]);
                    self.model.row(f64::NEG_INFINITY, 0.0, terms);
                    wider = Some(*column);
                }
            }
        }
    }

    fn add_cover_rows(&mut self, loops: &Loops<'_>, reach: &Reach) {
        let problem = loops.problem;
        for row in &reach.rows {
            let limit = &reach.radii[row.class].limit;
            let serving = (0..problem.compute_nodes).filter(|e2t| problem.to_compute(row.e2, *e2t) <= limit[*e2t]);
            let claims = serving.filter_map(|e2t| self.claim(row, e2t, problem.to_compute(row.e2, e2t)));
            let terms: Vec<_> = claims.map(|column| (column, 1.0)).collect();
            let least = row.need.count() as f64;
            // An E2 node is assigned once; it may be within reach of more E2Ts than it needs.
            let most = if row.need == Need::Assigned { least } else { f64::INFINITY };
            self.model.row(least, most, terms);
        }
        for slot in (0..problem.components.len()).filter(|slot| !loops.is_looped(*slot)) {
            for class in &loops.classes {
                let allowed = self.open[slot].iter().zip(&class.allowed[slot]).filter(|(_, allowed)| **allowed);
                let terms: Vec<_> = allowed.filter_map(|(column, _)| Some(((*column)?, 1.0))).collect();
                self.model.row(1.0, f64::INFINITY, terms);
            }
        }
    }

    fn add_capacities(&mut self, problem: &Problem) {
        let slots = problem.components.len();
        for (node, capacity) in problem.capacity.iter().enumerate() {
            let Some(capacity) = capacity else { continue };
            let open: Vec<(usize, usize)> =
                (0..slots).filter_map(|slot| Some((slot, self.open[slot][node]?))).collect();
            let demand = |slot: usize, resource: usize| problem.components[slot].demand[resource];
            for (resource, most) in capacity.iter().enumerate() {
                let more = open.iter().filter_map(|(slot, _)| {
                    let more = problem.demand_per_e2(*slot, resource);
                    (more > 0).then_some((self.seats.count(*slot, node)?, more))
                });
                let more: Vec<(usize, i64)> = more.collect();
                let total: i64 = open.iter().map(|(slot, _)| demand(*slot, resource)).sum();
                let served = i64::try_from(problem.e2_nodes).unwrap_or(i64::MAX);
                if total + more.iter().map(|(_, more)| more * served).sum::<i64>() <= *most {
                    continue;
                }
                let scale = (*most).max(1) as f64;
                let terms = open.iter().map(|(slot, column)| (*column, demand(*slot, resource) as f64 / scale));
                let terms = terms.chain(more.iter().map(|(column, more)| (*column, *more as f64 / scale)));
                let right = *most as f64 / scale;
                self.model.row(f64::NEG_INFINITY, 0.0, terms.chain([(self.used[node], -right)]));
            }
            for cover in covers(problem, &open, capacity) {
                let right = cover.len() as f64 - 1.0;
                let terms = cover.iter().map(|column| (*column, 1.0)).chain([(self.used[node], -right)]);
                self.model.row(f64::NEG_INFINITY, 0.0, terms);
            }
        }
    }
}

/// At most so many instances that do not run now; `open` has the columns by slot and compute node.
pub(super) fn add_moves(model: &mut Model, open: &[Vec<Option<usize>>], problem: &Problem) {
    let Some(most) = problem.moves_allowed() else { return };
    let mut moves = Vec::new();
    for (slot, nodes) in open.iter().enumerate() {
        let columns = nodes.iter().enumerate().filter(|(node, _)| problem.is_move(slot, *node));
        moves.extend(columns.filter_map(|(_, column)| Some(((*column)?, 1.0))));
    }
    model.row(f64::NEG_INFINITY, most as f64, moves);
}

/// At most one instance of a spread slot in one place.
pub(super) fn add_spreads(model: &mut Model, open: &[Vec<Option<usize>>], problem: &Problem) {
    for spread in &problem.spreads {
        let mut there: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, column) in spread.places.iter().zip(&open[spread.component]) {
            if let (Some(place), Some(column)) = (place, column) {
                there.entry(*place).or_default().push(*column);
            }
        }
        for columns in there.into_values().filter(|columns| columns.len() > 1) {
            model.row(f64::NEG_INFINITY, 1.0, columns.into_iter().map(|column| (column, 1.0)));
        }
    }
}

/// Minimal sets of columns that do not fit together. One that does not fit alone gives `open <= 0`.
fn covers(problem: &Problem, open: &[(usize, usize)], capacity: &[i64]) -> Vec<Vec<usize>> {
    if open.len() > MOST_COVERED_SLOTS {
        return Vec::new();
    }
    let fits = |set: u32| {
        capacity.iter().enumerate().all(|(resource, most)| {
            let members = open.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
            members.map(|(_, (slot, _))| problem.components[*slot].demand[resource]).sum::<i64>() <= *most
        })
    };
    let sets = 1_u32..1 << open.len();
    let minimal =
        |set: &u32| !fits(*set) && (0..open.len()).filter(|at| set >> at & 1 == 1).all(|at| fits(set & !(1 << at)));
    let columns =
        |set: u32| open.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, one)| one.1).collect();
    sets.filter(minimal).map(columns).collect()
}

/// Per slot and compute node, whether an instance there can be of use.
fn useful(loops: &Loops<'_>, reach: &Reach) -> Vec<Vec<bool>> {
    let problem = loops.problem;
    let nodes = problem.compute_nodes;
    let of = |slot: usize| -> Vec<bool> {
        if loops.is_looped(slot) {
            let rows = reach.of_slot(loops, slot);
            return (0..nodes).map(|node| rows.iter().any(|row| row.contains(node))).collect();
        }
        free_places(loops, slot)
    };
    (0..problem.components.len()).map(of).collect()
}

/// The compute nodes where an instance of a slot that is in no loop can be of use.
pub(super) fn free_places(loops: &Loops<'_>, slot: usize) -> Vec<bool> {
    let problem = loops.problem;
    let nodes = problem.compute_nodes;
    let allowed: Vec<bool> =
        (0..nodes).map(|node| loops.classes.iter().any(|class| class.allowed[slot][node])).collect();
    if loops.classes.len() > 1 || problem.is_limited(slot) {
        return allowed;
    }
    // A single instance serves everybody; none dearer than a place that is always there is wanted.
    let safe = (0..nodes).filter(|node| allowed[*node] && problem.capacity[*node].is_none());
    let price = |node: usize| problem.instance_cost(slot, node) + problem.fixed_cost[node];
    let Some(best) = safe.min_by_key(|node| (price(*node), *node)) else { return allowed };
    // What runs now may be wanted because it is no move.
    let stays = |node: usize| problem.moves_allowed().is_some() && !problem.is_move(slot, node);
    let wanted = |node: usize| node == best || stays(node) || problem.instance_cost(slot, node) < price(best);
    (0..nodes).map(|node| allowed[node] && wanted(node)).collect()
}

/// Per class and E2T place, the radii at which one more E2 node is covered.
fn levels(loops: &Loops<'_>, reach: &Reach) -> Vec<Vec<Vec<i32>>> {
    let problem = loops.problem;
    let mut levels = vec![vec![Vec::new(); problem.compute_nodes]; loops.classes.len()];
    for row in reach.rows.iter().filter(|row| row.need != Need::Assigned) {
        for (e2t, radii) in levels[row.class].iter_mut().enumerate() {
            let latency = problem.to_compute(row.e2, e2t);
            if latency <= reach.radii[row.class].limit[e2t] {
                radii.push(latency);
            }
        }
    }
    for radii in levels.iter_mut().flatten() {
        radii.sort_unstable();
        radii.dedup();
    }
    levels
}
