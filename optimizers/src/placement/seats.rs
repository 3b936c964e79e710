//! Who is assigned to which instance: the part of stage B's program for instances that serve a limited number.
//!
//! ```text
//! Σ_m seat[i,c,m] = 1;   seat[i,c,m] <= open[c,m]                                 for each i, each c with seats
//! Σ_i seat[i,c,m] <= most[c,m]·open[c,m];   Σ_m open[c,m] >= ceil(N / serves_at_most[c])
//! count[c,m] = Σ_i seat[i,c,m], whole, where instances need more for each E2 node
//! ```
//!
//! With whole counts, seats of one slot are a transportation problem, so that whole seats exist whenever
//! fractional ones do: they are continuous unless several slots of loops have some.

use super::Placement;
use super::cover::{Layout, complete};
use super::loops::{Chain, Loops, NOWHERE, best_chain};
use super::master::Master;
use super::problem::{E2T, Problem};
use super::reach::{Need, Reach, Row};
use super::serving::{Caps, is_coupled, serve};
use crate::highs_model::{Kind, Model};

/// Columns of assignments, by slot.
#[derive(Default)]
pub struct Seats {
    nodes: usize,
    /// Per slot: by E2 node and compute node, row by row; empty for slots without seats.
    columns: Vec<Vec<Option<usize>>>,
    /// Per slot and compute node: how many are served, where that is a column.
    counts: Vec<Vec<Option<usize>>>,
    /// Whether the program makes seats of slots in loops whole; else whole seats exist for its counts.
    pub whole: bool,
}

impl Seats {
    /// Adds the columns and rows; none where nothing is limited.
    pub fn new(loops: &Loops<'_>, reach: &Reach, open: &[Vec<Option<usize>>], model: &mut Model) -> Self {
        let problem = loops.problem;
        if !problem.is_assigned() {
            return Self::default();
        }
        let (slots, nodes) = (problem.components.len(), problem.compute_nodes);
        let whole = is_coupled(loops);
        let mut seats = Self { nodes, columns: vec![Vec::new(); slots], counts: vec![vec![None; nodes]; slots], whole };
        let assigned = |slot: &usize| problem.is_limited(*slot) || *slot == E2T && loops.is_assigned();
        for slot in (0..slots).filter(assigned) {
            let kind = if whole { Kind::Integer } else { Kind::Continuous };
            seats.columns[slot] = vec![None; problem.e2_nodes * nodes];
            for (e2, able) in able(loops, reach, slot) {
                for node in able.into_iter().filter(|node| open[slot][*node].is_some()) {
                    seats.columns[slot][e2 * nodes + node] = Some(model.column(0.0, 0.0, 1.0, kind));
                }
            }
            seats.add_rows(problem, slot, &open[slot], model);
        }
        seats
    }

    /// Whether E2 nodes are assigned to instances of `slot` one by one.
    pub fn has(&self, slot: usize) -> bool {
        self.columns.get(slot).is_some_and(|columns| !columns.is_empty())
    }

    /// That `e2` is assigned to the instance of `slot` on `node`, where that is possible.
    pub fn column(&self, slot: usize, e2: usize, node: usize) -> Option<usize> {
        self.columns.get(slot)?.get(e2 * self.nodes + node).copied().flatten()
    }

    /// How many E2 nodes the instance serves, where that is a column.
    pub fn count(&self, slot: usize, node: usize) -> Option<usize> {
        self.counts.get(slot)?[node]
    }

    fn add_rows(&mut self, problem: &Problem, slot: usize, open: &[Option<usize>], model: &mut Model) {
        for e2 in 0..problem.e2_nodes {
            // The E2T's rows are the cover rows of the program.
            if slot != E2T {
                let seats = (0..self.nodes).filter_map(|node| self.column(slot, e2, node));
                let terms: Vec<_> = seats.map(|seat| (seat, 1.0)).collect();
                model.row(1.0, 1.0, terms);
            }
            for (node, open) in open.iter().enumerate() {
                if let (Some(seat), Some(open)) = (self.column(slot, e2, node), open) {
                    model.row(f64::NEG_INFINITY, 0.0, [(seat, 1.0), (*open, -1.0)]);
                }
            }
        }
        if !problem.is_limited(slot) {
            return;
        }
        for (node, open) in open.iter().enumerate().filter_map(|(node, open)| Some((node, (*open)?))) {
            let seats: Vec<usize> = (0..problem.e2_nodes).filter_map(|e2| self.column(slot, e2, node)).collect();
            let most = most(problem, slot, node).min(seats.len());
            let terms = seats.iter().map(|seat| (*seat, 1.0));
            model.row(f64::NEG_INFINITY, 0.0, terms.clone().chain([(open, -(most as f64))]));
            if problem.components[slot].demand_per_e2.iter().any(|more| *more > 0) {
                let count = model.column(0.0, 0.0, most as f64, Kind::Integer);
                self.counts[slot][node] = Some(count);
                model.row(0.0, 0.0, terms.chain([(count, -1.0)]));
            }
        }
        if let Some(most) = problem.components[slot].serves_at_most {
            let least = problem.e2_nodes.div_ceil(most.max(1)) as f64;
            let instances: Vec<_> = open.iter().flatten().map(|column| (*column, 1.0)).collect();
            model.row(least, f64::INFINITY, instances);
        }
    }

