//! From open places to a placement: which E2 nodes the open places cover, and which instance serves whom.
//!
//! [`Layout`] is the state that heuristics and repair work on: what is open, what still fits, what it costs.

use super::Placement;
use super::loops::{Chain, Loops, NOWHERE, Open, best_chain};
use super::problem::{E2T, Problem};
use super::reach::{Need, Reach, Row};
use super::serving::{serve, serve_loops, stand_by};
use super::verify;

/// Open places with their load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Open places per slot, increasing.
    pub open: Open,
    /// What the open components need, by compute node and resource, row by row.
    load: Vec<i64>,
    /// How many components are open, by compute node.
    count: Vec<usize>,
    /// How many of them do not run in the placement in force.
    moves: i64,
    resources: usize,
}

impl Layout {
    /// Nothing is open.
    pub fn new(problem: &Problem) -> Self {
        Self {
            open: vec![Vec::new(); problem.components.len()],
            load: vec![0; problem.resources.len() * problem.compute_nodes],
            count: vec![0; problem.compute_nodes],
            moves: 0,
            resources: problem.resources.len(),
        }
    }

    /// Whether `slot` is open on `node`.
    pub fn is_open(&self, slot: usize, node: usize) -> bool {
        self.open[slot].binary_search(&node).is_ok()
    }

    /// Whether `slot` is open on `node`, or there is room to open it and no other of it is too close.
    pub fn fits(&self, problem: &Problem, slot: usize, node: usize) -> bool {
        self.is_open(slot, node)
            || problem.capacity[node].as_ref().is_none_or(|capacity| {
                // It serves at least one E2 node.
                let demand = &problem.components[slot].demand;
                let needed = |resource: usize| demand[resource] + problem.demand_per_e2(slot, resource);
                let room = |(resource, most): (usize, &i64)| self.load(node, resource) + needed(resource) <= *most;
                capacity.iter().enumerate().all(room)
            }) && self.may_move(problem, slot, node, 0)
                && self.open[slot].iter().all(|other| !problem.is_too_close(slot, *other, node))
    }

    /// Whether opening `slot` on `node` after `more` other moves stays within the moves allowed.
    pub fn may_move(&self, problem: &Problem, slot: usize, node: usize, more: i64) -> bool {
        let within = |most: i64| self.moves + more < most || !problem.is_move(slot, node);
        problem.moves_allowed().is_none_or(within)
    }

    /// What the open components need of a resource on `node`.
    pub fn load(&self, node: usize, resource: usize) -> i64 {
        self.load[node * self.resources + resource]
    }

    fn add_load(&mut self, node: usize, demand: &[i64], sign: i64) {
        for (load, more) in self.load[node * self.resources..].iter_mut().zip(demand) {
            *load += sign * more;
        }
    }

    /// What opening `slot` on `node` adds to the cost; 0 where it is open.
    pub fn price(&self, problem: &Problem, slot: usize, node: usize) -> i64 {
        if self.is_open(slot, node) {
            return 0;
        }
        let fixed = if self.count[node] == 0 { problem.fixed_cost[node] } else { 0 };
        fixed + problem.instance_cost(slot, node)
    }

    /// Opens `slot` on `node`. Capacity is the caller's business.
    pub fn open(&mut self, problem: &Problem, slot: usize, node: usize) {
        if let Err(at) = self.open[slot].binary_search(&node) {
            self.open[slot].insert(at, node);
            self.count[node] += 1;
            self.moves += i64::from(problem.is_move(slot, node));
            self.add_load(node, &problem.components[slot].demand, 1);
        }
    }

    /// Closes `slot` on `node`.
    pub fn close(&mut self, problem: &Problem, slot: usize, node: usize) {
        if let Ok(at) = self.open[slot].binary_search(&node) {
            self.open[slot].remove(at);
            self.count[node] -= 1;
            self.moves -= i64::from(problem.is_move(slot, node));
            self.add_load(node, &problem.components[slot].demand, -1);
        }
    }

    /// Whether anything is open on `node`.
    pub fn is_used(&self, node: usize) -> bool {
        self.count[node] > 0
    }

    /// The cost of everything open.
    pub fn cost(&self, problem: &Problem) -> i64 {
        let used = self.count.iter().zip(&problem.fixed_cost).filter(|(count, _)| **count > 0);
        let slots = self.open.iter().enumerate();
        used.map(|(_, fixed)| fixed).sum::<i64>()
            + slots
                .flat_map(|(slot, nodes)| nodes.iter().map(move |node| problem.instance_cost(slot, *node)))
                .sum::<i64>()
    }