    /// Sets the columns of a placement.
    pub fn start(&self, placement: &Placement, columns: &mut [f64]) {
        for (slot, places) in placement.places.iter().enumerate() {
            for (e2, &node) in places.iter().enumerate() {
                if let Some(seat) = self.column(slot, e2, node) {
                    columns[seat] = 1.0;
                }
                if let Some(count) = self.count(slot, node) {
                    columns[count] += 1.0;
                }
            }
        }
    }

    /// How many each instance serves in a solution, where that is a column.
    pub fn caps(&self, values: &[f64]) -> Caps {
        let cap = |count: &Option<usize>| count.map(|count| values[count].round().max(0.0) as usize);
        self.counts.iter().map(|counts| counts.iter().map(cap).collect()).collect()
    }
}

/// The most E2 nodes that an instance can serve: as is said, and as its compute node has room for.
pub(super) fn most(problem: &Problem, slot: usize, node: usize) -> usize {
    let component = &problem.components[slot];
    let mut most = component.serves_at_most.unwrap_or(problem.e2_nodes).min(problem.e2_nodes);
    for (resource, capacity) in problem.capacity[node].iter().flatten().enumerate() {
        let more = problem.demand_per_e2(slot, resource);
        if more > 0 {
            let room = (capacity - component.demand[resource]).max(0) / more;
            most = most.min(usize::try_from(room).unwrap_or(usize::MAX));
        }
    }
    most
}

/// Per E2 node, the compute nodes where `slot` may serve it.
pub(super) fn able(loops: &Loops<'_>, reach: &Reach, slot: usize) -> Vec<(usize, Vec<usize>)> {
    if !loops.is_looped(slot) {
        let allowed = |class: usize| loops.classes[class].allowed[slot].iter().enumerate();
        let of = |class: usize| allowed(class).filter(|(_, allowed)| **allowed).map(|(node, _)| node).collect();
        return loops.class_of.iter().enumerate().map(|(e2, class)| (e2, of(*class))).collect();
    }
    let reached = reach.of_slot(loops, slot);
    let assigned = reach.rows.iter().enumerate().filter(|(_, row)| row.need == Need::Assigned);
    assigned.map(|(at, row)| (row.e2, reached[at].iter().collect())).collect()
}

/// The chain of an E2 node in a whole solution: the places it is assigned to, the best open ones otherwise.
/// `None` where no chain through them is in time.
fn chain(loops: &Loops<'_>, master: &Master, values: &[f64], layout: &Layout, row: &Row) -> Option<Chain> {
    let seats = &master.seats;
    let mut open = layout.open.clone();
    for (slot, places) in open.iter_mut().enumerate().filter(|(slot, _)| seats.has(*slot) && loops.is_looped(*slot)) {
        let is_taken = |node: &usize| seats.column(slot, row.e2, *node).is_some_and(|seat| values[seat] > 0.5);
        places.retain(is_taken);
    }
    let e2t = *open[E2T].first()?;
    let chain = best_chain(loops, row.class, &open, e2t)?;
    (loops.problem.to_compute(row.e2, e2t) <= chain.radius).then_some(chain)
}

/// Whether a solution seats the E2 node of a row truly: all E2Ts and places it has a part of are in time.
pub fn is_seated(loops: &Loops<'_>, master: &Master, values: &[f64], layout: &Layout, row: &Row) -> bool {
    if master.seats.whole {
        return chain(loops, master, values, layout, row).is_some();
    }
    let problem = loops.problem;
    let taken = layout.open[E2T]
        .iter()
        .filter(|node| master.seats.column(E2T, row.e2, **node).is_some_and(|seat| values[seat] > 1e-6));
    taken.into_iter().all(|e2t| {
        let chain = best_chain(loops, row.class, &layout.open, *e2t);
        chain.is_some_and(|chain| problem.to_compute(row.e2, *e2t) <= chain.radius)
    })
}

/// The placement that a whole solution stands for, if it stands for one.
pub fn seated(loops: &Loops<'_>, master: &Master, values: &[f64], layout: &Layout) -> Option<Placement> {
    let problem = loops.problem;
    let caps = master.seats.caps(values);
    if !master.seats.whole {
        return complete(loops, &layout.open, serve(loops, &layout.open, Some(&caps)).ok()?);
    }
    let mut places = vec![vec![0; problem.e2_nodes]; problem.components.len()];
    for (e2, &class) in loops.class_of.iter().enumerate() {
        let chain = chain(loops, master, values, layout, &Row { class, e2, need: Need::Assigned })?;
        for (slot, place) in chain.places.iter().enumerate() {
            let seat = |node: &usize| {
                let seat = master.seats.column(slot, e2, *node);
                loops.classes[class].allowed[slot][*node] && seat.is_none_or(|seat| values[seat] > 0.5)
            };
            let free = || layout.open[slot].iter().copied().find(seat);
            places[slot][e2] = if *place == NOWHERE { free()? } else { *place };
        }
    }
    complete(loops, &layout.open, places)
}