    /// Whether no capacity is exceeded by what instances need in any case, and none are too close.
    pub fn is_legal(&self, problem: &Problem) -> bool {
        let apart = |slot: usize| {
            let open = &self.open[slot];
            (1..open.len()).all(|at| open[..at].iter().all(|other| !problem.is_too_close(slot, *other, open[at])))
        };
        let spread = problem.spreads.iter().all(|spread| apart(spread.component));
        spread
            && problem.moves_allowed().is_none_or(|most| self.moves <= most)
            && problem.capacity.iter().enumerate().all(|(node, capacity)| {
                let within = |(resource, most): (usize, &i64)| self.load(node, resource) <= *most;
                capacity.iter().flatten().enumerate().all(within)
            })
    }

    /// The layout with exactly these instances.
    pub fn of(problem: &Problem, instances: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut layout = Self::new(problem);
        for (slot, node) in instances {
            layout.open(problem, slot, node);
        }
        layout
    }
}

/// The best chains of every open E2T, per class.
pub fn chains(loops: &Loops<'_>, open: &Open) -> Vec<Vec<Chain>> {
    (0..loops.classes.len())
        .map(|class| open[E2T].iter().filter_map(|e2t| best_chain(loops, class, open, *e2t)).collect())
        .collect()
}

/// Indexes into `reach.rows` that what is open in loops does not cover, and the instances that have no room for more.
pub fn uncovered(loops: &Loops<'_>, reach: &Reach, open: &Open) -> (Vec<usize>, Vec<(usize, usize)>) {
    let chains = chains(loops, open);
    let left = if loops.is_assigned() { serve_loops(loops, open).err() } else { None };
    let left = left.unwrap_or_default();
    let covered = |row: &Row| {
        if row.need == Need::Assigned {
            return left.e2_nodes.binary_search(&row.e2).is_err();
        }
        let covers = |chain: &&Chain| loops.problem.to_compute(row.e2, chain.places[E2T]) <= chain.radius;
        chains[row.class].iter().filter(covers).take(row.need.count()).count() == row.need.count()
    };
    let rows = reach.rows.iter().enumerate().filter(|(_, row)| !covered(row)).map(|(index, _)| index);
    (rows.collect(), left.full)
}

/// Whether slots that are in no loop have an allowed open place for every class.
pub fn free_slots_served(loops: &Loops<'_>, open: &Open) -> bool {
    let free = (0..open.len()).filter(|slot| !loops.is_looped(*slot));
    let mut wanted = free.flat_map(|slot| loops.classes.iter().map(move |class| (slot, class)));
    wanted.all(|(slot, class)| open[slot].iter().any(|node| class.allowed[slot][*node]))
}

/// Assigns every E2 node to its instances and drops instances that serve nobody. E2 nodes stay where
/// they are served now if they can; otherwise they go to the nearest E2T. `None` if some are not covered.
pub fn assign(loops: &Loops<'_>, open: &Open) -> Option<Placement> {
    let problem = loops.problem;
    if problem.e2_nodes > 0 && !free_slots_served(loops, open) {
        return None;
    }
    if problem.is_assigned() {
        return complete(loops, open, serve(loops, open, None).ok()?);
    }
    let chains = chains(loops, open);
    let mut places = vec![vec![0; problem.e2_nodes]; open.len()];
    for e2 in 0..problem.e2_nodes {
        let class = loops.class_of[e2];
        let now = |slot: usize| problem.current.as_ref().and_then(|current| current[slot][e2]);
        let covering = chains[class].iter().filter(|chain| problem.to_compute(e2, chain.places[E2T]) <= chain.radius);
        let chain = covering.min_by_key(|chain| {
            let e2t = chain.places[E2T];
            (now(E2T) != Some(e2t), problem.to_compute(e2, e2t), e2t)
        })?;
        for (slot, places) in places.iter_mut().enumerate() {
            places[e2] = match chain.places[slot] {
                NOWHERE => free_place(loops, open, class, slot, now(slot))?,
                place => place,
            };
        }
    }
    complete(loops, open, places)
}

/// A placement with its standbys, cost and moves; `None` if an E2 node has no standby that it needs.
pub fn complete(loops: &Loops<'_>, open: &Open, places: Vec<Vec<usize>>) -> Option<Placement> {
    let problem = loops.problem;
    let standby = match loops.standby {
        Some(class) => {
            let able = open[E2T].iter().filter_map(|e2t| best_chain(loops, class, open, *e2t));
            stand_by(loops, &able.collect::<Vec<_>>(), &places)?
        }
        None => Vec::new(),
    };
    let mut placement = Placement { places, standby, ..Placement::default() };
    placement.cost = verify::cost(problem, &placement);
    placement.moves = problem.current.is_some().then(|| verify::moves(problem, &placement));
    Some(placement)
}

fn free_place(loops: &Loops<'_>, open: &Open, class: usize, slot: usize, now: Option<usize>) -> Option<usize> {
    let allowed = open[slot].iter().copied().filter(|node| loops.classes[class].allowed[slot][*node]);
    allowed.min_by_key(|node| (now != Some(*node), loops.problem.instance_cost(slot, *node), *node))
}
